// Range requests (RFC 9110 section 14), the part that documents need: one range of bytes. Anything else, several ranges
// included, counts as no Range at all, as section 14.2 allows: the answer is then the whole document. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace flikvakt::gateway {

struct ByteRange {
  std::uint64_t from = 0;
  std::uint64_t to = 0;  // one past the last byte
};

struct RangeRequest {
  enum class Kind { whole, part, unsatisfiable };
  Kind kind = Kind::whole;
  ByteRange range;  // of the whole document when kind is whole
};

// `field`: the Range field, empty when absent. size: of the document, at least 1.
RangeRequest parse_range(std::string_view field, std::uint64_t size);

std::string content_range(const ByteRange& range, std::uint64_t size);  // "bytes 0-99/1000"
std::string unsatisfied_range(std::uint64_t size);                      // "bytes */1000"

}  // namespace flikvakt::gateway
