// Somebody shows the log a checkpoint that is said to be its own: a partner who kept one, a witness, whoever was shown
// another history. Answers: spec/witness.md, "Shown to the log".
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "service/core.h"

namespace flikvakt::service {

enum class ShownVerdict {
  extended,     // this log begins with it
  malformed,    // no signed note, or signed and no checkpoint
  unknown_log,  // of another log
  not_signed,   // no key of the log signed it whose word counts
  contradicts,  // one did, and this log does not begin with it: the gateway is locked
};

// One that a key of the log signed.
struct ShownCheckpoint {
  std::uint64_t size = 0;
  crypto::MerkleHash root{};
  Worth worth = Worth::beyond;  // SPEC LKEY-9; `counts` also when a quorum cosigned what is under a compromised key
  std::string note;             // as it came

  bool may_be_evidence() const { return worth == Worth::counts; }
};

// Looks at no row: for any thread. Else why not: malformed, unknown_log, not_signed.
std::variant<ShownCheckpoint, ShownVerdict> open_shown_checkpoint(Core& core, std::string_view note);

// extended, contradicts or not_signed. Blocks: not on a network thread. On `contradicts` the evidence is kept, or could
// not be, and the core is locked. An error: the rows could not be read, and nothing is known; where that is because
// they are damaged and it may be evidence, the note is kept and staff open no document any more (SPEC WIT-37).
Result<ShownVerdict> judge_shown_checkpoint(Core& core, const ShownCheckpoint& shown);
// Both. Whatever no key of the log signed, or one that had signed its last, changes nothing.
Result<ShownVerdict> judge_shown_checkpoint(Core& core, std::string_view note);

}  // namespace flikvakt::service
