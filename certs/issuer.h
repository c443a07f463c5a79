// Makes certificates and revocation lists at run time, good and bad, for development and tests; and, in production,
// those of connectors (admin/connector_ca.h): what such a certificate opens is in the log, not in the CA's signature.
// Keys live in ordinary memory and leave as PEM text; nothing here protects them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "crypto/x509.h"

struct evp_pkey_st;

namespace flikvakt::certs {

enum class KeyKind { p256, p384, p521, ed25519, rsa1024, rsa2048, rsa3072 };
enum class Digest { sha1, sha224, sha256, sha384 };

// Name and value in OpenSSL's configuration syntax, x509v3_config(5): {"keyUsage", "critical,digitalSignature"}.
struct Extension {
  std::string name;
  std::string value;
};

struct CertificateSpec {
  std::string common_name;
  std::string organisation_name;
  std::string organisation_identifier;
  UtcTime not_before;
  UtcTime not_after;
  KeyKind key = KeyKind::p256;
  Digest digest = Digest::sha256;  // of the issuer's signature; Ed25519 has its own
  int version = 3;
  std::vector<Extension> extensions;

  // Replaces, adds or (without a value) removes one extension.
  CertificateSpec& set(const std::string& name, const std::optional<std::string>& value);
};

struct RevokedEntry {
  std::string serial_hex;
  std::vector<Extension> extensions;
};

struct CrlSpec {
  std::vector<RevokedEntry> revoked;
  std::optional<std::uint64_t> number;
  UtcTime this_update;
  std::optional<UtcTime> next_update;
  Digest digest = Digest::sha256;
  std::vector<Extension> extensions;  // besides crlNumber and authorityKeyIdentifier
};

// DER, since a bad certificate may not be parsable.
struct IssuedCertificate {
  Bytes der;
  std::string key_pem;  // PKCS #8, not encrypted
};

// A CA: its certificate and its key. Copies share. Errors: internal, or malformed for a broken PEM.
class Issuer {
public:
  static Result<Issuer> self_signed(const CertificateSpec& spec);
  static Result<Issuer> load(std::string_view certificate_pem, std::string_view key_pem);

  Result<Issuer> issue_ca(const CertificateSpec& spec) const;
  Result<IssuedCertificate> issue(const CertificateSpec& spec) const;
  // For a key that somebody else has. malformed: no public key in PEM.
  Result<crypto::Certificate> issue_for(const CertificateSpec& spec, std::string_view public_key_pem) const;
  // A certificate of this CA for the subject name and key of another CA.
  Result<crypto::Certificate> cross_sign(const Issuer& other, const CertificateSpec& spec) const;
  Result<Bytes> make_crl(const CrlSpec& spec) const;  // DER

  const crypto::Certificate& certificate() const { return certificate_; }
  Result<std::string> key_pem() const;

private:
  Issuer(crypto::Certificate certificate, std::shared_ptr<evp_pkey_st> key)
      : certificate_(std::move(certificate)), key_(std::move(key)) {}
  crypto::Certificate certificate_;
  std::shared_ptr<evp_pkey_st> key_;
};

}  // namespace flikvakt::certs
