// The parts of the HTTP layer that need no socket: ticks, rate, tally, sources, targets.
#include <gtest/gtest.h>

#include "gateway/exchange.h"
#include "gateway/failure_tally.h"
#include "gateway/listener.h"
#include "gateway/rate_limit.h"
#include "gateway/source_limit.h"
#include "gateway/source_rate.h"
#include "gateway/target.h"
#include "gateway/tick.h"

namespace flikvakt::gateway {
namespace {

using namespace std::chrono_literals;
using Time = std::chrono::steady_clock::time_point;

Time at(std::chrono::microseconds time) { return Time(time); }
constexpr TickPolicy kPolicy{50ms, 20ms};

// SPEC HTTP-23
TEST(RefusalTick, IsTheFirstGridPointAtLeastAMarginAfterArrival) {
  EXPECT_EQ(release_time(at(1000ms), at(1001ms), kPolicy), at(1050ms));
  EXPECT_EQ(release_time(at(1030ms), at(1031ms), kPolicy), at(1050ms));
  EXPECT_EQ(release_time(at(1030001us), at(1031ms), kPolicy), at(1100ms));
}

TEST(RefusalTick, IsTheSameHoweverLongTheWorkTookWithinTheMargin) {
  for (auto work = 0us; work <= 20ms; work += 100us) {
    EXPECT_EQ(release_time(at(1007ms), at(1007ms + work), kPolicy), at(1050ms));
  }
}

TEST(RefusalTick, IsTheNextGridPointWhenTheWorkTookLonger) {
  EXPECT_EQ(release_time(at(1007ms), at(1051ms), kPolicy), at(1100ms));
  EXPECT_EQ(release_time(at(1007ms), at(1100ms), kPolicy), at(1100ms));
}

TEST(RateLimiter, GivesTheBurstAndThenTheRate) {
  RateLimiter limiter({.per_second = 10, .burst = 3, .max_keys = 10});
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(limiter.allow("a", at(0ms)));
  EXPECT_FALSE(limiter.allow("a", at(50ms)));
  EXPECT_TRUE(limiter.allow("a", at(101ms)));
  EXPECT_FALSE(limiter.allow("a", at(102ms)));
}

TEST(RateLimiter, SaysHowLongToWaitBeforeItRefuses) {
  RateLimiter limiter({.per_second = 10, .burst = 2, .max_keys = 2});
  EXPECT_EQ(limiter.take_on_credit("a", at(0ms), 1s), 0ms);
  EXPECT_EQ(limiter.take_on_credit("a", at(0ms), 1s), 0ms);
  EXPECT_EQ(limiter.take_on_credit("a", at(0ms), 1s), 100ms);
  EXPECT_EQ(limiter.take_on_credit("a", at(0ms), 1s), 200ms);
  EXPECT_EQ(limiter.take_on_credit("a", at(0ms), 250ms), std::nullopt) << "longer than that";
  EXPECT_EQ(limiter.take_on_credit("a", at(0ms), 300ms), 300ms) << "what was not given is not owed";
  EXPECT_EQ(limiter.take_on_credit("b", at(0ms), 1s), 0ms) << "another key";
  EXPECT_EQ(limiter.take_on_credit("c", at(0ms), 1s), 0ms) << "no room to remember it";
  EXPECT_FALSE(limiter.allow("a", at(350ms))) << "what was taken on credit is owed";
  EXPECT_EQ(limiter.take_on_credit("a", at(400ms), 1s), 0ms);
}

TEST(RateLimiter, ChargesAfterwardsAndOnCreditOfOneBucket) {
  RateLimiter limiter({.per_second = 1, .burst = 3, .max_keys = 2});
  EXPECT_TRUE(limiter.has_left("a", at(0ms))) << "nobody was charged";
  limiter.charge("a", at(0ms), 2);
  EXPECT_TRUE(limiter.has_left("a", at(0ms)));
  limiter.charge("a", at(0ms), 1);
  EXPECT_FALSE(limiter.has_left("a", at(999ms)));
  EXPECT_TRUE(limiter.has_left("a", at(1000ms)));
  limiter.charge("a", at(1000ms), 100);
  EXPECT_FALSE(limiter.has_left("a", at(4999ms))) << "three are owed, and one is needed";
  EXPECT_TRUE(limiter.has_left("a", at(5000ms)));
  EXPECT_TRUE(limiter.has_left("b", at(0ms))) << "another key";
}

// SPEC PORTAL-103
TEST(SourceRate, CountsWhatIsInOneIpv6NetworkTogetherWithFourTimesTheRate) {
  const auto in = [](int i) { return source_of("2001:db8:7:" + std::to_string(i) + "::1"); };
  EXPECT_EQ(network_of(in(1)), "2001:db8:7::/48");
  EXPECT_EQ(network_of(in(1)), network_of(in(2)));
  EXPECT_NE(network_of(in(1)), network_of(source_of("2001:db8:8:1::1")));
  EXPECT_EQ(network_of("192.0.2.7"), "");
  EXPECT_EQ(network_of("unix"), "");
  SourceRate rate({.per_second = 1, .burst = 2, .max_keys = 100});
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(rate.allow(in(0), at(0ms)));
  EXPECT_FALSE(rate.allow(in(0), at(0ms))) << "it took one of the network's, too";
  for (int i = 1; i <= 5; ++i) EXPECT_TRUE(rate.allow(in(i), at(0ms))) << i;
  EXPECT_FALSE(rate.allow(in(6), at(0ms))) << "of the network eight";
  EXPECT_TRUE(rate.allow(source_of("2001:db8:8:1::1"), at(0ms)));
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(rate.allow("192.0.2.7", at(0ms)));
  EXPECT_FALSE(rate.allow("192.0.2.7", at(0ms)));
  SourceRate failures({.per_second = 1, .burst = 2, .max_keys = 100});
  for (int i = 0; i < 4; ++i) failures.charge(in(i), at(0ms), 2);
  EXPECT_FALSE(failures.has_left(in(9), at(0ms))) << "by its network";
  EXPECT_TRUE(failures.has_left("192.0.2.7", at(0ms)));
}

// SPEC PORTAL-102
TEST(BodyBuffers, GrowWithWhatHasCome) {
  constexpr std::uint64_t kLarge = 25 << 20;
  EXPECT_EQ(buffer_for(0, 10), 10u);
  EXPECT_EQ(buffer_for(0, kLarge), 16u * 1024);
  EXPECT_EQ(buffer_for(16 * 1024, kLarge), 32u * 1024);
  EXPECT_EQ(buffer_for(20 << 20, kLarge), kLarge);
  for (std::size_t filled = 0; filled < kLarge; filled = buffer_for(filled, kLarge))
    EXPECT_GT(buffer_for(filled, kLarge), filled);
}

TEST(RateLimiter, KeepsKeysApart) {
  RateLimiter limiter({.per_second = 1, .burst = 1, .max_keys = 10});
  EXPECT_TRUE(limiter.allow("a", at(0ms)));
  EXPECT_FALSE(limiter.allow("a", at(1ms)));
  EXPECT_TRUE(limiter.allow("b", at(1ms)));
}

TEST(RateLimiter, RefusesNewKeysWhenFullAndForgetsOnlyFullBuckets) {
  RateLimiter limiter({.per_second = 1, .burst = 1, .max_keys = 2});
  EXPECT_TRUE(limiter.allow("a", at(0ms)));
  EXPECT_TRUE(limiter.allow("b", at(0ms)));
  EXPECT_FALSE(limiter.allow("c", at(1ms)));
  EXPECT_TRUE(limiter.allow("c", at(2000ms)));
}

// SPEC HTTP-40
TEST(FailureTally, WritesOneLinePerSourceHoweverManyFailuresThereWere) {
  std::vector<std::string> lines;
  FailureTally tally([&](const std::string& line) { lines.push_back(line); });
  for (int i = 0; i < 1000; ++i) tally.count("192.0.2.7", EarlyFailure::handshake, "detail " + std::to_string(i));
  tally.count("192.0.2.7", EarlyFailure::framing, "bare LF");
  tally.count("192.0.2.8", EarlyFailure::framing, "bare CR");
  EXPECT_TRUE(lines.empty());
  tally.write_and_clear();
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0], "before authentication, from 192.0.2.7: 1000 handshake (detail 0); 1 framing (bare LF)");
  tally.write_and_clear();
  EXPECT_EQ(lines.size(), 2u);
}

