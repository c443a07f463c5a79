// Files that a user asked to keep: new ones only, for their owner alone, whole or not at all (Draft in base/files.h for
// what is written piece by piece). Every failure is `refused`, names the file, and says to choose another name only
// when something of that name is there.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "admin/command.h"
#include "base/files.h"

namespace flikvakt::admin {

// Written at once, durable when it returns. `option`: by which the file was named, for the message.
Outcome<void> keep_new_file(std::string_view option, const std::filesystem::path& file, BytesView bytes);

// A receipt, or an own log, as the file that --out names; says how to check it.
Outcome<void> keep_proof(const Arguments& arguments, const Output& output, const std::string& text);

// Before long work: refused when something of that name is there. No file is named: fine.
Outcome<void> check_free(std::string_view option, const std::optional<std::string>& file);

}  // namespace flikvakt::admin
