// The life of a consent through the whole service, signed as it is sent: the independent verifier replays each act of
// it.
#include "crypto/random.h"
#include "service/open_document.h"
#include "service/sent_act.h"
#include "tests/service/signed_world.h"

namespace flikvakt::service::test {
namespace {

using namespace policy;

class ConsentLife : public testing::Test {
protected:
  ConsentLife() {
    world_.anna = world_.enrol(world_.anna.number);
    world_.bo = world_.enrol(world_.bo.number);
    fullmakt_ = world_.sign(world_.anna);
    journal_ = world_.deposit(world_.anna, "journal", "Annas journal");
    const FullmaktId meanwhile = world_.sign(world_.anna, {}, "ekonomi");  // without one nothing is deposited there
    ekonomi_ = world_.deposit(world_.anna, "ekonomi", "Annas ekonomi");
    EXPECT_TRUE(may(world_.by_person(world_.anna, RevokeFullmakt{meanwhile})));
  }

  bool may(const CommandResult& result) {
    last_ = result.decision.reason;
    return result.decision.is_permitted();
  }
  const Fullmakt standing(const FullmaktId& id) {
    const CommandResult overview = world_.ask(world_.anna.actor, ReadOverview{});
    for (const Fullmakt& one : std::get<Overview>(overview.answer).fullmakter) {
      if (one.id == id) return one;
    }
    throw std::runtime_error("no such fullmakt");
  }
  bool reads(const DocumentId& document) {
    const auto permit = world_.open(world_.handler, document);
    if (permit) {
      EXPECT_TRUE(may(world_.close(**permit, 13)));
    }
    return permit.has_value();
  }
  RequestTerms request_terms(const std::string& flik) {
    RequestTerms terms;
    terms.recipient = {RecipientKind::team, world_.team.value()};
    terms.disclosers = {world_.region};
    terms.flikar = {flik};
    terms.purpose = "konsultation";
    terms.rights = {Right::read};
    terms.valid_to = standing(fullmakt_).terms.valid_to;
    terms.fullmakt = fullmakt_;
    terms.message = "Inför mötet.";
    return terms;
  }
  SignKomplettering komplettering(const std::string& flik) {
    SignKomplettering act;
    act.fullmakt = fullmakt_;
    act.previous = standing(fullmakt_).signed_sha256;
    act.delta.flikar = {flik};
    act.language = "sv";
    act.text = "De får läsa mer.";
    act.text_sha256 = crypto::sha256(as_bytes(act.text));
    return act;
  }
  Member representative(const RepresentativeId& id) { return representative(world_.bo, id); }
  Member representative(const Member& who, const RepresentativeId& id) {
    return {who.number,
            SigningKey::from_seed(crypto::KeyAlgorithm::p256, who.key.seed()).value(),
            {world_.anna.actor.person, who.actor.key, id}};
  }
  std::vector<Proposal> waiting() {
    return std::get<Overview>(world_.ask(world_.anna.actor, ReadOverview{}).answer).proposals;
  }
  RegisterRepresentative registration(std::set<RepresentativePower> powers) {
    RegisterRepresentative act;
    act.id = crypto::random_id<RepresentativeId>();
    act.representative_kind = RepresentativeKind::god_man;
    act.powers = std::move(powers);
    act.valid_from = world_.clock.wall() - 1h;
    act.valid_to = world_.clock.wall() + 24h * 30;
    return act;
  }
  void expect_clean() { EXPECT_EQ(world_.verify().problems, std::vector<std::string>()); }

