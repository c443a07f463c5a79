// PNG and JPEG.
#include "tests/fuzz/partition.h"
#include "tests/fuzz/targets.h"

namespace flikvakt::fuzz {

void partition_image(BytesView in) {
  const bool is_png = choose(in, 2) == 0;
  divide(is_png ? "image/png" : "image/jpeg", in, {partition::TakeWhole{}});
}

}  // namespace flikvakt::fuzz
