// What people are told of, and what not: derived from the log of a gateway in which everything is signed and sent.
#include "service/person_notices.h"

#include <gmock/gmock.h>

#include "crypto/random.h"
#include "policy/evaluate.h"
#include "tests/service/signed_world.h"

namespace flikvakt::service::test {
namespace {

using namespace policy;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

using Told = std::pair<std::string, std::string>;  // kind, number

class PersonNoticesTest : public testing::Test {
protected:
  PersonNoticesTest() {
    world_.anna = world_.enrol(world_.anna.number);
    world_.bo = world_.enrol(world_.bo.number);
    fullmakt_ = world_.sign(world_.anna);
    journal_ = world_.deposit(world_.anna, "journal", "Annas journal");
    world_.hooks.is_log_followed = true;
    restart();
  }

  void restart() {
    notices_.reset();
    world_.restart();
    follow(60min);
  }
  // From what happens now on, or from an earlier entry.
  void follow(std::chrono::minutes quiet, std::optional<std::uint64_t> from = {}) {
    const FollowedLog& log = *world_.core->followed_log();
    notices_.emplace(begin(log, from.value_or(log.size_at_start), quiet, [] { return true; }).value());
  }
  Result<PersonNotices> begin(const FollowedLog& log, std::uint64_t from, std::chrono::minutes quiet,
                              const KeepOn& keep_on) {
    return PersonNotices::begin(*world_.core, log.places_at_start, from, quiet, keep_on);
  }
  std::uint64_t size() { return world_.core->sequencer().log_view().size; }

  std::vector<PersonNotice> read() {
    std::vector<PersonNotice> out;
    for (const std::uint64_t end = size(); notices_->next() < end;) {
      for (PersonNotice& notice : notices_->read(end).value()) out.push_back(std::move(notice));
    }
    return out;
  }
  std::vector<Told> told() {
    std::vector<Told> out;
    for (const PersonNotice& notice : read()) {
      const std::optional<std::string> line = line_of(notice);
      if (!line) continue;
      const json::value value = parse_json(*line).value();
      out.emplace_back(value.at("kind").as_string(), value.at("number").as_string());
    }
    return out;
  }
  std::optional<std::string> line_of(const PersonNotice& notice) {
    return service::line_of(notice, world_.core->directory());
  }
  void open_and_close() {
    const auto permit = world_.open(world_.handler, journal_);
    ASSERT_TRUE(permit);
    EXPECT_TRUE(world_.close(**permit, 13).decision.is_permitted());
  }
  CommandResult request(const std::string& number) {
    RequestAccess act{crypto::random_id<RequestId>(), {}, {}};
    act.terms.recipient = {RecipientKind::team, world_.team.value()};
    act.terms.disclosers = {world_.region};
    act.terms.flikar = {"ekonomi"};
    act.terms.purpose = "konsultation";
    act.terms.rights = {Right::read};
    act.terms.valid_to = world_.clock.wall() + 24h * 9;
    act.terms.message = "Inför mötet.";
    return world_.send(world_.handler, act, number);
  }
  RegisterRepresentative representative() {
    RegisterRepresentative act;
    act.id = crypto::random_id<RepresentativeId>();
    act.powers = {RepresentativePower::see};
    act.valid_from = world_.clock.wall() - 1h;
    act.valid_to = world_.clock.wall() + 24h * 30;
    return act;
  }

