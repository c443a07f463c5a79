#include "gateway/kept_drafts.h"

#include <algorithm>

namespace flikvakt::gateway {

std::size_t Draft::bytes() const {
  std::size_t out = file ? file->size() : 0;
  for (const partition::PartBytes& part : outcome.bytes) {
    out += part.document.size();
    for (const Bytes& preview : part.previews) out += preview.size();
  }
  return out;
}

void KeptDrafts::forget(std::map<ActId, Kept>::iterator one) {
  bytes_ -= one->second.bytes;
  kept_.erase(one);
}

bool KeptDrafts::keep(std::shared_ptr<const Draft> draft, Time now) {
  const std::size_t bytes = draft->bytes();
  const std::lock_guard lock(mutex_);
  for (auto one = kept_.begin(); one != kept_.end();) {
    const auto next = std::next(one);
    if (one->second.since + kKept <= now) forget(one);
    one = next;
  }
  const auto is_own = [&](const auto& one) { return one.second.draft->staff == draft->staff; };
  while (static_cast<std::size_t>(std::ranges::count_if(kept_, is_own)) >= kMostOfOne) {
    auto oldest = kept_.end();
    for (auto one = kept_.begin(); one != kept_.end(); ++one) {
      if (is_own(*one) && (oldest == kept_.end() || one->second.since < oldest->second.since)) oldest = one;
    }
    forget(oldest);
  }
  if (bytes_ + bytes > most_bytes_) return false;
  bytes_ += bytes;
  const ActId id = draft->id;
  kept_.insert_or_assign(id, Kept{std::move(draft), bytes, now});
  return true;
}

std::shared_ptr<const Draft> KeptDrafts::find(const ActId& id, const StaffId& staff, Time now) const {
  const std::lock_guard lock(mutex_);
  const auto found = kept_.find(id);
  const bool is_there =
      found != kept_.end() && found->second.draft->staff == staff && now < found->second.since + kKept;
  return is_there ? found->second.draft : nullptr;
}

std::shared_ptr<const Draft> KeptDrafts::take(const ActId& id, const StaffId& staff, Time now) {
  std::shared_ptr<const Draft> out = find(id, staff, now);
  if (!out) return out;
  const std::lock_guard lock(mutex_);
  const auto found = kept_.find(id);
  if (found == kept_.end()) return nullptr;  // somebody was faster
  forget(found);
  return out;
}

}  // namespace flikvakt::gateway
