#include "gateway/kept_drafts.h"

#include <algorithm>

#include "crypto/secret.h"

namespace flikvakt::gateway {

std::shared_ptr<const Bytes> scrubbed_file(Bytes file) {
  return std::shared_ptr<Bytes>(new Bytes(std::move(file)), [](Bytes* held) {
    crypto::scrub(*held);
    delete held;
  });
}

Draft::~Draft() {
  for (partition::PartBytes& part : outcome.bytes) {
    crypto::scrub(part.document);
    for (Bytes& preview : part.previews) crypto::scrub(preview);
  }
}

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

void KeptDrafts::forget_old(Time now) {
  for (auto one = kept_.begin(); one != kept_.end();) {
    const auto next = std::next(one);
    if (one->second.since + kKept <= now) forget(one);
    one = next;
  }
  while (!confirmed_.empty() && confirmed_.front().since + kKept <= now) confirmed_.pop_front();
}

// Of the same staff member, the oldest first, until there is room for one more.
std::vector<std::map<ActId, KeptDrafts::Kept>::iterator> KeptDrafts::own_to_forget(const Draft& draft,
                                                                                   std::size_t bytes) {
  std::vector<std::map<ActId, Kept>::iterator> own, out;
  std::size_t held = 0;
  for (auto one = kept_.begin(); one != kept_.end(); ++one) {
    if (one->second.draft->staff != draft.staff) continue;
    own.push_back(one);
    held += one->second.bytes;
  }
  std::ranges::sort(own, {}, [](const auto& one) { return one->second.since; });
  for (const auto& one : own) {
    if (own.size() - out.size() < kMostOfOne && held + bytes <= most_bytes_ / kShareOfOne) break;
    out.push_back(one);
    held -= one->second.bytes;
  }
  return out;
}

bool KeptDrafts::has_room(const Draft& draft, std::size_t bytes,
                          const std::vector<std::map<ActId, Kept>::iterator>& without) const {
  std::size_t all = bytes, organisation = bytes;
  for (const auto& [id, one] : kept_) {
    all += one.bytes;
    if (one.draft->organisation == draft.organisation) organisation += one.bytes;
  }
  for (const auto& one : without) {  // of the same organisation, as the staff member is
    all -= one->second.bytes;
    organisation -= one->second.bytes;
  }
  return bytes <= most_bytes_ / kShareOfOne && organisation <= most_bytes_ / kShareOfOrganisation && all <= most_bytes_;
}

bool KeptDrafts::keep(std::shared_ptr<const Draft> draft, Time now) {
  const std::size_t bytes = draft->bytes();
  const std::lock_guard lock(mutex_);
  forget_old(now);
  const auto to_forget = own_to_forget(*draft, bytes);
  if (!has_room(*draft, bytes, to_forget)) return false;
  for (const auto& one : to_forget) forget(one);
  bytes_ += bytes;
  const ActId id = draft->id;
  kept_.insert_or_assign(id, Kept{std::move(draft), bytes, now});
  return true;
}

void KeptDrafts::keep_confirmed(const ActId& id, ConfirmedDraft end, Time now) {
  const std::lock_guard lock(mutex_);
  if (confirmed_.size() == kMostConfirmed) confirmed_.pop_front();
  confirmed_.push_back({id, std::move(end), now});
}

std::optional<ConfirmedDraft> KeptDrafts::confirmed(const ActId& id, const StaffId& staff, Time now) const {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find(confirmed_, id, &Ended::id);
  const bool is_there = found != confirmed_.end() && found->end.staff == staff && now < found->since + kKept;
  return is_there ? std::optional(found->end) : std::nullopt;
}

void KeptDrafts::sweep(Time now) {
  const std::lock_guard lock(mutex_);
  forget_old(now);
}

void KeptDrafts::drop(const StaffId& staff) {
  const std::lock_guard lock(mutex_);
  for (auto one = kept_.begin(); one != kept_.end();) {
    const auto next = std::next(one);
    if (one->second.draft->staff == staff) forget(one);
    one = next;
  }
  std::erase_if(confirmed_, [&](const Ended& one) { return one.end.staff == staff; });
}

std::size_t KeptDrafts::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
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
