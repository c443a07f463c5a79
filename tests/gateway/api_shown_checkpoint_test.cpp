// POST /v1/log/checkpoints: exact answers, for everyone on both listeners; and what a gateway that was locked by one
// still says, which is nothing.
#include <future>
#include <thread>

#include "audit/checkpoint.h"
#include "base/files.h"
#include "tests/gateway/api_world.h"
#include "tests/gateway/unix_client.h"

namespace flikvakt::gateway::test {
namespace {

constexpr const char* kPath = "/v1/log/checkpoints";
constexpr const char* kOrigin = "flikvakt.test/log";

ApiReply show(ApiClient& client, std::string_view note) {
  client.send("POST " + std::string(kPath) +
              " HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: " +
              std::to_string(note.size()) + "\r\n\r\n" + std::string(note));
  return client.receive();
}

std::string forged(ApiWorld& world, std::uint64_t size, std::span<const audit::NoteSigner> signers) {
  audit::Checkpoint checkpoint{kOrigin, size, world.core->sequencer().log_view().root};
  checkpoint.root[0] ^= 1;
  return audit::sign_checkpoint(checkpoint, signers).value();
}

std::string forged(ApiWorld& world, std::uint64_t size) {
  return forged(world, size, world.core->sequencer().signers().checkpoint());
}

std::string forged_by_a_stranger(ApiWorld& world, std::uint64_t size) {
  const crypto::SigningKey key = crypto::SigningKey::generate(crypto::KeyAlgorithm::ed25519);
  const std::vector signers{audit::NoteSigner::make(kOrigin, key).value()};
  return forged(world, size, signers);
}

// SPEC WIT-31
TEST(ApiShownCheckpoint, TheLogsOwnIsKnownAgainByEveryoneOnBothListeners) {
  ApiWorld world;
  ApiClient portal = world.portal(), region = world.organisation(*world.region),
            nurse = world.staff(*world.region, world.nurse);
  const std::string note = portal.get("/v1/log/checkpoint").body;
  for (ApiClient* client : {&portal, &region, &nurse}) {
    const ApiReply reply = show(*client, note);
    EXPECT_EQ(reply.status, 200u);
    EXPECT_EQ(reply.body, R"({"status":"extended"})");
  }
  EXPECT_EQ(portal.get(kPath).status, 405u);
}

// SPEC WIT-30
TEST(ApiShownCheckpoint, WhatTheLogDidNotSignGetsItsStatusAndNothingHappens) {
  ApiWorld world;
  ApiClient client = world.portal();
  const std::string note = client.get("/v1/log/checkpoint").body;
  std::string other_origin = note;
  other_origin.replace(0, 1, "F");
  const auto expect = [&](std::string_view body, unsigned status, std::string_view type) {
    const ApiReply reply = show(client, body);
    EXPECT_EQ(reply.status, status) << body.substr(0, 100);
    EXPECT_TRUE(reply.text("/type").ends_with(type)) << reply.body;
  };
  expect("", 400, "/bad-request");
  expect("rubbish", 400, "/bad-request");
  expect(other_origin, 404, "/unknown-log");
  expect(forged_by_a_stranger(world, 3), 403, "/not-signed");
  expect(forged_by_a_stranger(world, 1'000'000), 403, "/not-signed");
  ApiClient another = world.portal();
  EXPECT_EQ(show(another, std::string(64 * 1024 + 1, 'a')).status, 413u);
  EXPECT_FALSE(world.core->is_locked());
  EXPECT_EQ(world.portal().get("/v1/health").status, 200u);
}

// SPEC API-91, WIT-38
TEST(ApiShownCheckpoint, ASourceThatShowsRubbishIsSlowedAndTheEvidenceIsNot) {
  ApiWorld world([](Server::Options& options) {
    options.proofs_per_second = 0.001;
    options.proof_burst = 2;
  });
  ApiClient client = world.portal();
  const std::string note = client.get("/v1/log/checkpoint").body;
  EXPECT_EQ(show(client, note).status, 200u) << "it might have been the evidence";
  EXPECT_EQ(show(client, "rubbish").status, 400u);
  EXPECT_EQ(show(client, note).status, 200u) << "known again: counts as asking for a proof";
  EXPECT_EQ(show(client, note).status, 429u);
  EXPECT_EQ(show(client, "rubbish").status, 429u);
  EXPECT_EQ(show(client, forged_by_a_stranger(world, 3)).status, 429u);
  EXPECT_EQ(client.get("/v1/log/inclusion?index=0&size=1").status, 429u);
  EXPECT_FALSE(world.core->is_locked());
  EXPECT_EQ(show(client, forged(world, 3)).status, 409u);
  EXPECT_TRUE(world.core->is_locked());
}

// SPEC WIT-38
TEST(ApiShownCheckpoint, ASourceThatShowsManyOfTheLogsOwnIsSlowedToo) {
  ApiWorld world([](Server::Options& options) {
    options.checkpoints_per_second = 0.001;
    options.checkpoint_burst = 2;
  });
  ApiClient client = world.portal();
  const auto own = [&](std::uint64_t size) {
    const auto root = world.core->log_reader().with([&](const store::Reader& rows) {
      return service::tree_of(rows).value().root_at(size, service::tiles_of(rows));
    });
    const auto signers = world.core->sequencer().signers().checkpoint();
    return audit::sign_checkpoint({kOrigin, size, root.value()}, signers).value();
  };
  EXPECT_EQ(show(client, own(3)).status, 200u);
  EXPECT_EQ(show(client, own(4)).status, 200u);
  EXPECT_EQ(show(client, own(5)).status, 429u);
  EXPECT_EQ(show(client, own(3)).status, 200u) << "known again, it counts as a proof";
  EXPECT_EQ(show(client, "rubbish").status, 400u);
}

// SPEC WIT-33
TEST(ApiShownCheckpoint, WhatIsAnsweredWhileTheGatewayLocksIsNotSent) {
  ApiWorld world;
  ApiClient client = world.portal();
  ASSERT_EQ(client.get("/v1/log/inclusion?index=0&size=1").status, 200u);
  std::promise<void> go_on;
  world.core->log_reader().post([&] { go_on.get_future().wait(); });
  client.send("GET /v1/log/inclusion?index=0&size=1 HTTP/1.1\r\nHost: localhost\r\n\r\n");
  std::this_thread::sleep_for(std::chrono::milliseconds(500));  // it waits for the log reader now
  world.core->lock(fail(ErrorCode::corrupt, "as a test says"));
  go_on.set_value();
  EXPECT_EQ(client.receive().status, 503u);
}

// SPEC WIT-37
TEST(ApiShownCheckpoint, HealthSaysThatReadingsAreRefusedWhereRowsAreDamaged) {
  ApiWorld world;
  ApiClient client = world.portal();
  EXPECT_EQ(client.get("/v1/health").body, R"({"status":"pass"})");
  world.core->sequencer().doubt_rows();
  EXPECT_EQ(client.get("/v1/health").body, R"({"status":"warn","readings":"refused"})");
}

// SPEC WIT-33
TEST(ApiShownCheckpoint, OneUnderTheLogsOwnKeyThatItDoesNotExtendLocksAndNothingMoreIsServed) {
  ApiWorld world;
  world.sign_fullmakt();
  const std::string document = world.deposit(text_bytes(8 << 20));
  ApiClient reader = world.staff(*world.authority, world.handler), portal = world.portal(), person = world.portal(),
            waiting = world.staff(*world.authority, world.handler);
  world.open_session(person);
  const UnixClient administrator(world.socket());
  ASSERT_TRUE(waiting.send("GET " + world.path_of(document) +
                           " HTTP/1.1\r\nHost: localhost\r\nAuthorization: " + waiting.authorization + "\r\n\r\n"));
  ASSERT_TRUE(waiting.more()) << "it has begun, and is not read on";

  const std::string note = forged(world, 3);
  const ApiReply told = show(portal, note);
  EXPECT_EQ(told.status, 409u) << told.body;
  EXPECT_TRUE(told.text("/type").ends_with("/log-forked"));
  const Bytes kept = read_file(world.folder / "data" / "log-evidence", 1 << 20).value();
  EXPECT_TRUE(as_text(kept).ends_with(note)) << "before it was answered";

  std::size_t got = waiting.received().size();
  while (waiting.more()) got = waiting.received().size();
  EXPECT_LT(got, std::size_t{8} << 20) << "a running transfer is cut";
  EXPECT_EQ(reader.get(world.path_of(document)).status, 503u);
  EXPECT_EQ(person.get("/v1/me").status, 503u);
  EXPECT_EQ(portal.get("/v1/log/checkpoint").status, 503u);
  EXPECT_EQ(portal.get("/v1/health").status, 503u);
  EXPECT_EQ(show(portal, note).status, 503u);
  EXPECT_EQ(administrator.get("/v1/status").status, 503u);
}

}  // namespace
}  // namespace flikvakt::gateway::test
