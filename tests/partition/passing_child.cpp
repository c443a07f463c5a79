// A child that takes nothing out of any file: each part is the file as it came. In place of `flikvakt-partition` where
// a test deposits bytes that are no file of any kind. What it says of a PDF's pages, bookmarks and pictures is made up,
// and so is what it found where the file says "something hidden", or, of the whole file, "hidden elsewhere": for pages
// that show it.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/json.h"
#include "partition/frame.h"

namespace flikvakt::partition {
namespace {

bool read_all(std::span<std::uint8_t> into) {
  while (!into.empty()) {
    const ssize_t got = read(STDIN_FILENO, into.data(), into.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    into = into.subspan(static_cast<std::size_t>(got));
  }
  return true;
}

bool write_all(BytesView bytes) {
  while (!bytes.empty()) {
    const ssize_t put = write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
  return true;
}

// One white point.
constexpr std::string_view kPicture =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAsTj2FAAAAABJRU5ErkJggg";

std::vector<std::int64_t> pages_of(const PartRule& part) {
  std::vector<std::int64_t> out;
  for (const Take& take : part.takes) {
    const auto* pages = std::get_if<TakePages>(&take);
    for (std::int64_t page = pages ? pages->from : 1; page <= (pages ? pages->to : 1); ++page) out.push_back(page);
  }
  return out;
}

// "hang" and a path: the file is made, as a sign that this runs, and nothing is ever answered.
void hang_if_told(BytesView file) {
  constexpr std::string_view kHang = "hang ";
  const std::string text(as_text(file));
  if (!text.starts_with(kHang)) return;
  if (open(text.c_str() + kHang.size(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600) < 0) return;
  for (;;) pause();
}

void make_up(const Order& order, BytesView file, Outcome& outcome) {
  if (as_text(file).find("something hidden") != std::string_view::npos) {
    outcome.report.findings.push_back({FindingKind::metadata, "page 1", 2, Action::strip});
  }
  const auto is_whole = [](const PartRule& part) { return std::holds_alternative<TakeWhole>(part.takes.front()); };
  if (as_text(file).find("hidden elsewhere") != std::string_view::npos && std::ranges::any_of(order.parts, is_whole)) {
    outcome.report.findings.push_back({FindingKind::comment, "page 9", 1, Action::strip});
  }
  if (order.media_type != "application/pdf") return;
  outcome.report.contents.push_back({"bookmark", "Anteckningar", "", 1});
  for (std::size_t i = 0; i < order.parts.size(); ++i) {
    Part& part = outcome.report.parts[i];
    part.pages = pages_of(order.parts[i]);
    if (order.preview_dpi == 0) continue;
    outcome.bytes[i].previews.assign(part.pages.size(), from_base64url(kPicture).value());
    for (const Bytes& picture : outcome.bytes[i].previews) {
      part.previews.push_back(static_cast<std::int64_t>(picture.size()));
    }
  }
}

int pass() {
  constexpr int kNoFrame = 2;
  Bytes head(kFrameHeadBytes);
  if (!read_all(head)) return kNoFrame;
  const Result<FrameHead> sizes = read_order_head(head);
  if (!sizes) return kNoFrame;
  Bytes json(sizes->json_bytes), file(sizes->body_bytes);
  if (!read_all(json) || !read_all(file)) return kNoFrame;
  const Result<Order> order = read_order(as_text(json));
  if (!order) return kNoFrame;
  hang_if_told(file);
  Outcome outcome;
  for (const PartRule& part : order->parts) {
    outcome.report.parts.push_back({part.name, order->media_type, static_cast<std::int64_t>(file.size()), {}, {}, {}});
    outcome.bytes.push_back({file, {}});
  }
  make_up(*order, file, outcome);
  return write_all(answer_frame(outcome)) ? 0 : kNoFrame;
}

}  // namespace
}  // namespace flikvakt::partition

int main() { return flikvakt::partition::pass(); }
