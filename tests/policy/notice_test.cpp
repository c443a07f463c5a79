// Who relied on a fullmakt, the notices that they get, and who is behind with answering.
#include <algorithm>

#include "tests/policy/world.h"

namespace flikvakt::policy::test {
namespace {

struct Relied {
  World world;
  Notice::Key key{world.fullmakt, world.other};

  Relied() { (void)read(1); }
  Outcome read(unsigned number) {
    const Outcome out =
        world.act(world.staff(world.reader), OpenReading{id<ReadingId>(number), world.document, kPurpose});
    EXPECT_TRUE(is_permitted(out.decision));
    return out;
  }
  const Notice* notice() const { return world.state.find<Notice>(key); }
  std::vector<Notice> listed(const StaffId& who) const {
    const Outcome out = world.ask(world.staff(who), ListNotices{});
    EXPECT_TRUE(is_permitted(out.decision));
    return std::get<std::vector<Notice>>(out.answer);
  }
};

std::size_t fullmakter_put(const Outcome& outcome) {
  std::size_t count = 0;
  for (const Row& row : outcome.puts) count += holds_alternative<Fullmakt>(row);
  return count;
}

// SPEC NOTICE-1
TEST(Reliance, BeginsWithAnOrganisationsFirstReadingAndChangesNoRowAfterThat) {
  Relied it;
  World& world = it.world;
  EXPECT_EQ(world.get<Fullmakt>(world.fullmakt).relied, (std::vector<OrganisationId>{world.other}));
  EXPECT_EQ(world.get<Person>(world.person).consent_version, 0u) << "nothing that is open changed";
  EXPECT_EQ(it.read(2).puts.size(), 1u) << "the reading alone";
  world.change_terms([&](FullmaktTerms& t) {
    t.recipients = {to_organisation(world.other), to_organisation(world.source)};
  });
  const Outcome by_source =
      world.act(world.staff(world.source_staff), OpenReading{id<ReadingId>(3), world.document, kPurpose});
  EXPECT_EQ(fullmakter_put(by_source), 1u);
  EXPECT_EQ(world.get<Fullmakt>(world.fullmakt).relied, (std::vector<OrganisationId>{world.source, world.other}))
      << "ascending";
  EXPECT_TRUE(world.state.all<Notice>().empty()) << "to read is no change";
}

// SPEC NOTICE-1
TEST(Reliance, RefusedReadingIsNone) {
  World world;
  (void)world.act(world.staff(world.outsider_registrar), OpenReading{id<ReadingId>(1), world.document, kPurpose});
  EXPECT_TRUE(world.get<Fullmakt>(world.fullmakt).relied.empty());
}

// SPEC NOTICE-1
TEST(Reliance, IsNotedOnTheFullmaktOfEachOtherDataSubjectAndBesideAUseLimit) {
  World world;
  const FullmaktId theirs = world.add_other_subject();
  world.change<Fullmakt>(theirs, [](Fullmakt& f) { f.terms.max_readings = 5; });
  (void)world.act(world.staff(world.reader), OpenReading{id<ReadingId>(1), world.document, kPurpose});
  for (const FullmaktId& one : {world.fullmakt, theirs}) {
    EXPECT_EQ(world.get<Fullmakt>(one).relied, (std::vector<OrganisationId>{world.other}));
  }
  EXPECT_EQ(world.get<Fullmakt>(theirs).readings, 1u);
  EXPECT_EQ(world.get<Person>(world.relative).consent_version, 0u);
}

// SPEC NOTICE-1
TEST(Reliance, OfOneFullmaktIsNotedForSixtyFourOrganisations) {
  World world;
  world.change<Fullmakt>(world.fullmakt, [](Fullmakt& f) {
    for (unsigned number = 0; number < 64; ++number) f.relied.push_back(id<OrganisationId>(100 + number));
  });
  const Outcome out = world.act(world.staff(world.reader), OpenReading{id<ReadingId>(1), world.document, kPurpose});
  EXPECT_TRUE(is_permitted(out.decision));
  EXPECT_EQ(fullmakter_put(out), 0u);
  world.change<Fullmakt>(world.fullmakt, [](Fullmakt& f) { f.relied.pop_back(); });
  EXPECT_EQ(
      fullmakter_put(world.ask(world.staff(world.reader), OpenReading{id<ReadingId>(2), world.document, kPurpose})),
      1u);
}

// SPEC NOTICE-2
TEST(Notice, ComesWithEachChangeOfTheFullmaktToWhoeverReliedOnIt) {
  using enum FullmaktStatus;
  struct Change {
    FullmaktStatus to;
    std::function<Outcome(World&)> how;
  };
  const std::vector<Change> changes = {
      {paused, [](World& w) { return w.act(w.person_actor(), PauseFullmakt{w.fullmakt}); }},
      {revoked, [](World& w) { return w.act(w.person_actor(), RevokeFullmakt{w.fullmakt}); }},
      {revoked,
       [](World& w) {
         return w.act(w.staff(w.reader), PaperNarrowing{w.person_index, {}, true, {}, {}});
       }},
      {superseded,
       [](World& w) {
         SignFullmakt act{id<FullmaktId>(20), w.terms(), "text"};
         act.terms.supersedes = w.fullmakt;
         return w.act(w.person_actor(), act);
       }},
      {expired,
       [](World& w) {
         w.time = w.terms().valid_to;
         return w.act(SystemActor{}, ExpireDue{});
       }},
      {active,
       [](World& w) {
         w.change<Fullmakt>(w.fullmakt, [](Fullmakt& f) { f.status = paused; });
         return w.act(w.person_actor(), ResumeFullmakt{w.fullmakt});
       }},
      {exhausted, [](World& w) {
         w.change_terms([](FullmaktTerms& t) { t.max_readings = 1; });
         return w.act(w.staff(w.reader), OpenReading{id<ReadingId>(2), w.document, kPurpose});
       }}};
  for (const Change& change : changes) {
    SCOPED_TRACE(static_cast<int>(change.to));
    Relied it;
    EXPECT_FALSE(it.notice());
    EXPECT_TRUE(is_permitted(change.how(it.world).decision));
    ASSERT_TRUE(it.notice());
    EXPECT_EQ(it.notice()->status, change.to);
    EXPECT_EQ(it.notice()->person, it.world.person);
    EXPECT_EQ(it.notice()->changed, it.world.time);
    EXPECT_EQ(it.notice()->due, it.world.time + 24h * 14);
    EXPECT_EQ(it.world.state.all<Notice>().size(), 1u) << "nobody else relied on it";
  }
}

// SPEC NOTICE-2
TEST(Notice, NewestChangeStandsAndWhatChangesNothingLeavesNone) {
  Relied it;
  (void)it.world.act(it.world.person_actor(), PauseFullmakt{it.world.fullmakt});
  it.world.time += 1h;
  (void)it.world.act(it.world.person_actor(), RevokeFullmakt{it.world.fullmakt});
  EXPECT_EQ(it.notice()->status, FullmaktStatus::revoked);
  EXPECT_EQ(it.notice()->changed, it.world.time);
  it.world.time += 1h;
  (void)it.world.act(it.world.person_actor(), RevokeFullmakt{it.world.fullmakt});
  EXPECT_EQ(it.notice()->changed, it.world.time - 1h) << "nothing changed";
}

// SPEC NOTICE-3
TEST(ListNotices, GivesTheOwnOrganisationsEarliestFirstAndConcernsEachPerson) {
  Relied it;
  World& world = it.world;
  const auto put = [&](unsigned number, const OrganisationId& organisation, const PersonId& person, UtcTime changed) {
    world.state.put(
        Notice{id<FullmaktId>(number), organisation, person, FullmaktStatus::revoked, 1, changed, changed + 24h * 14});
  };
  put(7, world.other, world.person, world.now);
  put(6, world.other, world.person, world.now);
  put(8, world.other, world.relative, world.now - 1h);
  put(9, world.source, world.relative, world.now - 2h);
  const std::vector<Notice> found = it.listed(world.reader);
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].fullmakt, id<FullmaktId>(8));
  EXPECT_EQ(found[1].fullmakt, id<FullmaktId>(6)) << "of the same time the lower key first";
  EXPECT_EQ(found[2].fullmakt, id<FullmaktId>(7));
  const Outcome out = world.ask(world.staff(world.reader), ListNotices{});
  EXPECT_EQ(out.concerns.size(), 2u);
  EXPECT_TRUE(concerns(out, world.person) && concerns(out, world.relative) && changes_nothing(out));
  EXPECT_EQ(it.listed(world.source_staff).size(), 1u);
  EXPECT_TRUE(it.listed(world.outsider_registrar).empty());
  for (unsigned number = 100; number < 250; ++number) put(number, world.other, world.person, world.now + 1h);
  EXPECT_EQ(it.listed(world.reader).size(), 100u);
  EXPECT_EQ(it.listed(world.reader)[0].fullmakt, id<FullmaktId>(8)) << "a long list hides none of the oldest";
}

