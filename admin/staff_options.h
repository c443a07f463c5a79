// What the commands of staff have in common: how they reach the gateway, and whom they are about.
#pragma once

#include "admin/command.h"
#include "admin/partner_client.h"
#include "admin/personnummer_input.h"

namespace flikvakt::admin {

std::vector<Option> with_staff_connection(std::vector<Option> own);
// Whole: what is missing in it or cannot be read is told before anything else is asked for.
Outcome<Profile> staff_profile(const Arguments& arguments);
Outcome<PartnerClient> connect_as_staff(const Arguments& arguments);

Option person_option();  // --person HANDLE
// --person, or the handle of the number on standard input.
Outcome<std::string> person_of(const Arguments& arguments, PartnerClient& client);

}  // namespace flikvakt::admin
