// What a registrar proposed and another one is to approve, in words: all that follows from it. Pure, but for the names.
#pragma once

#include "gateway/portal_names.h"

namespace flikvakt::gateway {

struct ProposalWords {
  std::vector<std::string> paragraphs = {};  // what the gateway makes of the act
  std::string on_paper = {};                 // the text that the person signed, as the first registrar wrote it

  // Nothing can be said of it: then it is not approved by the portal (SPEC PORTAL-90).
  bool is_empty() const { return paragraphs.empty(); }
};
ProposalWords words_of_proposal(const PortalNames& names, const policy::Act& act);

// The members of an act of registrars by which it names people, as handles; on a page in this order.
inline constexpr std::string_view kPeopleInActs[] = {"person", "representative"};

}  // namespace flikvakt::gateway
