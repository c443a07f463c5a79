#include "audit/witness.h"

namespace flikvakt::audit {

WitnessedLog WitnessedLog::unseen(std::string origin) { return {{std::move(origin), 0, crypto::empty_root()}, {}}; }

std::string_view claimed_origin(std::string_view checkpoint) { return checkpoint.substr(0, checkpoint.find('\n')); }

// Told in order, and kept whole: it is the protocol.
WitnessJudgement judge_checkpoint(const WitnessedLog& log, std::span<const NoteVerifier> keys,
                                  const AddCheckpoint& request) {
  const Checkpoint& known = log.newest;

  // SPEC WIT-5: the log's own key, under the log's own name.
  const Result<Checkpoint> opened = open_checkpoint(request.checkpoint, keys);
  if (!opened) {
    const bool is_signed = opened.error().code == ErrorCode::malformed;
    return {is_signed ? WitnessVerdict::malformed : WitnessVerdict::not_signed, {}};
  }
  const Checkpoint& shown = *opened;
  if (shown.origin != known.origin) return {WitnessVerdict::not_signed, {}};

  // SPEC WIT-10: two roots for one size, whatever the request says of an old size: the log's key has signed both.
  if (shown.size == known.size && shown.root != known.root) return {WitnessVerdict::forked, {}};

  // SPEC WIT-6
  if (request.old_size > shown.size) return {WitnessVerdict::shrinks, {}};

  // SPEC WIT-7
  if (request.old_size != known.size) return {WitnessVerdict::other_old, {}};

  // SPEC WIT-8
  if (!crypto::verify_consistency(known.size, shown.size, request.proof, known.root, shown.root))
    return {WitnessVerdict::not_proven, {}};

  return {WitnessVerdict::cosign, {shown, request.checkpoint}};
}

}  // namespace flikvakt::audit
