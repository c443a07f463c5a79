// What people write on the command line and in small files, and how a proposal is shown to a registrar.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "admin/act_members.h"
#include "admin/command_line.h"
#include "admin/commands.h"
#include "admin/proposal_words.h"
#include "admin/toml_file.h"
#include "admin/written_file.h"
#include "policy/person.h"
#include "tests/admin/scratch.h"

namespace flikvakt::admin {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(WrittenMembers, ADayIsItsBeginningOrItsEndAndNoMeeting) {
  EXPECT_EQ(end_of("--to", "2026-12-31").value(), "2027-01-01T00:00:00.000Z");
  EXPECT_EQ(end_of("--to", "2026-12-31T08:00:00Z").value(), "2026-12-31T08:00:00.000Z");
  EXPECT_EQ(moment_of("--meeting", "2026-12-31T08:00:00Z").value(), "2026-12-31T08:00:00.000Z");
  for (const auto& refused : {end_of("--to", "soon"), moment_of("--to", "2026-12-31"), moment_of("--to", "soon")}) {
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().exit, ExitCode::usage);
    EXPECT_THAT(refused.error().message, HasSubstr("--to"));
  }
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

TEST(WrittenMembers, APlansPartsRunToTheEndOfTheirLastDay) {
  const Scratch scratch;
  const auto file = scratch.write("plan.toml", "[[parts]]\ninsats = \"Stöd\"\nprovider = \"" + std::string(32, '1') +
                                                   "\"\narea = \"karriar\"\nvalid_from = 2026-12-01\n"
                                                   "valid_to = 2027-05-31\n");
  const auto plan = read_plan(file, Arguments());
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->at("parts").at(0).at("valid_from"), "2026-12-01T00:00:00.000Z");
  EXPECT_EQ(plan->at("parts").at(0).at("valid_to"), "2027-06-01T00:00:00.000Z");
}

json::object written_as(const Scratch& scratch, std::string text) {
  const std::string id(32, '1');
  for (std::size_t at = 0; (at = text.find("ID of an organisation")) != text.npos;) text.replace(at, 21, id);
  for (std::size_t at = 0; (at = text.find("team=ID")) != text.npos;) text.replace(at, 7, "team=" + id);
  scratch.write("shown.txt", "Det som visas.");
  const auto read = read_written(scratch.write("written.toml", text), Arguments());
  EXPECT_TRUE(read) << read.error().message;
  return read && read->is_object() ? read->get_object() : json::object();
}

TEST(WrittenMembers, TheExamplesOfTheHelpsAreWhole) {
  const Scratch scratch;
  json::object paper = written_as(scratch, kWrittenFullmakt);
  EXPECT_EQ(paper.at("text"), "Det som visas.");
  json::object& terms = paper.at("terms").as_object();
  ASSERT_TRUE(complete_period(terms, "written.toml"));
  EXPECT_EQ(terms.at("valid_to"), "2027-06-01T00:00:00.000Z");
  terms["text_sha256"] = std::string(43, 'A');
  const auto fullmakt = from_json<policy::FullmaktTerms>(paper.at("terms"));
  EXPECT_TRUE(fullmakt) << fullmakt.error().message;
  const auto delta = from_json<policy::FullmaktDelta>(written_as(scratch, kWrittenKomplettering).at("delta"));
  EXPECT_TRUE(delta) << delta.error().message;
  for (const Command& one : person_commands()) {
    const std::string text = help_text(one);
    EXPECT_THAT(text, Not(HasSubstr("spec/acts.md")));
    if (one.name != "person sign" && one.name != "person complete") continue;
    const std::size_t from = text.find('{', text.find("The file:\n"));
    const auto whole = parse_json(text.substr(from, text.find("\n\n", from) - from));
    EXPECT_TRUE(whole) << whole.error().message;
  }
}

// What an act may be made of tomorrow is shown under its own name; what says nothing (empty lists) or is a hash of what
// stands there is not.
TEST(ProposalWords, NamesStandBesideIdsAndWhatHasNoWordsIsShownAsItIs) {
  const std::string region(32, 'a');
  const json::value catalogue{{"organisations", json::array{json::object{{"id", region}, {"name", "Region Ett"}}}},
                              {"units", json::array()},
                              {"teams", json::array()},
                              {"flik_types", json::array{json::object{{"code", "journal"}, {"name_sv", "Journal"}}}},
                              {"templates", json::array()}};
  const json::object terms{{"recipients", json::array{recipient_of("x", "organisation=" + region).value()}},
                           {"flikar", json::array{"journal"}}};
  const json::object act{{"kind", "paper_of_tomorrow"}, {"terms", terms},
                         {"member_of_tomorrow", true},  {"text_sha256", "hash-of-it"},
                         {"documents", json::array()},  {"text", "first\n  proposed by: nobody\x1b[2J"}};
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
  EXPECT_THAT(text, AllOf(Not(HasSubstr("\x1b")), Not(HasSubstr("hash-of-it")), Not(HasSubstr("single documents"))));
}

TEST(ProposalWords, AWordThatReadsLikeACodeIsNoName) {
  const json::value catalogue{{"flik_types", json::array{json::object{{"code", "journal"}, {"name_sv", "Journal"}}}}};
  const json::object plan{{"goals", "journal"}};
  const json::object act{{"kind", "paper_kontrakt"}, {"plan", plan}, {"delta", {{"flikar", json::array{"journal"}}}}};
  const std::string text = proposal_in_words(json::object{{"act", act}}, catalogue);
  EXPECT_THAT(text, AllOf(HasSubstr("goals: journal\n"), HasSubstr("      Journal (journal)\n")));
}

TEST(ProposalWords, AnActOfAnotherShapeIsShownAndNothingThrows) {
  for (const json::value& odd :
       {json::value("text"), json::value(json::array{1, "a", json::array()}), json::value(7)}) {
    const std::string text = proposal_in_words(json::object{{"act", odd}}, odd);
    EXPECT_THAT(text, HasSubstr("waits until"));
  }
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
  constexpr std::string_view kGroups[] = {
      "desk",   "case",           "roster",         "request",           "relinquish",    "milestone",
      "notice", "attest-erasure", "record-masking", "record-disclosure", "partition-rule"};
  std::size_t told = 0;
  for (const Command& one : all_commands({})) {
    const std::string text = help_text(one);
    const std::string group = one.name.substr(0, one.name.find(' '));
    const bool is_of_staff = std::ranges::any_of(kGroups, [&](std::string_view of) { return group == of; });
    const bool is_of_administrators = text.find("--administrator") != std::string::npos;
    if (!is_of_staff || is_of_administrators) continue;
    const bool looks = one.name == "desk proposal" || one.name == "desk approve";
    EXPECT_TRUE(looks || text.find("Who may: ") != text.npos) << one.name;
    const bool is_about_a_person = text.find("--number-file") != text.npos;
    EXPECT_EQ(is_about_a_person, text.find("read from standard input") != text.npos) << one.name;
    ++told;
  }
  EXPECT_EQ(told, 35u);
}

}  // namespace
}  // namespace flikvakt::admin