// SPEC NOTICE-3, ACT-3, ACT-6
TEST(ListNotices, IsForStaffInPlaceAlone) {
  Relied it;
  World& world = it.world;
  (void)world.act(world.person_actor(), RevokeFullmakt{world.fullmakt});
  for (const Actor& actor :
       {Actor(world.person_actor()), Actor(AdministratorActor{world.anna}), Actor(SystemActor{})}) {
    EXPECT_TRUE(is_refused(world.ask(actor, ListNotices{}).decision, Reason::not_entitled));
    EXPECT_TRUE(
        is_refused(world.ask(actor, AcknowledgeNotice{world.fullmakt, world.now}).decision, Reason::not_entitled));
  }
  World doubting = world;
  doubting.clock_doubt = true;
  EXPECT_TRUE(is_refused(doubting.ask(doubting.staff(doubting.reader), ListNotices{}).decision, Reason::clock_doubt));
  World restored = world;
  restored.restore();
  EXPECT_TRUE(
      is_refused(restored.ask(restored.staff(restored.reader), ListNotices{}).decision, Reason::not_reattested));
  world.change<Staff>(world.reader, [](Staff& s) { s.standing = Standing::suspended; });
  EXPECT_TRUE(is_refused(world.ask(world.staff(world.reader), ListNotices{}).decision, Reason::actor_not_active));
}

