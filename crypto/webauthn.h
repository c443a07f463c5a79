// Passkeys: what an authenticator and a browser made of a challenge, verified (W3C Web Authentication Level 2, sections
// 7.1 and 7.2; Level 3 adds nothing that we take). User presence and verification are always required, attestation is
// never relied on, and what ran in a frame of another site is refused. Pure; thread-safe. spec/webauthn.md
#pragma once

#include "crypto/hash.h"
#include "crypto/web_key.h"

namespace flikvakt::crypto {

// What both ceremonies were begun with.
struct PasskeyContext {
  std::string rp_id;  // "portal.example"
  // "https://portal.example", exactly. Empty, for the verifier of a log: any https origin whose host is `rp_id` or
  // below.
  std::string origin;
  Hash256 challenge{};
};

// What navigator.credentials.create() gave.
struct PasskeyRegistration {
  Bytes client_data;         // JSON, as the browser made it
  Bytes attestation_object;  // CBOR
};

struct RegisteredPasskey {
  Bytes credential_id;
  WebKey key;
  std::uint32_t sign_count = 0;
  bool is_backed_up = false;  // it may be on other devices too
};

// malformed, invalid.
Result<RegisteredPasskey> verify_registration(const PasskeyRegistration& made, const PasskeyContext& context);

// What navigator.credentials.get() gave. `credential_id` says which key to try; no signature covers it.
struct PasskeyAssertion {
  Bytes credential_id;
  Bytes client_data;
  Bytes authenticator_data;
  Bytes signature;
};

struct VerifiedPasskey {
  std::uint32_t sign_count = 0;  // whether it grew is for the caller to see
  bool is_backed_up = false;
};

// malformed, invalid; denied: the signature is not of this key.
Result<VerifiedPasskey> verify_assertion(const PasskeyAssertion& made, const WebKey& key,
                                         const PasskeyContext& context);

// Is the origin an https one whose host is `rp_id` or below it? Of "localhost", http too: browsers take it for secure.
bool is_origin_of(std::string_view origin, std::string_view rp_id);

// ---- For tests and fuzzing: the parts by themselves.

struct AuthenticatorData {
  Hash256 rp_id_hash{};
  std::uint8_t flags = 0;
  std::uint32_t sign_count = 0;
  std::optional<Bytes> credential_id;  // with the key, when one was made
  std::optional<WebKey> key;

  static constexpr std::uint8_t kUserPresent = 0x01, kUserVerified = 0x04, kBackupEligible = 0x08, kBackedUp = 0x10,
                                kHasCredential = 0x40, kHasExtensions = 0x80;
  bool has(std::uint8_t flag) const { return (flags & flag) != 0; }
};
Result<AuthenticatorData> parse_authenticator_data(BytesView bytes);

struct ClientData {
  std::string type;
  Bytes challenge;
  std::string origin;
};
Result<ClientData> parse_client_data(BytesView json);

}  // namespace flikvakt::crypto