  SignedWorld world_;
  FullmaktId fullmakt_;
  DocumentId journal_, ekonomi_;
  Reason last_ = Reason::none;
};

// SPEC LVR-9
TEST_F(ConsentLife, ARequestAndTheKompletteringThatGrantsItVerify) {
  RequestAccess request{crypto::random_id<RequestId>(), {}, request_terms("ekonomi")};
  EXPECT_TRUE(may(world_.send(world_.handler, request, world_.anna.number))) << static_cast<int>(last_);
  request.id = crypto::random_id<RequestId>();
  EXPECT_TRUE(may(world_.send(world_.handler, request, "197302889931"))) << "somebody unknown: the same answer";
  EXPECT_FALSE(reads(ekonomi_));
  SignKomplettering act = komplettering("ekonomi");
  EXPECT_TRUE(may(world_.by_person(world_.anna, act))) << static_cast<int>(last_);
  EXPECT_EQ(standing(fullmakt_).revision, 2u);
  EXPECT_TRUE(reads(ekonomi_));
  EXPECT_FALSE(may(world_.by_person(world_.anna, act))) << "it names a revision that is no more";
  expect_clean();
  world_.restart();
  EXPECT_EQ(standing(fullmakt_).revision, 2u);
  EXPECT_TRUE(reads(ekonomi_));
  expect_clean();
}

// SPEC REQ-3, REQ-5
TEST_F(ConsentLife, TheNumberOfEntriesDoesNotTellWhoIsKnown) {
  const auto entries_of = [&](const std::function<void()>& what) {
    const std::uint64_t before = world_.core->sequencer().log_view().size;
    what();
    return world_.core->sequencer().log_view().size - before;
  };
  const auto asking = [&](const std::string& number, const std::optional<FullmaktId>& fullmakt) {
    return entries_of([&] {
      RequestAccess act{crypto::random_id<RequestId>(), {}, request_terms("ekonomi")};
      act.terms.fullmakt = fullmakt;
      EXPECT_TRUE(may(world_.send(world_.handler, act, number))) << static_cast<int>(last_);
    });
  };
  const std::string unknown = "197302889931";
  EXPECT_EQ(asking(unknown, {}), asking(world_.anna.number, {}));
  EXPECT_EQ(asking(unknown, fullmakt_), asking(world_.anna.number, fullmakt_));
  EXPECT_EQ(asking(unknown, crypto::random_id<FullmaktId>()),
            asking(world_.anna.number, crypto::random_id<FullmaktId>()));
  EXPECT_EQ(entries_of([&] { EXPECT_TRUE(may(world_.ask(world_.handler, ListRequests{}))); }), 1u);
  expect_clean();
}

// SPEC LVR-8
TEST_F(ConsentLife, WhatIsOnlyListedNeedsNoOrderInTheLog) {
  for (const Act& act : {Act(ListRequests{}), Act(ListNotices{}), Act(ListEraseOrders{}), Act(ListCases{}),
                         Act(ListFullmakter{world_.core->keys().blind_index(world_.anna.number)}), Act(ListPeople{}),
                         Act(ListPeople{world_.core->keys().blind_index(world_.anna.number)})}) {
    EXPECT_TRUE(may(world_.ask(world_.handler, act))) << kind_of(act);
  }
  expect_clean();
}

TEST_F(ConsentLife, AnOrderOfStaffAsARepresentativeIsNotTaken) {
  SentAct sent;
  sent.id = crypto::random_id<ActId>();
  sent.audience = "test";
  sent.issued = world_.clock.wall();
  sent.expires = sent.issued + 1h;
  sent.act = act_to_json(RelinquishFullmakt{fullmakt_});
  const auto made = [&] { return make_command(*world_.core, world_.lead, sent, Bytes{1}, world_.lead.organisation); };
  EXPECT_TRUE(made());
  sent.representative = crypto::random_id<RepresentativeId>();
  EXPECT_FALSE(made());
}

// SPEC LVR-9
TEST_F(ConsentLife, WhoReadIsToldOfAPauseAndAcknowledgesAndTheLogVerifies) {
  EXPECT_TRUE(reads(journal_));
  EXPECT_TRUE(may(world_.by_person(world_.anna, PauseFullmakt{fullmakt_})));
  EXPECT_FALSE(reads(journal_));
  const CommandResult told = world_.ask(world_.handler, ListNotices{});
  const auto& notices = std::get<std::vector<Notice>>(told.answer);
  ASSERT_EQ(notices.size(), 1u);
  EXPECT_TRUE(may(world_.send(world_.handler, AcknowledgeNotice{fullmakt_, notices[0].changed})));
  EXPECT_TRUE(may(world_.by_person(world_.anna, ResumeFullmakt{fullmakt_})));
  expect_clean();
}

// SPEC LVR-9
TEST_F(ConsentLife, WhatIsRelinquishedStaysClosedAndVerifies) {
  EXPECT_TRUE(may(world_.send(world_.lead, RelinquishFullmakt{fullmakt_}))) << static_cast<int>(last_);
  EXPECT_EQ(standing(fullmakt_).status, FullmaktStatus::relinquished);
  EXPECT_FALSE(reads(journal_));
  expect_clean();
}

// SPEC LVR-7, LVR-9
TEST_F(ConsentLife, WhatARepresentativeDoesVerifiesUnderTheirOwnKey) {
  const RegisterRepresentative act = registration({RepresentativePower::see, RepresentativePower::consent});
  EXPECT_TRUE(may(world_.by_registrars(act, world_.anna.number, world_.bo.number))) << static_cast<int>(last_);
  const Member bo = representative(act.id);
  world_.sign(bo, {}, "ekonomi");
  EXPECT_TRUE(may(world_.ask(bo.actor, ReadOverview{})));
  const OpenResult own = unseal(*world_.core, world_.core->decide(opening_of_own(bo.actor, journal_)));
  ASSERT_TRUE(own.opened);
  EXPECT_TRUE(may(world_.close(*own.opened->permit, 13)));
  EXPECT_TRUE(may(world_.by_person(bo, RevokeFullmakt{fullmakt_}))) << static_cast<int>(last_);
  expect_clean();
  EXPECT_TRUE(may(world_.by_person(world_.anna, EndRepresentative{act.id})));
  EXPECT_FALSE(may(world_.ask(bo.actor, ReadOverview{})));
  expect_clean();
}

// SPEC REP-9, LVR-9, LVR-12
TEST_F(ConsentLife, WhatTwoGuardiansSignTogetherVerifies) {
  const Member carl = world_.enrol("190901219931");
  const auto guardian = [&](const Member& who) {
    RegisterRepresentative act = registration({RepresentativePower::see, RepresentativePower::consent});
    act.representative_kind = RepresentativeKind::guardian;
    act.jointly = true;
    EXPECT_TRUE(may(world_.by_registrars(act, world_.anna.number, who.number))) << static_cast<int>(last_);
    return representative(who, act.id);
  };
  const Member first = guardian(world_.bo), second = guardian(carl);
  EXPECT_TRUE(may(world_.by_person(first, PauseFullmakt{fullmakt_}))) << "alone";
  EXPECT_FALSE(reads(journal_));
  EXPECT_TRUE(may(world_.by_person(first, ResumeFullmakt{fullmakt_}))) << static_cast<int>(last_);
  EXPECT_FALSE(reads(journal_)) << "one is not two";
  ASSERT_EQ(waiting().size(), 1u);
  const Approve approval{waiting()[0].id, parse_json(waiting()[0].act).value()};
  EXPECT_FALSE(may(world_.by_person(first, approval)));
  world_.restart();
  EXPECT_TRUE(may(world_.by_person(second, approval))) << static_cast<int>(last_);
  EXPECT_TRUE(reads(journal_));
  EXPECT_TRUE(waiting().empty());
  expect_clean();
}

// SPEC PAPER-8, LVR-9
TEST_F(ConsentLife, ASparrLiftedOnPaperVerifies) {
  const SparrId sparr = crypto::random_id<SparrId>();
  SparrTerms terms;
  terms.target = SparrTarget::flik;
  terms.flik = "journal";
  terms.everyone = true;
  EXPECT_TRUE(may(world_.by_person(world_.anna, SetSparr{sparr, terms})));
  EXPECT_FALSE(reads(journal_));
  EXPECT_TRUE(may(world_.by_registrars(PaperLiftSparr{sparr, {}, {}}, world_.anna.number))) << static_cast<int>(last_);
  EXPECT_TRUE(reads(journal_));
  expect_clean();
}

TEST_F(ConsentLife, ASessionOfOneWhoIsNoRepresentativeSeesNothing) {
  EXPECT_FALSE(may(world_.ask(representative(crypto::random_id<RepresentativeId>()).actor, ReadOverview{})));
}

// SPEC LVR-9, LVR-16
TEST_F(ConsentLife, WhenTheRepresentativeIsErasedThePersonsLogStillVerifies) {
  const RegisterRepresentative act = registration({RepresentativePower::see});
  EXPECT_TRUE(may(world_.by_registrars(act, world_.anna.number, world_.bo.number)));
  EXPECT_TRUE(may(world_.by_person(representative(act.id), RevokeFullmakt{fullmakt_})));
  EXPECT_TRUE(may(world_.by_two(Shred{ShredScope::person, {}, {}, {}}, world_.bo.number)));
  const CommandResult overview = world_.ask(world_.anna.actor, ReadOverview{});
  EXPECT_TRUE(std::get<Overview>(overview.answer).representatives.empty());
  expect_clean();
}

// SPEC LVR-9
TEST_F(ConsentLife, ADeathClosesEverythingIsCorrectedByTwoAndVerifies) {
  EXPECT_TRUE(reads(journal_));
  RecordDeath death;
  death.died = Date{std::chrono::year{2026} / 11 / 1};
  EXPECT_TRUE(may(world_.send(world_.chief, death, world_.anna.number))) << static_cast<int>(last_);
  EXPECT_TRUE(may(world_.send(world_.chief, death, "197302889931"))) << "somebody unknown: the same answer";
  EXPECT_FALSE(reads(journal_));
  EXPECT_FALSE(may(world_.ask(world_.anna.actor, ReadOverview{})));
  EXPECT_TRUE(may(world_.by_registrars(CorrectDeath{}, world_.anna.number))) << static_cast<int>(last_);
  EXPECT_TRUE(reads(journal_));
  expect_clean();
}

// SPEC LVR-9
TEST_F(ConsentLife, ACaseIsTakenUpHandedOnAndClosedAndVerifies) {
  const CaseId id = crypto::random_id<CaseId>();
  SignReferral referral;
  referral.id = id;
  referral.team = world_.team;
  referral.referred_by = world_.region;
  EXPECT_TRUE(may(world_.by_person(world_.anna, referral))) << static_cast<int>(last_);
  EXPECT_TRUE(may(world_.send(world_.lead, AcceptCase{id, {world_.clock.wall() + 24h}}))) << static_cast<int>(last_);
  EXPECT_FALSE(may(world_.send(world_.coach, SetMeetings{id, {}})));
  EXPECT_TRUE(may(world_.send(world_.lead, CloseCase{id})));
  expect_clean();
}

// SPEC LVR-9
TEST_F(ConsentLife, ASparrThatRunsOutIsLiftedByTheGatewayAndVerifies) {
  SparrTerms terms;
  terms.until = world_.clock.wall() + 1h;
  EXPECT_TRUE(may(world_.by_person(world_.anna, SetSparr{crypto::random_id<SparrId>(), terms})));
  EXPECT_FALSE(reads(journal_));
  world_.clock.advance(2h);
  EXPECT_TRUE(reads(journal_));
  world_.core->decide({SystemActor{}, Start{}, {}, {}, {}, {}});
  expect_clean();
}

// SPEC LVR-9
TEST_F(ConsentLife, ALawfulDisclosureIsRecordedForThePersonAndVerifies) {
  const RecordDisclosure act{journal_, "Polisen", "osl-10-24", world_.clock.wall() - 1h};
  EXPECT_TRUE(may(world_.send(world_.nurse, act))) << static_cast<int>(last_);
  EXPECT_FALSE(may(world_.send(world_.handler, act))) << "not the source";
  expect_clean();
}

}  // namespace
}  // namespace flikvakt::service::test
