// Start-up: the places of people's newest entries as the stored rows have them, and what the log has since.
#pragma once

#include "service/recover.h"

namespace flikvakt::service {

// SPEC REC-11. After the state rows and the tree were found to be those of the head. The error is the reason why the
// gateway is locked.
Result<void> find_places(const Durable& durable, const audit::Head& head, Recovered& recovered);

}  // namespace flikvakt::service
