// What waits for a second, in words: for another registrar, or for the other one of two guardians.
#pragma once

#include <string>

#include "base/json.h"

namespace flikvakt::admin {

// `proposal`: a row of `proposals` in GET /v1/proposals/{id} or in the overview, GET /v1/me. `catalogue`: GET
// /v1/catalogue, which has the names behind the ids.
std::string proposal_in_words(const json::object& proposal, const json::value& catalogue);

}  // namespace flikvakt::admin
