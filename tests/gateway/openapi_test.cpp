// gateway/openapi.json says what is served: the same paths and verbs behind the same access rules, on the same
// listeners.
#include "gateway/api_routes.h"
#include "tests/gateway/connector_world.h"
#include "tests/gateway/described.h"
#include "tests/gateway/unix_client.h"

namespace flikvakt::gateway::test {
namespace {

const json::object& paths() { return openapi().at("paths").as_object(); }

// "GET /v1/readings/{reading}/content portal person_session"
using Served = std::set<std::string>;

std::string without_kinds(std::string_view pattern) {
  std::string out;
  bool is_kind = false;
  for (const char c : pattern) {
    if (c == ':') is_kind = true;
    if (c == '}') is_kind = false;
    if (!is_kind) out += c;
  }
  return out;
}

void add(Served& served, const Router& router, const std::string& listener) {
  for (const Router::Declared& one : router.declared()) {
    if (!one.pattern.starts_with("/v1/")) continue;  // pages are for people (spec/portal.md)
    served.insert(std::string(to_string(one.method)) + " " + without_kinds(one.pattern) + " " + listener + " " +
                  std::string(to_string(one.access)));
  }
}

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(c - 'a' + 'A');
  return text;
}

template <class Visit>
void each_operation(Visit visit) {
  for (const auto& path : paths()) {
    for (const auto& operation : path.value().as_object()) {
      visit(std::string(path.key()), upper(std::string(operation.key())), operation.value().as_object());
    }
  }
}

TEST(OpenApi, DescribesExactlyWhatTheRoutersServe) {
  const ConnectorIssuer connectors(SystemClock().wall());
  ApiWorld world;
  Server::Options options;
  connectors.put_into(options);
  const ApiRoutes routes(*world.core, {}, {}, 0, nullptr, {}, {}, {}, options.connectors);
  Served served;
  add(served, routes.organisations(), "api");
  add(served, routes.persons(), "portal");
  add(served, routes.administrators(), "admin");
  Served described;
  each_operation([&](const std::string& path, const std::string& method, const json::object& operation) {
    for (const auto& listener : operation.at("x-flikvakt-listeners").as_object()) {
      described.insert(method + " " + path + " " + std::string(listener.key()) + " " +
                       std::string(listener.value().as_string()));
    }
  });
  EXPECT_EQ(described, served);
}

TEST(OpenApi, NamesTheStatusThatARequestWithoutCredentialsGets) {
  const ConnectorIssuer connectors(SystemClock().wall());
  ApiWorld world([&](Server::Options& options) { connectors.put_into(options); });
  each_operation([&](std::string path, const std::string& method, const json::object& operation) {
    for (std::size_t at = 0; (at = path.find('{')) != std::string::npos;) {
      const std::size_t length = path.find('}') - at + 1;
      const std::string name = path.substr(at, length);
      const bool is_number = name == "{entry}" || name == "{offset}";
      path.replace(at, length, is_number ? std::string("7") : std::string(32, 'a'));
    }
    for (const auto& listener : operation.at("x-flikvakt-listeners").as_object()) {
      if (listener.key() == "admin") {
        const UnixClient socket(world.socket());
        const ApiReply reply = method == "GET" ? socket.get(path) : socket.post(path, json::object());
        EXPECT_NE(reply.status, 404u) << path;
        continue;
      }
      ApiClient client = listener.key() == "api" ? world.organisation(*world.region) : world.portal();
      const ApiReply reply = method == "GET"    ? client.get(path)
                             : method == "POST" ? client.post(path, json::object())
                                                : client.put(path, "text/plain", BytesView());
      EXPECT_TRUE(operation.at("responses").as_object().contains(std::to_string(reply.status)))
          << method << " " << path << " on " << std::string(listener.key()) << ": " << reply.status;
    }
  });
}

TEST(OpenApi, NamesTheVersionThatIsServed) {
  ApiWorld world;
  EXPECT_EQ(world.portal().get("/v1/api-info").text("/apiVersion"),
            std::string(openapi().at("info").at("version").as_string()));
}

// The checks that every reply of the test clients goes through, shown to find something.
TEST(OpenApi, AReplyThatIsNotDescribedIsFound) {
  const std::string fields = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n";
  const auto complaints = [&](unsigned status, const char* body) {
    return find_undescribed("POST", "/v1/handles", ApiReply{status, fields, body}).size();
  };
  const std::string handle(38, 'a');
  EXPECT_EQ(complaints(200, (R"({"handle":")" + handle + R"("})").c_str()), 0u);
  EXPECT_EQ(complaints(200, R"({"handle":"short"})"), 1u) << "another pattern";
  EXPECT_EQ(complaints(200, "{}"), 1u) << "a required member is missing";
  EXPECT_EQ(complaints(200, (R"({"handle":")" + handle + R"(","person":1})").c_str()), 1u) << "an undeclared member";
  EXPECT_EQ(complaints(201, "{}"), 1u) << "an undeclared status";
  EXPECT_EQ(find_undescribed("GET", "/v1/nowhere", ApiReply{200, fields, "{}"}).size(), 1u);
}

}  // namespace
}  // namespace flikvakt::gateway::test
