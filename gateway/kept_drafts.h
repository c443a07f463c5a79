// Deposits that a page shows before anything is sealed: the file that came and what would become of it, kept until the
// depositor confirms, corrects or leaves. In memory, for a quarter of an hour, and never more than so much of all and
// of one; each is its depositor's alone. Thread-safe.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "partition/words.h"
#include "policy/evaluate.h"

namespace flikvakt::gateway {

struct Draft {
  struct Ids {  // of what a part becomes: the same however often it is sent
    DepositId deposit;
    ActId act;
  };
  ActId id;
  StaffId staff;
  OrganisationId organisation;
  std::string handle;           // of the person
  policy::DocumentFacts facts;  // of the file; title, author and date are those of every part
  json::array others;           // handles of those whom every part is about as well
  std::shared_ptr<const Bytes> file;
  std::optional<policy::PartitionRule> rule;  // none: by hand
  partition::Order order;
  partition::Outcome outcome;  // the parts that may be deposited, with the pictures of their first pages
  policy::DepositPlan plan;    // as it is logged with each of them
  std::vector<Ids> ids;        // one a part
  // What was asked for, as the form of corrections says it: the flik, and its pages or codes.
  std::vector<std::pair<std::string, std::string>> rows;

  std::size_t bytes() const;
};

class KeptDrafts {
public:
  static constexpr std::size_t kMostBytes = std::size_t{256} << 20;
  static constexpr std::size_t kMostOfOne = 2;  // staff member
  static constexpr std::chrono::minutes kKept{15};

  explicit KeptDrafts(std::size_t most_bytes = kMostBytes) : most_bytes_(most_bytes) {}

  using Time = std::chrono::steady_clock::time_point;
  // The oldest of the same staff member goes where it would be one too many. False: there is no room now.
  bool keep(std::shared_ptr<const Draft> draft, Time now);
  // nullptr: none of that id and of that staff member's, or not any more.
  std::shared_ptr<const Draft> find(const ActId& id, const StaffId& staff, Time now) const;
  // The same, and it is gone: what is confirmed is confirmed once.
  std::shared_ptr<const Draft> take(const ActId& id, const StaffId& staff, Time now);

private:
  struct Kept {
    std::shared_ptr<const Draft> draft;
    std::size_t bytes = 0;
    Time since;
  };
  void forget(std::map<ActId, Kept>::iterator one);
  const std::size_t most_bytes_;
  mutable std::mutex mutex_;
  std::map<ActId, Kept> kept_;
  std::size_t bytes_ = 0;
};

}  // namespace flikvakt::gateway
