// What an enrolment must have to be one. spec/connector.md
#include "connector/identity.h"

#include <gtest/gtest.h>

#include <functional>

#include "certs/issuer.h"
#include "certs/profiles.h"
#include "crypto/random.h"

namespace flikvakt::connector {
namespace {

// SPEC CONN-3, CONN-6: what says that it is an enrolment and lacks roots, a seal key, or a certificate for its key.
TEST(Identity, WithoutRootsOrWithAnotherKeysCertificateIsNone) {
  const UtcTime now = SystemClock().wall();
  const certs::Issuer ca = certs::Issuer::self_signed(certs::root_profile("CA", now)).value();
  const auto tls = crypto::SigningKey::generate(crypto::KeyAlgorithm::p256);
  const auto other = crypto::SigningKey::generate(crypto::KeyAlgorithm::p256);
  const certs::CertificateSpec spec = certs::client_profile("Region", "2321000016", now);
  IdentityFile whole;
  whole.gateway = "gateway";
  whole.message_key = std::string(crypto::SigningKey::generate(crypto::KeyAlgorithm::ed25519).to_pem().expose());
  whole.tls_key = std::string(tls.to_pem().expose());
  whole.certificate = ca.issue_for(spec, tls.public_key().to_pem()).value().pem();
  whole.trust = ca.certificate().pem();
  whole.seal_keys = {to_base64url(crypto::random_bytes<32>())};
  EXPECT_TRUE(Identity::from(whole).has_value());
  const std::vector<std::pair<const char*, std::function<void(IdentityFile&)>>> lacking = {
      {"roots", [](IdentityFile& one) { one.trust.clear(); }},
      {"roots that are any", [](IdentityFile& one) { one.trust = "none"; }},
      {"roots that are none", [&](IdentityFile& one) { one.trust = one.certificate; }},
      {"its TLS key", [&](IdentityFile& one) { one.tls_key = std::string(other.to_pem().expose()); }},
      {"a seal key", [](IdentityFile& one) { one.seal_keys.clear(); }},
      {"a certificate", [](IdentityFile& one) { one.certificate.clear(); }}};
  for (const auto& [what, how] : lacking) {
    IdentityFile one = whole;
    how(one);
    EXPECT_EQ(Identity::from(one).error().exit, ExitCode::fault) << what;
  }
}

}  // namespace
}  // namespace flikvakt::connector
