// Each number of a session counts once. SPEC E2E-30, E2E-31
#include "gateway/sealed_sessions.h"

#include <gtest/gtest.h>

#include "crypto/random.h"

namespace flikvakt::gateway {
namespace {

using Verdict = SealedSessions::Verdict;

TEST(SealedSessions, TakeEachNumberOnceInAnyOrderWithinTheWindow) {
  SealedSessions sessions;
  const auto connector = crypto::random_id<ConnectorId>();
  const std::string token = sessions.open(connector);
  for (const std::uint64_t number : {1u, 5u, 3u, 2u, 4u, 200u, 199u}) {
    EXPECT_EQ(sessions.take(connector, token, number), Verdict::fresh) << number;
    EXPECT_EQ(sessions.take(connector, token, number), Verdict::replayed) << number;
  }
  EXPECT_EQ(sessions.take(connector, token, 0), Verdict::replayed);
  EXPECT_EQ(sessions.take(connector, token, 1000), Verdict::fresh);
  EXPECT_EQ(sessions.take(connector, token, 1000 - SealedSessions::kWindow), Verdict::replayed) << "too late";
  EXPECT_EQ(sessions.take(connector, token, 1001 - SealedSessions::kWindow), Verdict::fresh);
  EXPECT_EQ(sessions.take(connector, token, 1), Verdict::replayed);
}

TEST(SealedSessions, AreOfOneConnectorAndFew) {
  SealedSessions sessions;
  const auto mine = crypto::random_id<ConnectorId>(), other = crypto::random_id<ConnectorId>();
  const std::string first = sessions.open(mine);
  EXPECT_EQ(sessions.take(other, first, 1), Verdict::unknown_session);
  EXPECT_EQ(sessions.take(mine, "nothing", 1), Verdict::unknown_session);
  for (std::size_t i = 0; i < SealedSessions::kMostOfOne; ++i) (void)sessions.open(mine);
  EXPECT_EQ(sessions.take(mine, first, 1), Verdict::unknown_session) << "the oldest made room";
  const std::string theirs = sessions.open(other);
  sessions.forget(mine);
  EXPECT_EQ(sessions.take(other, theirs, 1), Verdict::fresh);
}

}  // namespace
}  // namespace flikvakt::gateway
