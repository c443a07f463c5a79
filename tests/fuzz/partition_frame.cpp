// What goes through the pipes, as either side reads it.
#include <set>

#include "partition/frame.h"
#include "partition/limits.h"
#include "tests/fuzz/partition.h"
#include "tests/fuzz/targets.h"

namespace flikvakt::fuzz {

void partition_frame(BytesView in) {
  using namespace partition;
  Order order;
  order.media_type = "text/plain";
  order.token_seed = to_base64url(Bytes(32, 5));
  order.parts = {{"part", {TakeWhole{}}}};
  if (choose(in, 2) == 0) {
    const Result<Order> read = read_order(as_text(in));
    if (!read) return;
    const Bytes frame = order_head(*read, 0);
    const Result<Order> again = read_order(as_text(BytesView(frame).subspan(kFrameHeadBytes)));
    claim(again && *again == *read, "an order that was read can be written and read again");
    return;
  }
  std::string_view text = as_text(in);
  const std::string_view json = take_line(text);
  const Result<Outcome> answer = read_answer(order, json, as_bytes(text));
  if (!answer) return;
  std::set<std::string> names;
  for (const Part& part : answer->report.parts) {
    claim(part.name == "part" && part.media_type == "text/plain", "a part is what was ordered");
    claim(names.insert(part.name).second, "and there is one of it");
    claim(part.pages.empty() && part.previews.empty(), "text has no pages, and nobody asked for pictures");
  }
  for (const Finding& finding : answer->report.findings) {
    claim(finding.count >= 0 && finding.where.size() <= kMostPlaceBytes, "a finding is within bounds");
    claim(check_policy({{finding.kind, finding.action}}).has_value(), "and was treated as its kind can be");
  }
  for (const LeftOut& left : answer->report.left_out) {
    claim(left.reason != LeftOutReason::not_open && left.what.size() <= kMostWordBytes, "what is left out is told so");
  }
  claim(!answer->report.refusal || answer->report.parts.empty(), "a refused file has no parts");
  std::size_t sum = 0;
  for (const PartBytes& part : answer->bytes) {
    sum += part.document.size();
    for (const Bytes& preview : part.previews) sum += preview.size();
  }
  claim(sum == text.size(), "every byte of an answer is of a part");
}

}  // namespace flikvakt::fuzz
