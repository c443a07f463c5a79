// Client certificates over the whole path: a CA that no longer counts takes all below it along.
#include <thread>

#include "base/files.h"
#include "service/apply_crl.h"
#include "tests/gateway/api_world.h"

namespace flikvakt::gateway::test {
namespace {

using certs::Issuer;

constexpr const char* kProtected = "/v1/catalogue";

class ApiCertificates : public testing::Test {
protected:
  // A client certificate of the region below `issuer`, registered; the file holds the chain up to below the root.
  certs::IssuedIdentity client_below(const Issuer& issuer, bool with_issuer) {
    const certs::IssuedCertificate made =
        issuer.issue(certs::client_profile("Region", "232100-0016", world_.now)).value();
    const crypto::Certificate leaf = crypto::Certificate::parse_der(made.der).value();
    const certs::IssuedIdentity out{world_.folder / "below.pem", world_.folder / "below.key", leaf};
    write(out.certificate, leaf.pem() + (with_issuer ? issuer.certificate().pem() : ""));
    write(out.key, made.key_pem);
    const auto ca = issuer.certificate().sha256_fingerprint();
    const auto registered = world_.by_administrators(
        policy::RegisterCertificate{leaf.sha256_fingerprint(), world_.region->id, ca, leaf.serial_hex(),
                                    leaf.not_before(), leaf.not_after(), leaf.der()});
    EXPECT_TRUE(registered.decision.is_permitted());
    return out;
  }
  void write(const std::filesystem::path& path, const std::string& text) {
    std::filesystem::remove(path);
    EXPECT_TRUE(write_new_file(path, as_bytes(text)));
  }
  void register_issuer(const Issuer& issuer) {
    const crypto::Certificate& ca = issuer.certificate();
    world_.by_administrators(policy::RegisterIssuer{ca.sha256_fingerprint(), "CA", ca.der()});
  }
  Result<void> apply(const Issuer& issuer, const certs::CrlSpec& spec) {
    const Bytes der = issuer.make_crl(spec).value();
    write(world_.folder / "list.crl", std::string(as_text(der)));
    return service::apply_crl_file(*world_.core, world_.folder / "list.crl");
  }
  certs::CrlSpec list(std::uint64_t number, std::vector<std::string> serials = {}) {
    return certs::crl_profile(serials, number, world_.now - 1h, world_.now + 24h);
  }
  ApiReply ask(const certs::IssuedIdentity& identity) {
    ApiClient client(world_.server->ports().api, world_.ca_pem, &identity);
    return client.get(kProtected);
  }
  ApiReply ask_unregistered() {
    return ask(world_.pki.issue_client("stranger", "Stranger", "232100-0016", world_.now).value());
  }

