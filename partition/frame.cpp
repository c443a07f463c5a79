#include "partition/frame.h"

#include <algorithm>
#include <set>

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

bool is_word(const std::string& text) { return text.size() <= kMostWordBytes; }

// What a part may be of a file: of its kind; a CDA document may be another file inside (SPEC PART-33).
bool may_be(std::string_view part, std::string_view file) {
  static constexpr std::string_view kInside[] = {
      "application/pdf",
      "application/json",
      "application/fhir+json",
      "application/xml",
      "text/xml",
      "text/plain",
      "image/png",
      "image/jpeg",
      "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
      "application/vnd.oasis.opendocument.text"};
  if (part == file || (file == "application/json" && part == "application/fhir+json")) return true;
  return (file == "application/xml" || file == "text/xml") && std::ranges::find(kInside, part) != std::end(kInside);
}

Result<void> check_part(const Order& order, const Part& part) {
  if (std::ranges::find(order.parts, part.name, &PartRule::name) == order.parts.end()) {
    return fail(ErrorCode::malformed, "a part was not ordered");
  }
  if (!may_be(part.media_type, order.media_type)) {
    return fail(ErrorCode::malformed, "a part is of another kind than the file");
  }
  const bool has_pages = part.media_type == "application/pdf";
  const bool are_pages = part.pages.size() <= kMostPages &&
                         std::ranges::all_of(part.pages, [](auto page) { return page >= 1 && page <= kMostPages; });
  if (!are_pages || (!has_pages && !part.pages.empty())) return fail(ErrorCode::malformed, "a part has odd pages");
  const std::size_t previews = has_pages && order.preview_dpi > 0 ? part.pages.size() : 0;
  if (part.previews.size() != previews)
    return fail(ErrorCode::malformed, "a part has more or fewer pictures than pages");
  if (part.contents.size() > kMostContents + kMostEntries || !std::ranges::all_of(part.contents, is_word)) {
    return fail(ErrorCode::malformed, "a part says too much of what it holds");
  }
  return {};
}

// SPEC PART-45: what no child says that is what it should be.
Result<void> check_report(const Order& order, const Report& report) {
  if (report.refusal) {
    if (!report.parts.empty()) return fail(ErrorCode::malformed, "a refused file has parts");
    const bool is_ours = report.refusal->reason == RefusalReason::malware;
    if (is_ours || report.refusal->where.size() > kMostPlaceBytes) return fail(ErrorCode::malformed, "an odd refusal");
  }
  if (report.pages < 0 || report.pages > kMostPages) return fail(ErrorCode::malformed, "an odd number of pages");
  if (report.findings.size() > kMostFindings || report.contents.size() > kMostContents ||
      report.left_out.size() > kMostContents) {
    return fail(ErrorCode::malformed, "a report says too much");
  }
  for (const Finding& finding : report.findings) {
    const std::vector<Action> allowed = actions_for(finding.kind);
    if (finding.count < 0 || finding.where.size() > kMostPlaceBytes ||
        std::ranges::find(allowed, finding.action) == allowed.end()) {
      return fail(ErrorCode::malformed, "a finding is none");
    }
  }
  for (const Content& content : report.contents) {
    if (content.count < 0 || !is_word(content.kind) || !is_word(content.name) || !is_word(content.words)) {
      return fail(ErrorCode::malformed, "contents are none");
    }
  }
  for (const LeftOut& left : report.left_out) {
    if (left.reason == LeftOutReason::not_open || !is_word(left.what)) {
      return fail(ErrorCode::malformed, "what is left out is told oddly");
    }
  }
  std::set<std::string_view> names;
  for (const Part& part : report.parts) {
    TRY_VOID(check_part(order, part));
    if (!names.insert(part.name).second) return fail(ErrorCode::malformed, "two parts have one name");
  }
  return {};
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
  TRY_VOID(check_report(order, outcome.report));
  for (const Part& part : outcome.report.parts) {
    PartBytes bytes;
    bytes.document = TRY(take(body, part.size));
    for (const std::int64_t size : part.previews) bytes.previews.push_back(TRY(take(body, size)));
    outcome.bytes.push_back(std::move(bytes));
  }
  if (!body.empty()) return fail(ErrorCode::malformed, "bytes came that are of no part");
  return outcome;
}

}  // namespace flikvakt::partition
