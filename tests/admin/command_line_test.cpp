#include "admin/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "admin/commands.h"
#include "admin/suggest.h"

namespace flikvakt::admin {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using Words = std::vector<std::string>;

std::vector<Command> all() {
  return all_commands([](const Arguments&, const Output&) { return Outcome<void>(); });
}

// The words of a line as a shell would give them, without `flikvakt`, redirections and a comment.
Words words_of_line(const std::string& line) {
  Words out;
  std::string word;
  bool quoted = false;
  const auto end_word = [&] {
    if (!word.empty()) out.push_back(std::exchange(word, ""));
  };
  for (char c : line) {
    if (c == '\'')
      quoted = !quoted;
    else if (!quoted && c == '#')
      break;
    else if (!quoted && c == ' ')
      end_word();
    else
      word += c;
  }
  end_word();
  EXPECT_FALSE(quoted) << line;
  for (auto at = out.begin(); at != out.end();) {
    const bool redirects = (*at == "<" || *at == ">") && at + 1 != out.end();
    at = redirects ? out.erase(at, at + 2) : at + 1;
  }
  if (!out.empty() && out.front() == "flikvakt") out.erase(out.begin());
  return out;
}

// Lines that begin with `flikvakt`, with those that a backslash joins to them.
std::vector<std::string> command_lines(const std::vector<std::string>& lines) {
  std::vector<std::string> out;
  bool goes_on = false;
  for (std::string line : lines) {
    line.erase(0, line.find_first_not_of(' '));
    const bool joins = line.ends_with("\\");
    if (joins) line.pop_back();
    const bool begins = !goes_on && line.starts_with("flikvakt ");
    if (goes_on)
      out.back() += line;
    else if (begins)
      out.push_back(line);
    goes_on = joins && (goes_on || begins);
  }
  return out;
}

void expect_parses(const std::string& line, const std::vector<Command>& commands) {
  const Words words = words_of_line(line);
  const Outcome<Found> found = find_command(words, commands);
  ASSERT_TRUE(found) << line << "\n" << found.error().message;
  const auto read = read_arguments(*found->command, std::span(words).subspan(found->words));
  EXPECT_TRUE(read) << line << "\n" << read.error().message;
}

Failure not_found(const Words& words) {
  const std::vector<Command> commands = all();
  const Outcome<Found> found = find_command(words, commands);
  EXPECT_FALSE(found.has_value());
  return found ? Failure() : found.error();
}

// `group a|b|c`
bool names_alternative(const std::string& manual, const std::string& name) {
  const std::string group = name.substr(0, name.find(' ') + 1), word = name.substr(group.size());
  for (std::size_t at = manual.find(group); at != manual.npos; at = manual.find(group, at + 1)) {
    const std::size_t from = at + group.size();
    std::istringstream alternatives(manual.substr(from, manual.find_first_of(" `\n", from) - from));
    for (std::string one; std::getline(alternatives, one, '|');) {
      if (one == word) return true;
    }
  }
  return false;
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

TEST(CommandLine, AWordThatIsRightInAnotherGroupIsFoundThere) {
  EXPECT_THAT(not_found({"requests", "add"}).message, HasSubstr("did you mean `flikvakt request add`?"));
  EXPECT_THAT(not_found({"cases", "accept"}).message, HasSubstr("did you mean `flikvakt case accept`?"));
  EXPECT_THAT(not_found({"paper-narrowing"}).message, HasSubstr("did you mean `flikvakt desk paper-narrowing`?"));
  EXPECT_THAT(not_found({"desk", "revoke"}).message, HasSubstr("`flikvakt person revoke`?"));
  EXPECT_THAT(not_found({"cases", "xyzzy"}).message, ::testing::Not(HasSubstr("did you mean")));
  EXPECT_EQ(not_found({"requests", "add"}).exit, ExitCode::usage);
}

TEST(CommandLine, AGroupAloneNamesItsListing) {
  for (const std::string group : {"notice", "request", "case"}) {
    EXPECT_THAT(not_found({group}).next, HasSubstr("`flikvakt " + group + "s`"));
  }
  EXPECT_EQ(not_found({"roster"}).next, "");
}

TEST(CommandLine, EveryCommandsHelpBeginsWithAnExample) {
  for (const Command& one : all()) {
    EXPECT_THAT(help_text(one), StartsWith("Examples:\n  flikvakt " + one.name)) << one.name;
    EXPECT_FALSE(one.summary.empty()) << one.name;
  }
}

TEST(CommandLine, EveryExampleOfEveryHelpParses) {
  const std::vector<Command> commands = all();
  for (const Command& one : commands) {
    const std::vector<std::string> lines = command_lines(one.examples);
    EXPECT_FALSE(lines.empty()) << one.name;
    for (const std::string& line : lines) expect_parses(line, commands);
  }
}

TEST(CommandLine, EveryCommandOfTheOverviewAndOfTheManualParses) {
  const std::vector<Command> commands = all();
  std::ifstream manual(FLIKVAKT_SOURCE_DIR "/docs/OPERATIONS.md");
  std::istringstream overview(overview_text(commands));
  for (std::istream* text : {static_cast<std::istream*>(&manual), static_cast<std::istream*>(&overview)}) {
    std::vector<std::string> lines;
    for (std::string line; std::getline(*text, line);) {
      if (line.starts_with("  ")) lines.push_back(line);
    }
    const std::vector<std::string> written = command_lines(lines);
    EXPECT_GE(written.size(), 3u);
    for (const std::string& line : written) expect_parses(line, commands);
  }
}

TEST(CommandLine, CommandsThatTheManualMentionsExist) {
  const std::vector<Command> commands = all();
  std::ifstream file(FLIKVAKT_SOURCE_DIR "/docs/OPERATIONS.md");
  const std::string manual{std::istreambuf_iterator<char>(file), {}};
  std::size_t mentioned = 0;
  for (std::size_t at = manual.find("`flikvakt "); at != manual.npos; at = manual.find("`flikvakt ", at + 1)) {
    std::string line = manual.substr(at + 1, manual.find('`', at + 1) - at - 1);
    std::ranges::replace(line, '\n', ' ');
    const Words words = words_of_line(line);
    if (words.empty() || words[0].starts_with("-") || words[0].starts_with("…")) continue;
    std::istringstream alternatives(words.size() > 1 ? words[1] : "");
    for (std::string word; std::getline(alternatives, word, '|') || words.size() == 1;) {
      ++mentioned;
      const Words named = words.size() == 1 ? Words{words[0]} : Words{words[0], word};
      EXPECT_TRUE(find_command(named, commands)) << line;
      if (words.size() == 1) break;
    }
  }
  EXPECT_GE(mentioned, 5u);
}

// With its group or, in a table and after `person …|…`, without it.
TEST(CommandLine, TheManualNamesEveryCommand) {
  std::ifstream file(FLIKVAKT_SOURCE_DIR "/docs/OPERATIONS.md");
  const std::string manual{std::istreambuf_iterator<char>(file), {}};
  const auto is_end = [&](std::size_t at) {
    return at >= manual.size() || std::string_view(" `|,;.\n)").find(manual[at]) != std::string_view::npos;
  };
  const auto names = [&](const std::string& words) {
    for (std::size_t at = manual.find(words); at != manual.npos; at = manual.find(words, at + 1)) {
      const bool begins = at > 0 && std::string_view("` |\n").find(manual[at - 1]) != std::string_view::npos;
      if (begins && is_end(at + words.size())) return true;
    }
    return false;
  };
  for (const Command& one : all()) {
    const std::size_t space = one.name.find(' ');
    const bool by_alternative = space != one.name.npos && names_alternative(manual, one.name);
    EXPECT_TRUE(names(one.name) || by_alternative) << one.name;
  }
}

TEST(CommandLine, AFingerprintMayBeginWithAHyphen) {
  const std::vector<Command> commands = all();
  for (const std::string begin : {"-", "--", "a"}) {
    const std::string fingerprint = begin + std::string(43 - begin.size(), 'b');
    const auto read =
        read_arguments(command(commands, "person remove-key"), Words{fingerprint, "--profile", "me.toml", "--json"});
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->text("THUMBPRINT"), fingerprint);
    EXPECT_EQ(read->text("--profile"), "me.toml");
  }
  EXPECT_FALSE(read_arguments(command(commands, "person remove-key"), Words{"-bbb", "--profile", "me.toml"}));
}

TEST(CommandLine, LogVerifyRefusesWhatItWouldLeaveAside) {
  const std::vector<Command> commands = all();
  const Command& verify = command(commands, "log verify");
  for (const Words& words :
       {Words{"--data", "data", "--checkpoint", "file"}, Words{"--data", "data", "--log-key", "key"},
        Words{"--export", "log.jsonl", "--checkpoint", "file", "--log-key", "key", "--archive", "old.db"},
        Words{"--export", "log.jsonl", "--checkpoint", "file"}, Words{"--export", "log.jsonl", "--log-key", "key"}}) {
    const auto read = read_arguments(verify, words);
    ASSERT_TRUE(read) << read.error().message;
    const Outcome<void> verified = verify.run(*read, Output(Output::Form::json));
    ASSERT_FALSE(verified) << words.back();
    EXPECT_EQ(verified.error().exit, ExitCode::usage) << verified.error().message;
  }
}

// The gateway gives the own log whole to the person's own key alone. SPEC API-112
TEST(CommandLine, ARepresentativeIsNotOfferedTheWholeOwnLog) {
  const std::vector<Command> commands = all();
  const Words as{"--profile", "me.toml", "--out", "file", "--as", "0123456789abcdef0123456789abcdef"};
  const auto refused = read_arguments(command(commands, "person prove-log"), as);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().exit, ExitCode::usage);
  EXPECT_THAT(help_text(command(commands, "person prove-log")), HasSubstr("`person receipt --as ID`"));
  Words single = as;
  single.insert(single.begin(), "4711");
  EXPECT_TRUE(read_arguments(command(commands, "person receipt"), single));
}

