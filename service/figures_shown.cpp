#include "service/figures_shown.h"

#include <algorithm>

namespace flikvakt::service {
namespace {

constexpr std::string_view kAll = "all";
constexpr std::string_view kPeople = "people";

// SPEC FIG-21: by the rounded number, so that no choice of the smallest group tells more than the rounding does.
bool is_large_enough(std::uint64_t people, std::uint64_t smallest_group) {
  return people - people % kPeopleRounded >= smallest_group;
}

ShownFigure cell(const CellName& name, const Cell& counted, std::uint64_t smallest_group) {
  ShownFigure out{{}, name.figure, name.kind, ShownAs::withheld};
  if (counted.events > 0 && !is_large_enough(counted.people, smallest_group)) return out;
  out.as = ShownAs::shown;
  out.people = counted.people - counted.people % kPeopleRounded;
  if (name.figure != kPeople) out.events = counted.events;
  return out;
}

// The first step up to which `share` of ten of them are.
std::size_t quantile(const LeadTimes& lead, std::uint64_t share) {
  std::uint64_t up_to = 0;
  for (std::size_t step = 0; step < kLeadSteps; ++step) {
    up_to += lead.people[step];
    if (10 * up_to >= share * lead.cell.people) return step;
  }
  return kLeadSteps - 1;
}

// SPEC FIG-23: on either side of what is told stand as many as the smallest group.
ShownFigure lead_times(const CellName& name, const LeadTimes& lead, std::uint64_t smallest_group) {
  ShownFigure out = cell(name, lead.cell, smallest_group);
  if (is_large_enough(lead.cell.people, 2 * smallest_group)) out.median = quantile(lead, 5);
  if (is_large_enough(lead.cell.people, 10 * smallest_group)) out.ninth_decile = quantile(lead, 9);
  return out;
}

// SPEC FIG-22: a sum of what is shown.
class Total {
public:
  void add(const ShownFigure& part) {
    ++parts_;
    if (part.as == ShownAs::withheld && as_ == ShownAs::shown) as_ = ShownAs::withheld;
    if (part.as == ShownAs::not_counted) as_ = ShownAs::not_counted;
    events_ += part.events.value_or(0);
  }
  std::size_t parts() const { return parts_; }
  ShownFigure shown(std::string_view figure, std::string_view kind) const {
    ShownFigure out{{}, figure, kind, as_};
    if (as_ == ShownAs::shown) out.events = events_;
    return out;
  }

private:
  ShownAs as_ = ShownAs::shown;
  std::uint64_t events_ = 0;
  std::size_t parts_ = 0;
};

std::vector<ShownFigure> cells_of(const MonthFigures* counted, std::uint64_t smallest_group) {
  std::vector<ShownFigure> out;
  for (std::size_t i = 0; i < kCells.size(); ++i) {
    out.push_back(counted ? cell(kCells[i], counted->cells[i], smallest_group)
                          : ShownFigure{{}, kCells[i].figure, kCells[i].kind});
  }
  for (std::size_t i = 0; i < kLeads.size(); ++i) {
    out.push_back(counted ? lead_times(kLeads[i], counted->leads[i], smallest_group)
                          : ShownFigure{{}, kLeads[i].figure, kLeads[i].kind});
  }
  return out;
}

// Behind the last kind of each figure that has several, its total.
std::vector<ShownFigure> with_totals(const std::vector<ShownFigure>& cells) {
  std::vector<ShownFigure> out;
  Total total;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    out.push_back(cells[i]);
    total.add(cells[i]);
    if (i + 1 < cells.size() && cells[i + 1].figure == cells[i].figure) continue;
    if (total.parts() > 1) out.push_back(total.shown(cells[i].figure, kAll));
    total = Total();
  }
  return out;
}

}  // namespace

std::vector<ShownFigure> shown(const std::vector<MonthFigures>& months, Month from, Month to,
                               std::uint64_t smallest_group) {
  const std::uint64_t smallest = std::max(smallest_group, kPeopleRounded);
  std::vector<ShownFigure> out;
  std::vector<Total> over_months(kCells.size() + kLeads.size());
  for (Month month = from; month <= to; month += std::chrono::months(1)) {
    const auto found = std::ranges::find(months, month, &MonthFigures::month);
    const MonthFigures* counted = found == months.end() ? nullptr : &*found;
    const std::vector<ShownFigure> cells = cells_of(counted, smallest);
    for (std::size_t i = 0; i < cells.size(); ++i) over_months[i].add(cells[i]);
    for (ShownFigure& one : with_totals(cells)) {
      one.month = month;
      if (counted) one.coverage = counted->coverage;
      out.push_back(one);
    }
  }
  if (from == to) return out;
  std::vector<ShownFigure> totals;
  for (std::size_t i = 0; i < over_months.size(); ++i) {
    const CellName& name = i < kCells.size() ? kCells[i] : kLeads[i - kCells.size()];
    if (name.figure != kPeople) totals.push_back(over_months[i].shown(name.figure, name.kind));
  }
  for (ShownFigure& one : with_totals(totals)) out.push_back(one);
  return out;
}

}  // namespace flikvakt::service
