// What a witness thinks of a checkpoint that it is shown. Rules only: nothing here keeps, signs or sends. The caller
// makes what `next` says durable, in one step with the comparison, before it signs (witness/). Source: C2SP
// tlog-witness; ours: spec/witness.md. Pure; thread-safe.
#pragma once

#include "audit/add_checkpoint.h"
#include "audit/checkpoint.h"

namespace flikvakt::audit {

// What a witness knows of one log.
struct WitnessedLog {
  Checkpoint newest;  // the last one cosigned; before the first: no entries, and the root of none
  std::string note;   // the same, whole, as it came; empty before the first

  static WitnessedLog unseen(std::string origin);
  friend bool operator==(const WitnessedLog&, const WitnessedLog&) = default;
};

enum class WitnessVerdict {
  cosign,      // 200: `next` must be durable first
  not_signed,  // 403: no known key of the log
  malformed,   // 400: signed, but no checkpoint of three lines
  shrinks,     // 400: the old size is beyond the checkpoint's
  other_old,   // 409: the proof begins elsewhere than where this witness is
  forked,      // 409: the log's key signed two roots for one size. Evidence: the presented note, and WitnessedLog::note
  not_proven,  // 422
};

struct WitnessJudgement {
  WitnessVerdict verdict;
  WitnessedLog next;  // for `cosign`
};

// The log that a checkpoint says it is of: its first line. Not verified.
std::string_view claimed_origin(std::string_view checkpoint);

// `log.newest.origin` is the claimed origin of the checkpoint; `keys` are the keys of that log.
WitnessJudgement judge_checkpoint(const WitnessedLog& log, std::span<const NoteVerifier> keys,
                                  const AddCheckpoint& request);

}  // namespace flikvakt::audit
