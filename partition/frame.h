// What goes through the pipes between gateway and child (spec/partition.md, "Pipes"). Pure.
#pragma once

#include "partition/words.h"

namespace flikvakt::partition {

inline constexpr std::size_t kFrameHeadBytes = 16;

// Magic, length of the JSON, length of what follows it.
struct FrameHead {
  std::size_t json_bytes = 0;
  std::size_t body_bytes = 0;
};

Bytes order_head(const Order& order, std::size_t file_bytes);  // head and JSON; the file goes behind it
Result<FrameHead> read_order_head(BytesView head);             // of kFrameHeadBytes; malformed, or over a limit
Result<Order> read_order(std::string_view json);               // checked

Bytes answer_frame(const Outcome& outcome);
Result<FrameHead> read_answer_head(BytesView head);
// malformed: the sizes that the report names are not those of the body, or it says what an honest child could not say
// of this order.
Result<Outcome> read_answer(const Order& order, std::string_view json, BytesView body);

}  // namespace flikvakt::partition
