// Reads the log entry by entry, checks what each says about itself, and groups the entries of one act. Part of the
// independent verifier (verify_log.h). One thread.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <unordered_map>

#include "audit/entry.h"
#include "base/json.h"
#include "policy/retention.h"
#include "service/key_ring.h"
#include "store/rows.h"

namespace flikvakt::service {

// What is wrong, in words; the first few hundred are kept.
class Findings {
public:
  void add(std::string what);
  void at(std::uint64_t entry, const std::string& what) { add("entry " + std::to_string(entry) + ": " + what); }
  std::vector<std::string> take();

private:
  static constexpr std::size_t kMost = 200;
  std::vector<std::string> kept_;
  std::uint64_t left_out_ = 0;
};

// One entry, as far as the keys at hand open it.
struct OpenedEntry {
  std::uint64_t index = 0;
  std::optional<audit::PersonPart> about;  // none: it concerns nobody known, or somebody who was erased
  std::optional<json::object> record;
  bool is_record_closed = false;  // there is a record that no key opens
};

struct LoggedAct {
  std::uint64_t first = 0;  // index of its first entry: the version of the rows that it changed
  UtcTime time;
  audit::ActPart act;  // `record` is that of the first entry
  std::vector<OpenedEntry> entries;
};

inline constexpr std::uint32_t kPlaceGroups = 1024;  // SPEC ROW-8

// Where people's newest entries are, as the state rows have it (spec/state-rows.md, table 60).
struct StoredPlaces {
  struct Place {
    std::uint64_t count = 0;
    ByteArray<18> end{};
  };
  std::map<PersonId, Place> places;
  std::map<std::uint32_t, std::uint64_t> as_of;  // group → the log's size then
  std::uint64_t complete_to = 0;
};

// What a pruning ordered, as the state has it: entries before `size` may be bare, but for those in `kept`, if they are
// older than `before`; before `done_to` they must be.
struct OrderedPruning {
  std::uint64_t size = 0;
  policy::EntrySet kept;
  UtcTime before;  // and long enough before it was decided (SPEC RET-2)
  std::uint64_t done_to = 0;
};
// malformed: its list makes no sense.
Result<OrderedPruning> read_pruning(const store::Rows& rows, const policy::Pruning& ordered);

// RFC 6962 as it is written, over leaves that come one by one.
class PlainTree {
public:
  void add(BytesView leaf);
  crypto::Hash256 root() const;
  std::uint64_t size() const { return size_; }

private:
  std::uint64_t size_ = 0;
  std::vector<crypto::Hash256> perfect_;  // roots of perfect subtrees, from left to right
};

class LogWalk {
public:
  LogWalk(const store::Rows& rows, const KeyRing& keys, const std::string& origin, const StoredPlaces& places,
          Findings& findings);

  // Before walk(): a person whose entries can be opened.
  Result<void> know(const PersonId& person, const KeyId& log_key);
  void allow(OrderedPruning pruning) { pruning_ = std::move(pruning); }
  // An act ends here: `at_size` is called with this size after the last act before it.
  void stop_at(std::uint64_t size) { stop_ = size; }

  // What is later than this is a finding: the verifier's clock, and a margin.
  void expect_before(UtcTime latest) { latest_ = latest; }

  // Every act in order. `at_size` is called with each number of entries read, before the next one.
  Result<void> walk(const std::function<void(LoggedAct)>& act, const std::function<void(const PlainTree&)>& at_size);
  // Or only those before `size`, in pieces with `between` between them; nothing is said of what is behind.
  Result<void> walk_to(std::uint64_t size, const std::function<void(LoggedAct)>& act,
                       const std::function<Result<void>()>& between);

  const PlainTree& tree() const { return tree_; }
  std::uint64_t closed_entries() const { return closed_; }
  std::uint64_t pruned_entries() const { return pruned_; }
  std::optional<std::uint64_t> last_closed_record() const { return last_closed_record_; }

private:
  struct Known {
    audit::PersonEntryKeys keys;
    crypto::Secret<32> chain_key;
    std::uint64_t next = 0;
    std::map<std::uint64_t, std::uint64_t> indexes;  // by number: the newest, and those that links may lead to
    ByteArray<18> end{};                             // of the chain, as it should be stored
  };

  Result<void> read(const store::EntryRowView& row);
  Known* person_of(const audit::PersonTag& tag, PersonId& id);
  void check_link(const store::EntryRowView& row, Known& person);
  void check_places();
  void check_group(std::uint32_t group);
  Result<void> open_record(OpenedEntry& entry, const audit::ActPart& act, Known* person);
  Result<void> check_bare(std::uint64_t index, UtcTime time);
  void check_whole(std::uint64_t index);
  void join(OpenedEntry entry, const audit::ActPart& act, UtcTime time);
  void end_act();
  Result<void> check_tiles(const crypto::Hash256& leaf_hash);
  void check_ends();

  const store::Rows& rows_;
  Findings& findings_;
  audit::ForbundEntryKeys forbund_;
  const KeyRing& keys_;
  const std::string origin_;
  const StoredPlaces& places_;
  std::multimap<std::uint64_t, std::uint32_t> groups_due_;  // by the size of the log at which they can be compared
  std::map<PersonId, Known> people_;
  std::vector<std::uint64_t> of_nobody_;  // tags that belong to no known person: as much of each as tells them apart
  std::map<audit::PersonTag, PersonId> expected_;
  PlainTree tree_;
  std::vector<std::vector<crypto::Hash256>> tiles_;  // per level, the hashes of the tile that is not yet full
  std::vector<std::uint64_t> tile_numbers_;
  UtcTime last_time_{};
  std::optional<UtcTime> latest_;
  std::optional<OrderedPruning> pruning_;
  std::optional<std::uint64_t> stop_;
  std::uint64_t closed_ = 0;
  std::uint64_t pruned_ = 0;
  std::optional<std::uint64_t> last_closed_record_;
  LoggedAct current_;
  const std::function<void(LoggedAct)>* on_act_ = nullptr;
};

}  // namespace flikvakt::service
