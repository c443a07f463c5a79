// Which sealed messages of a connector are new: a session is opened by one, and each later message of it has a number
// that counts once (spec/end-to-end.md). Thread-safe.
#pragma once

#include <bitset>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/ids.h"

namespace flikvakt::gateway {

class SealedSessions {
public:
  static constexpr std::size_t kMostOfOne = 4;        // a connector's oldest makes room
  static constexpr std::uint64_t kWindow = 256;       // numbers that may come late
  static constexpr std::size_t kMostInAll = 100'000;  // beyond them the one that was used longest ago goes

  enum class Verdict { fresh, replayed, unknown_session };

  std::string open(const ConnectorId& connector);  // base64url of 32 random bytes
  // Takes the number: a second time it is a replay. Numbers begin at 1.
  Verdict take(const ConnectorId& connector, std::string_view session, std::uint64_t number);
  void forget(const ConnectorId& connector);

private:
  struct Session {
    ConnectorId connector;
    std::string token;
    std::uint64_t highest = 0;
    std::bitset<kWindow> seen;  // by number modulo the window: those within it
  };
  using Sessions = std::list<Session>;  // the one used last comes first

  void drop(Sessions::iterator session);
  static bool is_new(Session& session, std::uint64_t number);

  std::mutex mutex_;
  Sessions sessions_;
  std::unordered_map<std::string, Sessions::iterator> by_token_;
  std::unordered_map<ConnectorId, std::list<std::string>> of_;  // tokens, the newest first
};

}  // namespace flikvakt::gateway
