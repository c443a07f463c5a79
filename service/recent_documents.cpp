#include "service/recent_documents.h"

namespace flikvakt::service {

RecentDocuments::Object RecentDocuments::find(const LoggedPermit& permit) {
  std::lock_guard lock(mutex_);
  const auto found = by_name_.find(permit.document().object);
  if (found == by_name_.end()) return nullptr;
  const Kept& kept = *found->second;
  if (kept.document != permit.document().id || kept.key != permit.document().key_id) return nullptr;
  recent_.splice(recent_.begin(), recent_, found->second);
  return found->second->object;
}

std::uint64_t RecentDocuments::forgotten() const {
  std::lock_guard lock(mutex_);
  return forgotten_;
}

void RecentDocuments::keep(const LoggedPermit& permit, Object object, std::uint64_t forgotten_before) {
  const ObjectName& name = permit.document().object;
  std::lock_guard lock(mutex_);
  if (forgotten_ != forgotten_before || by_name_.contains(name)) return;
  recent_.push_front({name, permit.document().id, permit.document().key_id, std::move(object)});
  by_name_.emplace(name, recent_.begin());
  if (recent_.size() <= kKept) return;
  by_name_.erase(recent_.back().name);
  recent_.pop_back();
}

void RecentDocuments::forget_all() {
  std::lock_guard lock(mutex_);
  ++forgotten_;
  by_name_.clear();
  recent_.clear();
}

std::size_t RecentDocuments::size() const {
  std::lock_guard lock(mutex_);
  return recent_.size();
}

}  // namespace flikvakt::service
