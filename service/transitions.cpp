#include "service/transitions.h"

#include <algorithm>

namespace flikvakt::service {

using audit::ActKind;

// SPEC LVR-12: what is taken back comes back by no other act than these.
std::string_view wrong_change(const policy::Row& before, const policy::Row& after, CarriedOut act) {
  const ActKind kind = act.kind;
  const auto by_two = [&](ActKind which) { return act.is_approved && (kind == which || kind == ActKind::approve); };
  return visit(
      [&]<class T>(const T& was) -> std::string_view {
        const T& is = get<T>(after);
        if constexpr (std::is_same_v<T, policy::Fullmakt>) {
          using enum policy::FullmaktStatus;
          const bool over = was.status == revoked || was.status == superseded || was.status == relinquished;
          if (over && is.status != was.status) return "a fullmakt that was taken back comes back";
          const bool adds = kind == ActKind::sign_komplettering || by_two(ActKind::paper_komplettering);
          const bool opens = is.status == active && was.status != active;
          const bool resumes = was.status == paused && kind == ActKind::resume_fullmakt;
          if (opens && !resumes && !(was.status == exhausted && adds)) return "a fullmakt opens again";
          const bool same_terms = to_text(to_json(was.terms)) == to_text(to_json(is.terms));
          if (was.person != is.person || (!same_terms && !adds))
            return "a fullmakt says something else than was signed";
          const bool gives_back = !std::ranges::includes(is.relinquished, was.relinquished);
          if (gives_back) return "a recipient that gave a fullmakt up has it again";
        }
        if constexpr (std::is_same_v<T, policy::Sparr>) {
          const bool runs_out = was.terms.until && kind == ActKind::expire_due;
          const bool is_lifted = kind == ActKind::lift_sparr || (act.is_approved && kind == ActKind::paper_lift_sparr);
          if (was.in_force && !is.in_force && !is_lifted && !runs_out) return "a Sparr is lifted by another act";
          const bool same = was.person == is.person && to_text(to_json(was.terms)) == to_text(to_json(is.terms));
          if (!same) return "a Sparr is another one than before";
        }
        if constexpr (std::is_same_v<T, policy::Person>) {
          if (was.died && !is.died && !by_two(ActKind::correct_death)) return "a person who died lives again";
          if (was.alias && !is.alias && !by_two(ActKind::end_protection)) return "a protected identity is shown";
        }
        if constexpr (std::is_same_v<T, policy::Representative>) {
          T over = was;
          over.standing = is.standing;
          if (to_text(to_json(over)) != to_text(to_json(is))) return "a representative is another one than before";
        }
        if constexpr (std::is_same_v<T, policy::Kontrakt>) {
          const bool is_signed = kind == ActKind::sign_kontrakt || by_two(ActKind::paper_kontrakt);
          if (to_text(to_json(was.parts)) != to_text(to_json(is.parts)) && !is_signed)
            return "a kontrakt says something else than was signed";
        }
        if constexpr (std::is_same_v<T, policy::DeviceKey>) {
          using enum policy::DeviceKeyStatus;
          const bool enrols = kind == ActKind::confirm_key || kind == ActKind::add_key || kind == ActKind::enrol_eid;
          if (is.status == active && was.status != active && !enrols) return "a key comes into use";
          const bool is_same = was.person == is.person && was.jwk == is.jwk && was.oidc_issuer == is.oidc_issuer;
          const bool is_new = enrols || kind == ActKind::propose_key;
          if (!is_same && !is_new) return "a key is another one than was enrolled";
          const bool counts_back = was.passkey && is.passkey && is.passkey->sign_count < was.passkey->sign_count;
          if (counts_back && !is_new) return "a passkey counts back";
          if (was.status == removed && is.status == proposed && kind != ActKind::propose_key) return "a key comes back";
        }
        if constexpr (std::is_same_v<T, policy::Document>) {
          if (was.status == policy::DocumentStatus::erased && is.status != was.status)
            return "an erased document returns";
        }
        if constexpr (std::is_same_v<T, policy::Issuer>) {
          const bool shrinks = is.crl_number < was.crl_number || !std::ranges::includes(is.revoked, was.revoked);
          if (shrinks) return "a revocation list goes back";
        }
        if constexpr (std::is_same_v<T, policy::OidcIssuer>) {
          const bool is_same = was.issuer == is.issuer && was.client_id == is.client_id &&
                               was.organisation == is.organisation && was.acr == is.acr &&
                               was.staff_claim == is.staff_claim;
          if (!is_same) return "an issuer of ID tokens is another one than was registered";
        }
        if constexpr (std::is_same_v<T, policy::Pruning>) {
          if (is.size <= was.size) return "the log is pruned anew where it was pruned before";
        }
        if constexpr (std::is_same_v<T, policy::LogKey>) {
          using enum policy::LogKeyStatus;
          policy::LogKey same = was;
          same.status = is.status;
          same.to = is.to;
          if (to_text(to_json(same)) != to_text(to_json(is))) return "a key of the log is another one than before";
          const bool is_replaced = was.status == current && (is.status == retiring || is.status == compromised);
          const bool is_retired = was.status == retiring && is.status == retired;
          const bool is_given_up = (was.status == retiring || was.status == retired) && is.status == compromised;
          const bool is_size_kept = !was.to || is.to == was.to;
          const bool follows = (is_replaced && by_two(ActKind::rotate_log_key)) ||
                               (is_retired && kind == ActKind::retire_log_key) ||
                               (is_given_up && is_size_kept && by_two(ActKind::give_up_log_key)) ||
                               (is.status == was.status && is.to == was.to);
          if (!follows)
            return "a key of the log that was replaced, retired or given up is so no more, or by another act";
        }
        if constexpr (requires { was.standing; }) {
          using enum policy::Standing;
          if (was.standing == removed && is.standing != removed) return "what was removed comes back";
          if (was.standing == suspended && is.standing == active && !act.is_approved)
            return "what was suspended comes back";
        }
        return {};
      },
      before);
}

}  // namespace flikvakt::service
