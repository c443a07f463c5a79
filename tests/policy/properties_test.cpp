// What holds in every world, whatever stands there. rapidcheck makes worlds of a few changes to the valid one, and
// leaves out what a failure does not need.
#include <rapidcheck.h>

#include <iostream>
#include <numeric>

#include "tests/policy/random_world.h"

namespace flikvakt::policy::test {

// One change, told by its number and the dice that it throws.
struct Step {
  std::size_t change = 0;
  unsigned dice = 0;
  void make(World& world) const {
    Dice thrown(dice);
    world_changes()[change].make(world, thrown);
  }
};
std::ostream& operator<<(std::ostream& out, const Step& step) {
  return out << world_changes()[step.change].what << " (dice " << step.dice << ")";
}

// Who reads, and what was changed.
struct Steps {
  bool by_provider = false;
  std::vector<Step> steps;
};
std::ostream& operator<<(std::ostream& out, const Steps& all) {
  out << "the valid world, read by " << (all.by_provider ? "a provider" : "an authority") << "; changed:";
  for (const Step& step : all.steps) out << "\n  " << step;
  return out;
}

}  // namespace flikvakt::policy::test

namespace rc {
using flikvakt::policy::test::Step;
using flikvakt::policy::test::Steps;
template <>
struct Arbitrary<Step> {
  static Gen<Step> arbitrary() {
    const std::size_t kinds = flikvakt::policy::test::world_changes().size();
    return gen::resize(kNominalSize, gen::build<Step>(gen::set(&Step::change, gen::inRange<std::size_t>(0, kinds)),
                                                      gen::set(&Step::dice, gen::inRange(0u, 100'000u))));
  }
};
template <>
struct Arbitrary<Steps> {
  static Gen<Steps> arbitrary() {
    return gen::build<Steps>(gen::set(&Steps::by_provider),
                             gen::set(&Steps::steps, gen::scale(0.08, gen::arbitrary<std::vector<Step>>())));
  }
};
}  // namespace rc

namespace flikvakt::policy::test {
namespace {

// Set before rapidcheck looks: the same worlds each time, as many as there is time for. It prints how to play a failure
// again.
const int kParameters =
    setenv("RC_PARAMS", ("seed=" + std::to_string(kSeed) + " max_success=" + std::to_string(worlds(2'000))).c_str(), 0);

World made(const Steps& all) {
  World world;
  if (all.by_provider) world.let_provider_read();
  for (const Step& step : all.steps) step.make(world);
  return world;
}

Decision read(const World& world, const State& state, const Steps& all) {
  const StaffActor reader = world.staff(all.by_provider ? world.provider_staff : world.reader);
  return decide_read(state, {reader, world.document, kPurpose}, world.now);
}
Decision read(const World& world, const Steps& all) { return read(world, world.state, all); }

// Plays the property; `told` counts the worlds that tell something of it, so that it is not empty.
class Property {
public:
  explicit Property(std::string name) : name_(std::move(name)) {}
  template <class Test>
  void holds(Test test) {
    EXPECT_TRUE(rc::check(name_, [&](const Steps& all) { test(all); }));
    std::cout << "counts: " << name_ << ": " << told << " worlds that tell\n";
    EXPECT_GT(told, 50);
  }
  int told = 0;

private:
  std::string name_;
};

std::vector<FullmaktId> fullmakter(const World& world) {
  std::vector<FullmaktId> out;
  for (const auto& [id, row] : world.state.all<Fullmakt>()) out.push_back(id);
  std::ranges::sort(out);
  return out;
}

// SPEC RULE-1, RULE-21
TEST(InEveryWorld, NothingIsOpenWithoutAFullmakt) {
  Property one("nothing is open without a fullmakt");
  one.holds([&](const Steps& all) {
    World world = made(all);
    one.told += read(world, all).is_permitted();
    for (const FullmaktId& id : fullmakter(world)) {
      if (world.get<Fullmakt>(id).person == world.person) world.state.erase(row_id_of<Fullmakt>(id));
    }
    const Decision without = read(world, all);
    RC_ASSERT(!without.is_permitted());
    RC_ASSERT(without.rule != Rule::none && without.rule <= Rule::fullmakt);
  });
}

// SPEC RULE-14
TEST(InEveryWorld, APermitNamesAnActiveFullmaktOfThePersonThatHoldsNow) {
  Property one("a permit names an active fullmakt of the person");
  one.holds([&](const Steps& all) {
    const World world = made(all);
    const Decision decision = read(world, all);
    RC_ASSERT(decision.is_permitted() == decision.fullmakt.has_value());
    if (!decision.fullmakt) return;
    ++one.told;
    const Fullmakt& by = world.get<Fullmakt>(*decision.fullmakt);
    RC_ASSERT(by.person == world.person && by.status == FullmaktStatus::active);
    RC_ASSERT(by.terms.valid_from <= world.now && world.now < by.terms.valid_to);
  });
}

// SPEC RULE-10
TEST(InEveryWorld, ASparrBeatsAllThatIsGiven) {
  Property one("a Sparr beats all that is given");
  one.holds([&](const Steps& all) {
    World world = made(all);
    const Decision before = read(world, all);
    one.told += before.is_permitted();
    world.state.put(Sparr{id<SparrId>(77), world.person, {}, true});
    const Decision after = read(world, all);
    RC_ASSERT(!after.is_permitted());
    const bool failed_earlier = before.rule == Rule::actor || before.rule == Rule::document;
    RC_ASSERT(after.rule == (failed_earlier ? before.rule : Rule::sparr));
  });
}

// SPEC RULE-10, RULE-12
TEST(InEveryWorld, NoSparrOpensAnything) {
  Property one("no Sparr opens anything");
  const auto is_sparr = [](const WorldChange& change) { return std::string_view(change.what) == "a Sparr"; };
  const std::size_t add_sparr = std::ranges::find_if(world_changes(), is_sparr) - world_changes().begin();
  ASSERT_LT(add_sparr, world_changes().size());
  one.holds([&](const Steps& all) {
    World world = made(all);
    for (const unsigned number : {0u, 1u, 2u, 3u}) world.state.erase(row_id_of<Sparr>(id<SparrId>(number)));
    const bool before = read(world, all).is_permitted();
    Step{add_sparr, *rc::gen::inRange(0u, 100'000u)}.make(world);
    const bool after = read(world, all).is_permitted();
    one.told += before && !after;
    RC_ASSERT(before || !after);
  });
}

// A flik or a document more or less on one fullmakt; which and whose the dice say.
void widen(FullmaktTerms& terms, const World& world, Dice& dice) {
  if (dice.one_in(3))
    terms.documents.insert(world.document);
  else
    terms.flikar.insert(dice.of<std::string>({kFlik, "plan", "other"}));
}
void narrow(FullmaktTerms& terms, const World& world, Dice& dice) {
  if (dice.one_in(3))
    terms.documents.erase(world.document);
  else
    terms.flikar.erase(dice.of<std::string>({kFlik, "plan", "other"}));
}
void change_one(World& world, unsigned thrown, void (*how)(FullmaktTerms&, const World&, Dice&)) {
  Dice dice(thrown);
  const std::vector<FullmaktId> all = fullmakter(world);
  world.change<Fullmakt>(dice.of(all), [&](Fullmakt& one) { how(one.terms, world, dice); });
}

// SPEC RULE-15
TEST(InEveryWorld, AFlikMoreClosesNothing) {
  Property one("a flik more closes nothing");
  one.holds([&](const Steps& all) {
    World world = made(all);
    const bool before = read(world, all).is_permitted();
    change_one(world, *rc::gen::inRange(0u, 100'000u), widen);
    one.told += before;
    RC_ASSERT(!before || read(world, all).is_permitted());
  });
}

// SPEC RULE-15
TEST(InEveryWorld, AFlikLessOpensNothing) {
  Property one("a flik less opens nothing");
  one.holds([&](const Steps& all) {
    World world = made(all);
    const bool before = read(world, all).is_permitted();
    change_one(world, *rc::gen::inRange(0u, 100'000u), narrow);
    const bool after = read(world, all).is_permitted();
    one.told += before && !after;
    RC_ASSERT(before || !after);
  });
}

std::vector<Row> rows_of(const State& state) {
  std::vector<Row> out;
  boost::mp11::mp_for_each<boost::mp11::mp_transform<std::type_identity, RowVariant>>(
      [&]<class T>(std::type_identity<T>) {
        for (const auto& [key, row] : state.all<T>()) out.emplace_back(row);
      });
  return out;
}

// SPEC RULE-1
TEST(InEveryWorld, TheOrderInWhichRowsCameDecidesNothing) {
  Property one("the order in which rows came decides nothing");
  one.holds([&](const Steps& all) {
    const World world = made(all);
    std::vector<Row> rows = rows_of(world.state);
    std::mt19937 random(*rc::gen::inRange(0u, 100'000u));
    std::ranges::shuffle(rows, random);
    State other;
    for (const Row& row : rows) other.put(row);
    // Some go and come again.
    for (std::size_t i = 0; i < rows.size(); i += 2) other.erase(row_id(rows[i]));
    for (std::size_t i = 0; i < rows.size(); i += 2) other.put(rows[i]);
    const Decision here = read(world, all), there = read(world, other, all);
    one.told += here.is_permitted();
    RC_ASSERT(there.is_permitted() == here.is_permitted());
    RC_ASSERT(there.rule == here.rule);
    RC_ASSERT(there.fullmakt == here.fullmakt);
  });
}

// The same rows of T with their ids dealt out anew; new id → old.
template <class T>
std::map<typename T::Key, typename T::Key> deal_anew(State& state, std::mt19937& random) {
  std::vector<T> rows;
  std::vector<typename T::Key> keys;
  for (const auto& [key, row] : state.all<T>()) rows.push_back(row), keys.push_back(key);
  std::ranges::shuffle(keys, random);
  std::map<typename T::Key, typename T::Key> was;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    was.emplace(keys[i], rows[i].id);
    rows[i].id = keys[i];
    state.put(rows[i]);
  }
  return was;
}

// SPEC RULE-30
TEST(InEveryWorld, IdsDecideNothingButATie) {
  Property one("ids decide nothing but a tie");
  one.holds([&](const Steps& all) {
    World world = made(all);
    Fullmakt twin = world.get<Fullmakt>(world.fullmakt);
    twin.id = id<FullmaktId>(9);
    world.state.put(twin);
    const Decision before = read(world, all);
    const State then = world.state;
    std::mt19937 random(*rc::gen::inRange(0u, 100'000u));
    const auto was = deal_anew<Fullmakt>(world.state, random);
    deal_anew<Sparr>(world.state, random);
    deal_anew<Authorisation>(world.state, random);
    const Decision after = read(world, all);
    RC_ASSERT(after.is_permitted() == before.is_permitted());
    RC_ASSERT(after.rule == before.rule);
    if (!after.is_permitted()) return;
    const FullmaktId by = was.at(*after.fullmakt);
    one.told += by != *after.fullmakt;
    const Fullmakt &mine = *then.find<Fullmakt>(*before.fullmakt), &other = *then.find<Fullmakt>(by);
    RC_ASSERT(mine.terms.max_readings.has_value() == other.terms.max_readings.has_value());
    RC_ASSERT(mine.terms.valid_to == other.terms.valid_to);
  });
}

}  // namespace
}  // namespace flikvakt::policy::test
