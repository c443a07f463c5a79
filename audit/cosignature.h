// Cosignatures: a witness says that the checkpoint is, as of a time, the largest consistent tree of that log it has
// seen. Source: C2SP tlog-cosignature (`cosignature/v1`, Ed25519); ours: spec/cosignature.md. Values; thread-safe.
//
// What is signed does not hold the witness's name: a key must belong to one witness only.
#pragma once

#include <optional>

#include "audit/checkpoint.h"
#include "base/time.h"

namespace flikvakt::audit {

// The name and public key of a witness; its text form is `name+keyid+base64(0x04 ‖ key)`.
class CosignatureVerifier {
public:
  static Result<CosignatureVerifier> make(std::string name, const crypto::PublicKey& key);  // as NoteVerifier's
  static Result<CosignatureVerifier> parse(std::string_view text);

  std::string text() const { return key_.text(); }
  const std::string& name() const { return key_.name(); }
  const ByteArray<4>& key_id() const { return key_.id(); }
  bool made(const NoteSignature& signature) const {
    return signature.name == key_.name() && signature.key_id == key_.id();
  }
  // The time that the witness signed, in whole seconds, or nothing. How old or new it may be is the caller's to judge.
  [[nodiscard]] std::optional<UtcTime> verify(std::string_view text, const NoteSignature& signature) const;

private:
  explicit CosignatureVerifier(NoteKey key) : key_(std::move(key)) {}
  NoteKey key_;
};

// SPEC WIT-25: whoever holds one key counts once, under however many names.
bool are_different(std::span<const CosignatureVerifier> witnesses);

// Signs as a witness. Keeps a reference: the key must outlive it.
class CosignatureSigner {
public:
  static Result<CosignatureSigner> make(std::string name, const crypto::SigningKey& key);
  // `text`: of a checkpoint's note whose consistency was checked and whose bytes are durable. Fractions of a second go.
  NoteSignature sign(std::string_view text, UtcTime time) const;
  const CosignatureVerifier& verifier() const { return verifier_; }

private:
  CosignatureSigner(CosignatureVerifier verifier, const crypto::SigningKey& key)
      : verifier_(std::move(verifier)), key_(&key) {}
  CosignatureVerifier verifier_;
  const crypto::SigningKey* key_;
};

struct Cosignature {
  std::string witness;
  UtcTime time;

  friend bool operator==(const Cosignature&, const Cosignature&) = default;
};

// A checkpoint of the log, and who of the known witnesses cosigned it: each once, with the newest time, in the order of
// `witnesses`. invalid, malformed: as open_checkpoint; invalid also when a known witness's signature is wrong.
struct CosignedCheckpoint {
  Checkpoint checkpoint;
  std::vector<Cosignature> by;
};
Result<CosignedCheckpoint> open_cosigned(std::string_view note, std::span<const NoteVerifier> log,
                                         std::span<const CosignatureVerifier> witnesses);

// SPEC WIT-22: the oldest of the newest `quorum` of times, so that fewer witnesses with a clock ahead say nothing.
// Nothing when fewer cosigned. `quorum`: at least one.
std::optional<UtcTime> time_of_quorum(std::span<const Cosignature> by, std::size_t quorum);

}  // namespace flikvakt::audit
