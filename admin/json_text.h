// Text members of JSON that came from elsewhere.
#pragma once

#include <optional>
#include <string>

#include "base/json.h"

namespace flikvakt::admin {

inline std::optional<std::string> text_member(const json::object& object, std::string_view name) {
  const json::value* found = object.if_contains(name);
  if (!found || !found->is_string()) return std::nullopt;
  return std::string(std::string_view(found->get_string()));
}

}  // namespace flikvakt::admin
