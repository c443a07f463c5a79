// Deposits that a page shows before anything is sealed: the file that came and what would become of it, kept until the
// depositor confirms, corrects or leaves. In memory, for a quarter of an hour, and never more than so much of all, of
// an organisation and of one; each is its depositor's alone. What is let go is scrubbed. Thread-safe.
#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "partition/words.h"
#include "policy/evaluate.h"

namespace flikvakt::gateway {

// A file that is scrubbed when the last who holds it lets it go.
std::shared_ptr<const Bytes> scrubbed_file(Bytes file);

struct Draft {
  ~Draft();  // scrubs the parts

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

// What became of a draft that was confirmed: what the page said, and says again to who sends it again.
struct ConfirmedDraft {
  StaffId staff;
  std::string handle;
  std::vector<std::string> sealed, not_taken;  // flikar by code, one a part
  bool is_of_others = false;                   // who are about as well
};

class KeptDrafts {
public:
  static constexpr std::size_t kMostConfirmed = 1024;
  static constexpr std::size_t kMostBytes = std::size_t{256} << 20;
  static constexpr std::size_t kMostOfOne = 2;            // staff member; of whom and of whose organisation at most
  static constexpr std::size_t kShareOfOne = 4;           // a quarter,
  static constexpr std::size_t kShareOfOrganisation = 2;  // and a half of all bytes
  static constexpr std::chrono::minutes kKept{15};

  explicit KeptDrafts(std::size_t most_bytes = kMostBytes) : most_bytes_(most_bytes) {}

  using Time = std::chrono::steady_clock::time_point;
  // The oldest of the same staff member goes where it would be one too many, or too much. False: there is no room now,
  // and nothing went.
  bool keep(std::shared_ptr<const Draft> draft, Time now);
  // nullptr: none of that id and of that staff member's, or not any more.
  std::shared_ptr<const Draft> find(const ActId& id, const StaffId& staff, Time now) const;
  // The same, and it is gone: what is confirmed is confirmed once.
  std::shared_ptr<const Draft> take(const ActId& id, const StaffId& staff, Time now);

  // For the same time, the newest kMostConfirmed; nothing of the file is in it.
  void keep_confirmed(const ActId& id, ConfirmedDraft end, Time now);
  std::optional<ConfirmedDraft> confirmed(const ActId& id, const StaffId& staff, Time now) const;

  // What is over its time is let go. Whoever keeps these calls it now and then.
  void sweep(Time now);
  void drop(const StaffId& staff);  // who has left
  std::size_t bytes() const;

private:
  struct Kept {
    std::shared_ptr<const Draft> draft;
    std::size_t bytes = 0;
    Time since;
  };
  void forget(std::map<ActId, Kept>::iterator one);
  void forget_old(Time now);
  std::vector<std::map<ActId, Kept>::iterator> own_to_forget(const Draft& draft, std::size_t bytes);
  bool has_room(const Draft& draft, std::size_t bytes,
                const std::vector<std::map<ActId, Kept>::iterator>& without) const;
  const std::size_t most_bytes_;
  mutable std::mutex mutex_;
  std::map<ActId, Kept> kept_;
  struct Ended {
    ActId id;
    ConfirmedDraft end;
    Time since;
  };
  std::deque<Ended> confirmed_;  // the oldest first
  std::size_t bytes_ = 0;
};

}  // namespace flikvakt::gateway
