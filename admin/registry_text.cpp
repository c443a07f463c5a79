#include "admin/registry_text.h"

#include <algorithm>

#include "admin/output.h"

namespace flikvakt::admin {
namespace {

// One line for each row: its id first, which other commands take, then what people know it by.
std::string line_of(const json::object& row) {
  static constexpr std::string_view kIds[] = {"id", "code", "fingerprint", "thumbprint", "team"};
  static constexpr std::string_view kLeftOut[] = {"jwk", "epoch", "current", "standing", "description", "crl_hash"};
  std::string id;
  std::string rest;
  for (const auto& [name, value] : row) {
    const std::string text = on_one_line(value.is_string() ? std::string(value.get_string()) : to_text(value));
    if (id.empty() && std::ranges::find(kIds, std::string_view(name)) != std::end(kIds))
      id = text;
    else if (std::ranges::find(kLeftOut, std::string_view(name)) == std::end(kLeftOut) && !value.is_null() &&
             text != "[]")
      rest += "  " + std::string(name) + " " + text;
  }
  const json::value* standing = row.if_contains("standing");
  const json::value* current = row.if_contains("current");
  const std::string stands = standing && *standing != "active" ? "  [" + std::string(standing->get_string()) + "]" : "";
  return "  " + id + rest + stands + (current && *current == false ? "  [waits since the restore]" : "") + "\n";
}

}  // namespace

std::string registry_text(const json::object& registry) {
  std::string out;
  for (const auto& [noun, rows] : registry) {
    if (rows.get_array().empty()) continue;
    out += (out.empty() ? "" : "\n") + std::string(noun) + "\n";
    for (const json::value& row : rows.get_array()) out += line_of(row.get_object());
  }
  return out;
}

}  // namespace flikvakt::admin
