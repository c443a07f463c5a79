#include "connector/retries.h"

#include <algorithm>
#include <utility>

namespace flikvakt::connector {
namespace {

constexpr std::chrono::seconds kFirstAgain{1};
constexpr std::chrono::seconds kLastAgain{3600};

}  // namespace

bool Retries::is_due(const DepositId& id, Time now) const {
  const auto found = waiting_.find(id);
  return found == waiting_.end() || found->second.not_before <= now;
}

bool Retries::note_failure(const DepositId& id, const std::string& why, Time now) {
  Waiting& one = waiting_[id];
  one.pause = std::clamp(2 * one.pause, kFirstAgain, kLastAgain);
  one.not_before = now + one.pause;
  return std::exchange(one.why, why) != why;
}

unsigned Retries::turn(const DepositId& id) const {
  const auto found = breaks_.find(id);
  return found == breaks_.end() ? 0 : found->second / kPatience;
}

void Retries::note_success(const DepositId& id) {
  breaks_.erase(id);
  // The others begin anew, as if they had never failed: so one that fails for ever is not tried for each that comes
  // through, only for those that had waited.
  const auto found = waiting_.find(id);
  if (found == waiting_.end()) return;
  const bool had_failed = found->second.pause > std::chrono::seconds(0);
  waiting_.erase(found);
  if (had_failed) {
    for (auto& [other, waits] : waiting_) {
      waits.pause = std::chrono::seconds(0);
      waits.not_before = {};
    }
  }
}

bool Retries::is_first_word_of_age(const DepositId& id) { return !std::exchange(waiting_[id].is_told_of_age, true); }

}  // namespace flikvakt::connector
