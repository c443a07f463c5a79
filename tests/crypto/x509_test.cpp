// Certificate and revocation list cases, table-driven: each has a name and the verdict we expect (spec/tls.md).
#include "crypto/x509.h"

#include <gtest/gtest.h>

#include <functional>

#include "certs/profiles.h"

namespace flikvakt::crypto {
namespace {

using certs::CertificateSpec;
using certs::CrlSpec;
using certs::Digest;
using certs::Issuer;
using certs::KeyKind;
using std::chrono::days;
using std::chrono::hours;
using std::chrono::seconds;

const UtcTime kNow = *parse_rfc3339("2026-11-22T10:00:00Z");

CertificateSpec client() { return certs::client_profile("Region Exempel", "232100-0016", kNow); }
CertificateSpec intermediate() { return certs::intermediate_profile("Exempel CA", kNow); }

// Made once: a trusted root with an intermediate, and a stranger with the same names.
struct World {
  Issuer root = Issuer::self_signed(certs::root_profile("Exempel Root", kNow)).value();
  Issuer ca = root.issue_ca(intermediate()).value();
  Issuer stranger = Issuer::self_signed(certs::root_profile("Exempel Root", kNow)).value();
  Issuer stranger_ca = stranger.issue_ca(intermediate()).value();
  Issuer rsa_root = Issuer::self_signed([] {
                      CertificateSpec spec = certs::root_profile("Exempel RSA Root", kNow);
                      spec.key = KeyKind::rsa2048;
                      return spec;
                    }())
                        .value();
};
const World& world() {
  static const World made;
  return made;
}

CrlSpec list_spec() { return certs::crl_profile({}, 7, kNow - hours{1}, kNow + days{7}); }
Crl list_of(const Issuer& issuer, const CrlSpec& spec = list_spec()) {
  return Crl::parse_der(issuer.make_crl(spec).value()).value();
}
Crl list_revoking(const Issuer& issuer, const Certificate& certificate) {
  CrlSpec spec = list_spec();
  spec.revoked.push_back({certificate.serial_hex(), {}});
  return list_of(issuer, spec);
}

// What is given to find_client_path; starts as what must be accepted.
struct Input {
  std::vector<Certificate> chain;
  TrustStore trust;
  UtcTime now = kNow;
  ClientProfile profile;

