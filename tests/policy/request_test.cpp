// A recipient asks, the person answers.
#include "tests/policy/world.h"

namespace flikvakt::policy::test {
namespace {

const RequestId kRequest = id<RequestId>(1);

RequestAccess asking(const World& world) {
  RequestAccess act{kRequest, world.person_index, {}};
  act.terms.recipient = to_organisation(world.other);
  act.terms.disclosers = {world.source, world.outsider};
  act.terms.flikar = {kFlik, "plan"};
  act.terms.purpose = kPurpose;
  act.terms.rights = {Right::read, Right::deposit};
  act.terms.valid_to = world.now + 24h * 60;
  act.terms.message = "Vi behöver journalen före mötet.";
  return act;
}

// All that is asked for.
SignFullmakt granting(const World& world) {
  const RequestTerms asked = asking(world).terms;
  SignFullmakt act{id<FullmaktId>(20), world.terms(), "Jag ger fullmakt ..."};
  act.terms.recipients = {asked.recipient};
  act.terms.disclosers = asked.disclosers;
  act.terms.flikar = asked.flikar;
  act.terms.rights = asked.rights;
  act.terms.valid_to = asked.valid_to;
  act.request = kRequest;
  return act;
}

World asked_world() {
  World world;
  EXPECT_TRUE(is_permitted(world.act(world.staff(world.reader), asking(world)).decision));
  return world;
}
RequestStatus status(const World& world) { return world.get<AccessRequest>(kRequest).status; }

// SPEC REQ-1, REQ-6
TEST(Request, IsMadeByStaffForARecipientOfTheirsAndGivesNothing) {
  World world;
  world.state.erase(row_id_of<Fullmakt>(world.fullmakt));
  const auto with = [&](const StaffId& who, const Recipient& recipient) {
    RequestAccess act = asking(world);
    act.terms.recipient = recipient;
    return world.ask(world.staff(who), act).decision;
  };
  EXPECT_TRUE(is_permitted(with(world.reader, to_organisation(world.other))));
  EXPECT_TRUE(is_permitted(with(world.reader, to_unit(world.unit))));
  EXPECT_TRUE(is_permitted(with(world.reader, to_staff(world.reader))));
  EXPECT_TRUE(is_permitted(with(world.lead, to_team(world.team))));
  EXPECT_TRUE(is_refused(with(world.lead, to_organisation(world.other)), Reason::not_entitled));
  EXPECT_TRUE(is_refused(with(world.other_officer, to_unit(world.unit)), Reason::not_entitled));
  EXPECT_TRUE(is_refused(with(world.other_officer, to_staff(world.reader)), Reason::not_entitled));
  EXPECT_TRUE(is_refused(with(world.reader, to_team(world.team)), Reason::not_entitled));

  const Outcome out = world.act(world.staff(world.reader), asking(world));
  ASSERT_TRUE(concerns(out, world.person));
  EXPECT_EQ(out.concerns[0].subject, kRequest.value());
  const AccessRequest& row = world.get<AccessRequest>(kRequest);
  EXPECT_EQ(row.person, world.person);
  EXPECT_EQ(row.staff, world.reader);
  EXPECT_EQ(row.organisation, world.other);
  EXPECT_EQ(row.asked, world.now);
  EXPECT_EQ(row.expires, world.now + 24h * 30);
  EXPECT_EQ(row.status, RequestStatus::open);
  EXPECT_FALSE(world.read().is_permitted());
}

// SPEC ACT-3, ACT-6
TEST(Request, IsRefusedToOthersThanStaffInPlaceAndInClockDoubt) {
  World world;
  const RequestAccess act = asking(world);
  EXPECT_TRUE(is_refused(world.ask(world.person_actor(), act).decision, Reason::not_entitled));
  EXPECT_TRUE(is_refused(world.ask(AdministratorActor{world.anna}, act).decision, Reason::not_entitled));
  world.clock_doubt = true;
  EXPECT_TRUE(is_refused(world.ask(world.staff(world.reader), act).decision, Reason::clock_doubt));
  world.clock_doubt = false;
  world.change<Staff>(world.reader, [](Staff& s) { s.standing = Standing::suspended; });
  const Outcome refusal = world.ask(world.staff(world.reader), act);
  EXPECT_TRUE(is_refused(refusal.decision, Reason::actor_not_active, Rule::actor));
  EXPECT_TRUE(concerns(refusal, world.person));
  world.change<Staff>(world.reader, [](Staff& s) { s.standing = Standing::active; });
  world.restore();
  EXPECT_TRUE(is_refused(world.ask(world.staff(world.reader), act).decision, Reason::not_reattested));
}

// SPEC REQ-2
TEST(Request, IsRefusedWhenAnythingOfItIsNotInOrder) {
  World world;
  const auto with = [&](std::function<void(RequestAccess&)> how) {
    RequestAccess act = asking(world);
    how(act);
    const Outcome out = world.ask(world.staff(world.reader), act);
    EXPECT_TRUE(changes_nothing(out) || out.decision.is_permitted());
    return out.decision;
  };
  using Act = RequestAccess;
  const auto bad = Reason::terms_invalid;
  EXPECT_TRUE(is_refused(with([](Act& a) { a.id = {}; }), bad));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.terms.disclosers = {}; }), bad));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.terms.flikar = {}; }), bad));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.terms.rights = {}; }), bad));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.terms.purpose = "Rehab"; }), bad));
  EXPECT_TRUE(is_permitted(with([](Act& a) { a.terms.message = ""; })));
  EXPECT_TRUE(is_permitted(with([](Act& a) { a.terms.message = std::string(2000, 'x'); })));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.terms.message = std::string(2001, 'x'); }), bad));
  for (const char* text : {"\xff", "\xc3", "\xc0\x80", "\xed\xa0\x80", "\xe0\x80\x80", "\xf4\x90\x80\x80", "a\x80"}) {
    EXPECT_TRUE(is_refused(with([&](Act& a) { a.terms.message = text; }), bad)) << "not UTF-8";
  }
  for (const char* text : {"å", "€", "\xf0\x9f\x99\x82", "\xf4\x8f\xbf\xbf", "\xed\x9f\xbf"}) {
    EXPECT_TRUE(is_permitted(with([&](Act& a) { a.terms.message = text; }))) << text;
  }
  EXPECT_TRUE(is_refused(with([&](Act& a) { a.terms.valid_to = world.now; }), Reason::period_invalid));
  EXPECT_TRUE(is_permitted(with([&](Act& a) { a.terms.valid_to = world.now + 24h * 1830; })));
  EXPECT_TRUE(
      is_refused(with([&](Act& a) { a.terms.valid_to = world.now + 24h * 1830 + 1ms; }), Reason::period_invalid));
  EXPECT_TRUE(
      is_refused(with([](Act& a) { a.terms.disclosers.insert(id<OrganisationId>(99)); }), Reason::recipient_unknown));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.terms.flikar.insert("nope"); }), Reason::flik_unknown));
  const auto more_disclosers = [&](unsigned count) {
    return with([&](Act& a) {
      a.terms.disclosers = {};
      for (unsigned number = 0; number < count; ++number) {
        Organisation one = world.get<Organisation>(world.source);
        one.id = id<OrganisationId>(100 + number);
        world.state.put(one);
        a.terms.disclosers.insert(one.id);
      }
    });
  };
  EXPECT_TRUE(is_permitted(more_disclosers(20)));
  EXPECT_TRUE(is_refused(more_disclosers(21), bad));
  world.change<FlikType>("plan", [](FlikType& f) { f.epoch = 0; });
  EXPECT_TRUE(is_refused(with([](Act&) {}), Reason::flik_unknown));
  world.change<FlikType>("plan", [](FlikType& f) { f.epoch = 1; });
  world.change<Organisation>(world.outsider, [](Organisation& o) { o.standing = Standing::suspended; });
  EXPECT_TRUE(is_refused(with([](Act&) {}), Reason::recipient_unknown));
}

