// What the page of a plan shows. What is done with the form is in portal_plan.cpp. No functions here wait.
#pragma once

#include "gateway/kept_drafts.h"
#include "gateway/portal_staff.h"

namespace flikvakt::gateway {

std::string path_of_plan(const Draft& draft);
std::string refusal_in_words(const PortalNames& names, const policy::PlanRefusal& refusal);

// Parts with their pictures, what was found, what is left out, what the file has.
void put_plan(const StaffPage& one, const Draft& draft, web::Data& data);
// The form of corrections, as it was typed; nothing typed: as the draft has it. `flikar`: those to choose among.
void put_plan_rows(const StaffPage& one, const std::set<std::string>& flikar, const Draft& draft, const Form& typed,
                   web::Data& data);

}  // namespace flikvakt::gateway
