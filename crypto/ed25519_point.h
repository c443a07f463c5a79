// Is this a fit Ed25519 public key? OpenSSL 3.0 takes any 32 bytes and finds out, in part, when it verifies.
#pragma once

#include "base/bytes.h"

namespace flikvakt::crypto {

// True when `encoded` is the only encoding (RFC 8032 section 5.1.3) of a point on edwards25519 whose order is not 1, 2,
// 4 or 8: under a key of such an order, one signature is valid for many messages. Points with a small-order component
// beside the prime-order one pass. Not constant-time: public keys only.
[[nodiscard]] bool is_fit_ed25519_key(const ByteArray<32>& encoded);

}  // namespace flikvakt::crypto
