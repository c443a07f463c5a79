// Which sealed messages of a connector are new: a session is opened by one that signs a nonce of ours, and each later
// message of it has a number that counts once (spec/end-to-end.md). So of what somebody recorded nothing counts again,
// the opening of a session neither. Thread-safe.
#pragma once

#include <bitset>
#include <chrono>
#include <list>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/ids.h"
#include "crypto/hash.h"

namespace flikvakt::gateway {

class SealedSessions {
public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::size_t kMostOfOne = 32;
  static constexpr std::uint64_t kWindow = 256;       // numbers that may come late
  static constexpr std::size_t kMostInAll = 100'000;  // beyond them the one that was used longest ago goes
  static constexpr std::chrono::seconds kNonceLasts{60};

  SealedSessions();

  enum class Verdict { fresh, replayed, unknown_session };

  // To be signed by whoever opens a session. Keeps nothing: as many may be asked for as somebody likes.
  std::string nonce(const ConnectorId& connector, Time now) const;
  // It counts once, in its time, for that connector. unknown_session: none of ours, or too old.
  Verdict use(const ConnectorId& connector, std::string_view nonce, Time now);
  // base64url of 32 random bytes. Of as many as there may be of one connector that which was used longest ago makes
  // room: of one that starts again and again those of its earlier runs go. Only for whose nonce is fresh: nobody else
  // ever makes one go.
  std::string open(const ConnectorId& connector, Time now);
  // Takes the number: a second time it is a replay. Numbers begin at 1.
  Verdict take(const ConnectorId& connector, std::string_view session, std::uint64_t number, Time now);
  void forget(const ConnectorId& connector);

private:
  struct Session {
    ConnectorId connector;
    std::string token;
    Time used;  // last
    std::uint64_t highest = 0;
    std::bitset<kWindow> seen;  // by number modulo the window: those within it
  };
  using Sessions = std::list<Session>;  // the one used last comes first

  void drop(Sessions::iterator session);
  void make_room(const ConnectorId& connector);
  static bool is_new(Session& session, std::uint64_t number);

  const Time begun_;
  const crypto::HmacSha256Key nonce_key_;
  std::mutex mutex_;
  std::set<std::pair<Time, std::string>> used_;  // nonces, by when they were given; those that may still come
  Sessions sessions_;
  std::unordered_map<std::string, Sessions::iterator> by_token_;
  std::unordered_map<ConnectorId, std::list<std::string>> of_;  // tokens
};

}  // namespace flikvakt::gateway
