#include "service/entry_writer.h"

#include <algorithm>

#include "base/overloaded.h"
#include "policy/deposit_plan.h"
#include "service/command_queue.h"

namespace flikvakt::service {
namespace {

audit::Actor audit_actor(const policy::Actor& actor) {
  return std::visit(
      Overloaded{
          [](const policy::PersonActor& person) {
            return person.representative ? audit::Actor::representative() : audit::Actor::person();
          },
          [](const policy::StaffActor& staff) { return audit::Actor::staff(staff.staff); },
          [](const policy::AdministratorActor& a) { return audit::Actor::administrator(a.administrator); },
          [](const policy::SystemActor&) { return audit::Actor::system(); },
      },
      actor);
}

audit::Outcome audit_outcome(const Command& command, const policy::Decision& decision) {
  if (!decision.is_permitted()) return audit::Outcome::refused;
  const bool decided = !std::holds_alternative<policy::SystemActor>(command.actor);
  return decided ? audit::Outcome::permitted : audit::Outcome::recorded;
}

audit::ActPart act_part(const Command& command, const policy::Outcome& outcome, const ActId& act) {
  audit::ActPart part;
  part.actor = audit_actor(command.actor);
  part.kind = act_kind_of(command.act);
  part.outcome = audit_outcome(command, outcome.decision);
  part.rule = static_cast<std::uint8_t>(outcome.decision.rule);
  part.reason = static_cast<std::uint16_t>(outcome.decision.reason);
  part.act = act;
  if (const auto* staff = std::get_if<policy::StaffActor>(&command.actor)) part.organisation = staff->organisation;
  return part;
}

audit::EntryCode code_or_none(const std::string& text) {
  // Codes come from the caller too (a purpose that no fullmakt knows): what is no code is logged as none.
  Result<audit::EntryCode> code = audit::EntryCode::parse(text);
  return code ? *code : audit::EntryCode();
}

audit::PersonPart person_part(const policy::Concern& concern) {
  audit::PersonPart part;
  part.person = concern.person;
  part.actor = concern.actor.value_or(PersonId());
  part.fullmakt = concern.fullmakt.value_or(FullmaktId());
  part.document = concern.document.value_or(DocumentId());
  part.subject = audit::SubjectId(concern.subject);
  part.flik = code_or_none(concern.flik);
  part.purpose = code_or_none(concern.purpose);
  part.bytes = concern.bytes;
  return part;
}

// Every owner of a changed row has an entry, so that no person's rows are recorded under another one's key.
std::vector<policy::Concern> concerns_with_owners(const policy::Outcome& outcome,
                                                  const std::vector<OwnedErase>& erases) {
  std::vector<policy::Concern> out = outcome.concerns;
  auto add = [&](const std::optional<PersonId>& owner) {
    if (!owner || std::ranges::any_of(out, [&](const policy::Concern& c) { return c.person == *owner; })) return;
    policy::Concern concern;
    concern.person = *owner;
    out.push_back(concern);
  };
  for (const policy::Row& row : outcome.puts) add(policy::owner_of(row));
  for (const OwnedErase& erase : erases) add(erase.owner);
  return out;
}

}  // namespace

audit::ActKind act_kind_of(const policy::Act& act) {
  const std::optional<audit::ActKind> kind = audit::act_kind_named(policy::kind_of(act));
  if (!kind) throw std::logic_error("an act has no number in the log: " + std::string(policy::kind_of(act)));
  return *kind;
}

bool is_recorded(std::uint16_t table) {
  return table != policy::Reading::kTable && table != policy::Receipt::kTable && table != policy::KeyRow::kTable;
}

std::vector<OwnedErase> recorded_erases(const policy::Outcome& outcome, const policy::State& state) {
  std::vector<OwnedErase> out;
  for (const policy::RowId& id : outcome.erases) {
    if (!is_recorded(id.table)) continue;
    if (const std::optional<policy::Row> row = state.row(id)) out.push_back({id, policy::owner_of(*row)});
  }
  return out;
}

namespace {

// SPEC ACR-9
const policy::DepositPlan* plan_of(const policy::Act& act) {
  if (const auto* planned = get_if<policy::PlanDeposit>(&act)) return &planned->plan;
  const auto* sealed = get_if<policy::SealDeposit>(&act);
  return sealed && sealed->plan ? &*sealed->plan : nullptr;
}

}  // namespace

std::string record_text(const Command& command, const policy::Outcome& outcome, const std::vector<OwnedErase>& erases,
                        const std::optional<PersonId>& owner, RecordPlace place) {
  const bool is_first = place == RecordPlace::first_entry;
  json::array puts;
  for (const policy::Row& row : outcome.puts) {
    const std::uint16_t table = policy::row_id(row).table;
    if (!is_recorded(table) || policy::owner_of(row) != owner) continue;
    puts.push_back(json::object{{"table", table}, {"row", policy::row_body(row)}});
  }
  json::array gone;
  for (const OwnedErase& erase : erases) {
    if (erase.owner == owner) gone.push_back(json::object{{"table", erase.id.table}, {"key", to_hex(erase.id.key)}});
  }
  const bool evidence = is_first && command.evidence;
  const auto* failures = is_first ? get_if<policy::SumFailures>(&command.act) : nullptr;
  const policy::DepositPlan* plan = is_first ? plan_of(command.act) : nullptr;
  if (plan && !policy::is_bounded(*plan)) plan = nullptr;  // refused for that
  if (puts.empty() && gone.empty() && !evidence && !failures && !plan) return {};
  json::object record{{"version", 1}, {"kind", policy::kind_of(command.act)}, {"actor", to_json(command.actor)}};
  if (evidence) record["evidence"] = to_base64url(command.evidence->bytes);
  if (evidence && !command.evidence->assertion.empty()) record["assertion"] = command.evidence->assertion;
  if (failures) record["failures"] = to_json(*failures);
  // SPEC PART-59: what is of nobody known here is sealed under the förbund's key, for good.
  if (plan) record["plan"] = to_json(owner ? *plan : policy::without_words(*plan));
  record["puts"] = std::move(puts);
  record["erases"] = std::move(gone);
  return json::serialize(record);
}

EntryWriter::EntryWriter(const KeyRing& keys, Places places, std::string origin)
    : keys_(keys), places_(std::move(places)), origin_(std::move(origin)), forbund_(keys.forbund_log()) {}

Result<EntryWriter::PersonLog*> EntryWriter::log_of(const PersonId& person, const policy::State& state,
                                                    const policy::Outcome& outcome) {
  if (auto found = by_person_.find(person); found != by_person_.end()) {
    recent_.splice(recent_.begin(), recent_, found->second);
    return &found->second->log;
  }
  const policy::Person* row = state.find<policy::Person>(person);
  for (const policy::Row& put : outcome.puts) {
    const auto* added = get_if<policy::Person>(&put);
    if (!row && added && added->id == person) row = added;
  }
  if (!row) return fail(ErrorCode::not_found, "logging for a person without a row");
  const crypto::PersonLogKey key = TRY(keys_.person_log_key(row->log_key_id));
  const audit::PersonChainKey chain(key, origin_);
  const Places::Place* place = places_.find(person);
  const audit::ChainEnd end = place ? chain.open_end(place->count, place->end) : audit::ChainEnd();
  recent_.push_front({person, PersonLog{audit::PersonEntryKeys(key), chain, end, end}});
  by_person_[person] = recent_.begin();
  return &recent_.front().log;
}

Result<EntryWriter::Written> EntryWriter::write(const Command& command, const policy::Outcome& outcome,
                                                const policy::State& state, std::uint64_t first_index, UtcTime time,
                                                const ActId& act) {
  Written out;
  auto append = [&](const audit::SealedEntry& sealed, const audit::EntryLink& link, std::optional<Bytes> record) {
    store::EntryRow row;
    row.index = first_index + out.rows.size();
    row.leaf = to_bytes(sealed.leaf);
    row.link = link;
    row.act = to_bytes(sealed.act);
    row.person = to_bytes(sealed.person);
    row.act_record = std::move(record);
    out.rows.push_back(std::move(row));
    out.leaves.push_back(sealed.hash);
  };
  auto seal_record = [&](audit::ActPart& part, const std::string& text, crypto::AeadKey& key) -> std::optional<Bytes> {
    if (text.empty()) return std::nullopt;
    audit::SealedRecord record = audit::seal_record(as_bytes(text), key);
    part.record = record.commitment;
    return std::move(record.ciphertext);
  };

  // All that can fail comes first, so that no person's count runs ahead of what is written.
  const std::vector<OwnedErase> erases = recorded_erases(outcome, state);
  const std::vector<policy::Concern> concerns = concerns_with_owners(outcome, erases);
  std::vector<PersonLog*> logs;
  for (const policy::Concern& concern : concerns) logs.push_back(TRY(log_of(concern.person, state, outcome)));

  const audit::ActPart base = act_part(command, outcome, act);
  RecordPlace place = RecordPlace::first_entry;
  // What concerns no person: an entry of its own when there is no other, or when registry rows change too.
  const auto append_registry = [&] {
    const std::string registry = record_text(command, outcome, erases, std::nullopt, place);
    if (!concerns.empty() && registry.empty()) return;
    audit::ActPart part = base;
    std::optional<Bytes> record = seal_record(part, registry, forbund_.record);
    append(audit::seal_entry(time, part, std::nullopt, forbund_), audit::random_link(), std::move(record));
    place = RecordPlace::further_entry;
  };
  // SPEC ACR-7: the evidence of a restore must not go with the first person who is erased.
  const bool is_registry_first = holds_alternative<policy::Restore>(command.act);
  if (is_registry_first) append_registry();
  for (std::size_t i = 0; i < concerns.size(); ++i) {
    PersonLog& log = *logs[i];
    audit::ActPart part = base;
    std::optional<Bytes> record =
        seal_record(part, record_text(command, outcome, erases, concerns[i].person, place), log.keys.record);
    const audit::PersonPart about = person_part(concerns[i]);
    const audit::SealedEntry sealed =
        audit::seal_entry(time, part, audit::AboutPerson{about, log.keys, log.pending.count}, forbund_);
    const auto [link, end] = log.chain.append(log.pending, first_index + out.rows.size());
    append(sealed, link, std::move(record));
    places_.put(concerns[i].person, {log.pending.count, end});
    touched_.push_back(concerns[i].person);
    out.person_entries = log.pending.count;
    place = RecordPlace::further_entry;
  }
  if (!is_registry_first) append_registry();
  for (const policy::RowId& id : outcome.erases) {
    if (id.table == policy::Person::kTable) places_.erase(PersonId(*to_array<16>(id.key)));
  }
  return out;
}

void EntryWriter::commit() {
  for (const PersonId& person : touched_) {
    if (auto found = by_person_.find(person); found != by_person_.end()) {
      found->second->log.committed = found->second->log.pending;
    }
  }
  touched_.clear();
  places_.commit();
  // Only here: during a batch the counts of its people are in no table yet.
  for (; recent_.size() > kKeptPeople; recent_.pop_back()) by_person_.erase(recent_.back().person);
}

void EntryWriter::drop() {
  for (const PersonId& person : touched_) {
    if (auto found = by_person_.find(person); found != by_person_.end()) {
      found->second->log.pending = found->second->log.committed;
    }
  }
  touched_.clear();
  places_.drop();
}

void EntryWriter::forget(const PersonId& person) {
  auto found = by_person_.find(person);
  if (found == by_person_.end()) return;
  recent_.erase(found->second);
  by_person_.erase(found);
}

}  // namespace flikvakt::service
