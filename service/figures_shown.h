// What of the figures may leave the gateway: the only way from counts to a report. Each cell is decided alone, by how
// many people stand behind it, and every total is made of cells that are shown, so nothing can be found by subtracting
// (spec/figures.md, "What is shown"). Pure functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "service/figures.h"

namespace flikvakt::service {

// Numbers of people are told as multiples of this, rounded down; no smaller group is ever shown.
inline constexpr std::uint64_t kPeopleRounded = 5;

enum class ShownAs { shown, withheld, not_counted };

struct ShownFigure {
  std::optional<Month> month = {};  // none: over all months of the report
  std::string_view figure;
  std::string_view kind;  // "all": people, lead times, and totals over kinds
  ShownAs as = ShownAs::not_counted;
  std::optional<std::uint64_t> events = {};
  std::optional<std::uint64_t> people = {};      // rounded down
  std::optional<std::size_t> median = {};        // a step of kLeadDays: half of them waited less than it says
  std::optional<std::size_t> ninth_decile = {};  // nine of ten
  Coverage coverage = Coverage::whole;
};

// From `from` to `to`, by month, then as in kCells; then the totals over the months, if there are several.
// `smallest_group`: below 5 counts as 5.
std::vector<ShownFigure> shown(const std::vector<MonthFigures>& months, Month from, Month to,
                               std::uint64_t smallest_group);

}  // namespace flikvakt::service