// SPEC REQ-2, ACT-9
TEST(Request, IdIsNeverUsedAgain) {
  World world = asked_world();
  EXPECT_TRUE(is_refused(world.ask(world.staff(world.reader), asking(world)).decision, Reason::already_exists));
}

// SPEC REQ-3, ROW-11
TEST(Request, AnswerIsConstantAndWhatIsNotThePersonsIsShownToNobody) {
  World world;
  Case theirs_too;
  theirs_too.id = id<CaseId>(1);
  theirs_too.person = world.relative;
  theirs_too.team = world.team;
  world.state.put(theirs_too);
  Fullmakt theirs = world.get<Fullmakt>(world.fullmakt);
  theirs.id = id<FullmaktId>(2);
  theirs.person = world.relative;
  world.state.put(theirs);
  const auto asked = [&](std::function<void(RequestAccess&)> how) {
    RequestAccess act = asking(world);
    how(act);
    return world.ask(world.staff(world.reader), act);
  };
  using Act = RequestAccess;
  const std::vector<std::pair<Outcome, PersonId>> all = {
      {asked([](Act&) {}), world.person},
      {asked([&](Act& a) { a.person = world.unknown_index; }), {}},
      {asked([&](Act& a) { a.terms.fullmakt = world.fullmakt; }), world.person},
      {asked([](Act& a) { a.terms.fullmakt = id<FullmaktId>(2); }), world.person},
      {asked([](Act& a) { a.terms.fullmakt = id<FullmaktId>(99); }), world.person},
      {asked([](Act& a) { a.terms.case_id = id<CaseId>(1); }), world.person},
      {asked([&](Act& a) { a.person = world.relative_index, a.terms.case_id = id<CaseId>(1); }), world.relative},
      {asked([&](Act& a) { a.person = world.unknown_index, a.terms.fullmakt = world.fullmakt; }), {}}};
  for (const auto& [out, owner] : all) {
    EXPECT_TRUE(is_permitted(out.decision));
    EXPECT_TRUE(std::holds_alternative<std::monostate>(out.answer));
    EXPECT_EQ(out.puts.size(), 1u);
    EXPECT_LE(out.concerns.size(), 1u) << "one entry, of a dummy when nobody is concerned";
    EXPECT_EQ(owner.is_none(), out.concerns.empty())
        << "a row without owner beside a person concerned would be two entries";
    EXPECT_TRUE(out.erases.empty() && out.shreds.empty());
    ASSERT_TRUE(holds_alternative<AccessRequest>(out.puts.at(0)));
    EXPECT_EQ(get<AccessRequest>(out.puts[0]).person, owner);
    EXPECT_EQ(owner_of(out.puts[0]), owner.is_none() ? std::nullopt : std::optional(owner));
  }
  world.carry_out(all[3].first);
  EXPECT_TRUE(world.state.requests_to(PersonId{}).empty());
  const Outcome seen = world.ask(world.person_actor(), ReadOverview{});
  EXPECT_TRUE(std::get<Overview>(seen.answer).requests.empty()) << "it names what is not the person's";
  EXPECT_TRUE(is_refused(world.ask(world.person_actor(), DeclineRequest{kRequest}).decision, Reason::unknown));
  EXPECT_TRUE(is_refused(world.ask(world.person_actor(), granting(world)).decision, Reason::unknown));
}

