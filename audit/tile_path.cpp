#include "audit/tile_path.h"

#include <algorithm>

#include "audit/lines.h"
#include "base/characters.h"

namespace flikvakt::audit {
namespace {

constexpr std::string_view kFolder = "tile/";
constexpr std::string_view kPartial = ".p/";
constexpr unsigned kHighestLevel = 63;

// SPEC TIL-2: three digits to an element, all but the last behind an `x`.
std::string write_number(std::uint64_t number) {
  const std::string digits = std::to_string(1000 + number % 1000).substr(1);
  std::string out = digits;
  for (number /= 1000; number > 0; number /= 1000) {
    out.insert(0, "x" + std::to_string(1000 + number % 1000).substr(1) + "/");
  }
  return out;
}

bool is_three_digits(std::string_view text) { return text.size() == 3 && std::ranges::all_of(text, is_digit); }

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::string digits;
  while (text.starts_with('x')) {
    if (text.size() < 5 || text[4] != '/' || !is_three_digits(text.substr(1, 3))) return std::nullopt;
    digits += text.substr(1, 3);
    text.remove_prefix(5);
  }
  if (!is_three_digits(text)) return std::nullopt;
  digits += text;
  const std::size_t first = std::min(digits.find_first_not_of('0'), digits.size() - 1);
  return number_in(std::string_view(digits).substr(first));
}

}  // namespace

// SPEC TIL-1
std::string write_tile_path(const TilePath& path) {
  std::string out = std::string(kFolder) + std::to_string(path.level) + "/" + write_number(path.number);
  if (!path.is_full()) out += std::string(kPartial) + std::to_string(path.width);
  return out;
}

// SPEC TIL-3
std::optional<TilePath> parse_tile_path(std::string_view text) {
  const std::string_view whole = text;
  if (!text.starts_with(kFolder)) return std::nullopt;
  text.remove_prefix(kFolder.size());
  const std::size_t slash = text.find('/');
  if (slash == text.npos) return std::nullopt;
  const std::optional<std::uint64_t> level = number_in(text.substr(0, slash));
  if (!level || *level > kHighestLevel) return std::nullopt;
  text.remove_prefix(slash + 1);

  TilePath out;
  out.level = static_cast<unsigned>(*level);
  if (const std::size_t partial = text.find(kPartial); partial != text.npos) {
    const std::optional<std::uint64_t> width = number_in(text.substr(partial + kPartial.size()));
    if (!width || *width == 0 || *width >= kTileHashes) return std::nullopt;
    out.width = static_cast<std::size_t>(*width);
    text = text.substr(0, partial);
  }
  const std::optional<std::uint64_t> number = parse_number(text);
  if (!number) return std::nullopt;
  out.number = *number;
  if (write_tile_path(out) != whole) return std::nullopt;  // another spelling: `x000/001`
  return out;
}

}  // namespace flikvakt::audit
