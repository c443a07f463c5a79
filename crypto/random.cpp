#include "crypto/random.h"

#include <openssl/rand.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "crypto/secret.h"

namespace flikvakt::crypto {

namespace {

void generate(std::span<std::uint8_t> out) {
  if (RAND_bytes(out.data(), static_cast<int>(out.size())) == 1) return;
  std::fputs("flikvakt: broken invariant: the random generator works\n", stderr);
  std::abort();
}

// What a thread has in store for ids, nonces and openers: one request to the generator takes 0.7 us however short, this
// 0.02, and one reading makes ten. What was given out is gone from here; the process never forks.
struct Stock {
  ByteArray<2048> bytes;
  std::size_t left = 0;

  ~Stock() { scrub(bytes); }
  void take(std::span<std::uint8_t> out) {
    if (left < out.size()) {
      generate(bytes);
      left = bytes.size();
    }
    const std::span<std::uint8_t> taken = std::span(bytes).subspan(left - out.size(), out.size());
    std::copy(taken.begin(), taken.end(), out.begin());
    scrub(taken);
    left -= out.size();
  }
};

}  // namespace

void fill_random(std::span<std::uint8_t> out) {
  constexpr std::size_t kFromStock = 256;
  constexpr std::size_t kMost = std::size_t{1} << 20;
  if (out.size() <= kFromStock) {
    thread_local Stock stock;
    return stock.take(out);
  }
  for (; !out.empty(); out = out.subspan(std::min(out.size(), kMost))) generate(out.first(std::min(out.size(), kMost)));
}

}  // namespace flikvakt::crypto
