#include "crypto/ed25519_point.h"

#include <openssl/bn.h>

#include <algorithm>
#include <string_view>

#include "crypto/openssl_handles.h"

namespace flikvakt::crypto {
namespace {

// Big-endian hex. kPrime = 2^255 - 19; kCurveD = -121665/121666; kOrder8a, kOrder8b: the y of the points of order 8.
constexpr const char* kPrime = "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed";
constexpr const char* kCurveD = "52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3";
constexpr const char* kOrder8a = "05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826";
constexpr const char* kOrder8b = "7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7";

Bignum from_text(const char* hex) {
  BIGNUM* out = nullptr;
  must(BN_hex2bn(&out, hex) > 0, "reading a constant");
  return Bignum(out);
}

// y = 1 (order 1), p - 1 (order 2), 0 (order 4), kOrder8a, kOrder8b (order 8); any sign of x.
bool is_of_small_order(const BIGNUM* y, const BIGNUM* prime) {
  const Bignum next(BN_dup(y));
  must(next && BN_add_word(next.get(), 1) == 1, "adding");
  return BN_is_zero(y) || BN_is_one(y) || BN_cmp(next.get(), prime) == 0 || BN_cmp(y, from_text(kOrder8a).get()) == 0 ||
         BN_cmp(y, from_text(kOrder8b).get()) == 0;
}

// x^2 = u / v with u = y^2 - 1 and v = d y^2 + 1. As u v = (u / v) v^2, there is an x when u v is a square.
bool is_on_curve(const BIGNUM* y, const BIGNUM* prime) {
  const BignumContext context(BN_CTX_new());
  const Bignum u(BN_new()), v(BN_new()), one(BN_new());
  must(context && u && v && one && BN_one(one.get()) == 1, "allocating");
  const Bignum d = from_text(kCurveD);
  must(BN_mod_sqr(v.get(), y, prime, context.get()) == 1, "squaring");
  must(BN_mod_sub(u.get(), v.get(), one.get(), prime, context.get()) == 1, "subtracting");
  must(BN_mod_mul(v.get(), v.get(), d.get(), prime, context.get()) == 1, "multiplying");
  must(BN_mod_add(v.get(), v.get(), one.get(), prime, context.get()) == 1, "adding");
  must(BN_mod_mul(u.get(), u.get(), v.get(), prime, context.get()) == 1, "multiplying");
  const int symbol = BN_kronecker(u.get(), prime, context.get());
  must(symbol >= -1, "taking the Legendre symbol");
  return symbol == 1;
}

}  // namespace

bool is_fit_ed25519_key(const ByteArray<32>& encoded) {
  ByteArray<32> big_endian = encoded;
  std::ranges::reverse(big_endian);
  big_endian[0] &= 0x7f;  // the sign of x
  const Bignum y(BN_bin2bn(big_endian.data(), big_endian.size(), nullptr));
  must(y != nullptr, "allocating");
  const Bignum prime = from_text(kPrime);
  // Of the points with x = 0, whose sign bit must be clear, both are of small order, so no check of that bit is needed.
  return BN_cmp(y.get(), prime.get()) < 0 && !is_of_small_order(y.get(), prime.get()) &&
         is_on_curve(y.get(), prime.get());
}

}  // namespace flikvakt::crypto
