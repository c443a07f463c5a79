// Files that a user asked to keep: new ones only, whole or not at all (Draft and write_new_file in base/files.h).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "admin/outcome.h"

namespace flikvakt::admin {

// Before long work: refused when something of that name is there.
Outcome<void> check_free(std::string_view option, const std::optional<std::string>& file);

}  // namespace flikvakt::admin
