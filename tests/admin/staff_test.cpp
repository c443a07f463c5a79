// What teams, providers and recipients do without writing a file of acts, through the real program, each with what is
// refused; and what administrators write in files for them.
#include "crypto/hash.h"
#include "tests/admin/desk_world.h"

namespace flikvakt::admin {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class StaffWorld : public DeskWorld {
protected:
  // With a provider beside the region and the authority, authorised for one area.
  void set_up_with_provider() {
    ASSERT_NO_FATAL_FAILURE(set_up());
    ASSERT_EQ(run_flikvakt({"pki", "dev", path("pki"), "--client", "steg=Stegvis=556000-0003"}).exit_code, 0);
    scratch_.write("provider.json", R"({"acts": [
      {"kind": "register_organisation", "id": "$steg", "name": "Stegvis", "number": "556000-0003", "organisation_kind": "provider"},
      {"kind": "register_certificate", "organisation": "$steg", "certificate_file": "pki/steg.pem", "issuer_file": "pki/ca.pem"},
      {"kind": "register_assertion_key", "organisation": "$steg", "key_file": "pki/steg-staff.jwk"},
      {"kind": "register_staff", "id": "$eli", "organisation": "$steg", "name": "Eli", "roles": []},
      {"kind": "register_authorisation", "id": "$auth", "organisation": "$steg", "areas": ["karriar"],
       "valid_from": "2020-01-01T00:00:00Z", "valid_to": ")" +
                                        valid_to() + R"("}]})");
    must(by_both({"apply", path("provider.json"), "--ids", path("ids.json")}));
    ids_ = parse_json(text("ids.json")).value();
    profile("steg.toml", "steg", "$eli");
  }

  std::string plan_file(const std::string& goals) {
    scratch_.write("plan.toml", "goals = \"" + goals + R"("
[[milestones]]
text = "Praktikplats funnen"
due = )" + day(60) + R"(
[[parts]]
insats = "Jobbsökarstöd"
provider = "$steg"
area = "karriar"
valid_from = )" + day(-30) + R"(
valid_to = )" + valid_to() + R"(
ceiling = 40000
)");
    return path("plan.toml");
  }
  Words by_alice(Words words) const {
    for (const std::string& word : {std::string("--administrator"), path("alice"), std::string("--data"), path("data")})
      words.push_back(word);
    return words;
  }
  void sign_fullmakt_for(const std::string& team) {
    scratch_.write("team.json", R"({"text": "Teamet får läsa min journal.", "terms": {"disclosers": [")" +
                                    id("$region") + R"("], "recipients": [{"kind": "team", "id": ")" + team +
                                    R"("}], "flikar": ["journal"], "documents": [], "purpose": "rehab",
      "rights": ["read"], "valid_from": "2020-01-01T00:00:00Z", "valid_to": ")" +
                                    valid_to() + R"(", "secrecy_consent": "osl-10-1", "legal_ground": "gdpr-6-1-e",
      "language": "sv"}})");
    must({"person", "sign", path("team.json"), "--profile", path("me.toml")});
  }
  // Led by Kim of the region, accepted by another of its roster officers.
  std::string add_team(const std::string& name) {
    if (!ids_.as_object().contains("$rolf")) {
      ids_.as_object()["$rolf"] = must(by_alice({"staff", "add", "--organisation", id("$region"), "--name", "Rolf",
                                                 "--role", "roster_officer"}))
                                      .at("id");
      profile("rolf.toml", "region", "$rolf");
    }
    const json::value added =
        must(by_both({"team", "add", "--organisation", id("$region"), "--name", name, "--lead", id("$kim")}));
    const std::string team = member(added, "id");
    done("rolf.toml", {"roster", "accept", team}, "");
    return team;
  }
};

