#include "base/utf8.h"

#include <gtest/gtest.h>

namespace flikvakt {
namespace {

TEST(Utf8, ReadsCharactersOfEveryLengthAtTheirEdges) {
  const auto read = [](std::string_view text, char32_t code, std::size_t bytes) {
    const auto first = first_character(text);
    return first && first->code == code && first->bytes == bytes;
  };
  EXPECT_TRUE(read(std::string_view("\0x", 2), 0, 1));
  EXPECT_TRUE(read("\x7f", 0x7f, 1));
  EXPECT_TRUE(read("\xc2\x80y", 0x80, 2));
  EXPECT_TRUE(read("\xdf\xbf", 0x7ff, 2));
  EXPECT_TRUE(read("\xe0\xa0\x80", 0x800, 3));
  EXPECT_TRUE(read("\xed\x9f\xbf", 0xd7ff, 3));
  EXPECT_TRUE(read("\xee\x80\x80", 0xe000, 3));
  EXPECT_TRUE(read("\xef\xbf\xbf", 0xffff, 3));
  EXPECT_TRUE(read("\xf0\x90\x80\x80", 0x10000, 4));
  EXPECT_TRUE(read("\xf4\x8f\xbf\xbf", 0x10ffff, 4));
}

TEST(Utf8, RefusesWhatIsNone) {
  for (const char* bad :
       {"", "\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2x", "\xe0\x9f\xbf", "\xe1\x80", "\xe1\x80x",
        "\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf1\x80\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff"}) {
    EXPECT_FALSE(first_character(bad)) << bad;
  }
}

TEST(Utf8, KnowsWhatMovesACursorOrTurnsText) {
  for (const char32_t code :
       {0x0, 0x9, 0xa, 0x1b, 0x1f, 0x7f, 0x80, 0x9b, 0x9f, 0x2028, 0x202a, 0x202e, 0x2066, 0x2069})
    EXPECT_TRUE(moves_or_turns(code)) << static_cast<unsigned>(code);
  for (const char32_t code : {0x20, 0x7e, 0xa0, 0xe5, 0x200e, 0x200f, 0x2027, 0x202f, 0x2065, 0x206a, 0x1f331})
    EXPECT_FALSE(moves_or_turns(code)) << static_cast<unsigned>(code);
}

}  // namespace
}  // namespace flikvakt
