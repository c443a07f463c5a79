// Each number of a session counts once. SPEC E2E-30, E2E-31
#include "gateway/sealed_sessions.h"

#include <gtest/gtest.h>

#include "crypto/random.h"

namespace flikvakt::gateway {
namespace {

using namespace std::chrono_literals;
using Verdict = SealedSessions::Verdict;

const SealedSessions::Time kNow = std::chrono::steady_clock::now() + 1h;

TEST(SealedSessions, TakeEachNumberOnceInAnyOrderWithinTheWindow) {
  SealedSessions sessions;
  const auto connector = crypto::random_id<ConnectorId>();
  const std::string token = sessions.open(connector, kNow);
  for (const std::uint64_t number : {1u, 5u, 3u, 2u, 4u, 200u, 199u}) {
    EXPECT_EQ(sessions.take(connector, token, number, kNow), Verdict::fresh) << number;
    EXPECT_EQ(sessions.take(connector, token, number, kNow), Verdict::replayed) << number;
  }
  EXPECT_EQ(sessions.take(connector, token, 0, kNow), Verdict::replayed);
  EXPECT_EQ(sessions.take(connector, token, 1000, kNow), Verdict::fresh);
  EXPECT_EQ(sessions.take(connector, token, 1000 - SealedSessions::kWindow, kNow), Verdict::replayed) << "too late";
  EXPECT_EQ(sessions.take(connector, token, 1001 - SealedSessions::kWindow, kNow), Verdict::fresh);
  EXPECT_EQ(sessions.take(connector, token, 1, kNow), Verdict::replayed);
}

TEST(SealedSessions, AreOfOneConnectorAndFew) {
  SealedSessions sessions;
  const auto mine = crypto::random_id<ConnectorId>(), other = crypto::random_id<ConnectorId>();
  const std::string first = sessions.open(mine, kNow);
  EXPECT_EQ(sessions.take(other, first, 1, kNow), Verdict::unknown_session);
  EXPECT_EQ(sessions.take(mine, "nothing", 1, kNow), Verdict::unknown_session);
  const std::string unused = sessions.open(mine, kNow + 1s);
  for (std::size_t i = 2; i < SealedSessions::kMostOfOne; ++i) (void)sessions.open(mine, kNow + 2s);
  EXPECT_EQ(sessions.take(mine, unused, 0, kNow + 3s), Verdict::replayed) << "whoever replays uses nothing";
  EXPECT_EQ(sessions.take(mine, first, 1, kNow + 3s), Verdict::fresh);
  (void)sessions.open(mine, kNow + 4s);
  EXPECT_EQ(sessions.take(mine, first, 2, kNow + 5s), Verdict::fresh) << "what is used stays";
  EXPECT_EQ(sessions.take(mine, unused, 1, kNow + 5s), Verdict::unknown_session)
      << "that which was used longest ago made room";
  for (std::size_t i = 0; i < SealedSessions::kMostOfOne; ++i) (void)sessions.open(mine, kNow + 6s);
  EXPECT_EQ(sessions.take(mine, first, 3, kNow + 7s), Verdict::unknown_session);
  const std::string theirs = sessions.open(other, kNow);
  sessions.forget(mine);
  EXPECT_EQ(sessions.take(other, theirs, 1, kNow), Verdict::fresh);
}

// SPEC E2E-30
TEST(SealedSessions, ANonceCountsOnceInItsTimeForItsConnector) {
  SealedSessions sessions, others;
  const auto mine = crypto::random_id<ConnectorId>(), other = crypto::random_id<ConnectorId>();
  const std::string nonce = sessions.nonce(mine, kNow), late = sessions.nonce(mine, kNow);
  EXPECT_NE(nonce, late);
  EXPECT_EQ(sessions.use(other, nonce, kNow), Verdict::unknown_session);
  EXPECT_EQ(others.use(mine, nonce, kNow), Verdict::unknown_session) << "of another gateway, or of before its start";
  std::string bent = nonce;
  bent[20] = bent[20] == 'A' ? 'B' : 'A';
  for (const std::string& wrong : {std::string(), std::string("AAAA"), nonce + "AAAA", bent})
    EXPECT_EQ(sessions.use(mine, wrong, kNow), Verdict::unknown_session) << wrong;
  EXPECT_EQ(sessions.use(mine, nonce, kNow + 1s), Verdict::fresh);
  EXPECT_EQ(sessions.use(mine, nonce, kNow + 1s), Verdict::replayed);
  EXPECT_EQ(sessions.use(mine, nonce, kNow + 59s), Verdict::replayed);
  EXPECT_EQ(sessions.use(mine, nonce, kNow + 61s), Verdict::unknown_session);
  EXPECT_EQ(sessions.use(mine, late, kNow + 61s), Verdict::unknown_session);
}

}  // namespace
}  // namespace flikvakt::gateway