TEST_F(StaffWorld, ATemplateComesFromAFileAndTakesTwo) {
  ASSERT_NO_FATAL_FAILURE(set_up());
  const Words alone = by_alice({"template", "add", template_file(), "--ids", path("ids.json")});
  const Ran proposed = run(alone);
  ASSERT_EQ(proposed.exit_code, 0) << proposed.err;
  EXPECT_EQ(member(proposed.json(), "status"), "proposed");
  EXPECT_THAT(proposed.err, HasSubstr("this takes two"));
  expect_usage(run(by_both({"template", "add", template_file()})), "is not in the file of --ids");
  scratch_.write("bad.toml", text("template.toml") + "\ncolour = \"red\"\n");
  expect_usage(run(by_both({"template", "add", path("bad.toml"), "--ids", path("ids.json")})), "not known here");
  scratch_.write("broken.toml", "purpose = \"rehab\"\ndays = ninety\n");
  expect_usage(run(by_both({"template", "add", path("broken.toml")})), "broken.toml:2: expected TOML");
  scratch_.write("short.json", R"({"purpose": "rehab"})");
  expect_usage(run(by_both({"template", "add", path("short.json")})), "missing");
  std::string unknown_flik = text("template.toml");
  unknown_flik.replace(unknown_flik.find("\"journal\""), 9, "\"jornal\"");
  scratch_.write("unknown.toml", unknown_flik);
  const Ran refused = run(by_both({"template", "add", path("unknown.toml"), "--ids", path("ids.json")}));
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("the catalogue has no such flik type"));
  const std::string id = add_template();
  EXPECT_EQ(id.size(), 32u);
  EXPECT_EQ(run(by_alice({"template", "suspend", id})).exit_code, 0);
}

TEST_F(StaffWorld, AKontraktHasGoalsDelmalAndACeilingAndEndsWithAnAttestedErasure) {
  ASSERT_NO_FATAL_FAILURE(set_up_with_provider());
  ASSERT_NO_FATAL_FAILURE(enrol("device", kNumber));
  const std::string number = std::string(kNumber) + "\n";
  const Words add = by_alice({"kontrakt", "add", plan_file("Arbete"), "--ids", path("ids.json")});
  expect_usage(run(add, ""), "personnummer");
  const Ran added = run(add, number);
  ASSERT_EQ(added.exit_code, 0) << added.err;
  const std::string kontrakt = member(added.json(), "id");
  const json::value stands = overview().at("kontrakt").at(0);
  EXPECT_EQ(stands.at("goals"), "Arbete");
  EXPECT_EQ(stands.at("milestones").at(0).at("text"), "Praktikplats funnen");
  EXPECT_EQ(stands.at("parts").at(0).at("ceiling").as_int64(), 40000);
  scratch_.write("empty.json", "[]");
  expect_usage(run(by_alice({"kontrakt", "add", path("empty.json")}), number), "`parts`");
  scratch_.write("odd.json", R"({"parts": [{"insats": "x", "provider": "someone"}]})");
  expect_usage(run(by_alice({"kontrakt", "add", path("odd.json")}), number), "`parts`");

  expect_no(staff("fk.toml", {"milestone", kontrakt, "1"}, ""), "staff of a provider");
  expect_usage(staff("steg.toml", {"milestone", kontrakt, "0"}, ""), "1 for the first");
  expect_no(staff("steg.toml", {"milestone", kontrakt, "2"}, ""), "staff of a provider");
  done("steg.toml", {"milestone", kontrakt, "1", "--reached", day(-1)}, "");
  EXPECT_EQ(overview().at("kontrakt").at(0).at("milestones").at(0).at("reached"), json::value(day(-1)));

  expect_usage(run(by_alice({"kontrakt", "propose", "it", plan_file("Studier"), "--ids", path("ids.json")})), "ID");
  must(by_alice({"kontrakt", "propose", kontrakt, plan_file("Studier"), "--ids", path("ids.json")}));
  const Words paper{"desk", "paper-kontrakt", kontrakt,         path("plan.toml"), "--version",
                    "2",    "--scan",         path("scan.pdf"), "--ids",           path("ids.json")};
  Words first_version = paper;
  first_version[5] = "1";
  expect_usage(staff("region.toml", first_version), "--version");
  expect_no(staff("ofi.toml", paper), "registrars of two organisations");
  const Ran signed_paper = staff("region.toml", paper);
  ASSERT_EQ(signed_paper.exit_code, 0) << signed_paper.err;
  EXPECT_EQ(approve(member(signed_paper.json(), "proposal")).exit_code, 0);
  EXPECT_EQ(overview().at("kontrakt").at(0).at("goals"), "Studier");

  must(by_alice({"kontrakt", "end", kontrakt}));
  const Ran orders = staff("steg.toml", {"erase-orders"}, "");
  EXPECT_THAT(orders.out, HasSubstr(kontrakt)) << orders.err;
  expect_no(staff("fk.toml", {"attest-erasure", kontrakt}, ""), "told to erase");
  expect_usage(staff("steg.toml", {"attest-erasure", "all"}, ""), "KONTRAKT");
  done("steg.toml", {"attest-erasure", kontrakt}, "");
  EXPECT_THAT(staff("steg.toml", {"erase-orders"}, "").out, Not(HasSubstr(kontrakt)));
}

