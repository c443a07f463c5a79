// Fingerprints of certificates and thumbprints of keys as people write them. Tools show SHA-256 in several forms, so
// every command takes each of them: 64 hex digits, with or without colons, or base64url.
#pragma once

#include <string>

#include "admin/outcome.h"
#include "crypto/hash.h"

namespace flikvakt::admin {

// `of`: the option or argument, for the message.
Outcome<crypto::Hash256> parse_fingerprint(std::string_view of, std::string_view text);

}  // namespace flikvakt::admin
