// Approving a pruning over the socket: the whole log is read beside everything else, for one at a time, and only when
// nothing else speaks against it.
#include "service/plan_pruning.h"
#include "store/database.h"
#include "tests/gateway/api_world.h"
#include "tests/gateway/unix_client.h"

namespace flikvakt::gateway::test {
namespace {

// Somebody reads the whole log, until this goes.
class WalkedLog {
public:
  explicit WalkedLog(service::Core& core) : core_(core) {
    EXPECT_TRUE(core.log_walker().begin(
        [](const service::LogWalker::KeepOn& keep_on) {
          while (keep_on()) std::this_thread::sleep_for(1ms);
        },
        [] {}));
  }
  ~WalkedLog() { core_.log_walker().end(); }

private:
  service::Core& core_;
};

class ApiPruning : public testing::Test {
protected:
  ApiPruning() {
    world_.clock.move(24h * 4018);  // eleven years
    world_.decide(policy::SystemActor{}, policy::Start{});
  }
  ApiReply act(const json::value& what, const crypto::SigningKey& key) const {
    const std::string jws = world_.signed_act(world_.sent(what), key, "flikvakt-admin+jws");
    return UnixClient(world_.socket()).post("/v1/acts", json::object{{"jws", jws}});
  }
  json::object order() const {
    const UtcTime before = world_.now + 1min;  // all of it but what came eleven years later
    const auto rows =
        store::Reader::open(world_.core->data_directory().database(), world_.core->keys().database()).value();
    const auto planned = service::plan_pruning(rows, world_.core->keys(), before).value();
    return {{"kind", "prune_log"}, {"before", to_rfc3339(before)}, {"kept_sha256", to_base64url(planned.kept_sha256)}};
  }
  static json::object approval(const std::string& proposal, json::value what) {
    return {{"kind", "approve"}, {"proposal", proposal}, {"act", std::move(what)}};
  }
  ApiWorld world_;
};

// SPEC RET-8
TEST_F(ApiPruning, WhoeverReadsReceiptsAndTheOwnLogDoesNotWaitForItAndASecondOneIsToldToComeBack) {
  const crypto::SigningKey &first = world_.administrator_keys[0], &second = world_.administrator_keys[1];
  const json::object ordered = order();
  const ApiReply proposed = act(ordered, first);
  ASSERT_EQ(proposed.status, 200u) << proposed.body;
  const json::object approve = approval(proposed.text("/proposal"), ordered);
  ApiClient person = world_.portal();
  world_.open_session(person);
  {
    const WalkedLog walked(*world_.core);
    const std::uint64_t before = world_.core->sequencer().log_view().size;
    const ApiReply busy = act(approve, second);
    EXPECT_EQ(busy.status, 503u) << busy.body;
    EXPECT_EQ(busy.text("/type"), "https://flikvakt.se/problem/unavailable");
    EXPECT_NE(busy.text("/detail").find("the approval of another pruning"), std::string::npos) << busy.body;
    EXPECT_EQ(world_.core->sequencer().log_view().size, before) << "nothing was decided";

    const ApiReply log = person.get("/v1/me/log?limit=1");
    ASSERT_EQ(log.status, 200u) << log.body;
    const auto entry = log.json().at("entries").at(0).at("entry").to_number<std::uint64_t>();
    EXPECT_EQ(person.get("/v1/me/log/" + std::to_string(entry) + "/receipt").status, 200u);
    EXPECT_EQ(person.get("/v1/log/keys").status, 200u);
  }
  const ApiReply approved = act(approve, second);
  EXPECT_EQ(approved.status, 200u) << approved.body;
}

// SPEC RET-8: all this is told while somebody else reads the log, so nobody read it for these.
TEST_F(ApiPruning, WhatIsNotToBeCarriedOutIsRefusedWithoutReadingTheLog) {
  const crypto::SigningKey &first = world_.administrator_keys[0], &second = world_.administrator_keys[1];
  const json::object ordered = order();
  const ApiReply proposed = act(ordered, first);
  ASSERT_EQ(proposed.status, 200u) << proposed.body;
  const std::string waiting = proposed.text("/proposal");
  const WalkedLog walked(*world_.core);
  EXPECT_EQ(act(approval(waiting, ordered), first).text("/reason"), "same_person");
  const std::string none = crypto::random_id<ProposalId>().text();
  EXPECT_EQ(act(approval(none, ordered), second).text("/reason"), "unknown");
  json::object other = ordered;
  other["kept_sha256"] = to_base64url(ByteArray<32>{7});
  EXPECT_EQ(act(approval(waiting, other), second).text("/reason"), "other_act");
  EXPECT_EQ(act(approval(waiting, ordered), second).status, 503u) << "that one would be carried out";
}

// SPEC RET-8: between that a gateway that stops breaks it off, and that its doors are closed.
TEST_F(ApiPruning, AGatewayThatStopsBeginsNone) {
  const crypto::SigningKey &first = world_.administrator_keys[0], &second = world_.administrator_keys[1];
  const json::object ordered = order();
  const ApiReply proposed = act(ordered, first);
  ASSERT_EQ(proposed.status, 200u) << proposed.body;
  const std::uint64_t before = world_.core->sequencer().log_view().size;
  world_.core->log_walker().close();
  const ApiReply late = act(approval(proposed.text("/proposal"), ordered), second);
  EXPECT_EQ(late.status, 503u) << late.body;
  EXPECT_EQ(world_.core->sequencer().log_view().size, before) << "nothing was decided";
}

// SPEC RET-8
TEST_F(ApiPruning, AGatewayThatStopsEndsIt) {
  std::atomic<bool> is_ended = false;
  ASSERT_TRUE(world_.core->log_walker().begin(
      [](const service::LogWalker::KeepOn& keep_on) {
        while (keep_on()) std::this_thread::sleep_for(1ms);
      },
      [&] { is_ended = true; }));
  world_.server->stop(10min);
  EXPECT_TRUE(is_ended) << "nobody waits for it";
  EXPECT_FALSE(world_.core->log_walker().begin([](const service::LogWalker::KeepOn&) {}, [] {})) << "nor for another";
}

}  // namespace
}  // namespace flikvakt::gateway::test
