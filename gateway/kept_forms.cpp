#include "gateway/kept_forms.h"

#include <algorithm>
#include <utility>

namespace flikvakt::gateway {

void KeptForms::keep(const ActId& act, Fields fields, Time now, Time until) {
  const std::lock_guard lock(mutex_);
  while (!kept_.empty() && (kept_.front().until <= now || kept_.size() == kMost)) kept_.pop_front();
  kept_.push_back({act, std::move(fields), until});
}

KeptForms::Fields KeptForms::find(const ActId& act, Time now) const {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find(kept_, act, &Kept::act);
  return found != kept_.end() && now < found->until ? found->fields : Fields();
}

}  // namespace flikvakt::gateway
