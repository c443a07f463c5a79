// What a gateway does for its connectors beside answering them, on threads of its own: keeps their CA's revocation list
// fresh, and asks those with witness duty to cosign the log. spec/connector.md
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "admin/connector_ca.h"
#include "admin/witness_client.h"
#include "service/core.h"

namespace flikvakt::admin {

class ConnectorDuties {
public:
  // A connector that has witness duty, and the key that it says is its own.
  struct Duty {
    ConnectorId connector;
    std::string key;
  };
  struct Parts {
    std::function<std::vector<Duty>()> present;  // those that are there
    std::function<Result<std::pair<unsigned, std::string>>(const ConnectorId&, const std::string&)> ask;
    std::function<void(const ConnectorId&, std::uint64_t, UtcTime)> witnessed;
    std::chrono::seconds interval{60};
  };
  ConnectorDuties(service::Core& core, const ConnectorCa& ca, Parts parts);
  ~ConnectorDuties() { stop(); }
  void stop();  // before the server goes

private:
  static constexpr std::size_t kThreads = 16;  // they wait: 2,000 connectors that answer in 100 ms are a round of 13 s
  void run();
  void round();
  void ask_one(const Duty& duty, const std::string& note, std::uint64_t size);

  service::Core& core_;
  const ConnectorCa& ca_;
  const Parts parts_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::map<std::pair<ConnectorId, std::string>, std::shared_ptr<WitnessClient>> clients_;  // by key too
  std::thread thread_;
};

}  // namespace flikvakt::admin
