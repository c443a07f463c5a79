#include "gateway/kept_forms.h"

#include <algorithm>
#include <utility>

namespace flikvakt::gateway {

void KeptForms::keep(const ActId& act, Fields fields, Time until) {
  const std::lock_guard lock(mutex_);
  if (kept_.size() == kMost) kept_.pop_front();
  kept_.push_back({act, std::move(fields), until});
}

KeptForms::Fields KeptForms::take(const ActId& act, Time now) {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find(kept_, act, &Kept::act);
  if (found == kept_.end()) return {};
  Kept out = std::move(*found);
  kept_.erase(found);
  return now < out.until ? std::move(out.fields) : Fields();
}

}  // namespace flikvakt::gateway
