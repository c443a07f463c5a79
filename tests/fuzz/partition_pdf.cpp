// PDF: qpdf, poppler and cairo, and what is between them.
#include "tests/fuzz/partition.h"
#include "tests/fuzz/targets.h"

namespace flikvakt::fuzz {

void partition_pdf(BytesView in) {
  divide("application/pdf", in, {partition::TakeBookmark{"one"}, partition::TakeHeading{"hello"}});
}

}  // namespace flikvakt::fuzz
