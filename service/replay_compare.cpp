// Is what the log says what follows from it? Act by act, and in the end the whole state.
#include <algorithm>

#include "policy/acts.h"
#include "service/log_keys.h"
#include "service/replay_parts.h"

namespace flikvakt::service {

using audit::ActKind;

namespace {

audit::PersonPart part_of(const policy::Concern& concern) {
  auto code = [](const std::string& text) {
    Result<audit::EntryCode> parsed = audit::EntryCode::parse(text);
    return parsed ? *parsed : audit::EntryCode();
  };
  audit::PersonPart part;
  part.person = concern.person;
  part.actor = concern.actor.value_or(PersonId());
  part.fullmakt = concern.fullmakt.value_or(FullmaktId());
  part.document = concern.document.value_or(DocumentId());
  part.subject = audit::SubjectId(concern.subject);
  part.flik = code(concern.flik);
  part.purpose = code(concern.purpose);
  part.bytes = concern.bytes;
  return part;
}

}  // namespace

CarriedOut carried_out(const policy::State& state, const LoggedAct& logged, const std::vector<policy::RowId>& erases) {
  if (logged.act.kind != ActKind::approve) return {logged.act.kind, false};
  for (const policy::RowId& id : erases) {
    if (id.table != policy::Proposal::kTable) continue;
    const std::optional<policy::Row> gone = state.row(id);
    if (!gone) continue;
    const Result<policy::Act> waited = policy::parse_proposal(get<policy::Proposal>(*gone));
    if (waited) return {audit::act_kind_named(policy::kind_of(*waited)).value_or(ActKind::approve), true};
  }
  return {ActKind::approve, true};
}

void Replay::compare_decision(const LoggedAct& logged, const Decided& decided) {
  const policy::Decision& rules = decided.outcome.decision;
  if (rules.is_permitted() != is_permitted(logged)) {
    if (failed_then(logged) || (!is_permitted(logged) && has_erased_people_)) return;
    return findings_.at(logged.first, is_permitted(logged)
                                          ? "it was permitted, but the rules refuse it: rule " +
                                                std::to_string(static_cast<int>(rules.rule)) + ", reason " +
                                                std::to_string(static_cast<int>(rules.reason))
                                          : "it was refused, but the rules permit it");
  }
  if (is_permitted(logged) || has_erased_people_) return;
  const bool same = logged.act.rule == static_cast<std::uint8_t>(rules.rule) &&
                    logged.act.reason == static_cast<std::uint16_t>(rules.reason);
  if (!same) findings_.at(logged.first, "it was refused for another reason than the rules give");
}

void Replay::compare_rows(const LoggedAct& logged, const Recorded& recorded, const Decided& decided) {
  auto last_words = [](const std::vector<policy::Row>& puts) {
    std::map<policy::RowId, std::string> out;
    for (const policy::Row& row : puts) {
      policy::RowId id = policy::row_id(row);
      if (has_record(id.table)) out[std::move(id)] = to_text(policy::row_body(row));
    }
    return out;
  };
  auto gone = [&](const std::vector<policy::RowId>& erases) {
    std::set<policy::RowId> out;
    for (const policy::RowId& id : erases) {
      if (has_record(id.table) && state_.row(id)) out.insert(id);
    }
    return out;
  };
  if (last_words(recorded.puts) != last_words(decided.outcome.puts)) {
    findings_.at(logged.first, "it changed other rows than follow from it");
  }
  if (gone(recorded.erases) != gone(decided.outcome.erases)) {
    findings_.at(logged.first, "it erased other rows than follow from it");
  }
}

void Replay::compare_concerns(const LoggedAct& logged, const Decided& decided) {
  if (decided.outcome.decision.is_permitted() != is_permitted(logged)) return;
  std::map<PersonId, audit::PersonPart> expected;
  for (const policy::Concern& concern : decided.outcome.concerns) expected[concern.person] = part_of(concern);
  for (const OpenedEntry& entry : logged.entries) {
    if (!entry.about) continue;
    auto found = expected.find(entry.about->person);
    if (found == expected.end()) continue;  // an owner of changed rows, or a reading that was not decided again
    if (found->second != *entry.about) findings_.at(entry.index, "it says something else of the person than followed");
    expected.erase(found);
  }
  for (const auto& [person, part] : expected) {
    if (image_.owners.contains(person)) findings_.at(logged.first, "somebody whom it concerns has no entry of it");
  }
}

void Replay::check_transitions(const LoggedAct& logged, const Recorded& recorded) {
  const CarriedOut act = carried_out(state_, logged, recorded.erases);
  for (const policy::Row& row : recorded.puts) {
    const std::optional<policy::Row> before = state_.row(policy::row_id(row));
    if (!before) continue;
    if (const std::string_view wrong = wrong_change(*before, row, act); !wrong.empty()) {
      findings_.at(logged.first, std::string(wrong));
    }
  }
}

// SPEC LVR-14
void Replay::compare(std::optional<std::uint64_t> closed) {
  for (const auto& [id, stored] : image_.rows) compare_stored(id, stored);
  compare_open_readings();
  for (const auto& [id, kept] : kept_) {
    if (image_.rows.contains(id) || id.table == policy::Reading::kTable) continue;
    findings_.add(named(id) + ": entry " + std::to_string(kept.version) + " put it there, and it is missing");
  }
  check_system_keys();
  check_log_keys();
  check_people(closed);
}

void Replay::compare_open_readings() {
  std::map<std::uint64_t, PersonId> opened;
  for (const auto& [id, reading] : state_.all<policy::Reading>()) {
    opened.emplace(kept_.at(policy::row_id(reading)).version, reading.person);
  }
  for (const auto& [entry, person] : image_.open_readings) {
    if (!image_.owners.contains(person)) continue;  // no key opens what the log says of it
    const auto found = opened.find(entry);
    if (found == opened.end() || found->second != person)
      findings_.at(entry, "the state has a reading open that is not, or that it did not open");
  }
  for (const auto& [entry, person] : opened) {
    if (!image_.open_readings.contains(entry))
      findings_.at(entry, "it opened a reading, and the state does not say so");
  }
}

void Replay::compare_stored(const policy::RowId& id, const StoredRow& stored) {
  if (const auto* key = get_if<policy::KeyRow>(&stored.row)) return compare_key(*key, stored.version);
  auto found = kept_.find(id);
  if (found == kept_.end()) {
    if (id.table == policy::Receipt::kTable && partly_closed_.contains(stored.version)) return;
    return findings_.add(named(id) + ": no act of the log put it there");
  }
  if (found->second.version != stored.version) {
    findings_.add(named(id) + ": it should be of entry " + std::to_string(found->second.version) + ", not " +
                  std::to_string(stored.version));
  }
  if (found->second.text != stored.text && !unsure_.contains(id)) {
    findings_.add(named(id) + ": it does not say what follows from the log");
  }
}

void Replay::compare_key(const policy::KeyRow& row, std::uint64_t version) {
  const policy::KeyRow* replayed = state_.find<policy::KeyRow>(row.id);
  if (replayed && replayed->status != row.status) {
    const bool went_with_person = row.status == policy::KeyStatus::shredded && approvals_.contains(version);
    if (!went_with_person) findings_.add("key " + row.id.text() + ": its status does not follow from the log");
  }
  if (!replayed && !(row.status == policy::KeyStatus::shredded && approvals_.contains(version))) {
    findings_.add("key " + row.id.text() + ": no act of the log brought it");
  }
  if (replayed && replayed->level != row.level) {
    findings_.add("key " + row.id.text() + ": its level does not follow from the log");
  }
  if (replayed && replayed->status == row.status && !follows_from_log(row, version)) {
    findings_.add("key " + row.id.text() + ": its row is of another entry, or wrapped more often, than the log says");
  }
  if (where_ == VerifiedRows::live) check_wrap(row);
}

// SPEC LVR-15: its row is of the act that brought it or destroyed it, or of the last rotation since; each rotation
// wraps anew, once, what lies under the master key.
bool Replay::follows_from_log(const policy::KeyRow& row, std::uint64_t version) const {
  const std::uint64_t brought = kept_.at(policy::row_id(policy::Row(row))).version;
  if (row.status == policy::KeyStatus::shredded) return version == brought || approvals_.contains(version);
  const auto level = static_cast<crypto::KeyLevel>(row.level);
  const bool is_under_master = level != crypto::KeyLevel::flik && level != crypto::KeyLevel::document;
  const auto first = rotations_.upper_bound(brought);
  const bool is_rotated = is_under_master && first != rotations_.end();
  if (is_restored_ &&
      brought == 0) {  // how often it had been wrapped then is not said, nor what nobody can read any more
    return version == (is_rotated ? *rotations_.rbegin() : 0) || partly_closed_.contains(version);
  }
  const auto wrapped = 1 + (is_rotated ? static_cast<std::uint32_t>(std::distance(first, rotations_.end())) : 0);
  return version == (is_rotated ? *rotations_.rbegin() : brought) && row.version == wrapped;
}

// SPEC LVR-15: `init` does not say which keys it brought, so a row that is gone would not be missed.
void Replay::check_system_keys() {
  for (const std::string_view name : kSystemKeyNames) {
    const policy::KeyRow* key = image_.state.find<policy::KeyRow>(system_key_id(name));
    if (key && key->status == policy::KeyStatus::active) continue;
    findings_.add("the gateway's own key `" + std::string(name) + "` has no row that says it is in use");
  }
}

// SPEC LVR-29
void Replay::check_log_keys() {
  const LogKeys named = LogKeys::of(image_.state);
  if (!named.current()) return findings_.add("no row says which key signs for the log");
  const auto check = [&](const KeyId& seed, const ByteArray<32>& public_key) {
    const policy::KeyRow* row = image_.state.find<policy::KeyRow>(seed);
    if (!row || row->status != policy::KeyStatus::active)
      return findings_.add("a key with which the log signs has no row that says it is in use");
    if (where_ == VerifiedRows::copy) return;
    const Result<crypto::SigningKey> signer = keys_.log_signer(seed);
    if (!signer || !std::ranges::equal(signer->public_key().raw(), public_key))
      findings_.add("a key with which the log signs is not the one in the key store");
  };
  for (const policy::LogKey& one : named.signing()) check(one.seed, one.checkpoint_key);
  check(named.current()->head_seed, named.current()->head_key);
}

// SPEC LVR-15
void Replay::check_wrap(const policy::KeyRow& row) {
  const Result<store::KeySlot> slot = keys_.store().find(row.id, row.version);
  if (row.status == policy::KeyStatus::shredded) {
    if (keys_.store().find(row.id)) findings_.add("key " + row.id.text() + " was destroyed, and is in the key store");
    return;
  }
  const bool same =
      slot && crypto::wrap_hash(slot->wrap) == row.wrap_hash && slot->parent == row.parent && slot->level == row.level;
  if (!same) findings_.add("key " + row.id.text() + " in the key store is not the one that the state knows");
}

// SPEC LVR-16
void Replay::check_people(std::optional<std::uint64_t> closed) {
  if (where_ == VerifiedRows::live && !image_.owners_without_key.empty()) {
    findings_.add("there are rows of people who have no key any more");
  }
  for (const PersonId& owner : image_.owners) {
    const policy::KeyRow* key = image_.state.find<policy::KeyRow>(person_key_id(owner));
    const bool is_there = key && key->status == policy::KeyStatus::active;
    if (!is_there || !image_.state.find<policy::Person>(owner))
      findings_.add("there are rows of a person who was erased");
  }
  std::set<std::uint64_t> erasures;
  for (const auto& [id, stored] : image_.rows) {
    const auto* key = get_if<policy::KeyRow>(&stored.row);
    const bool is_persons = key && key->level == static_cast<std::uint8_t>(crypto::KeyLevel::person);
    if (!is_persons || key->status != policy::KeyStatus::shredded) continue;
    const bool at_restore = is_restored_ && stored.version == 0;
    if (at_restore) continue;
    if (!approvals_.contains(stored.version))
      findings_.add("a person's key was destroyed, and no two administrators ordered it");
    else if (!erasures.insert(stored.version).second)
      findings_.at(stored.version, "it erased one person, and the keys of two are gone with it");
  }
  if (closed && (!has_erased_people_ || *closed > last_erasure_)) {
    findings_.at(*closed, "no key opens its act record, though nobody was erased after it");
  }
}

}  // namespace flikvakt::service
