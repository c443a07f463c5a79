// GET /v1/me/log over the wire: spec/log-view.md.
#include <gmock/gmock.h>

#include <future>
#include <thread>

#include "tests/gateway/api_world.h"

namespace flikvakt::gateway::test {
namespace {

using testing::Each;
using testing::IsEmpty;

class ApiOwnLog : public testing::Test {
protected:
  ApiOwnLog() {
    world_.sign_fullmakt();
    document_ = world_.deposit(text_bytes(1000));
    ApiClient reader = world_.staff(*world_.authority, world_.handler);
    EXPECT_EQ(reader.get(world_.path_of(document_)).status, 200u);
    EXPECT_EQ(reader.get("/v1/documents/" + document_ + "/content?purpose=annat").status, 403u);
  }
  ApiClient person() {
    ApiClient client = world_.portal();
    world_.open_session(client);
    return client;
  }
  static json::array entries(ApiClient& client, const std::string& query) {
    const ApiReply page = client.get("/v1/me/log?" + query);
    EXPECT_EQ(page.status, 200u) << query << page.body;
    return page.status == 200 ? page.json().at("entries").as_array() : json::array();
  }
  static std::vector<std::string> all(const json::array& entries, const char* member) {
    std::vector<std::string> out;
    for (const json::value& entry : entries) out.emplace_back(entry.at(member).as_string());
    return out;
  }

