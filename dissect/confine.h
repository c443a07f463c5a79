// Shuts this process in: from then on it can read what it was given, compute, answer and end.
#pragma once

#include "base/result.h"

namespace flikvakt::dissect {

// SPEC PART-40, PART-41: no new privileges, no core, limits of memory, processor and wall time, and a filter of system
// calls under which there is no file to open, no socket, no process, no thread and no memory that can be executed. For
// good. An error means that nothing foreign may be read.
Result<void> confine();

}  // namespace flikvakt::dissect
