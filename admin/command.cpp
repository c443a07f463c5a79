#include "admin/command.h"

#include <charconv>

namespace flikvakt::admin {

std::string Arguments::text(const std::string& option) const { return find(option).value_or(""); }

std::optional<std::string> Arguments::find(const std::string& option) const {
  const auto found = values_.find(option);
  if (found == values_.end()) return std::nullopt;
  return found->second.back();
}

std::vector<std::string> Arguments::all(const std::string& option) const {
  const auto found = values_.find(option);
  return found == values_.end() ? std::vector<std::string>() : found->second;
}

Outcome<std::uint64_t> Arguments::number(const std::string& option, std::uint64_t otherwise) const {
  const std::optional<std::string> written = find(option);
  if (!written) return otherwise;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(written->data(), written->data() + written->size(), value);
  if (written->empty() || error != std::errc() || end != written->data() + written->size()) {
    return usage_failure(option + ": expected a whole number");
  }
  return value;
}

Option optional_option(std::string name, std::string value, std::string help) {
  return {std::move(name), std::move(value), std::move(help), Option::Use::optional};
}
Option required_option(std::string name, std::string value, std::string help) {
  return {std::move(name), std::move(value), std::move(help), Option::Use::required};
}
Option flag_option(std::string name, std::string help) {
  return {std::move(name), "", std::move(help), Option::Use::flag};
}
Option repeated_option(std::string name, std::string value, std::string help) {
  return {std::move(name), std::move(value), std::move(help), Option::Use::repeated};
}
Option passphrase_option() {
  return repeated_option(
      "--passphrase-file", "[SEALED=]FILE",
      "read a passphrase from FILE (mode 0600) instead of the terminal; for all sealed files, or one");
}

}  // namespace flikvakt::admin
