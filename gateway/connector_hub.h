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
  policy::Fingerprint certificate{};  // by which it proved itself
};

// Up to where a connector has heard of requests, in the order in which they were opened.
struct HeardOf {
  UtcTime opened;
  RequestId id;
};
BOOST_DESCRIBE_STRUCT(HeardOf, (), (opened, id))

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
  static constexpr std::size_t kMostGiven = 10'000;        // requests, remembered beyond kGivenFor
  static constexpr std::chrono::seconds kLongestWait{55};  // idle connections are cut at 60 s
  static constexpr std::chrono::seconds kPresentFor{15};   // after its last question ended
  static constexpr std::chrono::minutes kGivenFor{2};      // a request, since who has it last said so

  // What is asked for besides calls.
  struct Asking {
    std::set<RequestId> known;     // it has heard of these
    std::set<RequestId> working;   // and works on these
    std::optional<HeardOf> after;  // and has heard of all up to there
    std::size_t wanted = kMostRequestsAtOnce;
  };

  explicit ConnectorHub(service::Core& core);
  ~ConnectorHub();

  struct Work {
    std::vector<policy::SourceRequest> requests;  // open to its organisation now, the one opened first first
    std::vector<ConnectorCall> calls;
    bool empty() const { return requests.empty() && calls.empty(); }
  };
  // A second question of the same connector ends the first. Whoever hands the work out looks again whether the caller
  // still counts: that may have ended meanwhile.
  Awaitable<Work> wait_for_work(ConnectorCaller caller, ConnectorStatus status, Asking asking,
                                std::chrono::milliseconds patience);
  // Ends the questions of those whose certificate no longer counts. After each narrowing.
  void end_stale();
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
    std::uint64_t question = 0;
    Asking asking;
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
    std::uint64_t question = 0;  // number of its newest: an older one does not wait again
    std::list<std::shared_ptr<Pending>> calls;
    std::optional<UtcTime> witnessed;
    std::uint64_t witnessed_size = 0;
  };

  struct Given {  // a request to a connector
    ConnectorId connector;
    std::chrono::steady_clock::time_point since;
    std::set<ConnectorId> had_by;  // with those that had it before
  };

  // Those that may be for it: whether a fullmakt covers them now is not asked here.
  std::vector<policy::SourceRequest> candidates_for(const OrganisationId& organisation, const ConnectorId& connector,
                                                    const Asking& asking) const;
  // SPEC CONN-41: `asking` then knows, too, of those that are closed at present.
  Awaitable<Work> take_work(ConnectorCaller caller, Asking& asking);
  void begin_waiting(Waiting waiting);
  // Under the lock:
  bool is_present(const ConnectorId& connector) const;
  void note_seen(Seen& seen);
  void give(const RequestId& request, const ConnectorId& connector);
  void note_at_work(const ConnectorCaller& caller, const Asking& asking);
  // Has another one of the source's connectors this request, and may still answer it? `had`: one had it, and this one
  // never.
  enum class Elsewhere { no, has, had };
  Elsewhere elsewhere(const RequestId& request, const ConnectorId& connector) const;
  Wake end_waiting(ConnectorId connector);  // by value: callers name what it erases
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
  std::map<RequestId, Given> given_;
  std::size_t calls_ = 0;
  bool asked_ = false;  // a request to a source changed
  bool is_over_ = false;
  std::thread thread_;
};

}  // namespace flikvakt::gateway
