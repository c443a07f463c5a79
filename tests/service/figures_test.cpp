// The figures are counted right, once, and hold nothing of anybody: against a naive count of a history that was played.
#include "service/figures.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "base/files.h"
#include "policy/state.h"
#include "service/apply_crl.h"
#include "service/backup_restore.h"
#include "service/figures_count.h"
#include "service/figures_keeper.h"
#include "service/figures_tally.h"
#include "service/row_seal.h"
#include "tests/service/signed_world.h"

namespace flikvakt::service::test {
namespace {

using namespace policy;
using testing::HasSubstr;
namespace fs = std::filesystem;

constexpr std::array kNumbers{"200002292399", "200004059937", "197302889931"};
constexpr Cell kNobody{};

// What happened, told by who made it happen.
class NaiveCount {
public:
  void happened(Month month, std::string_view figure, std::string_view kind, const std::vector<PersonId>& people) {
    Counted& counted = months_[month].cells[{std::string(figure), std::string(kind)}];
    ++counted.events;
    counted.people.insert(people.begin(), people.end());
  }
  void there_was(Month month, const PersonId& person) { months_[month].people.insert(person); }

  std::vector<MonthFigures> figures(Month from, Month to) const {
    std::vector<MonthFigures> out;
    for (Month month = from; month <= to; month += std::chrono::months(1)) out.push_back(of(month));
    return out;
  }

private:
  struct Counted {
    std::uint64_t events = 0;
    std::set<PersonId> people;
  };
  struct OfMonth {
    std::map<std::pair<std::string, std::string>, Counted> cells;
    std::set<PersonId> people;
  };
  MonthFigures of(Month month) const {
    MonthFigures out;
    out.month = month;
    const auto found = months_.find(month);
    if (found == months_.end()) return out;
    for (const auto& [name, counted] : found->second.cells) {
      if (name.first.starts_with("lead_")) continue;
      out.cells[cell_of(name.first, name.second)] = {counted.events, counted.people.size()};
    }
    out.cells[0] = {found->second.people.size(), found->second.people.size()};
    return out;
  }
  std::map<Month, OfMonth> months_;
};

class FiguresTest : public testing::Test {
protected:
  FiguresTest() { first_month_ = month(); }

  Month month() const { return month_of(world_.clock.wall()); }
  // To some hours after the beginning of the next month, with an entry of nobody in it.
  void next_month() {
    const Month next = month() + std::chrono::months(1);
    const UtcTime begins = std::chrono::sys_days(next / 1);
    world_.clock.advance(begins - world_.clock.wall() + 7h);
    ASSERT_TRUE(world_.pki->write_crl({}, ++crl_, world_.clock.wall() - 1h, world_.clock.wall() + 24h * 40));
    ASSERT_TRUE(apply_crl_file(*world_.core, world_.pki->crl_path()));
  }

  Figures count(Figures from = {}) {
    const Result<void> counted = count_ended_months(
        *world_.core, from, [] { return true; },
        [&](const Figures& now) {
          from = now;
          return Result<void>();
        });
    EXPECT_TRUE(counted) << counted.error().message;
    return from;
  }
  Cell cell(const Figures& figures, Month month, std::string_view figure, std::string_view kind) {
    const auto found = std::ranges::find(figures.months, month, &MonthFigures::month);
    EXPECT_NE(found, figures.months.end());
    return found == figures.months.end() ? Cell{99, 99} : found->cells[cell_of(figure, kind)];
  }

  const Member& join(std::size_t i) {
    people_.push_back(world_.enrol(kNumbers[i]));
    fullmakter_.emplace_back();
    documents_.emplace_back();
    return people_.back();
  }
  void count_naively(std::string_view figure, std::string_view kind, const PersonId& person) {
    naive_.happened(month(), figure, kind, {person});
    naive_.there_was(month(), person);
  }