  ApiWorld world_;
  std::string document_;
};

// SPEC LOGV-1
TEST_F(ApiOwnLog, GoesOnWhereNextSaysWhateverWasAddedMeanwhile) {
  ApiClient client = person();
  const json::value first = client.get("/v1/me/log?limit=3").json();
  EXPECT_EQ(first.at("page"), 1);
  const json::value begins = first.at("begins");
  std::vector<std::int64_t> numbers;
  json::value page = first;
  for (;;) {
    for (const json::value& entry : page.at("entries").as_array())
      numbers.push_back(entry.at("number").to_number<std::int64_t>());
    const json::value* next = page.as_object().if_contains("next");
    if (!next) break;
    page = client.get("/v1/me/log?limit=3&below=" + to_text(*next)).json();
    EXPECT_FALSE(page.as_object().contains("page")) << "it was not asked by page";
    EXPECT_EQ(page.at("begins"), begins);
  }
  ASSERT_EQ(numbers.size(), first.at("total").to_number<std::size_t>());
  for (std::size_t i = 0; i < numbers.size(); ++i)
    EXPECT_EQ(numbers[i], static_cast<std::int64_t>(numbers.size() - 1 - i));
  EXPECT_EQ(page.at("entries").as_array().back().at("entry"), begins.at("entry"));
}

// SPEC LOGV-2, API-6
TEST_F(ApiOwnLog, AQueryThatIsNotUnderstoodIsRefusedAndNotGuessedAt) {
  ApiClient client = person();
  for (const char* bad : {"outcom=refused", "person=0123456789abcdef0123456789abcdef", "outcome=denied",
                          "outcome=", "kind=open", "group=all", "from=2026-12-01", "to=now", "organisation=1",
                          "document=00000000000000000000000000000000", "fullmakt=x", "flik=", "below=-1", "below=01",
                          "below=", "page=2&below=7", "page=1&outcome=refused", "limit=0&outcome=refused"}) {
    EXPECT_EQ(client.get(std::string("/v1/me/log?") + bad).status, 400u) << bad;
  }
  EXPECT_EQ(client.get("/v1/me/log?limit=5&outcome=refused").status, 200u) << "the same, right";
  EXPECT_EQ(client.get("/v1/me/log?outcome=refused&outcome=permitted").status, 400u) << "which ends the connection";
}

// SPEC LOGV-3
TEST_F(ApiOwnLog, FiltersLeaveWhatTheyName) {
  ApiClient client = person();
  EXPECT_THAT(all(entries(client, "kind=open_reading&outcome=refused"), "outcome"), testing::ElementsAre("refused"));
  EXPECT_THAT(all(entries(client, "kind=open_reading"), "kind"), testing::SizeIs(2));
  EXPECT_THAT(all(entries(client, "group=keys"), "group"), testing::AllOf(testing::Not(IsEmpty()), Each("keys")));
  EXPECT_THAT(entries(client, "document=" + document_ + "&kind=sign_fullmakt"), IsEmpty());
  const auto by_authority = entries(client, "organisation=" + world_.authority->id.text() + "&group=readings");
  EXPECT_EQ(by_authority.size(), 2u) << "the opening and the refusal; the end of the reading is the gateway's";
  EXPECT_THAT(entries(client, "from=2099-01-01T00:00:00Z"), IsEmpty());
  EXPECT_FALSE(entries(client, "from=2000-01-01T00:00:00%2B01:00&to=2099-01-01T00:00:00Z").empty());
}

// SPEC LOGV-13, OWN-2
TEST_F(ApiOwnLog, ATitleThatIsWithheldIsNotShownAndNotFound) {
  ApiClient depositor = world_.staff(*world_.region, world_.nurse);
  json::object begin = world_.begin_deposit(world_.handle(depositor), text_bytes(1002));
  begin["act"].as_object()["facts"].as_object()["withheld"] =
      json::object{{"ground", "osl-25-1"}, {"until", "2030-01-01T00:00:00Z"}};
  ASSERT_EQ(depositor.post("/v1/acts", begin).status, 200u);
  const std::string upload = "/v1/deposits/" + std::string(begin.at("act").at("id").as_string()) + "/content";
  const std::string withheld = depositor.put(upload, "text/plain", text_bytes(1002)).text("/document");
  ASSERT_FALSE(withheld.empty());
  ApiClient client = person();
  const json::array own = entries(client, "document=" + document_);
  ASSERT_FALSE(own.empty());
  for (const json::value& entry : own) EXPECT_TRUE(entry.as_object().contains("title"));
  const json::array kept = entries(client, "document=" + withheld);
  ASSERT_FALSE(kept.empty()) << "that it was deposited the log tells";
  for (const json::value& entry : kept) EXPECT_FALSE(entry.as_object().contains("title")) << to_text(entry);
}

// SPEC LOGV-5, API-14
TEST_F(ApiOwnLog, IsTheSessionsAndTakesOne) {
  ApiClient without = world_.portal();
  EXPECT_EQ(without.get("/v1/me/log?outcome=refused").status, 401u);
  world_.device = crypto::SigningKey::generate(crypto::KeyAlgorithm::ed25519);
  world_.enrol(ApiWorld::kUnknownNumber, world_.device);
  ApiClient neighbour = person();
  EXPECT_THAT(entries(neighbour, "document=" + document_), IsEmpty());
  EXPECT_THAT(entries(neighbour, "kind=open_reading"), IsEmpty());
}

// SPEC LOGV-1: each answer to a filter is an entry of its own, as every look at the log is.
TEST_F(ApiOwnLog, AskingWithAFilterIsInTheLog) {
  ApiClient client = person();
  const auto total = [&](const std::string& query) {
    return client.get("/v1/me/log?" + query).json().at("total").to_number<int>();
  };
  const int before = total("limit=1");
  EXPECT_EQ(total("outcome=refused"), before + 1);
  EXPECT_EQ(total("below=0"), before + 2);
}

// SPEC API-5
TEST(ApiOwnLogRate, AFilterCountsAsSeveral) {
  ApiWorld world([](Server::Options& options) {
    options.person_requests_per_second = 0.001;
    options.person_request_burst = 12;
  });
  ApiClient client = world.portal();
  world.open_session(client);
  const std::string filtered = "/v1/me/log?outcome=refused", all = "/v1/me/log?limit=1";
  EXPECT_EQ(client.get(filtered).status, 200u);
  EXPECT_EQ(client.get(filtered).status, 200u);
  EXPECT_EQ(client.get(filtered).status, 429u) << "two are left";
  EXPECT_EQ(client.get(all).status, 200u) << "and one more was taken";
  EXPECT_EQ(client.get(all).status, 429u);
}

// SPEC API-5: the log reader is one for all.
TEST_F(ApiOwnLog, OneJobOfADeviceWaitsAtATime) {
  ApiClient client = person(), again = person();
  const auto size = [&] { return world_.core->sequencer().log_view().size; };
  const std::uint64_t before = size();
  std::promise<void> go_on;
  world_.core->log_reader().post([&] { go_on.get_future().wait(); });
  client.send("GET /v1/me/log HTTP/1.1\r\nHost: localhost\r\n\r\n");
  for (int i = 0; i < 500 && size() == before; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  ASSERT_GT(size(), before) << "the first is in the log, and waits for its reader";
  EXPECT_EQ(again.get("/v1/me/log").status, 429u);
  EXPECT_EQ(again.get("/v1/me/log/0/receipt").status, 429u);
  EXPECT_EQ(again.get("/v1/me").status, 200u) << "all else goes on";
  go_on.set_value();
  EXPECT_EQ(client.receive().status, 200u);
  EXPECT_EQ(again.get("/v1/me/log").status, 200u);
}

}  // namespace
}  // namespace flikvakt::gateway::test
