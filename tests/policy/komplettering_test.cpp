// A signed difference to a standing fullmakt.
#include "tests/policy/world.h"

namespace flikvakt::policy::test {
namespace {

using enum FullmaktStatus;

SignKomplettering adding(const World& world) {
  SignKomplettering act;
  act.fullmakt = world.fullmakt;
  act.previous = world.get<Fullmakt>(world.fullmakt).signed_sha256;
  act.delta.recipients = {to_team(world.team)};
  act.language = "sv";
  act.text = "Jag lägger till ...";
  return act;
}

PaperKomplettering on_paper(const World& world) {
  const SignKomplettering act = adding(world);
  return {act.fullmakt, world.person_index, act.previous,   act.delta, act.language,
          act.text,     act.text_sha256,    fingerprint(1), {}};
}

Decision read_by_lead(const World& world) {
  return decide_read(world.state, {world.staff(world.lead), world.document, kPurpose}, world.time);
}

World asked_world(std::function<void(RequestTerms&)> how = [](RequestTerms&) {}) {
  World world;
  RequestAccess act{id<RequestId>(1), world.person_index, {}};
  act.terms.recipient = to_team(world.team);
  act.terms.disclosers = {world.source, world.outsider};
  act.terms.flikar = {kFlik, "plan"};
  act.terms.purpose = kPurpose;
  act.terms.rights = {Right::read};
  act.terms.valid_to = world.now + 24h * 60;
  act.terms.fullmakt = world.fullmakt;
  how(act.terms);
  EXPECT_TRUE(is_permitted(world.act(world.staff(world.lead), act).decision));
  return world;
}

// Just what the request of asked_world lacks.
SignKomplettering answering(const World& world) {
  SignKomplettering act = adding(world);
  act.delta.disclosers = {world.outsider};
  act.delta.flikar = {"plan"};
  act.delta.valid_to = world.now + 24h * 60;
  act.request = id<RequestId>(1);
  return act;
}
RequestStatus status(const World& world) { return world.get<AccessRequest>(id<RequestId>(1)).status; }

// SPEC KOMP-1, KOMP-3, KOMP-6, CONSENT-2
TEST(Komplettering, SignedByThePersonAddsJustTheDifference) {
  World world;
  EXPECT_FALSE(read_by_lead(world).is_permitted());
  SignKomplettering act = adding(world);
  act.delta.disclosers = {world.outsider};
  act.delta.flikar = {"plan"};
  act.delta.documents = {world.document};
  act.delta.rights = {Right::deposit};
  act.delta.valid_to = world.now + 24h * 60;
  FullmaktTerms expected = world.terms();
  expected.recipients.insert(to_team(world.team));
  expected.disclosers.insert(world.outsider);
  expected.flikar.insert("plan");
  expected.documents.insert(world.document);
  expected.rights.insert(Right::deposit);
  expected.valid_to = world.now + 24h * 60;
  const Fingerprint hash = world.next_act_sha256();
  const Outcome out = world.act(world.person_actor(), act);
  EXPECT_TRUE(is_permitted(out.decision));
  ASSERT_TRUE(concerns(out, world.person));
  EXPECT_EQ(out.concerns[0].fullmakt, world.fullmakt);
  const Fullmakt& now = world.get<Fullmakt>(world.fullmakt);
  EXPECT_EQ(to_json(now.terms), to_json(expected));
  EXPECT_EQ(now.revision, 2u);
  EXPECT_EQ(now.signed_sha256, hash);
  EXPECT_EQ(now.status, active);
  EXPECT_EQ(world.get<Person>(world.person).consent_version, 1u);
  EXPECT_TRUE(is_permitted(read_by_lead(world)));
}

// SPEC KOMP-1, ACT-3, ACT-6
TEST(Komplettering, IsRefusedToEveryoneElse) {
  World world;
  const SignKomplettering act = adding(world);
  EXPECT_TRUE(is_refused(world.ask(PersonActor{world.relative, world.relative_key}, act).decision, Reason::unknown));
  EXPECT_TRUE(is_refused(world.ask(world.staff(world.other_registrar), act).decision, Reason::not_entitled));
  EXPECT_TRUE(is_refused(world.ask(AdministratorActor{world.anna}, act).decision, Reason::not_entitled));
  SignKomplettering unknown = act;
  unknown.fullmakt = id<FullmaktId>(99);
  EXPECT_TRUE(is_refused(world.ask(world.person_actor(), unknown).decision, Reason::unknown));
  world.clock_doubt = true;
  EXPECT_TRUE(is_refused(world.ask(world.person_actor(), act).decision, Reason::clock_doubt));
  world.clock_doubt = false;
  world.change<DeviceKey>(world.key, [](DeviceKey& k) { k.status = DeviceKeyStatus::proposed; });
  EXPECT_TRUE(is_refused(world.ask(world.person_actor(), act).decision, Reason::actor_not_active));
}

// SPEC CONSENT-2, CONSENT-6
TEST(Komplettering, FailsOnAnotherVersionAndBeforeThePersonReconfirmed) {
  World world;
  world.seen = 3;
  EXPECT_TRUE(is_refused(world.ask(world.person_actor(), adding(world)).decision, Reason::state_changed));
  world.seen = {};
  world.change<Person>(world.person, [](Person& p) { p.epoch = 0; });
  EXPECT_TRUE(is_refused(world.ask(world.person_actor(), adding(world)).decision, Reason::not_reconfirmed));
  EXPECT_TRUE(
      is_refused(world.ask(world.staff(world.outsider_registrar), on_paper(world)).decision, Reason::not_reconfirmed));
  world.restore();
  EXPECT_TRUE(is_refused(world.ask(world.person_actor(), adding(world)).decision, Reason::not_reattested));
}

// SPEC KOMP-3
TEST(Komplettering, NamesTheSignedActBeforeItAndIsNotPlayedTwice) {
  World world;
  const SignKomplettering first = adding(world);
  EXPECT_TRUE(is_permitted(world.act(world.person_actor(), first).decision));
  SignKomplettering second = adding(world);
  second.delta = {};
  second.delta.flikar = {"plan"};
  SignKomplettering stale = second;
  stale.previous = first.previous;
  EXPECT_TRUE(is_refused(world.ask(world.person_actor(), stale).decision, Reason::state_changed));
  EXPECT_TRUE(is_refused(world.ask(world.person_actor(), first).decision, Reason::state_changed));
  EXPECT_TRUE(is_permitted(world.act(world.person_actor(), second).decision));
  EXPECT_EQ(world.get<Fullmakt>(world.fullmakt).revision, 3u);
}

// SPEC KOMP-2, LIFE-1
TEST(Komplettering, MeetsEveryStatusAsTheTableSays) {
  for (FullmaktStatus from : {active, paused, exhausted, expired, revoked, relinquished, superseded}) {
    World world;
    world.change<Fullmakt>(world.fullmakt, [&](Fullmakt& f) { f.status = from; });
    if (from == exhausted) {
      world.change<Fullmakt>(world.fullmakt, [](Fullmakt& f) { f.terms.max_readings = 2, f.readings = 2; });
    }
    const bool stands = from == active || from == paused || from == exhausted;
    const Outcome out = world.act(world.person_actor(), adding(world));
    EXPECT_EQ(out.decision.is_permitted(), stands) << static_cast<int>(from);
    if (!stands) {
      EXPECT_TRUE(is_refused(out.decision, Reason::wrong_state));
    }
    EXPECT_EQ(world.get<Fullmakt>(world.fullmakt).status, from);
  }
}

// SPEC LIFE-1, KOMP-4
TEST(Komplettering, WithMoreReadingsOpensWhatWasUsedUp) {
  World world;
  world.change<Fullmakt>(world.fullmakt,
                         [](Fullmakt& f) { f.status = exhausted, f.terms.max_readings = 2, f.readings = 2; });
  SignKomplettering act = adding(world);
  act.delta = {};
  act.delta.max_readings = 3;
  EXPECT_TRUE(is_permitted(world.act(world.person_actor(), act).decision));
  EXPECT_EQ(world.get<Fullmakt>(world.fullmakt).status, active);
  EXPECT_TRUE(is_permitted(world.read()));
  world.change<Fullmakt>(world.fullmakt, [](Fullmakt& f) { f.status = paused; });
  act.previous = world.get<Fullmakt>(world.fullmakt).signed_sha256;
  act.delta.max_readings = 4;
  EXPECT_TRUE(is_permitted(world.act(world.person_actor(), act).decision));
  EXPECT_EQ(world.get<Fullmakt>(world.fullmakt).status, paused) << "adding is not resuming";
}

// SPEC KOMP-2
TEST(PaperKomplettering, IsRefusedWhenADeathIsRecorded) {
  World world;
  const StaffActor registrar = world.staff(world.outsider_registrar);
  EXPECT_TRUE(is_permitted(world.ask(registrar, on_paper(world)).decision));
  world.change<Person>(world.person, [](Person& p) { p.died = *parse_date("2026-11-01"); });
  EXPECT_TRUE(is_refused(world.ask(registrar, on_paper(world)).decision, Reason::person_died));
}

// SPEC KOMP-2, LIFE-2
TEST(Komplettering, DoesNotBringBackWhatHasRunOut) {
  World world;
  SignKomplettering act = adding(world);
  act.delta = {};
  act.delta.valid_to = world.now + 24h * 90;
  world.time = world.terms().valid_to - 1ms;
  EXPECT_TRUE(is_permitted(world.ask(world.person_actor(), act).decision));
  world.time += 1ms;
  EXPECT_TRUE(is_refused(world.ask(world.person_actor(), act).decision, Reason::expired));
}

// SPEC KOMP-4, KOMP-5
TEST(Komplettering, IsRefusedWhenItIsNoDifferenceOrItsResultNotInOrder) {
  World world;
  const auto with = [&](std::function<void(SignKomplettering&)> how) {
    SignKomplettering act = adding(world);
    how(act);
    const Outcome out = world.ask(world.person_actor(), act);
    EXPECT_TRUE(changes_nothing(out) || out.decision.is_permitted());
    return out.decision;
  };
  using Act = SignKomplettering;
  const auto bad = Reason::terms_invalid;
  EXPECT_TRUE(is_permitted(with([](Act&) {})));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.delta = {}; }), bad)) << "empty";
  EXPECT_TRUE(is_refused(with([&](Act& a) { a.delta.recipients.insert(to_organisation(world.other)); }), bad));
  EXPECT_TRUE(is_refused(with([&](Act& a) { a.delta.disclosers = {world.source}; }), bad));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.delta.flikar = {kFlik}; }), bad));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.delta.rights = {Right::read}; }), bad));
  EXPECT_TRUE(is_refused(with([&](Act& a) { a.delta.valid_to = world.terms().valid_to; }), Reason::period_invalid));
  EXPECT_TRUE(is_permitted(with([&](Act& a) { a.delta.valid_to = world.now + 24h * 1830; })));
  EXPECT_TRUE(
      is_refused(with([&](Act& a) { a.delta.valid_to = world.now + 24h * 1830 + 1ms; }), Reason::period_invalid));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.delta.max_readings = 5; }), bad)) << "there is no limit";
  EXPECT_TRUE(is_refused(with([](Act& a) { a.text = ""; }), bad));
  EXPECT_TRUE(is_permitted(with([](Act& a) { a.text = std::string(16'384, 'x'); })));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.text = std::string(16'385, 'x'); }), bad));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.language = ""; }), bad));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.language = "sv_SE"; }), bad));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.delta.flikar = {"nope"}; }), Reason::flik_unknown));
  EXPECT_TRUE(
      is_refused(with([](Act& a) { a.delta.recipients = {to_staff(id<StaffId>(99))}; }), Reason::recipient_unknown));
  EXPECT_TRUE(
      is_refused(with([](Act& a) { a.delta.disclosers = {id<OrganisationId>(99)}; }), Reason::recipient_unknown));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.delta.documents = {id<DocumentId>(99)}; }), Reason::other_person));
  world.change_terms([&](FullmaktTerms& t) { t.documents = {world.document}, t.max_readings = 5; });
  EXPECT_TRUE(is_refused(with([&](Act& a) { a.delta.documents = {world.document}; }), bad));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.delta.max_readings = 5; }), bad));
  EXPECT_TRUE(is_permitted(with([](Act& a) { a.delta.max_readings = 6; })));
  world.change<Fullmakt>(world.fullmakt, [&](Fullmakt& f) { f.relinquished = {to_organisation(world.other)}; });
  EXPECT_TRUE(is_refused(with([&](Act& a) { a.delta.recipients = {to_organisation(world.other)}; }), bad))
      << "who gave it up is there";
  EXPECT_TRUE(is_permitted(with([](Act&) {})));
  world.change<Organisation>(world.source, [](Organisation& o) { o.standing = Standing::suspended; });
  EXPECT_TRUE(is_refused(with([](Act&) {}), Reason::recipient_unknown)) << "one that stood before";
}

