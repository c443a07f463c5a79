#include "crypto/lthash.h"

#include <openssl/evp.h>

#include <bit>
#include <cstring>
#include <memory>

#include "crypto/openssl_check.h"
#include "crypto/openssl_handles.h"

namespace flikvakt::crypto {
namespace {

using detail::must;

static_assert(std::endian::native == std::endian::little, "lanes are read and written as they lie in memory");

const EVP_MD* shake128_algorithm() {
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHAKE128", nullptr);
  must(algorithm != nullptr, "fetching SHAKE128");
  return algorithm;
}

}  // namespace

// SPEC STD-1
LtHash::Lanes LtHash::expand(BytesView element) {
  thread_local const DigestContext context(EVP_MD_CTX_new());
  must(context != nullptr, "making a hash context");
  must(EVP_DigestInit_ex(context.get(), shake128_algorithm(), nullptr) == 1, "beginning SHAKE128");
  must(EVP_DigestUpdate(context.get(), element.data(), element.size()) == 1, "absorbing into SHAKE128");
  Lanes lanes;
  must(EVP_DigestFinalXOF(context.get(), reinterpret_cast<std::uint8_t*>(lanes.data()), kBytes) == 1,
       "squeezing SHAKE128");
  return lanes;
}

// SPEC STD-2: sums are taken modulo 2^16
void LtHash::add(const Lanes& lanes) {
  for (std::size_t i = 0; i < kLanes; ++i) lanes_[i] = static_cast<std::uint16_t>(lanes_[i] + lanes[i]);
}

void LtHash::remove(const Lanes& lanes) {
  for (std::size_t i = 0; i < kLanes; ++i) lanes_[i] = static_cast<std::uint16_t>(lanes_[i] - lanes[i]);
}

// SPEC STD-3
ByteArray<LtHash::kBytes> LtHash::serialise() const { return std::bit_cast<ByteArray<kBytes>>(lanes_); }

LtHash LtHash::deserialise(const ByteArray<kBytes>& bytes) {
  LtHash out;
  out.lanes_ = std::bit_cast<Lanes>(bytes);
  return out;
}

Hash256 LtHash::digest() const { return sha256(serialise()); }

}  // namespace flikvakt::crypto
