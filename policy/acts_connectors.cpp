// Connectors: two administrators invite one, and it enrols itself with the code of the invitation. spec/connector.md
#include <algorithm>
#include <tuple>

#include "policy/effects.h"
#include "policy/membership.h"
#include "policy/terms.h"
#include "policy/who.h"

namespace flikvakt::policy {
namespace {

template <class T>
void remove(const Context& context, Effects& effects, const typename T::Key& key) {
  const T* found = context.state.find<T>(key);
  if (!found || found->standing == Standing::removed) return;
  T removed = *found;
  removed.standing = Standing::removed;
  effects.put(std::move(removed));
}

// SPEC CONN-7: what it proved itself with before counts no more.
void remove_credentials(const Context& context, Effects& effects, const Connector& connector) {
  for (const Fingerprint& one : connector.certificates) remove<Certificate>(context, effects, one);
  if (connector.assertion_key) remove<AssertionKey>(context, effects, *connector.assertion_key);
}

// SPEC CONN-10: those that have expired are forgotten; of the others stay the one that it asked under, which it has for
// certain, and the last to end, of which it may not have got the answer.
void forget_old(const Context& context, Effects& effects, Connector& connector, const Fingerprint& under) {
  std::vector<const Certificate*> known;
  for (const Fingerprint& one : connector.certificates) {
    if (const Certificate* row = context.state.find<Certificate>(one)) known.push_back(row);
  }
  std::ranges::sort(known, std::ranges::greater(), [&](const Certificate* one) {
    return std::tuple(one->fingerprint == under, one->valid_to, one->fingerprint);
  });
  connector.certificates.clear();
  for (const Certificate* one : known) {
    const bool counts = one->standing != Standing::removed && context.now() < one->valid_to;
    if (!counts) continue;
    if (connector.certificates.size() + 1 < kMostCertificates)
      connector.certificates.insert(one->fingerprint);
    else
      remove<Certificate>(context, effects, one->fingerprint);
  }
}

Reason check_organisation(const Context& context, const OrganisationId& id) {
  const Organisation* found = context.state.find<Organisation>(id);
  if (!found) return Reason::unknown;
  if (found->standing != Standing::active) return Reason::not_in_force;
  return is_current(context.state, found->epoch) ? Reason::none : Reason::not_reattested;
}

Reason check_invitation(const Context& context, const InviteConnector& act) {
  const Reason organisation = check_organisation(context, act.organisation);
  if (organisation != Reason::none) return organisation;
  const Staff* staff = context.state.find<Staff>(act.staff);
  const bool is_own = staff && staff->organisation == act.organisation && staff->standing == Standing::active;
  if (!is_own) return Reason::unknown;
  const bool is_valid = !act.id.is_none() && is_name(act.name) && act.code != Fingerprint{};
  if (!is_valid) return Reason::terms_invalid;
  const bool is_period = context.now() < act.code_expires && act.code_expires <= context.now() + kLongestCode;
  return is_period ? Reason::none : Reason::period_invalid;
}

// SPEC CONN-5: a code counts once, in its time, in the life of the log in which it was given.
Reason check_code(const Context& context, const Connector& connector, const Fingerprint& code) {
  if (connector.code == Fingerprint{} || connector.code != code) return Reason::credential_not_valid;
  if (!is_current(context.state, connector.epoch)) return Reason::not_reattested;
  if (connector.is_code_used) return Reason::wrong_state;
  return context.now() < connector.code_expires ? Reason::none : Reason::expired;
}

// SPEC CONN-9: only one that is enrolled is renewed, and under a certificate of its own that counts.
Reason check_renewal(const Context& context, const Connector& connector, const std::optional<Fingerprint>& under) {
  const Certificate* shown =
      under && connector.certificates.contains(*under) ? context.state.find<Certificate>(*under) : nullptr;
  const bool counts = shown && shown->standing == Standing::active && context.now() < shown->valid_to &&
                      is_current(context.state, shown->epoch);
  if (!counts) return Reason::credential_not_valid;
  const AssertionKey* key =
      connector.assertion_key ? context.state.find<AssertionKey>(*connector.assertion_key) : nullptr;
  if (!key || key->standing != Standing::active) return Reason::credential_not_valid;
  return is_current(context.state, key->epoch) ? Reason::none : Reason::not_reattested;
}

Reason check_certificate(const Context& context, const EnrolConnector& act) {
  const Issuer* issuer = context.state.find<Issuer>(act.issuer);
  if (!issuer || issuer->standing != Standing::active) return Reason::unknown;
  const bool is_valid = is_name(act.serial) && act.valid_from < act.valid_to && act.certificate != Fingerprint{};
  if (!is_valid) return Reason::terms_invalid;
  return context.state.find<Certificate>(act.certificate) ? Reason::already_exists : Reason::none;
}

Reason check_new_key(const Context& context, const EnrolConnector& act) {
  const bool is_given = act.jwk && act.jwk->is_object() && act.thumbprint && *act.thumbprint != Fingerprint{};
  if (!act.code) return act.jwk || act.thumbprint ? Reason::terms_invalid : Reason::none;
  if (!is_given || act.under) return Reason::terms_invalid;
  return context.state.find<AssertionKey>(*act.thumbprint) ? Reason::already_exists : Reason::none;
}

}  // namespace

// SPEC CONN-4
Outcome apply(const Context& context, const InviteConnector& act) {
  const Reason who = must_be_administrator(context);
  if (who != Reason::none) return refused(who);
  const Reason why = check_invitation(context, act);
  if (why != Reason::none) return refused(why);
  const Connector* known = context.state.find<Connector>(act.id);
  if (known && known->organisation != act.organisation) return refused(Reason::already_exists);
  if (known && known->standing != Standing::active) return refused(Reason::not_in_force);
  Connector row = known ? *known : Connector{};
  row.id = act.id;
  row.organisation = act.organisation;
  row.staff = act.staff;
  row.name = act.name;
  row.end_to_end = act.end_to_end;
  row.code = act.code;
  row.code_expires = act.code_expires;
  row.is_code_used = false;
  row.changed = context.now();
  row.epoch = context.epoch();
  Effects effects(context);
  effects.put(std::move(row));
  return std::move(effects).permit();
}

// SPEC CONN-6
Outcome apply(const Context& context, const EnrolConnector& act) {
  const Reason who = must_be_system(context);
  if (who != Reason::none) return refused(who);
  if (context.moment.clock_doubt) return refused(Reason::clock_doubt);  // it widens, whoever does it
  const Connector* found = context.state.find<Connector>(act.id);
  if (!found) return refused(Reason::unknown);
  if (found->standing != Standing::active) return refused(Reason::not_in_force);
  const Reason organisation = check_organisation(context, found->organisation);
  if (organisation != Reason::none) return refused(organisation);
  const Reason proof = act.code ? check_code(context, *found, *act.code) : check_renewal(context, *found, act.under);
  if (proof != Reason::none) return refused(proof);
  for (const Reason why : {check_certificate(context, act), check_new_key(context, act)}) {
    if (why != Reason::none) return refused(why);
  }
  Effects effects(context);
  Connector row = *found;
  if (act.code) {
    remove_credentials(context, effects, row);
    row.certificates.clear();
    row.renewed_under.reset();
    row.is_code_used = true;
    row.assertion_key = *act.thumbprint;
    effects.put(AssertionKey{*act.thumbprint, row.organisation, *act.jwk, Standing::active, context.epoch()});
  } else {
    forget_old(context, effects, row, *act.under);
    row.renewed_under = act.under;
  }
  row.certificates.insert(act.certificate);
  row.changed = context.now();
  effects.put(Certificate{act.certificate, row.organisation, act.issuer, act.serial, act.valid_from, act.valid_to,
                          Standing::active, context.epoch()});
  effects.put(std::move(row));
  return std::move(effects).permit();
}

}  // namespace flikvakt::policy
