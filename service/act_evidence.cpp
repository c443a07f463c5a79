#include "service/act_evidence.h"

#include "base/overloaded.h"
#include "crypto/canonical_json.h"
#include "crypto/jws.h"
#include "service/browser_evidence.h"
#include "service/handles.h"
#include "service/staff_assertion.h"

namespace flikvakt::service {
namespace {

Error invalid(std::string what) { return fail(ErrorCode::invalid, "the evidence: " + std::move(what)); }

Result<Bytes> payload_of(BytesView evidence, const policy::Fingerprint& thumbprint, const json::value& jwk,
                         std::string_view typ) {
  const crypto::ParsedJws jws = TRY(crypto::parse_jws(as_text(evidence)));
  const crypto::PublicKey key = TRY(crypto::PublicKey::from_jwk(jwk));
  if (key.thumbprint() != thumbprint || jws.kid() != kid_of(thumbprint)) return invalid("it names another key");
  Bytes payload = TRY(crypto::verify_jws(jws, key, typ));
  if (!crypto::is_canonical(as_text(payload))) return invalid("what was signed is not canonical");
  return payload;
}

// Who holds the key: the person, or the representative whom the record names.
std::optional<PersonId> key_holder(const policy::State& state, const policy::PersonActor& actor) {
  if (!actor.representative) return actor.person;
  const auto* found = state.find<policy::Representative>(*actor.representative);
  return found && found->person == actor.person ? std::optional(found->representative) : std::nullopt;
}

// The device key, or the administrator's, as it stood then.
Result<Bytes> verified_payload(const policy::State& state, const policy::Actor& actor, BytesView evidence) {
  return std::visit(
      Overloaded{
          [&](const policy::PersonActor& person) -> Result<Bytes> {
            const policy::DeviceKey* key = state.find<policy::DeviceKey>(person.key);
            if (!key || key->person != key_holder(state, person)) return invalid("the key was not the person's");
            // SPEC WA-18, BS-24
            const bool signs = policy::kind_of(*key) == policy::DeviceKeyKind::device && !person.sign_count;
            if (!signs) return invalid("a key of another kind signs no such text");
            return payload_of(evidence, key->thumbprint, key->jwk, kPersonActJws);
          },
          [&](const policy::AdministratorActor& actor_) -> Result<Bytes> {
            const auto* administrator = state.find<policy::Administrator>(actor_.administrator);
            if (!administrator) return invalid("there was no such administrator");
            return payload_of(evidence, administrator->thumbprint, administrator->jwk, kAdministratorActJws);
          },
          [&](const policy::StaffActor&) -> Result<Bytes> { return to_bytes(evidence); },
          [&](const policy::SystemActor&) -> Result<Bytes> { return invalid("the gateway itself orders nothing"); },
      },
      actor);
}

// Whose handles the act uses; the förbund's own have the organisation id of zeros.
OrganisationId namespace_of(const policy::Actor& actor) {
  const auto* staff = std::get_if<policy::StaffActor>(&actor);
  return staff ? staff->organisation : OrganisationId();
}

Result<void> resolve(const KeyRing& keys, const OrganisationId& organisation, json::value& handle) {
  if (!handle.is_string()) return fail(ErrorCode::malformed, "expected a handle");
  handle = to_json(TRY(resolve_handle(keys, organisation, handle.get_string())));
  return {};
}

Result<void> resolve_people(const KeyRing& keys, const OrganisationId& organisation, json::object& act) {
  if (json::value* person = act.if_contains("person"); person && !person->is_null())
    TRY_VOID(resolve(keys, organisation, *person));
  if (json::value* other = act.if_contains("representative"); other && !other->is_null())
    TRY_VOID(resolve(keys, organisation, *other));
  if (json::value* others = act.if_contains("other_subjects"); others && others->is_array()) {
    for (json::value& other : others->get_array()) TRY_VOID(resolve(keys, organisation, other));
  }
  return {};
}

Result<policy::Act> understood(const KeyRing& keys, const OrganisationId& organisation, json::value act) {
  json::object* object = act.if_object();
  if (!object) return fail(ErrorCode::malformed, "expected an act");
  TRY_VOID(resolve_people(keys, organisation, *object));
  json::value* approved = object->if_contains("act");
  if (approved && approved->is_object()) TRY_VOID(resolve_people(keys, organisation, approved->get_object()));
  return policy::parse_act(act);
}

constexpr std::chrono::minutes kClockSkew{2};
constexpr std::chrono::minutes kBetweenDoorAndLog{15};  // a queue, a disk that stalls

std::optional<Directory::AssertionKey> key_as_it_stood(const policy::State& state, const policy::Fingerprint& key) {
  const auto* found = state.find<policy::AssertionKey>(key);
  const Result<crypto::PublicKey> parsed = crypto::PublicKey::from_jwk(found ? found->jwk : json::value());
  if (!found || !parsed || parsed->thumbprint() != key) return std::nullopt;
  return Directory::AssertionKey{found->organisation, crypto::Verifier(*parsed)};
}

// Without `time` not its life: what narrows access in clock doubt carries the log's time, not that of the day.
Result<void> check_assertion(const policy::State& state, const policy::StaffActor& staff, const std::string& assertion,
                             const std::optional<UtcTime>& time) {
  if (assertion.empty()) return invalid("no organisation vouches for who ordered it");
  const std::chrono::seconds whatever = std::chrono::days(36'500);
  AssertionContext context{
      state.instance().name,    staff.organisation,           staff.certificate,
      time.value_or(UtcTime{}), time ? kClockSkew : whatever, time ? kBetweenDoorAndLog : whatever};
  const auto find = [&](const policy::Fingerprint& key) { return key_as_it_stood(state, key); };
  const VerifiedAssertion verified = TRY(verify_staff_assertion(assertion, find, context));
  const bool same = verified.actor.staff == staff.staff && verified.actor.assertion_key == staff.assertion_key;
  return same ? Result<void>() : invalid("its organisation vouches for somebody else");
}

// A person's or staff member's by browser; nullopt: it came another way. SPEC BS-24
std::optional<Result<BrowserEvidence>> by_browser(const policy::State& state, const policy::Actor& actor,
                                                  BytesView evidence) {
  const auto* staff = std::get_if<policy::StaffActor>(&actor);
  const auto* person = std::get_if<policy::PersonActor>(&actor);
  if (staff ? !staff->is_by_browser() : !person || !is_browser_evidence(evidence)) return std::nullopt;
  if (!person) return parse_browser_evidence(evidence);
  const policy::DeviceKey* key = state.find<policy::DeviceKey>(person->key);
  if (!key) return parse_browser_evidence(evidence);  // as an e-ID is enrolled: the proof itself says whose it is
  if (key->person != key_holder(state, *person))
    return Result<BrowserEvidence>(invalid("the key was not the person's"));
  const bool signs_itself = policy::kind_of(*key) == policy::DeviceKeyKind::device;
  if (signs_itself) return Result<BrowserEvidence>(invalid("a device key signs each act itself"));
  return parse_browser_evidence(evidence);
}

// What was ordered, as its evidence has it: of who signs or is vouched for, verified already.
Result<json::value> order_in(const policy::State& state, const policy::Actor& actor, BytesView evidence,
                             std::optional<BrowserEvidence>& browser) {
  if (std::optional<Result<BrowserEvidence>> found = by_browser(state, actor, evidence)) {
    browser = TRY(*found);
    return browser->order;
  }
  const Bytes payload = TRY(verified_payload(state, actor, evidence));
  return parse_json(as_text(payload));
}

Result<void> check_envelope(const SentAct& sent, const ActId& act, const std::string& audience) {
  if (sent.id != act) return invalid("it is of another act id");
  if (sent.audience != audience) return invalid("it was addressed to another gateway");
  if (sent.expires <= sent.issued) return invalid("it was never valid");
  return {};
}

}  // namespace

Result<OrderedAct> read_evidence(const KeyRing& keys, const policy::State& state, const policy::Actor& actor,
                                 const ActId& act, const Evidence& evidence, std::optional<UtcTime> time) {
  std::optional<BrowserEvidence> browser;
  const json::value order = TRY(order_in(state, actor, evidence.bytes, browser));
  SentAct sent = TRY(from_json<SentAct>(order));
  TRY_VOID(check_envelope(sent, act, state.instance().name));
  const auto* person = std::get_if<policy::PersonActor>(&actor);
  if (sent.representative != (person ? person->representative : std::nullopt))
    return invalid("it was ordered as another representative, or none");
  policy::Act ordered = TRY(understood(keys, namespace_of(actor), sent.act));
  // SPEC LVR-17
  const bool narrows = policy::direction_of(ordered) == policy::Direction::narrowing;
  if (!narrows && sent.issued < state.instance().since) return invalid("it was issued before this log began");
  if (browser) {
    TRY_VOID(verify_browser_evidence(*browser, actor, ordered, credentials_in(state), keys, time));
    return OrderedAct{std::move(sent), std::move(ordered)};
  }
  const auto* staff = std::get_if<policy::StaffActor>(&actor);
  if (staff && time) TRY_VOID(check_assertion(state, *staff, evidence.assertion, narrows ? std::nullopt : time));
  return OrderedAct{std::move(sent), std::move(ordered)};
}

std::optional<SentAct> order_said_in(const Evidence& evidence) {
  const std::string_view text = as_text(evidence.bytes);
  Bytes payload = evidence.bytes;
  if (!text.starts_with('{')) {  // a JWS: header "." payload "." signature
    const std::size_t begin = text.find('.') + 1;
    const Result<Bytes> decoded = from_base64url(text.substr(begin, text.find('.', begin) - begin));
    if (!decoded) return std::nullopt;
    payload = *decoded;
  }
  Result<json::value> said = parse_json(as_text(payload));
  const json::value* order = said && said->is_object() ? said->get_object().if_contains("order") : nullptr;
  if (order) said = json::value(*order);  // by browser
  const Result<SentAct> sent = said ? from_json<SentAct>(*said) : Result<SentAct>(said.error());
  return sent ? std::optional(*sent) : std::nullopt;
}

std::optional<UtcTime> carried_out_until_said_in(const Evidence& evidence) {
  const std::optional<SentAct> sent = order_said_in(evidence);
  return sent ? std::optional(carried_out_until(*sent)) : std::nullopt;
}

Result<JointlyOrdered> read_joint_evidence(std::span<const policy::Administrator> administrators, const ActId& act,
                                           BytesView evidence) {
  const auto joint = TRY(from_json<JointAct>(TRY(parse_json(as_text(evidence)))));
  if (joint.act.id != act) return invalid("it is of another act id");
  std::set<AdministratorId> signers = TRY(signers_of(joint, administrators));
  policy::Act ordered = TRY(policy::parse_act(joint.act.act));
  return JointlyOrdered{{joint.act, std::move(ordered)}, std::move(signers)};
}

}  // namespace flikvakt::service
