// How a person's entries are found without an index over the log: each entry carries, beside its leaf, a masked link to
// the person's entry before it and now and then to one much earlier, and the chain's end (how many there are, where the
// newest is) is kept apart. Whoever lacks the person's log key sees 12 random bytes. Format: spec/person-chain.md.
//
// A link is not authenticated: who follows one compares the tag of the entry that it leads to. Values; thread-safe.
#pragma once

#include "audit/entry.h"

namespace flikvakt::audit {

using EntryLink = ByteArray<12>;
using SealedChainEnd = ByteArray<18>;

// The entries of one person so far. Indexes are those of the log, below 2^48; zero when there is no such entry.
struct ChainEnd {
  std::uint64_t count = 0;
  std::uint64_t newest = 0;     // of entry number count - 1
  std::uint64_t marked = 0;     // of the newest one whose number is a multiple of kMarkEvery
  std::uint64_t milestone = 0;  // … of kMilestoneEvery

  friend bool operator==(const ChainEnd&, const ChainEnd&) = default;
};
inline constexpr std::uint64_t kMarkEvery = 64;
inline constexpr std::uint64_t kMilestoneEvery = 4096;

// The entry before, and one further back: of a marked entry the mark before it, of a milestone the milestone before it.
struct OpenedLink {
  std::uint64_t previous = 0;
  std::uint64_t further = 0;
};

// The key of one person's chain in one log.
class PersonChainKey {
public:
  PersonChainKey(const crypto::PersonLogKey& key, std::string_view origin);

  // Makes entry `index` the next one of the chain: `end` moves on to it. `sealed` is the new end.
  struct Linked {
    EntryLink link;
    SealedChainEnd sealed;
  };
  Linked append(ChainEnd& end, std::uint64_t index) const;

  OpenedLink open(std::uint64_t number, const EntryLink& link) const;  // of the person's entry with this number
  ChainEnd open_end(std::uint64_t count, const SealedChainEnd& sealed) const;

private:
  ByteArray<32> mask(std::uint64_t number) const;
  crypto::HmacSha256Key key_;
};

// How far the links of entry `number` may lead towards entry `wanted` < number.
struct Step {
  std::uint64_t number = 0;  // of the person
  bool is_further = false;   // along OpenedLink::further
};
Step step_back(std::uint64_t number, std::uint64_t wanted);

// SPEC CHN-4: what an entry of nobody carries.
EntryLink random_link();

}  // namespace flikvakt::audit
