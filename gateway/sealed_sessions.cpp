#include "gateway/sealed_sessions.h"

#include <algorithm>

#include "crypto/random.h"

namespace flikvakt::gateway {
namespace {

constexpr std::size_t kMacBytes = 16;

struct GivenNonce {
  ByteArray<8> time{};  // milliseconds since the sessions began
  ByteArray<16> drawn{};
  Bytes mac;
};

std::optional<GivenNonce> read_nonce(std::string_view text) {
  const Result<Bytes> bytes = from_base64url(text);
  if (!bytes) return std::nullopt;
  ByteReader in(*bytes);
  GivenNonce out{in.array<8>(), in.array<16>(), to_bytes(in.bytes(kMacBytes))};
  return in.done() ? std::optional(std::move(out)) : std::nullopt;
}

Bytes mac_of(const crypto::HmacSha256Key& key, const ConnectorId& connector, const ByteArray<8>& time,
             const ByteArray<16>& drawn) {
  const crypto::Hash256 mac = key.mac(connector.value(), time, drawn);
  return to_bytes(BytesView(mac).first(kMacBytes));
}

}  // namespace

SealedSessions::SealedSessions()
    : begun_(std::chrono::steady_clock::now()), nonce_key_(BytesView(crypto::random_bytes<32>())) {}

// SPEC E2E-30
std::string SealedSessions::nonce(const ConnectorId& connector, Time now) const {
  const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(now - begun_).count();
  const Bytes written = ByteWriter().u64(static_cast<std::uint64_t>(since)).view();
  const ByteArray<8> time = *to_array<8>(written);
  const ByteArray<16> drawn = crypto::random_bytes<16>();
  const Bytes mac = mac_of(nonce_key_, connector, time, drawn);
  return to_base64url(ByteWriter().bytes(time).bytes(drawn).bytes(mac).view());
}

SealedSessions::Verdict SealedSessions::use(const ConnectorId& connector, std::string_view nonce, Time now) {
  const std::optional<GivenNonce> given = read_nonce(nonce);
  if (!given) return Verdict::unknown_session;
  const Bytes ours = mac_of(nonce_key_, connector, given->time, given->drawn);
  if (!crypto::equal_in_constant_time(ours, given->mac)) return Verdict::unknown_session;
  ByteReader time(given->time);
  const Time when = begun_ + std::chrono::milliseconds(static_cast<std::int64_t>(time.u64()));
  if (now - when > kNonceLasts) return Verdict::unknown_session;
  const std::lock_guard lock(mutex_);
  while (!used_.empty() && now - used_.begin()->first > kNonceLasts) used_.erase(used_.begin());
  return used_.emplace(when, std::string(nonce)).second ? Verdict::fresh : Verdict::replayed;
}

void SealedSessions::drop(Sessions::iterator session) {
  const ConnectorId connector = session->connector;
  auto& tokens = of_[connector];
  tokens.remove(session->token);
  if (tokens.empty()) of_.erase(connector);
  by_token_.erase(session->token);
  sessions_.erase(session);
}

void SealedSessions::make_room(const ConnectorId& connector) {
  const auto found = of_.find(connector);
  if (found != of_.end() && found->second.size() >= kMostOfOne) {
    const auto used = [this](const std::string& token) { return by_token_.at(token)->used; };
    drop(by_token_.at(*std::ranges::min_element(found->second, {}, used)));
  }
  if (sessions_.size() >= kMostInAll) drop(std::prev(sessions_.end()));
}

// SPEC E2E-30
std::string SealedSessions::open(const ConnectorId& connector, Time now) {
  const std::string token = to_base64url(crypto::random_bytes<32>());
  const std::lock_guard lock(mutex_);
  make_room(connector);
  sessions_.push_front({connector, token, now, 0, {}});
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

SealedSessions::Verdict SealedSessions::take(const ConnectorId& connector, std::string_view token, std::uint64_t number,
                                             Time now) {
  const std::lock_guard lock(mutex_);
  const auto found = by_token_.find(std::string(token));
  if (found == by_token_.end() || found->second->connector != connector) return Verdict::unknown_session;
  if (!is_new(*found->second, number)) return Verdict::replayed;  // and is no use of the session
  sessions_.splice(sessions_.begin(), sessions_, found->second);
  found->second->used = now;
  return Verdict::fresh;
}

void SealedSessions::forget(const ConnectorId& connector) {
  const std::lock_guard lock(mutex_);
  for (auto found = of_.find(connector); found != of_.end(); found = of_.find(connector))
    drop(by_token_.at(found->second.front()));
}

}  // namespace flikvakt::gateway
