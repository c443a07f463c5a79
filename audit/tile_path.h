// Names of tiles, as a path below the log's prefix: `tile/<level>/<number>`, and `.p/<width>` for a tile that is not
// full. Source: C2SP tlog-tiles; ours: spec/tiles.md. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "audit/tree.h"

namespace flikvakt::audit {

struct TilePath {
  unsigned level = 0;               // 0 to 63
  std::uint64_t number = 0;         // among the tiles of that level
  std::size_t width = kTileHashes;  // hashes: 1 to 256

  bool is_full() const { return width == kTileHashes; }
  friend bool operator==(const TilePath&, const TilePath&) = default;
};

std::string write_tile_path(const TilePath& path);  // "tile/0/x001/x234/067.p/112"
// Nothing for anything that write_tile_path() would not have written.
std::optional<TilePath> parse_tile_path(std::string_view text);

}  // namespace flikvakt::audit
