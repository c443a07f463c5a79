// However long a world is, no page of the portal is: every page of the table is looked at in one where everything is as
// long and as many as it may be.
#include <gmock/gmock.h>

#include "gateway/api_routes.h"
#include "gateway/portal_choices.h"
#include "gateway/portal_paging.h"
#include "partition/limits.h"
#include "service/figures.h"
#include "tests/gateway/long_world.h"

namespace flikvakt::gateway::test {
namespace {

using testing::HasSubstr;
using testing::Not;

// What of a declared pattern has something behind it: the answer to a form, what is no page, what needs a ceremony.
constexpr std::string_view kNoPages[] = {
    "/leave",
    "/language/{language:code}",
    "/sign-in/keys",
    "/sign-in/return/{issuer:code}",
    "/static/{file:rest}",
    "/me/as/self",
    "/me/documents/{document:id}/content",
    "/staff/people/{handle:token}/deposits/{draft:id}/pictures/{part:number}/{page:number}",
    "/me/log/{entry:number}/receipt",
    "/me/everything/overview.json",
    "/me/everything/log.json",
    "/me/everything/log.csv",
    "/me/reconfirm",                        // after a restore: portal_restored_test.cpp
    "/me/proposals/{proposal:id}/approve",  // by a guardian
    "/staff/documents/{document:id}/content",
    "/administration/figures/{figure:token}"};

// Does the path fit the pattern, parameters standing for one segment?
bool fits(std::string_view path, std::string_view pattern) {
  path = path.substr(0, path.find('?'));
  while (!path.empty() && !pattern.empty()) {
    const std::size_t a = path.find('/', 1), b = pattern.find('/', 1);
    const std::string_view one = path.substr(0, a), other = pattern.substr(0, b);
    if (!other.starts_with("/{") && one != other) return false;
    path = a == path.npos ? std::string_view() : path.substr(a);
    pattern = b == pattern.npos ? std::string_view() : pattern.substr(b);
  }
  return path.empty() && pattern.empty();
}

class PortalSizes : public testing::Test {
protected:
  static void SetUpTestSuite() { long_world = std::make_unique<LongWorld>(); }
  static void TearDownTestSuite() { long_world.reset(); }

  std::string look(Browser& browser, const std::string& path) {
    const ApiReply page = browser.get(path);
    EXPECT_EQ(page.status, 200u) << path;
    EXPECT_LE(page.body.size(), kLargestPage) << path;
    looked_at.insert(path);
    return page.body;
  }
  // Every piece of its lists, from this one on; at most so many.
  std::size_t look_at_all(Browser& browser, const std::string& path, std::size_t most = 40) {
    std::size_t pieces = 1;
    std::string next = next_of(look(browser, path));
    for (; !next.empty() && pieces < most; ++pieces) next = next_of(look(browser, next));
    return pieces;
  }
  static std::string link_in(const std::string& body, const std::string& begin, std::string_view end) {
    const std::size_t at = body.find("href=\"" + begin);
    EXPECT_NE(at, body.npos) << begin;
    if (at == body.npos) return begin;
    const std::string link = body.substr(at + 6, body.find('"', at + 6) - at - 6);
    EXPECT_TRUE(link.ends_with(end)) << link;
    return link;
  }
  static std::string next_of(const std::string& body) {
    const std::size_t at = body.find("rel=\"next\" href=\"");
    if (at == body.npos) return {};
    const std::size_t from = at + 17;
    std::string out = body.substr(from, body.find('"', from) - from);
    for (std::size_t amp = 0; (amp = out.find("&amp;", amp)) != out.npos; ++amp) out.erase(amp + 1, 4);
    return out;
  }
  static std::size_t count(const std::string& body, std::string_view what) {
    std::size_t out = 0;
    for (std::size_t at = body.find(what); at != body.npos; at = body.find(what, at + 1)) ++out;
    return out;
  }

  void look_as_the_person();
  void look_as_staff();
  void look_at_a_plan();
  void look_as_reviewer_and_administrator();
  void look_as_nobody();

