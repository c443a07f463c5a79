// Orders for tests.
#pragma once

#include "base/bytes.h"
#include "partition/words.h"

namespace flikvakt::dissect {

inline partition::Order order_of(std::string media_type, std::vector<partition::PartRule> parts) {
  partition::Order order;
  order.media_type = std::move(media_type);
  order.parts = std::move(parts);
  order.token_seed = to_base64url(Bytes(32, 7));
  return order;
}
// The file whole, as the part "all".
inline partition::Order order_of(std::string media_type) {
  return order_of(std::move(media_type), {{"all", {partition::TakeWhole{}}}});
}

}  // namespace flikvakt::dissect
