// Random worlds: the valid one with some of what the rules look at changed, and a reading to decide there.
#pragma once

#include <cstdlib>
#include <random>
#include <string_view>

#include "tests/policy/world.h"

namespace flikvakt::policy::test {

constexpr unsigned kSeed = 20261122;

// `./dev test --long` plays a hundred times as many.
inline int worlds(int usually) {
  const char* is_long = std::getenv("FLIKVAKT_LONG");
  return is_long && std::string_view(is_long) == "1" ? 100 * usually : usually;
}

class Dice {
public:
  explicit Dice(unsigned seed) : random_(seed) {}
  unsigned below(unsigned most) { return static_cast<unsigned>(random_() % most); }
  bool one_in(unsigned most) { return below(most) == 0; }
  template <class T>
  const T& of(const std::vector<T>& choices) {
    return choices[below(static_cast<unsigned>(choices.size()))];
  }

private:
  std::mt19937 random_;
};

Recipient any_recipient(const World& w, Dice& dice);

// One kind of change to a world.
struct WorldChange {
  const char* what;
  void (*make)(World&, Dice&);
};
const std::vector<WorldChange>& world_changes();

// Changes the valid world.
ReadRequest random_world(World& w, Dice& dice);

}  // namespace flikvakt::policy::test
