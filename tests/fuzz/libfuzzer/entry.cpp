// Where libFuzzer comes in: compiled once for each target, with its name in FLIKVAKT_FUZZ_TARGET.
#include "tests/fuzz/targets.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  flikvakt::fuzz::FLIKVAKT_FUZZ_TARGET({data, size});
  return 0;
}
