// Who relied on a fullmakt hears that it changed, and says that they heard.
#include <algorithm>

#include "policy/effects.h"
#include "policy/terms.h"
#include "policy/who.h"

namespace flikvakt::policy {
namespace {

std::vector<Notice> oldest_of(const State& state, const OrganisationId& organisation) {
  std::vector<Notice> out;
  for (const auto& [changed, key] : state.notices_of(organisation)) {
    if (out.size() == kMostNotices) break;
    out.push_back(*state.find<Notice>(key));
  }
  return out;
}

using Overdue = std::map<OrganisationId, OverdueCount>;

void count(Overdue& overdue, const OrganisationId& organisation, UtcTime due, std::uint64_t OverdueCount::*what) {
  OverdueCount& one = overdue.try_emplace(organisation, OverdueCount{organisation, 0, 0, due}).first->second;
  ++(one.*what);
  one.oldest = std::min(one.oldest, due);
}

}  // namespace

Outcome apply(const Context& context, const ListNotices&) {
  Effects effects(context);
  const ActingStaff who = acting_staff(context);
  if (!who.staff) return std::move(effects).refuse(who.why, Rule::actor);
  std::vector<Notice> found = oldest_of(context.state, who.staff->organisation);
  for (const Notice& notice : found) {
    Concern& concern = effects.concern(notice.person);
    if (!concern.fullmakt) concern.fullmakt = notice.fullmakt;
  }
  effects.answer(std::move(found));
  return std::move(effects).permit();
}

// SPEC NOTICE-4: what changed after the organisation looked is not acknowledged unseen.
Outcome apply(const Context& context, const AcknowledgeNotice& act) {
  Effects effects(context);
  const StaffActor* actor = std::get_if<StaffActor>(&context.actor);
  const Notice* found = actor ? context.state.find<Notice>({act.fullmakt, actor->organisation}) : nullptr;
  if (found) effects.concern(found->person).fullmakt = act.fullmakt;
  const ActingStaff who = acting_staff(context, Epochs::any);
  if (!who.staff) return std::move(effects).refuse(who.why, Rule::actor);
  if (!found) return std::move(effects).refuse(Reason::unknown);
  if (found->changed != act.changed) return std::move(effects).refuse(Reason::state_changed);
  effects.erase<Notice>(found->key());
  return std::move(effects).permit();
}

// SPEC NOTICE-5: who is behind and by how much; nothing of any person.
Outcome apply(const Context& context, const ListOverdue&) {
  const Reason who = must_be_administrator(context);
  if (who != Reason::none) return refused(who);
  Overdue overdue;
  for (const auto& [key, one] : context.state.all<Notice>()) {
    if (one.due <= context.now()) count(overdue, one.organisation, one.due, &OverdueCount::notices);
  }
  for (const auto& [key, one] : context.state.all<EraseOrder>()) {
    if (one.due <= context.now()) count(overdue, one.provider, one.due, &OverdueCount::erase_orders);
  }
  std::vector<OverdueCount> found;
  for (const auto& [organisation, one] : overdue) found.push_back(one);
  Effects effects(context);
  effects.answer(std::move(found));
  return std::move(effects).permit();
}

}  // namespace flikvakt::policy