// SPEC REQ-4
TEST(Request, TwoHundredOfOneStaffMemberAreTheMostEndedOnesToo) {
  World world;
  RequestAccess act = asking(world);
  for (unsigned number = 1; number <= 200; ++number) {
    act.id = id<RequestId>(number);
    act.person = number % 2 ? world.person_index : world.unknown_index;
    ASSERT_TRUE(is_permitted(world.act(world.staff(world.reader), act).decision)) << number;
  }
  act.id = id<RequestId>(201);
  for (const BlindIndex& person : {world.person_index, world.relative_index, world.unknown_index}) {
    act.person = person;
    EXPECT_TRUE(is_refused(world.ask(world.staff(world.reader), act).decision, Reason::wrong_state));
  }
  EXPECT_TRUE(is_permitted(world.ask(world.staff(world.other_officer), act).decision)) << "a colleague";
  (void)world.act(world.staff(world.reader), WithdrawRequest{id<RequestId>(7)});
  EXPECT_TRUE(is_refused(world.ask(world.staff(world.reader), act).decision, Reason::wrong_state))
      << "asking and withdrawing fills nothing";
  world.state.erase(row_id_of<AccessRequest>(id<RequestId>(7)));
  EXPECT_TRUE(is_permitted(world.ask(world.staff(world.reader), act).decision)) << "its row is gone";
}

