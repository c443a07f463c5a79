#include "gateway/method.h"

#include <array>
#include <utility>

namespace flikvakt::gateway {

namespace {

constexpr std::array<std::pair<Method, std::string_view>, 6> kMethods{{{Method::get, "GET"},
                                                                       {Method::post, "POST"},
                                                                       {Method::put, "PUT"},
                                                                       {Method::delete_, "DELETE"},
                                                                       {Method::head, "HEAD"},
                                                                       {Method::options, "OPTIONS"}}};

}  // namespace

std::string_view to_string(Method method) {
  for (const auto& [known, name] : kMethods) {
    if (known == method) return name;
  }
  return "?";
}

std::optional<Method> parse_method(std::string_view text) {
  for (const auto& [known, name] : kMethods) {
    if (name == text) return known;
  }
  return std::nullopt;
}

}  // namespace flikvakt::gateway
