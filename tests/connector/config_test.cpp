// What a configuration says, and what is said of one that is wrong. spec/connector.md
#include "connector/config.h"

#include <gtest/gtest.h>

#include "tests/connector/scratch.h"

namespace flikvakt::connector {
namespace {

Trouble wrong(const std::string& more) { return parse_config(std::string(kLeast) + more, "/etc/c.toml").error(); }

TEST(Config, TakesTheExampleAndSaysWhatIsWrongWhere) {  // SPEC CONN-70
  const Outcome<Config> example = parse_config(example_config(), "/etc/c.toml");
  ASSERT_TRUE(example.has_value()) << example.error().message;
  EXPECT_EQ(example->state, "/var/lib/flikvakt-connector");
  EXPECT_EQ(parse_config(kLeast, "/etc/c.toml")->state, "/etc/state");
  EXPECT_EQ(example->mode, Mode::direct);
  EXPECT_EQ(parse_config("", "c.toml").error().exit, ExitCode::usage);
  EXPECT_EQ(wrong("mode = \"sealed\"\n").message, "/etc/c.toml:3: `mode`: expected \"direct\" or \"end-to-end\"");
  EXPECT_EQ(wrong("modus = 1\n").message, "/etc/c.toml:3: `modus`: not known here");
  EXPECT_EQ(wrong("[proxy]\nauth = \"digest\"\n").message,
            "/etc/c.toml:4: `proxy.auth`: expected any, basic, ntlm or negotiate");
  EXPECT_EQ(wrong("poll_seconds = 56\n").message,
            "/etc/c.toml:3: `poll_seconds`: expected a whole number from 1 to 55");
  EXPECT_NE(wrong("[answer]\nprogram = [\"find\"]\n").message.find("absolute path"), std::string::npos);
  EXPECT_NE(wrong("[deposit]\nfolder = \"d\"\nfile_name = \"{title}\"\n").message.find("{number}"), std::string::npos);
  EXPECT_EQ(parse_config("gateway = \"http://portal.example\"\nstate = \"s\"\n", "c").error().exit, ExitCode::usage)
      << "never without TLS";
}

TEST(Config, TakesNoLoginInTheAddressOfTheProxy) {
  EXPECT_NE(wrong("[proxy]\naddress = \"http://user:secret@proxy.example:3128\"\n").message.find("without a login"),
            std::string::npos);
  EXPECT_EQ(wrong("[proxy]\naddress = \"http://user:secret@proxy.example:3128\"\n").message.find("secret"),
            std::string::npos);
}

}  // namespace
}  // namespace flikvakt::connector