// SPEC REQ-5
TEST(ListRequests, GivesOnesOwnAndThoseOfRecipientsOnesOwn) {
  World world = asked_world();
  RequestAccess act = asking(world);
  act.id = id<RequestId>(2);
  act.terms.recipient = to_staff(world.reader);
  (void)world.act(world.staff(world.reader), act);
  act.id = id<RequestId>(3);
  act.person = world.unknown_index;
  (void)world.act(world.staff(world.reader), act);
  const auto list = [&](const StaffId& who) { return world.ask(world.staff(who), ListRequests{}); };
  const auto ids = [&](const StaffId& who) {
    std::vector<RequestId> out;
    const Outcome found = list(who);
    for (const auto& one : std::get<std::vector<AccessRequest>>(found.answer)) {
      EXPECT_TRUE(one.person.is_none()) << "it would tell who is known";
      out.push_back(one.id);
    }
    return out;
  };
  EXPECT_EQ(ids(world.reader), (std::vector{kRequest, id<RequestId>(2), id<RequestId>(3)}))
      << "asked at one time: by id";
  EXPECT_EQ(ids(world.other_officer), std::vector{kRequest}) << "of the organisation, not of the colleague";
  EXPECT_TRUE(ids(world.source_staff).empty()) << "another organisation";
  EXPECT_TRUE(list(world.reader).concerns.empty()) << "the number of entries would tell how many are known";
  (void)world.act(world.staff(world.other_officer), WithdrawRequest{id<RequestId>(2)});
  EXPECT_EQ(ids(world.reader).size(), 3u) << "ended ones stay for a while";
  world.change<AccessRequest>(id<RequestId>(3),
                              [&](AccessRequest& one) { one.terms.recipient = to_staff(world.other_officer); });
  EXPECT_EQ(ids(world.reader).size(), 3u) << "one's own, though it is for a colleague";
  EXPECT_TRUE(is_refused(world.ask(world.person_actor(), ListRequests{}).decision, Reason::not_entitled));
  world.restore();
  EXPECT_TRUE(is_refused(list(world.reader).decision, Reason::not_reattested));
}

// SPEC REQ-6, REQ-9
TEST(WithdrawRequest, IsForAnyStaffOfTheOrganisationThatAsked) {
  World world = asked_world();
  const WithdrawRequest withdraw{kRequest};
  EXPECT_TRUE(is_refused(world.ask(world.staff(world.source_staff), withdraw).decision, Reason::unknown));
  EXPECT_TRUE(
      is_refused(world.ask(world.staff(world.reader), WithdrawRequest{id<RequestId>(9)}).decision, Reason::unknown));
  EXPECT_TRUE(is_refused(world.ask(world.person_actor(), withdraw).decision, Reason::not_entitled));
  world.restore();
  const Outcome out = world.act(world.staff(world.other_officer), withdraw);
  EXPECT_TRUE(is_permitted(out.decision));
  EXPECT_TRUE(concerns(out, world.person));
  EXPECT_EQ(status(world), RequestStatus::withdrawn);
  EXPECT_EQ(world.get<AccessRequest>(kRequest).expires, world.now + 24h * 30);
  const Outcome again = world.act(world.staff(world.reader), withdraw);
  EXPECT_TRUE(is_permitted(again.decision));
  EXPECT_TRUE(changes_nothing(again));
}

// SPEC REQ-3, REQ-9
TEST(WithdrawRequest, WorksAlsoWhenNobodyKnownIsAsked) {
  World world;
  RequestAccess act = asking(world);
  act.person = world.unknown_index;
  (void)world.act(world.staff(world.reader), act);
  const Outcome out = world.act(world.staff(world.reader), WithdrawRequest{kRequest});
  EXPECT_TRUE(is_permitted(out.decision));
  EXPECT_TRUE(out.concerns.empty());
  EXPECT_EQ(status(world), RequestStatus::withdrawn);
}

// SPEC REQ-6, REQ-9
TEST(DeclineRequest, WorksWithAnyKeyInClockDoubtAfterARestoreOnAnyVersionAndTwice) {
  World world = asked_world();
  world.clock_doubt = true;
  world.seen = 7;
  world.restore();
  world.change<DeviceKey>(world.key, [](DeviceKey& k) { k.status = DeviceKeyStatus::proposed; });
  const PersonActor relative{world.relative, world.relative_key};
  EXPECT_TRUE(is_refused(world.ask(relative, DeclineRequest{kRequest}).decision, Reason::unknown));
  EXPECT_TRUE(is_refused(world.ask(world.person_actor(), DeclineRequest{id<RequestId>(9)}).decision, Reason::unknown));
  EXPECT_TRUE(
      is_refused(world.ask(world.staff(world.reader), DeclineRequest{kRequest}).decision, Reason::not_entitled));
  const json::value stood = to_json(world.get<Fullmakt>(world.fullmakt));
  const Outcome out = world.act(world.person_actor(), DeclineRequest{kRequest});
  EXPECT_TRUE(is_permitted(out.decision));
  EXPECT_EQ(status(world), RequestStatus::declined);
  EXPECT_EQ(to_json(world.get<Fullmakt>(world.fullmakt)), stood);
  EXPECT_EQ(world.get<Person>(world.person).consent_version, 0u);
  const Outcome again = world.act(world.person_actor(), DeclineRequest{kRequest});
  EXPECT_TRUE(is_permitted(again.decision));
  EXPECT_TRUE(changes_nothing(again));
  world.change<DeviceKey>(world.key, [](DeviceKey& k) { k.status = DeviceKeyStatus::removed; });
  EXPECT_TRUE(
      is_refused(world.ask(world.person_actor(), DeclineRequest{kRequest}).decision, Reason::credential_not_valid));
}

