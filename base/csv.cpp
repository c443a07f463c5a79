#include "base/csv.h"

#include "base/utf8.h"

namespace flikvakt {
namespace {

// What spreadsheets take for the beginning of a formula, in its wide forms too, or pass over before one.
bool begins_formula(char32_t code) {
  if (code < U' ') return true;
  constexpr std::u32string_view kBegin = U"=+-@\u2212\uff1d\uff0b\uff0d\uff20";
  return kBegin.find(code) != std::u32string_view::npos;
}

// Where a spreadsheet may think that another cell begins: which one depends on its language.
bool separates_cells(char32_t code) { return code == ';' || code == '\t' || code == '|'; }

// With an apostrophe wherever a formula would begin: in front, and behind what may separate cells.
std::string without_formulas(std::string_view text) {
  std::string out;
  bool is_in_front = true, may_begin = true;
  for (std::string_view rest = text; !rest.empty();) {
    const Character next = first_character(rest).value_or(Character{0xfffd, 1});
    if (may_begin && begins_formula(next.code)) out.insert(is_in_front ? 0 : out.size(), "'");
    out += rest.substr(0, next.bytes);
    rest.remove_prefix(next.bytes);
    const bool is_separator = separates_cells(next.code);
    const bool is_passed_over = next.code == ' ' || next.code == '"';
    is_in_front = is_in_front && !is_separator;
    may_begin = is_separator || (may_begin && is_passed_over);
  }
  return out;
}

}  // namespace

std::string csv_cell(std::string_view text) {
  const std::string safe = without_formulas(text);
  if (safe.find_first_of("\",") == std::string::npos) return safe;
  std::string out = "\"";
  for (const char c : safe) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

}  // namespace flikvakt
