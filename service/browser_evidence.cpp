#include "service/browser_evidence.h"

#include "base/overloaded.h"
#include "crypto/canonical_json.h"
#include "crypto/webauthn.h"
#include "service/directory.h"

namespace flikvakt::service {
namespace {

constexpr std::chrono::minutes kBetweenDoorAndLog{15};  // a queue, a disk that stalls
constexpr std::string_view kEidLabel = "flikvakt/v1/e-id";

Error denied(std::string_view why) { return fail(ErrorCode::denied, "by browser: " + std::string(why)); }
Error invalid(std::string_view why) { return fail(ErrorCode::invalid, "by browser: " + std::string(why)); }

struct Opening {  // what a session's challenge is the hash of
  std::string audience;
  UtcTime opened;
  std::string purpose = "flikvakt-session";
  SessionId session;
};
BOOST_DESCRIBE_STRUCT(Opening, (), (audience, opened, purpose, session))

// What a passkey is checked with: the public key as it is registered, and for which portal.
struct RegisteredKey {
  json::value jwk;
  std::string rp_id;
  policy::Fingerprint thumbprint;
};

Result<RegisteredKey> key_of(const policy::Actor& actor, const CredentialSource& source) {
  if (const auto* person = std::get_if<policy::PersonActor>(&actor)) {
    const std::optional<policy::DeviceKey> key = source.device_key(person->key);
    if (key && key->passkey) return RegisteredKey{key->jwk, key->passkey->rp_id, person->key};
  }
  if (const auto* staff = std::get_if<policy::StaffActor>(&actor); staff && staff->passkey) {
    const std::optional<policy::StaffKey> key = source.staff_key(*staff->passkey);
    const bool is_theirs = key && key->staff == staff->staff && key->organisation == staff->organisation;
    if (is_theirs) return RegisteredKey{key->jwk, key->passkey.rp_id, *staff->passkey};
  }
  return denied("there was no such passkey of theirs");
}

Result<std::optional<std::uint32_t>> verify_passkey(const PasskeyProof& proof, const policy::Actor& actor,
                                                    const CredentialSource& source, const ProofContext& context) {
  const RegisteredKey registered = TRY(key_of(actor, source));
  const crypto::WebKey key = TRY(crypto::WebKey::from_jwk(registered.jwk));
  if (key.thumbprint() != registered.thumbprint) return denied("its key is not the one that it is registered under");
  const crypto::PasskeyAssertion answer{{}, proof.client_data, proof.authenticator_data, proof.signature};
  const crypto::VerifiedPasskey verified =
      TRY(crypto::verify_assertion(answer, key, {registered.rp_id, context.origin, context.challenge}));
  return std::optional(verified.sign_count);
}

// SPEC EID-7: the number of the token, or the one before, makes the credential that acts.
bool is_credential_of(const policy::Fingerprint& key, const std::string& issuer, const IdTokenClaims& claims,
                      const KeyRing& keys) {
  const auto makes = [&](const std::optional<std::string>& number) {
    return number && e_id_thumbprint(issuer, keys.blind_index(*number)) == key;
  };
  return makes(claims.number) || makes(claims.previous_number);
}

Result<std::optional<std::uint32_t>> verify_token(const TokenProof& proof, const policy::Actor& actor,
                                                  const CredentialSource& source, const KeyRing& keys,
                                                  const ProofContext& context) {
  const std::optional<policy::OidcIssuer> issuer = source.issuer(proof.issuer);
  if (!issuer) return denied("there was no such issuer");
  const TokenContext when{context.challenge, context.began, context.now, context.signs};
  const IdTokenClaims claims = TRY(verify_id_token(proof.token, *issuer, when));
  if (const auto* person = std::get_if<policy::PersonActor>(&actor)) {
    const bool is_theirs = !issuer->organisation && is_credential_of(person->key, proof.issuer, claims, keys);
    if (is_theirs) return std::optional<std::uint32_t>();
  }
  if (const auto* staff = std::get_if<policy::StaffActor>(&actor); staff && staff->token) {
    const bool is_theirs = issuer->organisation == staff->organisation && staff->token->issuer == proof.issuer &&
                           claims.staff == staff->token->subject;
    if (is_theirs) return std::optional<std::uint32_t>();
  }
  return denied("the issuer vouches for somebody else");
}

std::optional<std::uint32_t> count_of(const policy::Actor& actor) {
  const auto* person = std::get_if<policy::PersonActor>(&actor);
  return person ? person->sign_count : std::nullopt;
}

// SPEC BS-21, BS-22, BS-23
Result<void> verify_session(const SessionProof& session, const SentAct& sent, const policy::Actor& actor,
                            const policy::Act& act, const CredentialSource& source, const KeyRing& keys,
                            std::optional<UtcTime> time) {
  const bool enrols = holds_alternative<policy::EnrolEid>(act) && std::holds_alternative<TokenProof>(session.proof);
  if (policy::needs_fresh_verification(act) && !enrols) return invalid("a session is not enough for it");
  if (count_of(actor)) return invalid("a session counts no signatures");
  const std::chrono::milliseconds longest = enrols ? kCeremonyLife + kLongestTokenAge : longest_session(actor);
  const bool is_within = sent.issued >= session.opened - kTokenSkew && sent.issued <= session.opened + longest;
  if (!is_within) return invalid("it was not sent while the session lasted");
  const bool narrows = policy::direction_of(act) == policy::Direction::narrowing;
  const bool is_late = time && !narrows && *time > session.opened + longest + kBetweenDoorAndLog;
  if (is_late || (time && !narrows && *time < session.opened - kTokenSkew))
    return invalid("it was not done while the session lasted");
  const ProofContext context{session_challenge(source.audience, session.id, session.opened), session.opened};
  TRY(verify_proof(session.proof, actor, source, keys, context));
  return {};
}

}  // namespace

std::string to_evidence(const BrowserEvidence& evidence) { return crypto::canonical(to_json(evidence)); }

Result<BrowserEvidence> parse_browser_evidence(BytesView evidence) {
  if (!crypto::is_canonical(as_text(evidence))) return fail(ErrorCode::malformed, "by browser: it is not canonical");
  BrowserEvidence out = TRY(parse_as<BrowserEvidence>(as_text(evidence)));
  const bool is_one = out.proof.has_value() != out.session.has_value();
  return is_one ? Result<BrowserEvidence>(std::move(out))
                : fail(ErrorCode::malformed, "by browser: neither a proof nor a session, or both");
}

crypto::Hash256 order_challenge(const json::value& order) { return crypto::sha256(as_bytes(crypto::canonical(order))); }

crypto::Hash256 session_challenge(const std::string& audience, const SessionId& id, UtcTime opened) {
  Opening opening;
  opening.audience = audience;
  opening.opened = opened;
  opening.session = id;
  return crypto::sha256(as_bytes(crypto::canonical(to_json(opening))));
}

policy::Fingerprint e_id_thumbprint(const std::string& issuer, const policy::BlindIndex& person) {
  return crypto::sha256(as_bytes(kEidLabel), as_bytes("\n"), as_bytes(issuer), as_bytes("\n"), person);
}

std::chrono::minutes longest_session(const policy::Actor& actor) {
  const bool is_staff = std::holds_alternative<policy::StaffActor>(actor);
  return is_staff ? std::chrono::minutes(kLongestStaffSession) : kLongestPersonSession;
}

CredentialSource credentials_in(const policy::State& state) {
  const auto found = [](const auto* row) { return row ? std::optional(*row) : std::nullopt; };
  return {state.instance().name,
          [&state, found](const policy::Fingerprint& key) { return found(state.find<policy::DeviceKey>(key)); },
          [&state, found](const policy::Fingerprint& key) { return found(state.find<policy::StaffKey>(key)); },
          [&state, found](const std::string& code) { return found(state.find<policy::OidcIssuer>(code)); }};
}

CredentialSource credentials_in(const Directory& directory) {
  return {directory.instance().name, [&directory](const policy::Fingerprint& key) { return directory.person_key(key); },
          [&directory](const policy::Fingerprint& key) { return directory.staff_key(key); },
          [&directory](const std::string& code) { return directory.oidc_issuer(code); }};
}

Result<std::optional<std::uint32_t>> verify_proof(const Proof& proof, const policy::Actor& actor,
                                                  const CredentialSource& source, const KeyRing& keys,
                                                  const ProofContext& context) {
  return std::visit(Overloaded{
                        [&](const PasskeyProof& one) { return verify_passkey(one, actor, source, context); },
                        [&](const TokenProof& one) { return verify_token(one, actor, source, keys, context); },
                    },
                    proof);
}

Result<void> verify_browser_evidence(const BrowserEvidence& evidence, const policy::Actor& actor,
                                     const policy::Act& act, const CredentialSource& source, const KeyRing& keys,
                                     std::optional<UtcTime> time) {
  const SentAct sent = TRY(from_json<SentAct>(evidence.order));
  if (evidence.session) return verify_session(*evidence.session, sent, actor, act, source, keys, time);
  if (!evidence.proof) return invalid("nothing proves it");
  // An e-ID is entered by the opening of a session alone: no other order can name a number that is not known yet.
  if (holds_alternative<policy::EnrolEid>(act)) return invalid("an e-ID is enrolled as a session opens");
  ProofContext context{order_challenge(evidence.order), sent.issued};
  context.signs = true;
  const std::optional<std::uint32_t> count = TRY(verify_proof(*evidence.proof, actor, source, keys, context));
  // Of staff no count is kept in a row (SPEC WA-16).
  const bool is_person = std::holds_alternative<policy::PersonActor>(actor);
  if (is_person && count != count_of(actor)) return invalid("another count than the actor's");
  return {};
}

}  // namespace flikvakt::service
