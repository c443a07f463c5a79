#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <set>

#include "crypto/x509.h"
#include "crypto/x509_internal.h"

namespace flikvakt::crypto {
namespace {

using Problem = CertificateProblem;
using Verdict = std::optional<Problem>;

Verdict shape_problem(std::span<const Certificate> chain, const ClientProfile& profile) {
  if (chain.empty()) return Problem::no_certificate;
  const auto limit = static_cast<std::size_t>(profile.max_intermediates) + 2;
  if (chain.size() > limit) return Problem::chain_malformed;
  std::set<ByteArray<32>> seen;
  for (const Certificate& certificate : chain) {
    if (!seen.insert(certificate.sha256_fingerprint()).second) return Problem::chain_malformed;
  }
  return std::nullopt;
}

bool has_strong_key(const Certificate& certificate, const ClientProfile& profile) {
  switch (certificate.key_algorithm()) {
    case CertificateKeyKind::p256:
    case CertificateKeyKind::p384:
    case CertificateKeyKind::ed25519:
      return true;
    case CertificateKeyKind::rsa:
      return certificate.key_bits() >= profile.min_rsa_bits;
    case CertificateKeyKind::other:
      return false;
  }
  return false;
}

bool has_strong_signature(const X509* certificate) {
  const X509_ALGOR* algorithm = nullptr;
  X509_get0_signature(nullptr, &algorithm, certificate);
  return is_strong_signature(algorithm);
}

// SPEC TLS-10, TLS-11: the profile of the leaf.
Verdict leaf_problem(const Certificate& leaf, const ClientProfile& profile) {
  X509* x = leaf.native();
  if (X509_get_version(x) != X509_VERSION_3) return Problem::not_version_3;
  if (!has_strong_key(leaf, profile)) return Problem::weak_key;
  if (!has_strong_signature(x)) return Problem::weak_signature;
  const std::uint32_t flags = X509_get_extension_flags(x);
  // X509_check_ca alone says no for a CA whose key usage lacks keyCertSign.
  if (X509_check_ca(x) != 0 || (flags & EXFLAG_CA) != 0) return Problem::is_ca;
  const std::uint32_t usage = (flags & EXFLAG_XKUSAGE) != 0 ? X509_get_extended_key_usage(x) : 0;
  if ((usage & XKU_ANYEKU) != 0) return Problem::any_extended_usage;
  if ((usage & XKU_SSL_CLIENT) == 0) return Problem::no_client_auth;
  if ((X509_get_key_usage(x) & KU_DIGITAL_SIGNATURE) == 0) return Problem::no_digital_signature;
  if (leaf.not_after() - leaf.not_before() > profile.max_validity) return Problem::validity_too_long;
  return std::nullopt;
}

Verdict time_problem(const Certificate& leaf, UtcTime now) {
  if (now < leaf.not_before()) return Problem::not_yet_valid;
  if (now >= leaf.not_after()) return Problem::expired;
  return std::nullopt;
}

Problem problem_of(int code) {
  switch (code) {
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_UNTRUSTED:
    case X509_V_ERR_CERT_REJECTED:
      return Problem::untrusted;
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
    case X509_V_ERR_UNABLE_TO_DECRYPT_CERT_SIGNATURE:
      return Problem::bad_signature;
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return Problem::not_yet_valid;
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return Problem::expired;
    case X509_V_ERR_EE_KEY_TOO_SMALL:
    case X509_V_ERR_CA_KEY_TOO_SMALL:
      return Problem::weak_key;
    case X509_V_ERR_CA_MD_TOO_WEAK:
      return Problem::weak_signature;
    case X509_V_ERR_PATH_LENGTH_EXCEEDED:
    case X509_V_ERR_CERT_CHAIN_TOO_LONG:
      return Problem::path_too_long;
    case X509_V_ERR_PERMITTED_VIOLATION:
    case X509_V_ERR_EXCLUDED_VIOLATION:
    case X509_V_ERR_SUBTREE_MINMAX:
    case X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE:
    case X509_V_ERR_UNSUPPORTED_CONSTRAINT_SYNTAX:
    case X509_V_ERR_UNSUPPORTED_NAME_SYNTAX:
      return Problem::name_not_permitted;
    case X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION:
      return Problem::unknown_critical;
    case X509_V_ERR_INVALID_CA:
    case X509_V_ERR_INVALID_PURPOSE:
    case X509_V_ERR_KEYUSAGE_NO_CERTSIGN:
    case X509_V_ERR_CA_CERT_MISSING_KEY_USAGE:
    case X509_V_ERR_CA_BCONS_NOT_CRITICAL:
      return Problem::ca_invalid;
    default:
      return Problem::other;
  }
}

// The stack borrows: the span outlives it.
using CertificateStack = std::unique_ptr<STACK_OF(X509), decltype([](STACK_OF(X509) * s) { sk_X509_free(s); })>;
using StorePtr = std::unique_ptr<X509_STORE, Freed<X509_STORE_free>>;
using ContextPtr = std::unique_ptr<X509_STORE_CTX, Freed<X509_STORE_CTX_free>>;

bool set_rules(X509_STORE_CTX* context, UtcTime now, const ClientProfile& profile) {
  X509_VERIFY_PARAM* rules = X509_STORE_CTX_get0_param(context);
  X509_VERIFY_PARAM_set_time(rules, std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count());
  X509_VERIFY_PARAM_set_depth(rules, profile.max_intermediates);
  X509_VERIFY_PARAM_set_auth_level(rules, 2);
  return X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_X509_STRICT) == 1 &&
         X509_VERIFY_PARAM_set_purpose(rules, X509_PURPOSE_SSL_CLIENT) == 1;
}

// SPEC TLS-11 for the certificates above the leaf. The root's own signature proves nothing, so it is not asked.
Verdict signature_problem(const STACK_OF(X509) * path) {
  for (int i = 0; i + 1 < sk_X509_num(path); ++i) {
    if (!has_strong_signature(sk_X509_value(path, i))) return Problem::weak_signature;
  }
  return std::nullopt;
}

ClientPath copy_of(const STACK_OF(X509) * path) {
  ClientPath out;
  for (int i = 0; i < sk_X509_num(path); ++i) {
    X509* one = sk_X509_value(path, i);
    if (X509_up_ref(one) != 1) return {Problem::other, {}};
    Result<Certificate> certificate = Certificate::adopt(one);
    if (!certificate) return {Problem::other, {}};
    out.certificates.push_back(*std::move(certificate));
  }
  return out;
}

// SPEC TLS-14
ClientPath find_trusted_path(std::span<const Certificate> chain, const TrustStore& trust, UtcTime now,
                             const ClientProfile& profile) {
  const StorePtr store{X509_STORE_new()};
  const ContextPtr context{X509_STORE_CTX_new()};
  const CertificateStack others{sk_X509_new_null()};
  if (!store || !context || !others) return {Problem::other, {}};
  for (const Certificate& root : trust.roots()) {
    if (X509_STORE_add_cert(store.get(), root.native()) != 1) return {Problem::other, {}};
  }
  for (const Certificate& other : chain.subspan(1)) {
    if (sk_X509_push(others.get(), other.native()) == 0) return {Problem::other, {}};
  }
  const int begun = X509_STORE_CTX_init(context.get(), store.get(), chain.front().native(), others.get());
  if (begun != 1 || !set_rules(context.get(), now, profile)) return {Problem::other, {}};
  const int verdict = X509_verify_cert(context.get());
  const int code = X509_STORE_CTX_get_error(context.get());
  if (verdict != 1 || code != X509_V_OK) return {problem_of(code), {}};
  const STACK_OF(X509)* path = X509_STORE_CTX_get0_chain(context.get());
  if (Verdict problem = signature_problem(path)) return {problem, {}};
  return copy_of(path);
}

}  // namespace

