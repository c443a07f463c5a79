// What a registrar's desk does for a person, through the real program, each with what is refused.
#include "tests/admin/desk_world.h"

namespace flikvakt::admin {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class Desk : public DeskWorld {
protected:
  std::string add_god_man();
  // Nils, a registrar of the region as Kim is.
  void add_region_registrar() {
    ids_.as_object()["$nils"] = must({"staff", "add", "--organisation", id("$region"), "--name", "Nils", "--role",
                                      "registrar", "--administrator", path("alice"), "--data", path("data")})
                                    .at("id");
    profile("nils.toml", "region", "$nils");
  }
};

TEST_F(Desk, AKeyIsProposedAtOneDeskAndConfirmedAtAnother) {
  ASSERT_NO_FATAL_FAILURE(set_up());
  const std::string key = thumbprint("device");
  expect_usage(staff("region.toml", {"desk", "propose-key", path("device.jwk")}, ""), "expected a personnummer");
  expect_usage(staff("region.toml", {"desk", "propose-key", path("scan.pdf")}), "expected a public key");
  expect_usage(staff("region.toml", {"desk", "propose-key", path("none.jwk")}), "none.jwk");
  expect_usage(staff("region.toml", {"handle", "--number-file", path("none")}), "--number-file");
  expect_no(staff("ofi.toml", {"desk", "propose-key", path("device.jwk")}), "a registrar");
  const Ran proposed = staff("region.toml", {"desk", "propose-key", path("device.jwk")});
  ASSERT_EQ(proposed.exit_code, 0) << proposed.err;
  EXPECT_EQ(member(proposed.json(), "thumbprint"), key);
  EXPECT_THAT(proposed.err, HasSubstr("flikvakt desk confirm-key " + key));
  EXPECT_EQ(run({"person", "me", "--profile", path("me.toml")}).exit_code, 1) << "not confirmed yet";

  expect_no(staff("region.toml", {"desk", "confirm-key", key}), "another organisation");
  expect_usage(staff("fk.toml", {"desk", "confirm-key", "nonsense"}), "THUMBPRINT");
  expect_usage(staff("fk.toml", {"desk", "confirm-key", key}, "\n"), "expected a personnummer");
  done("fk.toml", {"desk", "confirm-key", key});
  EXPECT_EQ(overview().at("fullmakter").as_array().size(), 0u);
}

TEST_F(Desk, APaperFullmaktOpensWhenAnotherHasSeenItAndNamedThePerson) {
  ASSERT_NO_FATAL_FAILURE(set_up());
  ASSERT_NO_FATAL_FAILURE(enrol("device", kNumber));
  const std::string from = add_template();
  const Words paper{"desk", "paper-fullmakt", "--template", from, "--scan", path("scan.pdf")};
  expect_no(staff("ofi.toml", paper), "registrars of two organisations");
  expect_usage(staff("region.toml", paper, ""), "expected a personnummer");
  expect_usage(staff("region.toml", {"desk", "paper-fullmakt", "--scan", path("scan.pdf")}), "--template");
  expect_usage(staff("region.toml", {"desk", "paper-fullmakt", "--template", from, "--scan", path("none.pdf")}),
               "--scan");
  Words too_long = paper;
  for (const char* word : {"--days", "91"}) too_long.emplace_back(word);
  expect_usage(staff("region.toml", too_long), "1 to 90");
  Words other_language = paper;
  for (const char* word : {"--language", "en"}) other_language.emplace_back(word);
  expect_usage(staff("region.toml", other_language), "only in sv");

  const Ran proposed = staff("region.toml", paper);
  ASSERT_EQ(proposed.exit_code, 0) << proposed.err;
  const std::string proposal = member(proposed.json(), "proposal");
  const std::string fullmakt = member(proposed.json(), "id");
  EXPECT_THAT(proposed.err, AllOf(HasSubstr("for the person's paper: fullmakt " + fullmakt),
                                  HasSubstr("flikvakt desk approve " + proposal)));
  EXPECT_EQ(overview().at("fullmakter").as_array().size(), 0u) << "it waits";

  const Ran seen = run_flikvakt({"desk", "proposal", proposal, "--profile", path("fk.toml")});
  EXPECT_THAT(seen.out, AllOf(HasSubstr("A fullmakt that the person signed on paper"), HasSubstr("of Region Ett ("),
                              HasSubstr("organisation Kassan ("), HasSubstr("Journal (journal)"),
                              HasSubstr("| Jag låter Kassan läsa min journal."), HasSubstr("Inför mötet (")))
      << seen.err;
  EXPECT_EQ(staff("ofi.toml", {"desk", "proposal", proposal}).exit_code, 1) << "no registrar";

  EXPECT_EQ(approve(proposal, {}, std::string(kAnotherNumber) + "\n").exit_code, 1);
  const std::string handle = member(done("fk.toml", {"handle"}), "handle");
  EXPECT_THAT(seen.out, HasSubstr(handle)) << "which is why it names nobody to a human";
  expect_usage(approve(proposal, {"--person", handle}), "`--person` is no option");
  expect_usage(approve(proposal, {}, ""), "expected a personnummer");
  scratch_.write("other.pdf", "%PDF-1.7 another paper");
  const Ran other_scan = approve(proposal, {"--scan", path("other.pdf")});
  EXPECT_EQ(other_scan.exit_code, 1);
  EXPECT_THAT(other_scan.err, HasSubstr("not the scan"));
  expect_usage(staff("fk.toml", {"desk", "approve", proposal}), "needs a terminal");
  EXPECT_EQ(approve(proposal, {}, std::string(kNumber) + "\n", "region.toml").exit_code, 1) << "the first again";
  add_region_registrar();
  EXPECT_EQ(approve(proposal, {}, std::string(kNumber) + "\n", "nils.toml").exit_code, 1) << "a colleague of the first";
  EXPECT_EQ(overview().at("fullmakter").as_array().size(), 0u) << "it still waits";
  const Ran approved = approve(proposal, {"--scan", path("scan.pdf")});
  ASSERT_EQ(approved.exit_code, 0) << approved.err;
  EXPECT_EQ(member(approved.json(), "status"), "permitted");
  EXPECT_EQ(approve(proposal).exit_code, 1) << "it waits no more";
  const std::string document = deposit();
  EXPECT_EQ(fetch(document, "a.pdf").exit_code, 0);

  EXPECT_EQ(done("ofi.toml", {"desk", "paper-narrowing", "--revoke", fullmakt}).at("status"), "permitted");
  EXPECT_EQ(fetch(document, "b.pdf").exit_code, 1);
  EXPECT_THAT(log_text(), Not(HasSubstr(std::string(kNumber))));
}

TEST_F(Desk, APaperThatIsFromNoTemplateAndMoreInWhatStandsComeFromFiles) {
  ASSERT_NO_FATAL_FAILURE(set_up());
  ASSERT_NO_FATAL_FAILURE(enrol("device", kNumber));
  scratch_.write("paper.toml", R"(text = "Jag låter Kassan läsa min journal."
[terms]
disclosers = ["$region"]
recipients = ["organisation=$fk"]
flikar = ["journal"]
documents = []
purpose = "rehab"
rights = ["read"]
valid_from = 2026-01-01T00:00:00Z
valid_to = )" + valid_to() + R"(
secrecy_consent = "osl-10-1"
legal_ground = "gdpr-6-1-e"
language = "sv"
)");
  const Words paper{"desk",           "paper-fullmakt", path("paper.toml"), "--ids",
                    path("ids.json"), "--scan",         path("scan.pdf")};
  const json::value proposed = done("region.toml", paper);
  ASSERT_EQ(approve(member(proposed, "proposal")).exit_code, 0);
  EXPECT_EQ(overview().at("fullmakter").at(0).at("id"), proposed.at("id"));

  must({"flik-type", "add", "plan", "--swedish", "Plan", "--english", "Plan", "--description", "Planen",
        "--administrator", path("alice"), "--data", path("data")});
  scratch_.write("more.json", R"({"delta": {"disclosers": [], "recipients": [], "flikar": ["plan"], "documents": [],
    "rights": []}, "language": "sv", "text": "Kassan får läsa min plan också."})");
  const Words more{"desk",   "paper-komplettering", member(proposed, "id"), path("more.json"),
                   "--scan", path("scan.pdf")};
  expect_no(staff("ofi.toml", more), "registrars of two organisations");
  Words of_no_request = more;
  for (const std::string& word : {std::string("--request"), std::string(32, 'f')}) of_no_request.push_back(word);
  expect_no(staff("region.toml", of_no_request), "registrars of two organisations");
  const json::value waits = done("region.toml", more);
  EXPECT_EQ(approve(member(waits, "proposal")).exit_code, 0);
  EXPECT_EQ(overview().at("fullmakter").at(0).at("revision").as_int64(), 2);
  Words unknown = more;
  unknown[2] = std::string(32, 'f');
  const Ran refused = staff("region.toml", unknown);
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("does not show you this fullmakt"));
  scratch_.write("bad.json", R"({"delta": {}})");
  expect_usage(staff("region.toml", {"desk", "paper-komplettering", member(proposed, "id"), path("bad.json"), "--scan",
                                     path("scan.pdf")}),
               "`language`");
  expect_usage(staff("region.toml", {"desk", "paper-fullmakt", path("paper.toml"), "--scan", path("scan.pdf")}),
               "is not in the file of --ids");
}

