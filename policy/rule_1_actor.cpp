#include "policy/membership.h"
#include "policy/read_rules.h"

namespace flikvakt::policy {
namespace {

struct Looker {
  const State& state;
  const StaffActor& actor;
  UtcTime now;
  Epochs epochs;

  bool is_attested(std::uint32_t epoch) const { return epochs == Epochs::any || is_current(state, epoch); }

  Reason organisation() const {
    const Organisation* found = state.find<Organisation>(actor.organisation);
    if (!found) return Reason::actor_unknown;
    if (found->standing != Standing::active) return Reason::actor_not_active;
    return is_attested(found->epoch) ? Reason::none : Reason::not_reattested;
  }

  Reason certificate() const {
    const Certificate* found = state.find<Certificate>(actor.certificate);
    if (!found || found->organisation != actor.organisation) return Reason::credential_not_valid;
    if (found->standing != Standing::active) return Reason::credential_not_valid;
    if (now < found->valid_from || now >= found->valid_to) return Reason::credential_not_valid;
    if (!issuer_vouches_for(*found)) return Reason::credential_not_valid;
    return is_attested(found->epoch) ? Reason::none : Reason::not_reattested;
  }

  // SPEC RULE-5: no list yet, or a list past its next update, says nothing of who is revoked: refused.
  bool issuer_vouches_for(const Certificate& certificate) const {
    const Issuer* issuer = state.find<Issuer>(certificate.issuer);
    if (!issuer || issuer->standing != Standing::active || !is_attested(issuer->epoch)) return false;
    const bool has_fresh_list = issuer->crl_number > 0 && now < issuer->crl_next_update;
    return has_fresh_list && !issuer->revoked.contains(certificate.serial);
  }

  Reason assertion_key() const {
    const AssertionKey* found = state.find<AssertionKey>(actor.assertion_key);
    if (!found || found->organisation != actor.organisation) return Reason::credential_not_valid;
    if (found->standing != Standing::active) return Reason::credential_not_valid;
    return is_attested(found->epoch) ? Reason::none : Reason::not_reattested;
  }

  Reason staff() const {
    const Staff* found = state.find<Staff>(actor.staff);
    if (!found || found->organisation != actor.organisation) return Reason::actor_unknown;
    if (found->standing != Standing::active) return Reason::actor_not_active;
    return is_attested(found->epoch) ? Reason::none : Reason::not_reattested;
  }
};

}  // namespace

Reason rule_1_actor(const State& state, const StaffActor& actor, UtcTime now, Epochs epochs) {
  const Looker look{state, actor, now, epochs};
  for (Reason why : {look.organisation(), look.certificate(), look.assertion_key(), look.staff()}) {
    if (why != Reason::none) return why;
  }
  return Reason::none;
}

}  // namespace flikvakt::policy
