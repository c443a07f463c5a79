// Ceremonies that anybody may begin, as often as they like: nothing is kept of one until somebody comes back with it.
// The cookie itself says which it is and since when, under a key that only this process has. What is remembered is
// which were used. Thread-safe.
#pragma once

#include <chrono>
#include <limits>
#include <mutex>
#include <set>

#include "base/time.h"
#include "crypto/hash.h"

namespace flikvakt::service {

class CeremonyTickets {
public:
  using Steady = std::chrono::steady_clock::time_point;
  struct Ticket {
    std::uint8_t kind = 0;  // the caller's; a ticket serves for its own
    ByteArray<16> id{};     // random
    Steady began_steady;
    UtcTime began;
  };

  explicit CeremonyTickets(std::chrono::milliseconds life, std::size_t most_used = 100'000);

  std::string issue(const Ticket& ticket) const;  // base64url
  // SPEC BS-6: one attempt, whatever comes of it. expired: none of ours, of another kind, too old, or used before.
  Result<Ticket> use(const std::string& text, std::uint8_t kind, Steady now);
  // 32 bytes that follow from the ticket, and that nobody else can know before they see them.
  crypto::Hash256 challenge_of(const Ticket& ticket) const;

private:
  crypto::Hash256 mac(BytesView ticket) const;

  const std::chrono::milliseconds life_;
  const std::size_t most_used_;
  const crypto::HmacSha256Key key_;
  std::mutex mutex_;
  std::set<std::pair<Steady, ByteArray<16>>> used_;  // by their age
  // INVARIANT (used once): what was forgotten before its time takes with it all that began no later.
  Steady forgotten_until_ = Steady::min();
};

}  // namespace flikvakt::service