TEST_F(Desk, APaperAnswersARequestForAccess) {
  ASSERT_NO_FATAL_FAILURE(set_up());
  ASSERT_NO_FATAL_FAILURE(enrol("device", kNumber));
  const json::value asked = done("fk.toml", {"request", "add", "--discloser", id("$region"), "--flik", "journal",
                                             "--purpose", "rehab", "--to", day(30)});
  const std::string request = member(asked, "id");
  const Words paper{"desk", "paper-fullmakt", "--template",     add_template(), "--days",
                    "20",   "--scan",         path("scan.pdf"), "--request",    request};
  Words another = paper;
  another.back() = std::string(32, 'f');
  expect_no(staff("region.toml", another), "registrars of two organisations");
  const json::value proposed = done("region.toml", paper);
  EXPECT_EQ(member(overview().at("requests").at(0), "status"), "open") << "it waits";
  ASSERT_EQ(approve(member(proposed, "proposal")).exit_code, 0);
  EXPECT_EQ(member(overview().at("requests").at(0), "status"), "granted_in_part") << "20 of 30 days";
}

TEST_F(Desk, WithoutAProfileItIsSaidBeforeAnyNumberIsAskedFor) {
  for (const Words& words : {Words{"desk", "propose-key", "person.jwk"}, Words{"handle"},
                             Words{"request", "add", "--discloser", std::string(32, '1'), "--flik", "journal",
                                   "--purpose", "rehab", "--to", "2999-01-01"}}) {
    expect_usage(run_flikvakt(words, ""), "give --profile FILE, or --organisation ID");
  }
  scratch_.write("empty.toml", "server = \"localhost:1\"\n");
  expect_usage(staff("empty.toml", {"handle"}, ""), "lacks `organisation`");
}

