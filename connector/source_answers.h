// Heta linjen, where the organisation is a source: what the gateway hands out is answered by the organisation's
// program, a few at a time on threads of their own, and what comes of it waits in the outbox. spec/connector.md,
// CONN-20, CONN-47 and CONN-48.
//
// what_is_known() and take_work() are of the thread that asks for work. `mutex_` guards what that thread shares with
// those that answer; while it is held no other lock of the connector's is taken, and neither a program nor the gateway
// is waited for.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include "connector/gateway_link.h"
#include "connector/outbox.h"

namespace flikvakt::connector {

class SourceAnswers {
public:
  // What it is given outlives it. `outbox_mutex`: held while the outbox is used. `on_end`: whatever is answered is so
  // now, and may wait in the outbox; from the threads that answer, which hold no lock then.
  SourceAnswers(const Config& config, CurrentIdentity& identity, Outbox& outbox, std::mutex& outbox_mutex,
                const Clock& clock, const std::atomic<bool>& stopping, ShownPassword& password,
                std::function<void()> on_end)
      : config_(config),
        identity_(identity),
        outbox_(outbox),
        outbox_mutex_(outbox_mutex),
        clock_(clock),
        stopping_(stopping),
        password_(password),
        on_end_(std::move(on_end)) {}
  // Waits for the threads: `stopping` is true before.
  ~SourceAnswers();

  // For the next question to the gateway.
  struct Known {
    json::array known, working;
    std::size_t wanted = 0;             // so many more are taken
    std::optional<json::object> after;  // what is asked for is later
  };
  Known what_is_known();
  // What the gateway answered.
  void take_work(const json::value& work);

private:
  struct Answering {
    std::thread thread;
    std::shared_ptr<std::atomic<bool>> is_over;
  };
  void answer_requests();
  std::optional<json::object> next_request();
  void answer_request(json::object request, std::unique_ptr<GatewayLink>& link);
  void join_those_that_are_over();
  std::unique_ptr<GatewayLink> new_link();

  const Config& config_;
  CurrentIdentity& identity_;
  Outbox& outbox_;
  std::mutex& outbox_mutex_;
  const Clock& clock_;
  const std::atomic<bool>& stopping_;
  ShownPassword& password_;
  const std::function<void()> on_end_;
  std::mutex mutex_;
  std::deque<json::object> asked_;  // requests to this source that wait for their turn
  std::set<RequestId> working_;     // those, and those that are being answered
  std::map<RequestId, std::chrono::steady_clock::time_point> given_up_;  // left to people; until then not tried again
  std::optional<json::object> heard_of_;                                 // the last one: what is asked for is later
  std::chrono::steady_clock::time_point heard_since_{};                  // of the first that is skipped so
  std::size_t answerers_ = 0;
  std::list<Answering> answering_;  // of the thread that asks for work
};

}  // namespace flikvakt::connector
