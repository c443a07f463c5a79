#include <openssl/x509v3.h>

#include "crypto/x509.h"
#include "crypto/x509_internal.h"

namespace flikvakt::crypto {
namespace {

Error malformed(std::string_view what) {
  ERR_clear_error();
  return fail(ErrorCode::malformed, "parsing a certificate: " + std::string(what));
}

bool is_plain(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

// SPEC TLS-13: at most one, no control characters; an embedded NUL would make two readers see two names.
Result<std::string> subject_field(const X509* certificate, int nid) {
  const X509_NAME* subject = X509_get_subject_name(certificate);
  const int at = X509_NAME_get_index_by_NID(subject, nid, -1);
  if (at < 0) return std::string();
  if (X509_NAME_get_index_by_NID(subject, nid, at) >= 0) return malformed("a name field appears twice");
  unsigned char* text = nullptr;
  const int size = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
  if (size < 0) return malformed("a name field is not text");
  const std::string out(reinterpret_cast<char*>(text), static_cast<std::size_t>(size));
  OPENSSL_free(text);
  if (!is_plain(out)) return malformed("a name field holds control characters");
  return out;
}

}  // namespace

Result<Certificate> Certificate::adopt(x509_st* owned) {
  Certificate out;
  out.x509_ = std::shared_ptr<X509>(owned, &X509_free);
  if (owned == nullptr) return malformed("nothing there");
  const bool repeated =
      has_repeated_extension([&] { return X509_get_ext_count(owned); }, [&](int i) { return X509_get_ext(owned, i); });
  if (repeated) return malformed("an extension appears twice");
  if (X509_get0_pubkey(owned) == nullptr) return malformed("the public key is unusable");
  // Reads the extensions once, here, so that later uses from several threads only read.
  (void)X509_check_purpose(owned, -1, 0);
  if ((X509_get_extension_flags(owned) & EXFLAG_INVALID) != 0) return malformed("an extension is broken");
  out.not_before_ = TRY(to_utc(X509_get0_notBefore(owned)));
  out.not_after_ = TRY(to_utc(X509_get0_notAfter(owned)));
  out.common_name_ = TRY(subject_field(owned, NID_commonName));
  out.organisation_identifier_ = TRY(subject_field(owned, NID_organizationIdentifier));
  return out;
}

Result<Certificate> Certificate::parse_der(BytesView der) {
  if (der.empty() || der.size() > kMaxCertificateBytes) return malformed("empty or too large");
  const unsigned char* at = der.data();
  X509Ptr parsed{d2i_X509(nullptr, &at, static_cast<long>(der.size()))};
  if (parsed == nullptr) return malformed("not DER");
  if (at != der.data() + der.size()) return malformed("bytes after the end");
  Certificate out = TRY(adopt(parsed.release()));
  const Bytes again = out.der();
  if (!std::equal(again.begin(), again.end(), der.begin(), der.end())) return malformed("not in its one encoding");
  return out;
}

Result<Certificate> Certificate::parse_pem(std::string_view text) {
  if (text.size() > kMaxCertificateBytes) return malformed("too large");
  const Bytes der = TRY(single_pem(text, "CERTIFICATE"));
  return parse_der(der);
}

ByteArray<32> Certificate::sha256_fingerprint() const {
  ByteArray<32> out{};
  unsigned int size = 0;
  if (X509_digest(x509_.get(), EVP_sha256(), out.data(), &size) != 1 || size != out.size()) std::abort();
  return out;
}

std::string Certificate::serial_hex() const { return to_hex(X509_get0_serialNumber(x509_.get())); }
std::string Certificate::subject() const { return to_text(X509_get_subject_name(x509_.get())); }
std::string Certificate::issuer() const { return to_text(X509_get_issuer_name(x509_.get())); }

Result<void> Certificate::signed_by(const Certificate& issuer) const {
  const bool is_named = X509_check_issued(issuer.native(), x509_.get()) == X509_V_OK;
  if (!is_named || X509_check_ca(issuer.native()) != 1) {
    return fail(ErrorCode::denied, "the certificate has another issuer");
  }
  if (X509_verify(x509_.get(), X509_get0_pubkey(issuer.native())) != 1) {
    ERR_clear_error();
    return fail(ErrorCode::denied, "the signature of the certificate is wrong");
  }
  return {};
}

CertificateKeyKind Certificate::key_algorithm() const {
  const EVP_PKEY* key = X509_get0_pubkey(x509_.get());
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
      return CertificateKeyKind::rsa;
    case EVP_PKEY_ED25519:
      return CertificateKeyKind::ed25519;
    case EVP_PKEY_EC:
      break;
    default:
      return CertificateKeyKind::other;
  }
  char group[64] = {};
  std::size_t size = 0;
  if (EVP_PKEY_get_group_name(key, group, sizeof group, &size) != 1) return CertificateKeyKind::other;
  const std::string_view name(group, size);
  if (name == SN_X9_62_prime256v1) return CertificateKeyKind::p256;
  if (name == SN_secp384r1) return CertificateKeyKind::p384;
  return CertificateKeyKind::other;
}

int Certificate::key_bits() const { return EVP_PKEY_get_bits(X509_get0_pubkey(x509_.get())); }

Bytes Certificate::der() const {
  unsigned char* data = nullptr;
  const int size = i2d_X509(x509_.get(), &data);
  if (size <= 0) return {};
  Bytes out(data, data + size);
  OPENSSL_free(data);
  return out;
}

std::string Certificate::pem() const { return pem_block("CERTIFICATE", der()); }

Result<void> TrustStore::add(Certificate root) {
  if (X509_check_ca(root.native()) != 1 || X509_self_signed(root.native(), 1) != 1) {
    ERR_clear_error();
    return fail(ErrorCode::invalid, "a trusted certificate must be a self-signed CA: `" + root.subject() + "`");
  }
  roots_.push_back(std::move(root));
  return {};
}

Result<TrustStore> TrustStore::parse_pem(std::string_view bundle) {
  constexpr std::string_view kEnd = "-----END CERTIFICATE-----";
  if (bundle.size() > kMaxTrustBundleBytes) return malformed("the bundle is too large");
  TrustStore out;
  while (bundle.find_first_not_of(" \t\r\n") != std::string_view::npos) {
    const auto end = bundle.find(kEnd);
    if (end == std::string_view::npos) return malformed("text after the last certificate of a bundle");
    Certificate root = TRY(Certificate::parse_pem(bundle.substr(0, end + kEnd.size())));
    TRY_VOID(out.add(std::move(root)));
    bundle.remove_prefix(end + kEnd.size());
  }
  if (out.roots_.empty()) return malformed("no certificate in the bundle");
  return out;
}

}  // namespace flikvakt::crypto
