// What waits for a second, for a registrar's eyes.
#pragma once

#include <string>

#include "base/json.h"

namespace flikvakt::admin {

// `proposal`: a row of GET /v1/proposals/{id}. `catalogue`: GET /v1/catalogue, which has the names behind the ids.
std::string proposal_in_words(const json::object& proposal, const json::value& catalogue);

}  // namespace flikvakt::admin
