#include "service/transitions.h"

#include <algorithm>

namespace flikvakt::service {

using audit::ActKind;

// SPEC LVR-12: what is taken back comes back by no other act than these.
std::string_view wrong_change(const policy::Row& before, const policy::Row& after, ActKind kind) {
  const bool approved = kind == ActKind::approve;
  return std::visit(
      [&]<class T>(const T& was) -> std::string_view {
        const T& is = std::get<T>(after);
        if constexpr (std::is_same_v<T, policy::Fullmakt>) {
          using enum policy::FullmaktStatus;
          const bool over = was.status == revoked || was.status == superseded || was.status == relinquished;
          if (over && is.status != was.status) return "a fullmakt that was taken back comes back";
          const bool opens = is.status == active && was.status != active;
          if (opens && (was.status != paused || kind != ActKind::resume_fullmakt)) return "a fullmakt opens again";
        }
        if constexpr (std::is_same_v<T, policy::Sparr>) {
          if (was.in_force && !is.in_force && kind != ActKind::lift_sparr) return "a Sparr is lifted by another act";
          const bool same = was.person == is.person && to_text(to_json(was.terms)) == to_text(to_json(is.terms));
          if (!same) return "a Sparr is another one than before";
        }
        if constexpr (std::is_same_v<T, policy::DeviceKey>) {
          using enum policy::DeviceKeyStatus;
          if (is.status == active && was.status != active && kind != ActKind::confirm_key)
            return "a key comes into use";
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
        if constexpr (requires { was.standing; }) {
          using enum policy::Standing;
          if (was.standing == removed && is.standing != removed) return "what was removed comes back";
          if (was.standing == suspended && is.standing == active && !approved) return "what was suspended comes back";
        }
        return {};
      },
      before);
}

}  // namespace flikvakt::service
