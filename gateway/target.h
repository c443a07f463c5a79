// Request targets in origin-form (RFC 9112 section 3.2.1), parsed once, strictly: one spelling per path, so that no two
// readers of it can disagree. Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace flikvakt::gateway {

using TextMap = std::map<std::string, std::string, std::less<>>;

struct Target {
  std::vector<std::string> segments;  // decoded; "/" has none; a trailing slash gives an empty last one
  TextMap query;                      // decoded, UTF-8, no controls; `+` is a space; a name occurs once
};

// Malformed for: another form than origin-form, fragments, characters outside RFC 3986 pchar, empty or dot segments,
// and in the path encoded unreserved characters, slash, backslash, percent sign, controls or anything beyond ASCII.
Result<Target> parse_target(std::string_view target);

}  // namespace flikvakt::gateway
