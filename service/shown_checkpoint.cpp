#include "service/shown_checkpoint.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "audit/witness.h"
#include "service/log_evidence.h"
#include "service/log_proofs.h"

namespace flikvakt::service {
namespace {

// SPEC WIT-32: of a snapshot that is begun now, when the note is there: a view in memory may be a commit behind what
// another process already signed a checkpoint over.
Result<audit::Checkpoint> own_checkpoint_up_to(Core& core, std::uint64_t size) {
  return core.log_reader().with([&](const store::Reader& rows) -> Result<audit::Checkpoint> {
    const audit::Tree tree = TRY(core.log_tree().of(rows));
    const std::uint64_t common = std::min(size, tree.size());
    const crypto::MerkleHash root = TRY(tree.root_at(common, tiles_of(rows)));
    return audit::Checkpoint{core.sequencer().origin(), common, root};
  });
}

std::string described(const audit::Checkpoint& checkpoint) {
  return std::to_string(checkpoint.size) + " entries with root " + to_base64(checkpoint.root);
}

// SPEC WIT-33
Result<void> lock(Core& core, const audit::Checkpoint& own, const audit::Checkpoint& shown, std::string_view note) {
  const std::string own_note = core.sequencer().checkpoint(LogView{own.size, own.root, {}, ClockDoubt::none});
  const std::filesystem::path file = core.data_directory().log_evidence();
  const Result<void> kept = keep_log_evidence(file, own_note, note);
  if (!kept) spdlog::critical("ALARM: the evidence against the log could not be kept: {}", kept.error().message);
  core.lock(fail(ErrorCode::corrupt, "the gateway is locked: its own key signed " + described(shown) +
                                         ", and this log has " + described(own) + ": `" + file.string() + "`"));
  return {};
}

// A quorum of the configured witnesses saw it: the holder of a stolen key cannot make that.
bool is_cosigned(const Quorum& quorum, std::string_view note, std::span<const audit::NoteVerifier> log) {
  if (quorum.needed == 0) return false;
  const auto opened = audit::open_cosigned(note, log, quorum.witnesses);
  return opened && opened->by.size() >= quorum.needed;
}

// SPEC WIT-36: said, and nothing more: else whoever has a key that was replaced could stop the gateway at will.
ShownVerdict alarm(const audit::Checkpoint& shown, std::string_view why) {
  spdlog::critical(
      "ALARM: somebody showed a checkpoint over {} entries under a key of the log {}: that key is in "
      "other hands",
      shown.size, why);
  return ShownVerdict::not_signed;
}

}  // namespace

// SPEC WIT-30, WIT-31
Result<ShownVerdict> judge_shown_checkpoint(Core& core, std::string_view note) {
  if (!audit::parse_note(note)) return ShownVerdict::malformed;
  const std::string& origin = core.sequencer().origin();
  if (audit::claimed_origin(note) != origin) return ShownVerdict::unknown_log;
  const LogKeys log_keys = core.log_keys();
  const std::vector<audit::NoteVerifier> known = TRY(log_keys.verifiers(origin));
  const Result<SignedCheckpoint> opened = log_keys.open_checkpoint(note, origin);
  if (!opened) {
    return opened.error().code == ErrorCode::malformed ? ShownVerdict::malformed : ShownVerdict::not_signed;
  }
  const audit::Checkpoint& shown = opened->checkpoint;
  if (opened->word == KeyWord::beyond) return alarm(shown, "that had signed its last before");
  const audit::Checkpoint own = TRY(own_checkpoint_up_to(core, shown.size));
  if (own == shown) return ShownVerdict::extended;
  if (opened->word == KeyWord::compromised && !is_cosigned(core.quorum(), note, known))
    return alarm(shown, "that was given up as compromised");
  TRY_VOID(lock(core, own, shown, note));
  return ShownVerdict::contradicts;
}

}  // namespace flikvakt::service
