// Uploads that come in pieces, over as many connections as it takes: what came of each is kept until the rest does
// (spec/connector.md, CONN-30). In memory is only where each stands; a gateway that starts anew begins them anew.
// Thread-safe; what take() gives belongs to one caller until it is given back.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "service/deposit.h"

namespace flikvakt::gateway {

struct PartialUpload {
  explicit PartialUpload(service::Upload begun) : upload(std::move(begun)) {}
  service::Upload upload;
  std::uint64_t received = 0;
};

class PartialUploads {
public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::size_t kMostOfOne = 8;  // of one organisation; one more, and its oldest begins anew
  static constexpr std::size_t kMostInAll = 256;
  static constexpr std::chrono::minutes kKept{15};  // since the last piece

  enum class State { none, busy, there };
  State state(const DepositId& deposit, std::uint64_t& received) const;

  // nullptr: none, or somebody has it.
  std::unique_ptr<PartialUpload> take(const DepositId& deposit);
  // A place for a new one, taken. What was given up long ago makes room, and the organisation's oldest one when it has
  // too many. False: one is there; all of theirs are being taken; or there is no room at all.
  bool begin(const DepositId& deposit, const OrganisationId& organisation, Time now);
  void give_back(const DepositId& deposit, std::unique_ptr<PartialUpload> upload, Time now);
  void forget(const DepositId& deposit);
  void clear();

private:
  using Dropped = std::vector<std::unique_ptr<PartialUpload>>;
  void drop_old(Time now, Dropped& dropped);
  void make_room(const OrganisationId& organisation, Dropped& dropped);
  struct Entry {
    OrganisationId organisation;
    std::unique_ptr<PartialUpload> upload;  // nullptr: somebody has it
    std::uint64_t received = 0;
    Time last;
  };
  mutable std::mutex mutex_;
  std::map<DepositId, Entry> entries_;
};

}  // namespace flikvakt::gateway
