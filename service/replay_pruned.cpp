// A pruned log: what is left of acts before the size that it was pruned to, and whether the order to prune left enough.
// SPEC LVR-25, LVR-26, LVR-27, LVR-31; why so: docs/decisions/retention.md.
#include <algorithm>

#include "policy/changed_tables.h"
#include "service/ordered_rows.h"
#include "service/replay_parts.h"

namespace flikvakt::service {

using audit::ActKind;

namespace {

bool is_same_key(const policy::Administrator& a, const policy::Administrator& b) {
  return a.thumbprint == b.thumbprint && to_text(a.jwk) == to_text(b.jwk);
}

// Does the order, an approval, register this very administrator?
bool registers(const policy::Act* ordered, const policy::Administrator& one) {
  const auto* approval = ordered ? get_if<policy::Approve>(ordered) : nullptr;
  const Result<policy::Act> approved =
      approval ? policy::parse_act(approval->act) : Result<policy::Act>(fail(ErrorCode::invalid, "no approval"));
  const auto* act = approved ? get_if<policy::RegisterAdministrator>(&*approved) : nullptr;
  return act && act->id == one.id && act->thumbprint == one.thumbprint && to_text(act->jwk) == to_text(one.jwk);
}

// Is it the key that the person enrolled with that act, and not the one that signed it, whose authenticator counts?
bool enrols(ActKind kind, const std::optional<policy::Actor>& actor, const policy::DeviceKey& key) {
  const auto* person = actor ? std::get_if<policy::PersonActor>(&*actor) : nullptr;
  if (!person || person->representative || key.person != person->person) return false;
  if (key.status != policy::DeviceKeyStatus::active) return false;
  const bool is_who_signed = person->key == key.thumbprint;
  return (kind == ActKind::enrol_eid && is_who_signed) ||
         (kind == ActKind::add_key && !is_who_signed && key.enrolled_with == person->key);
}

bool is_who_proposed(const policy::Proposal& waiting, const policy::Actor& actor) {
  if (const auto* one = std::get_if<policy::AdministratorActor>(&actor))
    return waiting.administrator == one->administrator;
  if (const auto* person = std::get_if<policy::PersonActor>(&actor))
    return person->representative && waiting.role == person->representative;
  const auto* staff = std::get_if<policy::StaffActor>(&actor);
  return staff && waiting.staff == staff->staff;
}

// Is it the first of two, as who ordered it signed it? `ordered`: nullptr when no key opens that any more.
bool is_first_half(const policy::Proposal& waiting, const LoggedAct& logged, const policy::Actor& actor,
                   const policy::Act* ordered) {
  const auto* staff = std::get_if<policy::StaffActor>(&actor);
  const bool is_theirs = is_who_proposed(waiting, actor) && (!staff || waiting.organisation == staff->organisation);
  const bool says_that = !ordered || waiting.act == to_text(policy::act_to_json(*ordered));
  return is_theirs && says_that && waiting.id == ProposalId(logged.act.act.value());
}

// What an approval carried out, by its own words; else the act itself.
std::string carried_out_kind(const LoggedAct& logged, const policy::Act* ordered) {
  const auto* approval = ordered ? get_if<policy::Approve>(ordered) : nullptr;
  if (approval) {
    const Result<policy::Act> approved = policy::parse_act(approval->act);
    if (approved) return std::string(policy::kind_of(*approved));
  }
  return std::string(audit::name_of(logged.act.kind));
}

}  // namespace

void Replay::pass(const LoggedAct& logged) {
  if (logged.first == 0) return act(logged);  // it began the log: nothing that it rests on is missing
  const Recorded recorded = read(logged);
  passed_.push_back({logged.first, logged.entries.size(), logged.time, logged.act.kind,
                     carried_out(state_, logged, recorded.erases).kind});
  if (is_permitted(logged)) {
    const std::optional<policy::Act> ordered = check_passed_order(logged, recorded);
    check_passed_rows(logged, recorded, ordered ? &*ordered : nullptr);
  }
  for (const policy::Row& row : recorded.puts) {
    note_beginning(row, logged.act.kind, recorded.actor);
    if (is_restored_ && !state_.row(policy::row_id(row))) forget_keys(row);
    bring_keys(row, logged.first);
    if (const auto* key = get_if<policy::LogKey>(&row)) pass_log_key(*key, logged.first);
    put(row, logged.first);
  }
  for (const policy::RowId& id : recorded.erases) erase(id);
}

// SPEC LVR-15: no record says which seeds a key of the log had and which of them are gone, but its row does.
void Replay::pass_log_key(const policy::LogKey& key, std::uint64_t entry) {
  const bool is_current = key.status == policy::LogKeyStatus::current;
  pass_seed(key.seed, is_current || key.status == policy::LogKeyStatus::retiring, key.from, entry);
  pass_seed(key.head_seed, is_current, key.from, entry);
}

void Replay::pass_seed(const KeyId& id, bool is_in_use, std::uint64_t brought, std::uint64_t entry) {
  const policy::KeyRow* known = state_.find<policy::KeyRow>(id);
  if (is_in_use ? known != nullptr : known && known->status == policy::KeyStatus::shredded) return;
  policy::KeyRow row = key_row(id, crypto::KeyLevel::signing);
  row.status = is_in_use ? policy::KeyStatus::active : policy::KeyStatus::shredded;
  // The act that destroyed it may be pruned: a later one has the last word on the key of the log.
  const auto stored = image_.rows.find(policy::row_id(row));
  const bool went_before = !is_in_use && stored != image_.rows.end() && stored->second.version < entry;
  put(row, is_in_use ? brought : went_before ? stored->second.version : entry);
}

// SPEC LVR-26: who signed, and with a key that the acts before brought. What was ordered, if it was and can be read.
std::optional<policy::Act> Replay::check_passed_order(const LoggedAct& logged, const Recorded& recorded) {
  if (!recorded.actor || !recorded.evidence) {
    check_administrators(logged, recorded, nullptr);
    return std::nullopt;
  }
  const Result<OrderedAct> ordered = read_evidence(keys_, state_, *recorded.actor, logged.act.act,
                                                   {*recorded.evidence, recorded.assertion}, logged.time);
  if (!ordered) {
    if (!is_holder_erased(logged, *recorded.actor)) findings_.at(logged.first, ordered.error().message);
    check_administrators(logged, recorded, nullptr);
    return std::nullopt;
  }
  if (policy::kind_of(ordered->act) != audit::name_of(logged.act.kind))
    findings_.at(logged.first, "another act was ordered");
  const auto* actor = std::get_if<policy::AdministratorActor>(&*recorded.actor);
  const auto* administrator = actor ? state_.find<policy::Administrator>(actor->administrator) : nullptr;
  if (administrator && administrator->standing == policy::Standing::removed)
    findings_.at(logged.first, "who ordered it was removed before");
  if (const auto* approval = get_if<policy::Approve>(&ordered->act)) check_approved(logged, recorded, *approval);
  check_administrators(logged, recorded, &ordered->act);
  return ordered->act;
}

// SPEC LVR-31: that the rows follow from the act cannot be decided again; that they are such as it writes can, and of
// those by which somebody is known, that they are those which it names.
void Replay::check_passed_rows(const LoggedAct& logged, const Recorded& recorded, const policy::Act* ordered) {
  const std::string_view kind = audit::name_of(logged.act.kind);
  const policy::ChangedTables& may = policy::tables_changed_by(carried_out_kind(logged, ordered));
  const auto is_proposal = [](const policy::Row& row) { return holds_alternative<policy::Proposal>(row); };
  const bool waits = policy::kind_takes_two(kind) || std::ranges::any_of(recorded.puts, is_proposal);
  const PassedAct act{state_, keys_, ordered, recorded.actor ? &*recorded.actor : nullptr, recorded.puts};
  for (const policy::Row& row : recorded.puts) {
    if (is_only_counted(row, act)) continue;
    const auto* waiting = get_if<policy::Proposal>(&row);
    const bool is_half = waiting && policy::kind_may_wait(kind) && recorded.actor &&
                         is_first_half(*waiting, logged, *recorded.actor, ordered);
    const bool is_of_kind = !waits && may.puts.contains(policy::row_id(row).table);
    if (!is_half && !is_of_kind) findings_.at(logged.first, "it writes a row that an act of its kind never writes");
    if (is_of_kind && is_other_than_ordered(row, act))
      findings_.at(logged.first, "it writes the row of another key or person than it names, or otherwise than it says");
  }
  for (const policy::RowId& id : recorded.erases) {
    const bool is_what_waited = logged.act.kind == ActKind::approve && id.table == policy::Proposal::kTable;
    const bool is_of_kind = !waits && may.erases.contains(id.table);
    if (!is_what_waited && !is_of_kind)
      findings_.at(logged.first, "it erases a row that an act of its kind never erases");
  }
}

// SPEC LVR-26: the first of two is there too, of another person, and said the same.
void Replay::check_approved(const LoggedAct& logged, const Recorded& recorded, const policy::Approve& approval) {
  const policy::Proposal* waiting = state_.find<policy::Proposal>(approval.proposal);
  if (!waiting) {
    if (!recorded.is_closed && !recorded.concerns_erased)
      findings_.at(logged.first, "the first half of what it approves is pruned");
    return;
  }
  const Result<policy::Act> meant = policy::parse_act(approval.act);
  const bool is_that = meant && to_text(policy::act_to_json(*meant)) == waiting->act;
  if (!is_that || is_who_proposed(*waiting, *recorded.actor))
    findings_.at(logged.first, "it approves what no other one proposed");
}

// SPEC LVR-26: each administrator goes back to the beginning of the log, from signature to signature.
void Replay::check_administrators(const LoggedAct& logged, const Recorded& recorded, const policy::Act* ordered) {
  for (const policy::Row& row : recorded.puts) {
    const auto* one = get_if<policy::Administrator>(&row);
    const auto* before = one ? state_.find<policy::Administrator>(one->id) : nullptr;
    if (!one) continue;
    if (before ? !is_same_key(*before, *one) : !registers(ordered, *one))
      findings_.at(logged.first, "nobody who could made this administrator");
    if (before && before->standing == policy::Standing::removed && one->standing != policy::Standing::removed)
      findings_.at(logged.first, "what was removed comes back");
  }
}

// SPEC LVR-26: a device key began as a proposal and came into use by a confirmation, or was enrolled by its person, and
// after a restore once more; a fullmakt began with its first revision, and each further one was signed.
void Replay::note_beginning(const policy::Row& row, ActKind kind, const std::optional<policy::Actor>& actor) {
  const policy::RowId id = policy::row_id(row);
  const std::optional<policy::Row> before = state_.row(id);
  if (const auto* key = get_if<policy::DeviceKey>(&row)) {
    using enum policy::DeviceKeyStatus;
    const auto* was = before ? &get<policy::DeviceKey>(*before) : nullptr;
    const bool was_in_use = was && was->status == active && was->epoch == key->epoch;
    const bool comes_into_use = key->status == active && !was_in_use && kind != ActKind::confirm_key;
    if (key->status == proposed || enrols(kind, actor, *key))
      without_beginning_.erase(id);
    else if (!before || comes_into_use)
      without_beginning_.insert(id);
  }
  if (const auto* fullmakt = get_if<policy::Fullmakt>(&row)) {
    const std::uint32_t known = before ? get<policy::Fullmakt>(*before).revision : 0;
    if (fullmakt->revision > known + 1) without_beginning_.insert(id);
  }
}

void Replay::begin() {
  has_begun_late_ = true;
  std::vector<policy::RowId> receipts;  // of the first act; those of passed acts are not known, nor when they went
  for (const auto& [id, receipt] : state_.all<policy::Receipt>()) receipts.push_back(policy::row_id(receipt));
  for (const policy::RowId& id : receipts) erase(id);
  for (const policy::RowId& id : without_beginning_) {
    const std::optional<policy::Row> row = state_.row(id);
    if (row && policy::is_in_force(*row)) findings_.add(named(id) + ": an act that it rests on is pruned");
  }
  without_beginning_.clear();
}

bool Replay::is_soon_after_beginning(UtcTime time, std::chrono::hours soon) const {
  return begun_ && time <= *begun_ + soon;
}

// SPEC LVR-27
void Replay::check_pruning(const LoggedAct& logged, const Recorded& recorded) {
  const auto* pruning = first_put<policy::Pruning>(recorded.puts);
  if (!pruning) return;
  const Result<policy::EntrySet> kept = policy::EntrySet::decode(pruning->kept);
  if (!kept) return findings_.at(logged.first, "it prunes, and its list of what stays makes no sense");
  if (!kept->contains(0)) findings_.at(logged.first, "it prunes the entry that began the log");
  for (const auto& [id, one] : kept_) {
    if (!has_record(id.table) || one.version >= pruning->size || kept->contains(one.version)) continue;
    findings_.at(logged.first, "it prunes entry " + std::to_string(one.version) + ", on which a row rests");
  }
  check_passed(logged, *pruning, *kept);
}

void Replay::check_passed(const LoggedAct& logged, const policy::Pruning& pruning, const policy::EntrySet& kept) {
  const UtcTime run_out = pruning.before + policy::shortest_retention(state_);
  const auto time_of = [&](ActKind kind) { return policy::retention_of(state_, audit::name_of(kind)); };
  for (const Passed& one : passed_) {
    if (one.first >= pruning.size) continue;
    const std::string entry = "entry " + std::to_string(one.first);
    std::uint64_t stay = 0;
    for (std::uint64_t i = 0; i < one.entries; ++i) stay += kept.contains(one.first + i) ? 1 : 0;
    if (stay > 0 && stay < one.entries) findings_.at(logged.first, "it prunes a part of the act at " + entry);
    const bool is_over = one.time + std::max(time_of(one.kind), time_of(one.carried_out)) <= run_out;
    if (stay == 0 && !is_over) findings_.at(logged.first, "it prunes " + entry + ", whose time has not run out");
  }
}

}  // namespace flikvakt::service