// SPEC REQ-6
TEST(Request, LapsesAndLaterTheRowGoes) {
  World world = asked_world();
  world.change<Fullmakt>(world.fullmakt, [](Fullmakt& f) { f.status = FullmaktStatus::revoked; });  // else it is due
  world.time += 24h * 30 - 1ms;
  EXPECT_TRUE(changes_nothing(world.act(SystemActor{}, ExpireDue{})));
  world.time += 1ms;
  EXPECT_EQ(world.state.next_due(), world.time);
  EXPECT_TRUE(is_refused(world.ask(world.person_actor(), granting(world)).decision, Reason::expired));
  const Outcome lapse = world.act(SystemActor{}, ExpireDue{});
  EXPECT_TRUE(concerns(lapse, world.person));
  EXPECT_EQ(status(world), RequestStatus::lapsed);
  EXPECT_TRUE(is_refused(world.ask(world.person_actor(), granting(world)).decision, Reason::wrong_state));
  world.time += 24h * 30 - 1ms;
  EXPECT_TRUE(changes_nothing(world.act(SystemActor{}, ExpireDue{})));
  world.time += 1ms;
  (void)world.act(SystemActor{}, ExpireDue{});
  EXPECT_FALSE(world.state.find<AccessRequest>(kRequest));
  EXPECT_TRUE(world.state.requests_of(world.other).empty());
}

// SPEC REQ-3, REQ-6
TEST(Request, ThatNobodyOwnsLapsesAndConcernsNobody) {
  World world;
  RequestAccess act = asking(world);
  act.person = world.unknown_index;
  (void)world.act(world.staff(world.reader), act);
  world.time += 24h * 30;
  world.state.erase(row_id_of<Fullmakt>(world.fullmakt));
  EXPECT_TRUE(world.act(SystemActor{}, ExpireDue{}).concerns.empty());
  EXPECT_EQ(status(world), RequestStatus::lapsed);
}

// SPEC REQ-8, CONSENT-8
TEST(Granting, AllOfItEndsTheRequestAsGranted) {
  World world = asked_world();
  const Fingerprint hash = world.next_act_sha256();
  const Outcome out = world.act(world.person_actor(), granting(world));
  EXPECT_TRUE(is_permitted(out.decision));
  EXPECT_EQ(out.concerns.at(0).subject, kRequest.value());
  const AccessRequest& row = world.get<AccessRequest>(kRequest);
  EXPECT_EQ(row.status, RequestStatus::granted);
  EXPECT_EQ(row.fullmakt, id<FullmaktId>(20));
  EXPECT_EQ(row.expires, world.now + 24h * 30);
  const Fullmakt& given = world.get<Fullmakt>(id<FullmaktId>(20));
  EXPECT_EQ(given.request, kRequest);
  EXPECT_EQ(given.revision, 1u);
  EXPECT_EQ(given.readings, 0u);
  EXPECT_EQ(given.status, FullmaktStatus::active);
  EXPECT_EQ(given.signed_sha256, hash);
  EXPECT_TRUE(is_permitted(world.act(world.person_actor(), DeclineRequest{kRequest}).decision));
  EXPECT_EQ(status(world), RequestStatus::granted) << "what ended stays so";
}

// SPEC REQ-8
TEST(Granting, AnyPartOfItIsGrantedInPart) {
  using Act = SignFullmakt;
  const std::vector<std::function<void(Act&)>> parts = {
      [](Act& a) { a.terms.disclosers.erase(a.terms.disclosers.begin()); }, [](Act& a) { a.terms.flikar = {kFlik}; },
      [](Act& a) { a.terms.rights = {Right::read}; }, [](Act& a) { a.terms.valid_to -= 1ms; }};
  for (const auto& part : parts) {
    World world = asked_world();
    Act act = granting(world);
    part(act);
    EXPECT_TRUE(is_permitted(world.act(world.person_actor(), act).decision));
    EXPECT_EQ(status(world), RequestStatus::granted_in_part);
  }
}

