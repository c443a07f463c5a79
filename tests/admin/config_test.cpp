#include "admin/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "admin/open_portal.h"
#include "admin/profile.h"
#include "audit/cosignature.h"
#include "crypto/sign.h"

namespace flikvakt::admin {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kGood = R"(data = "/srv/data"
listen_api = "[::]:8443"
listen_portal = "127.0.0.1:0"
certificate = "/etc/server.pem"
key = "/etc/server.key"
client_ca = "/etc/ca.pem"
crl = ["/etc/crl.pem"]
)";

Failure failure_of(std::string text) {
  const Outcome<Config> config = parse_config(text, "flikvakt.toml");
  EXPECT_FALSE(config.has_value());
  return config ? Failure() : config.error();
}

std::string with(std::string_view from, std::string_view to) {
  std::string text(kGood);
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos);
  return text.replace(at, from.size(), to);
}

TEST(Config, IsReadWithItsDefaults) {
  const Outcome<Config> config = parse_config(kGood, "flikvakt.toml");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->data, "/srv/data");
  EXPECT_EQ(config->listen_api, "[::]:8443");
  EXPECT_EQ(config->portal_certificate, "/etc/server.pem");
  EXPECT_EQ(config->crl, std::vector<std::filesystem::path>{"/etc/crl.pem"});
  EXPECT_EQ(config->threads, 2u);
  EXPECT_EQ(config->requests_per_second, 50u);
  EXPECT_EQ(config->request_burst, 200u);
  EXPECT_EQ(config->master_key, MasterKeySource::sealed_file);
}

TEST(Config, AScannerOfMalwareIsAskedOnlyWhereOneIsNamed) {
  EXPECT_EQ(parse_config(kGood, "flikvakt.toml")->malware_scanner, "");
  const std::string named = std::string(kGood) + "malware_scanner = \"/run/clamav/clamd.ctl\"\n";
  EXPECT_EQ(parse_config(named, "flikvakt.toml")->malware_scanner, "/run/clamav/clamd.ctl");
}

TEST(Config, RatesOfThePortalAreNumbersWithinTheirBounds) {
  const Outcome<Config> plain = parse_config(kGood, "flikvakt.toml");
  EXPECT_EQ(plain->sign_in_pages_per_second, 20u);
  EXPECT_EQ(plain->sign_in_page_burst, 400u);
  EXPECT_EQ(plain->sign_in_failures_per_minute, 30u);
  EXPECT_EQ(plain->sign_in_failure_burst, 60u);
  const std::string good(kGood);
  const Outcome<Config> written = parse_config(good + "sign_in_pages_per_second = 100\nsign_in_page_burst = 2000\n" +
                                                   "sign_in_failures_per_minute = 300\nsign_in_failure_burst = 600\n",
                                               "flikvakt.toml");
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_EQ(written->sign_in_pages_per_second, 100u);
  EXPECT_EQ(written->sign_in_page_burst, 2000u);
  EXPECT_EQ(written->sign_in_failures_per_minute, 300u);
  EXPECT_EQ(written->sign_in_failure_burst, 600u);
  for (const std::string wrong : {"sign_in_pages_per_second = 0", "sign_in_page_burst = 9",
                                  "sign_in_failures_per_minute = 0", "sign_in_failure_burst = 9"})
    EXPECT_THAT(failure_of(good + wrong + "\n").message, HasSubstr(wrong.substr(0, wrong.find(' ')))) << wrong;
}

// SPEC HOOK-1
TEST(Config, TheNoticeHookIsOffUnlessAProgramIsNamedByItsAbsolutePath) {
  EXPECT_TRUE(parse_config(kGood, "flikvakt.toml")->notice_hook.empty());
  const std::string good(kGood);
  const Outcome<Config> named =
      parse_config(good + "notice_hook = [\"/usr/bin/tell\", \"all\"]\nnotice_quiet_minutes = 0\n", "flikvakt.toml");
  ASSERT_TRUE(named) << named.error().message;
  EXPECT_EQ(named->notice_hook, (std::vector<std::string>{"/usr/bin/tell", "all"}));
  EXPECT_EQ(named->notice_quiet_minutes, 0u);
  EXPECT_THAT(failure_of(good + "notice_hook = [\"tell\"]\n").message, HasSubstr("absolute path"));
  EXPECT_THAT(failure_of(good + "notice_hook = \"/usr/bin/tell\"\n").message, HasSubstr("notice_hook"));
}

