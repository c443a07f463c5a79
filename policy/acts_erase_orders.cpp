// A kontrakt has ended: its providers erase what they hold, and say so.
#include "policy/effects.h"
#include "policy/terms.h"
#include "policy/who.h"

namespace flikvakt::policy {

Outcome apply(const Context& context, const ListEraseOrders&) {
  const ActingStaff who = acting_staff(context);
  if (!who.staff) return refused(who.why, Rule::actor);
  Effects effects(context);
  std::vector<EraseOrder> found;
  for (const EraseOrder::Key& key : context.state.erase_orders_of(who.staff->organisation)) {
    if (found.size() == kMostNotices) break;
    found.push_back(*context.state.find<EraseOrder>(key));
    effects.concern(found.back().person).subject = subject_of(found.back().kontrakt);
  }
  effects.answer(std::move(found));
  return std::move(effects).permit();
}

// SPEC ERASE-4: what is erased is erased, whatever a restore has left unattested.
Outcome apply(const Context& context, const AttestErasure& act) {
  Effects effects(context);
  if (const Kontrakt* kontrakt = context.state.find<Kontrakt>(act.kontrakt)) {
    effects.concern(kontrakt->person).subject = subject_of(act.kontrakt);
  }
  const ActingStaff who = acting_staff(context, Epochs::any);
  if (!who.staff) return std::move(effects).refuse(who.why, Rule::actor);
  const EraseOrder::Key key{act.kontrakt, who.staff->organisation};
  if (!context.state.find<EraseOrder>(key)) return std::move(effects).refuse(Reason::unknown);
  effects.erase<EraseOrder>(key);
  return std::move(effects).permit();
}

}  // namespace flikvakt::policy