std::string_view to_string(CertificateProblem problem) {
  switch (problem) {
    case Problem::no_certificate:
      return "no_certificate";
    case Problem::chain_malformed:
      return "chain_malformed";
    case Problem::not_version_3:
      return "not_version_3";
    case Problem::weak_key:
      return "weak_key";
    case Problem::weak_signature:
      return "weak_signature";
    case Problem::is_ca:
      return "is_ca";
    case Problem::no_client_auth:
      return "no_client_auth";
    case Problem::any_extended_usage:
      return "any_extended_usage";
    case Problem::no_digital_signature:
      return "no_digital_signature";
    case Problem::validity_too_long:
      return "validity_too_long";
    case Problem::not_yet_valid:
      return "not_yet_valid";
    case Problem::expired:
      return "expired";
    case Problem::untrusted:
      return "untrusted";
    case Problem::bad_signature:
      return "bad_signature";
    case Problem::path_too_long:
      return "path_too_long";
    case Problem::name_not_permitted:
      return "name_not_permitted";
    case Problem::unknown_critical:
      return "unknown_critical";
    case Problem::ca_invalid:
      return "ca_invalid";
    case Problem::other:
      return "other";
  }
  return "other";
}

ClientPath find_client_path(std::span<const Certificate> chain, const TrustStore& trust, UtcTime now,
                            const ClientProfile& profile) {
  if (Verdict problem = shape_problem(chain, profile)) return {problem, {}};
  if (Verdict problem = leaf_problem(chain.front(), profile)) return {problem, {}};
  if (Verdict problem = time_problem(chain.front(), now)) return {problem, {}};
  const QuietErrors quiet;
  return find_trusted_path(chain, trust, now, profile);
}

}  // namespace flikvakt::crypto