// SPEC KOMP-5
TEST(Komplettering, ResultHasAtMostFiftyMembersInEachSet) {
  World world;
  SignKomplettering act = adding(world);
  act.delta = {};
  for (unsigned number = 0; number < 49; ++number) {
    Document one = world.get<Document>(world.document);
    one.id = id<DocumentId>(100 + number);
    world.state.put(one);
    act.delta.documents.insert(one.id);
  }
  EXPECT_TRUE(is_permitted(world.act(world.person_actor(), act).decision));
  act = adding(world);
  act.delta = {};
  act.delta.documents = {world.document};
  EXPECT_TRUE(is_permitted(world.act(world.person_actor(), act).decision)) << "the fiftieth";
  Document more = world.get<Document>(world.document);
  more.id = id<DocumentId>(200);
  world.state.put(more);
  act.previous = world.get<Fullmakt>(world.fullmakt).signed_sha256;
  act.delta.documents = {more.id};
  EXPECT_TRUE(is_refused(world.ask(world.person_actor(), act).decision, Reason::terms_invalid));
}

// SPEC KOMP-6
TEST(Komplettering, OfOneThatSupersededAnotherIsAsGoodAsAnyOther) {
  World world;
  SignFullmakt replacing{id<FullmaktId>(20), world.terms(), "text"};
  replacing.terms.supersedes = world.fullmakt;
  EXPECT_TRUE(is_permitted(world.act(world.person_actor(), replacing).decision));
  SignKomplettering act = adding(world);
  act.fullmakt = replacing.id;
  act.previous = world.get<Fullmakt>(replacing.id).signed_sha256;
  EXPECT_TRUE(is_permitted(world.act(world.person_actor(), act).decision));
  EXPECT_EQ(world.get<Fullmakt>(replacing.id).terms.supersedes, world.fullmakt);
}

