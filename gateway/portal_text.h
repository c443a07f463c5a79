// The exact text that the individual signs, made of the terms: what stands on the page is what is hashed, signed and
// kept. Plain text in paragraphs; the same terms, names and language make the same text.
#pragma once

#include "gateway/portal_names.h"

namespace flikvakt::gateway {

// `overview`: for the titles of single documents.
std::string fullmakt_text(const PortalNames& names, const policy::Overview& overview,
                          const policy::FullmaktTerms& terms);
// Only what is added.
std::string komplettering_text(const PortalNames& names, const policy::Overview& overview,
                               const policy::Fullmakt& fullmakt, const policy::FullmaktDelta& delta);
// The same without what it is added to.
std::string delta_text(const PortalNames& names, const policy::Overview& overview, const policy::FullmaktDelta& delta);

// What a representative may do.
std::string powers_text(const PortalNames& names, const std::set<policy::RepresentativePower>& powers);

// What is signed without a text of its own, for the page: the act says it, these words explain it.
std::vector<std::string> plan_paragraphs(const PortalNames& names, const policy::KontraktPlan& plan);

policy::Fingerprint text_hash(std::string_view text);

}  // namespace flikvakt::gateway