  SignedWorld world_;
  FullmaktId fullmakt_;
  DocumentId journal_;
  std::optional<PersonNotices> notices_;
};

// SPEC HOOK-7
TEST_F(PersonNoticesTest, AReadingIsToldToThePersonAndToNobodyElse) {
  open_and_close();
  EXPECT_THAT(told(), ElementsAre(Told("reading", world_.anna.number)));
  EXPECT_THAT(told(), IsEmpty()) << "once";
}

// SPEC HOOK-8
TEST_F(PersonNoticesTest, AListingARefusalAndAnOwnReadingAreNotTold) {
  ListDocuments list{world_.core->keys().blind_index(world_.anna.number), "konsultation"};
  EXPECT_TRUE(world_.ask(world_.handler, list).decision.is_permitted());
  EXPECT_FALSE(world_.open(world_.coach, journal_));
  EXPECT_TRUE(
      world_.ask(world_.anna.actor, OpenOwnDocument{crypto::random_id<ReadingId>(), journal_}).decision.is_permitted());
  world_.sign(world_.anna, {}, "ekonomi");
  world_.deposit(world_.anna, "journal", "Mer i Annas journal");
  EXPECT_THAT(told(), IsEmpty());
}

// SPEC HOOK-6
TEST_F(PersonNoticesTest, ALineSaysWhoAndWhenAndNothingOfTheContent) {
  open_and_close();
  const std::vector<PersonNotice> notices = read();
  ASSERT_EQ(notices.size(), 1u);
  const std::string line = line_of(notices[0]).value();
  EXPECT_TRUE(line.ends_with("}\n"));
  const json::value value = parse_json(line).value();
  std::vector<std::string> members;
  for (const auto& one : value.as_object()) members.emplace_back(one.key());
  EXPECT_THAT(members, ElementsAre("id", "time", "kind", "number"));
  const auto member = [&](const char* name) { return std::string(value.at(name).as_string()); };
  EXPECT_EQ(member("time"), to_rfc3339(world_.clock.wall()));
  EXPECT_EQ(member("kind"), "reading");
  EXPECT_EQ(member("number"), world_.anna.number);
  const crypto::Hash256 hash = crypto::sha256(as_bytes("flikvakt.test/log\n" + std::to_string(notices[0].entry)));
  EXPECT_EQ(member("id"), to_hex(hash).substr(0, 32));
  for (const std::string& secret :
       {std::string("Anteckning"), std::string("journal"), std::string("rdcentralen"), std::string("myndighet"),
        std::string("konsultation"), std::string("Staff"), journal_.text(), fullmakt_.text(),
        world_.anna.actor.person.text(), world_.authority.text(), world_.handler.staff.text(), world_.team.text()}) {
    EXPECT_THAT(line, Not(HasSubstr(secret)));
  }
}

// SPEC HOOK-7
TEST_F(PersonNoticesTest, EnrolmentsRequestsAndPapersAreTold) {
  const std::string number = "197302889931";
  world_.enrol(number);  // who was not there when the log began to be followed
  EXPECT_THAT(told(), ElementsAre(Told("key_proposed", number), Told("key_confirmed", number)));
  EXPECT_TRUE(request(world_.anna.number).decision.is_permitted());
  EXPECT_THAT(told(), ElementsAre(Told("request", world_.anna.number)));
  PaperNarrowing paper;
  paper.revoke_all = true;
  EXPECT_TRUE(world_.send(world_.chief, paper, world_.anna.number).decision.is_permitted());
  EXPECT_THAT(told(), ElementsAre(Told("paper", world_.anna.number)));
  EXPECT_TRUE(world_.by_person(world_.anna, RemoveKey{world_.anna.actor.key}).decision.is_permitted());
  EXPECT_THAT(told(), ElementsAre(Told("key_removed", world_.anna.number))) << "it may be a thief who does it";
}

// SPEC HOOK-8
TEST_F(PersonNoticesTest, ARequestAboutSomebodyUnknownIsToldToNobody) {
  EXPECT_TRUE(request("197302889931").decision.is_permitted());
  EXPECT_THAT(told(), IsEmpty());
}

// SPEC HOOK-7, HOOK-8
TEST_F(PersonNoticesTest, ARepresentativeIsToldOfThemselvesAloneAndWhomTheyActForOfTheirReadings) {
  const RegisterRepresentative act = representative();
  EXPECT_TRUE(world_.by_registrars(act, world_.anna.number, world_.bo.number).decision.is_permitted());
  std::vector<Told> registered = told();
  EXPECT_THAT(registered,
              UnorderedElementsAre(Told("representative", world_.anna.number), Told("representative", world_.bo.number),
                                   Told("approved", world_.anna.number), Told("approved", world_.bo.number)));
  EXPECT_EQ(registered.front().first, "representative") << "when the first asks for it, not only when it stands";
  open_and_close();
  EXPECT_THAT(told(), ElementsAre(Told("reading", world_.anna.number)));
  world_.clock.advance(61min);
  PersonActor bo = world_.bo.actor;
  bo.person = world_.anna.actor.person;
  bo.representative = act.id;
  EXPECT_TRUE(world_.ask(bo, OpenOwnDocument{crypto::random_id<ReadingId>(), journal_}).decision.is_permitted());
  EXPECT_THAT(told(), ElementsAre(Told("reading", world_.anna.number)));
}

// SPEC HOOK-9
TEST_F(PersonNoticesTest, ReadingsAreToldOnceAWindow) {
  world_.sign(world_.bo);
  const DocumentId other = world_.deposit(world_.bo, "journal", "Bos journal");
  for (int i = 0; i < 3; ++i) open_and_close();
  EXPECT_TRUE(world_.open(world_.handler, other));
  EXPECT_THAT(told(), ElementsAre(Told("reading", world_.anna.number), Told("reading", world_.bo.number)));
  world_.clock.advance(61min);
  open_and_close();
  EXPECT_THAT(told(), ElementsAre(Told("reading", world_.anna.number)));
}

// SPEC HOOK-9
TEST_F(PersonNoticesTest, NobodyCanSendAPersonLinesAtWill) {
  const std::string& anna = world_.anna.number;
  const auto narrow_nothing = [&] {
    EXPECT_TRUE(world_.send(world_.chief, PaperNarrowing{}, anna).decision.is_permitted());
  };
  const auto disclose = [&] {
    const RecordDisclosure act{journal_, "Polisen", "osl-10-24", world_.clock.wall() - 1h};
    EXPECT_TRUE(world_.send(world_.nurse, act).decision.is_permitted());
  };
  for (int i = 0; i < 3; ++i) {
    narrow_nothing();
    EXPECT_TRUE(request(anna).decision.is_permitted());
    disclose();
  }
  open_and_close();
  EXPECT_TRUE(request(world_.bo.number).decision.is_permitted());
  EXPECT_THAT(told(), ElementsAre(Told("paper", anna), Told("request", anna), Told("disclosure", anna),
                                  Told("reading", anna), Told("request", world_.bo.number)));
  world_.clock.advance(61min);
  narrow_nothing();
  EXPECT_THAT(told(), ElementsAre(Told("paper", anna)));
}

// SPEC HOOK-9
TEST_F(PersonNoticesTest, ANarrowingOfNothingHidesNoOtherPaper) {
  EXPECT_TRUE(world_.send(world_.chief, PaperNarrowing{}, world_.anna.number).decision.is_permitted());
  SparrTerms terms;
  terms.target = SparrTarget::flik;
  terms.flik = "journal";
  terms.everyone = true;
  const SparrId sparr = crypto::random_id<SparrId>();
  EXPECT_TRUE(world_.by_person(world_.anna, SetSparr{sparr, terms}).decision.is_permitted());
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(world_.send(world_.region_registrar, PaperLiftSparr{sparr, {}, {}}, world_.anna.number)
                    .decision.is_permitted());
  }
  const Told paper("paper", world_.anna.number);
  EXPECT_THAT(told(), ElementsAre(paper, paper, paper));
}

// SPEC HOOK-7
TEST_F(PersonNoticesTest, EachActOfTwoIsToldWhenTheFirstAsks) {
  for (int number = 1; number < 256; ++number) {
    audit::ActPart act;
    act.actor = audit::Actor::staff(world_.chief.staff);
    act.kind = static_cast<audit::ActKind>(number);
    act.outcome = audit::Outcome::permitted;
    const std::string_view name = audit::name_of(act.kind);
    if (kind_takes_two(name)) {
      EXPECT_FALSE(told_as(act).empty()) << name;
    } else {
      EXPECT_NE(told_as(act), "proposed") << name;
    }
    act.outcome = audit::Outcome::refused;
    EXPECT_TRUE(told_as(act).empty()) << name;
  }
}

// SPEC HOOK-7
TEST_F(PersonNoticesTest, TheEndOfAProtectionIsToldWhileItCanBeStopped) {
  EXPECT_TRUE(world_.send(world_.chief, ProtectIdentity{{}, "Skyddad"}, world_.anna.number).decision.is_permitted());
  EXPECT_THAT(told(), IsEmpty());
  EXPECT_TRUE(world_.send(world_.region_registrar, EndProtection{}, world_.anna.number).decision.is_permitted());
  EXPECT_THAT(told(), ElementsAre(Told("proposed", world_.anna.number)));
}

// SPEC HOOK-7
TEST_F(PersonNoticesTest, AMaskingIsToldToAllWhomTheDocumentConcerns) {
  const DocumentId both = world_.deposit(world_.anna, "journal", "Om dem båda", &world_.bo);
  EXPECT_TRUE(world_.send(world_.nurse, RecordMasking{both}).decision.is_permitted());
  EXPECT_THAT(told(), UnorderedElementsAre(Told("proposed", world_.anna.number), Told("proposed", world_.bo.number)));
}

// SPEC HOOK-7, HOOK-8
TEST_F(PersonNoticesTest, WhatARepresentativeWidensIsToldToThePersonWhetherItWaitsOrNot) {
  const std::string& anna = world_.anna.number;
  for (const bool jointly : {false, true}) {
    SCOPED_TRACE(jointly);
    RegisterRepresentative registered = representative();
    registered.powers = {RepresentativePower::see, RepresentativePower::consent};
    if (jointly) registered.representative_kind = RepresentativeKind::guardian;
    if (jointly) registered.jointly = true;
    EXPECT_TRUE(world_.by_registrars(registered, anna, world_.bo.number).decision.is_permitted());
    const Member guardian{world_.bo.number,
                          SigningKey::from_seed(crypto::KeyAlgorithm::p256, world_.bo.key.seed()).value(),
                          {world_.anna.actor.person, world_.bo.actor.key, registered.id}};
    told();
    EXPECT_TRUE(world_.by_person(guardian, PauseFullmakt{fullmakt_}).decision.is_permitted());
    EXPECT_THAT(told(), IsEmpty()) << "it took back";
    EXPECT_TRUE(world_.by_person(guardian, ResumeFullmakt{fullmakt_}).decision.is_permitted());
    EXPECT_THAT(told(), ElementsAre(Told("proposed", anna)));
    EXPECT_TRUE(world_.by_person(world_.anna, EndRepresentative{registered.id}).decision.is_permitted());
  }
  EXPECT_TRUE(world_.by_person(world_.anna, ResumeFullmakt{fullmakt_}).decision.is_permitted());
  EXPECT_THAT(told(), IsEmpty()) << "the person did it";
}

// SPEC HOOK-9
TEST_F(PersonNoticesTest, AWindowBeginsAtAMultipleOfItsLengthAndNotAtTheFirstReading) {
  const auto advance_to_minute = [&](int minute) {
    const auto into_hour = world_.clock.wall().time_since_epoch() % 60min;
    world_.clock.advance((minute * 1min + 60min - into_hour) % 60min);
  };
  advance_to_minute(59);
  open_and_close();
  EXPECT_EQ(told().size(), 1u);
  advance_to_minute(1);
  open_and_close();
  EXPECT_EQ(told().size(), 1u) << "two minutes later, in the next window";
  advance_to_minute(58);
  open_and_close();
  EXPECT_THAT(told(), IsEmpty()) << "57 minutes later, in the same";
}

// SPEC HOOK-9
TEST_F(PersonNoticesTest, WithoutAWindowEachReadingIsTold) {
  follow(0min);
  for (int i = 0; i < 3; ++i) open_and_close();
  EXPECT_EQ(told().size(), 3u);
}

// SPEC HOOK-9
TEST_F(PersonNoticesTest, WhatWasToldInThisWindowIsKnownAfterARestart) {
  open_and_close();
  EXPECT_EQ(told().size(), 1u);
  restart();
  open_and_close();
  EXPECT_THAT(told(), IsEmpty());
  world_.clock.advance(61min);
  restart();
  open_and_close();
  EXPECT_EQ(told().size(), 1u);
}

// SPEC HOOK-10
TEST_F(PersonNoticesTest, OfWhoHasDiedOrIsErasedNothingIsTold) {
  RecordDeath death;
  death.died = Date{std::chrono::year{2026} / 11 / 1};
  EXPECT_TRUE(world_.send(world_.chief, death, world_.bo.number).decision.is_permitted());
  EXPECT_TRUE(request(world_.bo.number).decision.is_permitted());
  EXPECT_THAT(told(), IsEmpty());
  EXPECT_TRUE(request(world_.anna.number).decision.is_permitted());
  Shred shred;
  shred.scope = ShredScope::person;
  EXPECT_TRUE(world_.by_two(shred, world_.anna.number).decision.is_permitted());
  EXPECT_THAT(told(), IsEmpty());
}

// SPEC HOOK-10
TEST_F(PersonNoticesTest, WhatWaitedWhenThePersonDiedOrWasErasedGivesNoLine) {
  for (const std::string& number : {world_.anna.number, world_.bo.number}) {
    EXPECT_TRUE(world_.send(world_.chief, PaperNarrowing{}, number).decision.is_permitted());
  }
  const std::vector<PersonNotice> waiting = read();
  ASSERT_EQ(waiting.size(), 2u);
  for (const PersonNotice& notice : waiting) EXPECT_TRUE(line_of(notice));
  RecordDeath death;
  death.died = Date{std::chrono::year{2026} / 11 / 1};
  EXPECT_TRUE(world_.send(world_.chief, death, world_.anna.number).decision.is_permitted());
  Shred shred;
  shred.scope = ShredScope::person;
  EXPECT_TRUE(world_.by_two(shred, world_.bo.number).decision.is_permitted());
  for (const PersonNotice& notice : waiting) EXPECT_FALSE(line_of(notice));
}

// SPEC HOOK-10
TEST_F(PersonNoticesTest, ALineDoesNotSayWhoIsProtected) {
  open_and_close();
  const std::vector<PersonNotice> before = read();
  EXPECT_TRUE(world_.send(world_.chief, ProtectIdentity{{}, "Skyddad"}, world_.anna.number).decision.is_permitted());
  world_.clock.advance(61min);
  open_and_close();
  const std::vector<PersonNotice> after = read();
  ASSERT_EQ(before.size(), 1u);
  ASSERT_EQ(after.size(), 1u);
  EXPECT_EQ(line_of(before[0])->size(), line_of(after[0])->size());
  EXPECT_THAT(*line_of(after[0]), Not(HasSubstr("Skyddad")));
}

// SPEC HOOK-6, HOOK-11
TEST_F(PersonNoticesTest, FromAnEarlierEntryTheSameNoticesComeAgain) {
  const std::uint64_t begin = size();
  open_and_close();
  world_.enrol("197302889931");
  EXPECT_TRUE(request(world_.bo.number).decision.is_permitted());
  const std::vector<PersonNotice> first = read();
  ASSERT_EQ(first.size(), 4u);
  restart();
  for (const std::uint64_t from : {begin, first[1].entry, first[3].entry, first[3].entry + 1}) {
    follow(60min, from);
    std::vector<std::string> again;
    for (const PersonNotice& notice : read()) again.push_back(line_of(notice).value());
    std::vector<std::string> expected;
    for (const PersonNotice& notice : first) {
      if (notice.entry >= from) expected.push_back(line_of(notice).value());
    }
    EXPECT_EQ(again, expected) << from;
  }
}

// SPEC HOOK-13
TEST_F(PersonNoticesTest, AStartReadsInPiecesAndEndsBetweenThem) {
  const std::uint64_t from = size();
  for (int i = 0; i < 300; ++i) open_and_close();
  EXPECT_TRUE(request(world_.bo.number).decision.is_permitted());
  const std::vector<PersonNotice> first = read();
  restart();
  const FollowedLog& log = *world_.core->followed_log();
  ASSERT_GT(log.size_at_start, from + kEntriesAtOnce);
  const auto ended_after = [&](int pieces, std::uint64_t begins) {
    int asked = 0;
    const auto begun = begin(log, begins, 60min, [&] { return asked++ < pieces; });
    EXPECT_EQ(begun ? ErrorCode::internal : begun.error().code, ErrorCode::unavailable);
    return asked - 1;
  };
  for (const int pieces : {0, 1, 2}) EXPECT_EQ(ended_after(pieces, from), pieces) << "back along the links";
  for (const int pieces : {0, 1, 2, 3, 4, 5}) EXPECT_EQ(ended_after(pieces, log.size_at_start), pieces) << "the window";
  follow(60min, from);
  std::vector<std::string> ids, again;
  for (const PersonNotice& notice : first) ids.push_back(notice.id);
  for (const PersonNotice& notice : read()) again.push_back(notice.id);
  EXPECT_EQ(again, ids);
}

}  // namespace
}  // namespace flikvakt::service::test