// SPEC KOMP-1, PAPER-1
TEST(PaperKomplettering, TakesRegistrarsOfTwoOrganisationsOneOfThemNoRecipientOfTheResult) {
  World world;
  const PaperKomplettering paper = on_paper(world);
  EXPECT_TRUE(is_refused(world.ask(world.staff(world.reader), paper).decision, Reason::not_entitled));
  EXPECT_TRUE(is_refused(world.ask(world.person_actor(), paper).decision, Reason::not_entitled));
  const Outcome first = world.act(world.staff(world.other_registrar), paper);
  EXPECT_TRUE(is_permitted(first.decision));
  EXPECT_TRUE(concerns(first, world.person));
  EXPECT_EQ(world.get<Fullmakt>(world.fullmakt).revision, 1u) << "one is not two";
  EXPECT_TRUE(is_refused(world.ask_approval(world.staff(world.other_registrar)).decision, Reason::same_person));
  world.change<Staff>(world.reader, [](Staff& s) { s.roles = {StaffRole::registrar}; });
  EXPECT_TRUE(is_refused(world.ask_approval(world.staff(world.reader)).decision, Reason::same_organisation));
  EXPECT_TRUE(is_refused(world.ask_approval(world.staff(world.source_staff)).decision, Reason::not_entitled));
  EXPECT_TRUE(is_refused(world.ask_approval(world.staff(world.source_registrar)).decision, Reason::only_recipients))
      << "the source becomes one, by the team that is added";
  const Fingerprint hash = world.next_act_sha256();
  EXPECT_TRUE(is_permitted(world.approve(world.staff(world.outsider_registrar)).decision));
  const Fullmakt& now = world.get<Fullmakt>(world.fullmakt);
  EXPECT_EQ(now.revision, 2u);
  EXPECT_EQ(now.signed_sha256, hash);
  EXPECT_TRUE(now.terms.recipients.contains(to_team(world.team)));
  EXPECT_TRUE(is_permitted(read_by_lead(world)));
}