TEST_F(Desk, ANarrowingOnThePersonsWordIsDoneAtOnceAndNamesItsSparr) {
  ASSERT_NO_FATAL_FAILURE(set_up());
  ASSERT_NO_FATAL_FAILURE(enrol("device", kNumber));
  const std::string from = add_template();
  paper_fullmakt(from);
  const std::string document = deposit();
  ASSERT_EQ(fetch(document, "a.pdf").exit_code, 0);
  expect_usage(staff("ofi.toml", {"desk", "paper-narrowing"}), "expected what to take away");
  expect_usage(staff("ofi.toml", {"desk", "paper-narrowing", "--revoke-all"}, ""), "expected a personnummer");
  expect_usage(staff("ofi.toml", {"desk", "paper-narrowing", "--revoke", "1"}), "--revoke");
  expect_usage(staff("ofi.toml", {"desk", "paper-narrowing", "--until", "2999-01-01"}), "--everything");
  expect_usage(staff("ofi.toml", {"desk", "paper-narrowing", "--everything", "--until", "soon"}), "--until");
  expect_usage(staff("ofi.toml", {"desk", "paper-narrowing", "--revoke-all", "--everything", "--until", day(-1)}),
               "has passed");
  expect_usage(staff("ofi.toml", {"desk", "paper-narrowing", "--revoke-all", "--dated", "2026-03-31..2026-01-01"}),
               "is after");
  const Ran misspelt = staff("ofi.toml", {"desk", "paper-narrowing", "--flik", "jornal"});
  EXPECT_EQ(misspelt.exit_code, 1);
  EXPECT_THAT(misspelt.err, HasSubstr("did you mean `journal`?"));
  EXPECT_EQ(fetch(document, "b.pdf").exit_code, 0) << "nothing was set";

  const Ran set = staff("ofi.toml", {"desk", "paper-narrowing", "--flik", "journal", "--until", "2999-01-01"});
  ASSERT_EQ(set.exit_code, 0) << set.err;
  const std::string sparr = member(set.json(), "sparr");
  EXPECT_THAT(set.err, AllOf(HasSubstr("for the person's paper: Sparr " + sparr),
                             HasSubstr("sent: a Sparr on the flik journal, against everyone, until 2999-01-02T00:00"),
                             Not(HasSubstr("revoked"))));
  EXPECT_EQ(fetch(document, "c.pdf").exit_code, 1);
  EXPECT_EQ(overview().at("sparrar").at(0).at("terms").at("until"), "2999-01-02T00:00:00.000Z") << "the whole day";
  must({"person", "lift", sparr, "--profile", path("me.toml")});
  EXPECT_EQ(fetch(document, "d.pdf").exit_code, 0);
  // Of somebody unknown it is answered the same.
  EXPECT_EQ(
      done("ofi.toml", {"desk", "paper-narrowing", "--revoke-all"}, std::string(kAnotherNumber) + "\n").at("status"),
      "permitted");
  const Ran revoked = staff("ofi.toml", {"desk", "paper-narrowing", "--revoke-all"});
  ASSERT_EQ(revoked.exit_code, 0) << revoked.err;
  EXPECT_THAT(revoked.err, AllOf(HasSubstr("sent: every fullmakt is revoked, for good"), Not(HasSubstr("Sparr on"))));
  EXPECT_EQ(fetch(document, "e.pdf").exit_code, 1);
}

