#include <openssl/x509v3.h>

#include "crypto/x509.h"
#include "crypto/x509_internal.h"

namespace flikvakt::crypto {
namespace {

Error malformed(std::string_view what) {
  ERR_clear_error();
  return fail(ErrorCode::malformed, "parsing a revocation list: " + std::string(what));
}

Result<void> check_extensions(const X509_CRL* crl) {
  const bool repeated = has_repeated_extension([&] { return X509_CRL_get_ext_count(crl); },
                                               [&](int i) { return X509_CRL_get_ext(crl, i); });
  if (repeated) return malformed("an extension appears twice");
  for (int i = 0; i < X509_CRL_get_ext_count(crl); ++i) {
    X509_EXTENSION* extension = X509_CRL_get_ext(crl, i);
    const int nid = OBJ_obj2nid(X509_EXTENSION_get_object(extension));
    if (nid == NID_delta_crl) return malformed("a delta list is not accepted");
    // RFC 5280 section 5.2.5: with it, even with a name alone, a list may be one part of several, and a part cannot
    // clear the certificates of the others.
    if (nid == NID_issuing_distribution_point) return malformed("a list for a part of the certificates");
    const bool known = nid == NID_crl_number || nid == NID_authority_key_identifier;
    if (!known && X509_EXTENSION_get_critical(extension) != 0) return malformed("an unknown critical extension");
  }
  return {};
}

// An entry that takes a revocation back belongs in delta lists only; OpenSSL would read it as "not revoked".
bool takes_back(const X509_REVOKED* entry) {
  const std::unique_ptr<ASN1_ENUMERATED, Freed<ASN1_ENUMERATED_free>> reason{
      static_cast<ASN1_ENUMERATED*>(X509_REVOKED_get_ext_d2i(entry, NID_crl_reason, nullptr, nullptr))};
  return reason != nullptr && ASN1_ENUMERATED_get(reason.get()) == CRL_REASON_REMOVE_FROM_CRL;
}

Result<void> check_entries(X509_CRL* crl) {
  const STACK_OF(X509_REVOKED)* entries = X509_CRL_get_REVOKED(crl);
  for (int i = 0; i < sk_X509_REVOKED_num(entries); ++i) {
    const X509_REVOKED* entry = sk_X509_REVOKED_value(entries, i);
    if (takes_back(entry)) return malformed("an entry that takes a revocation back");
    for (int j = 0; j < X509_REVOKED_get_ext_count(entry); ++j) {
      X509_EXTENSION* extension = X509_REVOKED_get_ext(entry, j);
      const int nid = OBJ_obj2nid(X509_EXTENSION_get_object(extension));
      if (nid == NID_certificate_issuer) return malformed("an entry for another issuer");
      const bool known = nid == NID_crl_reason || nid == NID_invalidity_date;
      if (!known && X509_EXTENSION_get_critical(extension) != 0) return malformed("an unknown critical extension");
    }
  }
  return {};
}

Result<std::uint64_t> crl_number(const X509_CRL* crl) {
  const AsnIntegerPtr number{static_cast<ASN1_INTEGER*>(X509_CRL_get_ext_d2i(crl, NID_crl_number, nullptr, nullptr))};
  std::uint64_t out = 0;
  if (number == nullptr) return malformed("no number");
  // It is kept in a state row, and JSON carries no larger number.
  const bool fits = ASN1_INTEGER_get_uint64(&out, number.get()) == 1 && out < std::uint64_t{1} << 53;
  if (!fits) return malformed("the number does not fit 53 bits");
  return out;
}

}  // namespace

Result<Crl> Crl::adopt(X509_crl_st* owned) {
  Crl out;
  out.crl_ = std::shared_ptr<X509_CRL>(owned, &X509_CRL_free);
  if (X509_CRL_get_version(owned) != X509_CRL_VERSION_2) return malformed("not version 2");
  const X509_ALGOR* algorithm = nullptr;
  X509_CRL_get0_signature(owned, nullptr, &algorithm);
  if (!is_strong_signature(algorithm)) return malformed("the signature is weaker than SHA-256");
  TRY_VOID(check_extensions(owned));
  TRY_VOID(check_entries(owned));
  out.number_ = TRY(crl_number(owned));
  out.this_update_ = TRY(to_utc(X509_CRL_get0_lastUpdate(owned)));
  if (X509_CRL_get0_nextUpdate(owned) == nullptr) return malformed("no nextUpdate");
  out.next_update_ = TRY(to_utc(X509_CRL_get0_nextUpdate(owned)));
  if (out.next_update_ <= out.this_update_) return malformed("nextUpdate is not after thisUpdate");
  return out;
}

Result<Crl> Crl::parse_der(BytesView der) {
  if (der.empty() || der.size() > kMaxCrlBytes) return malformed("empty or too large");
  const unsigned char* at = der.data();
  X509CrlPtr parsed{d2i_X509_CRL(nullptr, &at, static_cast<long>(der.size()))};
  if (parsed == nullptr) return malformed("not DER");
  if (at != der.data() + der.size()) return malformed("bytes after the end");
  Crl out = TRY(adopt(parsed.release()));
  const Bytes again = out.der();
  if (!std::equal(again.begin(), again.end(), der.begin(), der.end())) return malformed("not in its one encoding");
  return out;
}

Result<Crl> Crl::parse_pem(std::string_view text) {
  if (text.size() > kMaxCrlBytes) return malformed("too large");
  const Bytes der = TRY(single_pem(text, "X509 CRL"));
  return parse_der(der);
}

std::string Crl::issuer() const { return to_text(X509_CRL_get_issuer(crl_.get())); }

bool Crl::issued_under_name_of(const Certificate& ca) const {
  return X509_NAME_cmp(X509_CRL_get_issuer(crl_.get()), X509_get_subject_name(ca.native())) == 0;
}

std::vector<std::string> Crl::revoked_serials() const {
  std::vector<std::string> out;
  const STACK_OF(X509_REVOKED)* entries = X509_CRL_get_REVOKED(crl_.get());
  for (int i = 0; i < sk_X509_REVOKED_num(entries); ++i) {
    out.push_back(to_hex(X509_REVOKED_get0_serialNumber(sk_X509_REVOKED_value(entries, i))));
  }
  return out;
}

ByteArray<32> Crl::sha256() const {
  ByteArray<32> out{};
  unsigned int size = 0;
  if (X509_CRL_digest(crl_.get(), EVP_sha256(), out.data(), &size) != 1 || size != out.size()) std::abort();
  return out;
}

Bytes Crl::der() const {
  unsigned char* data = nullptr;
  const int size = i2d_X509_CRL(crl_.get(), &data);
  if (size <= 0) return {};
  Bytes out(data, data + size);
  OPENSSL_free(data);
  return out;
}

std::string Crl::pem() const { return pem_block("X509 CRL", der()); }

Result<void> Crl::signed_by(const Certificate& issuer) const {
  if (!issued_under_name_of(issuer)) return fail(ErrorCode::denied, "the list has another issuer");
  // Without a key usage extension X509_get_key_usage gives all bits.
  if (X509_check_ca(issuer.native()) != 1 || (X509_get_key_usage(issuer.native()) & KU_CRL_SIGN) == 0) {
    return fail(ErrorCode::denied, "the issuer may not sign revocation lists");
  }
  if (X509_CRL_verify(crl_.get(), X509_get0_pubkey(issuer.native())) != 1) {
    ERR_clear_error();
    return fail(ErrorCode::denied, "the signature of the list is wrong");
  }
  return {};
}

}  // namespace flikvakt::crypto
