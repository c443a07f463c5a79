// What people write on the command line and in small files, and how a proposal is shown to a registrar.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "admin/act_members.h"
#include "admin/command_line.h"
#include "admin/commands.h"
#include "admin/proposal_words.h"
#include "admin/toml_file.h"
#include "tests/admin/scratch.h"

namespace flikvakt::admin {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(WrittenMembers, ADayIsItsBeginning) {
  EXPECT_EQ(time_of("--to", "2026-12-01").value(), "2026-12-01T00:00:00.000Z");
  EXPECT_EQ(time_of("--to", "2026-12-01T02:00:00+02:00").value(), "2026-12-01T00:00:00.000Z");
  for (const char* wrong : {"", "2026-13-01", "2026-12-01T09:00", "1 december", "2026-12-01 "}) {
    const auto read = time_of("--to", wrong);
    ASSERT_FALSE(read) << wrong;
    EXPECT_EQ(read.error().exit, ExitCode::usage);
    EXPECT_THAT(read.error().message, HasSubstr("--to"));
  }
}

TEST(WrittenMembers, ARecipientIsAKindAndAnId) {
  const auto team = recipient_of("--recipient", "team=" + std::string(31, '0') + "1");
  ASSERT_TRUE(team);
  EXPECT_EQ(team->at("kind"), "team");
  EXPECT_EQ(from_base64url(team->at("id").as_string()).value().back(), 1);
  const std::string digits(31, '1');
  for (const std::string& wrong : {std::string("team"), std::string("team="), "person=1" + digits, "team=" + digits})
    EXPECT_FALSE(recipient_of("--recipient", wrong)) << wrong;
}

TEST(WrittenMembers, TomlBecomesJsonOrNamesItsLine) {
  const Scratch scratch;
  const auto good = read_toml_as_json(
      scratch.write("a.toml", "a = [1, true]\nday = 2026-12-01\nat = 2026-12-01T09:00:00+01:00\n[b]\nc = \"d\"\n"));
  ASSERT_TRUE(good) << good.error().message;
  EXPECT_EQ(to_text(good->at("a")), "[1,true]");
  EXPECT_EQ(good->at("day"), "2026-12-01");
  EXPECT_EQ(good->at("at"), "2026-12-01T09:00:00+01:00");
  EXPECT_EQ(good->at("b").at("c"), "d");
  for (const char* wrong : {"a = 1\nb = 1.5\n", "a = 1\nb = 09:00:00\n", "a = 1\nb = 2026-12-01T09:00:00\n"}) {
    const auto read = read_toml_as_json(scratch.write("b.toml", wrong));
    ASSERT_FALSE(read) << wrong;
    EXPECT_EQ(read.error().exit, ExitCode::usage);
    EXPECT_THAT(read.error().message, HasSubstr("b.toml:2"));
  }
}

TEST(ProposalWords, NamesStandBesideIdsAndNothingIsLeftOut) {
  const std::string region(32, 'a');
  const json::value catalogue{{"organisations", json::array{json::object{{"id", region}, {"name", "Region Ett"}}}},
                              {"units", json::array()},
                              {"teams", json::array()},
                              {"flik_types", json::array{json::object{{"code", "journal"}, {"name_sv", "Journal"}}}},
                              {"templates", json::array()}};
  const json::object terms{{"recipients", json::array{recipient_of("x", "organisation=" + region).value()}},
                           {"flikar", json::array{"journal"}}};
  const json::object act{{"kind", "paper_of_tomorrow"},
                         {"terms", terms},
                         {"member_of_tomorrow", true},
                         {"text", "first\n  proposed by: nobody\x1b[2J"}};
  const json::object proposal{{"id", std::string(32, 'b')},
                              {"expires", "2026-12-01T00:00:00Z"},
                              {"staff", std::string(32, 'c')},
                              {"organisation", region},
                              {"act", act}};
  const std::string text = proposal_in_words(proposal, catalogue);
  EXPECT_THAT(
      text, AllOf(HasSubstr("paper_of_tomorrow"), HasSubstr("of Region Ett (" + region + ")"),
                  HasSubstr("organisation Region Ett"), HasSubstr("Journal (journal)"),
                  HasSubstr("member_of_tomorrow: true"), HasSubstr("| first\n"), HasSubstr("|   proposed by: nobody")));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

TEST(ProposalWords, APlanIsShownPartByPart) {
  const json::object plan{
      {"goals", "Arbete"},
      {"milestones", json::array{json::object{{"text", "Praktik\nA death that is recorded"}, {"due", "2026-12-31"}}}},
      {"parts", json::array{json::object{{"insats", "Ett"}, {"ceiling", 40000}}, json::object{{"insats", "Två"}}}}};
  const json::object proposal{{"act", json::object{{"kind", "paper_kontrakt"}, {"version", 2}, {"plan", plan}}}};
  const std::string text = proposal_in_words(proposal, json::object());
  EXPECT_THAT(text, HasSubstr("becomes version: 2\n  the whole plan:\n    goals: Arbete\n"));
  EXPECT_THAT(text, HasSubstr("        | Praktik\n        | A death that is recorded\n"));
  EXPECT_THAT(text, HasSubstr("      1.\n        insats: Ett\n        may cost at most, in kronor: 40000\n"
                              "      2.\n        insats: Två\n"));
}

TEST(StaffCommands, EachSaysWhoMayAndTakesNoNumberAsAnArgument) {
  std::size_t told = 0;
  for (const Command& one : all_commands({})) {
    const std::string text = help_text(one);
    if (!one.name.starts_with("desk ") && !one.name.starts_with("case ") && !one.name.starts_with("roster ")) continue;
    const bool looks = one.name == "desk proposal" || one.name == "desk approve";
    EXPECT_TRUE(looks || text.find("Who may: ") != text.npos) << one.name;
    const bool is_about_a_person = text.find("--number-file") != text.npos;
    EXPECT_EQ(is_about_a_person, text.find("read from standard input") != text.npos) << one.name;
    ++told;
  }
  EXPECT_GE(told, 23u);
}

}  // namespace
}  // namespace flikvakt::admin
