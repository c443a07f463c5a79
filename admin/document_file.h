// Fetching into a file: new, or the rest of one whose transfer broke off.
#pragma once

#include "admin/output.h"
#include "admin/partner_client.h"

namespace flikvakt::admin {

// `out` empty: standard output. With a reading and a file that exists, the bytes after its end are asked for and
// appended. An existing file is never overwritten.
Outcome<void> fetch_to_file(FetchOrder order, const std::filesystem::path& out, const Output& output,
                            const std::function<Outcome<Fetched>(const FetchOrder&, const FetchSink&)>& fetch);

}  // namespace flikvakt::admin
