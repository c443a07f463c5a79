// Between bytes and our request and response types. Beast lives behind these functions only.
#pragma once

#include <string>

#include "base/time.h"
#include "gateway/framing_guard.h"
#include "gateway/http.h"

namespace flikvakt::gateway {

// `head` has passed check_head. Takes the target out of `verdict`; the rest of it stays. Malformed when Beast reads
// anything else in it than the guard did: two readers that disagree are the very thing the guard is there for.
Result<Request> parse_request(BytesView head, GuardVerdict& verdict);

// Throws for a field that would break the framing or that is the session's to set: a fault of the handler.
void check_response_fields(const Response& response);

enum class AfterAnswer { keep_alive, close };
// Status line, fields and empty line; content_bytes becomes Content-Length (not for 204 and 304). The fields have
// passed check_response_fields.
std::string make_response_head(const Response& response, std::uint64_t content_bytes, AfterAnswer after, UtcTime now);

}  // namespace flikvakt::gateway
