// Plain text.
#include "tests/fuzz/partition.h"
#include "tests/fuzz/targets.h"

namespace flikvakt::fuzz {

void partition_text(BytesView in) { divide("text/plain", in, {partition::TakePages{1, 1}}); }

}  // namespace flikvakt::fuzz
