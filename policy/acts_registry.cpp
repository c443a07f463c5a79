// Administrators enter organisations, units, staff, teams, the catalogue, credentials and one another.
#include "policy/effects.h"
#include "policy/terms.h"
#include "policy/who.h"

namespace flikvakt::policy {
namespace {

Reason must_be_active_organisation(const State& state, const OrganisationId& id) {
  const Organisation* found = state.find<Organisation>(id);
  if (!found) return Reason::unknown;
  return found->standing == Standing::active ? Reason::none : Reason::not_in_force;
}

// SPEC ACT-9: an id that was ever used, also of something removed, is not used again.
template <class T>
Reason must_be_new(const State& state, const typename T::Key& key) {
  if (key == typename T::Key{}) return Reason::terms_invalid;
  return state.find<T>(key) ? Reason::already_exists : Reason::none;
}

Reason first_of(std::initializer_list<Reason> reasons) {
  for (Reason why : reasons) {
    if (why != Reason::none) return why;
  }
  return Reason::none;
}

Reason valid_if(bool holds) { return holds ? Reason::none : Reason::terms_invalid; }

Outcome enter(const Context& context, Reason why, Row row) {
  if (why != Reason::none) return refused(why);
  Effects effects(context);
  effects.put(std::move(row));
  return std::move(effects).permit();
}

bool is_thumbprint_used(const State& state, const Fingerprint& thumbprint) {
  for (const auto& [id, administrator] : state.all<Administrator>()) {
    if (administrator.thumbprint == thumbprint) return true;
  }
  return false;
}

}  // namespace

Outcome apply(const Context& context, const RegisterAdministrator& act) {
  const Reason why = first_of({must_be_administrator(context), must_be_new<Administrator>(context.state, act.id),
                               valid_if(is_name(act.name) && act.jwk.is_object() && act.thumbprint != Fingerprint{})});
  if (why == Reason::none && is_thumbprint_used(context.state, act.thumbprint)) return refused(Reason::already_exists);
  return enter(context, why,
               Administrator{act.id, act.name, AdministratorKind::personal, act.thumbprint, act.jwk, Standing::active});
}

Outcome apply(const Context& context, const RegisterOrganisation& act) {
  const Reason why = first_of({must_be_administrator(context), must_be_new<Organisation>(context.state, act.id),
                               valid_if(is_name(act.name) && is_name(act.number))});
  return enter(context, why,
               Organisation{act.id, act.name, act.number, act.organisation_kind, Standing::active, context.epoch()});
}

Outcome apply(const Context& context, const RegisterIssuer& act) {
  const Reason why = first_of({must_be_administrator(context), must_be_new<Issuer>(context.state, act.fingerprint),
                               valid_if(is_name(act.name) && !act.certificate.empty())});
  Issuer row;
  row.fingerprint = act.fingerprint;
  row.name = act.name;
  row.certificate = act.certificate;
  row.epoch = context.epoch();
  return enter(context, why, std::move(row));
}

Outcome apply(const Context& context, const RegisterCertificate& act) {
  const Issuer* issuer = context.state.find<Issuer>(act.issuer);
  const Reason why = first_of({must_be_administrator(context), must_be_new<Certificate>(context.state, act.fingerprint),
                               must_be_active_organisation(context.state, act.organisation),
                               issuer && issuer->standing == Standing::active ? Reason::none : Reason::unknown,
                               valid_if(is_name(act.serial) && act.valid_from < act.valid_to)});
  return enter(context, why,
               Certificate{act.fingerprint, act.organisation, act.issuer, act.serial, act.valid_from, act.valid_to,
                           Standing::active, context.epoch()});
}

Outcome apply(const Context& context, const RegisterAssertionKey& act) {
  const Reason why =
      first_of({must_be_administrator(context), must_be_new<AssertionKey>(context.state, act.thumbprint),
                must_be_active_organisation(context.state, act.organisation), valid_if(act.jwk.is_object())});
  return enter(context, why,
               AssertionKey{act.thumbprint, act.organisation, act.jwk, Standing::active, context.epoch()});
}

// The lead is of the team's own organisation, so that the officer who accepts the team speaks for the lead's employer.
Outcome apply(const Context& context, const RegisterTeam& act) {
  const Staff* lead = context.state.find<Staff>(act.lead);
  const bool has_lead = lead && lead->organisation == act.organisation && lead->standing == Standing::active;
  const Reason why = first_of({must_be_administrator(context), must_be_new<Team>(context.state, act.id),
                               must_be_active_organisation(context.state, act.organisation),
                               valid_if(is_name(act.name)), has_lead ? Reason::none : Reason::unknown});
  return enter(context, why, Team{act.id, act.organisation, act.name, act.lead, {}, Standing::active, context.epoch()});
}

Outcome apply(const Context& context, const RegisterUnit& act) {
  const Reason why =
      first_of({must_be_administrator(context), must_be_new<Unit>(context.state, act.id),
                must_be_active_organisation(context.state, act.organisation), valid_if(is_name(act.name))});
  return enter(context, why, Unit{act.id, act.organisation, act.name, Standing::active, context.epoch()});
}

Outcome apply(const Context& context, const RegisterStaff& act) {
  const Unit* unit = act.unit ? context.state.find<Unit>(*act.unit) : nullptr;
  const bool has_own_unit = !act.unit || (unit && unit->organisation == act.organisation);
  const Reason why = first_of({must_be_administrator(context), must_be_new<Staff>(context.state, act.id),
                               must_be_active_organisation(context.state, act.organisation),
                               valid_if(is_name(act.name)), has_own_unit ? Reason::none : Reason::unknown});
  return enter(context, why,
               Staff{act.id, act.organisation, act.unit, act.name, act.roles, Standing::active, context.epoch()});
}

Outcome apply(const Context& context, const RegisterFlikType& act) {
  const bool is_valid =
      is_code(act.code) && is_name(act.name_sv) && is_name(act.name_en) && act.description.size() <= 2000;
  const Reason why =
      first_of({must_be_administrator(context), valid_if(is_valid), must_be_new<FlikType>(context.state, act.code)});
  return enter(context, why,
               FlikType{act.code, act.name_sv, act.name_en, act.description, act.sensitivity, Standing::active,
                        context.epoch(), false, act.only_person});
}

Outcome apply(const Context& context, const SetTelling& act) {
  const FlikType* found = context.state.find<FlikType>(act.code);
  const Reason why = first_of({must_be_administrator(context), found ? Reason::none : Reason::unknown,
                               found && found->standing == Standing::removed ? Reason::not_in_force : Reason::none});
  if (why != Reason::none) return refused(why);
  FlikType changed = *found;
  changed.tells_blocked = act.tells_blocked;
  return enter(context, why, std::move(changed));
}

// SPEC LOGV-11: what was done before it was said stays unnamed, and said twice it counts from the first time.
Outcome apply(const Context& context, const SetNaming& act) {
  const Instance* found = context.state.find<Instance>("instance");
  const Reason who = first_of({must_be_administrator(context), found ? Reason::none : Reason::wrong_state});
  if (who != Reason::none) return refused(who);
  Instance changed = *found;
  if (!act.names_staff) changed.names_staff_since.reset();
  if (act.names_staff && !changed.names_staff_since) changed.names_staff_since = context.now();
  return enter(context, who, std::move(changed));
}

}  // namespace flikvakt::policy