// SPEC KOMP-1, KOMP-3
TEST(PaperKomplettering, IsRefusedForAnothersOrAnUnknownPersonsAndWhenItIsStale) {
  World world;
  const StaffActor registrar = world.staff(world.outsider_registrar);
  PaperKomplettering paper = on_paper(world);
  paper.person = world.relative_index;
  EXPECT_TRUE(is_refused(world.ask(registrar, paper).decision, Reason::unknown));
  EXPECT_TRUE(concerns(world.ask(registrar, paper), world.relative));
  paper.person = world.unknown_index;
  EXPECT_TRUE(is_refused(world.ask(registrar, paper).decision, Reason::unknown));
  paper = on_paper(world);
  paper.previous = fingerprint(7);
  EXPECT_TRUE(is_refused(world.ask(registrar, paper).decision, Reason::state_changed));
  world.clock_doubt = true;
  EXPECT_TRUE(is_refused(world.ask(registrar, on_paper(world)).decision, Reason::clock_doubt));
}

// SPEC ACT-45
TEST(PaperKomplettering, ThatWaitedEndsWhenThePersonChangesAnythingMeanwhile) {
  World world;
  EXPECT_TRUE(is_permitted(world.act(world.staff(world.other_registrar), on_paper(world)).decision));
  EXPECT_TRUE(is_permitted(world.ask_approval(world.staff(world.outsider_registrar)).decision)) << "until then";
  EXPECT_TRUE(is_permitted(world.act(world.person_actor(), SetSparr{id<SparrId>(1), {}}).decision));
  EXPECT_TRUE(is_refused(world.ask_approval(world.staff(world.outsider_registrar)).decision, Reason::state_changed));
}