  SignFullmakt fullmakt(const std::string& flik = "journal") {
    SignFullmakt act;
    act.id = crypto::random_id<FullmaktId>();
    act.text = "Jag låter dem läsa.";
    act.terms.disclosers = {world_.region};
    act.terms.recipients = {{RecipientKind::team, world_.team.value()}};
    act.terms.flikar = {flik};
    act.terms.purpose = "konsultation";
    act.terms.rights = {Right::read};
    act.terms.valid_from = world_.clock.wall() - 1h;
    act.terms.valid_to = world_.clock.wall() + 24h * 9;
    act.terms.secrecy_consent = "osl-10-1";
    act.terms.legal_ground = "gdpr-6-1-e";
    act.terms.language = "sv";
    act.terms.text_sha256 = crypto::sha256(as_bytes(act.text));
    return act;
  }
  FullmaktId sign(std::size_t i, const SignFullmakt& act) {
    const CommandResult done = world_.by_person(people_[i], act);
    EXPECT_TRUE(done.decision.is_permitted()) << static_cast<int>(done.decision.reason);
    count_naively("fullmakter", "device_key", people_[i].actor.person);
    fullmakter_[i].push_back(act.id);
    return act.id;
  }
  void sign_on_paper(std::size_t i) {
    const SignFullmakt words = fullmakt();
    PaperFullmakt act;
    act.id = words.id;
    act.terms = words.terms;
    act.text = words.text;
    const CommandResult done = world_.by_registrars(act, people_[i].number);
    EXPECT_TRUE(done.decision.is_permitted()) << static_cast<int>(done.decision.reason);
    count_naively("fullmakter", "paper", people_[i].actor.person);
    fullmakter_[i].push_back(act.id);
  }
  void pause_and_resume(std::size_t i, const FullmaktId& id) {
    EXPECT_TRUE(world_.by_person(people_[i], PauseFullmakt{id}).decision.is_permitted());
    EXPECT_TRUE(world_.by_person(people_[i], ResumeFullmakt{id}).decision.is_permitted());
    naive_.there_was(month(), people_[i].actor.person);
  }
  void complete(std::size_t i, const FullmaktId& id) {
    SignKomplettering act;
    act.fullmakt = id;
    act.delta.flikar = {"ekonomi"};
    act.language = "sv";
    act.text = "Ekonomi också.";
    act.text_sha256 = crypto::sha256(as_bytes(act.text));
    const CommandResult overview = world_.ask(people_[i].actor, ReadOverview{});
    for (const Fullmakt& one : std::get<Overview>(overview.answer).fullmakter) {
      if (one.id == id) act.previous = one.signed_sha256;
    }
    const CommandResult done = world_.by_person(people_[i], act);
    EXPECT_TRUE(done.decision.is_permitted()) << static_cast<int>(done.decision.reason);
    count_naively("kompletteringar", "device_key", people_[i].actor.person);
  }
  void revoke(std::size_t i) {
    const FullmaktId id = fullmakter_[i].back();
    fullmakter_[i].pop_back();
    EXPECT_TRUE(world_.by_person(people_[i], RevokeFullmakt{id}).decision.is_permitted());
    count_naively("revocations", "device_key", people_[i].actor.person);
    EXPECT_TRUE(world_.by_person(people_[i], RevokeFullmakt{id}).decision.is_permitted()) << "once more: no other one";
  }
  void narrow_on_paper(std::size_t i) {
    PaperNarrowing act;
    act.revoke = {fullmakter_[i].back()};
    fullmakter_[i].pop_back();
    EXPECT_TRUE(world_.send(world_.chief, act, people_[i].number).decision.is_permitted());
    naive_.happened(month(), "revocations", "paper", {people_[i].actor.person});
  }
  CaseId refer(std::size_t i, CaseFocus focus = CaseFocus::illness) {
    SignReferral act;
    act.id = crypto::random_id<CaseId>();
    act.team = world_.team;
    act.focus = focus;
    EXPECT_TRUE(world_.by_person(people_[i], act).decision.is_permitted());
    count_naively("referrals", focus == CaseFocus::illness ? "illness" : "change", people_[i].actor.person);
    return act.id;
  }
  RequestAccess ask_for_access(std::size_t i) {
    RequestAccess act{crypto::random_id<RequestId>(), {}, {}};
    act.terms.recipient = {RecipientKind::team, world_.team.value()};
    act.terms.disclosers = {world_.region};
    act.terms.flikar = {"ekonomi"};
    act.terms.purpose = "konsultation";
    act.terms.rights = {Right::read};
    act.terms.valid_to = world_.clock.wall() + 24h * 60;
    act.terms.message = "Inför mötet.";
    EXPECT_TRUE(world_.send(world_.handler, act, people_[i].number).decision.is_permitted());
    naive_.happened(month(), "requests", "authority", {people_[i].actor.person});
    return act;
  }
  void grant(std::size_t i, const RequestAccess& request) {
    SignFullmakt act = fullmakt("ekonomi");
    act.request = request.id;
    sign(i, act);
  }
  const DocumentId& document_of(std::size_t i) {
    if (documents_[i].is_none()) documents_[i] = world_.deposit(people_[i], "journal", "En journal");
    return documents_[i];
  }
  void read(std::size_t i) {
    const DocumentId document = document_of(i);
    const auto permit = world_.open(world_.handler, document);
    ASSERT_TRUE(permit);
    EXPECT_TRUE(world_.close(**permit, 10).decision.is_permitted());
    count_naively("readings", "authority", people_[i].actor.person);
    EXPECT_FALSE(world_.open(world_.coach, document)) << "a refusal, which is no reading";
  }

