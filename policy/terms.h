// Are the words of an act well formed, and does what they name exist? Reason::none: yes.
#pragma once

#include "policy/state.h"

namespace flikvakt::policy {

inline constexpr std::chrono::days kLongestFullmakt{5 * 366};
inline constexpr std::chrono::days kProposalLasts{14};
inline constexpr std::chrono::days kKeyConfirmedWithin{14};
inline constexpr std::chrono::hours kDepositLasts{24};

bool is_code(std::string_view text);  // 1 to 16 characters of a-z, 0-9 and hyphen
bool is_name(std::string_view text);  // 1 to 200 bytes

Reason check_terms(const State& state, const PersonId& person, const FullmaktTerms& terms, UtcTime now);
Reason check_terms(const State& state, const SparrTerms& terms);
Reason check_facts(const State& state, const DocumentFacts& facts, UtcTime now);

}  // namespace flikvakt::policy
