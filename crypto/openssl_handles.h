// Owners of OpenSSL objects, and what to do when OpenSSL fails where only a lack of memory can make it. For files
// inside crypto/ only.
#pragma once

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace flikvakt::crypto {

template <auto kFree>
struct FreeWith {
  void operator()(auto* object) const { kFree(object); }
};
using Bignum = std::unique_ptr<BIGNUM, FreeWith<BN_clear_free>>;
using BignumContext = std::unique_ptr<BN_CTX, FreeWith<BN_CTX_free>>;
using EcdsaSignature = std::unique_ptr<ECDSA_SIG, FreeWith<ECDSA_SIG_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, FreeWith<EVP_MD_CTX_free>>;
using PrivateKeyInfo = std::unique_ptr<PKCS8_PRIV_KEY_INFO, FreeWith<PKCS8_PRIV_KEY_INFO_free>>;
using Bio = std::unique_ptr<BIO, FreeWith<BIO_free_all>>;
using Pkey = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;

inline void require(bool done, std::string_view doing) {
  if (!done) throw std::runtime_error("OpenSSL failed while " + std::string(doing));
}

// Errors that OpenSSL queues inside this scope are dropped at its end: SSL_get_error() of the same thread would
// otherwise take them for those of a connection.
class QuietErrors {
public:
  QuietErrors() { ERR_set_mark(); }
  ~QuietErrors() { ERR_pop_to_mark(); }
  QuietErrors(const QuietErrors&) = delete;
  QuietErrors& operator=(const QuietErrors&) = delete;
};

}  // namespace flikvakt::crypto
