#include "dissect/truetype.h"

#include <map>
#include <optional>
#include <string_view>

namespace flikvakt::dissect {
namespace {

std::optional<std::uint32_t> number(BytesView table, std::size_t at, std::size_t bytes) {
  if (at > table.size() || table.size() - at < bytes) return std::nullopt;
  std::uint32_t out = 0;
  for (std::size_t i = 0; i < bytes; ++i) out = out << 8 | table[at + i];
  return out;
}

using Tables = std::map<std::string_view, BytesView>;

std::optional<Tables> read_tables(BytesView font) {
  const auto count = number(font, 4, 2);
  if (!count) return std::nullopt;
  Tables out;
  for (std::size_t i = 0; i < *count; ++i) {
    const std::size_t entry = 12 + 16 * i;
    const auto offset = number(font, entry + 8, 4), length = number(font, entry + 12, 4);
    if (!offset || !length || *offset > font.size() || *length > font.size() - *offset) return std::nullopt;
    out[as_text(font.subspan(entry, 4))] = font.subspan(*offset, *length);
  }
  return out;
}

// A glyph that is made of others: flags, which glyph, and as many bytes more as the flags say (OpenType, "glyf").
bool is_whole_composite(BytesView glyph, std::uint32_t glyphs) {
  constexpr std::uint32_t kWords = 0x0001, kScale = 0x0008, kMore = 0x0020, kTwoScales = 0x0040, kFourScales = 0x0080;
  std::size_t at = 10;
  for (;;) {
    const auto flags = number(glyph, at, 2), index = number(glyph, at + 2, 2);
    if (!flags || !index || *index >= glyphs) return false;
    at += 4 + (*flags & kWords ? 4 : 2);
    at += *flags & kScale ? 2 : *flags & kTwoScales ? 4 : *flags & kFourScales ? 8 : 0;
    if (at > glyph.size()) return false;
    if (!(*flags & kMore)) return true;
  }
}

bool are_glyphs_whole(BytesView places, BytesView glyphs, bool is_long, std::uint32_t count) {
  const std::size_t width = is_long ? 4 : 2, unit = is_long ? 1 : 2;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto from = number(places, i * width, width), to = number(places, (i + std::size_t{1}) * width, width);
    if (!from || !to || *to < *from || *to * unit > glyphs.size()) return false;
    const BytesView glyph = glyphs.subspan(*from * unit, (*to - *from) * unit);
    if (glyph.empty()) continue;
    if (glyph.size() < 10) return false;
    const bool is_composite = (glyph[0] & 0x80) != 0;  // a negative number of contours
    if (is_composite && !is_whole_composite(glyph, count)) return false;
  }
  return true;
}

bool are_widths_whole(BytesView head, BytesView widths, std::uint32_t count) {
  const auto full = number(head, 34, 2);
  return full && *full >= 1 && *full <= count &&
         widths.size() >= *full * std::size_t{4} + (count - *full) * std::size_t{2};
}

}  // namespace

bool is_whole_truetype(BytesView font) {
  const std::optional<Tables> tables = read_tables(font);
  if (!tables) return false;
  for (const std::string_view name : {"head", "maxp", "loca", "glyf", "hhea", "hmtx"}) {
    if (!tables->contains(name)) return false;
  }
  const auto count = number(tables->at("maxp"), 4, 2), is_long = number(tables->at("head"), 50, 2);
  if (!count || *count == 0 || !is_long || *is_long > 1 || tables->at("head").size() < 54) return false;
  return are_glyphs_whole(tables->at("loca"), tables->at("glyf"), *is_long == 1, *count) &&
         are_widths_whole(tables->at("hhea"), tables->at("hmtx"), *count);
}

}  // namespace flikvakt::dissect
