#include "admin/witness_config.h"

#include <gmock/gmock.h>

#include "crypto/sign.h"

namespace flikvakt::admin {
namespace {

using ::testing::HasSubstr;

std::string key_of_log(const std::string& origin) {
  const auto key = crypto::SigningKey::generate(crypto::KeyAlgorithm::ed25519);
  return audit::NoteVerifier::make(origin, key.public_key())->text();
}

std::string config_with(const std::string& logs, const std::string& more = "") {
  return "name = \"witness.example/w1\"\nkey = \"witness.key\"\ndata = \"seen\"\nlisten = \"127.0.0.1:8480\"\nlogs = " +
         logs + "\n" + more;
}

TEST(WitnessConfig, GroupsTheKeysByTheirLog) {
  const std::string a = key_of_log("a.example/log"), again = key_of_log("a.example/log"),
                    b = key_of_log("b.example/log");
  const auto config =
      parse_witness_config(config_with("[\"" + a + "\", \"" + b + "\", \"" + again + "\"]"), "witness.toml");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->logs.size(), 2u);
  EXPECT_EQ(config->logs.at("a.example/log").signing.size(), 2u) << "while a key is replaced";
  EXPECT_TRUE(config->logs.at("a.example/log").former.empty());
  EXPECT_TRUE(config->certificate.empty());
}

// SPEC WIT-39
TEST(WitnessConfig, FormerKeysAreOfALogToo) {
  const std::string old = key_of_log("a.example/log"), fresh = key_of_log("a.example/log");
  const auto config =
      parse_witness_config(config_with("[\"" + fresh + "\"]", "former_keys = [\"" + old + "\"]\n"), "witness.toml");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->logs.at("a.example/log").signing.at(0).text(), fresh);
  EXPECT_EQ(config->logs.at("a.example/log").former.at(0).text(), old);
  const auto leaked = parse_witness_config(config_with("[]", "former_keys = [\"" + old + "\"]\n"), "witness.toml");
  ASSERT_TRUE(leaked) << "there is no other yet: " << leaked.error().message;
  EXPECT_TRUE(leaked->logs.at("a.example/log").signing.empty());
}

TEST(WitnessConfig, NamesWhatIsWrong) {
  const std::string good = "[\"" + key_of_log("a.example/log") + "\"]";
  const auto message = [](const std::string& text) {
    const auto config = parse_witness_config(text, "witness.toml");
    return config ? std::string() : config.error().message;
  };
  EXPECT_EQ(message(config_with(good)), "");
  EXPECT_THAT(message(config_with("[]")), HasSubstr("witness.toml:5: `logs`"));
  EXPECT_THAT(message(config_with("[\"a.example/log+00000000+AQ==\"]")), HasSubstr("witness.toml:5: `logs`"));
  EXPECT_THAT(message(config_with(good, "certificate = \"w.pem\"\n")), HasSubstr("witness.toml:6: `certificate`"));
  EXPECT_THAT(message(config_with(good, "former_keys = " + good + "\n")), HasSubstr("witness.toml:6: `former_keys`"));
  EXPECT_THAT(message(config_with(good, "former_keys = [\"a.example/log\"]\n")),
              HasSubstr("witness.toml:6: `former_keys`"));
  EXPECT_THAT(message(config_with(good, "log = 1\n")), HasSubstr("did you mean `logs`?"));
  EXPECT_THAT(message("key = \"k\"\n"), HasSubstr("`name` is missing"));
}

}  // namespace
}  // namespace flikvakt::admin
