// The gate of hidden content: every file is scanned, and divided or gone through by `flikvakt-partition`, before
// anything of it is sealed (spec/partition.md, "The gate"). It keeps which parts it made, so that they pass as they are
// when they come back. Thread-safe.
#pragma once

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <semaphore>

#include "gateway/partition_plan.h"
#include "partition/scanner.h"
#include "service/deposit.h"

namespace flikvakt::gateway {

class DepositGate {
public:
  static constexpr std::ptrdiff_t kMostAtOnce = 2;    // children beside the gateway, each with its file in memory
  static constexpr std::size_t kMostKnown = 4096;     // parts
  static constexpr std::chrono::hours kKnownFor{24};  // as long as a deposit waits for its bytes

  // An empty path: nothing is divided here, and nothing deposited.
  DepositGate(const Clock& clock, partition::ChildProgram program, std::optional<partition::Scanner> scanner)
      : clock_(clock), program_(std::move(program)), scanner_(std::move(scanner)) {}

  bool can_look() const { return !program_.path.empty(); }

  // Waits for the scanner and for the child, and before that until fewer than kMostAtOnce run: on a thread of post(). A
  // file in which malware was found is a refusal. unavailable: the scanner or the program did not answer (SPEC
  // PART-72).
  Result<partition::Run> divide(const partition::Order& order, BytesView file);
  // The same; and, where the rule says so, the file as one part more.
  Result<partition::Run> divide(const partition::Order& order, const std::optional<std::string>& original,
                                BytesView file);

  // These parts may come back from that organisation, as parts of that plan.
  void remember(const OrganisationId& organisation, const policy::DepositPlan& plan);

  // For service::Upload::seal().
  service::ContentGate for_deposits();

  // Threads that may wait for the disk and for children.
  template <class Job>
  void post(Job job) {
    boost::asio::post(threads_, std::move(job));
  }
  void finish() { threads_.join(); }  // waits for what runs; after it nothing may be posted

private:
  using PartKey = std::pair<OrganisationId, crypto::Hash256>;
  struct Known {
    PartKey key;
    std::shared_ptr<const policy::DepositPlan> plan;
    std::chrono::steady_clock::time_point until;
  };

  std::optional<policy::DepositPlan> find(const OrganisationId& organisation, const crypto::Hash256& sha256);
  Result<service::ContentGate::Passed> look(const policy::Deposit& deposit, const Bytes& file);

  const Clock& clock_;
  const partition::ChildProgram program_;
  const std::optional<partition::Scanner> scanner_;
  std::counting_semaphore<kMostAtOnce> places_{kMostAtOnce};
  std::mutex mutex_;
  std::list<Known> known_;  // the oldest first
  std::map<PartKey, std::list<Known>::iterator> by_key_;
  boost::asio::thread_pool threads_{4};
};

}  // namespace flikvakt::gateway
