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
  const std::vector<audit::NoteSigner> signers{
      TRY(audit::NoteSigner::make(own.origin, core.keys().checkpoint_signer()))};
  const std::string own_note = TRY(audit::sign_checkpoint(own, signers));
  const std::filesystem::path file = core.data_directory().log_evidence();
  const Result<void> kept = keep_log_evidence(file, own_note, note);
  if (!kept) spdlog::critical("ALARM: the evidence against the log could not be kept: {}", kept.error().message);
  core.lock(fail(ErrorCode::corrupt, "the gateway is locked: its own key signed " + described(shown) +
                                         ", and this log has " + described(own) + ": `" + file.string() + "`"));
  return {};
}

}  // namespace

// SPEC WIT-30, WIT-31
Result<ShownVerdict> judge_shown_checkpoint(Core& core, std::string_view note) {
  if (!audit::parse_note(note)) return ShownVerdict::malformed;
  const std::string& origin = core.sequencer().origin();
  if (audit::claimed_origin(note) != origin) return ShownVerdict::unknown_log;
  const audit::NoteVerifier known =
      TRY(audit::NoteVerifier::make(origin, core.keys().checkpoint_signer().public_key()));
  const Result<audit::Checkpoint> shown = audit::open_checkpoint(note, {&known, 1});
  if (!shown) {
    return shown.error().code == ErrorCode::malformed ? ShownVerdict::malformed : ShownVerdict::not_signed;
  }
  const audit::Checkpoint own = TRY(own_checkpoint_up_to(core, shown->size));
  if (own == *shown) return ShownVerdict::extended;
  TRY_VOID(lock(core, own, *shown, note));
  return ShownVerdict::contradicts;
}

}  // namespace flikvakt::service
