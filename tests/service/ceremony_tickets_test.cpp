// What anybody may begin is kept by whoever began it: the ticket says itself what it is for, and serves once.
#include "service/ceremony_tickets.h"

#include <gtest/gtest.h>

#include "crypto/random.h"

namespace flikvakt::service::test {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t kKind = 1, kOther = 2;
const CeremonyTickets::Steady kNow{1h};

CeremonyTickets::Ticket ticket_at(CeremonyTickets::Steady began, std::uint8_t kind = kKind) {
  return {kind, crypto::random_bytes<16>(), began, UtcTime(1h)};
}

// SPEC BS-6, BS-9
TEST(CeremonyTickets, ServeOnceForTheirKindAndTheirTime) {
  CeremonyTickets tickets(10min);
  const CeremonyTickets::Ticket ticket = ticket_at(kNow);
  const std::string text = tickets.issue(ticket);
  EXPECT_FALSE(tickets.use(text, kOther, kNow)) << "of another kind";
  const auto used = tickets.use(text, kKind, kNow + 10min);
  ASSERT_TRUE(used);
  EXPECT_EQ(used->id, ticket.id);
  EXPECT_EQ(used->began, ticket.began);
  EXPECT_EQ(tickets.challenge_of(*used), tickets.challenge_of(ticket));
  EXPECT_EQ(tickets.use(text, kKind, kNow).error().code, ErrorCode::expired) << "used";
  EXPECT_FALSE(tickets.use(tickets.issue(ticket_at(kNow)), kKind, kNow + 10min + 1ms)) << "too old";
}

// SPEC BS-9
TEST(CeremonyTickets, OfSomebodyElsesMakingServeNothing) {
  CeremonyTickets tickets(10min);
  const std::string good = tickets.issue(ticket_at(kNow));
  EXPECT_FALSE(tickets.use(CeremonyTickets(10min).issue(ticket_at(kNow)), kKind, kNow)) << "of another process";
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bent = good;
    bent[i] = bent[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(tickets.use(bent, kKind, kNow)) << i;
  }
  for (const std::string& wrong :
       {std::string(), std::string("A"), good + "AAAA", good.substr(4), std::string(43, 'A')})
    EXPECT_FALSE(tickets.use(wrong, kKind, kNow)) << wrong;
  EXPECT_NE(tickets.challenge_of(ticket_at(kNow)), tickets.challenge_of(ticket_at(kNow)));
  EXPECT_TRUE(tickets.use(good, kKind, kNow));
}

// SPEC BS-6
TEST(CeremonyTickets, ThatAreForgottenBecauseOfTooManyAreNotUsedAgain) {
  CeremonyTickets tickets(10min, 3);
  std::vector<std::string> texts;
  for (int i = 0; i < 6; ++i) texts.push_back(tickets.issue(ticket_at(kNow + std::chrono::seconds(i))));
  const std::string early = tickets.issue(ticket_at(kNow + 500ms)), late = tickets.issue(ticket_at(kNow + 6s));
  for (const std::string& text : texts) EXPECT_TRUE(tickets.use(text, kKind, kNow + 10s));
  for (const std::string& text : texts) EXPECT_FALSE(tickets.use(text, kKind, kNow + 10s)) << "used, remembered or not";
  EXPECT_FALSE(tickets.use(early, kKind, kNow + 10s)) << "whether it was used is not known any more";
  EXPECT_TRUE(tickets.use(late, kKind, kNow + 10s));
}

}  // namespace
}  // namespace flikvakt::service::test