  const fs::path data() const { return world_.data(); }
  Bytes file() const { return read_file(figures_file(data()), 1 << 20).value(); }
  void put_file(BytesView bytes) { ASSERT_TRUE(write_file_atomically(figures_file(data()), bytes)); }

  SignedWorld world_;
  Month first_month_{};
  std::uint64_t crl_ = 1;
  NaiveCount naive_;
  std::vector<Member> people_;
  std::vector<std::vector<FullmaktId>> fullmakter_;
  std::vector<DocumentId> documents_;
};

// SPEC FIG-4, FIG-6, FIG-7
TEST_F(FiguresTest, AreThoseOfANaiveCountOfAHistoryThatWasPlayed) {
  std::mt19937 random(7);  // NOLINT(bugprone-random-generator-seed): the same history each time
  for (std::size_t i = 0; i < kNumbers.size(); ++i) join(i);
  std::vector<std::pair<std::size_t, RequestAccess>> open;
  const auto act = [&](std::size_t i) {
    const bool has_fullmakt = !fullmakter_[i].empty();
    switch (random() % 11) {
      case 0:
        return void(sign(i, fullmakt()));
      case 1:
        return sign_on_paper(i);
      case 2:
        return has_fullmakt ? revoke(i) : void();
      case 3:
        return has_fullmakt ? narrow_on_paper(i) : void();
      case 4:
        return void(refer(i, random() % 2 ? CaseFocus::illness : CaseFocus::change));
      case 5:
        return open.emplace_back(i, ask_for_access(i)), void();
      case 6:
        if (open.empty()) return;
        grant(open.back().first, open.back().second);
        return open.pop_back();
      case 7:
        return pause_and_resume(i, sign(i, fullmakt()));
      case 8:
        return complete(i, sign(i, fullmakt()));
      default:
        sign(i, fullmakt());
        return read(i);
    }
  };
  for (int months = 0; months < 3; ++months) {
    for (int acts = 0; acts < 25; ++acts) {
      act(random() % kNumbers.size());
      world_.clock.advance(1h);
    }
    open.clear();                                             // they lapse
    for (auto& fullmakter : fullmakter_) fullmakter.clear();  // some end by themselves before they can be revoked
    next_month();
  }
  const Figures counted = count();
  std::vector<MonthFigures> expected = naive_.figures(first_month_, first_month_ + std::chrono::months(2));
  expected.front().coverage = Coverage::log_began;
  ASSERT_EQ(counted.months.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(counted.months[i].coverage, expected[i].coverage);
    for (std::size_t cell = 0; cell < kCells.size(); ++cell) {
      SCOPED_TRACE(month_text(expected[i].month) + " " + std::string(kCells[cell].figure) + " " +
                   std::string(kCells[cell].kind));
      EXPECT_EQ(counted.months[i].cells[cell].events, expected[i].cells[cell].events);
      EXPECT_EQ(counted.months[i].cells[cell].people, expected[i].cells[cell].people);
    }
  }
  EXPECT_GT(cell(counted, first_month_, "readings", "authority").events, 0u);
}

// SPEC FIG-7
TEST_F(FiguresTest, AReadingOfADocumentOfTwoIsOneReadingOfTwoPeople) {
  join(0);
  join(1);
  sign(0, fullmakt());
  sign(1, fullmakt());
  const DocumentId shared = world_.deposit(people_[0], "journal", "Om dem båda", &people_[1]);
  ASSERT_TRUE(world_.open(world_.handler, shared));
  next_month();
  EXPECT_EQ(cell(count(), first_month_, "readings", "authority"), (Cell{1, 2}));
}

// SPEC FIG-7
TEST_F(FiguresTest, WhatOnlyWaitsCountsForNothing) {
  join(0);
  PaperFullmakt paper;
  const SignFullmakt words = fullmakt();
  paper.id = words.id;
  paper.terms = words.terms;
  paper.text = words.text;
  EXPECT_TRUE(world_.send(world_.region_registrar, paper, people_[0].number).decision.is_permitted()) << "it waits";
  next_month();
  const Figures figures = count();
  EXPECT_EQ(cell(figures, first_month_, "fullmakter", "paper"), kNobody);
  EXPECT_EQ(cell(figures, first_month_, "people", "all"), kNobody);
}

// SPEC FIG-11
TEST_F(FiguresTest, NoCountTellsWhetherSomebodyIsKnownHere) {
  join(0);
  sign(0, fullmakt());
  const auto told = [&](const std::string& number) {
    RequestAccess request = ask_for_access(0);
    request.id = crypto::random_id<RequestId>();
    EXPECT_TRUE(world_.send(world_.handler, request, number).decision.is_permitted());
    PaperNarrowing paper;
    paper.revoke = {crypto::random_id<FullmaktId>()};
    EXPECT_TRUE(world_.send(world_.chief, paper, number).decision.is_permitted());
    world_.ask(world_.handler, ListDocuments{world_.core->keys().blind_index(number), "konsultation"});
    const Month asked = month();
    next_month();
    const Figures figures = count();
    EXPECT_EQ(cell(figures, asked, "requests", "authority").events, 2u);
    EXPECT_EQ(cell(figures, asked, "revocations", "paper").events, 1u);
    MonthFigures out = *std::ranges::find(figures.months, asked, &MonthFigures::month);
    out.month = {};
    return out;
  };
  next_month();
  const MonthFigures of_unknown = told(kNumbers[1]);
  world_.enrol(kNumbers[1]);
  next_month();
  EXPECT_EQ(told(kNumbers[1]), of_unknown);
}

// SPEC FIG-8, FIG-9
TEST_F(FiguresTest, LeadTimesRunFromTheReferralAndTheRequestToTheFirstFullmakt) {
  join(0);
  join(1);
  const CaseId fallen_ill = refer(0);
  const CaseId other = refer(1);
  const RequestAccess request = ask_for_access(0);
  world_.clock.advance(24h * 3);
  SignFullmakt without_case = fullmakt();
  sign(0, without_case);
  SignFullmakt first = fullmakt();
  first.terms.case_id = fallen_ill;
  sign(0, first);
  grant(0, request);
  world_.clock.advance(24h);
  SignFullmakt second = fullmakt();
  second.terms.case_id = fallen_ill;
  sign(0, second);
  next_month();
  SignFullmakt later = fullmakt();
  later.terms.case_id = other;
  sign(1, later);
  const Month then = month();
  next_month();
  const Figures figures = count();
  const auto& of_first = std::ranges::find(figures.months, first_month_, &MonthFigures::month)->leads;
  LeadTimes three_days{{1, 1}, {}};
  three_days.people[lead_step(24h * 3)] = 1;
  EXPECT_EQ(of_first[0], three_days) << "the second fullmakt of the case was no first access";
  EXPECT_EQ(of_first[1], three_days);
  const auto& of_second = std::ranges::find(figures.months, then, &MonthFigures::month)->leads;
  EXPECT_EQ(of_second[0].cell, (Cell{1, 1})) << "in the month of the access, from a referral in the one before";
  EXPECT_EQ(of_second[0].people[lead_step(24h * 12)], 1u);
  EXPECT_EQ(of_second[1].cell, kNobody);
}

// SPEC FIG-8
TEST_F(FiguresTest, OfSeveralLeadTimesOfAPersonTheFirstStandsAmongTheSteps) {
  MonthTally tally;
  const auto anna = crypto::random_id<Somebody>();
  tally.lead(Lead::from_request, anna, 24h * 5);
  tally.lead(Lead::from_request, anna, 1h);
  tally.lead(Lead::from_request, crypto::random_id<Somebody>(), 24h * 1000);
  const LeadTimes led = tally.figures(first_month_, Coverage::whole).leads[1];
  EXPECT_EQ(led.cell, (Cell{3, 2}));
  EXPECT_EQ(led.people[lead_step(24h * 5)], 1u);
  EXPECT_EQ(led.people[kLeadSteps - 1], 1u);
  EXPECT_EQ(lead_step(24h - 1ms), 0u);
  EXPECT_EQ(lead_step(24h), 1u);
  EXPECT_EQ(lead_step(24h * 365), kLeadSteps - 1);
}

// SPEC FIG-3
TEST_F(FiguresTest, NothingOfAMonthIsCountedBeforeTheLogHasAnEntryOfALaterOne) {
  join(0);
  sign(0, fullmakt());
  EXPECT_TRUE(count().months.empty());
  world_.clock.advance(24h * 40);
  EXPECT_TRUE(count().months.empty()) << "the clock says that it is over, the log does not";
  world_.ask(world_.lead, ListCases{});
  EXPECT_EQ(count().months.size(), 1u);
}

// SPEC FIG-4
TEST_F(FiguresTest, AMonthInWhichNothingHappenedIsAMonthOfZeros) {
  join(0);
  world_.clock.advance(24h * 70);
  world_.ask(world_.lead, ListCases{});
  const Figures figures = count();
  ASSERT_EQ(figures.months.size(), 2u);
  MonthFigures nothing;
  nothing.month = first_month_ + std::chrono::months(1);
  EXPECT_EQ(figures.months[1], nothing);
}

// SPEC FIG-2
TEST_F(FiguresTest, EachMonthIsCountedOnceWhereverTheCountingWasBrokenOff) {
  join(0);
  sign(0, fullmakt());
  read(0);
  next_month();
  Figures figures = count();
  join(1);
  sign(1, fullmakt());
  sign(0, fullmakt());
  read(0);
  next_month();
  figures = count(figures);  // no row of places was written yet
  world_.restart();
  sign(1, fullmakt());
  sign(0, fullmakt());
  read(0);
  next_month();
  world_.restart();
  figures = count(figures);  // they were, beyond where it goes on
  for (int months = 0; months < 2; ++months) {
    sign(1, fullmakt());
    read(1);
    next_month();
    figures = count(figures);  // and now they lag behind it
  }
  EXPECT_EQ(figures.months.size(), 5u);
  EXPECT_EQ(cell(figures, figures.months[4].month, "readings", "authority"), (Cell{1, 1}));
  EXPECT_EQ(figures, count());
  EXPECT_EQ(count(figures), figures) << "nothing new";
}

// SPEC FIG-2
TEST_F(FiguresTest, WhatCouldNotBeKeptIsCountedAgainFromWhereItStood) {
  join(0);
  sign(0, fullmakt());
  next_month();
  sign(0, fullmakt());
  next_month();
  std::vector<Figures> handed;
  const Result<void> failed = count_ended_months(
      *world_.core, {}, [] { return true; },
      [&](const Figures& now) {
        handed.push_back(now);
        return handed.size() < 2 ? Result<void>() : fail(ErrorCode::out_of_space, "no room");
      });
  EXPECT_EQ(failed.error().code, ErrorCode::out_of_space);
  ASSERT_EQ(handed.size(), 2u) << "a month at a time";
  EXPECT_EQ(handed.front().months.size(), 1u);
  EXPECT_EQ(count(handed.front()), handed.back());
  const Result<void> stopped = count_ended_months(
      *world_.core, {}, [] { return false; },
      [](const Figures&) {
        ADD_FAILURE() << "nobody waits for it";
        return Result<void>();
      });
  EXPECT_EQ(stopped.error().code, ErrorCode::unavailable);
}

// SPEC FIG-10
TEST_F(FiguresTest, WhoIsErasedBeforeTheMonthIsCountedIsInNothing) {
  join(0);
  join(1);
  sign(0, fullmakt());
  sign(1, fullmakt());
  read(1);
  ask_for_access(0);
  ask_for_access(1);
  EXPECT_TRUE(world_.by_two(Shred{ShredScope::person, {}, {}, {}}, people_[1].number).decision.is_permitted());
  next_month();
  const Figures figures = count();
  EXPECT_EQ(cell(figures, first_month_, "people", "all"), (Cell{1, 1}));
  EXPECT_EQ(cell(figures, first_month_, "fullmakter", "device_key"), (Cell{1, 1}));
  EXPECT_EQ(cell(figures, first_month_, "readings", "authority"), kNobody);
  EXPECT_EQ(cell(figures, first_month_, "requests", "authority"), (Cell{1, 1}));
}

// SPEC FIG-10, FIG-16
TEST_F(FiguresTest, AnErasureChangesNoMonthThatIsCountedAndComesBackByNoRebuild) {
  join(0);
  join(1);
  sign(0, fullmakt());
  sign(1, fullmakt());
  next_month();
  Figures figures = count();
  EXPECT_EQ(cell(figures, first_month_, "fullmakter", "device_key"), (Cell{2, 2}));
  EXPECT_TRUE(world_.by_two(Shred{ShredScope::person, {}, {}, {}}, people_[1].number).decision.is_permitted());
  next_month();
  figures = count(figures);
  EXPECT_EQ(cell(figures, first_month_, "fullmakter", "device_key"), (Cell{2, 2}));
  ASSERT_TRUE(write_figures(data(), world_.core->keys(), figures));
  EXPECT_EQ(count_all_months_again(*world_.core).value(), 2u);
  const Figures again = read_figures(data(), world_.core->keys()).value().value();
  EXPECT_EQ(cell(again, first_month_, "fullmakter", "device_key"), (Cell{1, 1}));
  EXPECT_TRUE(fs::exists(figures_file(data()).string() + ".old"));
}

// SPEC FIG-9, FIG-16, FIG-17
TEST_F(FiguresTest, PrunedEntriesStopNoCountingAndWhatWasCountedBeforeStays) {
  join(0);
  const CaseId fallen_ill = refer(0);
  world_.ask(people_[0].actor, ReadOverview{});
  next_month();
  const UtcTime limit = world_.clock.wall();
  Figures figures = count();
  const MonthFigures was = figures.months.front();
  ASSERT_EQ(was.month, first_month_);
  ASSERT_TRUE(write_figures(data(), world_.core->keys(), figures));
  world_.clock.advance(24h * 4018);
  world_.ask(SystemActor{}, Start{});
  world_.prune(limit);
  SignFullmakt late = fullmakt();
  late.terms.case_id = fallen_ill;
  sign(0, late);
  const Month then = month();
  world_.clock.advance(24h * 32);
  world_.ask(SystemActor{}, Start{});

  figures = count(figures);
  EXPECT_EQ(figures.months.front(), was);
  EXPECT_EQ(cell(figures, then, "fullmakter", "device_key"), (Cell{1, 1}));
  EXPECT_EQ(std::ranges::find(figures.months, then, &MonthFigures::month)->leads[0].cell, kNobody)
      << "what is pruned between may have been an earlier fullmakt";
  const Figures anew = count();
  EXPECT_EQ(std::ranges::find(anew.months, first_month_, &MonthFigures::month), anew.months.end())
      << "of what is left too little would be counted";
  EXPECT_EQ(cell(anew, then, "fullmakter", "device_key"), (Cell{1, 1}));
  EXPECT_EQ(count_all_months_again(*world_.core).value(), figures.months.size());
  EXPECT_EQ(read_figures(data(), world_.core->keys()).value().value().months, figures.months);
}

// SPEC FIG-1, FIG-13
TEST_F(FiguresTest, TheFileHoldsNoIdOfAnybodyAndNoTimeOfAnything) {
  for (std::size_t i = 0; i < kNumbers.size(); ++i) join(i);
  std::vector<Bytes> planted;
  const auto plant = [&](const auto& id) { planted.push_back(to_bytes(id.value())); };
  for (std::size_t i = 0; i < people_.size(); ++i) {
    const CaseId referred = refer(i);
    SignFullmakt act = fullmakt();
    act.terms.case_id = referred;
    plant(sign(i, act));
    plant(referred);
    read(i);
    const RequestAccess request = ask_for_access(i);
    grant(i, request);
    plant(request.id);
    plant(documents_[i]);
    plant(people_[i].actor.person);
    planted.push_back(to_bytes(people_[i].actor.key));
    planted.push_back(to_bytes(as_bytes(people_[i].number)));
  }
  for (const OrganisationId& one : {world_.region, world_.authority}) plant(one);
  for (const StaffActor& one : {world_.handler, world_.chief, world_.nurse}) plant(one.staff);
  plant(world_.team);
  next_month();
  const Figures figures = count();
  ASSERT_TRUE(write_figures(data(), world_.core->keys(), figures));
  const Bytes bytes = file();
  const Bytes key = to_bytes(as_bytes("figures"));
  const Bytes plain = RowSealer(world_.core->keys()).open_own({61, key, 0, BytesView(bytes).subspan(9)}).value();
  ASSERT_EQ(plain, encode(figures));
  const auto holds = [](BytesView text, BytesView part) {
    return std::search(text.begin(), text.end(), part.begin(), part.end()) != text.end();
  };
  for (const Bytes& one : planted) {
    EXPECT_FALSE(holds(plain, one)) << to_hex(one);
    EXPECT_FALSE(holds(plain, as_bytes(to_hex(one)))) << to_hex(one);
    EXPECT_FALSE(holds(bytes, one)) << to_hex(one);
  }
  EXPECT_EQ(plain.size(), 44u + 4 + 16 * kCells.size() + kLeads.size() * (16 + 8 * kLeadSteps));
  Figures empty = figures;  // the same months without anything in them
  empty.months.front() = {};
  empty.months.front().month = first_month_;
  EXPECT_EQ(encode(empty).size(), plain.size()) << "the size tells only how many months there are";
  for (const UtcTime time : {world_.clock.wall(), UtcTime(std::chrono::sys_days(first_month_ / 18))}) {
    ByteWriter written;
    written.u64(static_cast<std::uint64_t>(time.time_since_epoch().count()));
    EXPECT_FALSE(holds(plain, BytesView(written.view()).first(5))) << "a time, to some minutes";
  }
}

// SPEC FIG-12, FIG-14
TEST_F(FiguresTest, ADamagedFileIsFoundAndOneOfAnotherGatewayDoesNotOpen) {
  join(0);
  sign(0, fullmakt());
  next_month();
  const Figures figures = count();
  EXPECT_FALSE(read_figures(data(), world_.core->keys()).value()) << "no file yet";
  ASSERT_TRUE(write_figures(data(), world_.core->keys(), figures));
  EXPECT_EQ(read_figures(data(), world_.core->keys()).value(), figures);
  const Bytes good = file();
  const auto is_refused = [&](const Bytes& bytes) {
    put_file(bytes);
    const auto read = read_figures(data(), world_.core->keys());
    EXPECT_FALSE(read);
    EXPECT_EQ(read.error().code, ErrorCode::corrupt);
    EXPECT_THAT(read.error().message, HasSubstr(figures_file(data()).string()));
  };
  for (std::size_t at = 0; at < good.size(); at += 7) {
    Bytes bad = good;
    bad[at] ^= 1;
    is_refused(bad);
  }
  for (const std::size_t size : {std::size_t{0}, std::size_t{8}, std::size_t{9}, std::size_t{20}, good.size() - 1}) {
    is_refused(Bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size)));
  }
  Bytes longer = good;
  longer.push_back(0);
  is_refused(longer);
  const SignedWorld other;
  put_file(good);
  EXPECT_EQ(read_figures(data(), other.core->keys()).error().code, ErrorCode::corrupt);
}

