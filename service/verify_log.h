// The independent verifier behind `flikvakt log verify`. It reads the durable rows and believes nothing: it recomputes
// the tree from the leaves, opens every part for which there is a key, verifies the signature on every act that
// somebody signed, and carries all acts out again (replay) to see whether the state tables hold what follows from the
// log. It shares no code with the sequencer, the entry writer, the row sealer or the writer's tree; it does use the
// same rules (policy/) and readers of formats. What it checks, and in which order: spec/log-verify.md.
//
// Of a pruned log it takes what the acts that are left say of themselves, for as far as others are missing, and carries
// out what comes after.
//
// What it cannot see: whether what is pruned was decided rightly; entries whose person was erased (they are counted,
// not opened; that an erasure was ordered is checked); the credential under which a document was read: it asks whether
// the organisation then had one under which rule 1 holds, and decides rules 2 to 7 as the gateway did.
//
// Memory: about twice the state. Thread-safe as far as `rows` is used by nobody else.
#pragma once

#include <string>
#include <vector>

#include "service/key_ring.h"
#include "store/database.h"

namespace flikvakt::service {

// Live: the key store is the one of these rows. Copy: a backup or archive; keys may have been rotated or destroyed
// since.
enum class VerifiedRows { live, copy };

struct LogReport {
  std::string origin;
  std::uint64_t entries = 0;         // read
  std::uint64_t persons = 0;         // whose rows and entries were opened
  std::uint64_t closed_entries = 0;  // that concern nobody known, or somebody who was erased
  std::uint64_t pruned_entries = 0;  // of which only the leaf is left
  std::uint64_t begun_at = 0;        // of acts before this entry only the signatures were verified again
  std::uint64_t size = 0;            // that the head claims
  crypto::Hash256 root{};            // over the leaves that were read
  std::vector<std::string> problems;

  bool ok() const { return problems.empty(); }
};

// `saved_checkpoints`: signed notes that somebody kept; the log must be an extension of each. `head_file`: the note of
// the head file, read before the rows: they must be at or ahead of it. `archives`: the folder in which a restored log
// finds the rows of the one that ended; compared when they are there. `now`: no entry may be much later. Errors are
// about reading (io, corrupt pages); whatever is wrong with what was read is a problem in the report.
Result<LogReport> verify_log(const store::Rows& rows, const KeyRing& keys, VerifiedRows where,
                             std::span<const std::string> saved_checkpoints = {},
                             const std::optional<std::string>& head_file = {},
                             const std::filesystem::path& archives = {}, std::optional<UtcTime> now = {});

// SPEC BAK-9: the name of the file with the rows of a log that ended at this head.
std::string archive_name(const std::string& head_note);

// The short form of it, for whoever reads rows for another purpose: are they at or ahead of the head file (SPEC REC-4)?
// corrupt: they are behind it, or another history.
Result<void> check_against_head_file(const store::Rows& rows, const KeyRing& keys, const std::string& head_file);

}  // namespace flikvakt::service
