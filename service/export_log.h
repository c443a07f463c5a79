// The log as JSON lines that anyone can check (spec/log-export.md). Act parts are opened; person parts only of the one
// person who is named, whose log it then is.
#pragma once

#include <functional>

#include "service/key_ring.h"
#include "store/rows.h"

namespace flikvakt::service {

// `line` gets each line without its newline. Errors: those of reading, of opening (corrupt), and of `line`.
Result<void> export_log(const store::Rows& rows, const KeyRing& keys, const std::optional<PersonId>& opened_person,
                        const std::function<Result<void>(std::string_view line)>& line);

}  // namespace flikvakt::service
