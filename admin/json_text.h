// Members of JSON that came from elsewhere: it may hold anything, so nothing here throws over what is missing.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "admin/outcome.h"
#include "base/json.h"

namespace flikvakt::admin {

inline std::optional<std::string> text_member(const json::object& object, std::string_view name) {
  const json::value* found = object.if_contains(name);
  if (!found || !found->is_string()) return std::nullopt;
  return std::string(std::string_view(found->get_string()));
}

// Empty when there is no such text.
inline std::string text_of(const json::object& object, std::string_view name) {
  return text_member(object, name).value_or("");
}
inline std::string text_of(const json::value& value, std::string_view name) {
  return value.is_object() ? text_of(value.get_object(), name) : std::string();
}

// The rows of a list of an answer; what is no row is left out.
inline std::vector<json::object> rows_of(const json::object& answer, std::string_view list) {
  std::vector<json::object> out;
  const json::value* rows = answer.if_contains(list);
  if (!rows || !rows->is_array()) return out;
  for (const json::value& row : rows->get_array()) {
    if (row.is_object()) out.push_back(row.get_object());
  }
  return out;
}

inline std::vector<json::object> rows_of(const json::value& answer, std::string_view list) {
  return answer.is_object() ? rows_of(answer.get_object(), list) : std::vector<json::object>();
}

// A member without which the answer is of no use.
inline Outcome<json::value> needed_member(const json::object& answer, std::string_view name) {
  const json::value* found = answer.if_contains(name);
  if (!found) return Failure(ExitCode::refused, "the gateway's answer lacks `" + std::string(name) + "`");
  return *found;
}
inline Outcome<json::object> needed_object(const json::object& answer, std::string_view name) {
  const json::value found = TRY(needed_member(answer, name));
  if (found.is_object()) return found.get_object();
  return Failure(ExitCode::refused, "the gateway's answer: `" + std::string(name) + "` is not understood");
}
inline Outcome<std::uint64_t> needed_count(const json::object& answer, std::string_view name) {
  const json::value found = TRY(needed_member(answer, name));
  if (found.is_uint64()) return found.get_uint64();
  if (found.is_int64() && found.get_int64() >= 0) return static_cast<std::uint64_t>(found.get_int64());
  return Failure(ExitCode::refused, "the gateway's answer: `" + std::string(name) + "` is no count");
}

}  // namespace flikvakt::admin
