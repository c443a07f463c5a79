#include "tests/fuzz/partition.h"

#include "base/json.h"

namespace flikvakt::fuzz {
namespace {

using partition::Order;
using partition::Outcome;

Order order_of(const char* media_type, std::vector<partition::Take> takes) {
  Order order;
  order.media_type = media_type;
  order.token_seed = to_base64url(Bytes(32, 5));
  order.parts = {{"part", std::move(takes)}};
  return order;
}

Outcome divided(const Order& order, BytesView file) {
  Outcome out = dissect::dissect(order, file);
  claim(out.report.parts.size() == out.bytes.size(), "each part has its bytes");
  claim(!out.report.refusal || out.bytes.empty(), "a refused file has no parts");
  for (std::size_t i = 0; i < out.bytes.size(); ++i) {
    claim(static_cast<std::size_t>(out.report.parts[i].size) == out.bytes[i].document.size(), "sizes are true");
  }
  return out;
}

}  // namespace

void divide(const char* media_type, BytesView file, std::vector<partition::Take> takes) {
  dissect::map_typefaces();
  divided(order_of(media_type, std::move(takes)), file);
  const Outcome out = divided(order_of(media_type, {partition::TakeWhole{}}), file);
  for (std::size_t i = 0; i < out.bytes.size(); ++i) {
    const char* kind = out.report.parts[i].media_type.c_str();  // of a file inside a document, another one
    const Outcome again = divided(order_of(kind, {partition::TakeWhole{}}), out.bytes[i].document);
    claim(!again.report.refusal, "a part is a file that is taken");
    claim(again.bytes.size() == 1, "a part is one part");
  }
}

}  // namespace flikvakt::fuzz
