#include "dissect/serve_once.h"

#include <unistd.h>

#include <cerrno>

#include "partition/frame.h"
#include "partition/limits.h"

namespace flikvakt::dissect {
namespace {

bool read_all(int from, std::span<std::uint8_t> into) {
  while (!into.empty()) {
    const ssize_t got = read(from, into.data(), into.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    into = into.subspan(static_cast<std::size_t>(got));
  }
  return true;
}

bool write_all(int to, BytesView bytes) {
  while (!bytes.empty()) {
    const ssize_t put = write(to, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
  return true;
}

}  // namespace

int serve_once(int in, int out, const std::function<Outcome(const Order&, BytesView)>& work) {
  constexpr int kNoFrame = partition::kEndedWithoutOrder;
  Bytes head(partition::kFrameHeadBytes);
  if (!read_all(in, head)) return kNoFrame;
  const Result<partition::FrameHead> sizes = partition::read_order_head(head);
  if (!sizes) return kNoFrame;
  Bytes json(sizes->json_bytes), file(sizes->body_bytes);
  if (!read_all(in, json) || !read_all(in, file)) return kNoFrame;
  const Result<Order> order = partition::read_order(as_text(json));
  if (!order) return kNoFrame;
  return write_all(out, partition::answer_frame(work(*order, file))) ? 0 : kNoFrame;
}

}  // namespace flikvakt::dissect
