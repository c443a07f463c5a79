// The proof that a person's own log is whole (spec/receipt.md), fetched piece by piece and put together.
#pragma once

#include "admin/person_client.h"

namespace flikvakt::admin {

// The text of the file. Each piece that is asked for makes a log entry of its own, after those in the file.
Outcome<std::string> fetch_own_log_file(PersonClient& client);

}  // namespace flikvakt::admin
