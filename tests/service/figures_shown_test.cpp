// What a report shows, and that nobody can find from it what it withholds: by trying every small world there is.
#include "service/figures_shown.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <set>

namespace flikvakt::service {
namespace {

using testing::ElementsAre;

const Month kMonth = std::chrono::year(2026) / std::chrono::month(1);

MonthFigures month_with(std::initializer_list<std::pair<std::size_t, Cell>> cells, Month month = kMonth) {
  MonthFigures out;
  out.month = month;
  for (const auto& [at, cell] : cells) out.cells[at] = cell;
  return out;
}

const ShownFigure& find(const std::vector<ShownFigure>& figures, std::string_view figure, std::string_view kind,
                        std::optional<Month> month = kMonth) {
  const auto found = std::ranges::find_if(
      figures, [&](const ShownFigure& one) { return one.figure == figure && one.kind == kind && one.month == month; });
  if (found == figures.end()) throw std::logic_error("no such figure is told");
  return *found;
}

using Number = std::optional<std::uint64_t>;

// SPEC FIG-20, FIG-21
TEST(ShownFigures, WithholdACellOfFewAndTellAllOthers) {
  const std::size_t region = cell_of("readings", "region");
  for (std::uint64_t people = 1; people <= 12; ++people) {
    const auto told = shown({month_with({{region, {100 + people, people}}})}, kMonth, kMonth, 5);
    const ShownFigure& one = find(told, "readings", "region");
    SCOPED_TRACE(people);
    EXPECT_EQ(one.as, people < 5 ? ShownAs::withheld : ShownAs::shown);
    EXPECT_EQ(one.events, people < 5 ? Number() : Number(100 + people));
    EXPECT_EQ(one.people, people < 5 ? Number() : Number(people < 10 ? 5 : 10)) << "in fives";
  }
  const auto nothing = shown({month_with({})}, kMonth, kMonth, 5);
  EXPECT_EQ(find(nothing, "readings", "region").as, ShownAs::shown);
  EXPECT_EQ(find(nothing, "readings", "region").events, Number(0));
}

// SPEC FIG-20
TEST(ShownFigures, NoSettingMakesTheSmallestGroupSmaller) {
  const std::size_t region = cell_of("readings", "region");
  for (const std::uint64_t smallest : {0, 1, 4}) {
    const auto told = shown({month_with({{region, {9, 4}}})}, kMonth, kMonth, smallest);
    EXPECT_EQ(find(told, "readings", "region").as, ShownAs::withheld);
  }
  const auto told = shown({month_with({{region, {9, 9}}})}, kMonth, kMonth, 6);
  EXPECT_EQ(find(told, "readings", "region").as, ShownAs::withheld) << "nine are told as five";
}

// SPEC FIG-22
TEST(ShownFigures, ATotalIsToldOnlyWhereAllItsPartsAre) {
  const std::size_t region = cell_of("readings", "region");
  const std::size_t provider = cell_of("readings", "provider");
  const auto whole = shown({month_with({{region, {20, 8}}, {provider, {7, 5}}})}, kMonth, kMonth, 5);
  EXPECT_EQ(find(whole, "readings", "all").events, Number(27));
  EXPECT_EQ(find(whole, "readings", "all").people, Number()) << "how many are in both is nobody's to know";
  const auto part = shown({month_with({{region, {20, 8}}, {provider, {7, 4}}})}, kMonth, kMonth, 5);
  EXPECT_EQ(find(part, "readings", "region").events, Number(20));
  EXPECT_EQ(find(part, "readings", "all").as, ShownAs::withheld);
  EXPECT_EQ(find(part, "readings", "all").events, Number());
}

// SPEC FIG-22
TEST(ShownFigures, ATotalOverMonthsIsToldOnlyWhereEachMonthIs) {
  const std::size_t region = cell_of("readings", "region");
  const Month second = kMonth + std::chrono::months(1);
  const Month third = kMonth + std::chrono::months(2);
  const std::vector<MonthFigures> months{month_with({{region, {20, 8}}}), month_with({{region, {30, 9}}}, second),
                                         month_with({{region, {3, 2}}}, third)};
  const auto two = shown(months, kMonth, second, 5);
  EXPECT_EQ(find(two, "readings", "region", std::nullopt).events, Number(50));
  EXPECT_EQ(find(two, "readings", "all", std::nullopt).events, Number(50));
  const auto three = shown(months, kMonth, third, 5);
  EXPECT_EQ(find(three, "readings", "region", std::nullopt).as, ShownAs::withheld);
  EXPECT_EQ(find(three, "readings", "all", std::nullopt).as, ShownAs::withheld);
  const auto four = shown(months, kMonth, third + std::chrono::months(1), 5);
  EXPECT_EQ(find(four, "readings", "region", std::nullopt).as, ShownAs::not_counted);
  EXPECT_EQ(find(four, "readings", "region", third + std::chrono::months(1)).as, ShownAs::not_counted);
  EXPECT_THROW(find(four, "people", "all", std::nullopt), std::logic_error) << "people of several months are not added";
}

// SPEC FIG-23
TEST(ShownFigures, AQuantileHasTheSmallestGroupOnEitherSide) {
  const auto told = [](std::uint64_t people, std::uint64_t smallest) {
    MonthFigures one;
    one.month = kMonth;
    one.leads[0].cell = {people, people};
    one.leads[0].people[3] = people - people / 20;
    one.leads[0].people[kLeadSteps - 1] = people / 20;
    return find(shown({one}, kMonth, kMonth, smallest), "lead_from_referral", "all");
  };
  EXPECT_EQ(told(4, 5).as, ShownAs::withheld);
  EXPECT_EQ(told(9, 5).events, Number(9));
  EXPECT_FALSE(told(9, 5).median);
  EXPECT_EQ(told(10, 5).median, 3u);
  EXPECT_FALSE(told(49, 5).ninth_decile);
  EXPECT_EQ(told(50, 5).ninth_decile, 3u);
  EXPECT_FALSE(told(19, 10).median);
  EXPECT_EQ(told(20, 10).median, 3u);
}

TEST(ShownFigures, AQuantileIsTheFirstStepThatHoldsSoMany) {
  MonthFigures one;
  one.month = kMonth;
  one.leads[1].cell = {100, 100};
  one.leads[1].people = {49, 1, 39, 0, 0, 0, 0, 0, 0, 0, 11};
  const auto told = find(shown({one}, kMonth, kMonth, 5), "lead_from_request", "all");
  EXPECT_EQ(told.median, 1u);
  EXPECT_EQ(told.ninth_decile, kLeadSteps - 1);
}

// ---- Every small world

// People of each sort there is when each is, or is not, in each of some kinds of readings. Somebody in none of them is
// there for another reason.
constexpr std::array<std::string_view, 3> kKinds{"region", "provider", "authority"};
using Sorts = std::vector<std::uint64_t>;  // 2 to the number of kinds
using Events = std::vector<std::uint64_t>;

std::uint64_t people_in(const Sorts& sorts, std::size_t kind) {
  std::uint64_t out = 0;
  for (std::size_t sort = 0; sort < sorts.size(); ++sort) out += (sort >> kind & 1) != 0 ? sorts[sort] : 0;
  return out;
}

// `more`: readings of each kind beyond the first of each person.
MonthFigures world_of(const Sorts& sorts, const Events& more) {
  MonthFigures out;
  out.month = kMonth;
  std::uint64_t people = 0;
  for (const std::uint64_t count : sorts) people += count;
  out.cells[0] = {people, people};
  for (std::size_t kind = 0; kind < more.size(); ++kind) {
    const std::uint64_t in_kind = people_in(sorts, kind);
    out.cells[cell_of("readings", kKinds[kind])] = {in_kind == 0 ? 0 : in_kind + more[kind], in_kind};
  }
  return out;
}

std::string told_of(const MonthFigures& world, std::uint64_t smallest) {
  std::string out;
  for (const ShownFigure& one : shown({world}, kMonth, kMonth, smallest)) {
    if (one.figure != "people" && one.figure != "readings") continue;
    out += std::to_string(static_cast<int>(one.as)) + ":" + (one.events ? std::to_string(*one.events) : "-") + ":" +
           (one.people ? std::to_string(*one.people) : "-") + " ";
  }
  return out;
}

// Every way to write `sum` as that many numbers.
template <class Fn>
void each_partition(std::uint64_t sum, std::size_t numbers, Sorts& so_far, const Fn& fn) {
  if (so_far.size() + 1 == numbers) {
    so_far.push_back(sum);
    fn(so_far);
    so_far.pop_back();
    return;
  }
  for (std::uint64_t one = 0; one <= sum; ++one) {
    so_far.push_back(one);
    each_partition(sum - one, numbers, so_far, fn);
    so_far.pop_back();
  }
}

template <class Fn>
void each_world(std::uint64_t most_people, std::size_t kinds, const Fn& fn) {
  for (std::uint64_t people = 0; people <= most_people; ++people) {
    Sorts sorts;
    each_partition(people, std::size_t{1} << kinds, sorts, fn);
  }
}

constexpr std::uint64_t kMostPeople = 9;  // none, few, and the first band of five

// SPEC FIG-21, FIG-22: somebody who knows this program and all that is told still finds every number from 1 to 4 of
// people possible behind each cell that is withheld.
TEST(ShownFigures, InEverySmallWorldWhatIsWithheldMayBeAnySmallNumber) {
  std::map<std::string, std::array<std::set<std::uint64_t>, 3>> possible;
  std::size_t worlds = 0;
  each_world(kMostPeople, kKinds.size(), [&](const Sorts& sorts) {
    for (const std::uint64_t more : {0, 1}) {
      ++worlds;
      std::array<std::set<std::uint64_t>, 3>& people = possible[told_of(world_of(sorts, Events(3, more)), 5)];
      for (std::size_t kind = 0; kind < kKinds.size(); ++kind) people[kind].insert(people_in(sorts, kind));
    }
  });
  EXPECT_EQ(worlds, 2u * 24'310u);
  std::size_t withheld = 0;
  for (const auto& [told, people] : possible) {
    for (std::size_t kind = 0; kind < kKinds.size(); ++kind) {
      SCOPED_TRACE(told + "of " + std::string(kKinds[kind]));
      const bool is_few = !people[kind].contains(0) && *people[kind].rbegin() < 5;
      withheld += is_few;
      if (!is_few) continue;
      EXPECT_THAT(people[kind], ElementsAre(1, 2, 3, 4));
    }
  }
  EXPECT_GT(withheld, 50u);
}

// SPEC FIG-21: nor how many few were there and not read of, or read of by both of two, or by one and not by the other:
// numbers that stand in no cell, and that a subtraction of exact numbers of people would give.
TEST(ShownFigures, InEverySmallWorldNoFewPeopleAreFoundBetweenTheCells) {
  struct Between {
    std::array<std::set<std::uint64_t>, 5> groups;
  };
  std::map<std::string, Between> possible;
  each_world(kMostPeople, 2, [&](const Sorts& sorts) {
    for (std::uint64_t first = 0; first <= kMostPeople; ++first) {
      for (std::uint64_t second = 0; second <= kMostPeople; ++second) {
        const MonthFigures world = world_of(sorts, {first, second});
        const auto is_small = [&](std::size_t kind) {  // beyond, not all ways to come to so many are in these worlds
          return world.cells[cell_of("readings", kKinds[kind])].events <= kMostPeople;
        };
        if (!is_small(0) || !is_small(1)) continue;
        Between& out = possible[told_of(world, 5)];
        const std::uint64_t none = sorts[0], one = sorts[1], other = sorts[2], both = sorts[3];
        const std::array groups{none + other, none + one, both, one, other};
        for (std::size_t i = 0; i < groups.size(); ++i) out.groups[i].insert(groups[i]);
      }
    }
  });
  EXPECT_GT(possible.size(), 30u);
  for (const auto& [told, out] : possible) {
    for (std::size_t i = 0; i < out.groups.size(); ++i) {
      const bool is_known = out.groups[i].size() == 1;
      const std::uint64_t number = *out.groups[i].begin();
      EXPECT_FALSE(is_known && number > 0 && number < 5) << told << "group " << i << " has " << number;
    }
  }
}

// SPEC FIG-21: whoever makes one report after another, with every smallest group there is, learns no more than the
// first of them says.
TEST(ShownFigures, ReportsWithOtherSmallestGroupsAddNothing) {
  std::map<std::string, std::set<std::string>> others;
  for (std::uint64_t people = 0; people <= 40; ++people) {
    const MonthFigures one = month_with({{cell_of("readings", "region"), {people == 0 ? 0u : 41u, people}}});
    std::string all;
    for (std::uint64_t smallest = 5; smallest <= 41; ++smallest) all += told_of(one, smallest);
    others[told_of(one, 5)].insert(all);
  }
  for (const auto& [first, rest] : others) EXPECT_EQ(rest.size(), 1u) << first;
  EXPECT_EQ(others.size(), 2u + 8u) << "none, few, and each band of five";
}

// SPEC FIG-22, FIG-24: nor by reports of other months.
TEST(ShownFigures, ReportsOfOtherMonthsAddNothing) {
  const std::size_t region = cell_of("readings", "region");
  std::vector<MonthFigures> months;
  for (int i = 0; i < 4; ++i) {
    months.push_back(
        month_with({{region, {20u + static_cast<unsigned>(i), i == 2 ? 3u : 8u}}}, kMonth + std::chrono::months(i)));
  }
  const auto all = shown(months, kMonth, months[3].month, 5);
  for (int from = 0; from < 4; ++from) {
    for (int to = from; to < 4; ++to) {
      const auto part = shown(months, months[from].month, months[to].month, 5);
      std::uint64_t sum = 0;
      bool has_withheld = false;
      for (int i = from; i <= to; ++i) {
        const ShownFigure& one = find(all, "readings", "region", months[i].month);
        EXPECT_EQ(find(part, "readings", "region", months[i].month).events, one.events);
        sum += one.events.value_or(0);
        has_withheld = has_withheld || one.as == ShownAs::withheld;
      }
      if (from == to) continue;
      EXPECT_EQ(find(part, "readings", "region", std::nullopt).events, has_withheld ? Number() : Number(sum));
    }
  }
}

}  // namespace
}  // namespace flikvakt::service
