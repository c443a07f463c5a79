#include "gateway/sealed_sessions.h"

#include "crypto/random.h"

namespace flikvakt::gateway {

void SealedSessions::drop(Sessions::iterator session) {
  auto& tokens = of_[session->connector];
  tokens.remove(session->token);
  if (tokens.empty()) of_.erase(session->connector);
  by_token_.erase(session->token);
  sessions_.erase(session);
}

// SPEC E2E-30
std::string SealedSessions::open(const ConnectorId& connector) {
  const std::string token = to_base64url(crypto::random_bytes<32>());
  const std::lock_guard lock(mutex_);
  if (const auto found = of_.find(connector); found != of_.end() && found->second.size() >= kMostOfOne)
    drop(by_token_.at(found->second.back()));
  if (sessions_.size() >= kMostInAll) drop(std::prev(sessions_.end()));
  sessions_.push_front({connector, token, 0, {}});
  by_token_[token] = sessions_.begin();
  of_[connector].push_front(token);
  return token;
}

// SPEC E2E-31: the window moves with the highest number that came; what is below it came too late.
bool SealedSessions::is_new(Session& session, std::uint64_t number) {
  if (number == 0 || number + kWindow <= session.highest) return false;
  if (number > session.highest) {
    const std::uint64_t passed = std::min(number - session.highest, kWindow);
    for (std::uint64_t i = 1; i <= passed; ++i) session.seen.reset((session.highest + i) % kWindow);
    session.highest = number;
  } else if (session.seen.test(number % kWindow)) {
    return false;
  }
  session.seen.set(number % kWindow);
  return true;
}

SealedSessions::Verdict SealedSessions::take(const ConnectorId& connector, std::string_view token,
                                             std::uint64_t number) {
  const std::lock_guard lock(mutex_);
  const auto found = by_token_.find(std::string(token));
  if (found == by_token_.end() || found->second->connector != connector) return Verdict::unknown_session;
  sessions_.splice(sessions_.begin(), sessions_, found->second);
  return is_new(*found->second, number) ? Verdict::fresh : Verdict::replayed;
}

void SealedSessions::forget(const ConnectorId& connector) {
  const std::lock_guard lock(mutex_);
  for (auto found = of_.find(connector); found != of_.end(); found = of_.find(connector))
    drop(by_token_.at(found->second.front()));
}

}  // namespace flikvakt::gateway
