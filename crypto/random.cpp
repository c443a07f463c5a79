#include "crypto/random.h"

#include <openssl/rand.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace flikvakt::crypto {

void fill_random(std::span<std::uint8_t> out) {
  constexpr std::size_t kMost = std::size_t{1} << 20;
  while (!out.empty()) {
    const std::size_t count = std::min(out.size(), kMost);
    if (RAND_bytes(out.data(), static_cast<int>(count)) != 1) {
      std::fputs("flikvakt: broken invariant: the random generator works\n", stderr);
      std::abort();
    }
    out = out.subspan(count);
  }
}

}  // namespace flikvakt::crypto
