// A proof on paper, as it were: everything that shows, without asking anyone, that an entry is in a log and that
// witnesses saw the log so. Source: C2SP tlog-proof; ours: spec/log-proof.md. Values.
#pragma once

#include <optional>

#include "audit/cosignature.h"

namespace flikvakt::audit {

struct LogProof {
  std::optional<Bytes> extra;  // means what the application says, and is NOT covered by any signature; not empty
  std::uint64_t index = 0;     // of the entry
  std::vector<crypto::MerkleHash> hashes;  // inclusion, from the leaf's sibling up
  std::string checkpoint;                  // the note, cosignatures included

  friend bool operator==(const LogProof&, const LogProof&) = default;
};

// malformed: anything that write_log_proof() would not have written.
Result<LogProof> parse_log_proof(std::string_view text);
std::string write_log_proof(const LogProof& proof);

// The checkpoint that covers the entry of this leaf hash, and who cosigned it: how many must have is the caller's to
// judge. invalid, malformed: the checkpoint does not open, or the leaf is not in its tree at that index.
Result<CosignedCheckpoint> check_log_proof(const LogProof& proof, const crypto::MerkleHash& leaf,
                                           std::span<const NoteVerifier> log,
                                           std::span<const CosignatureVerifier> witnesses);

}  // namespace flikvakt::audit
