#include "audit/tile_path.h"

#include <gtest/gtest.h>

namespace flikvakt::audit {
namespace {

TEST(TilePath, IsWrittenAndReadAsC2spSays) {  // SPEC TIL-1, TIL-2
  const std::vector<std::pair<TilePath, std::string>> both = {
      {{0, 0, 256}, "tile/0/000"},
      {{0, 999, 256}, "tile/0/999"},
      {{0, 1000, 256}, "tile/0/x001/000"},
      {{0, 1'234'067, 256}, "tile/0/x001/x234/067"},  // the example of C2SP tlog-tiles
      {{0, 273, 112}, "tile/0/273.p/112"},            // a tree of 70 000
      {{1, 1, 17}, "tile/1/001.p/17"},
      {{2, 0, 1}, "tile/2/000.p/1"},
      {{63, 0, 255}, "tile/63/000.p/255"},
      {{0, 1'234'067, 9}, "tile/0/x001/x234/067.p/9"},
      {{0, (std::uint64_t{1} << 53) - 1, 256}, "tile/0/x009/x007/x199/x254/x740/991"},
  };
  for (const auto& [path, text] : both) {
    EXPECT_EQ(write_tile_path(path), text);
    EXPECT_EQ(parse_tile_path(text), path) << text;
  }
}

TEST(TilePath, AnotherSpellingIsRefused) {  // SPEC TIL-3
  for (const char* bad : {"",
                          "tile",
                          "tile/",
                          "tile/0",
                          "tile/0/",
                          "/tile/0/000",
                          "Tile/0/000",
                          "tile/64/000",
                          "tile/00/000",
                          "tile/-1/000",
                          "tile/+1/000",
                          "tile/entries/000",
                          "tile/0/0",
                          "tile/0/00",
                          "tile/0/0000",
                          "tile/0/1000",
                          "tile/0/001/000",
                          "tile/0/x000/001",
                          "tile/0/x001",
                          "tile/0/x001/",
                          "tile/0/X001/000",
                          "tile/0/x01/000",
                          "tile/0/x001/x000",
                          "tile/0/x009/x007/x199/x254/x740/992",
                          "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
                          "tile/0/000.p",
                          "tile/0/000.p/",
                          "tile/0/000.p/0",
                          "tile/0/000.p/01",
                          "tile/0/000.p/256",
                          "tile/0/000.p/257",
                          "tile/0/000.p/1/",
                          "tile/0/000.p/1.p/1",
                          "tile/0/000.P/1",
                          "tile/0/x001.p/1/000",
                          "tile/0/00a",
                          "tile/0/000 "})
    EXPECT_FALSE(parse_tile_path(bad)) << bad;
}

}  // namespace
}  // namespace flikvakt::audit
