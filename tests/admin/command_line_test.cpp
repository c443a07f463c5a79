#include "admin/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "admin/commands.h"
#include "admin/suggest.h"

namespace flikvakt::admin {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using Words = std::vector<std::string>;

std::vector<Command> all() {
  std::vector<Command> out;
  for (const auto make :
       {set_up_commands, registry_commands, keys_commands, log_commands, partner_commands, person_commands}) {
    for (Command& command : make()) out.push_back(std::move(command));
  }
  return out;
}

Failure not_found(const Words& words) {
  const std::vector<Command> commands = all();
  const Outcome<Found> found = find_command(words, commands);
  EXPECT_FALSE(found.has_value());
  return found ? Failure() : found.error();
}

const Command& command(const std::vector<Command>& commands, const std::string& name) {
  return *std::find_if(commands.begin(), commands.end(), [&](const Command& one) { return one.name == name; });
}

TEST(CommandLine, FindsCommandsOfOneAndTwoWords) {
  const std::vector<Command> commands = all();
  EXPECT_EQ(find_command(Words{"init", "--data", "x"}, commands)->command->name, "init");
  EXPECT_EQ(find_command(Words{"organisation", "add"}, commands)->words, 2u);
}

TEST(CommandLine, AnUnknownCommandNamesTheLikelyOne) {
  EXPECT_THAT(not_found({"inti"}).message, HasSubstr("did you mean `flikvakt init`?"));
  EXPECT_THAT(not_found({"organisatoin", "add"}).message, HasSubstr("did you mean `flikvakt organisation`?"));
  EXPECT_THAT(not_found({"organisation", "suspnd"}).message,
              HasSubstr("did you mean `flikvakt organisation suspend`?"));
  EXPECT_EQ(not_found({"inti"}).exit, ExitCode::usage);
}

TEST(CommandLine, SomethingElseIsNotGuessedAt) {
  const Failure failure = not_found({"xyzzy"});
  EXPECT_THAT(failure.message, ::testing::Not(HasSubstr("did you mean")));
  EXPECT_THAT(failure.next, HasSubstr("--help"));
}

TEST(CommandLine, AGroupAloneListsItsWords) { EXPECT_THAT(not_found({"kontrakt"}).message, HasSubstr("add, end")); }

TEST(CommandLine, EveryCommandsHelpBeginsWithAnExample) {
  for (const Command& one : all()) {
    EXPECT_THAT(help_text(one), StartsWith("Examples:\n  flikvakt " + one.name)) << one.name;
    EXPECT_FALSE(one.summary.empty()) << one.name;
  }
}

TEST(CommandLine, NamesAndOptionsAreUnique) {
  std::set<std::string> names;
  for (const Command& one : all()) {
    EXPECT_TRUE(names.insert(one.name).second) << one.name;
    std::set<std::string> options;
    for (const Option& option : one.options)
      EXPECT_TRUE(options.insert(option.name).second) << one.name << " " << option.name;
  }
}

TEST(CommandLine, NoOptionTakesASecretOrAPersonnummer) {
  for (const Command& one : all()) {
    for (const Option& option : one.options) {
      EXPECT_NE(option.name, "--passphrase") << one.name;
      const bool is_public = one.name == "organisation add";  // an organisationsnummer
      EXPECT_TRUE(option.name != "--number" || is_public) << one.name;
    }
  }
}

TEST(CommandLine, ReadsOptionsFlagsAndRepeats) {
  const std::vector<Command> commands = all();
  const auto read = read_arguments(command(commands, "init"),
                                   Words{"--data", "d", "--name=n", "--origin", "o", "--administrator", "A=a",
                                         "--administrator", "B=b", "--recovery", "r", "--credential", "--json"});
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->text("--name"), "n");
  EXPECT_EQ(read->all("--administrator"), (Words{"A=a", "B=b"}));
  EXPECT_TRUE(read->has("--credential"));
  EXPECT_TRUE(read->has("--json"));
  EXPECT_FALSE(read->has("--passphrase-file"));
}

TEST(CommandLine, AMissingOptionIsNamed) {
  const std::vector<Command> commands = all();
  const auto read = read_arguments(command(commands, "key new"), Words{"k"});
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().exit, ExitCode::usage);
  EXPECT_THAT(read.error().message, HasSubstr("--kind"));
}

TEST(CommandLine, AnUnknownOptionNamesTheLikelyOne) {
  const std::vector<Command> commands = all();
  const auto read = read_arguments(command(commands, "key new"), Words{"k", "--knid", "device"});
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message, HasSubstr("did you mean `--kind`?"));
}

TEST(CommandLine, AnOptionGivenTwiceIsRefusedUnlessItMayBe) {
  const std::vector<Command> commands = all();
  EXPECT_FALSE(read_arguments(command(commands, "key new"), Words{"k", "--kind", "device", "--kind", "recovery"}));
  EXPECT_FALSE(read_arguments(command(commands, "key new"), Words{"k", "l", "--kind", "device"}));
}

TEST(CommandLine, WithoutArgumentsThereIsHelpAndNoFailure) {
  const std::vector<Command> commands = all();
  ::testing::internal::CaptureStdout();
  EXPECT_EQ(run_command_line(Words{}, commands), 0);
  const std::string text = ::testing::internal::GetCapturedStdout();
  EXPECT_THAT(text, StartsWith("Examples:"));
  EXPECT_THAT(text, HasSubstr("organisation add"));
}

TEST(CommandLine, FailuresGoToStderrWithTheirExitCode) {
  const std::vector<Command> commands = all();
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(run_command_line(Words{"inti"}, commands), 2);
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "");
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), HasSubstr("did you mean"));
}

TEST(Suggest, CountsSwapsAsOneMistake) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("abc", ""), 3u);
  EXPECT_EQ(edit_distance("inti", "init"), 1u);
  EXPECT_EQ(edit_distance("serve", "server"), 1u);
}

TEST(Output, PlainTextShowsNestedValuesAndNoControlCharacters) {
  const std::string text = as_plain_text(json::object{
      {"name", "a\x1b[31mb"}, {"list", json::array{json::object{{"id", "1"}}, json::object{{"id", "2"}}}}});
  EXPECT_EQ(text, "name  a [31mb\nlist\n  id  1\n\n  id  2\n");
}

}  // namespace
}  // namespace flikvakt::admin
