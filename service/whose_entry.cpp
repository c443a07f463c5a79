#include "service/whose_entry.h"

namespace flikvakt::service {
namespace {

// How many entries the person had before entry `from`: back along the links from the newest one.
Result<std::uint64_t> count_before(const store::Reader& rows, const audit::PersonChainKey& chain,
                                   const audit::PersonTagKey& tags, const Places::Place& place, std::uint64_t from) {
  std::uint64_t index = chain.open_end(place.count, place.end).newest;
  std::uint64_t number = place.count;
  while (number > 0 && index >= from) {
    --number;
    const store::EntryRow row = TRY(rows.entry(index));
    if (TRY(audit::decode_leaf(row.leaf)).person_tag != tags.tag(number)) {  // SPEC CHN-5
      return fail(ErrorCode::corrupt, "a link leads to log entry " + std::to_string(index) + ", which is another's");
    }
    index = chain.open(number, row.link).previous;
  }
  return number;
}

}  // namespace

Result<WhoseEntry> WhoseEntry::begin(Core& core, const Places& places, std::uint64_t from) {
  return core.log_reader().with([&](const store::Reader& rows) -> Result<WhoseEntry> {
    WhoseEntry out(core);
    for (const PersonId& person : core.directory().people_after(0)) {
      ++out.seen_;
      TRY_VOID(out.add_first(rows, person, places.find(person), from));
    }
    return out;
  });
}

Result<void> WhoseEntry::add_first(const store::Reader& rows, const PersonId& person, const Places::Place* place,
                                   std::uint64_t from) {
  if (place == nullptr) return expect({person, 0}), Result<void>();
  const auto known = core_.directory().person(person);
  const auto key = known ? core_.keys().person_log_key(known->log_key) : fail(ErrorCode::not_found, "an erased person");
  if (!key) return {};  // erased since
  const audit::PersonChainKey chain(*key, core_.sequencer().origin());
  expect({person, TRY(count_before(rows, chain, audit::PersonTagKey(*key), *place, from))});
  return {};
}

void WhoseEntry::expect(const Next& next) {
  const auto known = core_.directory().person(next.person);
  if (!known) return;
  const auto key = core_.keys().person_log_key(known->log_key);
  if (key) expected_.emplace(audit::PersonTagKey(*key).tag(next.number), next);
}

// Whoever was not there when this began has no entry that was passed.
void WhoseEntry::add_newcomers() {
  for (const PersonId& person : core_.directory().people_after(seen_)) {
    ++seen_;
    expect({person, 0});
  }
}

std::optional<PersonId> WhoseEntry::of(const audit::PersonTag& tag) {
  auto found = expected_.find(tag);
  if (found == expected_.end()) {
    add_newcomers();
    found = expected_.find(tag);
  }
  if (found == expected_.end()) return std::nullopt;
  const Next now = found->second;
  expected_.erase(found);
  expect({now.person, now.number + 1});
  return now.person;
}

}  // namespace flikvakt::service