  const UtcTime made_at_ = SystemClock().wall();
  const Issuer second_root_ = Issuer::self_signed(certs::root_profile("Second root", made_at_)).value();
  ApiWorld world_{[this](Server::Options& options) {
    const std::filesystem::path bundle = options.client_roots.parent_path() / "roots.pem";
    const Bytes first = read_file(options.client_roots, 65536).value();
    EXPECT_TRUE(write_new_file(bundle, as_bytes(std::string(as_text(first)) + second_root_.certificate().pem())));
    options.client_roots = bundle;
  }};
  const Issuer middle_ = world_.pki.ca().issue_ca(certs::intermediate_profile("Middle CA", world_.now)).value();
};

// SPEC TLS-6, TLS-15, API-4
TEST_F(ApiCertificates, AClientBelowAnIntermediateIsServedUntilTheRootRevokesTheIntermediate) {
  register_issuer(middle_);
  ASSERT_TRUE(apply(middle_, list(1)));
  const certs::IssuedIdentity identity = client_below(middle_, true);
  ApiClient open(world_.server->ports().api, world_.ca_pem, &identity);
  ASSERT_EQ(open.get(kProtected).status, 200u);

  const std::string serial = middle_.certificate().serial_hex();
  ASSERT_TRUE(apply(world_.pki.ca(), list(2, {serial})));
  EXPECT_TRUE(open.is_closed_within(2000ms));
  const ApiReply refused = ask(identity);
  EXPECT_EQ(refused.status, 403u);
  EXPECT_EQ(refused.comparable(), ask_unregistered().comparable());
  ApiClient neighbour = world_.organisation(*world_.region);
  EXPECT_EQ(neighbour.get(kProtected).status, 200u) << "what the root issued itself is not concerned";
}

// SPEC TLS-15
TEST_F(ApiCertificates, WithoutACurrentListOfEveryCaOfThePathAClientIsRefused) {
  const Issuer middle = second_root_.issue_ca(certs::intermediate_profile("Other CA", world_.now)).value();
  register_issuer(middle);
  ASSERT_TRUE(apply(middle, list(1)));
  const certs::IssuedIdentity identity = client_below(middle, true);
  const ApiReply refused = ask(identity);
  EXPECT_EQ(refused.status, 403u) << "nothing is known of the root";
  EXPECT_EQ(refused.comparable(), ask_unregistered().comparable());
  register_issuer(second_root_);
  EXPECT_EQ(ask(identity).status, 403u) << "no list of the root";
  certs::CrlSpec short_lived = list(1);
  short_lived.next_update = std::chrono::ceil<std::chrono::seconds>(SystemClock().wall()) + 2s;
  ASSERT_TRUE(apply(second_root_, short_lived));
  ApiClient open(world_.server->ports().api, world_.ca_pem, &identity);
  EXPECT_EQ(open.get(kProtected).status, 200u);
  std::this_thread::sleep_for(3100ms);
  EXPECT_EQ(open.get(kProtected).comparable(), refused.comparable()) << "the root's list is past its next update";
  ASSERT_TRUE(apply(second_root_, list(2)));
  EXPECT_EQ(ask(identity).status, 200u);
  world_.decide(world_.administrators[0],
                policy::Suspend{policy::RegistryNoun::issuer, to_hex(second_root_.certificate().sha256_fingerprint())});
  EXPECT_EQ(ask(identity).status, 403u) << "the root is suspended";
}

// SPEC TLS-14
TEST_F(ApiCertificates, AnExpiredCaOfThePathIsRefusedThoughEveryListIsThere) {
  certs::CertificateSpec spec = certs::intermediate_profile("Brief CA", world_.now);
  spec.not_after = std::chrono::ceil<std::chrono::seconds>(SystemClock().wall()) + 2s;
  const Issuer brief = world_.pki.ca().issue_ca(spec).value();
  register_issuer(brief);
  ASSERT_TRUE(apply(brief, list(1)));
  const certs::IssuedIdentity identity = client_below(brief, true);
  ApiClient open(world_.server->ports().api, world_.ca_pem, &identity);
  EXPECT_EQ(open.get(kProtected).status, 200u);
  std::this_thread::sleep_for(3100ms);
  EXPECT_EQ(open.get(kProtected).status, 403u) << "on the same connection too";
}

// SPEC TLS-15, TLS-17
TEST_F(ApiCertificates, AListThatIsOlderForgedOrOfTheFutureIsNotTaken) {
  const Issuer& root = world_.pki.ca();
  const std::string serial = world_.region->identity.leaf.serial_hex();
  ASSERT_TRUE(apply(root, list(5, {serial})));
  EXPECT_TRUE(service::apply_crl_file(*world_.core, world_.folder / "list.crl")) << "the same again";
  ApiClient revoked = world_.organisation(*world_.region);
  EXPECT_EQ(revoked.get(kProtected).status, 403u);
  EXPECT_EQ(apply(root, list(4)).error().code, ErrorCode::conflict) << "a lower number";
  EXPECT_EQ(apply(root, list(5)).error().code, ErrorCode::conflict) << "the same number, other contents";
  EXPECT_EQ(apply(second_root_, list(6)).error().code, ErrorCode::not_found) << "signed by no registered CA";
  certs::CrlSpec future = list(6);
  future.this_update = world_.now + 1h;
  EXPECT_EQ(apply(root, future).error().code, ErrorCode::unavailable);
  ApiClient still = world_.organisation(*world_.region);
  EXPECT_EQ(still.get(kProtected).status, 403u);
  const std::string other = world_.authority->identity.leaf.serial_hex();
  EXPECT_TRUE(apply(root, list(6, {serial, other}))) << "a newer one is";
  ApiClient authority = world_.organisation(*world_.authority);
  EXPECT_EQ(authority.get(kProtected).status, 403u);
}

}  // namespace
}  // namespace flikvakt::gateway::test
