// Blocking: the form of a new Sparr, and the act that it becomes.
#pragma once

#include "gateway/portal_acts.h"

namespace flikvakt::gateway {

void add_sparr_pages(PortalContext& context, Router& router);

// "team:0123…" as a value of a form. malformed.
std::string to_choice(const policy::Recipient& recipient);
Result<policy::Recipient> recipient_of(std::string_view choice);

// What the form says, as terms; its words say what is wrong with it. Pure.
struct SparrForm {
  policy::SparrTerms terms;
  std::string wrong;  // key of words; empty: nothing
};
SparrForm read_sparr_form(const Form& form);

}  // namespace flikvakt::gateway
