// A request of a connector and its answer, sealed end to end: what lies between the two, a proxy that opens TLS above
// all, sees bytes, sizes and times. HPKE to the gateway's key, signed inside by the connector's; each answer is under a
// key of its own that only these two can derive. spec/end-to-end.md. All functions are thread-safe.
//
// NOT covered: forward secrecy towards the gateway's key (it is replaced: E2E-6); sizes and times; order and
// repetition, which the session's numbers are for (gateway/sealed_sessions.h).
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/ids.h"
#include "crypto/hpke.h"
#include "crypto/sign.h"

namespace flikvakt::crypto {

inline constexpr std::size_t kMaxSealedBody = 1024 * 1024 + 16 * 1024;  // of what is asked or answered
inline constexpr std::size_t kMaxSealedHead = 16 * 1024;
inline constexpr std::size_t kMaxSealedMessage = kMaxSealedBody + kMaxSealedHead + 1024;

using SealKeyId = ByteArray<8>;  // the first bytes of SHA-256 of the public key
SealKeyId seal_key_id(const hpke::PublicKey& key);

// What is asked, as HTTP has it.
struct SealedHead {
  std::string session;  // base64url of 32 bytes; empty: none yet
  std::uint64_t number = 0;
  std::string method;
  std::string target;                          // "/v1/…"
  std::map<std::string, std::string> headers;  // lower-case names
};
struct AnswerHead {
  std::uint64_t status = 0;
  std::map<std::string, std::string> headers;
};

// What answers are sealed with: made on both sides from the request. The same bytes may be answered more than once
// (whoever carries them may deliver them again): each time under a key and nonce of its own.
class AnswerKey {
public:
  AnswerKey(Secret<32> secret, const hpke::PublicKey& enc, ByteArray<32> request)
      : secret_(std::make_shared<Secret<32>>(std::move(secret))), enc_(enc), request_(request) {}
  Bytes seal(const AnswerHead& head, BytesView body) const;
  struct Answer {
    AnswerHead head;
    Bytes body;
  };
  // malformed: no sealed answer at all (a proxy's page, say); corrupt: not from the gateway that can open the request.
  Result<Answer> open(BytesView message) const;

private:
  std::shared_ptr<const Secret<32>> secret_;  // copies share it
  hpke::PublicKey enc_;
  ByteArray<32> request_;
};

struct SealedRequest {
  Bytes message;
  AnswerKey answer;
};
Result<SealedRequest> seal_request(const hpke::PublicKey& gateway, const ConnectorId& connector, const SigningKey& key,
                                   const SealedHead& head, BytesView body);

// One that was opened, and whose signature is still to be verified: what it says is nobody's word before.
class OpenedRequest {
public:
  const ConnectorId& connector() const { return connector_; }
  // denied: another key signed it.
  struct Verified {
    SealedHead head;
    Bytes body;
  };
  Result<Verified> verify(const Verifier& key) &&;
  // What it says, and whoever it was says it: enrolment, where the key that signed is inside. To be verified with it.
  using Claim = Verified;
  Result<Claim> claim() const;
  const AnswerKey& answer() const { return answer_; }

private:
  friend Result<OpenedRequest> open_request(BytesView message, const hpke::RecipientKey& gateway);
  OpenedRequest(ConnectorId connector, Bytes plaintext, Bytes signed_text, AnswerKey answer)
      : connector_(connector),
        plaintext_(std::move(plaintext)),
        signed_(std::move(signed_text)),
        answer_(std::move(answer)) {}
  ConnectorId connector_;
  Bytes plaintext_;
  Bytes signed_;
  AnswerKey answer_;
};

// Which of the gateway's keys it is for; nothing: it is no sealed request.
std::optional<SealKeyId> key_of_request(BytesView message);
// malformed; corrupt.
Result<OpenedRequest> open_request(BytesView message, const hpke::RecipientKey& gateway);

// What a connector's TLS key signs, to show that it is held where it is to be certified. SPEC CONN-13
Bytes text_of_key_proof(const ConnectorId& connector, std::string_view public_key_pem);

}  // namespace flikvakt::crypto
