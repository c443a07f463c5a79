// What the log says about itself. The checkpoint is public; the head, which also says what the state tables hold, never
// leaves the machine. Both are notes: the checkpoint is signed under the log's origin as key name, the head under
// origin + "/head", so that neither passes for the other. Format: spec/checkpoint.md (C2SP tlog-checkpoint). Values.
#pragma once

#include "audit/note.h"
#include "crypto/merkle.h"

namespace flikvakt::audit {

constexpr std::string_view kHeadSuffix = "/head";

struct Checkpoint {
  std::string origin;
  std::uint64_t size = 0;
  crypto::MerkleHash root{};

  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

struct Head {
  std::string origin;  // of the log, without "/head"
  std::uint64_t size = 0;
  crypto::MerkleHash root{};
  ByteArray<32> state_digest{};

  Checkpoint checkpoint() const { return {origin, size, root}; }
  friend bool operator==(const Head&, const Head&) = default;
};

// invalid: a signer's name is not the origin (and "/head"), or the origin is no key name.
Result<std::string> sign_checkpoint(const Checkpoint& checkpoint, std::span<const NoteSigner> signers);
Result<std::string> sign_head(const Head& head, std::span<const NoteSigner> signers);

// Parsed only after a known key of that very name has verified. malformed, invalid.
Result<Checkpoint> open_checkpoint(std::string_view note, std::span<const NoteVerifier> known);
Result<Head> open_head(std::string_view note, std::span<const NoteVerifier> known);

}  // namespace flikvakt::audit