TEST_F(StaffWorld, ACaseGoesFromThePaperToItsEnd) {
  ASSERT_NO_FATAL_FAILURE(set_up());
  ASSERT_NO_FATAL_FAILURE(enrol("device", kNumber));
  const std::string team = add_team("Konsultation Norr");
  const std::string other = add_team("Konsultation Syd");
  expect_no(staff("fk.toml", {"roster", "accept", team}, ""), "roster officer");
  const Words refer{"desk", "referral", "--team", team, "--focus", "illness", "--triage", day(7)};
  expect_usage(staff("region.toml", refer, ""), "personnummer");
  Words odd = refer;
  odd[5] = "boredom";
  expect_usage(staff("region.toml", odd), "unemployment");
  expect_no(staff("ofi.toml", refer), "a registrar");
  const Ran referred = staff("region.toml", refer);
  ASSERT_EQ(referred.exit_code, 0) << referred.err;
  const std::string id_of_case = member(referred.json(), "id");
  EXPECT_THAT(referred.err, HasSubstr("for the person's paper: case " + id_of_case));

  const std::string meeting = day(14) + "T09:00:00Z";
  expect_no(staff("fk.toml", {"case", "accept", id_of_case}, ""), "lead or deputy");
  expect_usage(staff("region.toml", {"case", "accept", id_of_case, "--meeting", "soon"}, ""), "--meeting");
  expect_usage(staff("region.toml", {"case", "accept", id_of_case, "--meeting", day(14)}, ""), "not only a day");
  done("region.toml", {"case", "accept", id_of_case, "--meeting", meeting}, "");
  EXPECT_THAT(staff("region.toml", {"cases"}, "").out, HasSubstr(day(14) + "T09:00:00"));
  expect_usage(staff("region.toml", {"case", "meetings", id_of_case}, ""), "--none");
  expect_no(staff("fk.toml", {"case", "meetings", id_of_case, "--none"}, ""), "lead or deputy");
  done("region.toml", {"case", "meetings", id_of_case, "--none"}, "");
  EXPECT_THAT(staff("region.toml", {"cases"}, "").out, Not(HasSubstr(day(14) + "T09:00:00")));
  expect_no(staff("fk.toml", {"case", "hand-over", id_of_case, "--team", other}, ""), "lead or deputy");
  const Ran handed = staff("region.toml", {"case", "hand-over", id_of_case, "--team", other}, "");
  ASSERT_EQ(handed.exit_code, 0) << handed.err;
  EXPECT_THAT(handed.err, HasSubstr("flikvakt person hand-over"));
  must({"person", "hand-over", id_of_case, "--team", other, "--profile", path("me.toml")});
  done("region.toml", {"case", "hand-over", id_of_case, "--team", team}, "");
  const Words back{"desk", "paper-hand-over", id_of_case, "--team", team, "--scan", path("scan.pdf")};
  expect_no(staff("ofi.toml", back), "registrars of two organisations");
  ASSERT_EQ(approve(member(done("region.toml", back), "proposal")).exit_code, 0);
  EXPECT_EQ(overview().at("cases").at(0).at("team"), json::string(team));
  expect_no(staff("fk.toml", {"case", "close", id_of_case}, ""), "lead or deputy");
  expect_usage(staff("region.toml", {"case", "close", "it"}, ""), "ID");
  done("region.toml", {"case", "close", id_of_case}, "");
}