// For the person, by two registrars; the key is `gode`. The representative's id.
std::string Desk::add_god_man() {
  must({"key", "new", path("gode"), "--kind", "device", "--argon2", "fast"});
  must({"key", "show", path("gode"), "--jwk", path("gode.jwk")});
  enrol("gode", kAnotherNumber);
  const std::string both = std::string(kNumber) + "\n" + std::string(kAnotherNumber) + "\n";
  const json::value proposed = done(
      "region.toml", {"desk", "add-representative", "--kind", "god_man", "--power", "see", "--to", valid_to()}, both);
  EXPECT_EQ(approve(member(proposed, "proposal"), {}, both).exit_code, 0);
  return member(proposed, "id");
}

TEST_F(Desk, ANarrowingEndsRepresentativesOnlyWhenItSaysSo) {
  ASSERT_NO_FATAL_FAILURE(set_up());
  ASSERT_NO_FATAL_FAILURE(enrol("device", kNumber));
  const std::string id = add_god_man();
  const Words as_god_man{"person", "me", "--profile", path("me.toml"), "--device-key", path("gode"), "--as", id};
  ASSERT_EQ(run(as_god_man).exit_code, 0) << run(as_god_man).err;
  done("ofi.toml", {"desk", "paper-narrowing", "--revoke-all"});
  EXPECT_EQ(run(as_god_man).exit_code, 0) << "nothing was said of representatives";
  done("ofi.toml", {"desk", "paper-narrowing", "--end-representatives"}, std::string(kThirdNumber) + "\n");
  EXPECT_EQ(run(as_god_man).exit_code, 0) << "of another person";
  const Ran ended = staff("ofi.toml", {"desk", "paper-narrowing", "--end-representatives"});
  ASSERT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_THAT(ended.err, HasSubstr("sent: nobody acts for the person any more"));
  EXPECT_EQ(run(as_god_man).exit_code, 1);
}

