#include "certs/issuer.h"

#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <algorithm>

#include "crypto/x509_internal.h"

namespace flikvakt::certs {
namespace {

using crypto::AsnIntegerPtr;
using crypto::Bio;
using crypto::Pkey;
using crypto::X509CrlPtr;
using crypto::X509Ptr;
using SharedKey = std::shared_ptr<EVP_PKEY>;

Error openssl_failed(std::string_view doing) {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return fail(ErrorCode::internal, std::string(doing) + ": " + (reason != nullptr ? reason : "unknown"));
}

Result<SharedKey> make_key(KeyKind kind) {
  EVP_PKEY* key = nullptr;
  switch (kind) {
    case KeyKind::p256:
      key = EVP_EC_gen("P-256");
      break;
    case KeyKind::p384:
      key = EVP_EC_gen("P-384");
      break;
    case KeyKind::p521:
      key = EVP_EC_gen("P-521");
      break;
    case KeyKind::ed25519:
      key = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
      break;
    case KeyKind::rsa1024:
      key = EVP_RSA_gen(1024);
      break;
    case KeyKind::rsa2048:
      key = EVP_RSA_gen(2048);
      break;
    case KeyKind::rsa3072:
      key = EVP_RSA_gen(3072);
      break;
  }
  if (key == nullptr) return openssl_failed("making a key");
  return SharedKey(key, &EVP_PKEY_free);
}

const EVP_MD* hash_of(Digest digest, const EVP_PKEY* key) {
  if (EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519) return nullptr;
  switch (digest) {
    case Digest::sha1:
      return EVP_sha1();
    case Digest::sha224:
      return EVP_sha224();
    case Digest::sha256:
      return EVP_sha256();
    case Digest::sha384:
      return EVP_sha384();
  }
  return nullptr;
}

Result<std::string> write_key(EVP_PKEY* key) {
  const Bio out{BIO_new(BIO_s_mem())};
  if (!out || PEM_write_bio_PrivateKey(out.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return openssl_failed("writing a key");
  }
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return std::string(data, static_cast<std::size_t>(size));
}

bool set_time(ASN1_TIME* field, UtcTime time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  return ASN1_TIME_set(field, seconds) != nullptr;
}

bool add_name(X509_NAME* name, int nid, const std::string& text) {
  return text.empty() ||
         X509_NAME_add_entry_by_NID(name, nid, MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(text.data()),
                                    static_cast<int>(text.size()), -1, 0) == 1;
}

bool set_subject(X509* certificate, const CertificateSpec& spec) {
  X509_NAME* name = X509_get_subject_name(certificate);
  return add_name(name, NID_organizationName, spec.organisation_name) &&
         add_name(name, NID_organizationIdentifier, spec.organisation_identifier) &&
         add_name(name, NID_commonName, spec.common_name);
}

bool set_random_serial(X509* certificate) {
  unsigned char bytes[16];
  if (RAND_bytes(bytes, sizeof bytes) != 1) return false;
  bytes[0] = static_cast<unsigned char>((bytes[0] & 0x7f) | 0x40);  // positive, and always of one length
  const std::unique_ptr<BIGNUM, crypto::Freed<BN_free>> number{BN_bin2bn(bytes, sizeof bytes, nullptr)};
  return number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

using ExtensionPtr = std::unique_ptr<X509_EXTENSION, crypto::Freed<X509_EXTENSION_free>>;

ExtensionPtr make_extension(X509V3_CTX* context, const Extension& from) {
  return ExtensionPtr{X509V3_EXT_nconf(nullptr, context, from.name.c_str(), from.value.c_str())};
}

struct Subject {
  const X509_NAME* name;  // null: from the specification
  EVP_PKEY* key;
};

// `issuer` null: self-signed by `signing_key`.
Result<X509Ptr> build(const CertificateSpec& spec, const Subject& subject, X509* issuer, EVP_PKEY* signing_key) {
  X509Ptr out{X509_new()};
  if (!out) return openssl_failed("making a certificate");
  X509* x = out.get();
  if (X509_set_version(x, spec.version - 1) != 1 || !set_random_serial(x) ||
      !set_time(X509_getm_notBefore(x), spec.not_before) || !set_time(X509_getm_notAfter(x), spec.not_after) ||
      X509_set_pubkey(x, subject.key) != 1) {
    return openssl_failed("making a certificate");
  }
  const bool named = subject.name != nullptr ? X509_set_subject_name(x, subject.name) == 1 : set_subject(x, spec);
  X509* signer = issuer != nullptr ? issuer : x;
  if (!named || X509_set_issuer_name(x, X509_get_subject_name(signer)) != 1) return openssl_failed("naming");
  X509V3_CTX context{};
  X509V3_set_ctx(&context, signer, x, nullptr, nullptr, 0);
  X509V3_set_ctx_nodb(&context);
  for (const Extension& wanted : spec.extensions) {
    const ExtensionPtr extension = make_extension(&context, wanted);
    if (!extension || X509_add_ext(x, extension.get(), -1) != 1) return openssl_failed("extension " + wanted.name);
  }
  if (X509_sign(x, signing_key, hash_of(spec.digest, signing_key)) <= 0) return openssl_failed("signing");
  return out;
}

Result<void> add_revoked(X509_CRL* crl, const RevokedEntry& from, UtcTime when) {
  std::unique_ptr<X509_REVOKED, crypto::Freed<X509_REVOKED_free>> entry{X509_REVOKED_new()};
  BIGNUM* parsed = nullptr;
  const int digits = BN_hex2bn(&parsed, from.serial_hex.c_str());
  const std::unique_ptr<BIGNUM, crypto::Freed<BN_free>> number{parsed};
  if (!entry || digits != static_cast<int>(from.serial_hex.size())) {
    return fail(ErrorCode::malformed, "not a serial number: `" + from.serial_hex + "`");
  }
  const AsnIntegerPtr serial{BN_to_ASN1_INTEGER(number.get(), nullptr)};
  const std::unique_ptr<ASN1_TIME, crypto::Freed<ASN1_TIME_free>> time{ASN1_TIME_new()};
  bool ok = serial && time && set_time(time.get(), when) &&
            X509_REVOKED_set_serialNumber(entry.get(), serial.get()) == 1 &&
            X509_REVOKED_set_revocationDate(entry.get(), time.get()) == 1;
  for (const Extension& wanted : from.extensions) {
    const ExtensionPtr extension = make_extension(nullptr, wanted);
    ok = ok && extension && X509_REVOKED_add_ext(entry.get(), extension.get(), -1) == 1;
  }
  if (!ok || X509_CRL_add0_revoked(crl, entry.get()) != 1) return openssl_failed("adding a revoked serial");
  (void)entry.release();
  return {};
}

bool set_times(X509_CRL* crl, const CrlSpec& spec) {
  const std::unique_ptr<ASN1_TIME, crypto::Freed<ASN1_TIME_free>> time{ASN1_TIME_new()};
  if (!time || !set_time(time.get(), spec.this_update) || X509_CRL_set1_lastUpdate(crl, time.get()) != 1) return false;
  return !spec.next_update ||
         (set_time(time.get(), *spec.next_update) && X509_CRL_set1_nextUpdate(crl, time.get()) == 1);
}

bool set_number(X509_CRL* crl, std::uint64_t value) {
  const AsnIntegerPtr number{ASN1_INTEGER_new()};
  return number && ASN1_INTEGER_set_uint64(number.get(), value) == 1 &&
         X509_CRL_add1_ext_i2d(crl, NID_crl_number, number.get(), 0, 0) == 1;
}

}  // namespace

CertificateSpec& CertificateSpec::set(const std::string& name, const std::optional<std::string>& value) {
  const auto found =
      std::find_if(extensions.begin(), extensions.end(), [&](const Extension& one) { return one.name == name; });
  if (found == extensions.end()) {
    if (value) extensions.push_back({name, *value});
  } else if (value) {
    found->value = *value;
  } else {
    extensions.erase(found);
  }
  return *this;
}

Result<Issuer> Issuer::self_signed(const CertificateSpec& spec) {
  SharedKey key = TRY(make_key(spec.key));
  X509Ptr made = TRY(build(spec, {nullptr, key.get()}, nullptr, key.get()));
  crypto::Certificate certificate = TRY(crypto::Certificate::adopt(made.release()));
  return Issuer(std::move(certificate), std::move(key));
}

Result<Issuer> Issuer::load(std::string_view certificate_pem, std::string_view key_pem) {
  crypto::Certificate certificate = TRY(crypto::Certificate::parse_pem(certificate_pem));
  const Bio in{BIO_new_mem_buf(key_pem.data(), static_cast<int>(key_pem.size()))};
  // An empty passphrase: never ask a terminal.
  char none[] = "";
  SharedKey key(in ? PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, none) : nullptr, &EVP_PKEY_free);
  if (!key || X509_check_private_key(certificate.native(), key.get()) != 1) {
    ERR_clear_error();
    return fail(ErrorCode::malformed, "the key of the CA does not fit its certificate");
  }
  return Issuer(std::move(certificate), std::move(key));
}

Result<Issuer> Issuer::issue_ca(const CertificateSpec& spec) const {
  SharedKey key = TRY(make_key(spec.key));
  X509Ptr made = TRY(build(spec, {nullptr, key.get()}, certificate_.native(), key_.get()));
  crypto::Certificate certificate = TRY(crypto::Certificate::adopt(made.release()));
  return Issuer(std::move(certificate), std::move(key));
}

Result<IssuedCertificate> Issuer::issue(const CertificateSpec& spec) const {
  const SharedKey key = TRY(make_key(spec.key));
  const X509Ptr made = TRY(build(spec, {nullptr, key.get()}, certificate_.native(), key_.get()));
  unsigned char* data = nullptr;
  const int size = i2d_X509(made.get(), &data);
  if (size <= 0) return openssl_failed("encoding a certificate");
  IssuedCertificate out{Bytes(data, data + size), {}};
  OPENSSL_free(data);
  out.key_pem = TRY(write_key(key.get()));
  return out;
}

Result<crypto::Certificate> Issuer::issue_for(const CertificateSpec& spec, std::string_view public_key_pem) const {
  const Bio in{BIO_new_mem_buf(public_key_pem.data(), static_cast<int>(public_key_pem.size()))};
  char none[] = "";
  const Pkey key(in ? PEM_read_bio_PUBKEY(in.get(), nullptr, nullptr, none) : nullptr);
  if (!key) {
    ERR_clear_error();
    return fail(ErrorCode::malformed, "no public key in PEM");
  }
  X509Ptr made = TRY(build(spec, {nullptr, key.get()}, certificate_.native(), key_.get()));
  return crypto::Certificate::adopt(made.release());
}

Result<crypto::Certificate> Issuer::cross_sign(const Issuer& other, const CertificateSpec& spec) const {
  const Subject subject{X509_get_subject_name(other.certificate_.native()), other.key_.get()};
  X509Ptr made = TRY(build(spec, subject, certificate_.native(), key_.get()));
  return crypto::Certificate::adopt(made.release());
}

Result<Bytes> Issuer::make_crl(const CrlSpec& spec) const {
  const X509CrlPtr crl{X509_CRL_new()};
  if (!crl || X509_CRL_set_version(crl.get(), X509_CRL_VERSION_2) != 1 || !set_times(crl.get(), spec) ||
      X509_CRL_set_issuer_name(crl.get(), X509_get_subject_name(certificate_.native())) != 1 ||
      (spec.number && !set_number(crl.get(), *spec.number))) {
    return openssl_failed("making a revocation list");
  }
  for (const RevokedEntry& entry : spec.revoked) TRY_VOID(add_revoked(crl.get(), entry, spec.this_update));
  X509V3_CTX context{};
  X509V3_set_ctx(&context, certificate_.native(), nullptr, nullptr, crl.get(), 0);
  X509V3_set_ctx_nodb(&context);
  std::vector<Extension> wanted = spec.extensions;
  wanted.push_back({"authorityKeyIdentifier", "keyid:always"});
  for (const Extension& one : wanted) {
    const ExtensionPtr extension = make_extension(&context, one);
    if (!extension || X509_CRL_add_ext(crl.get(), extension.get(), -1) != 1) return openssl_failed("extension");
  }
  X509_CRL_sort(crl.get());
  if (X509_CRL_sign(crl.get(), key_.get(), hash_of(spec.digest, key_.get())) <= 0) return openssl_failed("signing");
  unsigned char* data = nullptr;
  const int size = i2d_X509_CRL(crl.get(), &data);
  if (size <= 0) return openssl_failed("encoding a revocation list");
  Bytes out(data, data + size);
  OPENSSL_free(data);
  return out;
}

Result<std::string> Issuer::key_pem() const { return write_key(key_.get()); }

}  // namespace flikvakt::certs
