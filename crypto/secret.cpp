#include "crypto/secret.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

namespace flikvakt::crypto {
namespace {

constexpr std::size_t kSmallestBlock = 32;

[[noreturn]] void broken(const char* invariant) {
  std::fprintf(stderr, "flikvakt: broken invariant: %s\n", invariant);
  std::abort();
}

}  // namespace

Result<void> init_secret_memory(std::size_t arena_bytes) {
  // 1: ready; 2: usable, but the kernel refused to lock or to fence it; 0: no memory, or not a power of two.
  static const int outcome = CRYPTO_secure_malloc_init(arena_bytes, kSmallestBlock);
  if (outcome == 1) return {};
  return fail(ErrorCode::unavailable, "locking memory for keys: refused by the system; raise LimitMEMLOCK");
}

Result<void> forbid_core_dumps() {
  const rlimit none{0, 0};
  if (::setrlimit(RLIMIT_CORE, &none) != 0) return fail(ErrorCode::io, "forbidding core dumps: setrlimit failed");
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return fail(ErrorCode::io, "forbidding core dumps: prctl failed");
  return {};
}

// glibc's, which no compiler may leave out either: 64 KiB in 1.4 µs instead of OPENSSL_cleanse's 13.
void scrub(std::span<std::uint8_t> bytes) {
  if (!bytes.empty()) ::explicit_bzero(bytes.data(), bytes.size());
}

bool equal_in_constant_time(BytesView a, BytesView b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

namespace detail {

SecretBlock::SecretBlock(std::size_t size)
    : data_(static_cast<std::uint8_t*>(OPENSSL_secure_zalloc(size))), size_(size) {
  if (!data_) throw std::bad_alloc();
}

SecretBlock::SecretBlock(SecretBlock&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

SecretBlock& SecretBlock::operator=(SecretBlock&& other) noexcept {
  if (this == &other) return *this;
  OPENSSL_secure_clear_free(data_, size_);
  data_ = std::exchange(other.data_, nullptr);
  size_ = std::exchange(other.size_, 0);
  return *this;
}

SecretBlock::~SecretBlock() { OPENSSL_secure_clear_free(data_, size_); }

std::span<std::uint8_t> SecretBlock::bytes() const {
  if (!data_) broken("a secret is not used after it was moved from");
  return {data_, size_};
}

void fill_secret(std::span<std::uint8_t> out) {
  if (RAND_priv_bytes(out.data(), static_cast<int>(out.size())) != 1) broken("the random generator works");
}

void copy_secret(std::span<std::uint8_t> out, BytesView from) {
  if (out.size() != from.size()) broken("a secret is made from exactly its own number of bytes");
  std::memcpy(out.data(), from.data(), from.size());
}

}  // namespace detail

SecretText SecretText::copy_from(std::string_view text) {
  SecretText out;
  out.block_ = detail::SecretBlock(text.size() + 1);
  out.size_ = text.size();
  if (!text.empty()) std::memcpy(out.block_.bytes().data(), text.data(), text.size());
  return out;
}

std::string_view SecretText::expose() const { return as_text(block_.bytes()).substr(0, size_); }

}  // namespace flikvakt::crypto