// SPEC REQ-7, REQ-8
TEST(Komplettering, GrantsTheRequestThatAsksForIt) {
  World world = asked_world();
  EXPECT_TRUE(is_permitted(world.act(world.person_actor(), answering(world)).decision));
  EXPECT_EQ(status(world), RequestStatus::granted);
  EXPECT_EQ(world.get<AccessRequest>(id<RequestId>(1)).fullmakt, world.fullmakt);
  EXPECT_FALSE(world.get<Fullmakt>(world.fullmakt).request) << "it was given before anybody asked";
  World part = asked_world();
  SignKomplettering act = answering(part);
  act.delta.flikar = {};
  EXPECT_TRUE(is_permitted(part.act(part.person_actor(), act).decision));
  EXPECT_EQ(status(part), RequestStatus::granted_in_part);
}

// SPEC REQ-7
TEST(Komplettering, IsRefusedWhenItGoesBeyondTheRequest) {
  const World world = asked_world();
  const auto with = [](const World& in, std::function<void(SignKomplettering&)> how) {
    SignKomplettering act = answering(in);
    how(act);
    const Outcome out = in.ask(in.person_actor(), act);
    EXPECT_TRUE(changes_nothing(out) || out.decision.is_permitted());
    return out.decision;
  };
  using Act = SignKomplettering;
  const auto beyond = Reason::not_asked_for;
  EXPECT_TRUE(is_permitted(with(world, [](Act&) {})));
  EXPECT_TRUE(is_refused(with(world, [&](Act& a) { a.delta.recipients.insert(to_staff(world.lead)); }), beyond));
  EXPECT_TRUE(is_refused(with(world, [](Act& a) { a.delta.recipients = {}; }), beyond)) << "who asked gets nothing";
  EXPECT_TRUE(is_refused(with(world, [&](Act& a) { a.delta.disclosers.insert(world.provider); }), beyond));
  EXPECT_TRUE(is_refused(with(world, [](Act& a) { a.delta.rights = {Right::deposit}; }), beyond));
  EXPECT_TRUE(is_refused(with(world, [&](Act& a) { a.delta.documents = {world.document}; }), beyond));
  EXPECT_TRUE(is_refused(with(world, [](Act& a) { *a.delta.valid_to += 1ms; }), beyond));
  EXPECT_TRUE(is_refused(with(world, [](Act& a) { a.request = id<RequestId>(9); }), Reason::unknown));
  const World other_purpose = asked_world([](RequestTerms& t) { t.purpose = "statistics"; });
  EXPECT_TRUE(is_refused(with(other_purpose, [](Act&) {}), beyond));
  const World fewer = asked_world([](RequestTerms& t) { t.flikar = {kFlik}; });
  EXPECT_TRUE(is_refused(with(fewer, [](Act&) {}), beyond));
  const World anew = asked_world([](RequestTerms& t) { t.fullmakt = {}; });
  EXPECT_TRUE(is_refused(with(anew, [](Act&) {}), Reason::wrong_state)) << "it asks for a fullmakt of its own";
  World declined = world;
  const json::value stood = to_json(declined.get<Fullmakt>(declined.fullmakt));
  (void)declined.act(declined.person_actor(), DeclineRequest{id<RequestId>(1)});
  EXPECT_TRUE(is_refused(with(declined, [](Act&) {}), Reason::wrong_state));
  EXPECT_EQ(to_json(declined.get<Fullmakt>(declined.fullmakt)), stood) << "the old one stands untouched";
  World late = world;
  late.time = late.now + 24h * 30;
  late.change_terms([&](FullmaktTerms& t) { t.valid_to += 24h; });
  EXPECT_TRUE(is_refused(with(late, [](Act&) {}), Reason::expired));
}