// SPEC FIG-14
TEST_F(FiguresTest, CountsThatCannotBeAreRefused) {
  MonthFigures one;
  one.month = first_month_;
  one.cells[3] = {7, 4};
  one.leads[0] = {{2, 2}, {}};
  one.leads[0].people[1] = 2;
  Figures good;
  good.months = {one};
  ASSERT_EQ(decode_figures(encode(good)).value(), good);
  const auto is_refused = [&](const auto& change) {
    Figures bad = good;
    change(bad);
    EXPECT_FALSE(decode_figures(encode(bad)));
  };
  is_refused([](Figures& bad) { bad.months[0].cells[3].people = 8; });
  is_refused([](Figures& bad) { bad.months[0].cells[3].people = 0; });
  is_refused([](Figures& bad) { bad.months[0].leads[0].people[2] = 1; });
  is_refused([](Figures& bad) { bad.months[0].leads[0].people[1] = 1; });
  is_refused([](Figures& bad) { bad.months[0].leads[0].people[1] = ~std::uint64_t{0}; });
  is_refused([](Figures& bad) { bad.months[0].coverage = static_cast<Coverage>(3); });
  is_refused([](Figures& bad) { bad.months[0].month = std::chrono::year(2026) / std::chrono::month(13); });
  is_refused([](Figures& bad) { bad.months.push_back(bad.months[0]); });
  is_refused(
      [](Figures& bad) { bad.months.insert(bad.months.begin(), bad.months[0])->month += std::chrono::months(1); });
  Bytes many(44, 0);
  many[40] = 0xff;
  EXPECT_FALSE(decode_figures(many)) << "as many months as nobody has";
}

