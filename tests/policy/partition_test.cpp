// Who says how a source's files are divided, and what may be made of a file that was looked into.
#include "policy/deposit_plan.h"
#include "tests/policy/world.h"

namespace flikvakt::policy::test {
namespace {

struct Dividing {
  World world;

  Dividing() {
    FlikType original{"original", "Original", "Originals", "Hela filer", Sensitivity::sensitive, Standing::active, 1};
    original.only_person = true;
    world.state.put(original);
  }
  static SetPartitionRule rule() {
    SetPartitionRule out{"journal", 1, "Journalutskrift", "application/pdf", {}, {}, {{"annotation", "refuse"}}};
    out.parts = {{kFlik, {{"bookmark", "Anteckningar", {}}}}, {"plan", {{"heading", "Planer", {}}}}};
    out.original = "original";
    return out;
  }
  Decision says(const StaffId& who, const SetPartitionRule& act) const {
    return world.ask(world.staff(who), act).decision;
  }
  Decision says(const std::function<void(SetPartitionRule&)>& how) const {
    SetPartitionRule changed = rule();
    how(changed);
    return says(world.source_registrar, changed);
  }
};

// SPEC PART-50
TEST(PartitionRule, IsStatedByARegistrarOfTheSourceAndOfItsOwnFilesAlone) {
  Dividing it;
  EXPECT_TRUE(is_permitted(it.says(it.world.source_registrar, it.rule())));
  EXPECT_TRUE(is_refused(it.says(it.world.source_staff, it.rule()), Reason::not_entitled)) << "no role";
  EXPECT_TRUE(is_refused(it.says(it.world.source_officer, it.rule()), Reason::not_entitled)) << "another role";
  EXPECT_TRUE(is_refused(it.world.ask(it.world.person_actor(), it.rule()).decision, Reason::not_entitled));
  EXPECT_TRUE(is_refused(it.world.ask(AdministratorActor{it.world.anna}, it.rule()).decision, Reason::not_entitled));
  (void)it.world.act(it.world.staff(it.world.other_registrar), it.rule());
  EXPECT_TRUE(it.world.state.find<PartitionRule>({it.world.other, "journal"}));
  EXPECT_FALSE(it.world.state.find<PartitionRule>({it.world.source, "journal"})) << "another's is another one";
  it.world.change<Organisation>(it.world.source, [](Organisation& o) { o.standing = Standing::suspended; });
  EXPECT_FALSE(it.says(it.world.source_registrar, it.rule()).is_permitted());
}

// SPEC PART-50
TEST(PartitionRule, IsStatedAnewAsAWholeUnderTheNextVersion) {
  Dividing it;
  const StaffActor registrar = it.world.staff(it.world.source_registrar);
  const PartitionRule::Key key{it.world.source, "journal"};
  EXPECT_TRUE(is_refused(it.says([](auto& a) { a.version = 2; }), Reason::state_changed)) << "there is no first";
  const Outcome first = it.world.act(registrar, it.rule());
  EXPECT_TRUE(first.concerns.empty());
  EXPECT_EQ(it.world.get<PartitionRule>(key).version, 1u);
  EXPECT_EQ(it.world.get<PartitionRule>(key).written, it.world.now);
  EXPECT_TRUE(is_refused(it.says([](auto&) {}), Reason::state_changed)) << "somebody was faster";
  SetPartitionRule down = it.rule();
  down.version = 2;
  down.parts.clear();
  down.original.reset();
  (void)it.world.act(registrar, down);
  EXPECT_EQ(it.world.get<PartitionRule>(key).version, 2u);
  EXPECT_TRUE(it.world.get<PartitionRule>(key).parts.empty()) << "taken down";
}

// SPEC PART-52, PART-53
TEST(PartitionRule, WhatIsNoRuleIsRefused) {
  const Dividing it;
  const std::vector<std::pair<const char*, std::function<void(SetPartitionRule&)>>> kFlaws = {
      {"no code", [](auto& a) { a.document_type = "Journal"; }},
      {"no name", [](auto& a) { a.name.clear(); }},
      {"no media type", [](auto& a) { a.media_type.clear(); }},
      {"a part that takes nothing", [](auto& a) { a.parts[0].takes.clear(); }},
      {"a take without a name", [](auto& a) { a.parts[0].takes[0].name.clear(); }},
      {"a name too long", [](auto& a) { a.parts[0].takes[0].name = std::string(201, 'x'); }},
      {"two parts in one flik", [](auto& a) { a.parts[1].flik = a.parts[0].flik; }},
      {"two rules for one finding", [](auto& a) { a.findings.push_back(a.findings[0]); }},
      {"the whole beside a part",
       [](auto& a) {
         a.parts[0].takes = {{"whole", "", {}}};
       }},
      {"an original of nothing", [](auto& a) { a.parts.clear(); }},
      {"an original that others could open",
       [](auto& a) {
         a.parts.pop_back();
         a.original = "plan";
       }},
      {"too many takes", [](auto& a) { a.parts[0].takes.resize(257, a.parts[0].takes[0]); }}};
  for (const auto& [what, flaw] : kFlaws) EXPECT_TRUE(is_refused(it.says(flaw), Reason::terms_invalid)) << what;
  EXPECT_TRUE(is_refused(it.says([](auto& a) { a.parts[0].flik = "okand"; }), Reason::flik_unknown));
  EXPECT_TRUE(is_permitted(it.says([](auto& a) {
    a.parts = {{kFlik, {{"whole", "", {}}}}};
    a.original.reset();
  }))) << "a letter goes whole into one flik";
}

// SPEC RULE-8
TEST(OnlyPerson, NobodyElseOpensWhatLiesInSuchAFlik) {
  World world;
  EXPECT_TRUE(is_permitted(world.read()));
  world.change<FlikType>(kFlik, [](FlikType& f) { f.only_person = true; });
  EXPECT_TRUE(is_refused(world.read(), Reason::only_person, Rule::document));
  EXPECT_TRUE(is_permitted(decide_own_read(world.state, world.person_actor(), world.document, world.now)));
  world.change<FlikType>(kFlik, [](FlikType& f) { f.only_person = false; });
  EXPECT_TRUE(is_permitted(world.read()));
}

PlanDeposit plan(const World& world, std::vector<std::string> flikar) {
  PlanDeposit out;
  out.person = world.person_index;
  out.plan.media_type = "application/pdf";
  for (const std::string& flik : flikar) out.plan.parts.push_back({flik, "application/pdf", 9, fingerprint(77)});
  return out;
}

std::set<std::string> open_of(const Outcome& outcome) { return std::get<OpenFlikar>(outcome.answer).codes; }

// SPEC PART-56
TEST(PlanDeposit, TellsWhichOfTheFlikarAreOpenToTheSource) {
  World world;
  const StaffActor source = world.staff(world.source_staff);
  const Outcome both = world.ask(source, plan(world, {kFlik, "plan"}));
  EXPECT_TRUE(is_permitted(both.decision));
  EXPECT_EQ(open_of(both), std::set<std::string>{kFlik});
  EXPECT_TRUE(concerns(both, world.person)) << "the person sees that a file was looked into";
  EXPECT_TRUE(changes_nothing(both));
  EXPECT_TRUE(is_permitted(world.ask(source, plan(world, {})).decision)) << "only what the file holds was asked";
  world.change<FlikType>(kFlik, [](FlikType& f) { f.standing = Standing::suspended; });
  EXPECT_TRUE(is_refused(world.ask(source, plan(world, {kFlik})).decision, Reason::flik_unknown));
}

// SPEC PART-56: a number that is not known here, and a person who opened nothing, look the same.
TEST(PlanDeposit, IsRefusedWhereNothingIsOpen) {
  World world;
  EXPECT_TRUE(
      is_refused(world.ask(world.staff(world.source_staff), plan(world, {"plan"})).decision, Reason::no_fullmakt));
  PlanDeposit unknown = plan(world, {kFlik});
  unknown.person = world.unknown_index;
  const Outcome refused = world.ask(world.staff(world.source_staff), unknown);
  EXPECT_TRUE(is_refused(refused.decision, Reason::unknown));
  EXPECT_TRUE(refused.concerns.empty());
  unknown.plan.parts.clear();
  EXPECT_TRUE(is_permitted(world.ask(world.staff(world.source_staff), unknown).decision));
  EXPECT_TRUE(is_refused(world.ask(world.staff(world.reader), plan(world, {kFlik})).decision, Reason::no_fullmakt));
  world.change<Staff>(world.source_staff, [](Staff& s) { s.standing = Standing::suspended; });
  EXPECT_TRUE(is_refused(world.ask(world.staff(world.source_staff), plan(world, {kFlik})).decision,
                         Reason::actor_not_active, Rule::actor));
}

// SPEC PART-57
TEST(PlanDeposit, OfARefusedFileIsRefusedAndConcernsThePerson) {
  World world;
  PlanDeposit refused = plan(world, {});
  refused.plan.refused = PlanRefusal{"encrypted", "", {}};
  const Outcome outcome = world.ask(world.staff(world.source_staff), refused);
  EXPECT_TRUE(is_refused(outcome.decision, Reason::file_refused));
  EXPECT_TRUE(concerns(outcome, world.person));
}

// SPEC PART-59: a record can never be taken back.
TEST(PlanDeposit, OneBeyondItsBoundsIsRefused) {
  World world;
  const StaffActor source = world.staff(world.source_staff);
  const auto with = [&](const std::function<void(DepositPlan&)>& change) {
    PlanDeposit out = plan(world, {kFlik});
    change(out.plan);
    return world.ask(source, out).decision;
  };
  const std::string most(kLongestPlanWords, 'x'), more = most + "x";
  EXPECT_TRUE(is_permitted(with([&](DepositPlan& p) { p.left_out.assign(kMostLeftOut, {most, "not_named"}); })));
  EXPECT_TRUE(is_refused(with([&](DepositPlan& p) {
                           p.left_out.assign(kMostLeftOut + 1, {most, "not_named"});
                         }),
                         Reason::terms_invalid));
  EXPECT_TRUE(is_refused(with([&](DepositPlan& p) { p.left_out = {{more, "not_named"}}; }), Reason::terms_invalid));
  EXPECT_TRUE(is_permitted(with([&](DepositPlan& p) { p.findings = {{"comment", most, 1, "strip"}}; })));
  EXPECT_TRUE(is_refused(with([&](DepositPlan& p) {
                           p.findings = {{"comment", more, 1, "strip"}};
                         }),
                         Reason::terms_invalid));
  EXPECT_TRUE(is_refused(with([&](DepositPlan& p) {
                           p.refused = PlanRefusal{"found", more, {}};
                         }),
                         Reason::terms_invalid));
  EXPECT_TRUE(is_refused(with([&](DepositPlan& p) {
                           p.refused = PlanRefusal{"found", most, {}};
                         }),
                         Reason::file_refused));
}

}  // namespace
}  // namespace flikvakt::policy::test
