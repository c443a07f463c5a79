// What log reviewers do: look at what the staff of their own organisation did, and say what they found.
#include "policy/effects.h"
#include "policy/who.h"

namespace flikvakt::policy {
namespace {

ActingStaff acting_reviewer(const Context& context) {
  ActingStaff who = acting_staff(context);
  if (who.staff && !who.is(StaffRole::log_reviewer)) return {Reason::not_entitled, nullptr};
  return who;
}

}  // namespace

// SPEC REVIEW-1: whose log it is follows from who asks.
Outcome apply(const Context& context, const ReadOrganisationLog&) {
  const ActingStaff who = acting_reviewer(context);
  return who.staff ? Effects(context).permit() : refused(who.why, Rule::actor);
}

// SPEC REVIEW-2: a word about an entry of another organisation stands under the own one, where nobody sees it.
Outcome apply(const Context& context, const NoteReview& act) {
  const ActingStaff who = acting_reviewer(context);
  if (!who.staff) return refused(who.why, Rule::actor);
  if (act.note.size() > kLongestReviewNote) return refused(Reason::terms_invalid);
  Effects effects(context);
  effects.put(
      Review{who.staff->organisation, act.entry, act.finding, act.note, who.staff->id, context.now(), context.epoch()});
  return std::move(effects).permit();
}

}  // namespace flikvakt::policy