TEST(FailureTally, SumsSourcesBeyondItsBoundAsOthers) {
  std::vector<std::string> lines;
  FailureTally tally([&](const std::string& line) { lines.push_back(line); });
  for (std::size_t i = 0; i < FailureTally::kMaxSources + 500; ++i) {
    tally.count(std::to_string(i), EarlyFailure::framing, "x");
  }
  tally.write_and_clear();
  EXPECT_EQ(lines.size(), FailureTally::kMaxSources + 1);
  EXPECT_NE(std::find(lines.begin(), lines.end(), "before authentication, from others: 500 framing (x)"), lines.end());
}

// SPEC HTTP-46
TEST(FailureTally, ReportsTheSourcesThatFailedMostAndTheRestAsOthersAndNothingWhenNothingFailed) {
  std::vector<FailureSum> reports;
  FailureTally tally([](const std::string&) {}, [&](const FailureSum& sum) { reports.push_back(sum); });
  tally.write_and_clear();
  EXPECT_TRUE(reports.empty());
  for (std::size_t i = 0; i < FailureTally::kMaxReports + 10; ++i) {
    tally.count("quiet " + std::to_string(i), EarlyFailure::access, "x");
  }
  for (int i = 0; i < 5; ++i) tally.count("worst", EarlyFailure::framing, "x");
  tally.count("worst", EarlyFailure::handshake, "x");
  tally.write_and_clear();
  ASSERT_EQ(reports.size(), FailureTally::kMaxReports + 1);
  EXPECT_EQ(reports.front().source, "worst");
  EXPECT_EQ(reports.front().counts,
            (std::map<EarlyFailure, std::uint64_t>{{EarlyFailure::framing, 5}, {EarlyFailure::handshake, 1}}));
  EXPECT_EQ(reports.back().source, "others");
  EXPECT_EQ(reports.back().counts, (std::map<EarlyFailure, std::uint64_t>{{EarlyFailure::access, 11}}));
}