// SPEC CONN-3
TEST(Config, ConnectorsAreToldWhomToTrust) {
  const std::string good = std::string(kGood) + "connectors = \"connectors\"\n";
  const Outcome<Config> whole = parse_config(good + "connector_trust = \"/etc/ca.pem\"\n", "flikvakt.toml");
  ASSERT_TRUE(whole) << whole.error().message;
  EXPECT_EQ(*whole->connector_trust, "/etc/ca.pem");
  EXPECT_THAT(failure_of(good).message, HasSubstr("`connector_trust`: expected"));
  EXPECT_THAT(failure_of(good + "connector_api = \"https://api.example\"\n").message, HasSubstr("connector_trust"));
}

TEST(Config, TheExampleIsAValidOne) {
  const Outcome<Config> config = parse_config(example_config(), "example");
  EXPECT_TRUE(config) << config.error().message;
}

TEST(Config, UnknownKeyNamesFileLineAndTheLikelyOne) {
  const Failure failure = failure_of(with("listen_portal", "listen_portl"));
  EXPECT_EQ(failure.exit, ExitCode::usage);
  EXPECT_THAT(failure.message,
              HasSubstr("flikvakt.toml:3: `listen_portl` is not known here; did you mean `listen_portal`?"));
}

TEST(Config, WrongTypeNamesTheLineAndWhatWasExpected) {
  EXPECT_THAT(failure_of(with("\"/srv/data\"", "17")).message, HasSubstr("flikvakt.toml:1: `data`: expected text"));
  EXPECT_THAT(failure_of(with("[\"/etc/crl.pem\"]", "\"/etc/crl.pem\"")).message,
              HasSubstr("flikvakt.toml:7: `crl`: expected an array"));
  EXPECT_THAT(failure_of(std::string(kGood) + "threads = 0\n").message,
              HasSubstr("flikvakt.toml:8: `threads`: expected a whole number from 1 to 256"));
  EXPECT_EQ(parse_config(std::string(kGood) + "requests_per_second = 400\nrequest_burst = 7\n", "flikvakt.toml")
                ->request_burst,
            7u);
  EXPECT_THAT(failure_of(std::string(kGood) + "requests_per_second = 0\n").message,
              HasSubstr("`requests_per_second`: expected a whole number from 1 to 1000000"));
  EXPECT_THAT(failure_of(std::string(kGood) + "threads = 1.5\n").message, HasSubstr("flikvakt.toml:8"));
}

TEST(Config, MissingKeyIsNamed) {
  EXPECT_THAT(failure_of(with("key = \"/etc/server.key\"\n", "")).message,
              HasSubstr("flikvakt.toml: `key` is missing"));
}

TEST(Config, WhatIsNoTomlNamesTheLine) {
  EXPECT_THAT(failure_of(with("client_ca = ", "client_ca ")).message, HasSubstr("flikvakt.toml:6: expected TOML"));
}

TEST(Config, AddressesNeedAPort) {
  for (const char* wrong : {"localhost", "localhost:", ":8443", "localhost:70000", "localhost:84x"}) {
    EXPECT_THAT(failure_of(with("[::]:8443", wrong)).message,
                HasSubstr("flikvakt.toml:2: `listen_api`: expected an address"))
        << wrong;
  }
}

TEST(Config, APortalCertificateNeedsItsKey) {
  EXPECT_THAT(failure_of(std::string(kGood) + "portal_certificate = \"/p.pem\"\n").message,
              HasSubstr("flikvakt.toml:8"));
  const Outcome<Config> both =
      parse_config(std::string(kGood) + "portal_certificate = \"/p.pem\"\nportal_key = \"/p.key\"\n", "flikvakt.toml");
  ASSERT_TRUE(both);
  EXPECT_EQ(both->portal_key, "/p.key");
}