TEST_F(StaffWorld, ATeamGetsAMemberByTwoAndLosesThemByOne) {
  ASSERT_NO_FATAL_FAILURE(set_up());
  ASSERT_NO_FATAL_FAILURE(enrol("device", kNumber));
  const std::string team = add_team("Konsultation");
  sign_fullmakt_for(team);
  const std::string document = deposit();
  expect_no(staff("tim.toml", {"roster", "add", team, id("$lee")}, ""), "roster officer");
  expect_usage(staff("ofi.toml", {"roster", "add", team, id("$lee"), "--role", "boss"}, ""), "lead, deputy, member");
  EXPECT_EQ(fetch(document, "a.pdf").exit_code, 1) << "not in the team";
  done("ofi.toml", {"roster", "add", team, id("$lee")}, "");
  EXPECT_EQ(fetch(document, "b.pdf").exit_code, 1) << "one of two has said it";
  done("region.toml", {"roster", "add", team, id("$lee")}, "");
  EXPECT_EQ(fetch(document, "c.pdf").exit_code, 0);
  expect_no(staff("tim.toml", {"roster", "remove", team, id("$lee")}, ""), "either of the two");
  EXPECT_EQ(fetch(document, "d.pdf").exit_code, 0) << "nobody was removed";
  done("ofi.toml", {"roster", "remove", team, id("$lee")}, "");
  EXPECT_EQ(fetch(document, "e.pdf").exit_code, 1);
}

TEST_F(StaffWorld, ARequestIsMadeWithdrawnAndSaysNothingOfWhoIsKnown) {
  ASSERT_NO_FATAL_FAILURE(set_up());
  ASSERT_NO_FATAL_FAILURE(enrol("device", kNumber));
  scratch_.write("message.txt", "Vi behöver journalen inför mötet.");
  const Words ask{"request",   "add",   "--discloser", id("$region"),          "--flik",         "journal",
                  "--purpose", "rehab", "--to",        "2026-12-31T00:00:00Z", "--message-file", path("message.txt")};
  Words lasting = ask;
  lasting[9] = valid_to();
  expect_usage(staff("fk.toml", lasting, ""), "personnummer");
  Words odd = lasting;
  odd[9] = "long";
  expect_usage(staff("fk.toml", odd), "--to");
  expect_usage(staff("fk.toml", {"request", "add", "--flik", "journal", "--purpose", "rehab", "--to", valid_to()}),
               "--discloser");
  Words for_others = lasting;
  for (const std::string& word : {std::string("--recipient"), "organisation=" + id("$region")})
    for_others.push_back(word);
  expect_no(staff("fk.toml", for_others), "may receive");
  const Ran asked = staff("fk.toml", lasting);
  ASSERT_EQ(asked.exit_code, 0) << asked.err;
  const std::string request = member(asked.json(), "id");
  EXPECT_EQ(staff("fk.toml", lasting, std::string(kAnotherNumber) + "\n").exit_code, 0) << "known or not";
  const json::value seen = overview().at("requests").at(0);
  EXPECT_EQ(member(seen, "id"), request);
  EXPECT_THAT(to_text(seen), HasSubstr("inför mötet"));
  expect_no(staff("region.toml", {"request", "withdraw", request}, ""), "the organisation that asked");
  expect_usage(staff("fk.toml", {"request", "withdraw", "it"}, ""), "ID");
  done("fk.toml", {"request", "withdraw", request}, "");
  EXPECT_THAT(staff("fk.toml", {"requests"}, "").out, HasSubstr("withdrawn"));
}

