// A cell of comma-separated values (RFC 4180), safe to open in a spreadsheet: what would begin a formula there gets an
// apostrophe in front. Pure.
#pragma once

#include <string>
#include <string_view>

namespace flikvakt {

// UTF-8 of one line; what is no UTF-8 is kept as it is.
std::string csv_cell(std::string_view text);

inline constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";  // by which spreadsheets know that it is UTF-8

}  // namespace flikvakt
