// What the X.509 and TLS files of crypto/ and certs/ share. Includes OpenSSL: never include this elsewhere.
#pragma once

#include <openssl/x509.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/time.h"
#include "crypto/openssl_handles.h"

namespace flikvakt::crypto {

using X509Ptr = std::unique_ptr<X509, Freed<X509_free>>;
using X509CrlPtr = std::unique_ptr<X509_CRL, Freed<X509_CRL_free>>;
using AsnIntegerPtr = std::unique_ptr<ASN1_INTEGER, Freed<ASN1_INTEGER_free>>;

// The DER inside exactly one PEM block `label`; nothing but white space around it. malformed otherwise.
Result<Bytes> single_pem(std::string_view text, std::string_view label);
std::string pem_block(std::string_view label, BytesView der);

Result<UtcTime> to_utc(const ASN1_TIME* time);
std::string to_hex(const ASN1_INTEGER* serial);
std::string to_text(const X509_NAME* name);  // RFC 2253

// The hash is SHA-256, SHA-384 or SHA-512 (also inside RSA-PSS), or the algorithm is Ed25519. SPEC TLS-11
bool is_strong_signature(const X509_ALGOR* algorithm);

// Any extension twice (RFC 5280 section 4.2 forbids it), or more of them than is sane.
template <class Count, class Get>
bool has_repeated_extension(Count count, Get get) {
  const int total = count();
  if (total > 64) return true;
  for (int i = 0; i < total; ++i) {
    for (int j = 0; j < i; ++j) {
      if (OBJ_cmp(X509_EXTENSION_get_object(get(i)), X509_EXTENSION_get_object(get(j))) == 0) return true;
    }
  }
  return false;
}

}  // namespace flikvakt::crypto