// SPEC FIG-5
TEST_F(FiguresTest, AFileThatIsAheadOfTheLogIsNotCountedOn) {
  join(0);
  next_month();
  Figures figures = count();
  figures.next = world_.core->sequencer().log_view().size + 1;
  const Result<void> counted = count_ended_months(
      *world_.core, figures, [] { return true; },
      [](const Figures&) {
        ADD_FAILURE();
        return Result<void>();
      });
  EXPECT_EQ(counted.error().code, ErrorCode::corrupt);
}

// SPEC FIG-5
TEST_F(FiguresTest, AfterARestoreTheMonthsOfTheOldLogStayAndNoneIsCountedTwice) {
  join(0);
  sign(0, fullmakt());
  next_month();
  sign(0, fullmakt());
  const Figures old = count();
  ASSERT_EQ(old.months.size(), 1u);
  const RestorePlan plan{world_.folder.path() / "backup", world_.folder.path() / "keys-backup", std::nullopt};
  ASSERT_TRUE(back_up(*world_.core, plan.backup, store::ObjectCopies::always_copied));
  ASSERT_TRUE(back_up_keys(*world_.core, plan.key_store_backup));
  world_.stop();
  const BackupContents contents = inspect_backup(plan, world_.master()).value();
  JointAct act{restore_act(contents, "flikvakt.test/log2", {}, world_.clock.wall()), {}};
  for (const std::size_t i : {0, 1}) act.signatures.push_back(sign_joint(act.act, world_.officials[i].key).value());
  world_.core = restore(store::DataDirectory::create(world_.folder.path() / "restored").value(), world_.master(), plan,
                        act, world_.clock, {})
                    .value();
  const Month restored = month();
  next_month();
  const Figures figures = count(old);
  ASSERT_EQ(figures.months.size(), 2u);
  EXPECT_EQ(figures.months[0], old.months[0]);
  EXPECT_EQ(figures.months[1].month, restored);
  EXPECT_EQ(figures.months[1].coverage, Coverage::restored);
  EXPECT_EQ(figures.months[1].cells, MonthFigures().cells) << "what stood is stated anew, and nobody did that";
  next_month();
  Figures ahead = old;  // as if the old log had come further than the backup
  ahead.months.push_back(old.months[0]);
  ahead.months.back().month = restored;
  const Figures twice = count(ahead);
  ASSERT_EQ(twice.months.size(), 3u);
  EXPECT_EQ(twice.months[1], ahead.months[1]) << "a month that is counted stays as it is";
}