TEST(Config, ThePortalsOriginIsAnAddressAndNothingMore) {
  EXPECT_EQ(parse_config(kGood, "flikvakt.toml")->portal_origin, "") << "nobody signs in unless it is written";
  const std::string good(kGood);
  const Outcome<Config> config = parse_config(good + "portal_origin = \"https://portal.example:9443\"\n", "f.toml");
  ASSERT_TRUE(config) << config.error().message;
  const std::optional<service::PortalPlace> place = portal_place(config->portal_origin);
  ASSERT_TRUE(place);
  EXPECT_EQ(place->rp_id, "portal.example");
  EXPECT_EQ(place->return_to, "https://portal.example:9443/sign-in/return");
  for (const char* wrong : {"http://portal.example", "https://portal.example/", "https://Portal.example", "https://",
                            "https://portal.example:443", "https://portal.example:", "https://a@portal.example"}) {
    EXPECT_THAT(failure_of(good + "portal_origin = \"" + wrong + "\"\n").message, HasSubstr(":8: `portal_origin`"))
        << wrong;
  }
  EXPECT_THAT(failure_of(good + "portal_leave_to = \"javascript:1\"\n").message, HasSubstr("`portal_leave_to`"));
  EXPECT_THAT(failure_of(good + "portal_contact = \"" + std::string(501, 'a') + "\"\n").message,
              HasSubstr("`portal_contact`"));
}

// A key of a public witness, from the tests of github.com/transparency-dev/formats.
constexpr std::string_view kWitness = R"(
witness_quorum = 1
[[witness]]
url = "https://witness.example/w1"
key = "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2"
ca = "/etc/witness-ca.pem"
)";

TEST(Config, WitnessesAreTablesOfTheirOwn) {
  EXPECT_EQ(parse_config(kGood, "flikvakt.toml")->witness_quorum, 0u) << "off unless it is asked for";
  const Outcome<Config> config = parse_config(std::string(kGood) + std::string(kWitness), "flikvakt.toml");
  ASSERT_TRUE(config) << config.error().message;
  ASSERT_EQ(config->witnesses.size(), 1u);
  EXPECT_EQ(config->witness_quorum, 1u);
  EXPECT_EQ(config->witnesses[0].address.host, "witness.example");
  EXPECT_EQ(config->witnesses[0].address.prefix, "/w1");
  EXPECT_EQ(config->witnesses[0].key.name(), "remora.n621.de");
  EXPECT_EQ(config->witnesses[0].ca, "/etc/witness-ca.pem");
}

TEST(Config, WhatIsWrongWithAWitnessNamesItsLine) {
  const auto witness_with = [](std::string_view from, std::string_view to) {
    std::string text = std::string(kGood) + std::string(kWitness);
    return failure_of(text.replace(text.find(from), from.size(), to)).message;
  };
  EXPECT_THAT(witness_with("https://witness.example/w1", "witness.example"), HasSubstr("flikvakt.toml:11: `url`"));
  EXPECT_THAT(witness_with("https://", "http://"), HasSubstr("flikvakt.toml:11: `url`")) << "without TLS";
  EXPECT_THAT(witness_with("da77ade7", "da77ade8"), HasSubstr("flikvakt.toml:12: `key`"));
  EXPECT_THAT(witness_with("witness-ca.pem\"\n", "witness-ca.pem\"\ncert = 1\n"),
              HasSubstr("flikvakt.toml:14: `cert` is not known here"));
  EXPECT_THAT(witness_with("witness_quorum = 1", "witness_quorum = 2"),
              HasSubstr("`witness_quorum`: expected a whole number from 0 to 1"));
  EXPECT_THAT(witness_with("witness_quorum = 1\n[[witness]]", "[witness]"), HasSubstr("`witness`: expected tables"));
  EXPECT_THAT(witness_with("witness_quorum = 1\n", ""), HasSubstr("`witness_quorum`: expected how many"));
  EXPECT_THAT(witness_with("ca = \"/etc/witness-ca.pem\"\n", ""), HasSubstr("`ca`: expected the file with the roots"));
  EXPECT_THAT(witness_with("https://witness.example/w1", "http://127.0.0.1:1/"), HasSubstr("`ca`: expected nothing"));
}

