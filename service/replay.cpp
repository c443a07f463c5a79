#include "service/replay.h"

#include <algorithm>

#include "base/overloaded.h"
#include "service/log_keys.h"
#include "service/replay_parts.h"
#include "service/restored_state.h"

namespace flikvakt::service {

using audit::ActKind;

namespace {

// Decided without anything that was sent: reads, and what the gateway itself does. SPEC LVR-8
bool needs_no_order(ActKind kind) {
  switch (kind) {
    case ActKind::open_reading:
    case ActKind::close_reading:
    case ActKind::list_documents:
    case ActKind::list_cases:
    case ActKind::read_proposals:
    case ActKind::list_fullmakter:
    case ActKind::list_requests:
    case ActKind::list_notices:
    case ActKind::list_erase_orders:
    case ActKind::read_organisation_log:
    case ActKind::list_people:
    case ActKind::list_source_requests:
    case ActKind::plan_deposit:
    case ActKind::read_overview:
    case ActKind::read_own_log:
    case ActKind::open_own_document:
    case ActKind::seal_deposit:
    case ActKind::expire_due:
    case ActKind::apply_crl:
    case ActKind::apply_oidc_keys:
    case ActKind::enrol_connector:
    case ActKind::sum_failures:
    case ActKind::start:
    case ActKind::stop:
      return true;
    default:
      return false;
  }
}

std::vector<std::pair<KeyId, crypto::KeyLevel>> keys_named_by(const policy::Row& row) {
  using enum crypto::KeyLevel;
  if (const auto* one = get_if<policy::Person>(&row)) return {{one->key_id, person}, {one->log_key_id, person_log}};
  if (const auto* one = get_if<policy::Flik>(&row)) return {{one->key_id, flik}};
  if (const auto* one = get_if<policy::Document>(&row)) return {{one->key_id, document}};
  return {};
}

bool begins_at(const policy::Instance& instance, UtcTime time) {
  return instance.since == std::chrono::floor<std::chrono::seconds>(time);
}

// SPEC LKEY-2
bool begins_with_one_key(const std::vector<policy::Row>& puts) {
  std::size_t count = 0;
  bool is_first = false;
  for (const policy::Row& row : puts) {
    const auto* key = get_if<policy::LogKey>(&row);
    if (!key) continue;
    ++count;
    is_first =
        key->generation == 1 && key->status == policy::LogKeyStatus::current && key->from == 0 && !key->to.has_value();
  }
  return count == 1 && is_first;
}

std::set<AdministratorId> active_among(const std::vector<policy::Administrator>& administrators) {
  std::set<AdministratorId> out;
  for (const policy::Administrator& one : administrators) {
    if (one.standing == policy::Standing::active) out.insert(one.id);
  }
  return out;
}

}  // namespace

// SPEC LVR-16: the order to erase somebody went with their key; every other approval says what it approves.
bool approves_shredding(const LoggedAct& logged) {
  const bool is_approval = logged.act.kind == ActKind::approve && is_permitted(logged) &&
                           logged.act.actor.kind() == audit::ActorKind::administrator;
  if (!is_approval) return false;
  const OpenedEntry& first = logged.entries.front();
  const json::value* said = first.record ? first.record->if_contains("evidence") : nullptr;
  if (!said) return first.is_record_closed;
  const Result<Bytes> evidence = from_json<Bytes>(*said);
  const std::optional<SentAct> sent = evidence ? order_said_in({*evidence, {}}) : std::nullopt;
  const json::object* approval = sent ? sent->act.if_object() : nullptr;
  const json::value* act = approval ? approval->if_contains("act") : nullptr;
  const json::object* approved = act ? act->if_object() : nullptr;
  const json::value* kind = approved ? approved->if_contains("kind") : nullptr;
  return kind && *kind == json::value(policy::Shred::kKind);
}

ByteArray<16> receipt_actor(const policy::Actor& actor) {
  return std::visit(Overloaded{
                        [](const policy::PersonActor& one) { return one.person.value(); },
                        [](const policy::StaffActor& one) { return one.staff.value(); },
                        [](const policy::AdministratorActor& one) { return one.administrator.value(); },
                        [](const policy::SystemActor&) { return ByteArray<16>{}; },
                    },
                    actor);
}

Replay::Replay(const KeyRing& keys, const StateImage& image, VerifiedRows where, Findings& findings,
               const StateImage* archive)
    : keys_(keys), image_(image), where_(where), findings_(findings), archive_(archive) {
  for (const auto& [id, stored] : image.rows) {
    const auto* key = get_if<policy::KeyRow>(&stored.row);
    const bool is_persons = key && key->level == static_cast<std::uint8_t>(crypto::KeyLevel::person);
    if (!is_persons || key->status != policy::KeyStatus::shredded) continue;
    has_erased_people_ = true;
    last_erasure_ = std::max(last_erasure_, stored.version);
  }
  if (where == VerifiedRows::copy && !image.owners_without_key.empty()) {  // erased after the copy was made
    has_erased_people_ = true;
    last_erasure_ = ~std::uint64_t{0};
  }
}

// What holds of every act, whether it is decided again or not.
Replay::Recorded Replay::read(const LoggedAct& logged) {
  note_order(logged);
  check_act_part(logged);
  Recorded recorded = read_records(logged);
  recorded.concerns_erased = concerns_erased(logged);
  if (recorded.is_closed || recorded.concerns_erased) partly_closed_.insert(logged.first);
  if (!is_permitted(logged) && !(recorded.puts.empty() && recorded.erases.empty())) {
    findings_.at(logged.first, "a refused act changes rows");
  }
  if (!recorded.is_closed && !recorded.evidence && !needs_no_order(logged.act.kind)) {
    findings_.at(logged.first, "nothing shows who ordered it");
  }
  return recorded;
}

void Replay::act(const LoggedAct& logged) {
  if (has_begun_late_ && !begun_) begun_ = logged.time;
  const Recorded recorded = read(logged);
  if (logged.act.kind == ActKind::restore) {
    check_restore(logged, recorded);
    return carry_out(logged, recorded, std::nullopt);
  }
  check_transitions(logged, recorded);
  const std::optional<Decided> decided = recorded.is_closed ? std::nullopt : decide(logged, recorded);
  if (decided) {
    compare_decision(logged, *decided);
    if (failed_then(logged)) return carry_out(logged, recorded, decided);
    compare_rows(logged, recorded, *decided);
    compare_concerns(logged, *decided);
  }
  carry_out(logged, recorded, decided);
}

// SPEC LVR-28: nothing else would miss these, where no record names the actor and nothing was refused.
void Replay::check_act_part(const LoggedAct& logged) {
  const audit::ActPart& act = logged.act;
  const bool is_by_gateway = act.actor.kind() == audit::ActorKind::system;
  if (act.actor.kind() != audit::ActorKind::staff && !act.organisation.is_none()) {
    findings_.at(logged.first, "it names an organisation, though no staff member acted");
  }
  if (!is_permitted(logged)) return;
  if (act.rule != 0 || act.reason != 0) {
    findings_.at(logged.first, "it was not refused, and says why it was");
  }
  if (is_by_gateway != (act.outcome == audit::Outcome::recorded)) {
    findings_.at(logged.first, "what the gateway itself does is recorded, and only that");
  }
}

// An entry of nobody stands alone, or holds what an act changes in the registry. Beside others and without a record it
// is of somebody whom no key opens any more.
bool Replay::concerns_erased(const LoggedAct& logged) {
  if (logged.entries.size() < 2) return false;
  const bool found = std::ranges::any_of(logged.entries, [](const OpenedEntry& entry) {
    return !entry.about && !entry.record && !entry.is_record_closed;
  });
  if (found && (!has_erased_people_ || logged.first > last_erasure_)) {
    findings_.at(logged.first, "one of its entries is of nobody, though nobody was erased after it");
  }
  return found;
}

// SPEC LVR-13
void Replay::check_restore(const LoggedAct& logged, const Recorded& recorded) {
  is_restored_ = true;
  for (const auto& [id, stored] : image_.rows) {  // what its records do not hold
    const auto* receipt = get_if<policy::Receipt>(&stored.row);
    if (receipt && receipt->entry == 0) put(stored.row, 0);
    if (const auto* key = get_if<policy::KeyRow>(&stored.row)) {
      const bool is_old = stored.version == 0;
      put(is_old ? policy::Row(*key) : policy::Row(key_row(key->id, static_cast<crypto::KeyLevel>(key->level))), 0);
    }
  }
  if (recorded.is_closed && !has_erased_people_) return;  // said elsewhere
  std::vector<policy::Administrator> administrators;
  for (const policy::Row& row : recorded.puts) {
    if (const auto* one = get_if<policy::Administrator>(&row)) administrators.push_back(*one);
  }
  const auto* instance = first_put<policy::Instance>(recorded.puts);
  if (!begins_with_one_key(recorded.puts))
    findings_.at(logged.first, "the log does not begin with a first key of its own");
  if (!recorded.evidence || !instance) return findings_.at(logged.first, "the restore does not say what it restores");
  const auto joint = read_joint_evidence(administrators, logged.act.act, *recorded.evidence);
  if (!joint) return findings_.at(logged.first, joint.error().message);
  const auto* act = get_if<policy::Restore>(&joint->ordered.act);
  const bool is_said = act && instance->restored_from == act->old_head && instance->origin == act->origin &&
                       instance->epoch > 0 && joint->signers.size() >= 2 && begins_at(*instance, logged.time) &&
                       active_among(administrators) == act->administrators;
  if (!is_said) return findings_.at(logged.first, "the restore is not what two administrators signed");
  if (archive_) check_archive(logged, recorded, act->old_head);
}

// SPEC LVR-20: the two signed for the head of the backup, and the head binds every row of it.
void Replay::check_archive(const LoggedAct& logged, const Recorded& recorded, const std::string& old_head) {
  const Result<audit::Head> head = LogKeys::of(archive_->state).open_head(old_head);
  if (!head) return findings_.at(logged.first, "the old head: " + head.error().message);
  if (head->state_digest != archive_->digest) {
    return findings_.at(logged.first, "the archive is not the log whose head the two administrators signed");
  }
  for (const std::string& problem : compare_with_archive(*archive_, recorded.puts)) findings_.at(logged.first, problem);
}

// The keys that a row names, of an act that cannot be decided again.
void Replay::bring_keys(const policy::Row& row, std::uint64_t version) {
  for (const auto& [id, level] : keys_named_by(row)) {
    if (!state_.find<policy::KeyRow>(id)) put(key_row(id, level), version);
  }
}

// What a restored log took over is known already, also what it did not take over.
void Replay::forget_keys(const policy::Row& row) {
  for (const auto& [id, level] : keys_named_by(row)) erase(policy::row_id_of<policy::KeyRow>(id));
}

void Replay::put(const policy::Row& row, std::uint64_t version) {
  kept_[policy::row_id(row)] = {version, to_text(policy::row_body(row))};
  state_.put(row);
}

void Replay::erase(const policy::RowId& id) {
  state_.erase(id);
  kept_.erase(id);
}

void Replay::keep_receipt(const LoggedAct& logged, const Recorded& recorded, UtcTime carried_out_until) {
  json::value answer =
      json::object{{"time", to_json(logged.time)}, {"reason", to_json(static_cast<policy::Reason>(logged.act.reason))}};
  put(policy::Receipt{receipt_actor(*recorded.actor), logged.act.act, crypto::sha256(*recorded.evidence), logged.first,
                      is_permitted(logged), std::move(answer), receipt_goes_at(carried_out_until, logged.time)},
      logged.first);
}

// SPEC ACT-43: what an expiry that cannot be decided again took along of what no record names.
void Replay::drop_due_receipts(UtcTime time) {
  constexpr std::size_t kMostDueAtOnce = 1024;
  for (const policy::RowId& id : state_.due(time, kMostDueAtOnce)) {
    if (id.table == policy::Receipt::kTable) erase(id);
  }
}

void Replay::carry_out(const LoggedAct& logged, const Recorded& recorded, const std::optional<Decided>& decided) {
  if (logged.act.kind == ActKind::expire_due && !decided) drop_due_receipts(logged.time);
  for (const policy::Row& row : recorded.puts) {
    if (recorded.concerns_erased || recorded.is_closed) bring_keys(row, logged.first);
    put(row, logged.first);
  }
  for (const policy::RowId& id : recorded.erases) erase(id);
  if (decided && is_permitted(logged)) {
    for (const policy::Row& row : decided->outcome.puts) {
      if (!has_record(policy::row_id(row).table)) put(row, logged.first);
    }
    for (const policy::RowId& id : decided->outcome.erases) {
      if (!has_record(id.table)) erase(id);
    }
  }
  if (decided && decided->carried_out_until && recorded.evidence) {
    keep_receipt(logged, recorded, *decided->carried_out_until);
  }
  check_pruning(logged, recorded);
  const OpenedEntry* entry = first_opened(logged);
  const bool is_unsure = logged.act.kind == ActKind::open_reading && is_permitted(logged) && !decided && entry;
  if (is_unsure) open_unsure(logged.first, *entry->about);
}

// A reading that could not be decided again: only that it is open is known.
void Replay::open_unsure(std::uint64_t entry, const audit::PersonPart& about) {
  const policy::Document* document = state_.find<policy::Document>(about.document);
  if (!document) return;
  policy::Reading reading;
  reading.id = ReadingId(about.subject.value());
  reading.document = document->id;
  reading.person = document->person;
  unsure_.insert(policy::row_id(reading));
  put(reading, entry);
}

void Replay::note_order(const LoggedAct& logged) {
  const bool begins = logged.act.kind == ActKind::init || logged.act.kind == ActKind::restore;
  if (begins != (logged.first == 0))
    findings_.at(logged.first, "a log begins with `init` or `restore`, and only there");
  if (approves_shredding(logged)) approvals_.insert(logged.first);
  if (logged.act.kind == ActKind::rotate_keys && is_permitted(logged)) rotations_.insert(logged.first);
}

}  // namespace flikvakt::service
