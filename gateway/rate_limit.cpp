#include "gateway/rate_limit.h"

#include <algorithm>

namespace flikvakt::gateway {

double RateLimiter::level(const Bucket& bucket, Time now) const {
  const double seconds = std::chrono::duration<double>(std::max(now - bucket.at, Time::duration::zero())).count();
  return std::min(policy_.burst, bucket.tokens + seconds * policy_.per_second);
}

// A full bucket remembers nothing, so forgetting it changes no answer.
bool RateLimiter::make_room(Time now) {
  if (buckets_.size() < policy_.max_keys) return true;
  std::erase_if(buckets_, [&](const auto& entry) { return level(entry.second, now) >= policy_.burst; });
  return buckets_.size() < policy_.max_keys;
}

RateLimiter::Bucket* RateLimiter::refilled(std::string_view key, Time now) {
  auto found = buckets_.find(key);
  if (found == buckets_.end()) {
    if (!make_room(now)) return nullptr;
    found = buckets_.emplace(key, Bucket{policy_.burst, now}).first;
  }
  Bucket& bucket = found->second;
  bucket.tokens = level(bucket, now);
  bucket.at = std::max(bucket.at, now);
  return &bucket;
}

bool RateLimiter::allow(std::string_view key, Time now, double tokens) {
  const std::lock_guard lock(mutex_);
  Bucket* bucket = refilled(key, now);
  if (!bucket || bucket->tokens < tokens) return false;
  bucket->tokens -= tokens;
  return true;
}

bool RateLimiter::has_left(std::string_view key, Time now) {
  const std::lock_guard lock(mutex_);
  const auto found = buckets_.find(key);
  return found == buckets_.end() || level(found->second, now) >= 1;
}

void RateLimiter::charge(std::string_view key, Time now, double tokens) {
  const std::lock_guard lock(mutex_);
  if (Bucket* bucket = refilled(key, now)) bucket->tokens = std::max(bucket->tokens - tokens, -policy_.burst);
}

std::optional<RateLimiter::Time::duration> RateLimiter::take_on_credit(std::string_view key, Time now,
                                                                       Time::duration longest) {
  const std::lock_guard lock(mutex_);
  Bucket* bucket = refilled(key, now);
  if (!bucket) return Time::duration::zero();
  const double missing = std::max(0.0, 1 - bucket->tokens);
  const auto wait = std::chrono::ceil<Time::duration>(std::chrono::duration<double>(missing / policy_.per_second));
  if (wait > longest) return std::nullopt;
  bucket->tokens -= 1;
  return wait;
}

}  // namespace flikvakt::gateway
