// Where connectors that dialled in wait for work (spec/connector.md): each asks, and its question is kept until there
// is something for it or its time is over. So a request reaches a program behind a firewall at once, and nothing ever
// dials in. Fair: a connector holds one waiting question and a bounded queue of calls, whatever the others do.
// Thread-safe.
#pragma once

#include <condition_variable>
#include <deque>
#include <list>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "gateway/async.h"
#include "gateway/connector_presence.h"
#include "service/core.h"

namespace flikvakt::gateway {

struct ConnectorCaller {
  ConnectorId id;
  OrganisationId organisation;
};

// Something that only the connector can answer.
struct ConnectorCall {
  std::string id;  // base64url of 16 random bytes
  std::string kind;
  std::string body;
};
BOOST_DESCRIBE_STRUCT(ConnectorCall, (), (id, kind, body))

struct ConnectorReply {
  std::uint64_t status = 0;
  std::string body;
};

class ConnectorHub {
public:
  static constexpr std::size_t kMostCallsOfOne = 16;
  static constexpr std::size_t kMostCallsInAll = 4096;
  static constexpr std::size_t kMostCallsAtOnce = 4;       // in one answer
  static constexpr std::size_t kMostRequestsAtOnce = 16;   // the same
  static constexpr std::chrono::seconds kLongestWait{55};  // idle connections are cut at 60 s
  static constexpr std::chrono::seconds kPresentFor{15};   // after its last question ended

  explicit ConnectorHub(service::Core& core);
  ~ConnectorHub();

  struct Work {
    std::vector<policy::SourceRequest> requests;  // open, of its organisation, the oldest first
    std::vector<ConnectorCall> calls;
    bool empty() const { return requests.empty() && calls.empty(); }
  };
  // `known`: requests that it works on already. A second question of the same connector ends the first.
  Awaitable<Work> wait_for_work(ConnectorCaller caller, ConnectorStatus status, std::set<RequestId> known,
                                std::chrono::milliseconds patience);
  // False: nobody waits for that answer (any more).
  bool take_reply(const ConnectorCaller& caller, const std::string& call, ConnectorReply reply);

  // Blocks; not on a network thread. unavailable: it is not there, or has too much to do; expired: no answer in time.
  Result<ConnectorReply> call(const ConnectorId& connector, std::string kind, std::string body,
                              std::chrono::milliseconds patience);
  void note_witnessed(const ConnectorId& connector, std::uint64_t size, UtcTime time);

  std::vector<ConnectorPresence> presence() const;  // every one that is registered and not removed
  void break_off();  // every question that waits is answered now, every call fails, and so do later ones

private:
  using Wake = std::function<void(bool)>;  // true: there is something to do
  struct Waiting {
    ConnectorCaller caller;
    std::set<RequestId> known;
    std::chrono::steady_clock::time_point until;
    Wake wake;
  };
  struct Pending {  // a call
    ConnectorCall call;
    bool is_taken = false;
    std::optional<ConnectorReply> reply;
  };
  struct Seen {
    std::optional<UtcTime> last;
    std::chrono::steady_clock::time_point steady;
    ConnectorStatus status;
    std::list<std::shared_ptr<Pending>> calls;
    std::optional<UtcTime> witnessed;
    std::uint64_t witnessed_size = 0;
  };

  std::vector<policy::SourceRequest> requests_for(const OrganisationId& organisation,
                                                  const std::set<RequestId>& known) const;
  Work take_work(const ConnectorCaller& caller, const std::set<RequestId>& known);
  void begin_waiting(Waiting waiting);
  // Under the lock:
  Wake end_waiting(const ConnectorId& connector);
  void note_asked();

  void run();

  service::Core& core_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;  // for the thread
  std::condition_variable replied_;  // for callers
  std::map<ConnectorId, Waiting> waiting_;
  std::set<std::pair<std::chrono::steady_clock::time_point, ConnectorId>> deadlines_;  // of those
  std::set<ConnectorId> called_;  // for whom there is something new
  std::map<ConnectorId, Seen> seen_;
  std::size_t calls_ = 0;
  bool asked_ = false;  // a request to a source changed
  bool is_over_ = false;
  std::thread thread_;
};

}  // namespace flikvakt::gateway
