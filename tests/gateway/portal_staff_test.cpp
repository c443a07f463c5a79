// What staff see by the portal: what a fullmakt opens, and one refusal for all else.
#include <gmock/gmock.h>

#include <regex>

#include "gateway/multipart.h"
#include "gateway/portal_deposit.h"
#include "gateway/portal_plan_form.h"
#include "tests/gateway/portal_world.h"

namespace flikvakt::gateway::test {
namespace {

using testing::HasSubstr;
using testing::Not;

// The form that a plan is confirmed with comes first on its page.
Fields confirming(const ApiReply& page, const std::string& path) { return Browser::filled(page, path); }

class PortalStaff : public testing::Test {
protected:
  std::string person_path(const TestOrganisation& of) { return "/staff/people/" + portal_.handle(of); }
  PortalWorld portal_;
};

// SPEC PORTAL-40
TEST_F(PortalStaff, AnOpenDocumentIsTwoClicksFromThePersonAndReadByteForByte) {
  portal_.world.sign_fullmakt();
  const Bytes bytes = text_bytes(70'000);
  const std::string document = portal_.world.deposit(bytes);
  Browser staff = portal_.signed_in(PortalWorld::handler);
  const std::string path = person_path(*portal_.world.authority);
  const ApiReply page = staff.get(path);
  ASSERT_EQ(page.status, 200u) << page.body;
  const std::string view = path + "/documents/" + document + "?purpose=konsultation";
  EXPECT_THAT(page.body, HasSubstr("href=\"" + view + "\""));
  const ApiReply viewer = staff.get(view);
  const std::string content = "/staff/documents/" + document + "/content?purpose=konsultation";
  EXPECT_THAT(viewer.body, HasSubstr("src=\"" + content + "\""));
  const ApiReply shown = staff.get(content);
  EXPECT_EQ(shown.status, 200u);
  EXPECT_TRUE(shown.body == as_text(bytes));
  EXPECT_EQ(shown.field("Accept-Ranges"), "") << "each asking is an opening of its own";
}

// SPEC PORTAL-40
TEST_F(PortalStaff, EveryNoIsTheSamePage) {
  portal_.world.sign_fullmakt();
  const std::string blocked = portal_.world.deposit(text_bytes(1000));
  Browser staff = portal_.signed_in(PortalWorld::handler);
  const auto content = [](const std::string& document, const char* purpose) {
    return "/staff/documents/" + document + "/content?purpose=" + purpose;
  };
  const ApiReply unknown = staff.get(content(std::string(32, 'a'), "konsultation"));
  EXPECT_EQ(unknown.status, 403u);
  EXPECT_EQ(staff.get(content(blocked, "annat")).comparable(), unknown.comparable()) << "another purpose";
  const json::object sparr{
      {"kind", "set_sparr"},
      {"id", crypto::random_id<SparrId>().text()},
      {"terms", json::object{{"target", "everything"}, {"everyone", true}, {"recipients", json::array()}}}};
  ASSERT_EQ(portal_.world.act_of_person(sparr).status, 200u);
  EXPECT_EQ(staff.get(content(blocked, "konsultation")).comparable(), unknown.comparable()) << "blocked";
}

// SPEC PORTAL-40
TEST_F(PortalStaff, AnUnknownPersonLooksLikeOneWithNothingToSee) {
  Browser staff = portal_.signed_in(PortalWorld::handler);
  const auto looked_up = [&](std::string_view number) {
    const ApiReply found = staff.submit("/staff/people", Browser::filled(staff.get("/staff/people"), "/staff/people",
                                                                         {{"number", std::string(number)}}));
    EXPECT_EQ(found.status, 303u);
    EXPECT_THAT(found.field("Location"), Not(HasSubstr("1973")));
    return staff.get(found.field("Location"));
  };
  const auto alike = [](ApiReply reply) {  // but for the handle, which who asks knows
    return std::regex_replace(reply.body, std::regex("[A-Za-z0-9_-]{38,}|code small\">[^<]*"), "?");
  };
  EXPECT_EQ(alike(looked_up(ApiWorld::kNumber)), alike(looked_up(ApiWorld::kUnknownNumber)));
  const ApiReply wrong = staff.submit(
      "/staff/people", Browser::filled(staff.get("/staff/people"), "/staff/people", {{"number", "19121212-1213"}}));
  EXPECT_EQ(wrong.status, 422u);
  EXPECT_THAT(wrong.body, Not(HasSubstr("1213")));
}

TEST_F(PortalStaff, ADocumentIsDepositedByAFormAndOnlyWhereAFullmaktSaysSo) {
  Browser nurse = portal_.signed_in(PortalWorld::nurse);
  const std::string path = person_path(*portal_.world.region) + "/deposit";
  const Fields typed{{"flik", "journal"},
                     {"title", "Svar <b>på</b> prov"},
                     {"author", "Maja"},
                     {"date", "2026-11-01"},
                     {"others", "no"}};
  const Bytes text = text_bytes(5000);
  EXPECT_EQ(nurse.upload(path, Browser::filled(nurse.get(path), path, typed), "svar.txt", text).status, 403u);
  portal_.world.sign_fullmakt();
  Browser again = portal_.signed_in(PortalWorld::nurse);
  const Fields form = Browser::filled(again.get(path), path, typed);
  const ApiReply shown = again.upload(path, form, "svar.txt", text);
  ASSERT_EQ(shown.status, 303u) << shown.body;
  const std::string plan = shown.field("Location");
  Browser person = portal_.signed_in(PortalWorld::milo);
  EXPECT_THAT(person.get("/me/documents").body, Not(HasSubstr("Svar"))) << "nothing is sealed before it is confirmed";
  const Fields yes = confirming(again.get(plan), plan);
  const ApiReply done = again.submit(plan, yes);
  EXPECT_EQ(done.status, 200u) << done.body;
  EXPECT_THAT(done.body, HasSubstr("Dokumentet är inlämnat"));
  EXPECT_THAT(again.submit(plan, yes).body, HasSubstr("Dokumentet är inlämnat")) << "sent twice is one answer";
  EXPECT_THAT(again.get(plan).body, HasSubstr("Filen finns inte kvar här")) << "confirmed once";
  Browser colleague = portal_.signed_in(PortalWorld::region_registrar);
  EXPECT_THAT(colleague.submit(plan, yes).body, Not(HasSubstr("Dokumentet är inlämnat"))) << "another's is none";
  Browser milo = portal_.signed_in(PortalWorld::milo);
  EXPECT_THAT(milo.get("/me/documents").body, HasSubstr("Svar &lt;b&gt;på&lt;/b&gt; prov"));
  const ApiReply wrong = again.upload(path, Browser::filled(again.get(path), path, typed), "svar.pdf", text);
  EXPECT_EQ(wrong.status, 422u) << "no PDF begins like that";
}

// SPEC PORTAL-110
TEST_F(PortalStaff, APlanIsTheDepositorsAloneAndIsCorrectedByAForm) {
  portal_.world.sign_fullmakt();
  Browser nurse = portal_.signed_in(PortalWorld::nurse);
  const std::string path = person_path(*portal_.world.region) + "/deposit";
  const Fields typed{{"flik", "journal"},    {"title", "Journal"}, {"author", "Maja"},
                     {"date", "2026-11-01"}, {"others", "no"},     {"how", "hand"}};
  const Bytes pdf = to_bytes(as_bytes("%PDF-1.7\n a journal"));
  const ApiReply sent = nurse.upload(path, Browser::filled(nurse.get(path), path, typed), "journal.pdf", pdf);
  ASSERT_EQ(sent.status, 303u) << sent.body;
  const std::string plan = sent.field("Location");
  const ApiReply empty = nurse.get(plan);
  EXPECT_THAT(empty.body, HasSubstr("Filen är inte delad än"));
  EXPECT_THAT(empty.body, Not(HasSubstr("value=\"confirm\""))) << "there is nothing to confirm";
  const auto correct = [&](const Fields& rows) {
    return nurse.submit(plan, Browser::filled(nurse.get(plan), plan, rows));
  };
  EXPECT_EQ(correct({{"flik_0", "journal"}, {"takes_0", "3-1"}}).status, 422u);
  EXPECT_EQ(correct({{"flik_0", ""}, {"takes_0", "1-3"}}).status, 422u);
  EXPECT_EQ(correct({{"flik_0", "ekonomi"}, {"takes_0", "1-3"}}).status, 403u) << "no fullmakt opens it to the region";
  const ApiReply both =
      correct({{"flik_0", "journal"}, {"takes_0", "1-3, 7"}, {"flik_1", "ekonomi"}, {"takes_1", "4"}});
  ASSERT_EQ(both.status, 303u) << both.body;
  const std::string next = both.field("Location");
  const ApiReply divided = nurse.get(next);
  EXPECT_THAT(divided.body, HasSubstr("Ingen fullmakt låter er lämna in i fliken."));
  EXPECT_THAT(divided.body, HasSubstr("Lämna in dokumentet"));
  Browser other = portal_.signed_in(PortalWorld::region_registrar);
  EXPECT_THAT(other.get(next).body, HasSubstr("Filen finns inte kvar här")) << "a colleague's is none";
  EXPECT_EQ(other.get(next + "/pictures/0/0").status, 403u);
  EXPECT_EQ(nurse.submit(next, confirming(divided, next)).status, 200u);
}

// One page with a line of text.
std::string small_pdf() {
  const std::string stream = "BT /F1 24 Tf 60 700 Td (Anteckning) Tj ET";
  const std::vector<std::string> objects{
      "<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
      "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
      "<< /Length " + std::to_string(stream.size()) + " >>\nstream\n" + stream + "\nendstream",
      "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"};
  std::string out = "%PDF-1.4\n", table;
  for (std::size_t i = 0; i < objects.size(); ++i) {
    std::string at = std::to_string(out.size());
    table += std::string(10 - at.size(), '0') + at + " 00000 n \n";
    out += std::to_string(i + 1) + " 0 obj\n" + objects[i] + "\nendobj\n";
  }
  const std::string start = std::to_string(out.size());
  return out + "xref\n0 6\n0000000000 65535 f \n" + table + "trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n" + start +
         "\n%%EOF\n";
}

// SPEC PORTAL-111
TEST(PortalPlanByTheRealChild, ShowsPicturesOfWhatWouldBeSealed) {
  PortalWorld portal([](Server::Options& options) { options.partition_program = FLIKVAKT_PARTITION_BINARY; });
  portal.world.sign_fullmakt();
  Browser nurse = portal.signed_in(PortalWorld::nurse);
  const std::string path = "/staff/people/" + portal.handle(*portal.world.region) + "/deposit";
  const Fields typed{{"flik", "journal"},    {"title", "Brev"}, {"author", "Maja"},
                     {"date", "2026-11-01"}, {"others", "no"},  {"how", "whole"}};
  const std::string pdf = small_pdf();
  const ApiReply sent =
      nurse.upload(path, Browser::filled(nurse.get(path), path, typed), "brev.pdf", to_bytes(as_bytes(pdf)));
  ASSERT_EQ(sent.status, 303u) << sent.body;
  const std::string plan = sent.field("Location");
  EXPECT_THAT(nurse.get(plan).body, HasSubstr("src=\"" + plan + "/pictures/0/0\""));
  const ApiReply picture = nurse.get(plan + "/pictures/0/0");
  EXPECT_EQ(picture.status, 200u);
  EXPECT_EQ(picture.field("Content-Type"), "image/png");
  EXPECT_TRUE(picture.body.starts_with("\x89PNG"));
  EXPECT_EQ(nurse.get(plan + "/pictures/0/1").status, 403u) << "there is one page";
  EXPECT_EQ(nurse.get(plan + "/pictures/1/0").status, 403u) << "and one part";
  const ApiReply damaged = nurse.upload(path, Browser::filled(nurse.get(path), path, typed), "brev.pdf",
                                        to_bytes(as_bytes(pdf.substr(0, 300))));
  EXPECT_EQ(damaged.status, 422u);
  EXPECT_THAT(damaged.body, HasSubstr("Filen är skadad."));
}

// SPEC PORTAL-43, RULE-21
TEST_F(PortalStaff, WhomElseADocumentIsAboutIsAskedAndThenItIsReadByNobodyBeforeTheySayYes) {
  portal_.world.sign_fullmakt();
  portal_.world.enrol("20000229-2399", crypto::SigningKey::generate(crypto::KeyAlgorithm::p256));
  Browser nurse = portal_.signed_in(PortalWorld::nurse);
  const std::string path = person_path(*portal_.world.region) + "/deposit";
  const auto deposit = [&](const char* title, const char* others, const char* number) {
    const Fields typed{{"flik", "journal"},    {"title", title},   {"author", "Maja"},
                       {"date", "2026-11-01"}, {"others", others}, {"number", number}};
    const ApiReply sent =
        nurse.upload(path, Browser::filled(nurse.get(path), path, typed), "svar.txt", text_bytes(100));
    if (sent.status != 303) return sent;
    const std::string plan = sent.field("Location");
    return nurse.submit(plan, confirming(nurse.get(plan), plan));
  };
  EXPECT_THAT(deposit("Ett", "", "").body, HasSubstr("Svara på om dokumentet också handlar om någon annan."));
  const ApiReply wrong = deposit("Ett", "yes", "19121212-1213");
  EXPECT_EQ(wrong.status, 422u);
  EXPECT_THAT(wrong.body, HasSubstr("Skriv den andras personnummer"));
  EXPECT_THAT(wrong.body, HasSubstr("value=\"yes\" checked"));
  EXPECT_THAT(wrong.body, Not(HasSubstr("1213"))) << "a number stands in no answer";
  EXPECT_EQ(deposit("Ett", "yes", "").status, 422u);
  EXPECT_EQ(deposit("Ett", "yes", ApiWorld::kUnknownNumber.data()).status, 403u) << "nobody here";
  Browser milo = portal_.signed_in(PortalWorld::milo);
  EXPECT_THAT(milo.get("/me/documents").body, HasSubstr("Inget är inlämnat än")) << "nothing came of any of them";

  const ApiReply done = deposit("Om oss", "yes", "20000229-2399");
  EXPECT_EQ(done.status, 200u) << done.body;
  EXPECT_THAT(done.body, HasSubstr("när alla andra som det handlar om har sagt ja"));
  EXPECT_EQ(deposit("Om mig", "no", "").status, 200u);
  const std::string documents = milo.get("/me/documents").body;
  const auto read = [&](const std::string& title) {
    const std::size_t at = documents.rfind("/me/documents/", documents.find(">" + title + "<")) + 14;
    ApiClient reader = portal_.world.staff(*portal_.world.authority, portal_.world.handler);
    return reader.get("/v1/documents/" + documents.substr(at, 32) + "/content?purpose=konsultation").status;
  };
  EXPECT_EQ(read("Om oss"), 403u) << "the other has not said yes";
  EXPECT_EQ(read("Om mig"), 200u);
}

// SPEC PORTAL-102
TEST(PortalUploads, OfOneStaffMemberTwoAreHeldAtATimeAndNothingIsReadOfAThird) {
  PortalWorld portal([](Server::Options& options) { options.page_burst = options.pages_per_second = 1e6; });
  const auto path_for = [&](const TestOrganisation& of) { return "/staff/people/" + portal.handle(of) + "/deposit"; };
  Browser nurse = portal.signed_in(PortalWorld::nurse), handler = portal.signed_in(PortalWorld::handler);
  const std::string path = path_for(*portal.world.region), other = path_for(*portal.world.authority);
  const auto status = [](Browser& browser,
                         const std::string& where) {  // of one that is wrong, so that nothing comes of it
    return browser.upload(where, Browser::filled(browser.get(where), where), "a.txt", Bytes()).status;
  };
  EXPECT_EQ(status(nurse, path), 422u);
  std::unique_ptr<ApiClient> one = nurse.hold(path, 25 << 20);
  const std::unique_ptr<ApiClient> two = nurse.hold(path, 25 << 20);
  while (status(nurse, path) != 429u) std::this_thread::yield();  // or this test does not end
  EXPECT_EQ(nurse.hold(path, 25 << 20)->receive().status, 429u) << "before its file has come";
  EXPECT_EQ(status(handler, other), 422u) << "others have places of their own";
  one.reset();
  while (status(nurse, path) != 422u) std::this_thread::yield();
}

// SPEC PORTAL-101
TEST(PortalUploads, AFullDiskIsNotSaidOfTheFile) {
  PortalWorld portal([](Server::Options& options) { options.keep_free_bytes = std::uint64_t{1} << 60; });
  portal.world.sign_fullmakt();
  Browser nurse = portal.signed_in(PortalWorld::nurse);
  const std::string path = "/staff/people/" + portal.handle(*portal.world.region) + "/deposit";
  const Fields typed{
      {"flik", "journal"}, {"title", "Svar"}, {"author", "Maja"}, {"date", "2026-11-01"}, {"others", "no"}};
  const ApiReply sent = nurse.upload(path, Browser::filled(nurse.get(path), path, typed), "svar.txt", text_bytes(5000));
  const std::string plan = sent.field("Location");
  const ApiReply full = nurse.submit(plan, confirming(nurse.get(plan), plan));
  EXPECT_EQ(full.status, 507u);
  EXPECT_THAT(full.body, HasSubstr("Det går inte just nu"));
  EXPECT_THAT(full.body, Not(HasSubstr("mindre fil")));
}

// SPEC PORTAL-42
TEST_F(PortalStaff, WhatThePersonTakesBackIsEnteredByAnyoneWithOneAnswer) {
  const std::string fullmakt = portal_.world.sign_fullmakt();
  Browser nurse = portal_.signed_in(PortalWorld::nurse);
  const auto enter = [&](const std::string& handle) {
    const std::string path = "/staff/people/" + handle + "/on-word";
    return nurse.submit(path, Browser::filled(nurse.get(path), path, {{"what", "revoke_all"}, {"flik", "journal"}}));
  };
  const ApiReply known = enter(portal_.handle(*portal_.world.region));
  EXPECT_EQ(known.status, 200u);
  Browser milo = portal_.signed_in(PortalWorld::milo);
  EXPECT_THAT(milo.get("/me").body, Not(HasSubstr("/me/fullmakter/" + fullmakt + "/revoke")));
}

// SPEC PORTAL-76, TMPL-3
TEST_F(PortalStaff, AFullmaktOnPaperIsPrintedByAnybodyAndEnteredByRegistrarsOfTwoOrganisations) {
  const policy::RegisterTemplate form{crypto::random_id<TemplateId>(),
                                      {portal_.world.region->id},
                                      {{policy::RecipientKind::organisation, portal_.world.authority->id.value()}},
                                      {"journal"},
                                      "konsultation",
                                      {policy::Right::read},
                                      90,
                                      "osl-10-1",
                                      "gdpr-6-1-e",
                                      {{"sv", "Inför <mötet>", "Jag låter dem läsa <min> journal."}}};
  ASSERT_TRUE(portal_.world.by_administrators(form).decision.is_permitted());
  const std::string path = "/staff/desk/paper/" + form.id.text();
  Browser nurse = portal_.signed_in(PortalWorld::nurse);
  EXPECT_THAT(nurse.get("/staff/desk").body, HasSubstr("href=\"" + path + "\""));
  const ApiReply printed = nurse.get(path);
  EXPECT_THAT(printed.body, HasSubstr("Jag låter dem läsa &lt;min&gt; journal."));
  EXPECT_THAT(printed.body, Not(HasSubstr("action=\"" + path + "\"")));
  EXPECT_EQ(nurse.get("/staff/desk/paper/" + std::string(32, 'a')).status, 403u);

  Browser first = portal_.signed_in(PortalWorld::region_registrar);
  const ApiReply page = first.get(path);
  const auto enter = [&](Browser& browser, const Fields& typed, std::string_view name, std::string_view file) {
    return browser.upload(path, Browser::filled(page, path, typed), name, as_bytes(file));
  };
  const std::string number(ApiWorld::kNumber);
  EXPECT_EQ(enter(first, {{"number", "19121212-1213"}}, "papper.pdf", "%PDF-1.4 x").status, 422u);
  const ApiReply wrong = enter(first, {{"number", number}}, "papper.txt", "x");
  EXPECT_EQ(wrong.status, 422u);
  EXPECT_THAT(wrong.body, Not(HasSubstr(number))) << "a number stands in no answer (PORTAL-40)";
  EXPECT_EQ(enter(nurse, {{"number", number}}, "papper.pdf", "%PDF-1.4 x").status, 403u) << "no registrar";
  EXPECT_EQ(nurse.hold(path, 25 << 20)->receive().status, 403u) << "before a scan has come (PORTAL-102)";

  const std::uint64_t size = portal_.world.core->sequencer().log_view().size;
  const ApiReply sign = enter(first, {{"number", number}}, "papper.pdf", "%PDF-1.4 x");
  ASSERT_EQ(sign.status, 200u) << sign.body;
  EXPECT_EQ(portal_.world.core->sequencer().log_view().size, size) << "nothing before it is signed";
  const ApiReply entered = first.submit("/staff/sign/demo", Browser::filled(sign, "/staff/sign/demo"));
  ASSERT_EQ(entered.status, 200u) << entered.body;
  std::smatch proposal;
  ASSERT_TRUE(std::regex_search(entered.body, proposal, std::regex("[0-9a-f]{32}")));
  const std::string waits = "/staff/desk/proposals/" + proposal.str();
  const auto approve = [&](Browser& browser) {
    const ApiReply to_sign = browser.submit(waits, Browser::filled(browser.get(waits), waits, {{"number", number}}));
    return browser.submit("/staff/sign/demo", Browser::filled(to_sign, "/staff/sign/demo")).status;
  };
  EXPECT_EQ(approve(first), 403u) << "the same registrar";
  Browser handler = portal_.signed_in(PortalWorld::handler);
  const std::string person = person_path(*portal_.world.authority);
  EXPECT_THAT(handler.get(person).body, HasSubstr("Inget är öppet för dig här."));
  Browser second = portal_.signed_in(PortalWorld::authority_registrar);
  EXPECT_EQ(approve(second), 200u);
  const std::string document = portal_.world.deposit(text_bytes(100));
  EXPECT_EQ(handler.get("/staff/documents/" + document + "/content?purpose=konsultation").status, 200u);
}

// SPEC PORTAL-41
TEST_F(PortalStaff, ARosterIsShownToItsPeopleAndToRosterOfficersOnly) {
  Browser nurse = portal_.signed_in(PortalWorld::nurse);
  Browser officer = portal_.signed_in(PortalWorld::region_registrar);
  const TeamId team = crypto::random_id<TeamId>();
  ASSERT_TRUE(portal_.world
                  .by_administrators(policy::RegisterTeam{team, portal_.world.region->id, "Konsultation",
                                                          portal_.world.region_registrar})
                  .decision.is_permitted());
  EXPECT_THAT(officer.get("/staff/teams").body, HasSubstr("Konsultation"));
  EXPECT_THAT(nurse.get("/staff/teams").body, Not(HasSubstr("/staff/teams/" + team.text())));
}

TEST(Multipart, IsReadStrictly) {
  const std::string type = "multipart/form-data; boundary=xYz";
  const auto parse = [&](std::string_view body) { return parse_multipart(type, as_bytes(body)); };
  const std::string field = "--xYz\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nå\r\n";
  const std::string file =
      "--xYz\r\nContent-Disposition: form-data; name=\"f\"; filename=\"C:\\x\\y.pdf\"\r\nContent-Type: "
      "x/y\r\n\r\n%PDF\r\n\r\n";
  const SentForm both = parse(field + file + "--xYz--\r\n").value();
  EXPECT_EQ(both.fields.text("a"), "å");
  EXPECT_EQ(both.file_name, "y.pdf");
  EXPECT_EQ(as_text(both.file), "%PDF\r\n");
  EXPECT_FALSE(parse(field)) << "no end";
  EXPECT_FALSE(parse(file + file + "--xYz--")) << "two files";
  EXPECT_FALSE(parse("x" + field + "--xYz--"));
  EXPECT_FALSE(parse("--xYz\r\n\r\nx\r\n--xYz--"));
  EXPECT_FALSE(parse("--xYz\r\nContent-Disposition: form-data\r\n\r\nx\r\n--xYz--"));
  EXPECT_FALSE(parse_multipart("text/plain", as_bytes(field)));
  EXPECT_FALSE(parse_multipart("multipart/form-data", as_bytes(field)));
  // SPEC PORTAL-102
  const auto field_of = [](std::size_t size) {
    return "--xYz\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n" + std::string(size, '%') + "\r\n";
  };
  EXPECT_TRUE(parse(field_of(64 * 1024 - 2) + field + file + "--xYz--"));
  EXPECT_FALSE(parse(field_of(64 * 1024 - 1) + field + file + "--xYz--")) << "together with the other one";
}

Form form_of(const std::map<std::string, std::string>& fields) { return Form::of(fields); }

// SPEC PORTAL-110
TEST(PortalPlan, RowsBecomePartsAndWhatCannotBeReadIsTold) {
  const auto pdf = [](const std::map<std::string, std::string>& fields) {
    return read_rows(form_of(fields), "application/pdf");
  };
  const ReadRows rows = pdf({{"flik_0", "journal"}, {"takes_0", "1-8, 12"}, {"flik_2", "journal"}, {"takes_2", "20"}});
  EXPECT_EQ(rows.wrong, "");
  ASSERT_EQ(rows.parts.size(), 1u) << "one flik is one part";
  EXPECT_EQ(rows.parts[0].takes, (std::vector<partition::Take>{partition::TakePages{1, 8}, partition::TakePages{12, 12},
                                                               partition::TakePages{20, 20}}));
  for (const char* bad : {"", "x", "0", "2-1", "1-", "-1", "1;2", "99999999999999999999"}) {
    EXPECT_EQ(pdf({{"flik_0", "journal"}, {"takes_0", bad}}).wrong, "deposit_plan.wrong_pages") << bad;
  }
  EXPECT_EQ(pdf({{"takes_0", "1"}}).wrong, "deposit_plan.wrong_flik");
  EXPECT_EQ(pdf({}).wrong, "deposit_plan.wrong_empty");
  const ReadRows codes =
      read_rows(form_of({{"flik_0", "journal"}, {"takes_0", "8716-3, 2.16.840.1, Observation:laboratory"}}),
                "application/fhir+json");
  ASSERT_EQ(codes.parts.size(), 1u);
  EXPECT_EQ(codes.parts[0].takes,
            (std::vector<partition::Take>{partition::TakeSection{"8716-3"}, partition::TakeTemplate{"2.16.840.1"},
                                          partition::TakeResources{"Observation", "laboratory"}}));
  const ReadRows letter = read_rows(form_of({{"flik_0", "journal"}}), "text/plain");
  ASSERT_EQ(letter.parts.size(), 1u);
  EXPECT_TRUE(std::holds_alternative<partition::TakeWhole>(letter.parts[0].takes.at(0)));
  std::map<std::string, std::string> many;
  for (int row = 0; row < 14; ++row) {
    many["flik_" + std::to_string(row)] = "flik-" + std::to_string(row);
    many["takes_" + std::to_string(row)] = std::to_string(row + 1);
  }
  EXPECT_EQ(pdf(many).parts.size(), 14u) << "each part of a long plan comes back";
  EXPECT_EQ(pages_text({1, 2, 3, 7, 9, 10}), "1-3, 7, 9-10");
  EXPECT_EQ(pages_text({}), "");
}

struct DraftsOf400Bytes {
  KeptDrafts drafts{400};
  const KeptDrafts::Time now{};
  const OrganisationId region = crypto::random_id<OrganisationId>();
  const StaffId maja = crypto::random_id<StaffId>(), other = crypto::random_id<StaffId>();

  ActId keep(const StaffId& staff, const OrganisationId& organisation, std::size_t bytes, KeptDrafts::Time at) {
    auto draft = std::make_shared<Draft>();
    draft->id = crypto::random_id<ActId>();
    draft->staff = staff;
    draft->organisation = organisation;
    draft->file = scrubbed_file(Bytes(bytes));
    const ActId id = draft->id;
    return drafts.keep(std::move(draft), at) ? id : ActId();
  }
};

TEST(KeptDrafts, AreTheirDepositorsForAWhileAndNeverTooMany) {
  DraftsOf400Bytes it;
  KeptDrafts& drafts = it.drafts;
  const auto now = it.now;
  const ActId first = it.keep(it.maja, it.region, 10, now);
  EXPECT_TRUE(drafts.find(first, it.maja, now));
  EXPECT_FALSE(drafts.find(first, it.other, now));
  EXPECT_FALSE(drafts.find(first, it.maja, now + KeptDrafts::kKept));
  const ActId second = it.keep(it.maja, it.region, 10, now + 1s), third = it.keep(it.maja, it.region, 10, now + 2s);
  EXPECT_FALSE(drafts.find(first, it.maja, now + 2s)) << "the oldest made room";
  EXPECT_TRUE(drafts.find(second, it.maja, now + 2s));
  EXPECT_TRUE(drafts.take(third, it.maja, now + 2s));
  EXPECT_FALSE(drafts.take(third, it.maja, now + 2s)) << "once";
}

// SPEC PORTAL-112
TEST(KeptDrafts, AreGoneAfterAQuarterOfAnHourWithoutAnyNewOneAndWhenTheirDepositorLeaves) {
  DraftsOf400Bytes it;
  const ActId one = it.keep(it.maja, it.region, 10, it.now);
  it.keep(it.other, it.region, 20, it.now + 1min);
  it.drafts.sweep(it.now + KeptDrafts::kKept - 1s);
  EXPECT_EQ(it.drafts.bytes(), 30u);
  it.drafts.sweep(it.now + KeptDrafts::kKept);
  EXPECT_EQ(it.drafts.bytes(), 20u);
  EXPECT_FALSE(it.drafts.find(one, it.maja, it.now));
  it.drafts.drop(it.maja);
  EXPECT_EQ(it.drafts.bytes(), 20u) << "another's stays";
  it.drafts.drop(it.other);
  EXPECT_EQ(it.drafts.bytes(), 0u);
}

// SPEC PORTAL-112
TEST(KeptDrafts, OneDoesNotTakeTheRoomOfAll) {
  DraftsOf400Bytes it;
  const StaffId third = crypto::random_id<StaffId>();
  const ActId first = it.keep(it.maja, it.region, 60, it.now);
  const ActId second = it.keep(it.maja, it.region, 60, it.now + 1s);
  EXPECT_FALSE(it.drafts.find(first, it.maja, it.now + 1s)) << "together more than a quarter";
  EXPECT_TRUE(it.keep(it.maja, it.region, 101, it.now + 2s).is_none());
  EXPECT_TRUE(it.drafts.find(second, it.maja, it.now + 2s)) << "nothing went for one that was not kept";
  EXPECT_FALSE(it.keep(it.other, it.region, 100, it.now + 2s).is_none());
  EXPECT_TRUE(it.keep(third, it.region, 41, it.now + 2s).is_none()) << "of one organisation at most a half";
  EXPECT_FALSE(it.keep(third, crypto::random_id<OrganisationId>(), 41, it.now + 2s).is_none());
}

TEST(PortalDeposit, AFileIsOfTheKindThatNameAndBytesAgreeOn) {
  const Bytes pdf = to_bytes(as_bytes("%PDF-1.7\n"));
  EXPECT_EQ(media_type_of("a.PDF", pdf), "application/pdf");
  EXPECT_EQ(media_type_of("a.png", pdf), "");
  EXPECT_EQ(media_type_of("a.exe", pdf), "");
  EXPECT_EQ(media_type_of("a.txt", to_bytes(as_bytes("hej"))), "text/plain");
}

}  // namespace
}  // namespace flikvakt::gateway::test
