// What the rules say of an act, decided again from its order, or from its entries when nothing was sent.
#include <algorithm>

#include "policy/read_rules.h"
#include "service/replay_parts.h"

namespace flikvakt::service {

using audit::ActKind;

namespace {

// Of which there is one each, from the first entry on; the log's signing keys follow from their own rows.
bool is_gateways_own(crypto::KeyLevel level) {
  switch (level) {
    case crypto::KeyLevel::database:
    case crypto::KeyLevel::blind_index:
    case crypto::KeyLevel::forbund_log:
    case crypto::KeyLevel::handle:
    case crypto::KeyLevel::state:
      return true;
    default:
      return false;
  }
}

// That an act brought: `init`, or the approval of a rotation.
const policy::LogKey* new_log_key(const std::vector<policy::Row>& puts) {
  for (const policy::Row& row : puts) {
    const auto* key = get_if<policy::LogKey>(&row);
    if (key && key->status == policy::LogKeyStatus::current) return key;
  }
  return nullptr;
}

}  // namespace

std::optional<Replay::Decided> Replay::decide(const LoggedAct& logged, const Recorded& recorded) {
  if (recorded.evidence && recorded.actor) {
    const bool is_joint = std::holds_alternative<policy::SystemActor>(*recorded.actor);
    return is_joint ? decide_jointly(logged, recorded) : decide_ordered(logged, recorded);
  }
  if (recorded.concerns_erased) return std::nullopt;
  switch (logged.act.kind) {
    case ActKind::open_reading:
      return is_permitted(logged) ? decide_reading(logged) : std::nullopt;
    case ActKind::open_own_document:
      return is_permitted(logged) ? decide_own_reading(logged) : std::nullopt;
    case ActKind::close_reading:
      return is_permitted(logged) ? decide_closing(logged) : std::nullopt;
    case ActKind::seal_deposit:
      return is_permitted(logged) ? decide_sealing(logged, recorded) : std::nullopt;
    case ActKind::expire_due:
      return decide_expiry(logged);
    case ActKind::apply_crl:
      return decide_crl(logged, recorded);
    case ActKind::apply_oidc_keys:
      return decide_oidc_keys(logged, recorded);
    case ActKind::enrol_connector:
      return is_permitted(logged) ? decide_connector(logged, recorded) : std::nullopt;
    default:
      if (!recorded.puts.empty() || !recorded.erases.empty()) {
        findings_.at(logged.first, "an act that changes nothing changes rows");
      }
      return std::nullopt;
  }
}

Replay::Decided Replay::evaluate(const LoggedAct& logged, const policy::Actor& actor, const policy::Act& act,
                                 std::optional<std::uint64_t> seen, policy::Prepared prepared,
                                 const crypto::Hash256& act_sha256) {
  const bool doubt = logged.act.reason == static_cast<std::uint16_t>(policy::Reason::clock_doubt);
  const policy::Moment moment{logged.time, logged.act.act, seen, doubt, act_sha256, false, logged.first};
  return {policy::evaluate(state_, actor, act, moment, prepared), {}};
}

policy::KeyRow Replay::key_row(const KeyId& id, crypto::KeyLevel level) const {
  const policy::KeyRow* stored = image_.state.find<policy::KeyRow>(id);
  policy::KeyRow out = stored ? *stored : policy::KeyRow{};
  out.id = id;
  out.level = static_cast<std::uint8_t>(level);
  out.status = policy::KeyStatus::active;
  return out;
}

// Keys are not recorded: which ones an act brought follows from the rows that name them.
policy::Prepared Replay::prepared_for(const policy::Act& act, const Recorded& recorded) {
  policy::Prepared out;
  if (holds_alternative<policy::ProposeKey>(act) || holds_alternative<policy::EnrolEid>(act)) {
    const auto* person = first_put<policy::Person>(recorded.puts);
    if (!person || state_.find<policy::Person>(person->id) || person->numbers.empty()) return out;
    out.person = person->id;
    out.number = person->numbers.back();
    out.keys = {key_row(person->key_id, crypto::KeyLevel::person),
                key_row(person->log_key_id, crypto::KeyLevel::person_log)};
  }
  if (holds_alternative<policy::SealDeposit>(act)) {
    const auto* document = first_put<policy::Document>(recorded.puts);
    const auto* flik = first_put<policy::Flik>(recorded.puts);
    if (document) out.keys.push_back(key_row(document->key_id, crypto::KeyLevel::document));
    if (flik) out.keys.push_back(key_row(flik->key_id, crypto::KeyLevel::flik));
  }
  if (const auto* pruning = first_put<policy::Pruning>(recorded.puts)) {
    const auto* earlier = state_.find<policy::Pruning>("pruning");
    out.pruning = {pruning->size, pruning->kept, crypto::sha256(pruning->kept), policy::retention_times(state_),
                   earlier ? earlier->size : 0};
  }
  if (holds_alternative<policy::Initialise>(act)) {
    for (const auto& [id, stored] : image_.rows) {
      const auto* key = get_if<policy::KeyRow>(&stored.row);
      if (key && is_gateways_own(static_cast<crypto::KeyLevel>(key->level)))
        out.keys.push_back(key_row(key->id, static_cast<crypto::KeyLevel>(key->level)));
    }
  }
  if (const policy::LogKey* log_key = new_log_key(recorded.puts)) {
    out.log_key = *log_key;
    for (const KeyId& seed : {log_key->seed, log_key->head_seed})
      out.keys.push_back(key_row(seed, crypto::KeyLevel::signing));
  }
  // What a restored log took over is known already, unless this act brings it.
  for (const policy::KeyRow& key : out.keys) {
    if (is_restored_) erase(policy::row_id(policy::Row(key)));
  }
  return out;
}

// The key of a representative was recorded under their own log key: with them it is gone, the person's record is not.
bool Replay::is_holder_erased(const LoggedAct& logged, const policy::Actor& actor) const {
  const auto* person = std::get_if<policy::PersonActor>(&actor);
  const auto* as =
      person && person->representative ? state_.find<policy::Representative>(*person->representative) : nullptr;
  const bool lives = !as || image_.owners.contains(as->representative);
  return !lives && has_erased_people_ && logged.first < last_erasure_ && !state_.find<policy::DeviceKey>(person->key);
}

// SPEC LVR-9
std::optional<Replay::Decided> Replay::decide_ordered(const LoggedAct& logged, const Recorded& recorded) {
  const Evidence evidence{*recorded.evidence, recorded.assertion};
  const Result<OrderedAct> ordered = read_evidence(keys_, state_, *recorded.actor, logged.act.act, evidence,
                                                   is_permitted(logged) ? std::optional(logged.time) : std::nullopt);
  if (!ordered) {
    const bool gone = is_holder_erased(logged, *recorded.actor);
    if (is_permitted(logged) && !gone) findings_.at(logged.first, ordered.error().message);
    // Refused, and perhaps by then of nobody, or of a representative who was erased: only its receipt follows.
    const bool follows = !is_permitted(logged) || gone;
    const std::optional<UtcTime> until = follows ? carried_out_until_said_in(evidence) : std::nullopt;
    if (until) keep_receipt(logged, recorded, *until);
    return std::nullopt;
  }
  if (policy::kind_of(ordered->act) != audit::name_of(logged.act.kind)) {
    findings_.at(logged.first, "another act was ordered");
    return std::nullopt;
  }
  const UtcTime until = carried_out_until(ordered->sent);
  // SPEC ACT-56: of one that narrows the wall clock counted, when it was behind the log; that is nowhere written.
  const bool narrows = policy::direction_of(ordered->act) == policy::Direction::narrowing;
  if (!narrows && until <= logged.time) findings_.at(logged.first, "the order had expired");
  if (state_.find<policy::Receipt>({receipt_actor(*recorded.actor), logged.act.act})) {
    findings_.at(logged.first, "the same order was carried out before");
  }
  if (recorded.concerns_erased) {
    keep_receipt(logged, recorded, until);
    return std::nullopt;
  }
  Decided out = evaluate(logged, *recorded.actor, ordered->act, ordered->sent.seen_version,
                         prepared_for(ordered->act, recorded), crypto::sha256(*recorded.evidence));
  out.carried_out_until = until;
  return out;
}

// SPEC LVR-10
std::optional<Replay::Decided> Replay::decide_jointly(const LoggedAct& logged, const Recorded& recorded) {
  std::vector<policy::Administrator> administrators;
  for (const policy::Row& row : recorded.puts) {
    if (const auto* one = get_if<policy::Administrator>(&row)) administrators.push_back(*one);
  }
  const Result<JointlyOrdered> joint = read_joint_evidence(administrators, logged.act.act, *recorded.evidence);
  if (!joint) return findings_.at(logged.first, joint.error().message), std::nullopt;
  const auto* init = get_if<policy::Initialise>(&joint->ordered.act);
  if (!init || joint->signers.size() != administrators.size()) {
    findings_.at(logged.first, "not every administrator signed the first act");
    return std::nullopt;
  }
  Decided out = evaluate(logged, policy::SystemActor{}, *init, {}, prepared_for(*init, recorded));
  out.carried_out_until = joint->ordered.sent.expires;
  return out;
}

// Those of a staff member who came by browser.
std::optional<policy::StaffActor> Replay::browser_credentials(policy::StaffActor actor, UtcTime now) const {
  auto holds = [&] { return policy::rule_1_actor(state_, actor, now) == policy::Reason::none; };
  actor.certificate = {};
  actor.assertion_key = {};
  for (const auto& [thumbprint, key] : state_.all<policy::StaffKey>()) {
    actor.passkey = thumbprint;
    if (key.staff == actor.staff && holds()) return actor;
  }
  actor.passkey.reset();
  const policy::Staff* staff = state_.find<policy::Staff>(actor.staff);
  for (const auto& [code, issuer] : state_.all<policy::OidcIssuer>()) {
    if (!staff || issuer.organisation != actor.organisation) continue;
    actor.token = policy::StaffToken{code, staff->subject.value_or(staff->id.text())};
    if (holds()) return actor;
  }
  return std::nullopt;
}

// A credential of the reader's organisation under which rule 1 holds; the one that was used is not in the log.
std::optional<policy::StaffActor> Replay::credentials(const audit::ActPart& act, UtcTime now) {
  policy::StaffActor actor{};
  actor.staff = StaffId(act.actor.id().value());
  actor.organisation = act.organisation;
  auto holds = [&] { return policy::rule_1_actor(state_, actor, now) == policy::Reason::none; };
  if (auto last = last_good_.find(actor.organisation); last != last_good_.end()) {
    actor.certificate = last->second.certificate;
    actor.assertion_key = last->second.assertion_key;
    if (holds()) return actor;
  }
  for (const auto& [fingerprint, certificate] : state_.all<policy::Certificate>()) {
    if (certificate.organisation != actor.organisation) continue;
    for (const auto& [thumbprint, key] : state_.all<policy::AssertionKey>()) {
      actor.certificate = fingerprint;
      actor.assertion_key = thumbprint;
      if (key.organisation != actor.organisation || !holds()) continue;
      last_good_[actor.organisation] = actor;
      return actor;
    }
  }
  return browser_credentials(actor, now);
}

// SPEC LVR-11
std::optional<Replay::Decided> Replay::decide_reading(const LoggedAct& logged) {
  const OpenedEntry* entry = first_opened(logged);
  if (!entry) {
    if (!has_erased_people_ || logged.first > last_erasure_) findings_.at(logged.first, "a reading concerns nobody");
    return std::nullopt;
  }
  const audit::PersonPart& about = *entry->about;
  const policy::Document* document = state_.find<policy::Document>(about.document);
  const bool all_known = document && std::ranges::all_of(document->facts.other_subjects, [&](const PersonId& other) {
                           return state_.find<policy::Person>(other) != nullptr;
                         });
  if (!all_known && has_erased_people_ && logged.first < last_erasure_) return std::nullopt;
  const std::optional<policy::StaffActor> reader = credentials(logged.act, logged.time);
  if (!reader) {
    findings_.at(logged.first, "a document was opened by somebody who could not (rule 1)");
    return std::nullopt;
  }
  const ReadingId reading(about.subject.value());
  return evaluate(logged, *reader, policy::OpenReading{reading, about.document, about.purpose.text()});
}

// With which key, and as whose representative, is not in the entry: any that could.
std::vector<policy::PersonActor> Replay::actors_of(const audit::PersonPart& about) const {
  std::vector<policy::PersonActor> out;
  const std::set<policy::Fingerprint>& keys = state_.keys_of(about.actor);
  if (about.actor == about.person) {
    for (const policy::Fingerprint& key : keys) out.push_back({about.person, key});
    return out;
  }
  for (const RepresentativeId& id : state_.representatives_of(about.person)) {
    if (state_.find<policy::Representative>(id)->representative != about.actor) continue;
    for (const policy::Fingerprint& key : keys) out.push_back({about.person, key, id});
  }
  return out;
}

std::optional<Replay::Decided> Replay::decide_own_reading(const LoggedAct& logged) {
  const OpenedEntry* entry = first_opened(logged);
  if (!entry) return std::nullopt;
  const audit::PersonPart& about = *entry->about;
  const policy::OpenOwnDocument act{ReadingId(about.subject.value()), about.document};
  for (const policy::PersonActor& actor : actors_of(about)) {
    Decided decided = evaluate(logged, actor, act);
    if (decided.outcome.decision.is_permitted()) return decided;
  }
  const bool is_represented = about.actor != about.person;
  const bool may_be_erased = is_represented && has_erased_people_ && logged.first < last_erasure_;
  if (!may_be_erased) findings_.at(logged.first, "an own document was opened without a key that could");
  return std::nullopt;
}

std::optional<Replay::Decided> Replay::decide_closing(const LoggedAct& logged) {
  const OpenedEntry* entry = first_opened(logged);
  if (!entry) return std::nullopt;  // of somebody who was erased; an open reading shows at the end
  const ReadingId reading(entry->about->subject.value());
  if (unsure_.contains(policy::row_id_of<policy::Reading>(reading))) {
    Decided out;
    out.outcome.decision = policy::Decision::permit();
    out.outcome.erases.push_back(policy::row_id_of<policy::Reading>(reading));
    out.outcome.concerns.clear();
    return out;
  }
  // Of before what was pruned: a reading ends soon, or with the next start.
  const bool is_unknown = !state_.find<policy::Reading>(reading);
  if (is_unknown && is_soon_after_beginning(logged.time, std::chrono::hours(1))) return std::nullopt;
  return evaluate(logged, policy::SystemActor{},
                  policy::CloseReading{reading, policy::ReadingEnd::complete, entry->about->bytes});
}

std::optional<Replay::Decided> Replay::decide_sealing(const LoggedAct& logged, const Recorded& recorded) {
  const auto* document = first_put<policy::Document>(recorded.puts);
  const auto* flik = first_put<policy::Flik>(recorded.puts);
  if (!document || !recorded.actor || recorded.erases.empty()) return decide_sealing_again(logged);
  ByteReader key(recorded.erases.front().key);
  policy::SealDeposit act{DepositId(key.array<16>()), document->id, document->object, document->key_id, {}};
  if (flik) act.new_flik_key = flik->key_id;
  if (document->received) {
    act.made = policy::MadeBytes{document->facts.media_type, document->facts.size, document->facts.sha256};
  }
  return evaluate(logged, *recorded.actor, act, {}, prepared_for(act, recorded));
}

// The same upload once more, when the answer was lost: it changes nothing, and names the document that stands.
std::optional<Replay::Decided> Replay::decide_sealing_again(const LoggedAct& logged) {
  const OpenedEntry* entry = first_opened(logged);
  if (!entry) return std::nullopt;  // of somebody who was erased
  const policy::Document* document = state_.find<policy::Document>(entry->about->document);
  const std::optional<policy::StaffActor> actor = credentials(logged.act, logged.time);
  if (!document || !actor) {
    findings_.at(logged.first, "a sealing brings no document");
    return std::nullopt;
  }
  policy::SealDeposit act;
  act.document = document->id;  // its deposit is gone since the first time
  return evaluate(logged, *actor, act);
}

std::optional<Replay::Decided> Replay::decide_expiry(const LoggedAct& logged) {
  if (has_erased_people_ && logged.first < last_erasure_) return std::nullopt;  // theirs are missing here
  // Receipts of before what was pruned are missing, and count among the rows that are due.
  if (is_soon_after_beginning(logged.time, std::chrono::days(32))) return std::nullopt;
  return evaluate(logged, policy::SystemActor{}, policy::ExpireDue{});
}

std::optional<Replay::Decided> Replay::decide_crl(const LoggedAct& logged, const Recorded& recorded) {
  const auto* issuer = first_put<policy::Issuer>(recorded.puts);
  if (!issuer) return std::nullopt;
  return evaluate(logged, policy::SystemActor{},
                  policy::ApplyCrl{issuer->fingerprint, issuer->crl_number, issuer->crl_hash, issuer->crl_next_update,
                                   issuer->revoked});
}

// What was published then is what the row has without an end.
std::optional<Replay::Decided> Replay::decide_oidc_keys(const LoggedAct& logged, const Recorded& recorded) {
  const auto* issuer = first_put<policy::OidcIssuer>(recorded.puts);
  if (!issuer) return std::nullopt;
  policy::ApplyOidcKeys act{issuer->code, {}};
  for (const policy::OidcKey& key : issuer->keys) {
    if (!key.gone) act.keys.push_back({key.kid, key.jwk});
  }
  return evaluate(logged, policy::SystemActor{}, act);
}

// What it was given stands in its rows: one certificate that counts, and a key where it showed a code, which the row of
// before has the hash of. Rows that hold neither say nothing that the rules permit.
std::optional<Replay::Decided> Replay::decide_connector(const LoggedAct& logged, const Recorded& recorded) {
  policy::EnrolConnector act;
  for (const policy::Row& row : recorded.puts) {
    if (const auto* connector = get_if<policy::Connector>(&row)) {
      act.id = connector->id;
      act.under = connector->renewed_under;
    }
    if (const auto* one = get_if<policy::Certificate>(&row); one && one->standing == policy::Standing::active) {
      act.certificate = one->fingerprint;
      act.issuer = one->issuer;
      act.serial = one->serial;
      act.valid_from = one->valid_from;
      act.valid_to = one->valid_to;
    }
    if (const auto* key = get_if<policy::AssertionKey>(&row); key && key->standing == policy::Standing::active) {
      act.jwk = key->jwk;
      act.thumbprint = key->thumbprint;
    }
  }
  const auto* before = state_.find<policy::Connector>(act.id);
  if (act.thumbprint && before) act.code = before->code;
  return evaluate(logged, policy::SystemActor{}, act);
}

}  // namespace flikvakt::service
