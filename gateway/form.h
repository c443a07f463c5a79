// Forms of pages: application/x-www-form-urlencoded (WHATWG URL, section 5), read strictly. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace flikvakt::gateway {

class Form {
public:
  static constexpr std::size_t kMostFields = 300;

  // malformed: bytes that no form has, broken percent-encoding, text that is not UTF-8 or holds NUL, too many fields.
  // Ends of lines become a line feed, whatever the browser sends.
  static Result<Form> parse(std::string_view body);
  // Of what is known already.
  static Form of(const std::map<std::string, std::string>& fields);

  std::string_view text(std::string_view name) const;                // the first of that name; empty when there is none
  std::vector<std::string_view> all(std::string_view name) const;    // of a row of boxes
  std::optional<std::uint64_t> number(std::string_view name) const;  // decimal, at most 15 digits
  bool has(std::string_view name) const;
  bool has(std::string_view name, std::string_view value) const;  // is that box ticked?
  const std::vector<std::pair<std::string, std::string>>& fields() const { return fields_; }

private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

// For a query: everything but unreserved characters as %XX.
std::string percent_encoded(std::string_view text);

// The value of a cookie (RFC 6265 section 5.4) of that name; empty when there is none or more than one.
std::string_view cookie_named(std::string_view field, std::string_view name);

// A path on this site to go back to: "/me/log?page=2". Else empty: another site, an address that we would not serve.
std::string_view local_path(std::string_view text);

}  // namespace flikvakt::gateway