  static std::unique_ptr<LongWorld> long_world;
  std::set<std::string> looked_at;
  LongWorld& world() { return *long_world; }
};
std::unique_ptr<LongWorld> PortalSizes::long_world;

void PortalSizes::look_as_the_person() {
  Browser milo = world().signed_in(PortalWorld::milo);
  const std::string standing = "/me/fullmakter/" + world().fullmakt.text();
  EXPECT_GT(look_at_all(milo, "/me"), 1u);
  EXPECT_GT(look_at_all(milo, "/me/fullmakter/ended"), 1u);
  for (const char* more : {"", "/revoke", "/pause", "/extend"}) look(milo, standing + more);
  look(milo, "/me/fullmakter/" + world().paused.text() + "/resume");
  EXPECT_GT(look_at_all(milo, "/me/documents"), 1u);
  EXPECT_GT(look_at_all(milo, "/me/everything"), 1u);
  look(milo, "/me/documents/" + world().document);
  EXPECT_GT(look_at_all(milo, "/me/requests"), 1u);
  look(milo, "/me/requests/" + world().request.text());
  look(milo, "/me/requests/" + world().request.text() + "/decline");
  EXPECT_GT(look_at_all(milo, "/me/path"), 1u);
  EXPECT_EQ(look_at_all(milo, "/me/path?words=whole&step=1", 4), 4u);
  EXPECT_GT(look_at_all(milo, "/me/path?words=whole&step=9999"), 1u);
  look(milo, "/me/path?kontrakt=2&cases=2");
  EXPECT_GT(look_at_all(milo, "/me/kontrakt/" + world().kontrakt.text()), 1u);
  look(milo, "/me/kontrakt/" + world().kontrakt.text() + "?milestones=3");
  EXPECT_GT(look_at_all(milo, "/me/kontrakt/" + world().proposed.text() + "/sign"), 1u);
  for (const char* more : {"/close", "/hand-over"}) look(milo, "/me/cases/" + world().led_case.text() + more);
  look(milo, link_in(look(milo, "/me/representatives"), "/me/representatives/", "/end"));
  look(milo, link_in(look(milo, "/me/keys"), "/me/keys/", "/remove"));
  for (const char* path : {"/me/log", "/me/log?show=all", "/me/log?show=all&find_organisation=myndigheten"}) {
    look(milo, path);
  }
  for (const char* path : {"/me/more", "/me/keys/add", "/me/give/new", "/me/sparr", "/me/refer", "/me/providers?page=2",
                           "/explain", "/accessibility"}) {
    look(milo, path);
  }
  EXPECT_GT(look_at_all(milo, "/me/keys"), 1u);
  EXPECT_GT(look_at_all(milo, "/me/proposals"), 1u);
  look(milo, "/me/proposals/" + world().of_person.text() + "/withdraw");
  look(milo, "/me/sparr/" + world().sparr.text() + "/lift");
  look_at_all(milo, "/me/give");
  look(milo, "/me/give/template/" + world().template_id.text());
  EXPECT_GT(look_at_all(milo, "/me/providers"), 1u);
  look(milo, "/me/providers/" + world().catalogued.text());
}

// SPEC PORTAL-80, PORTAL-31
TEST_F(PortalSizes, WhatIsTooLongForOnePageIsReadInPartsAndSignedOnTheLast) {
  Browser milo = world().signed_in(PortalWorld::milo);
  std::string path = "/me/kontrakt/" + world().proposed.text() + "/sign";
  std::size_t shown = 0, parts = 0;
  for (;; ++parts) {
    const std::string body = look(milo, path);
    shown += count(body, ">Insats ");
    const std::string next = next_of(body);
    EXPECT_EQ(next.empty(), body.find("/me/sign/demo") != body.npos)
        << "only the last part has a way to sign: " << path;
    if (next.empty()) break;
    path = next;
  }
  EXPECT_GT(parts, 2u);
  EXPECT_EQ(shown, 50u) << "every part of the plan stands on one of them";
}

// A file with as many parts as a plan may have.
void PortalSizes::look_at_a_plan() {
  Browser nurse = world().signed_in(PortalWorld::nurse);
  const std::string path = world().path_of_person(*world().world.region) + "/deposit";
  const Fields typed{{"flik", "journal"},    {"title", "Journal"}, {"author", "Maja"},
                     {"date", "2026-11-01"}, {"others", "no"},     {"how", "hand"}};
  const Bytes pdf = to_bytes(as_bytes("%PDF-1.7\n a journal"));
  const ApiReply sent = nurse.upload(path, Browser::filled(nurse.get(path), path, typed), "journal.pdf", pdf);
  ASSERT_EQ(sent.status, 303u) << sent.body;
  const std::string plan = sent.field("Location");
  Fields rows;
  for (int row = 0; row < partition::kMostParts; ++row) {
    rows.emplace_back("flik_" + std::to_string(row), "journal");
    rows.emplace_back("takes_" + std::to_string(row), std::to_string(row + 1));
  }
  const ApiReply divided = nurse.submit(plan, Browser::filled(nurse.get(plan), plan, rows));
  ASSERT_EQ(divided.status, 303u) << divided.body;
  look(nurse, divided.field("Location"));
}

void PortalSizes::look_as_staff() {
  Browser lead = world().signed_in(PortalWorld::handler);
  EXPECT_GT(look_at_all(lead, "/staff"), 1u);
  look(lead, "/staff/cases/" + world().led_case.text());
  const std::string person = world().path_of_person(*world().world.authority);
  EXPECT_GT(look_at_all(lead, person), 1u);
  look(lead, person + "?fullmakter=2");
  look(lead, person + "/documents/" + world().document + "?purpose=konsultation");
  EXPECT_GT(look_at_all(lead, person + "/path"), 1u);
  EXPECT_EQ(look_at_all(lead, person + "/path?words=whole&step=1", 3), 3u);
  for (const char* more : {"/ask", "/deposit", "/on-word"}) look(lead, person + more);
  look(lead, person + "/fullmakter/" + world().fullmakt.text() + "/relinquish");
  look_at_a_plan();
  for (const char* path :
       {"/staff/people", "/staff/teams?find_staff=medarbetare", "/staff/notices", "/staff/sessions"}) {
    look(lead, path);
  }
  EXPECT_GT(look_at_all(lead, "/staff/requests"), 1u);
  EXPECT_GT(look_at_all(lead, "/staff/source-requests"), 1u);
  EXPECT_GT(look_at_all(lead, "/staff/teams"), 1u);
  Browser registrar = world().signed_in(PortalWorld::region_registrar);
  EXPECT_GT(look_at_all(registrar, "/staff/desk"), 1u);
  look(registrar, "/staff/desk/paper/" + world().template_id.text());
  EXPECT_GT(look_at_all(registrar, "/staff/teams"), 1u);
  const std::string waits = "/staff/desk/proposals/" + world().of_registrars.text();
  look(registrar, waits);
  const Fields whom{{"number", std::string(ApiWorld::kNumber)}};
  const ApiReply to_sign = registrar.submit(waits, Browser::filled(registrar.get(waits), waits, whom));
  EXPECT_EQ(to_sign.status, 200u);
  EXPECT_LE(to_sign.body.size(), kLargestPage) << "what waits is shown once more where it is signed";
  Browser coach = world().signed_in(PortalWorld::provider_staff);
  EXPECT_GT(look_at_all(coach, "/staff/mine"), 1u);
  EXPECT_GT(look_at_all(coach, "/staff/erase-orders"), 1u);
  const std::string participant = world().path_of_person(*world().provider);
  EXPECT_GT(look_at_all(coach, participant + "/path"), 1u);
  look(coach, participant + "/path?milestones=2");
  look_at_all(coach, "/staff/providers");
  look(coach, "/staff/providers/" + world().catalogued.text());
  Browser officer = world().signed_in(PortalWorld::provider_officer);
  look(officer, "/staff/providers/own");
}

void PortalSizes::look_as_reviewer_and_administrator() {
  Browser reviewer = world().signed_in(PortalWorld::other_reviewer);
  for (const char* path : {"/staff/review", "/staff/review?found=follow_up", "/staff/review/sample?count=50"}) {
    EXPECT_THAT(look(reviewer, path), HasSubstr("Ska följas upp")) << path;
  }
  const std::string list = look(reviewer, "/staff/review?found=follow_up");
  const std::size_t at = list.find("href=\"/staff/review/1") + 6;
  ASSERT_GT(at, 6u);
  look(reviewer, list.substr(at, list.find('"', at) - at));
  Browser admin = world().administrator();
  look(admin, "/administration");
  EXPECT_GT(look_at_all(admin, "/administration/organisations"), 1u);
  look(admin, "/administration/organisations?q=myndigheten");
  const std::string one = "/administration/organisations/" + world().organisation.text();
  look(admin, one);
  for (const char* more : {"?staff=2", "?units=2", "?staff=99&units=99"}) look(admin, one + more);
  look(admin, "/administration/organisations/" + world().provider->id.text() + "?authorisations=2");
  EXPECT_GT(look_at_all(admin, "/administration/teams"), 1u);
  EXPECT_GT(look_at_all(admin, "/administration/templates"), 1u);
  EXPECT_EQ(look_at_all(admin, "/administration/templates/" + world().template_id.text()), 10u) << "one text each";
  EXPECT_GT(look_at_all(admin, "/administration/proposals"), 1u);
  EXPECT_GT(look_at_all(admin, "/administration/proposals/" + world().of_administrators.text()), 1u);
  look(admin, "/administration/health");
  const service::Month last = service::month_of(world().world.now) - std::chrono::months(1);
  const std::string period =
      "?from=" + service::month_text(last - std::chrono::months(119)) + "&to=" + service::month_text(last);
  EXPECT_GT(look_at_all(admin, "/administration/figures" + period), 1u);
}

void PortalSizes::look_as_nobody() {
  Browser nobody = world().browser();
  for (const char* path : {"/sign-in", "/sign-in/work-key", "/sign-in/administrator", "/explain", "/accessibility"}) {
    look(nobody, path);
  }
  looked_at.insert("/");  // leads to where somebody belongs
}

// SPEC PORTAL-80
TEST_F(PortalSizes, NoPageIsLongerThanItMayBeAndEveryPageThatIsServedWasLookedAt) {
  look_as_the_person();
  look_as_staff();
  look_as_reviewer_and_administrator();
  look_as_nobody();
  const ApiRoutes routes(*world().world.core, {}, {}, 0);
  for (const Router::Declared& one : routes.persons().declared()) {
    if (one.method != Method::get || one.pattern.starts_with("/v1/") || one.pattern == "/api-info") continue;
    if (std::ranges::find(kNoPages, one.pattern) != std::end(kNoPages)) continue;
    const bool is_seen =
        std::ranges::any_of(looked_at, [&](const std::string& path) { return fits(path, one.pattern); });
    EXPECT_TRUE(is_seen) << one.pattern << " is looked at by no test of its length";
  }
}

// ---- Pieces and choices by themselves

Request request_with(std::string_view query) {
  Request out;
  out.target = parse_target("/list" + (query.empty() ? "" : "?" + std::string(query))).value();
  return out;
}

// SPEC PORTAL-80
TEST(Pieces, HoldEverythingOnceAndTheNearestStandsForOneThatIsNotThere) {
  const auto at = [](std::string_view query) { return piece_of(request_with(query), 25, 10); };
  EXPECT_EQ(at("").from, 0u);
  EXPECT_EQ(at("").to, 10u);
  EXPECT_EQ(at("page=3").from, 20u);
  EXPECT_EQ(at("page=3").to, 25u);
  EXPECT_EQ(at("page=2").number, 2u);
  for (const char* none : {"page=0", "page=-1", "page=x", "page=99999999999999999999", "page="}) {
    EXPECT_EQ(at(none).from, 0u) << none;
  }
  EXPECT_EQ(at("page=999").number, 3u);
  const Piece empty = piece_of(request_with("page=4"), 0, 10);
  EXPECT_EQ(empty.pieces, 1u);
  EXPECT_EQ(empty.to, 0u);
}

TEST(Pieces, ByWeightNoneIsHeavierThanItMayBeUnlessOneAloneIs) {
  const std::vector<std::size_t> weights{4, 4, 4, 30, 1, 1};
  const auto at = [&](std::string_view query) { return piece_by_weight(request_with(query), weights, 10); };
  EXPECT_EQ(at("").pieces, 4u);
  EXPECT_EQ(at("").to, 2u);
  EXPECT_EQ(at("page=2").to, 3u);
  EXPECT_EQ(at("page=3").from, 3u);
  EXPECT_EQ(at("page=3").to, 4u);
  EXPECT_EQ(at("page=4").to, 6u);
  EXPECT_EQ(piece_by_weight(request_with(""), weights, 10, "page", 3).number, 3u) << "the piece that holds that place";
  EXPECT_EQ(piece_by_weight(request_with(""), {}, 10).pieces, 1u);
}

std::vector<Choice> many(std::size_t count) {
  std::vector<Choice> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back({"Kommun " + std::to_string(1000 + i), std::to_string(i)});
  return out;
}

// SPEC PORTAL-80
TEST(Choices, OfFewAllStandThereAndOfManyThoseThatAreChosenOrFound) {
  EXPECT_EQ(choose_among(many(kMostChoices), {}, "").shown.size(), kMostChoices);
  EXPECT_EQ(choose_among(many(kMostChoices), {}, "").left, 0u);
  std::vector<Choice> all = many(500);
  all[499].is_chosen = true;
  const ShownChoices unasked = choose_among(all, {"300"}, "");
  EXPECT_EQ(unasked.shown.size(), kMostFound + 2);
  EXPECT_EQ(unasked.left, 500 - unasked.shown.size());
  EXPECT_TRUE(unasked.shown.back().is_chosen) << "what is chosen is kept";
  EXPECT_EQ(unasked.shown[kMostFound].value, "300") << "and what is likely";
  const ShownChoices found = choose_among(all, {}, "KOMMUN 1234");
  ASSERT_EQ(found.shown.size(), 2u);
  EXPECT_EQ(found.shown[0].value, "234");
  EXPECT_FALSE(found.finds_none);
  EXPECT_TRUE(choose_among(all, {}, "länsstyrelsen").finds_none);
}

}  // namespace
}  // namespace flikvakt::gateway::test
