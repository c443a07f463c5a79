// X.509 certificates and revocation lists (RFC 5280), and what we demand of an organisation's client certificate.
// All values are immutable, cheap to copy (shared ownership) and safe to read from several threads.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"

struct x509_st;
struct X509_crl_st;

namespace flikvakt::crypto {

inline constexpr std::size_t kMaxCertificateBytes = 64 * 1024;    // PEM or DER, SPEC TLS-12
inline constexpr std::size_t kMaxCrlBytes = 16 * 1024 * 1024;     // PEM or DER
inline constexpr std::size_t kMaxTrustBundleBytes = 1024 * 1024;  // PEM

enum class CertificateKeyKind { rsa, p256, p384, ed25519, other };

// One certificate. Parsing is strict: exactly one, nothing after it, re-encodes to the same DER, at most one common
// name and one organizationIdentifier, without control characters. Errors: malformed.
class Certificate {
public:
  static Result<Certificate> parse_pem(std::string_view text);
  static Result<Certificate> parse_der(BytesView der);

  ByteArray<32> sha256_fingerprint() const;  // over the DER
  std::string serial_hex() const;            // lower case, whole bytes, no leading zero byte (0 is "00")
  const std::string& common_name() const { return common_name_; }  // subject CN, UTF-8; may be empty
  const std::string& organisation_identifier() const { return organisation_identifier_; }  // 2.5.4.97; may be empty
  std::string subject() const;  // RFC 2253 text, for the operational log
  std::string issuer() const;   // RFC 2253 text
  UtcTime not_before() const { return not_before_; }
  UtcTime not_after() const { return not_after_; }
  CertificateKeyKind key_algorithm() const;
  int key_bits() const;  // of the modulus or the field
  Bytes der() const;
  std::string pem() const;
  bool same_as(const Certificate& other) const { return sha256_fingerprint() == other.sha256_fingerprint(); }
  // Was it issued by this CA? Names, key identifiers, the right to sign certificates, and the signature; neither time
  // nor revocation. denied: it was not.
  Result<void> signed_by(const Certificate& issuer) const;

  x509_st* native() const { return x509_.get(); }    // for crypto/ and certs/ only; still owned here
  static Result<Certificate> adopt(x509_st* owned);  // takes ownership; same checks as parsing

private:
  Certificate() = default;
  std::shared_ptr<x509_st> x509_;
  std::string common_name_;
  std::string organisation_identifier_;
  UtcTime not_before_;
  UtcTime not_after_;
};

// One complete, direct revocation list. Parsing refuses delta, indirect and partitioned lists, lists without crlNumber
// or nextUpdate, unknown critical extensions and signatures weaker than SHA-256 (SPEC TLS-16). A parsed list proves
// nothing before signed_by().
class Crl {
public:
  static Result<Crl> parse_pem(std::string_view text);
  static Result<Crl> parse_der(BytesView der);

  std::string issuer() const;  // RFC 2253 text
  bool issued_under_name_of(const Certificate& ca) const;
  std::uint64_t number() const { return number_; }
  UtcTime this_update() const { return this_update_; }
  UtcTime next_update() const { return next_update_; }
  std::vector<std::string> revoked_serials() const;  // as Certificate::serial_hex, in the order listed
  ByteArray<32> sha256() const;                      // over the DER
  Bytes der() const;
  std::string pem() const;

  // denied: other issuer name, no right to sign lists, or a wrong signature.
  Result<void> signed_by(const Certificate& issuer) const;

  X509_crl_st* native() const { return crl_.get(); }  // for crypto/ and certs/ only

private:
  Crl() = default;
  static Result<Crl> adopt(X509_crl_st* owned);
  std::shared_ptr<X509_crl_st> crl_;
  std::uint64_t number_ = 0;
  UtcTime this_update_;
  UtcTime next_update_;
};

// The root certificates we trust. Never the system's store, never an empty store: an empty one trusts nobody.
class TrustStore {
public:
  // One or more certificates. Errors: malformed; invalid for one that is not a self-signed CA.
  static Result<TrustStore> parse_pem(std::string_view bundle);
  Result<void> add(Certificate root);
  const std::vector<Certificate>& roots() const { return roots_; }

private:
  std::vector<Certificate> roots_;
};

// Why a client certificate was refused: for the operational log, never for the client.
enum class CertificateProblem {
  no_certificate,   // an empty chain
  chain_malformed,  // too long, or the same certificate twice
  not_version_3,
  weak_key,        // not P-256, P-384, Ed25519 or RSA of at least min_rsa_bits
  weak_signature,  // anywhere below the root: not SHA-256 or better
  is_ca,
  no_client_auth,  // extended key usage absent or without clientAuth
  any_extended_usage,
  no_digital_signature,  // key usage present without it
  validity_too_long,
  not_yet_valid,  // any certificate of the chain
  expired,        // any certificate of the chain
  untrusted,      // no path to one of our roots
  bad_signature,
  path_too_long,
  name_not_permitted,  // name constraints
  unknown_critical,    // a critical extension we do not understand
  ca_invalid,          // a certificate above the leaf may not issue
  other,
};
std::string_view to_string(CertificateProblem problem);

struct ClientProfile {
  std::chrono::days max_validity{1096};  // three years
  int max_intermediates = 3;             // CAs between the leaf and the root
  int min_rsa_bits = 2048;               // 3072 recommended
};

// The path of a client certificate that keeps every rule which needs no revocation list, or why there is none.
struct ClientPath {
  std::optional<CertificateProblem> problem;
  std::vector<Certificate> certificates;  // leaf first, a root of ours last; empty with a problem
};

// `chain`: leaf first, then what the client sent, in any order. A certificate is valid from notBefore until just before
// notAfter, judged at `now` (SPEC TLS-18). Whether each CA of the path clears the certificate below it is the caller's
// to ask of the lists that were applied (SPEC TLS-15): service::Directory::is_clear.
ClientPath find_client_path(std::span<const Certificate> chain, const TrustStore& trust, UtcTime now,
                            const ClientProfile& profile = {});

}  // namespace flikvakt::crypto
