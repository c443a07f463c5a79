// What the forms of giving have in common: boxes for flikar and disclosers, days, and what a filled-in form says.
#pragma once

#include "gateway/portal_own.h"

namespace flikvakt::gateway {

// Purposes that a fullmakt can be for: those that the catalogue of words knows.
inline constexpr std::string_view kPurposes[] = {"konsultation", "insats", "stod", "rehab", "bedomning"};
inline constexpr std::string_view kSecrecyConsent = "osl-10-1";
inline constexpr std::string_view kLegalGround = "gdpr-6-1-e";
inline constexpr std::uint64_t kMostReadings = 100'000;
inline constexpr std::chrono::days kLongestGiven{1830};  // from now to its last day

// What the form of a new fullmakt says, as terms, but for the text; its words say what is wrong with it.
struct GiveForm {
  policy::FullmaktTerms terms;
  std::string wrong;  // key of words; empty: nothing
};
GiveForm read_give_form(const Form& form, const policy::Overview& overview, UtcTime now);

// Of a provider, a unit or somebody of one: the kontrakt that runs and has a part of theirs, without which the fullmakt
// opens nothing (RULE-20).
std::optional<KontraktId> kontrakt_for(const service::Directory& directory, const policy::Overview& overview,
                                       const std::set<policy::Recipient>& recipients, UtcTime now);

// Of its recipients those of a provider to whom it opens nothing, now or later, for want of such a kontrakt in it.
std::set<policy::Recipient> without_kontrakt(const service::Directory& directory,
                                             const std::vector<policy::Kontrakt>& among,
                                             const policy::FullmaktTerms& terms, UtcTime now);
// What follows when it is signed (SPEC PORTAL-94).
std::vector<std::string> effect_paragraphs(const PortalContext& context, const OwnPage& page,
                                           const policy::FullmaktTerms& terms);

// Boxes of a form, by what they are called: organisations that may disclose, flikar in use. Of many organisations those
// that are ticked or likely, and what the form's search for "discloser" finds.
void put_disclosers(const PortalNames& names, const std::set<OrganisationId>& among,
                    const std::set<std::string>& ticked, const std::set<std::string>& likely, const Form& typed,
                    web::Data& data);
void put_flikar(const PortalNames& names, const std::set<std::string>& among, const std::set<std::string>& ticked,
                const Form& typed, web::Data& data);
std::set<OrganisationId> organisations_in_use(const service::Directory& directory);
std::set<std::string> likely_disclosers(const policy::Overview& overview);  // who deposited something
std::set<std::string> flikar_in_use(const service::Directory& directory);

// The end of a day that a form names, by Swedish time.
std::optional<UtcTime> end_of_day(const Form& form, std::string_view name);
std::set<std::string> ticked(const Form& form, std::string_view name);
std::set<OrganisationId> ticked_organisations(const Form& form, std::string_view name);

}  // namespace flikvakt::gateway
