// Somebody shows the log a checkpoint that is said to be its own: a partner who kept one, a witness, whoever was shown
// another history. Answers: spec/witness.md, "Shown to the log".
#pragma once

#include <string_view>

#include "service/core.h"

namespace flikvakt::service {

enum class ShownVerdict {
  extended,     // this log begins with it
  malformed,    // no signed note, or signed and no checkpoint
  unknown_log,  // of another log
  not_signed,   // no key of the log signed it whose word counts
  contradicts,  // one did, and this log does not begin with it: the gateway is locked
};

// Blocks: not on a network thread. An error: the rows could not be read, and nothing is known. Whatever the log's own
// keys did not sign, or one that had signed its last, changes nothing. On `contradicts` the evidence is kept, or could
// not be, and the core is locked.
Result<ShownVerdict> judge_shown_checkpoint(Core& core, std::string_view note);

}  // namespace flikvakt::service