// SPEC HTTP-41
TEST(SourceLimit, CountsIpv6ByItsSixtyFourAndMappedAddressesAsIpv4) {
  EXPECT_EQ(source_of("2001:db8:0:1::1"), source_of("2001:db8:0:1:ffff::2"));
  EXPECT_NE(source_of("2001:db8:0:1::1"), source_of("2001:db8:0:2::1"));
  EXPECT_EQ(source_of("::ffff:192.0.2.7"), "192.0.2.7");
  EXPECT_NE(source_of("192.0.2.7"), source_of("192.0.2.8"));
}

TEST(SourceLimit, RefusesOverEitherLimitAndGivesPlacesBack) {
  SourceLimit limit(3, 2);
  auto first = limit.enter("a");
  auto second = limit.enter("a");
  EXPECT_TRUE(first && second);
  EXPECT_FALSE(limit.enter("a"));
  auto third = limit.enter("b");
  EXPECT_TRUE(third);
  EXPECT_FALSE(limit.enter("c"));
  first.reset();
  EXPECT_TRUE(limit.enter("a"));
}

// SPEC HTTP-47
TEST(SourceLimit, WhoFindsItFullDisplacesTheSourceThatHoldsMost) {
  SourceLimit limit(3, 3);
  auto first = limit.enter("a");
  auto second = limit.enter("a");
  auto third = limit.enter("b");
  SourceLimit::Displacing found = limit.enter_for_another("c");
  EXPECT_TRUE(found.place);
  EXPECT_EQ(found.source, "a");
  EXPECT_FALSE(limit.enter_for_another("d").place) << "nobody has left yet, and what is kept free beyond is used up";
  first.reset();
  EXPECT_FALSE(limit.enter("a")) << "the place went to c";
  EXPECT_FALSE(limit.enter_for_another("a").place) << "nobody holds more than a";
  EXPECT_FALSE(SourceLimit(0, 1).enter_for_another("a").place);
}

// SPEC HTTP-47
TEST(SourceLimit, SourcesThatHoldAsMuchAreDisplacedInTurn) {
  SourceLimit limit(32, 1);
  std::vector<std::unique_ptr<SourceLimit::Place>> places;
  for (int i = 0; i < 32; ++i) places.push_back(limit.enter(std::to_string(i)));
  const SourceLimit::Displacing one = limit.enter_for_another("x");
  const SourceLimit::Displacing two = limit.enter_for_another("y");
  EXPECT_TRUE(one.place && two.place);
  EXPECT_NE(one.source, two.source);
}

TEST(Target, DecodesSegmentsAndQuery) {
  const Target target = parse_target("/v1/a%20b/c?q=%C3%A5+x&limit=20&flag").value();
  EXPECT_EQ(target.segments, (std::vector<std::string>{"v1", "a b", "c"}));
  EXPECT_EQ(target.query.at("q"), "å x");
  EXPECT_EQ(target.query.at("limit"), "20");
  EXPECT_EQ(target.query.at("flag"), "");
}

TEST(Target, ATrailingSlashIsAnotherPath) {
  EXPECT_EQ(parse_target("/v1").value().segments.size(), 1u);
  EXPECT_EQ(parse_target("/v1/").value().segments, (std::vector<std::string>{"v1", ""}));
  EXPECT_TRUE(parse_target("/").value().segments.empty());
}

// SPEC HTTP-8
TEST(Target, RefusesMoreThanThirtyTwoQueryFields) {
  std::string target = "/?a0=";
  for (int i = 1; i < 32; ++i) target += "&a" + std::to_string(i) + "=";
  EXPECT_TRUE(parse_target(target));
  EXPECT_FALSE(parse_target(target + "&b="));
}

TEST(ListenAddress, TakesIpv4AndBracketedIpv6WithPortOnly) {
  EXPECT_EQ(parse_address("127.0.0.1:8443").value().port(), 8443);
  EXPECT_TRUE(parse_address("[::]:8443").value().address().is_v6());
  for (const char* bad : {"", "8443", "127.0.0.1", "127.0.0.1:", "::1:80", "[127.0.0.1]:1", "localhost:80",
                          "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:8 "}) {
    EXPECT_FALSE(parse_address(bad)) << bad;
  }
}

}  // namespace
}  // namespace flikvakt::gateway
