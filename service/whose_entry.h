// Whose each entry of the log is, for somebody who reads on from some entry: the tag of everybody's next entry is kept
// ready. One thread. 10^5 people take some 10 MB and, to begin, about a second.
#pragma once

#include <functional>
#include <unordered_map>

#include "service/core.h"

namespace flikvakt::service {

// Asked before each piece of long reading, while no snapshot is held: false ends it.
using KeepOn = std::function<bool()>;
inline constexpr std::uint64_t kEntriesAtOnce = 512;  // in a piece
Result<void> ask(const KeepOn& keep_on);              // unavailable: it said no

class WhoseEntry {
public:
  // `from`: the first entry that will be asked about; `places` have every entry before it. Errors: corrupt, io,
  // unavailable.
  static Result<WhoseEntry> begin(Core& core, const Places& places, std::uint64_t from, const KeepOn& keep_on);

  // Each entry once, in order. nullopt: nobody's, or somebody's who was erased.
  std::optional<PersonId> of(const audit::PersonTag& tag);
  struct Whose {
    PersonId person;
    std::uint64_t number = 0;  // of the person's entries
  };
  std::optional<Whose> entry_of(const audit::PersonTag& tag);  // the same, with which of theirs it is

private:
  struct Walk;
  explicit WhoseEntry(Core& core) : core_(core) {}
  std::optional<Walk> walk_of(const PersonId& person, const Places::Place* place) const;
  void expect(const Whose& next);
  void add_newcomers();

  Core& core_;
  std::size_t seen_ = 0;  // of those whom the directory knows
  std::unordered_map<audit::PersonTag, Whose, policy::KeyHash> expected_;
};

}  // namespace flikvakt::service