TEST_F(Desk, ProtectionAndDeathBeginWithOneRegistrarAndEndWithTwo) {
  ASSERT_NO_FATAL_FAILURE(set_up());
  ASSERT_NO_FATAL_FAILURE(enrol("device", kNumber));
  expect_no(staff("ofi.toml", {"desk", "protect-identity", "--alias", "Kim Berg"}), "a registrar");
  expect_usage(staff("region.toml", {"desk", "protect-identity", "--alias", ""}), "--alias");
  expect_usage(staff("region.toml", {"desk", "protect-identity", "--alias", "Kim Berg"}, ""), "personnummer");
  done("region.toml", {"desk", "protect-identity", "--alias", "Kim Berg"});
  EXPECT_THAT(to_text(overview()), HasSubstr("Kim Berg"));
  expect_no(staff("ofi.toml", {"desk", "end-protection"}), "registrars of two organisations");
  const Ran shown = staff("region.toml", {"desk", "end-protection"});
  ASSERT_EQ(shown.exit_code, 0) << shown.err;
  const std::string proposal = member(shown.json(), "proposal");
  const Ran seen = run_flikvakt({"desk", "proposal", proposal, "--profile", path("fk.toml")});
  EXPECT_THAT(seen.out, HasSubstr("others will see who it is")) << seen.err;
  EXPECT_EQ(approve(proposal).exit_code, 0);
  EXPECT_THAT(to_text(overview()), Not(HasSubstr("Kim Berg")));

  expect_no(staff("ofi.toml", {"desk", "record-death", day(-3)}), "a registrar");
  expect_usage(staff("region.toml", {"desk", "record-death", "yesterday"}), "DATE");
  expect_usage(staff("region.toml", {"desk", "record-death", day(-3)}, ""), "personnummer");
  done("region.toml", {"desk", "record-death", day(-3)});
  EXPECT_EQ(run({"person", "me", "--profile", path("me.toml")}).exit_code, 1);
  expect_no(staff("ofi.toml", {"desk", "correct-death"}), "registrars of two organisations");
  const json::value wrong = done("region.toml", {"desk", "correct-death"});
  EXPECT_EQ(approve(member(wrong, "proposal")).exit_code, 0);
  EXPECT_EQ(run({"person", "me", "--profile", path("me.toml")}).exit_code, 0);
}

TEST_F(Desk, ARepresentativeTakesTwoRegistrarsAndBothNumbers) {
  ASSERT_NO_FATAL_FAILURE(set_up());
  ASSERT_NO_FATAL_FAILURE(enrol("device", kNumber));
  must({"key", "new", path("gode"), "--kind", "device", "--argon2", "fast"});
  must({"key", "show", path("gode"), "--jwk", path("gode.jwk")});
  ASSERT_NO_FATAL_FAILURE(enrol("gode", kAnotherNumber));
  const std::string both = std::string(kNumber) + "\n" + std::string(kAnotherNumber) + "\n";
  const Words add{"desk", "add-representative", "--kind", "god_man", "--power", "see", "--to", valid_to()};
  expect_usage(staff("region.toml", add), "the representative on line 2");
  Words odd = add;
  odd[3] = "friend";
  expect_usage(staff("region.toml", odd, both), "god_man");
  expect_usage(staff("region.toml", {"desk", "add-representative", "--kind", "ombud", "--to", valid_to()}, both),
               "--power");
  expect_no(staff("ofi.toml", add, both), "registrars of two organisations");
  const json::value proposed = done("region.toml", add, both);
  const std::string id = member(proposed, "id");
  const std::string swapped = std::string(kAnotherNumber) + "\n" + std::string(kNumber) + "\n";
  EXPECT_EQ(approve(member(proposed, "proposal"), {}, swapped).exit_code, 1);
  expect_usage(approve(member(proposed, "proposal")), "the representative on line 2");
  ASSERT_EQ(approve(member(proposed, "proposal"), {}, both).exit_code, 0);
  const Words as_god_man{"person", "me", "--profile", path("me.toml"), "--device-key", path("gode"), "--as", id};
  EXPECT_EQ(run(as_god_man).exit_code, 0) << run(as_god_man).err;
  expect_no(staff("ofi.toml", {"desk", "end-representative", id}, ""), "a registrar");
  expect_usage(staff("fk.toml", {"desk", "end-representative", "him"}, ""), "ID");
  done("fk.toml", {"desk", "end-representative", id}, "");
  EXPECT_EQ(run(as_god_man).exit_code, 1);
}