TEST(CommandLine, AnOptionTakesOneWordAndLeavesTheNext) {
  const std::vector<Command> commands = all();
  const auto read = read_arguments(command(commands, "key new"), Words{"--kind", "administrator", "alice.key"});
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->text("--kind"), "administrator");
  EXPECT_EQ(read->text("FILE"), "alice.key");
  const auto two =
      read_arguments(command(commands, "certificate remove"),
                     Words{"--passphrase-file", "a", "--administrator", "k", "--passphrase-file", "b", "FP"});
  ASSERT_TRUE(two) << two.error().message;
  EXPECT_EQ(two->all("--passphrase-file"), (Words{"a", "b"}));
  EXPECT_EQ(two->text("FINGERPRINT"), "FP");
}

TEST(CommandLine, AGroupHasHelpAndSoHasEachCommandBothWays) {
  const std::vector<Command> commands = all();
  const auto said = [&](const Words& words) {
    ::testing::internal::CaptureStdout();
    EXPECT_EQ(run_command_line(words, commands), 0);
    return ::testing::internal::GetCapturedStdout();
  };
  EXPECT_THAT(said({"staff", "--help"}), HasSubstr("staff reinstate"));
  EXPECT_EQ(said({"help", "staff"}), said({"staff", "--help"}));
  EXPECT_EQ(said({"help", "staff", "add"}), said({"staff", "add", "--help"}));
  EXPECT_THAT(said({"--version"}), StartsWith("flikvakt "));
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

TEST(Output, JsonToBeEditedHasOneElementALineAndParsesBack) {
  const json::value value{{"acts", json::array{json::object{{"kind", "x"}, {"ids", json::array{"a", "b"}}}}},
                          {"none", json::array()}};
  const std::string text = pretty_json(value);
  EXPECT_THAT(text, HasSubstr("\n        \"a\",\n        \"b\"\n"));
  EXPECT_EQ(parse_json(text).value(), value);
}

TEST(Output, NothingThatMovesTheCursorOrTurnsTheTextIsShown) {
  EXPECT_EQ(on_one_line("a\x1b[2Jb\x7f\n"), "a [2Jb  ");
  EXPECT_EQ(on_one_line("a\xc2\x9b"
                        "2J"),
            "a 2J")
      << "CSI in UTF-8";
  EXPECT_EQ(on_one_line("a\xe2\x80\xa8z\xe2\x80\xaez\xe2\x81\xa6z"), "a z z z") << "U+2028, U+202E, U+2066";
  EXPECT_EQ(on_one_line("\xc3\xa5\xe2\x80\x93\xe2\x80\x8f\xc2"), "\xc3\xa5\xe2\x80\x93\xe2\x80\x8f\xc2");
}

TEST(Output, PlainTextShowsNestedValuesAndNoControlCharacters) {
  const std::string text = as_plain_text(json::object{
      {"name", "a\x1b[31mb"}, {"list", json::array{json::object{{"id", "1"}}, json::object{{"id", "2"}}}}});
  EXPECT_EQ(text, "name  a [31mb\nlist\n  id  1\n\n  id  2\n");
}

}  // namespace
}  // namespace flikvakt::admin