TEST(Config, WitnessesMayBeNamedAndNotAsked) {
  const std::string text = std::string(kGood) + std::string(kWitness);
  const std::string none = std::string(text).replace(text.find("quorum = 1"), 10, "quorum = 0");
  const Outcome<Config> config = parse_config(none, "flikvakt.toml");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->witness_quorum, 0u);
}

TEST(Config, TimesOfWitnessesAreInOrder) {
  const auto with = [](std::string_view times) {
    return parse_config(std::string(times) + std::string(kGood), "flikvakt.toml");
  };
  EXPECT_TRUE(with("witness_interval_seconds = 59\nwitness_warn_seconds = 60\nwitness_refuse_seconds = 61\n"));
  for (const std::string_view times : {"witness_interval_seconds = 300\n", "witness_refuse_seconds = 300\n",
                                       "witness_warn_seconds = 3600\n", "witness_warn_seconds = 10\n"}) {
    const Outcome<Config> config = with(times);
    ASSERT_FALSE(config) << times;
    EXPECT_THAT(config.error().message, HasSubstr("`witness_warn_seconds`: expected more than"));
  }
}

// SPEC WIT-25
TEST(Config, AWitnessThatStandsTwiceIsNoQuorumOfTwo) {
  const std::string once = std::string(kWitness).substr(std::string(kWitness).find("[[witness]]"));
  const auto with = [&](const std::string& second) { return std::string(kGood) + std::string(kWitness) + second; };
  EXPECT_THAT(failure_of(with(once)).message, HasSubstr("witnesses of different names and keys"));
  const auto made = [](const std::string& name, const crypto::SigningKey& key) {
    const std::string text = audit::CosignatureVerifier::make(name, key.public_key()).value().text();
    return "[[witness]]\nurl = \"https://" + name + "/\"\nkey = \"" + text + "\"\nca = \"/etc/ca.pem\"\n";
  };
  const auto key = crypto::SigningKey::generate(crypto::KeyAlgorithm::ed25519);
  const auto other = crypto::SigningKey::generate(crypto::KeyAlgorithm::ed25519);
  EXPECT_THAT(failure_of(with(made("a.example", key) + made("b.example", key))).message,
              HasSubstr("witnesses of different names and keys"))
      << "one key under two names";
  EXPECT_EQ(parse_config(with(made("a.example", key) + made("b.example", other)), "flikvakt.toml")->witnesses.size(),
            3u);
}

TEST(Config, AFileThatIsNotThereIsAUsageFailure) {
  const Outcome<Config> config = read_config("/nowhere/flikvakt.toml");
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().exit, ExitCode::usage);
}

TEST(Profile, IsReadAndItsMistakesAreNamed) {
  const Outcome<Profile> profile = parse_profile("server = \"gateway.example:8443\"\nstaff = \"00\"\n", "me.toml");
  ASSERT_TRUE(profile);
  EXPECT_EQ(profile->server, "gateway.example:8443");
  const Outcome<Profile> wrong = parse_profile("server = 1\n", "me.toml");
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().message, HasSubstr("me.toml:1: `server`: expected text"));
}

TEST(Profile, TheServerNeedsHostAndPort) {
  Profile profile;
  profile.ca = FLIKVAKT_SOURCE_DIR "/README.md";  // any file: it is read, not parsed, here
  for (const char* wrong : {"", "host", "host:", "host:0", "host:99999"}) {
    profile.server = wrong;
    EXPECT_FALSE(tls_options(profile)) << wrong;
  }
  profile.server = "[::1]:8443";
  const Outcome<crypto::TlsClientOptions> options = tls_options(profile);
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->host, "::1");
  EXPECT_EQ(options->port, 8443);
}

}  // namespace
}  // namespace flikvakt::admin