// SPEC NOTICE-4
TEST(AcknowledgeNotice, TakesAwayTheChangeThatWasSeenAndNoLaterOne) {
  Relied it;
  World& world = it.world;
  const Actor reader = world.staff(world.reader);
  const AcknowledgeNotice first{world.fullmakt, world.now};
  EXPECT_TRUE(is_refused(world.ask(reader, first).decision, Reason::unknown)) << "nothing has changed yet";
  (void)world.act(world.person_actor(), PauseFullmakt{world.fullmakt});
  world.time += 1h;
  (void)world.act(world.person_actor(), RevokeFullmakt{world.fullmakt});
  const Outcome stale = world.act(reader, first);
  EXPECT_TRUE(is_refused(stale.decision, Reason::state_changed));
  EXPECT_TRUE(changes_nothing(stale) && concerns(stale, world.person));
  const AcknowledgeNotice second{world.fullmakt, world.time};
  EXPECT_TRUE(is_refused(world.ask(world.staff(world.source_staff), second).decision, Reason::unknown))
      << "another organisation has none of its own";
  world.restore();
  const Outcome done = world.act(reader, second);
  EXPECT_TRUE(is_permitted(done.decision)) << "also before re-attestation";
  EXPECT_TRUE(concerns(done, world.person));
  EXPECT_FALSE(it.notice());
  EXPECT_TRUE(is_refused(world.ask(reader, second).decision, Reason::unknown));
}

// SPEC NOTICE-5
TEST(ListOverdue, CountsPerOrganisationWhatIsDueAndNamesNobody) {
  Relied it;
  World& world = it.world;
  (void)world.act(world.person_actor(), RevokeFullmakt{world.fullmakt});
  world.state.put(EraseOrder{world.kontrakt, world.provider, world.person, world.now, world.now + 24h * 30});
  world.state.put(EraseOrder{id<KontraktId>(2), world.other, world.person, world.now, world.now + 24h * 13});
  const AdministratorActor anna{world.anna};
  const auto listed = [&] {
    const Outcome out = world.ask(anna, ListOverdue{});
    EXPECT_TRUE(is_permitted(out.decision));
    EXPECT_TRUE(out.concerns.empty() && changes_nothing(out));
    return std::get<std::vector<OverdueCount>>(out.answer);
  };
  EXPECT_TRUE(listed().empty());
  world.time = world.now + 24h * 14 - 1ms;
  ASSERT_EQ(listed().size(), 1u);
  EXPECT_EQ(listed()[0].notices, 0u);
  world.time = world.now + 24h * 14;
  ASSERT_EQ(listed().size(), 1u);
  EXPECT_EQ(listed()[0].organisation, world.other);
  EXPECT_EQ(listed()[0].notices, 1u);
  EXPECT_EQ(listed()[0].erase_orders, 1u);
  EXPECT_EQ(listed()[0].oldest, world.now + 24h * 13);
  world.time = world.now + 24h * 30;
  ASSERT_EQ(listed().size(), 2u);
  EXPECT_EQ(listed()[1].organisation, world.provider);
  EXPECT_EQ(listed()[1].erase_orders, 1u);
  for (const Actor& actor : {Actor(world.person_actor()), Actor(world.staff(world.reader)), Actor(SystemActor{})}) {
    EXPECT_TRUE(is_refused(world.ask(actor, ListOverdue{}).decision, Reason::not_entitled));
  }
}

// SPEC NOTICE-6, ACT-31
TEST(Notice, GoesWithThePersonWhoIsErased) {
  Relied it;
  World& world = it.world;
  (void)world.act(world.person_actor(), RevokeFullmakt{world.fullmakt});
  world.state.put(
      Notice{id<FullmaktId>(8), world.other, world.relative, FullmaktStatus::revoked, 1, world.now, world.now + 24h});
  (void)world.act(AdministratorActor{world.anna}, Shred{ShredScope::person, world.person_index, {}, {}});
  EXPECT_TRUE(is_permitted(world.approve(AdministratorActor{world.bo}).decision));
  EXPECT_FALSE(it.notice());
  EXPECT_EQ(it.listed(world.reader).size(), 1u) << "another person's stands";
}

// SPEC NOTICE-6, ACT-44
TEST(Notice, StandsAfterARestoreWhichStatesItAnew) {
  Relied it;
  World& world = it.world;
  (void)world.act(world.person_actor(), RevokeFullmakt{world.fullmakt});
  const Restore restore{"old head", "flikvakt.example/log2", {world.anna, world.bo}};
  const Outcome out = world.act(SystemActor{}, restore);
  EXPECT_TRUE(is_permitted(out.decision));
  const bool is_stated = std::ranges::any_of(out.puts, [&](const Row& row) {
    const Notice* one = get_if<Notice>(&row);
    return one && one->key() == it.key;
  });
  EXPECT_TRUE(is_stated);
  EXPECT_TRUE(it.notice());
}

}  // namespace
}  // namespace flikvakt::policy::test
