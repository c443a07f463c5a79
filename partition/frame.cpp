#include "partition/frame.h"

#include <algorithm>

#include "base/json.h"
#include "partition/limits.h"

namespace flikvakt::partition {
namespace {

constexpr std::string_view kOrderMagic = "FVO1";
constexpr std::string_view kAnswerMagic = "FVA1";

Bytes frame_head(std::string_view magic, std::string_view json, std::size_t body_bytes) {
  return std::move(ByteWriter().text(magic).u32(static_cast<std::uint32_t>(json.size())).u64(body_bytes).text(json))
      .take();
}

Result<FrameHead> read_head(BytesView bytes, std::string_view magic, std::size_t most_json, std::size_t most_body) {
  ByteReader in(bytes);
  const bool is_ours = as_text(in.bytes(magic.size())) == magic;
  FrameHead head;
  head.json_bytes = in.u32();
  head.body_bytes = in.u64();
  if (!is_ours || !in.done()) return fail(ErrorCode::malformed, "a frame does not begin as it must");
  if (head.json_bytes > most_json || head.body_bytes > most_body) {
    return fail(ErrorCode::malformed, "a frame is larger than it may be");
  }
  return head;
}

// Takes `size` off the front of the body.
Result<Bytes> take(BytesView& body, std::int64_t size) {
  if (size < 0 || static_cast<std::uint64_t>(size) > body.size()) {
    return fail(ErrorCode::malformed, "a part is longer than what came");
  }
  Bytes out = to_bytes(body.first(static_cast<std::size_t>(size)));
  body = body.subspan(static_cast<std::size_t>(size));
  return out;
}

}  // namespace

Bytes order_head(const Order& order, std::size_t file_bytes) {
  return frame_head(kOrderMagic, to_text(to_json(order)), file_bytes);
}

Result<FrameHead> read_order_head(BytesView head) {
  return read_head(head, kOrderMagic, kMostOrderBytes, kMostInputBytes);
}

Result<Order> read_order(std::string_view json) {
  Order order = TRY(parse_as<Order>(json));
  TRY_VOID(check_order(order));
  return order;
}

Bytes answer_frame(const Outcome& outcome) {
  std::size_t size = 0;
  for (const PartBytes& part : outcome.bytes) {
    size += part.document.size();
    for (const Bytes& preview : part.previews) size += preview.size();
  }
  Bytes out = frame_head(kAnswerMagic, to_text(to_json(outcome.report)), size);
  out.reserve(out.size() + size);
  for (const PartBytes& part : outcome.bytes) {
    out.insert(out.end(), part.document.begin(), part.document.end());
    for (const Bytes& preview : part.previews) out.insert(out.end(), preview.begin(), preview.end());
  }
  return out;
}

Result<FrameHead> read_answer_head(BytesView head) {
  return read_head(head, kAnswerMagic, kMostReportBytes, kMostOutputBytes);
}

Result<Outcome> read_answer(const Order& order, std::string_view json, BytesView body) {
  Outcome outcome;
  outcome.report = TRY(parse_as<Report>(json));
  if (outcome.report.refusal && !outcome.report.parts.empty()) {
    return fail(ErrorCode::malformed, "a refused file has parts");
  }
  for (const Part& part : outcome.report.parts) {
    if (std::ranges::find(order.parts, part.name, &PartRule::name) == order.parts.end()) {
      return fail(ErrorCode::malformed, "a part was not ordered");
    }
    PartBytes bytes;
    bytes.document = TRY(take(body, part.size));
    for (const std::int64_t size : part.previews) bytes.previews.push_back(TRY(take(body, size)));
    outcome.bytes.push_back(std::move(bytes));
  }
  if (!body.empty()) return fail(ErrorCode::malformed, "bytes came that are of no part");
  return outcome;
}

}  // namespace flikvakt::partition
