// Holds what the gateway answers to gateway/openapi.json: status declared, required members there, no member
// undeclared.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace flikvakt::gateway::test {

struct ApiReply;

const json::object& openapi();

// Nothing, or what of the reply is not described. 404 and 405 are the same everywhere and not described.
std::vector<std::string> find_undescribed(const std::string& method, std::string_view target, const ApiReply& reply);

}  // namespace flikvakt::gateway::test