TEST_F(Desk, OfTwoGuardiansNeitherOpensAnythingAlone) {
  ASSERT_NO_FATAL_FAILURE(set_up());
  ASSERT_NO_FATAL_FAILURE(enrol("device", kNumber));
  const auto guardian = [&](const std::string& name, std::string_view number) {
    must({"key", "new", path(name), "--kind", "device", "--argon2", "fast"});
    must({"key", "show", path(name), "--jwk", path(name + ".jwk")});
    enrol(name, number);
    const std::string both = std::string(kNumber) + "\n" + std::string(number) + "\n";
    const json::value proposed = done("region.toml",
                                      {"desk", "add-representative", "--kind", "guardian", "--jointly", "--power",
                                       "see", "--power", "consent", "--to", valid_to()},
                                      both);
    EXPECT_EQ(approve(member(proposed, "proposal"), {}, both).exit_code, 0);
    return member(proposed, "id");
  };
  const std::string first = guardian("mother", kAnotherNumber), second = guardian("father", kThirdNumber);
  const auto as = [&](const std::string& key, const std::string& role, Words words) {
    for (const std::string& word :
         {std::string("--profile"), path("me.toml"), std::string("--device-key"), path(key), std::string("--as"), role})
      words.push_back(word);
    return run(words);
  };
  must({"person", "sparr", "--flik", "journal", "--profile", path("me.toml")});
  const std::string sparr = member(overview().at("sparrar").at(0), "id");
  const Ran lifted = as("mother", first, {"person", "lift", sparr});
  ASSERT_EQ(lifted.exit_code, 0) << lifted.err;
  EXPECT_EQ(member(lifted.json(), "status"), "proposed");
  EXPECT_THAT(lifted.err,
              AllOf(HasSubstr("nothing has changed yet"),
                    HasSubstr("flikvakt person approve " + member(lifted.json(), "proposal") + " --as ID")));
  EXPECT_EQ(overview().at("sparrar").at(0).at("in_force"), true);
  const std::string proposal = member(lifted.json(), "proposal");
  EXPECT_EQ(overview().at("proposals").at(0).at("id"), json::string(proposal));
  EXPECT_EQ(as("mother", first, {"person", "approve", proposal, "--yes"}).exit_code, 1) << "one person twice";
  expect_usage(as("father", second, {"person", "approve", proposal}), "needs a terminal");
  EXPECT_EQ(as("father", second, {"person", "approve", sparr, "--yes"}).exit_code, 1) << "no such proposal";
  const Ran approved = as("father", second, {"person", "approve", proposal, "--yes"});
  ASSERT_EQ(approved.exit_code, 0) << approved.err;
  EXPECT_THAT(approved.err, AllOf(HasSubstr("A Sparr is to be lifted"), HasSubstr(first), HasSubstr("journal"),
                                  Not(HasSubstr("nothing has changed yet"))));
  EXPECT_EQ(overview().at("sparrar").at(0).at("in_force"), false);

  must({"person", "sparr", "--flik", "journal", "--profile", path("me.toml")});
  std::string again;
  const json::value seen = overview();
  for (const json::value& one : seen.at("sparrar").as_array()) {
    if (one.at("in_force") == true) again = member(one, "id");
  }
  const Ran waits = as("mother", first, {"person", "lift", again});
  const Ran withdrawn = as("mother", first, {"person", "withdraw", member(waits.json(), "proposal")});
  EXPECT_EQ(withdrawn.exit_code, 0) << withdrawn.err;
  EXPECT_EQ(as("father", second, {"person", "approve", member(waits.json(), "proposal"), "--yes"}).exit_code, 1);
  EXPECT_EQ(as("mother", first, {"person", "withdraw", proposal}).exit_code, 1) << "it was approved";
}

TEST_F(Desk, ASparrIsLiftedOnPaper) {
  ASSERT_NO_FATAL_FAILURE(set_up());
  ASSERT_NO_FATAL_FAILURE(enrol("device", kNumber));
  must({"person", "sparr", "--flik", "journal", "--profile", path("me.toml")});
  const std::string sparr = member(overview().at("sparrar").at(0), "id");
  const Words lift{"desk", "paper-lift", sparr, "--scan", path("scan.pdf")};
  expect_usage(staff("region.toml", {"desk", "paper-lift", sparr}), "--scan");
  expect_usage(staff("region.toml", {"desk", "paper-lift", "it", "--scan", path("scan.pdf")}), "ID");
  expect_no(staff("ofi.toml", lift), "registrars of two organisations");
  const json::value proposed = done("region.toml", lift);
  EXPECT_EQ(overview().at("sparrar").at(0).at("in_force"), true) << "it waits";
  const std::string mistaken = member(done("region.toml", lift), "proposal");
  expect_no(staff("fk.toml", {"desk", "withdraw", mistaken}, ""), "same organisation");
  done("region.toml", {"desk", "withdraw", mistaken}, "");
  EXPECT_EQ(approve(mistaken).exit_code, 1);
  const Ran approved = approve(member(proposed, "proposal"));
  ASSERT_EQ(approved.exit_code, 0) << approved.err;
  EXPECT_THAT(approved.err, HasSubstr("A Sparr is to be lifted, as the person signed on paper"));
  EXPECT_EQ(overview().at("sparrar").at(0).at("in_force"), false);
}

