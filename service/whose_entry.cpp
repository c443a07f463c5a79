#include "service/whose_entry.h"

namespace flikvakt::service {

Result<void> ask(const KeepOn& keep_on) {
  return keep_on() ? Result<void>() : fail(ErrorCode::unavailable, "reading the log: nobody waits for it any more");
}

// Back along the links of one person's entries, from the newest one to the last before entry `from`.
struct WhoseEntry::Walk {
  PersonId person;
  audit::PersonChainKey chain;
  audit::PersonTagKey tags;
  std::uint64_t number;  // how many entries the person has up to and with `index`
  std::uint64_t index;

  bool is_at_end(std::uint64_t from) const { return number == 0 || index < from; }

  Result<void> step(const store::Reader& rows) {
    const std::uint64_t here = number - 1;
    const store::EntryRow row = TRY(rows.entry(index));
    if (TRY(audit::decode_leaf(row.leaf)).person_tag != tags.tag(here)) {  // SPEC CHN-5
      return fail(ErrorCode::corrupt, "a link leads to log entry " + std::to_string(index) + ", which is another's");
    }
    index = chain.open(here, row.link).previous;
    number = here;
    return {};
  }
};

// In pieces, each of a snapshot of its own: what lies before `from` does not change.
Result<WhoseEntry> WhoseEntry::begin(Core& core, const Places& places, std::uint64_t from, const KeepOn& keep_on) {
  WhoseEntry out(core);
  const std::vector<PersonId> people = core.directory().people_after(0);
  std::optional<Walk> walk;
  while (walk || out.seen_ < people.size()) {
    TRY_VOID(ask(keep_on));
    TRY_VOID(core.log_reader().with([&](const store::Reader& rows) -> Result<void> {
      for (std::uint64_t i = 0; i < kEntriesAtOnce && (walk || out.seen_ < people.size()); ++i) {
        if (!walk) {
          const PersonId& person = people[out.seen_++];
          walk = out.walk_of(person, places.find(person));
        }
        if (walk && !walk->is_at_end(from)) {
          TRY_VOID(walk->step(rows));
        } else if (walk) {
          out.expect({walk->person, walk->number});
          walk.reset();
        }
      }
      return {};
    }));
  }
  return out;
}

// nullopt: erased since.
std::optional<WhoseEntry::Walk> WhoseEntry::walk_of(const PersonId& person, const Places::Place* place) const {
  const auto known = core_.directory().person(person);
  const auto key = known ? core_.keys().person_log_key(known->log_key) : fail(ErrorCode::not_found, "an erased person");
  if (!key) return std::nullopt;
  Walk out{person, audit::PersonChainKey(*key, core_.sequencer().origin()), audit::PersonTagKey(*key), 0, 0};
  if (place == nullptr) return out;  // no entry yet
  out.number = place->count;
  out.index = out.chain.open_end(place->count, place->end).newest;
  return out;
}

void WhoseEntry::expect(const Whose& next) {
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
  const std::optional<Whose> whose = entry_of(tag);
  return whose ? std::optional(whose->person) : std::nullopt;
}

std::optional<WhoseEntry::Whose> WhoseEntry::entry_of(const audit::PersonTag& tag) {
  auto found = expected_.find(tag);
  if (found == expected_.end()) {
    add_newcomers();
    found = expected_.find(tag);
  }
  if (found == expected_.end()) return std::nullopt;
  const Whose now = found->second;
  expected_.erase(found);
  expect({now.person, now.number + 1});
  return now;
}

}  // namespace flikvakt::service
