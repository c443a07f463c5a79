// The log as an organisation's reviewers see it: what its own staff did, of nobody, in pages that stay the same and in
// samples that can be drawn again.
#include "service/organisation_log.h"

#include <algorithm>
#include <future>
#include <set>
#include <span>

#include "tests/service/signed_world.h"

namespace flikvakt::service::test {
namespace {

using namespace policy;
using audit::ActKind;

class OrganisationLog : public testing::Test {
protected:
  OrganisationLog() {
    reviewer_ = world_.nurse;
    reviewer_.staff = crypto::random_id<StaffId>();
    EXPECT_TRUE(world_
                    .send(world_.administrator(0),
                          RegisterStaff{reviewer_.staff, world_.region, {}, "Granskare", {StaffRole::log_reviewer}})
                    .decision.is_permitted());
    anna_ = world_.enrol(world_.anna.number);
  }

  template <class T>
  static Result<T> waiting_for(const std::function<void(std::function<void(Result<T>)>)>& ask) {
    std::promise<Result<T>> promise;
    ask([&](Result<T> found) { promise.set_value(std::move(found)); });
    return promise.get_future().get();
  }
  Result<OrganisationLogPage> page(const OrganisationLogFilter& filter = {}, std::optional<std::uint64_t> below = {},
                                   std::uint32_t limit = 100, const StaffActor* who = nullptr) {
    return waiting_for<OrganisationLogPage>([&](auto done) {
      read_organisation_log(*world_.core, who ? *who : reviewer_, filter, below, limit, std::move(done));
    });
  }
  Result<OrganisationSample> sample(const SampleQuery& query) {
    return waiting_for<OrganisationSample>(
        [&](auto done) { draw_sample(*world_.core, reviewer_, query, std::move(done)); });
  }
  static std::vector<std::uint64_t> entries(const std::vector<OrganisationAct>& acts) {
    std::vector<std::uint64_t> out;
    for (const OrganisationAct& act : acts) out.push_back(act.entry);
    return out;
  }

