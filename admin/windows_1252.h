// Windows-1252 (WHATWG Encoding), in which the typefaces that every reader of PDF has are set. Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace flikvakt::admin {

// A character that is not in it, as "[U+0141]"; what is no UTF-8, as "[U+FFFD]".
std::string windows_1252(std::string_view utf8);

}  // namespace flikvakt::admin
