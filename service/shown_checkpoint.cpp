#include "service/shown_checkpoint.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "audit/witness.h"
#include "base/files.h"
#include "service/log_evidence.h"
#include "service/log_proofs.h"

namespace flikvakt::service {
namespace {

// SPEC WIT-32: of a snapshot that is begun now, when the note is there: a view in memory may be a commit behind what
// another process already signed a checkpoint over. And of nothing that was read before: rows may have been changed
// since.
Result<audit::Checkpoint> own_checkpoint_up_to(Core& core, std::uint64_t size) {
  return core.log_reader().with([&](const store::Reader& rows) -> Result<audit::Checkpoint> {
    const audit::Tree tree = TRY(tree_of(rows));
    const std::uint64_t common = std::min(size, tree.size());
    const crypto::MerkleHash root = TRY(tree.root_at(common, tiles_of(rows)));
    return audit::Checkpoint{core.sequencer().origin(), common, root};
  });
}

std::string described(const audit::Checkpoint& checkpoint) {
  return std::to_string(checkpoint.size) + " entries with root " + to_base64(checkpoint.root);
}

// SPEC WIT-33: what no disk takes stands in the operational log, which is often elsewhere.
void keep_evidence(const store::DataDirectory& directory, const std::string& own, const std::string& shown) {
  const Result<void> kept = keep_log_evidence(directory.log_evidence(), directory.log_evidence_room(), own, shown);
  if (kept) return;
  spdlog::critical(
      "ALARM: the evidence against the log could not be kept: {}; its own checkpoint, base64: {}; the one "
      "that was shown: {}",
      kept.error().message, to_base64(as_bytes(own)), to_base64(as_bytes(shown)));
}

// SPEC WIT-33
Result<void> lock(Core& core, const audit::Checkpoint& own, const audit::Checkpoint& shown, const std::string& note) {
  keep_evidence(core.data_directory(), TRY(core.sequencer().sign(own)), note);
  core.lock(fail(ErrorCode::corrupt, "the gateway is locked: its own key signed " + described(shown) +
                                         ", and this log has " + described(own) + ": `" +
                                         core.data_directory().log_evidence().string() + "`"));
  return {};
}

// A quorum of the configured witnesses saw it: the holder of a stolen key cannot make that.
bool is_cosigned(const Quorum& quorum, std::string_view note, std::span<const audit::NoteVerifier> log) {
  if (quorum.needed == 0) return false;
  const auto opened = audit::open_cosigned(note, log, quorum.witnesses);
  return opened && opened->by.size() >= quorum.needed;
}

// SPEC WIT-36: said, and nothing more: else whoever has a key that was replaced could stop the gateway at will.
ShownVerdict alarm(const ShownCheckpoint& shown, std::string_view why) {
  spdlog::critical(
      "ALARM: somebody showed a checkpoint over {} entries under a key of the log {}: that key is in "
      "other hands",
      shown.size, why);
  return ShownVerdict::not_signed;
}

// With the right key in hand, `denied` too says that the first page is damaged (store/database.h).
bool says_damage(const Error& error) { return error.code == ErrorCode::corrupt || error.code == ErrorCode::denied; }

// SPEC WIT-37: a damaged row must not disarm the lock without a word.
void doubt(Core& core, const std::string& note, const Error& why) {
  if (!core.sequencer().doubt_rows()) return;
  const std::filesystem::path file = core.data_directory().uncompared_checkpoint();
  const Result<void> kept = write_new_file(file, as_bytes(note));
  spdlog::critical(
      "ALARM: a checkpoint under the log's own key cannot be compared with damaged rows ({}); no document "
      "is opened to staff until the next start. It is kept in `{}`{}, base64: {}",
      why.message, file.string(), kept ? "" : " (no: " + kept.error().message + ")", to_base64(as_bytes(note)));
}

}  // namespace

// SPEC WIT-30
std::variant<ShownCheckpoint, ShownVerdict> open_shown_checkpoint(Core& core, std::string_view note) {
  if (!audit::parse_note(note)) return ShownVerdict::malformed;
  const std::string& origin = core.sequencer().origin();
  if (audit::claimed_origin(note) != origin) return ShownVerdict::unknown_log;
  const LogKeys log_keys = core.log_keys();
  const Result<SignedCheckpoint> opened = log_keys.open_checkpoint(note, origin);
  if (!opened) {
    return opened.error().code == ErrorCode::malformed ? ShownVerdict::malformed : ShownVerdict::not_signed;
  }
  ShownCheckpoint out{opened->checkpoint.size, opened->checkpoint.root, opened->worth, std::string(note)};
  if (out.worth == Worth::compromised && is_cosigned(core.quorum(), note, log_keys.verifiers(origin).value()))
    out.worth = Worth::counts;
  return out;
}

// SPEC WIT-31, WIT-32, WIT-33, WIT-36
Result<ShownVerdict> judge_shown_checkpoint(Core& core, const ShownCheckpoint& shown) {
  if (shown.worth == Worth::beyond) return alarm(shown, "that had signed its last before");
  const Result<audit::Checkpoint> own = own_checkpoint_up_to(core, shown.size);
  if (!own) {
    if (says_damage(own.error()) && shown.may_be_evidence()) doubt(core, shown.note, own.error());
    return own.error();
  }
  const audit::Checkpoint theirs{own->origin, shown.size, shown.root};
  if (*own == theirs) return ShownVerdict::extended;
  if (!shown.may_be_evidence()) return alarm(shown, "that was given up as compromised");
  TRY_VOID(lock(core, *own, theirs, shown.note));
  return ShownVerdict::contradicts;
}

Result<ShownVerdict> judge_shown_checkpoint(Core& core, std::string_view note) {
  const auto opened = open_shown_checkpoint(core, note);
  const auto* shown = std::get_if<ShownCheckpoint>(&opened);
  return shown ? judge_shown_checkpoint(core, *shown) : Result<ShownVerdict>(std::get<ShownVerdict>(opened));
}

}  // namespace flikvakt::service