  SignedWorld world_;
  StaffActor reviewer_;
  Member anna_;
};

// SPEC REVIEW-1, REVIEW-4
TEST_F(OrganisationLog, HasWhatItsStaffDidAndNothingOfOthers) {
  (void)world_.ask(world_.nurse, ListRequests{});
  (void)world_.ask(world_.handler, ListRequests{});
  const OrganisationLogPage found = page().value();
  ASSERT_FALSE(found.acts.empty());
  EXPECT_EQ(found.acts.front().kind, ActKind::read_organisation_log) << "this very asking";
  EXPECT_EQ(found.acts.front().staff, reviewer_.staff);
  EXPECT_EQ(found.acts[1].kind, ActKind::list_requests);
  EXPECT_EQ(found.acts[1].staff, world_.nurse.staff);
  for (const OrganisationAct& act : found.acts) {
    EXPECT_TRUE(act.staff == reviewer_.staff || act.staff == world_.nurse.staff ||
                act.staff == world_.region_registrar.staff);
  }
  const Result<OrganisationLogPage> refused = page({}, {}, 10, &world_.nurse);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::denied);
}

// SPEC CONN-60: page by page, each act once, however many there are, and nothing of those who read it is in the way.
TEST_F(OrganisationLog, IsFollowedFromTheOldestOnEachActOnce) {
  for (int i = 0; i < 30; ++i) (void)world_.ask(i % 3 == 0 ? world_.handler : world_.nurse, ListRequests{});
  const auto after = [&](std::uint64_t above, std::uint32_t limit, const StaffActor& who) {
    return waiting_for<OrganisationLogPage>(
        [&](auto done) { follow_organisation_log(*world_.core, who, above, limit, std::move(done)); });
  };
  std::vector<std::uint64_t> followed;
  std::uint64_t above = 0;
  int pages = 0;
  for (;; ++pages) {
    const OrganisationLogPage found = after(above, 7, reviewer_).value();
    for (const OrganisationAct& act : found.acts) {
      EXPECT_GT(act.entry, above);
      if (act.kind != ActKind::read_organisation_log) followed.push_back(act.entry);
    }
    if (!found.next) break;
    EXPECT_GT(*found.next, above);
    above = *found.next;
    ASSERT_LT(pages, 100) << "its own reading must not keep it busy";
  }
  EXPECT_GT(pages, 2);
  std::vector<std::uint64_t> all;
  const OrganisationLogPage whole = page().value();
  for (const OrganisationAct& act : whole.acts) {
    if (act.kind != ActKind::read_organisation_log) all.push_back(act.entry);
  }
  std::ranges::reverse(all);
  EXPECT_EQ(followed, all);
  const std::uint64_t last = page().value().acts.front().entry;  // the asking for it
  EXPECT_EQ(after(last, 7, reviewer_).value().acts.size(), 1u) << "this very asking";
  EXPECT_EQ(after(1'000'000, 7, reviewer_).error().code, ErrorCode::invalid) << "no entry of this log";
  EXPECT_EQ(after(0, 7, world_.nurse).error().code, ErrorCode::denied);
  EXPECT_EQ(after(0, 101, reviewer_).error().code, ErrorCode::invalid);
}

// SPEC REVIEW-5
TEST_F(OrganisationLog, DoesNotTellWhatStaffAreNotToldThemselves) {
  const auto propose = [&](const std::string& number) {
    const crypto::SigningKey key = crypto::SigningKey::generate(crypto::KeyAlgorithm::p256);
    return world_.send(world_.region_registrar,
                       ProposeKey{{}, key.public_key().to_jwk(), key.public_key().thumbprint()}, number);
  };
  (void)propose(anna_.number);
  (void)propose("191212121212");
  OrganisationLogFilter filter;
  filter.kind = ActKind::propose_key;
  const OrganisationLogPage found = page(filter).value();
  ASSERT_GE(found.acts.size(), 2u);
  for (const OrganisationAct& act : found.acts) EXPECT_FALSE(act.outcome);
  for (const audit::Outcome outcome : {audit::Outcome::permitted, audit::Outcome::refused}) {
    filter.outcome = outcome;
    EXPECT_TRUE(page(filter).value().acts.empty()) << "nor by what fits a filter";
  }
}

TEST_F(OrganisationLog, IsFilteredByTimeKindOutcomeAndStaff) {
  world_.clock.advance(1h);
  const UtcTime begins = world_.clock.wall();
  (void)world_.open(world_.nurse, crypto::random_id<DocumentId>());
  (void)world_.ask(world_.nurse, ListRequests{});
  world_.clock.advance(1h);
  const UtcTime ends = world_.clock.wall();
  (void)world_.ask(world_.region_registrar, ListRequests{});
  OrganisationLogFilter filter{begins, ends, {}, {}, {}};
  EXPECT_EQ(page(filter).value().acts.size(), 2u);
  filter.outcome = audit::Outcome::refused;
  ASSERT_EQ(page(filter).value().acts.size(), 1u);
  EXPECT_EQ(page(filter).value().acts.front().kind, ActKind::open_reading);
  filter.outcome.reset();
  filter.kind = ActKind::list_requests;
  EXPECT_EQ(page(filter).value().acts.size(), 1u);
  filter.staff = world_.region_registrar.staff;
  EXPECT_TRUE(page(filter).value().acts.empty());
  filter = {begins, {}, ActKind::list_requests, {}, world_.region_registrar.staff};
  EXPECT_EQ(page(filter).value().acts.size(), 1u);
}

// SPEC REVIEW-4
TEST_F(OrganisationLog, PagesStayTheSameWhileTheLogGrows) {
  for (int i = 0; i < 7; ++i) (void)world_.ask(world_.nurse, ListRequests{});
  OrganisationLogFilter filter;
  filter.kind = ActKind::list_requests;
  const OrganisationLogPage first = page(filter, {}, 3).value();
  ASSERT_TRUE(first.next);
  const OrganisationLogPage second = page(filter, first.next, 3).value();
  for (int i = 0; i < 4; ++i) (void)world_.ask(world_.nurse, ListRequests{});
  EXPECT_EQ(page(filter, first.next, 3).value().acts, second.acts);
  std::vector<std::uint64_t> all = entries(first.acts);
  for (const std::uint64_t entry : entries(second.acts)) all.push_back(entry);
  const OrganisationLogPage third = page(filter, second.next, 3).value();
  for (const std::uint64_t entry : entries(third.acts)) all.push_back(entry);
  EXPECT_EQ(all.size(), 7u);
  EXPECT_TRUE(std::ranges::is_sorted(all, std::greater<>())) << "without repetition";
}

// SPEC REVIEW-4
TEST_F(OrganisationLog, AnActThatConcernsSeveralPeopleIsThereOnce) {
  const Member bo = world_.enrol(world_.bo.number);
  world_.sign(anna_);
  world_.deposit(anna_, "journal", "text", &bo);
  OrganisationLogFilter filter;
  filter.kind = ActKind::begin_deposit;
  const OrganisationLogPage found = page(filter).value();
  ASSERT_EQ(found.acts.size(), 1u);
  const auto one = [&](std::uint64_t entry) {
    return waiting_for<OrganisationAct>(
        [&](auto done) { read_organisation_act(*world_.core, reviewer_, entry, std::move(done)); });
  };
  EXPECT_EQ(one(found.acts.front().entry).value(), found.acts.front());
  EXPECT_EQ(one(found.acts.front().entry + 1).error().code, ErrorCode::not_found) << "its second entry, or another's";
  EXPECT_EQ(one(0).error().code, ErrorCode::not_found) << "of no staff";
  EXPECT_EQ(one(1'000'000).error().code, ErrorCode::not_found);
}

// SPEC REVIEW-6
TEST_F(OrganisationLog, TheSameSeedDrawsTheSameActsWhileTheLogGrows) {
  for (int i = 0; i < 20; ++i) (void)world_.ask(world_.nurse, ListRequests{});
  SampleQuery query;
  query.filter.kind = ActKind::list_requests;
  query.seed = 12'345'678;
  query.count = 5;
  const OrganisationSample first = sample(query).value();
  ASSERT_EQ(first.acts.size(), 5u);
  query.end = first.end;
  for (int i = 0; i < 20; ++i) (void)world_.ask(world_.nurse, ListRequests{});
  EXPECT_EQ(sample(query).value().acts, first.acts);
  query.count = 8;
  const std::vector<OrganisationAct> larger = sample(query).value().acts;
  EXPECT_TRUE(std::ranges::equal(first.acts, std::span(larger).first(5))) << "a larger one begins with it";
  ++query.seed;
  EXPECT_NE(sample(query).value().acts, larger);
  query.count = 100;
  const OrganisationSample all = sample(query).value();
  EXPECT_EQ(all.acts.size(), 20u) << "every one once";
  EXPECT_FALSE(all.is_cut);
  query.count = 0;
  EXPECT_EQ(sample(query).error().code, ErrorCode::invalid);
}

// SPEC REVIEW-6
TEST_F(OrganisationLog, ASampleOfWhatIsRareGoesOnWhereAnAnswerEndedAndDrawsEachEntryOnce) {
  for (int i = 0; i < 6; ++i) (void)world_.ask(world_.nurse, ListRequests{});
  for (std::uint64_t i = 0; i < 2 * kMostEntriesDrawn; ++i) (void)world_.ask(world_.handler, ListNotices{});
  SampleQuery query;
  query.filter.kind = ActKind::list_requests;
  query.seed = 4711;
  query.count = 10;
  std::set<std::uint64_t> found;
  std::size_t answers = 0;
  OrganisationSample last;
  do {
    last = sample(query).value();
    EXPECT_EQ(last.drawn - query.drawn, last.is_cut ? kMostEntriesDrawn : last.end - last.first - query.drawn);
    for (const std::uint64_t entry : entries(last.acts)) EXPECT_TRUE(found.insert(entry).second) << entry;
    query.end = last.end;
    query.drawn = last.drawn;
    ++answers;
  } while (last.is_cut && answers < 10);
  EXPECT_GT(answers, 2u);
  EXPECT_EQ(found.size(), 6u) << "all that there are, over the answers";
  query.drawn = kMostEntriesOfASample;
  EXPECT_EQ(sample(query).error().code, ErrorCode::invalid);
}

// SPEC REVIEW-4
TEST_F(OrganisationLog, ActsOfEntriesThatSomebodyNamesAreTheOwnOrganisationsAndFit) {
  const std::uint64_t first = world_.core->sequencer().log_view().size;
  (void)world_.ask(world_.nurse, ListRequests{});
  (void)world_.ask(world_.handler, ListRequests{});
  (void)world_.ask(world_.nurse, ListNotices{});
  const auto acts = [&](const OrganisationLogFilter& filter, std::vector<std::uint64_t> asked, const StaffActor& who) {
    return waiting_for<std::vector<OrganisationAct>>(
        [&](auto done) { read_organisation_acts(*world_.core, who, filter, std::move(asked), std::move(done)); });
  };
  const std::vector<std::uint64_t> all{first + 2, first + 1, first, 0, 1'000'000};
  EXPECT_EQ(entries(acts({}, all, reviewer_).value()), (std::vector<std::uint64_t>{first + 2, first}));
  OrganisationLogFilter filter;
  filter.kind = ActKind::list_requests;
  EXPECT_EQ(entries(acts(filter, all, reviewer_).value()), std::vector<std::uint64_t>{first});
  filter.to = world_.clock.wall() - 24h;
  EXPECT_TRUE(acts(filter, all, reviewer_).value().empty());
  EXPECT_EQ(acts({}, all, world_.nurse).error().code, ErrorCode::denied);
  const std::vector<std::uint64_t> too_many(kMostOrganisationActs + 1, first);
  EXPECT_EQ(acts({}, too_many, reviewer_).error().code, ErrorCode::invalid);
}

// SPEC REVIEW-6
TEST(SeededOrder, GivesEachNumberOnceAndNearlyEvenly) {
  for (const std::uint64_t count : {0, 1, 2, 17, 1000}) {
    SeededOrder order(7, count);
    std::set<std::uint64_t> given;
    while (const std::optional<std::uint64_t> next = order.next()) {
      EXPECT_LT(*next, count);
      EXPECT_TRUE(given.insert(*next).second);
    }
    EXPECT_EQ(given.size(), count);
  }
  std::array<int, 4> first{};
  for (std::uint64_t seed = 0; seed < 4000; ++seed) ++first[SeededOrder(seed, 4).next().value()];
  for (const int times : first) EXPECT_NEAR(times, 1000, 150);
  SeededOrder one(20261129, 1'000'000), again(20261129, 1'000'000);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(one.next(), again.next());
}

// SPEC REVIEW-6: as somebody else would make it, from the words of the spec (Python's hashlib).
TEST(SeededOrder, IsTheOneOfTheSpec) {
  SeededOrder order(12345678, 1000);
  std::vector<std::uint64_t> first;
  for (int i = 0; i < 8; ++i) first.push_back(order.next().value());
  EXPECT_EQ(first, (std::vector<std::uint64_t>{485, 858, 648, 761, 628, 56, 66, 275}));
}

// What was decided and noted is verified with everything else.
TEST_F(OrganisationLog, WhatReviewersDidVerifies) {
  (void)page();
  EXPECT_TRUE(world_.send(reviewer_, NoteReview{3, ReviewFinding::follow_up, "Fråga"}).decision.is_permitted());
  EXPECT_FALSE(world_.send(world_.nurse, NoteReview{3, ReviewFinding::checked, ""}).decision.is_permitted());
  EXPECT_EQ(world_.core->directory().row<Review>({world_.region, "3"})->note, "Fråga");
  EXPECT_TRUE(world_.verify().problems.empty());
  world_.restart();
  EXPECT_EQ(world_.core->directory().row<Review>({world_.region, "3"})->note, "Fråga") << "also after a start";
}

}  // namespace
}  // namespace flikvakt::service::test
