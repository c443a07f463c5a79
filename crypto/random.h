// Randomness from OpenSSL's generators. A generator that fails is a broken machine: the process aborts rather than go
// on with predictable ids or nonces. Thread-safe.
#pragma once

#include <span>

#include "base/ids.h"

namespace flikvakt::crypto {

void fill_random(std::span<std::uint8_t> out);  // ids, nonces, salts; for key material use Secret<N>::random()

template <std::size_t N>
ByteArray<N> random_bytes() {
  ByteArray<N> out;
  fill_random(out);
  return out;
}

template <class IdType>
IdType random_id() {
  for (;;) {
    const IdType id(random_bytes<16>());
    if (!id.is_none()) return id;  // all zero means "none"
  }
}

}  // namespace flikvakt::crypto
