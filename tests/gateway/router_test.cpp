// Routes, problems and the refusal, without sockets.
#include "gateway/router.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "base/json.h"
#include "gateway/problem.h"

namespace flikvakt::gateway {
namespace {

Awaitable<std::optional<Response>> allow_all(Exchange&, AccessRule) { co_return std::nullopt; }
Awaitable<Response> ok(Exchange&) { co_return empty_response(204); }

Router make_router() {
  Router router(allow_all);
  router.add(Method::get, "/v1/documents/{document:id}", AccessRule::staff_assertion, no_body(), ok)
      .add(Method::delete_, "/v1/documents/{document:id}", AccessRule::staff_assertion, no_body(), ok)
      .add(Method::get, "/v1/documents/search", AccessRule::staff_assertion, no_body(), ok)
      .add(Method::post, "/v1/flikar/{flik:code}/{page:number}", AccessRule::staff_assertion, whole_body(), ok)
      .add(Method::get, "/", AccessRule::public_info, no_body(), ok);
  return router;
}

const std::string kId(32, 'a');
std::vector<std::string> path(std::initializer_list<std::string> segments) { return segments; }
std::string header(const Response& response, std::string_view name) {
  for (const auto& [known, value] : response.headers) {
    if (known == name) return value;
  }
  return {};
}

TEST(Router, FindsTheEndpointWithItsParameters) {
  const Router router = make_router();
  const auto found = router.match(Method::get, path({"v1", "documents", kId}));
  const Router::Match& match = std::get<Router::Match>(found);
  EXPECT_EQ(match.endpoint->pattern, "/v1/documents/{document:id}");
  ASSERT_EQ(match.parameters.size(), 1u);
  EXPECT_EQ(match.parameters[0], (std::pair<std::string, std::string>("document", kId)));
  EXPECT_TRUE(std::holds_alternative<Router::Match>(router.match(Method::get, {})));
  EXPECT_TRUE(std::holds_alternative<Router::Match>(router.match(Method::post, path({"v1", "flikar", "vard-1", "7"}))));
}

TEST(Router, GivesTheRestOfThePathAsItIsWhereAPatternAsksForIt) {
  Router router = make_router();
  router.add(Method::get, "/v1/log/{tile:rest}", AccessRule::public_info, no_body(), ok)
      .add(Method::get, "/v1/log/checkpoint", AccessRule::public_info, no_body(), ok);
  const auto rest_of = [&](std::vector<std::string> segments) {
    const auto found = router.match(Method::get, segments);
    const auto* match = std::get_if<Router::Match>(&found);
    return match && !match->parameters.empty() ? match->parameters[0].second : std::string();
  };
  EXPECT_EQ(rest_of({"v1", "log", "0"}), "0");
  EXPECT_EQ(rest_of({"v1", "log", "0", "x001", "067.p", "112"}), "0/x001/067.p/112");
  EXPECT_EQ(rest_of({"v1", "log", "0", ""}), "0/");
  EXPECT_EQ(rest_of({"v1", "log"}), "") << "at least one segment";
  std::vector<std::string> long_path{"v1", "log"};
  long_path.resize(2 + 16, "a");
  EXPECT_NE(rest_of(long_path), "");
  long_path.emplace_back("a");
  EXPECT_EQ(rest_of(long_path), "") << "at most 16";
  const auto literal = router.match(Method::get, path({"v1", "log", "checkpoint"}));
  EXPECT_EQ(std::get<Router::Match>(literal).endpoint->pattern, "/v1/log/checkpoint");
  EXPECT_THROW(router.add(Method::get, "/v1/x/{tile:rest}/y", AccessRule::public_info, no_body(), ok),
               std::logic_error);
  EXPECT_THROW(router.add(Method::get, "/v1/x/{a:rest}/{b:id}", AccessRule::public_info, no_body(), ok),
               std::logic_error);
}

TEST(Router, PrefersALiteralToAParameter) {
  const auto found = make_router().match(Method::get, path({"v1", "documents", "search"}));
  ASSERT_TRUE(std::holds_alternative<Router::Match>(found));
}

// SPEC HTTP-12
TEST(Router, AnswersAPathThatIsNotDeclaredWith404) {
  const Router router = make_router();
  const auto status = [&](std::vector<std::string> segments) {
    return std::get<Response>(router.match(Method::get, segments)).status;
  };
  EXPECT_EQ(status({"v1"}), 404u);
  EXPECT_EQ(status({"v1", "documents", kId, ""}), 404u);
  EXPECT_EQ(status({"v1", "documents", std::string(32, 'A')}), 404u);
  EXPECT_EQ(status({"v1", "documents", std::string(31, 'a')}), 404u);
  EXPECT_EQ(status({"v1", "flikar", "vard", "07"}), 404u);
  EXPECT_EQ(status({"v1", "flikar", "Vard", "7"}), 404u);
}

// SPEC HTTP-12
TEST(Router, AnswersAnotherVerbWith405AndTheVerbsThatAreThere) {
  const auto answer = std::get<Response>(make_router().match(Method::put, path({"v1", "documents", kId})));
  EXPECT_EQ(answer.status, 405u);
  EXPECT_EQ(header(answer, "Allow"), "GET, DELETE");
}

// SPEC HTTP-13
TEST(Router, AnswersHeadAndOptionsAlikeOnEveryPath) {
  const Router router = make_router();
  for (const Method method : {Method::head, Method::options}) {
    for (const auto& segments : {path({"v1", "documents", kId}), path({"nothing"}), path({})}) {
      const auto answer = std::get<Response>(router.match(method, segments));
      EXPECT_EQ(answer.status, 405u);
      EXPECT_EQ(header(answer, "Allow"), "DELETE, GET, POST, PUT");
    }
  }
}

TEST(Router, TakesNoBadDeclaration) {
  Router router = make_router();
  const auto add = [&](Method method, std::string_view pattern, AccessRule access = AccessRule::public_info,
                       BodyLimit body = no_body()) { router.add(method, pattern, access, body, ok); };
  EXPECT_NO_THROW(add(Method::put, "/v1/documents/{document:id}"));
  EXPECT_THROW(add(Method::get, "/v1/documents/{document:id}"), std::logic_error);
  EXPECT_THROW(add(Method::post, "/v1/documents/{other:id}"), std::logic_error);
  EXPECT_THROW(add(Method::head, "/x"), std::logic_error);
  EXPECT_THROW(add(Method::get, "/x", AccessRule{}), std::logic_error);
  EXPECT_THROW(add(Method::get, "/x", AccessRule::public_info, whole_body()), std::logic_error);
  for (const char* bad : {"", "x", "/x/", "//x", "/{x}", "/{x:other}", "/{:id}", "/X", "/a b"}) {
    EXPECT_THROW(add(Method::get, bad), std::logic_error) << bad;
  }
  EXPECT_THROW(Router{AccessCheck{}}, std::logic_error);
}

std::string body_of(const Response& response) { return std::string(as_text(std::get<Bytes>(response.body))); }
std::string without_instance(const Response& response) {
  std::string body = body_of(response);
  const std::string instance = instance_of(response);
  return body.replace(body.find(instance), instance.size(), std::string(instance.size(), '*'));
}

// SPEC HTTP-20
TEST(Problem, HasTheMembersOfRfc9457AndAFreshInstance) {
  const Response response = problem(422, "not-a-pdf", "Not a PDF", "The file could not be read as PDF.");
  EXPECT_EQ(header(response, "Content-Type"), "application/problem+json");
  const json::object body = parse_json(body_of(response)).value().as_object();
  EXPECT_EQ(body.at("type"), "https://flikvakt.se/problem/not-a-pdf");
  EXPECT_EQ(body.at("status"), 422);
  EXPECT_EQ(body.at("title"), "Not a PDF");
  EXPECT_EQ(body.at("detail"), "The file could not be read as PDF.");
  EXPECT_EQ(std::string(body.at("instance").as_string()), instance_of(response));
  EXPECT_EQ(instance_of(response).size(), std::string("urn:flikvakt:problem:").size() + 32);
  EXPECT_NE(instance_of(response), instance_of(problem(422, "a", "b", "c")));
}

// SPEC HTTP-21
TEST(Refusal, IsTheSameButForTheInstanceAndLeavesOnTheTick) {
  const Response one = refusal();
  const Response two = refusal();
  EXPECT_EQ(one.status, 403u);
  EXPECT_EQ(one.headers, two.headers);
  EXPECT_NE(body_of(one), body_of(two));
  EXPECT_EQ(without_instance(one), without_instance(two));
  EXPECT_EQ(one.departure, Departure::on_tick);
}

// SPEC HTTP-22
TEST(TooManyRequests, IsTheSameForEveryoneAndTellsNoTime) {
  EXPECT_EQ(without_instance(too_many_requests()), without_instance(too_many_requests()));
  EXPECT_EQ(too_many_requests().headers.size(), 1u);
  EXPECT_EQ(too_many_requests().status, 429u);
}

TEST(ConnectionRegistry, CutsOnceWhatMatchesAndForgetsWhatIsGone) {
  ConnectionRegistry registry;
  std::vector<ConnectionNumber> cut;
  const auto remember = [&](ConnectionNumber number) { cut.push_back(number); };
  const auto first = registry.add({}, remember);
  const auto second = registry.add({}, remember);
  const OrganisationId organisation(ByteArray<16>{1});
  ConnectionContext(registry, second->number()).identify(organisation, std::nullopt, std::nullopt);
  const auto of_organisation = [&](const ConnectionFacts& facts) { return facts.organisation == organisation; };
  EXPECT_EQ(registry.close_matching(of_organisation), 1u);
  EXPECT_EQ(registry.close_matching(of_organisation), 1u);
  EXPECT_EQ(cut, std::vector<ConnectionNumber>{second->number()});
  { const auto third = registry.add({}, remember); }
  EXPECT_EQ(registry.size(), 2u);
}

}  // namespace
}  // namespace flikvakt::gateway
