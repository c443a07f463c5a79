// Counts one month. Who was counted is known here only, while it is counted, and never written anywhere.
#pragma once

#include <unordered_set>

#include "service/figures.h"

namespace flikvakt::service {

// What tells one person from another while a month is counted: made from a person's id, or from a number.
using Somebody = Id<struct SomebodyTag>;

class MonthTally {
public:
  // Something of that act, of one person: an act counts once in a cell, whatever people it concerns.
  void count(std::size_t cell, const Somebody& person, const ActId& act, std::uint64_t events = 1);
  void count_person(const Somebody& person) { all_.insert(person); }  // in `people`
  void lead(Lead lead, const Somebody& person, std::chrono::milliseconds time);

  MonthFigures figures(Month month, Coverage coverage) const;

private:
  struct Counted {
    std::uint64_t events = 0;
    std::unordered_set<Somebody> people;
    ActId last;
  };
  struct Led {
    std::uint64_t events = 0;
    std::unordered_set<Somebody> people;
    std::array<std::uint64_t, kLeadSteps> steps{};
  };
  std::array<Counted, kCells.size()> cells_;
  std::unordered_set<Somebody> all_;
  std::array<Led, kLeads.size()> leads_;
};

std::size_t lead_step(std::chrono::milliseconds time);

}  // namespace flikvakt::service