TEST_F(StaffWorld, ARequestMayBeForMoreInAFullmaktForACaseAndToDeposit) {
  ASSERT_NO_FATAL_FAILURE(set_up());
  ASSERT_NO_FATAL_FAILURE(enrol("device", kNumber));
  const std::string team = add_team("Konsultation");
  const std::string id_of_case =
      member(done("region.toml", {"desk", "referral", "--team", team, "--focus", "illness"}), "id");
  const std::string fullmakt = paper_fullmakt(add_template());
  const auto ask = [&](Words more) {
    Words words{"request", "add",       "--discloser", id("$region"), "--flik",
                "journal", "--purpose", "rehab",       "--to",        day(20)};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  };
  done("fk.toml", ask({"--fullmakt", fullmakt, "--right", "read", "--right", "deposit"}));
  done("region.toml", ask({"--case", id_of_case, "--recipient", "team=" + team}));
  std::string shown = to_text(overview().at("requests"));
  EXPECT_THAT(shown, AllOf(HasSubstr(fullmakt), HasSubstr("deposit"), HasSubstr(id_of_case)));
  expect_usage(staff("fk.toml", ask({"--right", "erase"})), "read, deposit");
  expect_usage(staff("fk.toml", ask({"--fullmakt", "it"})), "--fullmakt");
  expect_usage(staff("fk.toml", ask({"--case", "it"})), "--case");
}

TEST_F(StaffWorld, AnAuthorisationCountsToTheEndOfItsLastDay) {
  ASSERT_NO_FATAL_FAILURE(set_up_with_provider());
  const auto add = [&](const std::string& from, const std::string& to) {
    return run(by_alice(
        {"authorisation", "add", "--organisation", id("$steg"), "--area", "karriar", "--from", from, "--to", to}));
  };
  EXPECT_EQ(add(day(-1), day(0)).exit_code, 0) << "today is its last day";
  expect_usage(add("soon", day(0)), "--from");
  expect_usage(add(day(-1), "later"), "--to");
}

TEST_F(StaffWorld, WhoReadHearsOfAChangeAcknowledgesItAndGivesUpWhatItHas) {
  ASSERT_NO_FATAL_FAILURE(set_up());
  ASSERT_NO_FATAL_FAILURE(enrol("device", kNumber));
  const std::string fullmakt = paper_fullmakt(add_template());
  const std::string document = deposit();
  ASSERT_EQ(fetch(document, "a.pdf").exit_code, 0);
  must({"person", "pause", fullmakt, "--profile", path("me.toml")});
  const json::value notices = done("fk.toml", {"notices"}, "").at("notices");
  ASSERT_EQ(notices.as_array().size(), 1u);
  const std::string changed = member(notices.at(0), "changed");
  const Words acknowledge{"notice", "acknowledge", fullmakt, "--changed", changed};
  expect_no(staff("region.toml", acknowledge, ""), "read under it");
  expect_usage(staff("fk.toml", {"notice", "acknowledge", fullmakt, "--changed", "now"}, ""), "--changed");
  done("fk.toml", acknowledge, "");
  EXPECT_EQ(done("fk.toml", {"notices"}, "").at("notices").as_array().size(), 0u);
  must({"person", "resume", fullmakt, "--profile", path("me.toml")});
  EXPECT_EQ(fetch(document, "b.pdf").exit_code, 0);

  expect_no(staff("region.toml", {"relinquish", fullmakt}, ""), "roster officer or registrar");
  expect_usage(staff("fk.toml", {"relinquish", "it"}, ""), "ID");
  done("ofi.toml", {"relinquish", fullmakt}, "");
  EXPECT_EQ(fetch(document, "c.pdf").exit_code, 1);
}

