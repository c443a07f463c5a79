// What a page knew when it sent somebody to an issuer to sign, which nothing brings back with them: kept for as long as
// the ceremony lasts, under the id of the act, which no other browser knows. In memory, never more than so many, and of
// one session never more than a few: of whoever has most the oldest goes. Thread-safe.
#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <mutex>
#include <string>

#include "base/ids.h"

namespace flikvakt::gateway {

class KeptForms {
public:
  static constexpr std::size_t kMost = 1000;
  static constexpr std::size_t kMostOfSession = 8;

  using Fields = std::map<std::string, std::string>;
  using Time = std::chrono::steady_clock::time_point;

  void keep(const ActId& act, const SessionId& session, Fields fields, Time now, Time until);
  // As often as somebody comes back; empty: nothing is kept, or not any more.
  Fields find(const ActId& act, Time now) const;

private:
  struct Kept {
    ActId act;
    SessionId session;
    Fields fields;
    Time until;
  };
  void forget_oldest_of(const SessionId& session);
  SessionId most_crowded() const;

  mutable std::mutex mutex_;
  std::deque<Kept> kept_;  // the oldest first
};

}  // namespace flikvakt::gateway
