#include "service/reading_rows.h"

#include <algorithm>

#include "audit/entry.h"

namespace flikvakt::service {

// SPEC ROW-7
Bytes encode_open_readings(std::span<const OpenAtRest> open) {
  ByteWriter out;
  out.reserve(open.size() * 24);
  for (const OpenAtRest& one : open) out.u64(one.entry).bytes(one.person.value());
  return std::move(out).take();
}

Result<std::vector<OpenAtRest>> decode_open_readings(BytesView key, BytesView plaintext) {
  const Error bad = fail(ErrorCode::corrupt, "a row of open readings makes no sense");
  ByteReader first(key);
  const std::uint64_t row = first.u64();
  ByteReader in(plaintext);
  std::vector<OpenAtRest> out;
  while (in.left() > 0) {
    const std::uint64_t entry = in.u64();
    const PersonId person(in.array<16>());
    const bool ascends = out.empty() ? entry >= row : entry > out.back().entry;
    if (!in.ok() || !ascends || person.is_none()) return bad;
    out.push_back({entry, person});
  }
  if (!first.done() || out.empty()) return bad;
  return out;
}

Result<policy::Reading> reading_behind(const OpenAtRest& open, const store::Rows& rows, const KeyRing& keys,
                                       const policy::State& state) {
  const policy::Person* person = state.find<policy::Person>(open.person);
  if (!person) return fail(ErrorCode::corrupt, "an open reading of nobody known");
  const store::EntryRow row = TRY(rows.entry(open.entry));
  const audit::Leaf leaf = TRY(audit::decode_leaf(row.leaf));
  audit::ForbundEntryKeys forbund(keys.forbund_log());
  audit::PersonEntryKeys own(TRY(keys.person_log_key(person->log_key_id)));
  const audit::ActPart act = TRY(audit::open_act(leaf, row.act, forbund)).part;
  const audit::PersonPart about = TRY(audit::open_person(leaf, row.person, own)).part;
  const bool is_opening = act.kind == audit::ActKind::open_reading || act.kind == audit::ActKind::open_own_document;
  if (!is_opening || act.outcome != audit::Outcome::permitted || about.person != open.person || about.subject.is_none())
    return fail(ErrorCode::corrupt, "log entry " + std::to_string(open.entry) + " opens no reading");

  policy::Reading out;
  out.id = ReadingId(about.subject.value());
  out.document = about.document;
  out.person = about.person;
  if (!about.fullmakt.is_none()) out.fullmakt = about.fullmakt;
  if (act.kind == audit::ActKind::open_reading) {
    out.staff = StaffId(act.actor.id().value());
    out.organisation = act.organisation;
  }
  out.purpose = about.purpose.text();
  out.opened = leaf.time;
  return out;
}

ReadingRows::ReadingRows(const ReadingsByRow& open) : rows_(open.begin(), open.end()) {
  for (const auto& [row, readings] : open) {
    for (const OpenReadingAtRest& one : readings) row_by_reading_[one.reading] = row;
  }
}

std::vector<OpenReadingAtRest>& ReadingRows::changed(std::uint64_t row) {
  auto found = changes_.find(row);
  if (found != changes_.end()) return found->second;
  auto stands = rows_.find(row);
  return changes_.emplace(row, stands == rows_.end() ? std::vector<OpenReadingAtRest>() : stands->second).first->second;
}

void ReadingRows::opened(const policy::Reading& reading, std::uint64_t entry) {
  if (!row_of_batch_) row_of_batch_ = entry;
  changed(*row_of_batch_).push_back({{entry, reading.person}, reading.id});
}

void ReadingRows::closed(const ReadingId& reading) {
  const auto known = row_by_reading_.find(reading);
  const std::optional<std::uint64_t> row = known == row_by_reading_.end() ? row_of_batch_ : known->second;
  if (row) std::erase_if(changed(*row), [&](const OpenReadingAtRest& one) { return one.reading == reading; });
}

void ReadingRows::commit() {
  for (auto& [row, open] : changes_) {
    for (const OpenReadingAtRest& one : rows_[row]) row_by_reading_.erase(one.reading);
    for (const OpenReadingAtRest& one : open) row_by_reading_[one.reading] = row;
    if (open.empty())
      rows_.erase(row);
    else
      rows_[row] = std::move(open);
  }
  drop();
}

void ReadingRows::drop() {
  changes_.clear();
  row_of_batch_.reset();
}

}  // namespace flikvakt::service
