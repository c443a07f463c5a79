// What is registered, for an administrator's eyes.
#pragma once

#include <string>

#include "base/json.h"

namespace flikvakt::admin {

// `registry`: {"organisations": [{…}, …], …}. A heading for each noun that has rows, a line for each row.
std::string registry_text(const json::object& registry);

}  // namespace flikvakt::admin
