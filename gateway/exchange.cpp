#include "gateway/exchange.h"

#include <charconv>
#include <stdexcept>

namespace flikvakt::gateway {

const std::string& Exchange::text(std::string_view name) const {
  for (const auto& [known, value] : parameters_) {
    if (known == name) return value;
  }
  throw std::logic_error("the path pattern has no parameter `" + std::string(name) + "`");
}

std::uint64_t Exchange::number(std::string_view name) const {
  const std::string& digits = text(name);
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
  if (error != std::errc() || end != digits.data() + digits.size()) {
    throw std::logic_error("the parameter `" + std::string(name) + "` is no number");
  }
  return out;
}

}  // namespace flikvakt::gateway
