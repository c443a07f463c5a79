// Are the words of an act well formed, and does what they name exist? Reason::none: yes.
#pragma once

#include "policy/state.h"

namespace flikvakt::policy {

inline constexpr std::chrono::days kLongestFullmakt{5 * 366};
inline constexpr std::chrono::days kProposalLasts{14};
inline constexpr std::chrono::days kKeyConfirmedWithin{14};
inline constexpr std::chrono::hours kDepositLasts{24};
inline constexpr std::chrono::days kRequestLasts{30};
inline constexpr std::chrono::days kEndedRequestStays{30};
inline constexpr std::chrono::days kSourceAskedFor{7};  // before what is asked of a source lapses
inline constexpr std::chrono::days kLongestCode{14};    // of a connector's invitation
inline constexpr std::size_t kMostCertificates = 4;     // of one connector
inline constexpr std::chrono::days kErasedWithin{30};
inline constexpr std::chrono::days kNoticeAcknowledgedWithin{14};
inline constexpr std::size_t kMostRelied = 64;    // organisations that hear of one fullmakt
inline constexpr std::size_t kMostNotices = 100;  // in one list
inline constexpr std::size_t kMostPeople = 100;   // the same

inline constexpr std::size_t kMostInSet = 50;
inline constexpr std::size_t kLongestText = 16 * 1024;  // bytes
inline constexpr std::size_t kLongestAnswer = 1500;     // bytes: of a provider to one question of the catalogue

bool is_code(std::string_view text);  // 1 to 16 characters of a-z, 0-9 and hyphen
bool is_name(std::string_view text);  // 1 to 200 bytes
bool is_language(std::string_view text);
bool is_text(std::string_view text, std::size_t most);  // UTF-8 of at most so many bytes
// Not further from now than the longest fullmakt is long; a date must also exist.
bool is_near(UtcTime time, UtcTime now);
bool is_near(const Date& date, UtcTime now);

bool are_disclosers_known(const State& state, const std::set<OrganisationId>& disclosers);
bool are_flikar_known(const State& state, const std::set<std::string>& flikar);  // active and current
bool is_within_bounds(const FullmaktTerms& terms);                               // at most kMostInSet in each set

Reason check_terms(const State& state, const PersonId& person, const FullmaktTerms& terms, UtcTime now);
Reason check_terms(const State& state, const SparrTerms& terms, UtcTime now);
Reason check_facts(const State& state, const DocumentFacts& facts, UtcTime now);

}  // namespace flikvakt::policy