  std::string verdict() const {
    const ClientPath found = find_client_path(chain, trust, now, profile);
    if (found.problem.has_value() != found.certificates.empty()) return "a path with a problem";
    return found.problem ? std::string(to_string(*found.problem)) : "accepted";
  }
};

Certificate leaf_of(const Issuer& issuer, const CertificateSpec& spec) {
  return Certificate::parse_der(issuer.issue(spec).value().der).value();
}

// A leaf below `issuers`, the lowest first, the root last.
Input below(const std::vector<Issuer>& issuers, const CertificateSpec& spec = client()) {
  Input out;
  out.chain.push_back(leaf_of(issuers.front(), spec));
  for (const Issuer& issuer : issuers) {
    if (&issuer != &issuers.back()) out.chain.push_back(issuer.certificate());
  }
  (void)out.trust.add(issuers.back().certificate()).value();
  return out;
}
Input good() { return below({world().ca, world().root}); }
Input with_leaf(const std::function<void(CertificateSpec&)>& change) {
  CertificateSpec spec = client();
  change(spec);
  return below({world().ca, world().root}, spec);
}
Input with_ca(const std::function<void(CertificateSpec&)>& change) {
  CertificateSpec spec = intermediate();
  change(spec);
  return below({world().root.issue_ca(spec).value(), world().root});
}
std::string leaf(const std::function<void(CertificateSpec&)>& change) { return with_leaf(change).verdict(); }
std::string ca(const std::function<void(CertificateSpec&)>& change) { return with_ca(change).verdict(); }
std::string changed(const std::function<void(Input&)>& change) {
  Input input = good();
  change(input);
  return input.verdict();
}

// `depth` intermediates, none with a path length of its own.
std::string depth(int count) {
  std::vector<Issuer> line{world().root};
  for (int i = 0; i < count; ++i) {
    CertificateSpec spec = certs::intermediate_profile("Exempel CA " + std::to_string(i), kNow);
    spec.set("basicConstraints", "critical,CA:TRUE");
    line.insert(line.begin(), line.front().issue_ca(spec).value());
  }
  return below(line).verdict();
}

std::string parsed(const Result<Certificate>& result) {
  return result ? "accepted" : std::string(to_string(result.error().code));
}
std::string parsed(const Result<Crl>& result) {
  return result ? "accepted" : std::string(to_string(result.error().code));
}
std::string answer(const Result<void>& result) {
  return result ? "accepted" : std::string(to_string(result.error().code));
}

Bytes leaf_der(const std::function<void(CertificateSpec&)>& change = [](CertificateSpec&) {}) {
  CertificateSpec spec = client();
  change(spec);
  return world().ca.issue(spec).value().der;
}
std::string leaf_pem() { return Certificate::parse_der(leaf_der()).value().pem(); }
std::string der_case(const std::function<void(Bytes&)>& change) {
  Bytes der = leaf_der();
  change(der);
  return parsed(Certificate::parse_der(der));
}
std::string crl_case(const std::function<void(CrlSpec&)>& change) {
  CrlSpec spec = list_spec();
  change(spec);
  return parsed(Crl::parse_der(world().ca.make_crl(spec).value()));
}

void replace_all(Bytes& der, BytesView from, BytesView to) {
  for (auto at = der.begin();;) {
    at = std::search(at, der.end(), from.begin(), from.end());
    if (at == der.end()) return;
    at = std::copy(to.begin(), to.end(), at);
  }
}

// The 20 bytes of the subject key identifier: they follow their OID, 2.5.29.14, and two headers.
Bytes key_id(const Issuer& issuer) {
  const Bytes der = issuer.certificate().der();
  const ByteArray<5> oid{0x06, 0x03, 0x55, 0x1d, 0x0e};
  const auto at = std::search(der.begin(), der.end(), oid.begin(), oid.end()) + 5 + 4;
  return Bytes(at, at + 20);
}

// A list that says it is the one published at http://a/b, as the parts of a divided list do.
constexpr const char* kElsewhere = "critical,DER:3010A00EA00C860A687474703A2F2F612F62";

struct Case {
  std::string name;
  std::string expected;
  std::function<std::string()> verdict;
  friend void PrintTo(const Case& one, std::ostream* out) { *out << one.name; }
};

// SPEC TLS-10, TLS-11, TLS-18: the leaf.
std::vector<Case> leaf_cases() {
  return {
      {"APlainLeafIsAccepted", "accepted", [] { return good().verdict(); }},
      {"P384IsAccepted", "accepted", [] { return leaf([](auto& s) { s.key = KeyKind::p384; }); }},
      {"Ed25519IsAccepted", "accepted", [] { return leaf([](auto& s) { s.key = KeyKind::ed25519; }); }},
      {"Rsa2048IsAccepted", "accepted", [] { return leaf([](auto& s) { s.key = KeyKind::rsa2048; }); }},
      {"Rsa3072IsAccepted", "accepted", [] { return leaf([](auto& s) { s.key = KeyKind::rsa3072; }); }},
      {"Rsa2048BelowAStricterProfileIsRefused", "weak_key",
       [] {
         Input input = with_leaf([](auto& s) { s.key = KeyKind::rsa2048; });
         input.profile.min_rsa_bits = 3072;
         return input.verdict();
       }},
      {"Rsa1024IsRefused", "weak_key", [] { return leaf([](auto& s) { s.key = KeyKind::rsa1024; }); }},
      {"ACurveOutsideTheListIsRefused", "weak_key", [] { return leaf([](auto& s) { s.key = KeyKind::p521; }); }},
      {"Sha384IsAccepted", "accepted", [] { return leaf([](auto& s) { s.digest = Digest::sha384; }); }},
      {"Sha224IsRefused", "weak_signature", [] { return leaf([](auto& s) { s.digest = Digest::sha224; }); }},
      {"Sha1IsRefused", "weak_signature", [] { return leaf([](auto& s) { s.digest = Digest::sha1; }); }},
      {"AnRsaRootIsAccepted", "accepted", [] { return below({world().rsa_root}).verdict(); }},
      {"Version1IsRefused", "not_version_3",
       [] {
         return leaf([](auto& s) {
           s.version = 1;
           s.extensions.clear();
         });
       }},
      {"ClientAndServerAuthIsAccepted", "accepted",
       [] { return leaf([](auto& s) { s.set("extendedKeyUsage", "clientAuth,serverAuth"); }); }},
      {"NoExtendedUsageIsRefused", "no_client_auth",
       [] { return leaf([](auto& s) { s.set("extendedKeyUsage", std::nullopt); }); }},
      {"ServerAuthOnlyIsRefused", "no_client_auth",
       [] { return leaf([](auto& s) { s.set("extendedKeyUsage", "serverAuth"); }); }},
      {"CodeSigningOnlyIsRefused", "no_client_auth",
       [] { return leaf([](auto& s) { s.set("extendedKeyUsage", "critical,codeSigning"); }); }},
      {"AnyExtendedUsageIsRefused", "any_extended_usage",
       [] { return leaf([](auto& s) { s.set("extendedKeyUsage", "anyExtendedKeyUsage"); }); }},
      {"AnyExtendedUsageBesideClientAuthIsRefused", "any_extended_usage",
       [] { return leaf([](auto& s) { s.set("extendedKeyUsage", "clientAuth,anyExtendedKeyUsage"); }); }},
      {"NoKeyUsageIsAccepted", "accepted", [] { return leaf([](auto& s) { s.set("keyUsage", std::nullopt); }); }},
      {"KeyUsageWithoutSignatureIsRefused", "no_digital_signature",
       [] { return leaf([](auto& s) { s.set("keyUsage", "critical,keyAgreement"); }); }},
      {"ACaAsLeafIsRefused", "is_ca",
       [] { return leaf([](auto& s) { s.set("basicConstraints", "critical,CA:TRUE"); }); }},
      {"ALeafThatMaySignCertificatesIsRefused", "is_ca",
       [] {
         return leaf([](auto& s) {
           s.set("basicConstraints", std::nullopt).set("keyUsage", "critical,digitalSignature,keyCertSign");
         });
       }},
      {"NoBasicConstraintsIsAccepted", "accepted",
       [] { return leaf([](auto& s) { s.set("basicConstraints", std::nullopt); }); }},
      {"ThreeYearsAreAccepted", "accepted",
       [] { return leaf([](auto& s) { s.not_after = s.not_before + days{1096}; }); }},
      {"MoreThanThreeYearsAreRefused", "validity_too_long",
       [] { return leaf([](auto& s) { s.not_after = s.not_before + days{1096} + seconds{1}; }); }},
      {"AnOwnLimitOfValidityHolds", "validity_too_long",
       [] { return changed([](Input& in) { in.profile.max_validity = days{90}; }); }},
      {"TheLastSecondIsAccepted", "accepted", [] { return leaf([](auto& s) { s.not_after = kNow + seconds{1}; }); }},
      {"TheEndItselfIsRefused", "expired", [] { return leaf([](auto& s) { s.not_after = kNow; }); }},
      {"TheFirstSecondIsAccepted", "accepted", [] { return leaf([](auto& s) { s.not_before = kNow; }); }},
      {"OneSecondBeforeTheStartIsRefused", "not_yet_valid",
       [] { return leaf([](auto& s) { s.not_before = kNow + seconds{1}; }); }},
      {"AnUnknownExtensionIsAccepted", "accepted", [] { return leaf([](auto& s) { s.set("1.2.3.4", "DER:0500"); }); }},
      {"AnUnknownCriticalExtensionIsRefused", "unknown_critical",
       [] { return leaf([](auto& s) { s.set("1.2.3.4", "critical,DER:0500"); }); }},
      {"ALeafThatDoesNotNameItsIssuersKeyIsRefused", "other",
       [] { return leaf([](auto& s) { s.set("authorityKeyIdentifier", std::nullopt); }); }},
      {"AChangedSignatureIsRefused", "bad_signature",
       [] {
         return changed([](Input& in) {
           Bytes der = in.chain[0].der();
           der.back() ^= 1;
           in.chain[0] = Certificate::parse_der(der).value();
         });
       }},
  };
}

// SPEC TLS-11, TLS-14: what stands above the leaf.
std::vector<Case> chain_cases() {
  return {
      {"NoCertificateIsRefused", "no_certificate", [] { return changed([](Input& in) { in.chain.clear(); }); }},
      {"ALeafOfTheRootIsAccepted", "accepted", [] { return below({world().root}).verdict(); }},
      {"ThreeIntermediatesAreAccepted", "accepted", [] { return depth(3); }},
      {"FourIntermediatesAreRefused", "path_too_long", [] { return depth(4); }},
      {"TheRootInTheChainIsAccepted", "accepted",
       [] { return changed([](Input& in) { in.chain.push_back(world().root.certificate()); }); }},
      {"CasInAnyOrderAreAccepted", "accepted",
       [] { return changed([](Input& in) { in.chain.insert(in.chain.begin() + 1, world().root.certificate()); }); }},
      {"AMissingIntermediateIsRefused", "untrusted", [] { return changed([](Input& in) { in.chain.pop_back(); }); }},
      {"ACaBeforeTheLeafIsRefused", "is_ca",
       [] { return changed([](Input& in) { std::swap(in.chain[0], in.chain[1]); }); }},
      {"ADuplicatedLeafIsRefused", "chain_malformed",
       [] { return changed([](Input& in) { in.chain.push_back(in.chain[0]); }); }},
      {"ADuplicatedCaIsRefused", "chain_malformed",
       [] { return changed([](Input& in) { in.chain.push_back(in.chain[1]); }); }},
      {"AVeryLongChainIsRefused", "chain_malformed",
       [] {
         return changed([](Input& in) {
           for (int i = 0; i < 8; ++i) in.chain.push_back(leaf_of(world().ca, client()));
         });
       }},
      {"ASelfSignedLeafIsRefused", "untrusted",
       [] { return changed([](Input& in) { in.chain = {Issuer::self_signed(client()).value().certificate()}; }); }},
      {"AnotherRootOfTheSameNameIsRefused", "untrusted",
       [] {
         Input input = below({world().stranger_ca, world().stranger});
         input.trust = good().trust;
         return input.verdict();
       }},
      {"AStrangersCaOfTheSameNameIsRefused", "untrusted",
       [] { return changed([](Input& in) { in.chain[1] = world().stranger_ca.certificate(); }); }},
      {"NoTrustedRootTrustsNobody", "untrusted", [] { return changed([](Input& in) { in.trust = {}; }); }},
      {"ACrossSignedCaIsAcceptedUnderTheOtherRoot", "accepted",
       [] {
         const Certificate crossed = world().rsa_root.cross_sign(world().ca, intermediate()).value();
         return changed([&](Input& in) {
           in.chain[1] = crossed;
           in.trust = below({world().rsa_root}).trust;
         });
       }},
      {"ACrossSignedCaIsRefusedUnderARootThatDidNotSign", "untrusted",
       [] {
         const Certificate crossed = world().stranger.cross_sign(world().ca, intermediate()).value();
         return changed([&](Input& in) { in.chain[1] = crossed; });
       }},
      {"AnExpiredCaIsRefused", "expired", [] { return ca([](auto& s) { s.not_after = kNow - seconds{1}; }); }},
      {"ACaNotYetValidIsRefused", "not_yet_valid", [] { return ca([](auto& s) { s.not_before = kNow + hours{1}; }); }},
      {"AnExpiredRootIsRefused", "expired",
       [] {
         CertificateSpec spec = certs::root_profile("Gammal Root", kNow);
         spec.not_after = kNow - seconds{1};
         return below({Issuer::self_signed(spec).value()}).verdict();
       }},
      {"AnIntermediateThatIsNoCaIsRefused", "ca_invalid",
       [] {
         return ca([](auto& s) { s.set("basicConstraints", "critical,CA:FALSE").set("keyUsage", std::nullopt); });
       }},
      {"ACaThatMayNotSignCertificatesIsRefused", "ca_invalid",
       [] { return ca([](auto& s) { s.set("keyUsage", "critical,cRLSign"); }); }},
      {"ACaForServersOnlyIsRefused", "ca_invalid",
       [] { return ca([](auto& s) { s.set("extendedKeyUsage", "serverAuth"); }); }},
      {"ACaSignedWithSha1IsRefused", "weak_signature", [] { return ca([](auto& s) { s.digest = Digest::sha1; }); }},
      {"ACaSignedWithSha224IsRefused", "weak_signature", [] { return ca([](auto& s) { s.digest = Digest::sha224; }); }},
      {"ACaWithAWeakKeyIsRefused", "weak_key", [] { return ca([](auto& s) { s.key = KeyKind::rsa1024; }); }},
      {"ACaWithAnUnknownCriticalExtensionIsRefused", "unknown_critical",
       [] { return ca([](auto& s) { s.set("1.2.3.4", "critical,DER:0500"); }); }},
      {"AViolatedPathLengthIsRefused", "path_too_long",
       [] {
         const Issuer lower = world().ca.issue_ca(certs::intermediate_profile("Under CA", kNow)).value();
         return below({lower, world().ca, world().root}).verdict();
       }},
      {"APermittedNameIsAccepted", "accepted",
       [] {
         CertificateSpec spec = intermediate();
         spec.set("nameConstraints", "critical,permitted;DNS:exempel.se");
         CertificateSpec named = client();
         named.set("subjectAltName", "DNS:klient.exempel.se");
         return below({world().root.issue_ca(spec).value(), world().root}, named).verdict();
       }},
      {"ANameOutsideTheConstraintsIsRefused", "name_not_permitted",
       [] {
         CertificateSpec spec = intermediate();
         spec.set("nameConstraints", "critical,permitted;DNS:exempel.se");
         CertificateSpec named = client();
         named.set("subjectAltName", "DNS:klient.annan.se");
         return below({world().root.issue_ca(spec).value(), world().root}, named).verdict();
       }},
  };
}

// SPEC TLS-12, TLS-13: what is a certificate at all.
std::vector<Case> parse_cases() {
  const auto name = [](std::string text) {
    return parsed(Certificate::parse_der(leaf_der([&](auto& s) { s.common_name = text; })));
  };
  return {
      {"OnePemIsParsed", "accepted", [] { return parsed(Certificate::parse_pem(leaf_pem())); }},
      {"WindowsLineEndsAreParsed", "accepted",
       [] {
         std::string text;
         for (char c : leaf_pem()) text += c == '\n' ? std::string("\r\n") : std::string(1, c);
         return parsed(Certificate::parse_pem(text));
       }},
      {"AnEmptyTextIsNoCertificate", "malformed", [] { return parsed(Certificate::parse_pem("")); }},
      {"EmptyBytesAreNoCertificate", "malformed", [] { return der_case([](Bytes& der) { der.clear(); }); }},
      {"AnEmptyPemBlockIsNoCertificate", "malformed",
       [] { return parsed(Certificate::parse_pem("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n")); }},
      {"TwoCertificatesInOnePemAreRefused", "malformed",
       [] { return parsed(Certificate::parse_pem(leaf_pem() + leaf_pem())); }},
      {"TextBeforeThePemIsRefused", "malformed",
       [] { return parsed(Certificate::parse_pem("Subject: x\n" + leaf_pem())); }},
      {"TextAfterThePemIsRefused", "malformed", [] { return parsed(Certificate::parse_pem(leaf_pem() + "x")); }},
      {"APrivateKeyIsNoCertificate", "malformed",
       [] { return parsed(Certificate::parse_pem(world().ca.key_pem().value())); }},
      {"ABrokenBase64IsRefused", "malformed",
       [] {
         std::string text = leaf_pem();
         text[40] = '!';
         return parsed(Certificate::parse_pem(text));
       }},
      {"BytesAfterTheDerAreRefused", "malformed", [] { return der_case([](Bytes& der) { der.push_back(0); }); }},
      {"TwoCertificatesInOneDerAreRefused", "malformed",
       [] {
         return der_case([](Bytes& der) {
           const Bytes once = der;
           der.insert(der.end(), once.begin(), once.end());
         });
       }},
      {"ATruncatedDerIsRefused", "malformed", [] { return der_case([](Bytes& der) { der.pop_back(); }); }},
      {"ALongWindedLengthIsRefused", "malformed",
       [] {
         return der_case([](Bytes& der) {
           der[1] = 0x83;  // three length bytes where two are enough
           der.insert(der.begin() + 2, 0);
         });
       }},
      {"AHugeDerIsRefused", "malformed",
       [] { return der_case([](Bytes& der) { der.resize(kMaxCertificateBytes + 1); }); }},
      {"AHugePemIsRefused", "malformed",
       [] { return parsed(Certificate::parse_pem(std::string(kMaxCertificateBytes, ' ') + leaf_pem())); }},
      {"ANameWithNulIsRefused", "malformed", [=] { return name(std::string("Region\0.annan.se", 16)); }},
      {"ANameWithALineBreakIsRefused", "malformed", [=] { return name("Region\nadmin"); }},
      {"ANameWithSwedishLettersIsParsed", "accepted", [=] { return name("Förbundet i Ängelholm"); }},
      {"TwoCommonNamesAreRefused", "malformed",
       [] {
         return der_case([](Bytes& der) {
           const ByteArray<5> organisation{0x06, 0x03, 0x55, 0x04, 0x0a}, common{0x06, 0x03, 0x55, 0x04, 0x03};
           replace_all(der, organisation, common);
         });
       }},
      {"AnExtensionTwiceIsRefused", "malformed",
       [] {
         return parsed(Certificate::parse_der(leaf_der([](auto& s) {
           s.extensions.push_back({"extendedKeyUsage", "serverAuth"});
         })));
       }},
  };
}

// SPEC TLS-16: what is a list at all.
std::vector<Case> list_cases() {
  const auto extension = [](const char* oid, const char* value) {
    return crl_case([=](CrlSpec& s) { s.extensions.push_back({oid, value}); });
  };
  const auto entry = [](const char* oid, const char* value) {
    return crl_case([=](CrlSpec& s) { s.revoked.push_back({"4711", {{oid, value}}}); });
  };
  return {
      {"APlainListIsParsed", "accepted", [] { return crl_case([](CrlSpec&) {}); }},
      {"ADeltaListIsRefused", "malformed", [=] { return extension("2.5.29.27", "critical,DER:020101"); }},
      {"AnIndirectListIsRefused", "malformed", [=] { return extension("2.5.29.28", "critical,DER:30038401FF"); }},
      {"AListForUsersOnlyIsRefused", "malformed", [=] { return extension("2.5.29.28", "critical,DER:30038101FF"); }},
      {"AListForCasOnlyIsRefused", "malformed", [=] { return extension("2.5.29.28", "critical,DER:30038201FF"); }},
      {"AListForSomeReasonsIsRefused", "malformed",
       [=] { return extension("2.5.29.28", "critical,DER:300483020640"); }},
      {"AListPublishedElsewhereIsRefused", "malformed", [=] { return extension("2.5.29.28", kElsewhere); }},
      {"AnUnreadableScopeIsRefused", "malformed", [=] { return extension("2.5.29.28", "critical,DER:0500"); }},
      {"AListWithAnUnknownCriticalExtensionIsRefused", "malformed",
       [=] { return extension("1.2.3.4", "critical,DER:0500"); }},
      {"AListWithAnUnknownExtensionIsParsed", "accepted", [=] { return extension("1.2.3.4", "DER:0500"); }},
      {"AListWithoutNumberIsRefused", "malformed", [] { return crl_case([](CrlSpec& s) { s.number.reset(); }); }},
      {"AListWithANegativeNumberIsRefused", "malformed",
       [] {
         return crl_case([](CrlSpec& s) {
           s.number.reset();
           s.extensions.push_back({"2.5.29.20", "DER:0201FF"});
         });
       }},
      {"AListWithANumberOver64BitsIsRefused", "malformed",
       [] {
         return crl_case([](CrlSpec& s) {
           s.number.reset();
           s.extensions.push_back({"2.5.29.20", "DER:0209010000000000000000"});
         });
       }},
      {"AListWithANumberOver53BitsIsRefused", "malformed",
       [] { return crl_case([](CrlSpec& s) { s.number = std::uint64_t{1} << 53; }); }},
      {"AListWithANumberOf53BitsIsParsed", "accepted",
       [] { return crl_case([](CrlSpec& s) { s.number = (std::uint64_t{1} << 53) - 1; }); }},
      {"AListWithoutNextUpdateIsRefused", "malformed",
       [] { return crl_case([](CrlSpec& s) { s.next_update.reset(); }); }},
      {"AListThatEndsBeforeItBeginsIsRefused", "malformed",
       [] { return crl_case([](CrlSpec& s) { s.next_update = s.this_update; }); }},
      {"AListSignedWithSha1IsRefused", "malformed",
       [] { return crl_case([](CrlSpec& s) { s.digest = Digest::sha1; }); }},
      {"AnEntryWithAReasonIsParsed", "accepted", [=] { return entry("2.5.29.21", "DER:0A0101"); }},
      {"AnEntryThatTakesBackIsRefused", "malformed", [=] { return entry("2.5.29.21", "DER:0A0108"); }},
      {"AnEntryOfAnotherIssuerIsRefused", "malformed",
       [=] { return entry("2.5.29.29", "critical,DER:300C860A687474703A2F2F612F62"); }},
      {"AnEntryWithAnUnknownCriticalExtensionIsRefused", "malformed",
       [=] { return entry("1.2.3.4", "critical,DER:0500"); }},
      {"AnEmptyListTextIsRefused", "malformed", [] { return parsed(Crl::parse_pem("")); }},
      {"ACertificateIsNoList", "malformed", [] { return parsed(Crl::parse_pem(leaf_pem())); }},
      {"TwoListsInOnePemAreRefused", "malformed",
       [] {
         const std::string once = list_of(world().ca).pem();
         return parsed(Crl::parse_pem(once + once));
       }},
      {"BytesAfterAListAreRefused", "malformed",
       [] {
         Bytes der = list_of(world().ca).der();
         der.push_back(0);
         return parsed(Crl::parse_der(der));
       }},
  };
}

// SPEC TLS-15: who signed a list.
std::vector<Case> signature_cases() {
  return {
      {"AChangedSignatureOfAListIsRefused", "denied",
       [] {
         Bytes der = list_of(world().ca).der();
         der.back() ^= 1;
         return answer(Crl::parse_der(der).value().signed_by(world().ca.certificate()));
       }},
      {"AStrangersListThatClaimsTheKeyIsRefused", "denied",
       [] {
         // The stranger's signature over the words of the real list.
         Bytes der = list_of(world().stranger_ca).der();
         replace_all(der, key_id(world().stranger_ca), key_id(world().ca));
         return answer(Crl::parse_der(der).value().signed_by(world().ca.certificate()));
       }},
      {"TheIssuersSignatureIsAccepted", "accepted",
       [] { return answer(list_of(world().ca).signed_by(world().ca.certificate())); }},
      {"AStrangersSignatureIsRefused", "denied",
       [] { return answer(list_of(world().stranger_ca).signed_by(world().ca.certificate())); }},
      {"AnotherNamesSignatureIsRefused", "denied",
       [] { return answer(list_of(world().ca).signed_by(world().root.certificate())); }},
      {"ASignatureOfACaWithoutThatRightIsRefused", "denied",
       [] {
         CertificateSpec spec = intermediate();
         spec.set("keyUsage", "critical,keyCertSign");
         const Issuer mute = world().root.issue_ca(spec).value();
         return answer(list_of(mute).signed_by(mute.certificate()));
       }},
  };
}

std::vector<Case> all_cases() {
  std::vector<Case> all;
  for (auto make : {leaf_cases, chain_cases, parse_cases, list_cases, signature_cases}) {
    for (Case& one : make()) all.push_back(std::move(one));
  }
  return all;
}

class X509Case : public testing::TestWithParam<Case> {};
TEST_P(X509Case, HasTheExpectedVerdict) { EXPECT_EQ(GetParam().verdict(), GetParam().expected); }
INSTANTIATE_TEST_SUITE_P(Table, X509Case, testing::ValuesIn(all_cases()), [](const auto& of) { return of.param.name; });

TEST(X509, TheTableHasAtLeastSixtyCases) {
  const std::vector<Case> cases = all_cases();
  EXPECT_GE(cases.size(), 60u);
  EXPECT_GE(std::count_if(cases.begin(), cases.end(), [](const Case& one) { return one.expected == "accepted"; }), 20);
}

TEST(X509, FieldsOfACertificateAreRead) {
  const Certificate leaf = leaf_of(world().ca, client());
  EXPECT_EQ(leaf.common_name(), "Region Exempel");
  EXPECT_EQ(leaf.organisation_identifier(), "NTRSE-2321000016");
  EXPECT_EQ(leaf.not_before(), kNow - hours{1});
  EXPECT_EQ(leaf.not_after(), kNow - hours{1} + days{397});
  EXPECT_EQ(leaf.key_algorithm(), CertificateKeyKind::p256);
  EXPECT_EQ(leaf.key_bits(), 256);
  EXPECT_EQ(leaf.serial_hex().size(), 32u);
  EXPECT_EQ(leaf.issuer(), "CN=Exempel CA");
  EXPECT_EQ(leaf.sha256_fingerprint(), Certificate::parse_pem(leaf.pem()).value().sha256_fingerprint());
  EXPECT_FALSE(leaf.same_as(leaf_of(world().ca, client())));
}

TEST(X509, FieldsOfAListAreRead) {
  const Certificate gone = leaf_of(world().ca, client());
  const Crl list = list_revoking(world().ca, gone);
  EXPECT_EQ(list.number(), 7u);
  EXPECT_EQ(list.this_update(), kNow - hours{1});
  EXPECT_EQ(list.next_update(), kNow + days{7});
  EXPECT_EQ(list.revoked_serials(), std::vector<std::string>{gone.serial_hex()});
  EXPECT_TRUE(list.issued_under_name_of(world().ca.certificate()));
  EXPECT_EQ(list.sha256(), Crl::parse_pem(list.pem()).value().sha256());
}

TEST(X509, ATrustStoreTakesRootsOnly) {
  const std::string root = world().root.certificate().pem(), other = world().rsa_root.certificate().pem();
  EXPECT_EQ(TrustStore::parse_pem(root + "\n" + other).value().roots().size(), 2u);
  EXPECT_FALSE(TrustStore::parse_pem(""));
  EXPECT_FALSE(TrustStore::parse_pem(root + "x"));
  EXPECT_FALSE(TrustStore::parse_pem(root + world().ca.certificate().pem()));
  EXPECT_FALSE(TrustStore::parse_pem(Issuer::self_signed(client()).value().certificate().pem()));
}

// SPEC TLS-14
TEST(X509, APathGoesFromTheLeafToTheRoot) {
  const Input input = good();
  const ClientPath found = find_client_path(input.chain, input.trust, input.now);
  ASSERT_EQ(found.certificates.size(), 3u);
  EXPECT_TRUE(found.certificates[0].same_as(input.chain[0]));
  EXPECT_TRUE(found.certificates[1].same_as(world().ca.certificate()));
  EXPECT_TRUE(found.certificates[2].same_as(world().root.certificate()));
}

}  // namespace
}  // namespace flikvakt::crypto