// The other way round: tests/admin/restore_test.cpp.
TEST_F(Desk, AReconfirmationOnPaperIsRefusedWhereNothingWaitsForIt) {
  ASSERT_NO_FATAL_FAILURE(set_up());
  expect_usage(staff("region.toml", {"desk", "reconfirm"}, ""), "personnummer");
  expect_no(staff("region.toml", {"desk", "reconfirm"}), "registrars of two organisations");
}

TEST_F(Desk, ASparrOfThePersonsOwnMayHaveAnEnd) {
  ASSERT_NO_FATAL_FAILURE(set_up());
  ASSERT_NO_FATAL_FAILURE(enrol("device", kNumber));
  const auto sparr = [&](Words more) {
    Words words{"person", "sparr", "--profile", path("me.toml")};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  };
  EXPECT_EQ(sparr({"--flik", "journal", "--until", "2999-05-01T12:00:00+02:00"}).exit_code, 0);
  EXPECT_EQ(overview().at("sparrar").at(0).at("terms").at("until"), "2999-05-01T10:00:00.000Z");
  expect_usage(sparr({"--flik", "journal", "--until", "in a week"}), "--until: expected a time");
  expect_usage(sparr({"--until", "2999-05-01"}), "expected one of --flik CODE");
  expect_usage(sparr({path("scan.pdf"), "--until", "2999-05-01"}), "FILE alone");
  expect_usage(sparr({"--flik", "journal", "--everything"}), "expected one of");
  expect_usage(sparr({"--everything", "--until", "2001-01-01"}), "has passed");
  EXPECT_EQ(overview().at("sparrar").as_array().size(), 1u);
}

TEST_F(Desk, ASparrMayBeAgainstSomeAndAboutSomeDays) {
  ASSERT_NO_FATAL_FAILURE(set_up());
  ASSERT_NO_FATAL_FAILURE(enrol("device", kNumber));
  paper_fullmakt(add_template());
  const std::string document = deposit();  // of 2026-01-15
  const auto narrow = [&](Words more) {
    Words words{"desk", "paper-narrowing"};
    words.insert(words.end(), more.begin(), more.end());
    return staff("ofi.toml", words);
  };
  EXPECT_EQ(narrow({"--everything", "--against", "organisation=" + id("$region")}).exit_code, 0);
  EXPECT_EQ(narrow({"--dated", "2026-02-01..2026-02-28"}).exit_code, 0);
  EXPECT_EQ(fetch(document, "a.pdf").exit_code, 0) << "neither is about it";
  expect_usage(narrow({"--dated", "2026-01-15"}), "--dated");
  expect_usage(narrow({"--dated", "2026-01-15..now"}), "--dated");
  expect_no(narrow({"--everything", "--against", "organisation=" + std::string(32, 'f')}), "id, time or recipient");
  expect_usage(narrow({"--everything", "--against", "Kassan"}), "--against");
  expect_usage(narrow({"--against", "organisation=" + id("$fk")}), "expected one of");
  const Ran of_january = narrow({"--dated", "2026-01-01..2026-01-31"});
  ASSERT_EQ(of_january.exit_code, 0) << of_january.err;
  EXPECT_EQ(fetch(document, "b.pdf").exit_code, 1);
  must({"person", "lift", member(of_january.json(), "sparr"), "--profile", path("me.toml")});
  EXPECT_EQ(fetch(document, "c.pdf").exit_code, 0);
  EXPECT_EQ(narrow({"--document", document, "--against", "organisation=" + id("$fk")}).exit_code, 0);
  EXPECT_EQ(fetch(document, "d.pdf").exit_code, 1);
}

}  // namespace
}  // namespace flikvakt::admin
