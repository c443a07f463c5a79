// Log reviewers: who may look at an organisation's log, and what stands of what they found.
#include "tests/policy/world.h"

namespace flikvakt::policy::test {
namespace {

struct Reviewed {
  World world;
  Reviewed() { make_reviewer(world.other_officer); }
  void make_reviewer(const StaffId& who) {
    world.change<Staff>(who, [](Staff& one) { one.roles.insert(StaffRole::log_reviewer); });
  }
  const Review* row(std::uint64_t entry) const {
    return world.state.find<Review>({world.other, std::to_string(entry)});
  }
};

// SPEC REVIEW-1
TEST(Reviewing, IsForLogReviewersInPlaceAlone) {
  Reviewed it;
  const World& world = it.world;
  for (const Act& act : {Act(ReadOrganisationLog{}), Act(NoteReview{7, ReviewFinding::checked, ""})}) {
    const Outcome permitted = world.ask(world.staff(world.other_officer), act);
    EXPECT_TRUE(is_permitted(permitted.decision)) << kind_of(act);
    EXPECT_TRUE(permitted.concerns.empty()) << "of nobody";
    for (const StaffId& who : {world.reader, world.other_registrar, world.source_officer}) {
      EXPECT_TRUE(is_refused(world.ask(world.staff(who), act).decision, Reason::not_entitled, Rule::actor));
    }
    EXPECT_FALSE(world.ask(world.person_actor(), act).decision.is_permitted());
    EXPECT_FALSE(world.ask(AdministratorActor{world.anna}, act).decision.is_permitted());
    EXPECT_FALSE(world.ask(SystemActor{}, act).decision.is_permitted());
  }
}

// SPEC REVIEW-1
TEST(Reviewing, EndsWithTheStandingOfTheReviewerAndWaitsForThemAfterARestore) {
  Reviewed it;
  it.world.restore();
  EXPECT_TRUE(is_refused(it.world.ask(it.world.staff(it.world.other_officer), ReadOrganisationLog{}).decision,
                         Reason::not_reattested));
  Reviewed gone;
  gone.world.change<Staff>(gone.world.other_officer, [](Staff& one) { one.standing = Standing::suspended; });
  EXPECT_TRUE(is_refused(gone.world.ask(gone.world.staff(gone.world.other_officer), ReadOrganisationLog{}).decision,
                         Reason::actor_not_active));
}

// SPEC REVIEW-2
TEST(Reviewing, WhatWasFoundStandsUnderTheOwnOrganisationAndALaterWordReplacesIt) {
  Reviewed it;
  World& world = it.world;
  EXPECT_TRUE(is_permitted(
      world.act(world.staff(world.other_officer), NoteReview{7, ReviewFinding::follow_up, "Fråga varför."}).decision));
  ASSERT_TRUE(it.row(7));
  EXPECT_EQ(it.row(7)->finding, ReviewFinding::follow_up);
  EXPECT_EQ(it.row(7)->note, "Fråga varför.");
  EXPECT_EQ(it.row(7)->staff, world.other_officer);
  EXPECT_EQ(it.row(7)->noted, world.time);
  EXPECT_FALSE(world.state.find<Review>({world.source, "7"}));
  it.make_reviewer(world.other_registrar);
  EXPECT_TRUE(
      is_permitted(world.act(world.staff(world.other_registrar), NoteReview{7, ReviewFinding::checked, ""}).decision));
  EXPECT_EQ(it.row(7)->finding, ReviewFinding::checked);
  EXPECT_EQ(it.row(7)->staff, world.other_registrar);
  EXPECT_EQ(world.state.all<Review>().size(), 1u);
  const Outcome long_note =
      world.ask(world.staff(world.other_officer), NoteReview{8, ReviewFinding::checked, std::string(501, 'x')});
  EXPECT_TRUE(is_refused(long_note.decision, Reason::terms_invalid));
  EXPECT_TRUE(changes_nothing(long_note));
}

// SPEC REVIEW-3
TEST(Reviewing, WhatWasFoundGoesAfterTwoYears) {
  Reviewed it;
  World& world = it.world;
  ASSERT_TRUE(
      is_permitted(world.act(world.staff(world.other_officer), NoteReview{7, ReviewFinding::checked, "x"}).decision));
  world.time += kReviewStays - std::chrono::milliseconds(1);
  EXPECT_TRUE(is_permitted(world.act(SystemActor{}, ExpireDue{}).decision));
  EXPECT_TRUE(it.row(7));
  world.time += std::chrono::milliseconds(1);
  EXPECT_TRUE(is_permitted(world.act(SystemActor{}, ExpireDue{}).decision));
  EXPECT_FALSE(it.row(7));
}

}  // namespace
}  // namespace flikvakt::policy::test
