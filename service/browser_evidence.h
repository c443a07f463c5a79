// What an act that came by browser leaves as its evidence: the order, and what proves its user; or the session that it
// was sent in, with what opened that. Made at the door (browser_session.h), verified there and again by the verifier of
// the log, with keys and issuers as they stood. Form: spec/browser-session.md. Pure; thread-safe.
#pragma once

#include "policy/state.h"
#include "service/id_token_claims.h"
#include "service/key_ring.h"
#include "service/sent_act.h"

namespace flikvakt::service {

class Directory;

// A passkey's answer; whose, says the actor.
struct PasskeyProof {
  static constexpr std::string_view kKind = "passkey";
  Bytes authenticator_data;
  Bytes client_data;
  Bytes signature;
};
BOOST_DESCRIBE_STRUCT(PasskeyProof, (), (authenticator_data, client_data, signature))

struct TokenProof {
  static constexpr std::string_view kKind = "id_token";
  std::string issuer;  // its code
  std::string token;
};
BOOST_DESCRIBE_STRUCT(TokenProof, (), (issuer, token))

using Proof = std::variant<PasskeyProof, TokenProof>;

struct SessionProof {
  SessionId id;
  UtcTime opened;
  Proof proof;  // its challenge or nonce is session_challenge(…)
};
BOOST_DESCRIBE_STRUCT(SessionProof, (), (id, opened, proof))

// Exactly one of the two: a proof over this very order, or a session.
struct BrowserEvidence {
  json::value order;  // a SentAct
  std::optional<Proof> proof = {};
  std::optional<SessionProof> session = {};
};
BOOST_DESCRIBE_STRUCT(BrowserEvidence, (), (order, proof, session))

std::string to_evidence(const BrowserEvidence& evidence);            // canonical JSON
Result<BrowserEvidence> parse_browser_evidence(BytesView evidence);  // malformed
inline bool is_browser_evidence(BytesView evidence) { return as_text(evidence).starts_with(R"({"order":)"); }

crypto::Hash256 order_challenge(const json::value& order);
crypto::Hash256 session_challenge(const std::string& audience, const SessionId& id, UtcTime opened);

// An e-ID as a credential: the same number at the same issuer is the same one.
policy::Fingerprint e_id_thumbprint(const std::string& issuer, const policy::BlindIndex& person);

inline constexpr std::chrono::minutes kLongestPersonSession{60};
inline constexpr std::chrono::hours kLongestStaffSession{10};
std::chrono::minutes longest_session(const policy::Actor& actor);

// Where keys and issuers are looked up: the state as it stood, or the directory.
struct CredentialSource {
  std::string audience;  // the instance's name
  std::function<std::optional<policy::DeviceKey>(const policy::Fingerprint&)> device_key;
  std::function<std::optional<policy::StaffKey>(const policy::Fingerprint&)> staff_key;
  std::function<std::optional<policy::OidcIssuer>(const std::string&)> issuer;
};
CredentialSource credentials_in(const policy::State& state);  // which must outlive it
CredentialSource credentials_in(const Directory& directory);  // likewise

// When and where the proof is looked at.
struct ProofContext {
  crypto::Hash256 challenge{};
  UtcTime began;
  std::optional<UtcTime> now = {};  // at the door
  std::string origin = {};          // at the door: the portal's
  bool signs = false;
};

// The proof is of this actor's credential, for this challenge. The sign count, of a passkey. denied, malformed,
// invalid.
Result<std::optional<std::uint32_t>> verify_proof(const Proof& proof, const policy::Actor& actor,
                                                  const CredentialSource& source, const KeyRing& keys,
                                                  const ProofContext& context);

// SPEC BS-20: for the verifier of the log. `act`: what is ordered; `time`: of the entry, none when it does not matter
// (what narrows, what was refused).
Result<void> verify_browser_evidence(const BrowserEvidence& evidence, const policy::Actor& actor,
                                     const policy::Act& act, const CredentialSource& source, const KeyRing& keys,
                                     std::optional<UtcTime> time);

}  // namespace flikvakt::service
