// How long entries of the log are kept whole, which ones however old they are, and the list of them that a pruning
// leaves in the state. Values; pure. What it rests on: docs/decisions/retention.md.
#pragma once

#include "policy/state.h"
#include "policy/terms.h"

namespace flikvakt::policy {

inline constexpr std::string_view kAllOtherKinds = "default";  // in the place of an act kind
inline constexpr std::chrono::days kDefaultRetention{3653};    // ten years
// SPEC RET-2: so that no fullmakt in force rests on an entry whose time has run out.
inline constexpr std::chrono::days kLeastRetention = kLongestFullmakt;
inline constexpr std::chrono::days kMostRetention{36'525};

std::vector<Retention> retention_times(const State& state);  // as they were set, by kind
std::chrono::days retention_of(const State& state, std::string_view act_kind);
std::chrono::days shortest_retention(const State& state);

// SPEC RET-5: is the row in force, so that the acts which made it so must stay?
bool is_in_force(const Row& row);

// Indexes of entries as runs, ascending.
class EntrySet {
public:
  void add(std::uint64_t index);  // not below one that is in it
  bool contains(std::uint64_t index) const;
  std::uint64_t size() const;  // how many indexes
  // The first index of [from, to) that is not in it, and where the run of such ones ends; nothing: all are in it.
  struct Run {
    std::uint64_t from = 0;
    std::uint64_t to = 0;
    friend bool operator==(const Run&, const Run&) = default;
  };
  std::optional<Run> first_gap(std::uint64_t from, std::uint64_t to) const;

  Bytes encode() const;  // SPEC RET-6
  static Result<EntrySet> decode(BytesView bytes);
  friend bool operator==(const EntrySet&, const EntrySet&) = default;

private:
  std::vector<Run>::const_iterator run_ending_after(std::uint64_t index) const;
  std::vector<Run> runs_;
};

}  // namespace flikvakt::policy