// SPEC REQ-7
TEST(Granting, IsRefusedWhenItGoesBeyondWhatIsAskedFor) {
  const World world = asked_world();
  const auto with = [&](std::function<void(SignFullmakt&)> how) {
    SignFullmakt act = granting(world);
    how(act);
    const Outcome out = world.ask(world.person_actor(), act);
    EXPECT_TRUE(changes_nothing(out) || out.decision.is_permitted());
    return out.decision;
  };
  using Act = SignFullmakt;
  const auto beyond = Reason::not_asked_for;
  EXPECT_TRUE(is_permitted(with([](Act&) {})));
  EXPECT_TRUE(is_refused(with([&](Act& a) { a.terms.recipients.insert(to_staff(world.lead)); }), beyond));
  EXPECT_TRUE(is_refused(with([&](Act& a) { a.terms.recipients = {to_unit(world.unit)}; }), beyond));
  EXPECT_TRUE(is_refused(with([&](Act& a) { a.terms.disclosers.insert(world.provider); }), beyond));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.terms.purpose = "statistics"; }), beyond));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.terms.valid_to += 1ms; }), beyond));
  EXPECT_TRUE(is_refused(with([&](Act& a) { a.terms.documents = {world.document}; }), beyond));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.request = id<RequestId>(9); }), Reason::unknown));
  EXPECT_TRUE(is_permitted(with([&](Act& a) { a.request = {}, a.terms.purpose = "statistics"; })));
  World narrow = world;
  narrow.change<AccessRequest>(kRequest, [](AccessRequest& r) { r.terms.flikar = {kFlik}; });
  EXPECT_TRUE(is_refused(narrow.ask(narrow.person_actor(), granting(narrow)).decision, beyond));
  World reading = world;
  reading.change<AccessRequest>(kRequest, [](AccessRequest& r) { r.terms.rights = {Right::read}; });
  EXPECT_TRUE(is_refused(reading.ask(reading.person_actor(), granting(reading)).decision, beyond));
}

// SPEC REQ-7
TEST(Granting, IsRefusedUnlessTheRequestIsOnesOwnAndOpenAndForANewOne) {
  World world = asked_world();
  const PersonActor relative{world.relative, world.relative_key};
  EXPECT_TRUE(is_refused(world.ask(relative, granting(world)).decision, Reason::unknown));
  for (RequestStatus over : {RequestStatus::granted, RequestStatus::granted_in_part, RequestStatus::declined,
                             RequestStatus::withdrawn, RequestStatus::lapsed}) {
    world.change<AccessRequest>(kRequest, [&](AccessRequest& r) { r.status = over; });
    EXPECT_TRUE(is_refused(world.ask(world.person_actor(), granting(world)).decision, Reason::wrong_state));
  }
  world.change<AccessRequest>(kRequest, [&](AccessRequest& r) {
    r.status = RequestStatus::open;
    r.terms.fullmakt = world.fullmakt;
  });
  EXPECT_TRUE(is_refused(world.ask(world.person_actor(), granting(world)).decision, Reason::wrong_state))
      << "it asks for a komplettering";
}

// SPEC REQ-7, REQ-8
TEST(Granting, OnPaperIsHeldToTheRequestToo) {
  World world = asked_world();
  const SignFullmakt given = granting(world);
  PaperFullmakt paper{given.id, world.person_index, given.terms, given.text, fingerprint(1), kRequest, {}};
  paper.terms.purpose = "statistics";
  EXPECT_TRUE(is_refused(world.ask(world.staff(world.source_registrar), paper).decision, Reason::not_asked_for));
  paper.terms.purpose = kPurpose;
  EXPECT_TRUE(is_permitted(world.act(world.staff(world.source_registrar), paper).decision));
  EXPECT_EQ(status(world), RequestStatus::open) << "one is not two";
  World declined = world;
  EXPECT_TRUE(is_permitted(declined.act(declined.person_actor(), DeclineRequest{kRequest}).decision));
  EXPECT_TRUE(is_refused(declined.approve(declined.staff(declined.outsider_registrar)).decision, Reason::wrong_state))
      << "declined while the paper waited";
  EXPECT_TRUE(is_permitted(world.approve(world.staff(world.outsider_registrar)).decision));
  EXPECT_EQ(status(world), RequestStatus::granted);
  EXPECT_EQ(world.get<Fullmakt>(paper.id).request, kRequest);
}

}  // namespace
}  // namespace flikvakt::policy::test
