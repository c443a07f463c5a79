// What the catalogue says of a provider: its own words, within areas that it is authorised for.
#include <algorithm>

#include "policy/effects.h"
#include "policy/membership.h"
#include "policy/terms.h"
#include "policy/who.h"

namespace flikvakt::policy {
namespace {

constexpr std::size_t kMostTexts = 10;

// SPEC PROV-9
bool is_well_said(const ProviderText& one) {
  const std::string* const answers[] = {&one.offers, &one.for_whom, &one.steps, &one.place, &one.contact};
  return is_language(one.language) && !one.offers.empty() &&
         std::ranges::all_of(answers, [](const std::string* text) { return is_text(*text, kLongestAnswer); });
}

bool are_well_said(const SetProviderEntry& act) {
  std::set<std::string> languages;
  for (const ProviderText& one : act.texts) languages.insert(one.language);
  const bool are_different = languages.size() == act.texts.size();
  const bool names_enough = act.texts.empty() || !act.areas.empty();
  return act.texts.size() <= kMostTexts && act.areas.size() <= kMostInSet && are_different && names_enough &&
         std::ranges::all_of(act.texts, is_well_said);
}

// Also one that is still to begin: the entry is shown from then on.
bool is_area_of(const State& state, const OrganisationId& provider, const std::string& area, UtcTime now) {
  return std::ranges::any_of(state.authorisations_of(provider), [&](const AuthorisationId& id) {
    const Authorisation& one = *state.find<Authorisation>(id);
    return one.standing == Standing::active && is_current(state, one.epoch) && now < one.valid_to &&
           one.areas.contains(area);
  });
}

}  // namespace

// SPEC PROV-8, PROV-9
Outcome apply(const Context& context, const SetProviderEntry& act) {
  const ActingStaff who = acting_staff(context);
  if (!who.staff) return refused(who.why, Rule::actor);
  const OrganisationId organisation = who.staff->organisation;
  const bool speaks = who.is(StaffRole::roster_officer) || who.is(StaffRole::registrar);
  const bool is_provider = context.state.find<Organisation>(organisation)->kind == OrganisationKind::provider;
  if (!speaks || !is_provider) return refused(Reason::not_entitled);
  if (!are_well_said(act)) return refused(Reason::terms_invalid);
  const bool are_authorised = std::ranges::all_of(
      act.areas, [&](const std::string& area) { return is_area_of(context.state, organisation, area, context.now()); });
  if (!are_authorised) return refused(Reason::provider_not_authorised);
  const ProviderEntry* known = context.state.find<ProviderEntry>(organisation);
  if (known && known->standing != Standing::active) return refused(Reason::not_in_force);
  Effects effects(context);
  effects.put(ProviderEntry{organisation, act.areas, act.texts, context.now(), Standing::active, context.epoch()});
  return std::move(effects).permit();
}

}  // namespace flikvakt::policy
