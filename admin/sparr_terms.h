// A Sparr from the command line, for the person and for the desk that writes down the person's word.
#pragma once

#include "admin/act_members.h"

namespace flikvakt::admin {

// What (four, of which one), --against, --until. `before` stands before the help of each, where other options are
// beside them: "a Sparr: ".
std::vector<Option> sparr_options(const std::string& before = {});
bool says_sparr(const Arguments& arguments);  // any of them
Outcome<json::object> sparr_terms(const Arguments& arguments, UtcTime now);
std::string sparr_in_words(const json::object& terms);

// A Sparr on a flik that does not exist would stand and block nothing. `catalogue`: GET /v1/catalogue.
Outcome<void> check_flik(const json::value& catalogue, const std::string& code);

}  // namespace flikvakt::admin
