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

  // SPEC RULE-7: by browser, one way and no other.
  Reason browser() const {
    const bool is_one = actor.passkey.has_value() != actor.token.has_value();
    const bool is_alone = actor.certificate == Fingerprint{} && actor.assertion_key == Fingerprint{};
    if (!is_one || !is_alone) return Reason::credential_not_valid;
    return actor.passkey ? passkey() : token();
  }

  Reason passkey() const {
    const StaffKey* found = state.find<StaffKey>(*actor.passkey);
    const bool is_theirs = found && found->staff == actor.staff && found->organisation == actor.organisation;
    if (!is_theirs || found->standing != Standing::active) return Reason::credential_not_valid;
    return is_attested(found->epoch) ? Reason::none : Reason::not_reattested;
  }

  Reason token() const {
    const OidcIssuer* found = state.find<OidcIssuer>(actor.token->issuer);
    if (!found || found->organisation != actor.organisation) return Reason::credential_not_valid;
    if (found->standing != Standing::active) return Reason::credential_not_valid;
    const Staff* staff = state.find<Staff>(actor.staff);
    const std::string& subject = actor.token->subject;
    const bool is_meant = staff && (staff->subject == subject || staff->id.text() == subject);
    if (!is_meant) return Reason::credential_not_valid;
    return is_attested(found->epoch) ? Reason::none : Reason::not_reattested;
  }

  Reason credentials() const {
    if (actor.is_by_browser()) return browser();
    const Reason why = certificate();
    return why == Reason::none ? assertion_key() : why;
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
  for (Reason why : {look.organisation(), look.credentials(), look.staff()}) {
    if (why != Reason::none) return why;
  }
  return Reason::none;
}

}  // namespace flikvakt::policy