// SPEC REQ-7
TEST(Komplettering, GrantsNothingToARecipientThatGaveItUp) {
  World world = asked_world();
  world.change<Fullmakt>(world.fullmakt, [&](Fullmakt& f) {
    f.terms.recipients.insert(to_team(world.team));
    f.relinquished = {to_team(world.team)};
  });
  SignKomplettering act = answering(world);
  act.delta.recipients = {};
  EXPECT_TRUE(is_refused(world.ask(world.person_actor(), act).decision, Reason::not_asked_for));
  world.change<Fullmakt>(world.fullmakt, [](Fullmakt& f) { f.relinquished = {}; });
  EXPECT_TRUE(is_permitted(world.ask(world.person_actor(), act).decision));
}

// SPEC REQ-8
TEST(PaperKomplettering, GrantsTheRequestThatAsksForIt) {
  World world = asked_world();
  const SignKomplettering act = answering(world);
  PaperKomplettering paper = on_paper(world);
  paper.delta = act.delta;
  paper.request = act.request;
  EXPECT_TRUE(is_permitted(world.act(world.staff(world.other_registrar), paper).decision));
  EXPECT_EQ(status(world), RequestStatus::open);
  EXPECT_TRUE(is_permitted(world.approve(world.staff(world.outsider_registrar)).decision));
  EXPECT_EQ(status(world), RequestStatus::granted);
}

}  // namespace
}  // namespace flikvakt::policy::test
