#include "service/replay.h"

#include <algorithm>

#include "base/overloaded.h"
#include "policy/person_rules.h"
#include "policy/read_rules.h"

namespace flikvakt::service {
namespace {

using audit::ActKind;

// Not recorded: their history is the log itself, or the key store. SPEC ACR-4
bool has_record(std::uint16_t table) {
  return table != policy::Reading::kTable && table != policy::Receipt::kTable && table != policy::KeyRow::kTable;
}

// Decided without anything that was sent: reads, and what the gateway itself does. SPEC LVR-8
bool needs_no_order(ActKind kind) {
  switch (kind) {
    case ActKind::open_reading:
    case ActKind::close_reading:
    case ActKind::list_documents:
    case ActKind::list_cases:
    case ActKind::read_proposals:
    case ActKind::read_overview:
    case ActKind::read_own_log:
    case ActKind::open_own_document:
    case ActKind::seal_deposit:
    case ActKind::expire_due:
    case ActKind::apply_crl:
    case ActKind::sum_failures:
    case ActKind::start:
    case ActKind::stop:
      return true;
    default:
      return false;
  }
}

bool is_permitted(const LoggedAct& logged) { return logged.act.outcome != audit::Outcome::refused; }

// Refused because it could not be written down: the rules may have permitted it, nothing followed but the receipt.
bool failed_then(const LoggedAct& logged) {
  return !is_permitted(logged) && logged.act.reason == static_cast<std::uint16_t>(policy::Reason::error);
}

// Does the record name the actor that the entry names?
bool is_actor(const policy::Actor& actor, const LoggedAct& logged) {
  const audit::ActPart& act = logged.act;
  return std::visit(Overloaded{
                        [&](const policy::PersonActor& person) {
                          if (act.actor.kind() != audit::ActorKind::person) return false;
                          return std::ranges::all_of(logged.entries, [&](const OpenedEntry& entry) {
                            return !entry.about || entry.about->actor == person.person;
                          });
                        },
                        [&](const policy::StaffActor& staff) {
                          return act.actor == audit::Actor::staff(staff.staff) &&
                                 act.organisation == staff.organisation;
                        },
                        [&](const policy::AdministratorActor& one) {
                          return act.actor == audit::Actor::administrator(one.administrator);
                        },
                        [&](const policy::SystemActor&) { return act.actor == audit::Actor::system(); },
                    },
                    actor);
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

const OpenedEntry* first_opened(const LoggedAct& logged) {
  for (const OpenedEntry& entry : logged.entries) {
    if (entry.about) return &entry;
  }
  return nullptr;
}

template <class T>
const T* first_put(const std::vector<policy::Row>& puts) {
  for (const policy::Row& row : puts) {
    if (const T* found = std::get_if<T>(&row)) return found;
  }
  return nullptr;
}

std::string named(const policy::RowId& id) { return "row " + to_hex(id.key) + " of table " + std::to_string(id.table); }

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

struct Replay::Recorded {
  std::optional<policy::Actor> actor;
  std::optional<Bytes> evidence;
  std::string assertion;  // of staff, beside the evidence
  std::vector<policy::Row> puts;
  std::vector<policy::RowId> erases;
  bool is_closed = false;        // some of it no key opens
  bool concerns_erased = false;  // somebody is missing without whom the rules cannot say what they said
};

struct Replay::Decided {
  policy::Outcome outcome;
  std::optional<UtcTime> expires;  // of the order
};

Replay::Replay(const KeyRing& keys, const StateImage& image, VerifiedRows where, Findings& findings)
    : keys_(keys), image_(image), where_(where), findings_(findings) {
  for (const auto& [id, stored] : image.rows) {
    const auto* key = std::get_if<policy::KeyRow>(&stored.row);
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

void Replay::act(const LoggedAct& logged) {
  const bool begins = logged.act.kind == ActKind::init || logged.act.kind == ActKind::restore;
  if (begins != (logged.first == 0))
    findings_.at(logged.first, "a log begins with `init` or `restore`, and only there");
  Recorded recorded = read_records(logged);
  recorded.concerns_erased = concerns_erased(logged);
  if (recorded.is_closed || recorded.concerns_erased) partly_closed_.insert(logged.first);
  if (logged.act.kind == ActKind::approve && is_permitted(logged) &&
      logged.act.actor.kind() == audit::ActorKind::administrator) {
    approvals_.insert(logged.first);
  }
  if (!is_permitted(logged) && !(recorded.puts.empty() && recorded.erases.empty())) {
    findings_.at(logged.first, "a refused act changes rows");
  }
  if (!recorded.is_closed && !recorded.evidence && !needs_no_order(logged.act.kind)) {
    findings_.at(logged.first, "nothing shows who ordered it");
  }
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

// SPEC LVR-7
Replay::Recorded Replay::read_records(const LoggedAct& logged) {
  Recorded out;
  for (const OpenedEntry& entry : logged.entries) {
    out.is_closed = out.is_closed || entry.is_record_closed;
    if (!entry.record) continue;
    const json::object& record = *entry.record;
    auto member = [&](const char* name) { return record.contains(name) ? record.at(name) : json::value(); };
    const Result<policy::Actor> actor = from_json<policy::Actor>(member("actor"));
    const bool is_of_act = member("version") == json::value(1) &&
                           member("kind") == json::value(audit::name_of(logged.act.kind)) && actor &&
                           is_actor(*actor, logged);
    if (!is_of_act) {
      findings_.at(entry.index, "its record is of another act");
      continue;
    }
    out.actor = *actor;
    if (record.contains("evidence")) {
      const Result<Bytes> evidence = from_json<Bytes>(record.at("evidence"));
      if (evidence && &entry == &logged.entries.front())
        out.evidence = *evidence;
      else
        findings_.at(entry.index, "its evidence is not where it belongs");
      if (const json::value assertion = member("assertion"); assertion.is_string()) {
        out.assertion = std::string(assertion.get_string());
      }
    }
    if (const json::value puts = member("puts"); puts.is_array()) {
      for (const json::value& put : puts.get_array()) take_put(logged, entry, put, out);
    }
    if (const json::value erases = member("erases"); erases.is_array()) {
      for (const json::value& erase : erases.get_array()) take_erase(logged, entry, erase, out);
    }
  }
  return out;
}

namespace {

struct RecordedPut {
  std::uint16_t table = 0;
  json::value row;
};
BOOST_DESCRIBE_STRUCT(RecordedPut, (), (table, row))
struct RecordedErase {
  std::uint16_t table = 0;
  std::string key;
};
BOOST_DESCRIBE_STRUCT(RecordedErase, (), (table, key))

std::optional<PersonId> person_of(const OpenedEntry& entry) {
  return entry.about ? std::optional(entry.about->person) : std::nullopt;
}

}  // namespace

void Replay::take_put(const LoggedAct&, const OpenedEntry& entry, const json::value& put, Recorded& out) {
  const Result<RecordedPut> read = from_json<RecordedPut>(put);
  Result<policy::Row> row = read ? policy::parse_row(read->table, read->row) : Result<policy::Row>(read.error());
  if (!row || !has_record(read->table)) return findings_.at(entry.index, "its record holds a row that is none");
  if (policy::owner_of(*row) != person_of(entry)) findings_.at(entry.index, "its record holds another one's row");
  out.puts.push_back(std::move(*row));
}

void Replay::take_erase(const LoggedAct&, const OpenedEntry& entry, const json::value& erase, Recorded& out) {
  const Result<RecordedErase> read = from_json<RecordedErase>(erase);
  const Result<Bytes> key = read ? from_hex(read->key) : Result<Bytes>(read.error());
  if (!key || !has_record(read->table)) return findings_.at(entry.index, "its record erases a row that is none");
  policy::RowId id{read->table, *key};
  const std::optional<policy::Row> row = state_.row(id);
  if (row && policy::owner_of(*row) != person_of(entry))
    findings_.at(entry.index, "its record erases another one's row");
  out.erases.push_back(std::move(id));
}

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
    default:
      if (!recorded.puts.empty() || !recorded.erases.empty()) {
        findings_.at(logged.first, "an act that changes nothing changes rows");
      }
      return std::nullopt;
  }
}

Replay::Decided Replay::evaluate(const LoggedAct& logged, const policy::Actor& actor, const policy::Act& act,
                                 std::optional<std::uint64_t> seen, policy::Prepared prepared) {
  const bool doubt = logged.act.reason == static_cast<std::uint16_t>(policy::Reason::clock_doubt);
  return {policy::evaluate(state_, actor, act, policy::Moment{logged.time, logged.act.act, seen, doubt}, prepared), {}};
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
  if (std::holds_alternative<policy::ProposeKey>(act)) {
    const auto* person = first_put<policy::Person>(recorded.puts);
    if (!person || state_.find<policy::Person>(person->id) || person->numbers.empty()) return out;
    out.person = person->id;
    out.number = person->numbers.back();
    out.keys = {key_row(person->key_id, crypto::KeyLevel::person),
                key_row(person->log_key_id, crypto::KeyLevel::person_log)};
  }
  if (std::holds_alternative<policy::SealDeposit>(act)) {
    const auto* document = first_put<policy::Document>(recorded.puts);
    const auto* flik = first_put<policy::Flik>(recorded.puts);
    if (document) out.keys.push_back(key_row(document->key_id, crypto::KeyLevel::document));
    if (flik) out.keys.push_back(key_row(flik->key_id, crypto::KeyLevel::flik));
  }
  if (std::holds_alternative<policy::Initialise>(act)) {
    for (const auto& [id, stored] : image_.rows) {
      const auto* key = std::get_if<policy::KeyRow>(&stored.row);
      if (key && key->level > static_cast<std::uint8_t>(crypto::KeyLevel::document) &&
          key->level != static_cast<std::uint8_t>(crypto::KeyLevel::person_log)) {
        out.keys.push_back(key_row(key->id, static_cast<crypto::KeyLevel>(key->level)));
      }
    }
  }
  // What a restored log took over is known already, unless this act brings it.
  for (const policy::KeyRow& key : out.keys) {
    if (is_restored_) erase(policy::row_id(policy::Row(key)));
  }
  return out;
}

// SPEC LVR-9
std::optional<Replay::Decided> Replay::decide_ordered(const LoggedAct& logged, const Recorded& recorded) {
  const Result<OrderedAct> ordered = read_evidence(keys_, state_, *recorded.actor, logged.act.act,
                                                   {*recorded.evidence, recorded.assertion}, logged.time);
  if (!ordered) {
    if (is_permitted(logged)) findings_.at(logged.first, ordered.error().message);
    return std::nullopt;
  }
  if (policy::kind_of(ordered->act) != audit::name_of(logged.act.kind)) {
    findings_.at(logged.first, "another act was ordered");
    return std::nullopt;
  }
  if (ordered->sent.expires <= logged.time) findings_.at(logged.first, "the order had expired");
  if (state_.find<policy::Receipt>({receipt_actor(*recorded.actor), logged.act.act})) {
    findings_.at(logged.first, "the same order was carried out before");
  }
  if (recorded.concerns_erased) {
    keep_receipt(logged, recorded, ordered->sent.expires);
    return std::nullopt;
  }
  Decided out =
      evaluate(logged, *recorded.actor, ordered->act, ordered->sent.seen_version, prepared_for(ordered->act, recorded));
  out.expires = ordered->sent.expires;
  return out;
}

// SPEC LVR-10
std::optional<Replay::Decided> Replay::decide_jointly(const LoggedAct& logged, const Recorded& recorded) {
  std::vector<policy::Administrator> administrators;
  for (const policy::Row& row : recorded.puts) {
    if (const auto* one = std::get_if<policy::Administrator>(&row)) administrators.push_back(*one);
  }
  const Result<JointlyOrdered> joint = read_joint_evidence(administrators, logged.act.act, *recorded.evidence);
  if (!joint) return findings_.at(logged.first, joint.error().message), std::nullopt;
  const auto* init = std::get_if<policy::Initialise>(&joint->ordered.act);
  if (!init || joint->signers.size() != administrators.size()) {
    findings_.at(logged.first, "not every administrator signed the first act");
    return std::nullopt;
  }
  Decided out = evaluate(logged, policy::SystemActor{}, *init, {}, prepared_for(*init, recorded));
  out.expires = joint->ordered.sent.expires;
  return out;
}

// A credential of the reader's organisation under which rule 1 holds; the one that was used is not in the log.
std::optional<policy::StaffActor> Replay::credentials(const audit::ActPart& act, UtcTime now) {
  policy::StaffActor actor;
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
  return std::nullopt;
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

std::optional<Replay::Decided> Replay::decide_own_reading(const LoggedAct& logged) {
  const OpenedEntry* entry = first_opened(logged);
  if (!entry) return std::nullopt;
  const audit::PersonPart& about = *entry->about;
  const policy::OpenOwnDocument act{ReadingId(about.subject.value()), about.document};
  for (const policy::Fingerprint& key : state_.keys_of(about.actor)) {
    const policy::PersonActor actor{about.actor, key};
    if (policy::person_may_act(state_, actor) == policy::Reason::none) return evaluate(logged, actor, act);
  }
  findings_.at(logged.first, "an own document was opened without a key that could");
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
  return evaluate(logged, policy::SystemActor{}, policy::ExpireDue{});
}

std::optional<Replay::Decided> Replay::decide_crl(const LoggedAct& logged, const Recorded& recorded) {
  const auto* issuer = first_put<policy::Issuer>(recorded.puts);
  if (!issuer) return std::nullopt;
  return evaluate(logged, policy::SystemActor{},
                  policy::ApplyCrl{issuer->fingerprint, issuer->crl_number, issuer->crl_hash, issuer->crl_next_update,
                                   issuer->revoked});
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

namespace {

// SPEC LVR-12: what is taken back comes back by no other act than these.
std::string_view wrong_change(const policy::Row& before, const policy::Row& after, ActKind kind) {
  const bool approved = kind == ActKind::approve;
  return std::visit(
      [&]<class T>(const T& was) -> std::string_view {
        const T& is = std::get<T>(after);
        if constexpr (std::is_same_v<T, policy::Fullmakt>) {
          using enum policy::FullmaktStatus;
          const bool over = was.status == revoked || was.status == superseded || was.status == relinquished;
          if (over && is.status != was.status) return "a fullmakt that was taken back comes back";
          const bool opens = is.status == active && was.status != active;
          if (opens && (was.status != paused || kind != ActKind::resume_fullmakt)) return "a fullmakt opens again";
        }
        if constexpr (std::is_same_v<T, policy::Sparr>) {
          if (was.in_force && !is.in_force && kind != ActKind::lift_sparr) return "a Sparr is lifted by another act";
          const bool same = was.person == is.person && to_text(to_json(was.terms)) == to_text(to_json(is.terms));
          if (!same) return "a Sparr is another one than before";
        }
        if constexpr (std::is_same_v<T, policy::DeviceKey>) {
          using enum policy::DeviceKeyStatus;
          if (is.status == active && was.status != active && kind != ActKind::confirm_key)
            return "a key comes into use";
          if (was.status == removed && is.status == proposed && kind != ActKind::propose_key) return "a key comes back";
        }
        if constexpr (std::is_same_v<T, policy::Document>) {
          if (was.status == policy::DocumentStatus::erased && is.status != was.status)
            return "an erased document returns";
        }
        if constexpr (std::is_same_v<T, policy::Issuer>) {
          const bool shrinks = is.crl_number < was.crl_number || !std::ranges::includes(is.revoked, was.revoked);
          if (shrinks) return "a revocation list goes back";
        }
        if constexpr (requires { was.standing; }) {
          using enum policy::Standing;
          if (was.standing == removed && is.standing != removed) return "what was removed comes back";
          if (was.standing == suspended && is.standing == active && !approved) return "what was suspended comes back";
        }
        return {};
      },
      before);
}

}  // namespace

void Replay::check_transitions(const LoggedAct& logged, const Recorded& recorded) {
  for (const policy::Row& row : recorded.puts) {
    const std::optional<policy::Row> before = state_.row(policy::row_id(row));
    if (!before) continue;
    if (const std::string_view wrong = wrong_change(*before, row, logged.act.kind); !wrong.empty()) {
      findings_.at(logged.first, std::string(wrong));
    }
  }
}

namespace {

bool begins_at(const policy::Instance& instance, UtcTime time) {
  return instance.since == std::chrono::floor<std::chrono::seconds>(time);
}

std::set<AdministratorId> active_among(const std::vector<policy::Administrator>& administrators) {
  std::set<AdministratorId> out;
  for (const policy::Administrator& one : administrators) {
    if (one.standing == policy::Standing::active) out.insert(one.id);
  }
  return out;
}

}  // namespace

// SPEC LVR-13
void Replay::check_restore(const LoggedAct& logged, const Recorded& recorded) {
  is_restored_ = true;
  for (const auto& [id, stored] : image_.rows) {  // what its records do not hold
    const auto* receipt = std::get_if<policy::Receipt>(&stored.row);
    if (receipt && receipt->entry == 0) put(stored.row, 0);
    if (const auto* key = std::get_if<policy::KeyRow>(&stored.row)) {
      const bool is_old = stored.version == 0;
      put(is_old ? policy::Row(*key) : policy::Row(key_row(key->id, static_cast<crypto::KeyLevel>(key->level))), 0);
    }
  }
  if (recorded.is_closed && !has_erased_people_) return;  // said elsewhere
  std::vector<policy::Administrator> administrators;
  for (const policy::Row& row : recorded.puts) {
    if (const auto* one = std::get_if<policy::Administrator>(&row)) administrators.push_back(*one);
  }
  const auto* instance = first_put<policy::Instance>(recorded.puts);
  if (!recorded.evidence || !instance) return findings_.at(logged.first, "the restore does not say what it restores");
  const auto joint = read_joint_evidence(administrators, logged.act.act, *recorded.evidence);
  if (!joint) return findings_.at(logged.first, joint.error().message);
  const auto* act = std::get_if<policy::Restore>(&joint->ordered.act);
  const bool is_said = act && instance->restored_from == act->old_head && instance->origin == act->origin &&
                       instance->epoch > 0 && joint->signers.size() >= 2 && begins_at(*instance, logged.time) &&
                       active_among(administrators) == act->administrators;
  if (!is_said) findings_.at(logged.first, "the restore is not what two administrators signed");
}

// The keys that a row names, of an act that cannot be decided again.
void Replay::bring_keys(const policy::Row& row, std::uint64_t version) {
  auto bring = [&](const KeyId& id, crypto::KeyLevel level) {
    if (!state_.find<policy::KeyRow>(id)) put(key_row(id, level), version);
  };
  if (const auto* person = std::get_if<policy::Person>(&row)) {
    bring(person->key_id, crypto::KeyLevel::person);
    bring(person->log_key_id, crypto::KeyLevel::person_log);
  }
  if (const auto* flik = std::get_if<policy::Flik>(&row)) bring(flik->key_id, crypto::KeyLevel::flik);
  if (const auto* document = std::get_if<policy::Document>(&row)) {
    bring(document->key_id, crypto::KeyLevel::document);
  }
}

void Replay::put(const policy::Row& row, std::uint64_t version) {
  kept_[policy::row_id(row)] = {version, to_text(policy::row_body(row))};
  state_.put(row);
}

void Replay::erase(const policy::RowId& id) {
  state_.erase(id);
  kept_.erase(id);
}

void Replay::keep_receipt(const LoggedAct& logged, const Recorded& recorded, UtcTime expires) {
  json::value answer =
      json::object{{"time", to_json(logged.time)}, {"reason", to_json(static_cast<policy::Reason>(logged.act.reason))}};
  put(policy::Receipt{receipt_actor(*recorded.actor), logged.act.act, crypto::sha256(*recorded.evidence), logged.first,
                      is_permitted(logged), std::move(answer), expires},
      logged.first);
}

void Replay::carry_out(const LoggedAct& logged, const Recorded& recorded, const std::optional<Decided>& decided) {
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
  if (decided && decided->expires && recorded.evidence) keep_receipt(logged, recorded, *decided->expires);
  const OpenedEntry* entry = first_opened(logged);
  const bool is_unsure = logged.act.kind == ActKind::open_reading && is_permitted(logged) && !decided && entry;
  if (!is_unsure) return;
  const policy::Document* document = state_.find<policy::Document>(entry->about->document);
  if (!document) return;
  policy::Reading reading;
  reading.id = ReadingId(entry->about->subject.value());
  reading.document = document->id;
  reading.person = document->person;
  unsure_.insert(policy::row_id(reading));
  put(reading, logged.first);
}

// SPEC LVR-14
void Replay::compare(std::optional<std::uint64_t> closed) {
  for (const auto& [id, stored] : image_.rows) compare_stored(id, stored);
  for (const auto& [id, kept] : kept_) {
    if (image_.rows.contains(id)) continue;
    findings_.add(named(id) + ": entry " + std::to_string(kept.version) + " put it there, and it is missing");
  }
  check_people(closed);
}

void Replay::compare_stored(const policy::RowId& id, const StoredRow& stored) {
  if (const auto* key = std::get_if<policy::KeyRow>(&stored.row)) return compare_key(*key, stored.version);
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
  if (where_ == VerifiedRows::live) check_wrap(row);
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
  for (const auto& [id, stored] : image_.rows) {
    const auto* key = std::get_if<policy::KeyRow>(&stored.row);
    const bool is_persons = key && key->level == static_cast<std::uint8_t>(crypto::KeyLevel::person);
    if (!is_persons || key->status != policy::KeyStatus::shredded) continue;
    const bool at_restore = is_restored_ && stored.version == 0;
    if (!at_restore && !approvals_.contains(stored.version)) {
      findings_.add("a person's key was destroyed, and no two administrators ordered it");
    }
  }
  if (closed && (!has_erased_people_ || *closed > last_erasure_)) {
    findings_.at(*closed, "no key opens its act record, though nobody was erased after it");
  }
}

}  // namespace flikvakt::service
