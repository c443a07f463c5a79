// By what people and staff who come by browser prove who they are: issuers of ID tokens, passkeys, e-IDs.
#include <algorithm>

#include "policy/enrolment.h"
#include "policy/membership.h"
#include "policy/terms.h"
#include "policy/who.h"

namespace flikvakt::policy {
namespace {

constexpr std::size_t kLongestUrl = 500;
constexpr std::size_t kLongestCa = 32 * 1024;
constexpr std::size_t kMostLevels = 10;

bool is_https(std::string_view url) {
  constexpr std::string_view kHttps = "https://";
  return url.starts_with(kHttps) && url.size() > kHttps.size() && url.size() <= kLongestUrl &&
         std::ranges::all_of(url, [](char c) { return c > 32 && c < 127; });
}

// SPEC OIDC-1
bool is_well_said(const SetOidcIssuer& act) {
  const bool words = is_code(act.code) && is_name(act.name) && is_name(act.client_id) && is_https(act.issuer);
  const bool places = is_https(act.authorization_endpoint) && is_https(act.token_endpoint) && is_https(act.jwks_uri);
  const bool roots = !act.ca.empty() && act.ca.size() <= kLongestCa;
  const bool levels = act.acr.size() <= kMostLevels && std::ranges::all_of(act.acr, is_name);
  const bool is_for_persons = !act.organisation;
  const bool vouches =
      is_for_persons ? !act.acr.empty() && !act.staff_claim : act.staff_claim && is_name(*act.staff_claim);
  return words && places && roots && levels && vouches;
}

// SPEC OIDC-3: what an issuer is does not change under its code.
bool is_same(const OidcIssuer& row, const SetOidcIssuer& act) {
  return row.issuer == act.issuer && row.client_id == act.client_id && row.organisation == act.organisation &&
         row.acr == act.acr && row.staff_claim == act.staff_claim;
}

bool is_in_place(const State& state, const OrganisationId& id) {
  const Organisation* found = state.find<Organisation>(id);
  return found && found->standing == Standing::active;
}

bool are_published(const std::vector<PublishedKey>& keys) {
  const bool ascending =
      std::ranges::adjacent_find(keys, [](const auto& a, const auto& b) { return a.kid >= b.kid; }) == keys.end();
  return ascending && !keys.empty() && keys.size() <= kMostOidcKeys &&
         std::ranges::all_of(keys, [](const auto& one) { return !one.kid.empty() && one.jwk.is_object(); });
}

// SPEC OIDC-21: what is published, and behind it what was published not long ago.
std::vector<OidcKey> keys_after(const std::vector<OidcKey>& before, const std::vector<PublishedKey>& published,
                                UtcTime now) {
  std::vector<OidcKey> out;
  for (const PublishedKey& one : published) out.push_back({one.kid, one.jwk, {}});
  for (OidcKey old : before) {
    const bool stays =
        std::ranges::any_of(published, [&](const auto& one) { return one.kid == old.kid && one.jwk == old.jwk; });
    if (!old.gone) old.gone = now;
    const bool is_forgotten = *old.gone + kGoneKeyStays <= now || out.size() >= 2 * kMostOidcKeys;
    if (!stays && !is_forgotten) out.push_back(std::move(old));
  }
  return out;
}

// The issuer of an e-ID, when it vouches for persons now.
Reason check_issuer(const State& state, const OidcIssuer* issuer) {
  if (!issuer || issuer->organisation) return Reason::unknown;
  if (issuer->standing != Standing::active) return Reason::not_in_force;
  return is_current(state, issuer->epoch) ? Reason::none : Reason::not_reattested;
}

// SPEC EID-3, EID-4: what the person removed stays removed; what is from before a restore is enrolled anew.
Reason check_known(const State& state, const DeviceKey* known, const PersonId& person) {
  if (!known) return Reason::none;
  if (known->person != person) return Reason::other_person;
  if (known->status == DeviceKeyStatus::removed) return Reason::not_in_force;
  const bool stands = known->status == DeviceKeyStatus::active && is_current(state, known->epoch);
  return stands ? Reason::already_exists : Reason::none;
}

DeviceKey active_key(const Context& context, const DeviceKey* known, const PersonId& person) {
  DeviceKey key = known ? *known : DeviceKey{};
  key.person = person;
  key.status = DeviceKeyStatus::active;
  key.epoch = context.epoch();
  return key;
}

bool is_represented(const Context& context) { return std::get<PersonActor>(context.actor).representative.has_value(); }

// SPEC EID-5
Outcome let_in_again(const Context& context, Effects effects, const Person& person, const Fingerprint& thumbprint) {
  const DeviceKey* known = find_own<DeviceKey>(context.state, thumbprint, person.id);
  if (!known || kind_of(*known) != DeviceKeyKind::e_id) return std::move(effects).refuse(Reason::unknown);
  if (known->status != DeviceKeyStatus::removed) return std::move(effects).refuse(Reason::wrong_state);
  DeviceKey key = active_key(context, known, person.id);
  key.enrolled_with = std::get<PersonActor>(context.actor).key;
  effects.put(std::move(key));
  return std::move(effects).permit();
}

}  // namespace

Outcome apply(const Context& context, const SetOidcIssuer& act) {
  const Reason who = must_be_administrator(context);
  if (who != Reason::none) return refused(who);
  if (!is_well_said(act)) return refused(Reason::terms_invalid);
  if (act.organisation && !is_in_place(context.state, *act.organisation)) return refused(Reason::unknown);
  const OidcIssuer* known = context.state.find<OidcIssuer>(act.code);
  if (known && known->standing == Standing::removed) return refused(Reason::not_in_force);
  if (known && !is_same(*known, act)) return refused(Reason::wrong_state);
  OidcIssuer row = known ? *known : OidcIssuer{};
  if (!known) row.registered = context.now();
  row.code = act.code;
  row.name = act.name;
  row.issuer = act.issuer;
  row.client_id = act.client_id;
  row.organisation = act.organisation;
  row.acr = act.acr;
  row.staff_claim = act.staff_claim;
  row.authorization_endpoint = act.authorization_endpoint;
  row.token_endpoint = act.token_endpoint;
  row.jwks_uri = act.jwks_uri;
  row.ca = act.ca;
  row.changed = context.now();
  row.epoch = context.epoch();
  Effects effects(context);
  effects.put(std::move(row));
  return std::move(effects).permit();
}

Outcome apply(const Context& context, const ApplyOidcKeys& act) {
  const Reason who = must_be_system(context);
  if (who != Reason::none) return refused(who);
  const OidcIssuer* known = context.state.find<OidcIssuer>(act.code);
  if (!known || known->standing == Standing::removed) return refused(Reason::unknown);
  if (!are_published(act.keys)) return refused(Reason::terms_invalid);
  OidcIssuer row = *known;
  row.keys = keys_after(known->keys, act.keys, context.now());
  Effects effects(context);
  effects.put(std::move(row));
  return std::move(effects).permit();
}

// SPEC EID-1, EID-2
Outcome apply(const Context& context, const EnrolEid& act) {
  Effects effects(context);
  const auto* actor = std::get_if<PersonActor>(&context.actor);
  const Person* person = effects.concern(act.person);
  if (!actor || actor->representative) return std::move(effects).refuse(Reason::not_entitled, Rule::actor);
  const Reason issuer = check_issuer(context.state, context.state.find<OidcIssuer>(act.issuer));
  if (issuer != Reason::none) return std::move(effects).refuse(issuer);
  if (act.thumbprint == Fingerprint{} || actor->key != act.thumbprint)
    return std::move(effects).refuse(Reason::terms_invalid);
  const PersonId id = person ? person->id : context.prepared.person.value_or(PersonId());
  if (id != actor->person) return std::move(effects).refuse(Reason::state_changed);
  if (person && person->died) return std::move(effects).refuse(Reason::person_died);
  const DeviceKey* known = context.state.find<DeviceKey>(act.thumbprint);
  const Reason why = check_known(context.state, known, id);
  if (why != Reason::none) return std::move(effects).refuse(why);
  if (!person && !create_person(context, effects, act.person)) return std::move(effects).refuse(Reason::error);
  DeviceKey key = active_key(context, known, id);
  key.thumbprint = act.thumbprint;
  key.oidc_issuer = act.issuer;
  effects.put(std::move(key));
  return std::move(effects).permit();
}

// SPEC ENROL-8, ENROL-9
Outcome apply(const Context& context, const AddKey& act) {
  Effects effects(context);
  effects.concern_actor();
  const ActingPerson who = widening_person(context);
  if (!who.person) return std::move(effects).refuse(who.why, Rule::actor);
  if (is_represented(context)) return std::move(effects).refuse(Reason::not_entitled);
  if (!act.jwk && !act.passkey) return let_in_again(context, std::move(effects), *who.person, act.thumbprint);
  const bool is_key = act.jwk && act.jwk->is_object() && act.thumbprint != Fingerprint{};
  if (!is_key || (act.passkey && !is_passkey(*act.passkey))) return std::move(effects).refuse(Reason::terms_invalid);
  const DeviceKey* known = context.state.find<DeviceKey>(act.thumbprint);
  Reason why = check_known(context.state, known, who.person->id);
  if (why == Reason::other_person) why = Reason::already_exists;  // whose it is, is nobody's affair
  if (why != Reason::none) return std::move(effects).refuse(why);
  DeviceKey key = active_key(context, known, who.person->id);
  key.thumbprint = act.thumbprint;
  key.jwk = *act.jwk;
  key.passkey = act.passkey;
  key.enrolled_with = std::get<PersonActor>(context.actor).key;
  effects.put(std::move(key));
  return std::move(effects).permit();
}

// SPEC STKEY-1
Outcome apply(const Context& context, const RegisterStaffKey& act) {
  const Reason who = must_be_administrator(context);
  if (who != Reason::none) return refused(who);
  const bool is_key = act.jwk.is_object() && act.thumbprint != Fingerprint{} && is_passkey(act.passkey);
  if (!is_key) return refused(Reason::terms_invalid);
  const Staff* staff = context.state.find<Staff>(act.staff);
  if (!staff) return refused(Reason::unknown);
  if (staff->standing != Standing::active || !is_in_place(context.state, staff->organisation))
    return refused(Reason::not_in_force);
  const StaffKey* known = context.state.find<StaffKey>(act.thumbprint);
  const bool is_old = known && known->staff == act.staff && known->standing == Standing::active &&
                      !is_current(context.state, known->epoch);
  if (known && !is_old) return refused(Reason::already_exists);
  Effects effects(context);
  effects.put(StaffKey{act.thumbprint, act.staff, staff->organisation, act.jwk, act.passkey, Standing::active,
                       context.epoch()});
  return std::move(effects).permit();
}

// SPEC STKEY-2
Outcome apply(const Context& context, const SetSubject& act) {
  const Reason who = must_be_administrator(context);
  if (who != Reason::none) return refused(who);
  if (act.subject && !is_name(*act.subject)) return refused(Reason::terms_invalid);
  const Staff* found = context.state.find<Staff>(act.staff);
  if (!found) return refused(Reason::unknown);
  if (found->standing == Standing::removed) return refused(Reason::not_in_force);
  for (const auto& [id, other] : context.state.all<Staff>()) {
    const bool is_theirs = other.organisation == found->organisation && id != found->id && act.subject;
    if (is_theirs && (other.subject == act.subject || id.text() == *act.subject))
      return refused(Reason::already_exists);
  }
  Staff changed = *found;
  changed.subject = act.subject;
  Effects effects(context);
  effects.put(std::move(changed));
  return std::move(effects).permit();
}

}  // namespace flikvakt::policy
