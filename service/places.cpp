#include "service/places.h"

#include <algorithm>

namespace flikvakt::service {
namespace {

// SPEC ROW-9: the row whose key is empty says how far all others are complete.
const Bytes kCompleteKey;
constexpr std::size_t kRecordBytes = 16 + 8 + std::tuple_size_v<audit::SealedChainEnd>;

Bytes key_of(std::size_t group) {
  ByteWriter out;
  out.u16(static_cast<std::uint16_t>(group));
  return std::move(out).take();
}

auto place_in(auto& records, const PersonId& person) {
  return std::ranges::lower_bound(records, person, {}, [](const auto& record) { return record.person; });
}

}  // namespace

std::size_t Places::group_of(const PersonId& person) { return person.value()[0] << 2 | person.value()[1] >> 6; }

const Places::Place* Places::find(const PersonId& person) const {
  const std::vector<Record>& records = groups_[group_of(person)].records;
  const auto found = place_in(records, person);
  return found != records.end() && found->person == person ? &found->place : nullptr;
}

void Places::set(const PersonId& person, const std::optional<Place>& place) {
  Group& group = groups_[group_of(person)];
  group.is_stale = true;
  const auto at = place_in(group.records, person);
  const bool stands = at != group.records.end() && at->person == person;
  if (place && stands)
    at->place = *place;
  else if (place)
    group.records.insert(at, {person, *place});
  else if (stands)
    group.records.erase(at);
}

// SPEC ROW-8
Result<void> Places::load(const store::StateRowView& row, RowSealer& sealer) {
  const Bytes body = TRY(sealer.open_own(row));
  ByteReader in(body);
  if (row.id.empty()) {
    complete_to_ = in.u64();
    if (!in.done()) return fail(ErrorCode::corrupt, "the row on the places is not of its form");
    return {};
  }
  const std::size_t number = ByteReader(row.id).u16();
  if (row.id.size() != 2 || number >= kGroups) return fail(ErrorCode::corrupt, "a row of places has an unknown key");
  std::vector<Record>& records = groups_[number].records;
  records.reserve(body.size() / kRecordBytes);
  while (in.left() > 0) {
    Record one;
    one.person = PersonId(in.array<16>());
    one.place.count = in.u64();
    one.place.end = in.array<std::tuple_size_v<audit::SealedChainEnd>>();
    const bool is_in_order = records.empty() || records.back().person < one.person;
    if (!in.ok() || group_of(one.person) != number || !is_in_order || one.place.count == 0) {
      return fail(ErrorCode::corrupt, "a row of places is not of its form");
    }
    records.push_back(one);
  }
  return {};
}

void Places::start(const std::vector<std::pair<PersonId, Place>>& found, std::uint64_t log_size) {
  for (const auto& [person, place] : found) set(person, place);
  round_ = {log_size, 0};
  write_all_ = complete_to_ < log_size;  // so that the next start-up need not look for them again
}

void Places::put(const PersonId& person, const Place& place) {
  if (erased_.contains(person)) return;
  const Place* before = find(person);
  changes_.push_back({person, before ? std::optional(*before) : std::nullopt});
  set(person, place);
}

void Places::erase(const PersonId& person) {
  erased_.insert(person);
  if (const Place* before = find(person)) {
    changes_.push_back({person, *before});
    set(person, std::nullopt);
  }
}

// Groups before it have had their turn when the log has this size.
std::size_t Places::end_of_turn(std::uint64_t log_size) const {
  if (write_all_) return kGroups;
  return std::min<std::uint64_t>(kGroups, (log_size - round_.from) * kGroups / kRoundEntries);
}

store::StateRow Places::sealed(RowSealer& sealer, std::size_t number, const Group& group, std::uint64_t log_size) {
  ByteWriter body;
  body.reserve(group.records.size() * kRecordBytes);
  for (const Record& one : group.records) body.bytes(one.person.value()).u64(one.place.count).bytes(one.place.end);
  return sealer.seal_own(kPlaceTable, key_of(number), log_size, body.view());
}

// SPEC ROW-10. By turns: a row for each entry would cost each some 20 us, all rows at once would hold everybody up for
// a tenth of a second (measured with 10^5 people: 0.7 us an entry to seal, digest and store them by turns).
std::vector<store::StateRow> Places::rows_to_write(RowSealer& sealer, std::uint64_t log_size) {
  const std::size_t turn = write_all_ ? 0 : round_.next;
  const std::size_t end = std::max(turn, end_of_turn(log_size));
  written_ = {{}, {round_.from, end}, complete_to_};
  for (std::size_t i = turn; i < end; ++i) {
    if (groups_[i].is_stale) written_.groups.push_back(i);
  }
  for (const PersonId& person : erased_) {  // their traces go with them
    const std::size_t group = group_of(person);
    if (std::ranges::find(written_.groups, group) == written_.groups.end()) written_.groups.push_back(group);
  }
  std::vector<store::StateRow> rows;
  for (const std::size_t i : written_.groups) rows.push_back(sealed(sealer, i, groups_[i], log_size));
  if (end < kGroups) return rows;
  written_.complete_to = write_all_ ? log_size : round_.from;
  written_.round = {log_size, 0};
  ByteWriter complete;
  complete.u64(written_.complete_to);
  rows.push_back(sealer.seal_own(kPlaceTable, kCompleteKey, log_size, complete.view()));
  return rows;
}

void Places::commit() {
  for (const std::size_t i : written_.groups) groups_[i].is_stale = false;
  round_ = written_.round;
  complete_to_ = written_.complete_to;
  write_all_ = false;
  written_ = {{}, round_, complete_to_};
  changes_.clear();
  erased_.clear();
}

// A disk that has no room for all rows at once may have some for the next batch alone.
void Places::drop() {
  for (auto change = changes_.rbegin(); change != changes_.rend(); ++change) set(change->person, change->before);
  write_all_ = false;
  written_ = {{}, round_, complete_to_};
  changes_.clear();
  erased_.clear();
}

}  // namespace flikvakt::service
