// Providers: their authorisation, and the kontrakt that gives them a part of a person's plan.
#include <algorithm>

#include "policy/effects.h"
#include "policy/membership.h"
#include "policy/terms.h"
#include "policy/who.h"

namespace flikvakt::policy {
namespace {

bool are_areas_valid(const std::set<std::string>& areas) {
  return !areas.empty() && std::ranges::all_of(areas, [](const std::string& area) { return is_name(area); });
}

bool is_area_authorised(const State& state, const KontraktPart& part) {
  return std::ranges::any_of(state.authorisations_of(part.provider), [&](const AuthorisationId& id) {
    const Authorisation& one = *state.find<Authorisation>(id);
    return one.standing == Standing::active && is_current(state, one.epoch) && one.areas.contains(part.area);
  });
}

Reason check_part(const State& state, const KontraktPart& part) {
  const Organisation* provider = state.find<Organisation>(part.provider);
  if (!provider || provider->standing != Standing::active) return Reason::recipient_unknown;
  if (provider->kind != OrganisationKind::provider || !is_name(part.insats)) return Reason::terms_invalid;
  if (part.valid_from >= part.valid_to) return Reason::period_invalid;
  return is_area_authorised(state, part) ? Reason::none : Reason::provider_not_authorised;
}

}  // namespace

Outcome apply(const Context& context, const RegisterAuthorisation& act) {
  const Reason who = must_be_administrator(context);
  if (who != Reason::none) return refused(who);
  const Organisation* organisation = context.state.find<Organisation>(act.organisation);
  if (!organisation || organisation->standing != Standing::active) return refused(Reason::unknown);
  if (context.state.find<Authorisation>(act.id)) return refused(Reason::already_exists);
  const bool is_valid =
      !act.id.is_none() && organisation->kind == OrganisationKind::provider && are_areas_valid(act.areas);
  if (!is_valid) return refused(Reason::terms_invalid);
  if (act.valid_from >= act.valid_to) return refused(Reason::period_invalid);
  Effects effects(context);
  effects.put(Authorisation{act.id, act.organisation, act.areas, act.valid_from, act.valid_to, Standing::active,
                            context.epoch()});
  return std::move(effects).permit();
}

Outcome apply(const Context& context, const EndAuthorisation& act) {
  const Reason who = must_be_administrator(context);
  if (who != Reason::none) return refused(who);
  const Authorisation* found = context.state.find<Authorisation>(act.id);
  if (!found) return refused(Reason::unknown);
  Effects effects(context);
  Authorisation ended = *found;
  ended.standing = Standing::removed;
  if (found->standing != Standing::removed) effects.put(std::move(ended));
  return std::move(effects).permit();
}

Outcome apply(const Context& context, const RegisterKontrakt& act) {
  Effects effects(context);
  const Person* person = effects.concern(act.person);
  const Reason who = must_be_administrator(context);
  if (who != Reason::none) return std::move(effects).refuse(who);
  if (!person) return std::move(effects).refuse(Reason::unknown);
  effects.concern(person->id).subject = subject_of(act.id);
  if (context.state.find<Kontrakt>(act.id)) return std::move(effects).refuse(Reason::already_exists);
  if (act.id.is_none() || act.parts.empty()) return std::move(effects).refuse(Reason::terms_invalid);
  for (const KontraktPart& part : act.parts) {
    const Reason why = check_part(context.state, part);
    if (why != Reason::none) return std::move(effects).refuse(why);
  }
  effects.put(Kontrakt{act.id, person->id, act.parts, Standing::active, context.epoch()});
  return std::move(effects).permit();
}

Outcome apply(const Context& context, const EndKontrakt& act) {
  Effects effects(context);
  const Kontrakt* found = context.state.find<Kontrakt>(act.id);
  if (found) effects.concern(found->person).subject = subject_of(act.id);
  const Reason who = must_be_administrator(context);
  if (who != Reason::none) return std::move(effects).refuse(who);
  if (!found) return std::move(effects).refuse(Reason::unknown);
  Kontrakt ended = *found;
  ended.standing = Standing::removed;
  if (found->standing != Standing::removed) effects.put(std::move(ended));
  return std::move(effects).permit();
}

}  // namespace flikvakt::policy
