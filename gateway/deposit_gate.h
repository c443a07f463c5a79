// The gate of hidden content: every file is scanned, and divided or gone through by `flikvakt-partition`, before
// anything of it is sealed (spec/partition.md, "The gate"). It keeps which parts it made, so that they pass as they are
// when they come back. Thread-safe.
#pragma once

#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <list>
#include <map>
#include <memory>
#include <mutex>

#include "gateway/organisation_jobs.h"
#include "gateway/partition_plan.h"
#include "partition/scanner.h"
#include "service/deposit.h"

namespace flikvakt::gateway {

class DepositGate {
public:
  // Children beside the gateway, each with its file in memory; and of one organisation. SPEC PART-64
  static constexpr OrganisationJobs::Bounds kChildren{3, 2, 64, std::chrono::seconds(120)};
  static constexpr std::size_t kMostKnown = 16'384;      // parts
  static constexpr std::size_t kMostKnownOfOne = 2'048;  // organisation's
  static constexpr std::chrono::hours kKnownFor{24};     // as long as a deposit waits for its bytes

  // An empty path: nothing is divided here, and nothing deposited.
  DepositGate(const Clock& clock, partition::ChildProgram program, std::optional<partition::Scanner> scanner);
  ~DepositGate() { finish(); }

  bool can_look() const { return !program_.path.empty(); }

  // Waits for the scanner and for the child: in a job of post(). A file in which malware was found is a refusal.
  // unavailable: the scanner or the program did not answer (SPEC PART-72), or the gateway stops.
  Result<partition::Run> divide(const partition::Order& order, BytesView file);
  // The same; and, where the rule says so, the file as one part more.
  Result<partition::Run> divide(const partition::Order& order, const std::optional<std::string>& original,
                                BytesView file);

  // These parts may come back from that organisation, as parts of that plan, for that person.
  void remember(const OrganisationId& organisation, const PersonId& person, const policy::DepositPlan& plan);

  // A job that may wait for children: as OrganisationJobs. Would one more be taken, and is it?
  bool has_room(const OrganisationId& organisation) const { return jobs_.has_room(organisation); }
  bool post(const OrganisationId& organisation, OrganisationJobs::Job run, OrganisationJobs::Job dropped) {
    return jobs_.post(organisation, std::move(run), std::move(dropped));
  }

  // Sealing, with the gate for service::Upload::seal(): where the bytes are those of a part that was made here, it
  // waits for no child.
  bool has_room_for(const policy::Deposit& deposit) { return find(deposit).has_value() || has_room(deposit.source); }
  using Seal = std::function<void(const service::ContentGate&)>;
  bool post_sealing(const policy::Deposit& deposit, Seal seal, OrganisationJobs::Job dropped);
  // The same, by the plan of whoever made the part, whatever is remembered here.
  void post_sealing_of(policy::DepositPlan plan, Seal seal);

  // What waits is dropped, a child that runs is ended, and a scanner is waited for no longer; nothing is looked into
  // any more. finish() also waits for what runs; after it nothing may be posted.
  void break_off();
  void finish();

private:
  // SPEC PART-55: a part is known only as what it was made as.
  struct PartKey {
    PersonId person;
    std::string flik;
    std::string media_type;
    crypto::Hash256 sha256{};
    auto operator<=>(const PartKey&) const = default;
  };
  struct Known {
    PartKey key;
    std::shared_ptr<const policy::DepositPlan> plan;
    std::chrono::steady_clock::time_point until;
  };
  struct KnownOfOne {
    std::list<Known> parts;  // the oldest first
    std::map<PartKey, std::list<Known>::iterator> by_key;
    void forget_oldest() {
      by_key.erase(parts.front().key);
      parts.pop_front();
    }
  };

  std::optional<policy::DepositPlan> find(const policy::Deposit& deposit);
  Result<service::ContentGate::Passed> look(const policy::Deposit& deposit, const Bytes& file);
  void forget_too_many(std::chrono::steady_clock::time_point now);  // under the lock

  const Clock& clock_;
  std::atomic<bool> is_stopping_ = false;
  const partition::ChildProgram program_;
  const std::optional<partition::Scanner> scanner_;
  std::mutex mutex_;
  std::map<OrganisationId, KnownOfOne> known_;
  OrganisationJobs jobs_{kChildren};
  boost::asio::thread_pool short_jobs_{2};  // wait for the disk alone
};

}  // namespace flikvakt::gateway
