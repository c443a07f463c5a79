#include "service/figures_tally.h"

#include <algorithm>

namespace flikvakt::service {

std::size_t lead_step(std::chrono::milliseconds time) {
  const auto within = std::ranges::find_if(kLeadDays, [&](int days) { return time < std::chrono::days(days); });
  return static_cast<std::size_t>(within - kLeadDays.begin());
}

// The entries of one act follow each other.
void MonthTally::count(std::size_t cell, const Somebody& person, const ActId& act, std::uint64_t events) {
  Counted& counted = cells_[cell];
  if (counted.last != act) counted.events += events;
  counted.last = act;
  counted.people.insert(person);
}

// SPEC FIG-8: of several of one person the first counts among the steps, so that a step is as many people.
void MonthTally::lead(Lead lead, const Somebody& person, std::chrono::milliseconds time) {
  Led& led = leads_[static_cast<std::size_t>(lead)];
  ++led.events;
  if (led.people.insert(person).second) ++led.steps[lead_step(time)];
}

MonthFigures MonthTally::figures(Month month, Coverage coverage) const {
  MonthFigures out;
  out.month = month;
  out.coverage = coverage;
  for (std::size_t i = 0; i < cells_.size(); ++i) out.cells[i] = {cells_[i].events, cells_[i].people.size()};
  out.cells[cell_of("people", "all")] = {all_.size(), all_.size()};
  for (std::size_t i = 0; i < leads_.size(); ++i) {
    out.leads[i] = {{leads_[i].events, leads_[i].people.size()}, leads_[i].steps};
  }
  return out;
}

}  // namespace flikvakt::service
