// CDA: sections, narrative, ids, files inside.
#include "tests/fuzz/partition.h"
#include "tests/fuzz/targets.h"

namespace flikvakt::fuzz {

void partition_cda(BytesView in) {
  divide("application/xml", in, {partition::TakeSection{"10160-0"}, partition::TakeTemplate{"1.2.3"}});
}

}  // namespace flikvakt::fuzz
