// A named key of signed notes, and its text form `name+keyid+base64(algorithm ‖ key)`. Source: C2SP signed-note; ours:
// spec/checkpoint.md. The algorithm is in the key id, so that a key of one use is never taken for one of the other. A
// value; thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "crypto/sign.h"

namespace flikvakt::audit {

enum class NoteAlgorithm : std::uint8_t {
  ed25519 = 0x01,      // signs the text of a note
  cosignature = 0x04,  // Ed25519 over time and text (audit/cosignature.h)
};

class NoteKey {
public:
  // invalid: not Ed25519, odd name.
  static Result<NoteKey> make(NoteAlgorithm algorithm, std::string name, const crypto::PublicKey& key);
  static Result<NoteKey> parse(NoteAlgorithm algorithm, std::string_view text);

  std::string text() const;
  const std::string& name() const { return name_; }
  const ByteArray<4>& id() const { return id_; }
  const crypto::PublicKey& public_key() const { return verifier_.key(); }
  [[nodiscard]] bool verify(BytesView message, BytesView signature) const {
    return verifier_.verify(message, signature);
  }

private:
  NoteKey(NoteAlgorithm algorithm, std::string name, const crypto::PublicKey& key);
  NoteAlgorithm algorithm_;
  std::string name_;
  crypto::Verifier verifier_;
  ByteArray<4> id_;  // SHA-256(name ‖ "\n" ‖ algorithm ‖ key), first four bytes
};

}  // namespace flikvakt::audit
