#include "gateway/byte_range.h"

#include <algorithm>
#include <charconv>

#include "base/characters.h"

namespace flikvakt::gateway {
namespace {

// 1 to 18 digits: no document is larger, and nothing overflows.
std::optional<std::uint64_t> number(std::string_view text) {
  if (text.empty() || text.size() > 18 || !std::ranges::all_of(text, is_digit)) return std::nullopt;
  std::uint64_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

}  // namespace

// SPEC API-60, API-61
RangeRequest parse_range(std::string_view field, std::uint64_t size) {
  const RangeRequest whole{RangeRequest::Kind::whole, {0, size}};
  const RangeRequest unsatisfiable{RangeRequest::Kind::unsatisfiable, {}};
  constexpr std::string_view kUnit = "bytes=";
  if (!field.starts_with(kUnit)) return whole;
  const std::string_view set = field.substr(kUnit.size());
  const std::size_t dash = set.find('-');
  if (dash == std::string_view::npos) return whole;
  const std::string_view first_text = set.substr(0, dash);
  const std::string_view last_text = set.substr(dash + 1);
  const std::optional<std::uint64_t> first = number(first_text);
  const std::optional<std::uint64_t> last = number(last_text);
  if (first_text.empty()) {  // the last so many bytes
    if (!last) return whole;
    if (*last == 0) return unsatisfiable;
    return {RangeRequest::Kind::part, {size - std::min(*last, size), size}};
  }
  if (!first || (!last && !last_text.empty()) || (last && *last < *first)) return whole;
  if (*first >= size) return unsatisfiable;
  return {RangeRequest::Kind::part, {*first, last ? std::min(*last + 1, size) : size}};
}

std::string content_range(const ByteRange& range, std::uint64_t size) {
  return "bytes " + std::to_string(range.from) + "-" + std::to_string(range.to - 1) + "/" + std::to_string(size);
}

std::string unsatisfied_range(std::uint64_t size) { return "bytes */" + std::to_string(size); }

}  // namespace flikvakt::gateway