TEST_F(StaffWorld, ADisclosureOutsideAnyFullmaktIsRecordedByItsSource) {
  ASSERT_NO_FATAL_FAILURE(set_up());
  ASSERT_NO_FATAL_FAILURE(enrol("device", kNumber));
  paper_fullmakt(add_template());
  const std::string document = deposit();
  const Words record{"record-disclosure", document, "--to", "Tingsrätten", "--ground", "osl-10-27"};
  expect_no(staff("fk.toml", record, ""), "source");
  Words odd = record;
  for (const char* word : {"--at", "once"}) odd.emplace_back(word);
  expect_usage(staff("region.toml", odd, ""), "--at");
  done("region.toml", record, "");
  EXPECT_THAT(to_text(must({"person", "log", "--profile", path("me.toml")})), HasSubstr("record_disclosure"));
}

// SPEC PART-50
TEST_F(StaffWorld, HowASourcesFilesAreDividedComesFromAFileOfItsRegistrar) {
  ASSERT_NO_FATAL_FAILURE(set_up());
  scratch_.write("rule.toml",
                 "document_type = \"journal\"\nname = \"Journal\"\nmedia_type = \"application/pdf\"\n"
                 "[[parts]]\nflik = \"journal\"\ntakes = [{kind = \"bookmark\", name = \"Anteckningar\"}]\n");
  const Words set{"partition-rule", "set", path("rule.toml")};
  expect_no(staff("ofi.toml", set, ""), "a registrar");
  done("region.toml", set, "");
  expect_no(staff("region.toml", set, ""), "a registrar");  // the first version stands
  scratch_.write("odd.toml", "document_type = \"journal\"\n");
  expect_usage(staff("region.toml", {"partition-rule", "set", path("odd.toml")}, ""), "odd.toml");
}

TEST_F(StaffWorld, AMaskingIsApprovedByAColleagueWithoutANumber) {
  ASSERT_NO_FATAL_FAILURE(set_up());
  ASSERT_NO_FATAL_FAILURE(enrol("device", kNumber));
  paper_fullmakt(add_template());
  const std::string alone = deposit();
  expect_no(staff("region.toml", {"record-masking", alone}, ""), "two staff of the document's source");
  must({"key", "new", path("other"), "--kind", "device", "--argon2", "fast"});
  must({"key", "show", path("other"), "--jwk", path("other.jwk")});
  ASSERT_NO_FATAL_FAILURE(enrol("other", kAnotherNumber));
  const std::string bytes = "%PDF-1.7 about two";
  scratch_.write("two.pdf", bytes);
  scratch_.write("begin.json", R"({"kind": "begin_deposit", "id": "$deposit", "person": {"number": ")" +
                                   std::string(kNumber) + R"("}, "other_subjects": [{"number": ")" +
                                   std::string(kAnotherNumber) + R"("}], "facts": {"flik": "journal", "title": "Två",
    "author": "Dr Ek", "date": "2026-01-15", "media_type": "application/pdf", "other_subjects": [], "size": )" +
                                   std::to_string(bytes.size()) + R"(, "sha256": ")" +
                                   to_base64url(crypto::sha256(as_bytes(bytes))) + R"("}})");
  const json::value begun = done("region.toml", {"act", path("begin.json")}, "");
  const std::string document =
      member(done("region.toml",
                  {"deposit", path("two.pdf"), "--deposit", member(begun.at("ids"), "$deposit"), "--flik", "journal",
                   "--title", "Två", "--author", "Dr Ek", "--date", "2026-01-15", "--type", "application/pdf"}),
             "document");
  EXPECT_EQ(fetch(document, "a.pdf").exit_code, 1) << "somebody else is in it";
  add_team("only for a colleague");
  expect_no(staff("fk.toml", {"record-masking", document}, ""), "two staff of the document's source");
  const std::string proposal = member(done("region.toml", {"record-masking", document}, ""), "proposal");
  EXPECT_EQ(approve(proposal, {}, "").exit_code, 1) << "of another organisation";
  expect_usage(approve(proposal, {"--scan", path("scan.pdf")}, "", "rolf.toml"), "has no paper");
  const Ran approved = approve(proposal, {}, "", "rolf.toml");
  EXPECT_EQ(approved.exit_code, 0) << approved.err;
  EXPECT_EQ(fetch(document, "b.pdf").exit_code, 0);
}

}  // namespace
}  // namespace flikvakt::admin
