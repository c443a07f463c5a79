// What a log asks of a witness: the newest checkpoint, and a proof that it extends the one that the witness cosigned
// last. Source: C2SP tlog-witness; ours: spec/witness.md. Values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "crypto/merkle.h"

namespace flikvakt::audit {

inline constexpr std::size_t kMostAddCheckpointBytes = 64 * 1024;

struct AddCheckpoint {
  std::uint64_t old_size = 0;             // of the checkpoint that the proof begins at
  std::vector<crypto::MerkleHash> proof;  // consistency, at most 63 hashes
  std::string checkpoint;                 // the note

  friend bool operator==(const AddCheckpoint&, const AddCheckpoint&) = default;
};

// malformed: anything that write_add_checkpoint() would not have written, or what stands as checkpoint is no note.
Result<AddCheckpoint> parse_add_checkpoint(std::string_view body);
std::string write_add_checkpoint(const AddCheckpoint& request);

}  // namespace flikvakt::audit