// SPEC FIG-15
TEST_F(FiguresTest, TheKeeperCountsBesideTheGatewayAndLeavesADamagedFileAlone) {
  const auto comes = [&](const auto& condition) {
    for (int i = 0; i < 1000 && !condition(); ++i) std::this_thread::sleep_for(10ms);
    return condition();
  };
  join(0);
  sign(0, fullmakt());
  {
    FiguresKeeper keeper(*world_.core, {20ms});
    next_month();
    EXPECT_TRUE(comes([&] { return fs::exists(figures_file(data())); }));
  }
  EXPECT_EQ(read_figures(data(), world_.core->keys()).value().value(), count());
  Bytes bad = file();
  bad.back() ^= 1;
  put_file(bad);
  next_month();
  {
    FiguresKeeper keeper(*world_.core, {5ms});
    std::this_thread::sleep_for(100ms);
    EXPECT_TRUE(world_.ask(world_.lead, ListCases{}).decision.is_permitted()) << "the gateway serves";
  }
  EXPECT_EQ(file(), bad);
  EXPECT_EQ(count_all_months_again(*world_.core).value(), 2u);
  EXPECT_EQ(read_figures(data(), world_.core->keys()).value().value(), count());
  EXPECT_EQ(read_file(figures_file(data()).string() + ".old", 1 << 20).value(), bad);
}

TEST(Months, AreWrittenAsTheyAreReadAndNothingElseIsRead) {
  EXPECT_EQ(month_text(parse_month("2026-01").value()), "2026-01");
  for (const char* bad : {"", "2026", "2026-1", "2026-13", "2026-00", "2026-01-01", "26-01", "2026/01", " 2026-01",
                          "2026-01 ", "januari", "2026-0x"}) {
    EXPECT_FALSE(parse_month(bad)) << bad;
  }
  EXPECT_THROW(cell_of("people", "some"), std::logic_error);
}

}  // namespace
}  // namespace flikvakt::service::test
