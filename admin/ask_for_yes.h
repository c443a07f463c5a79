// The last question before something that takes two is approved.
#pragma once

#include "admin/outcome.h"

namespace flikvakt::admin {

// Asks at the terminal. `yes` and nothing else: an empty line must not approve. `look`: the command that shows what
// would be approved.
Outcome<void> ask_for_yes(const std::string& look);

}  // namespace flikvakt::admin
