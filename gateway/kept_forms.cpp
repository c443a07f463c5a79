#include "gateway/kept_forms.h"

#include <algorithm>
#include <utility>

namespace flikvakt::gateway {

void KeptForms::forget_oldest_of(const SessionId& session) {
  kept_.erase(std::ranges::find(kept_, session, &Kept::session));
}

SessionId KeptForms::most_crowded() const {
  std::map<SessionId, std::size_t> counts;
  for (const Kept& one : kept_) ++counts[one.session];
  const auto fewer = [&](const Kept& a, const Kept& b) { return counts.at(a.session) < counts.at(b.session); };
  return std::ranges::max_element(kept_, fewer)->session;
}

void KeptForms::keep(const ActId& act, const SessionId& session, Fields fields, Time now, Time until) {
  const std::lock_guard lock(mutex_);
  std::erase_if(kept_, [&](const Kept& one) { return one.until <= now; });
  const auto theirs = static_cast<std::size_t>(std::ranges::count(kept_, session, &Kept::session));
  if (theirs >= kMostOfSession) forget_oldest_of(session);
  if (kept_.size() >= kMost) forget_oldest_of(most_crowded());
  kept_.push_back({act, session, std::move(fields), until});
}

KeptForms::Fields KeptForms::find(const ActId& act, Time now) const {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find(kept_, act, &Kept::act);
  return found != kept_.end() && now < found->until ? found->fields : Fields();
}

}  // namespace flikvakt::gateway
