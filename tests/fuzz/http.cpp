// HTTP in: header block, request target, Range. What the guard accepts, Beast must read to the same end, with a second
// request behind it: two readers that disagree about where a request ends are what request smuggling lives on.
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "base/characters.h"
#include "gateway/byte_range.h"
#include "gateway/http_text.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/targets.h"

namespace flikvakt::fuzz {
namespace {

namespace beast_http = boost::beast::http;
using namespace flikvakt::gateway;

constexpr std::string_view kNext = "GET /next HTTP/1.1\r\nHost: a\r\n\r\n";

// Bytes that Beast, left to itself, takes for the first request.
std::size_t taken_by_beast(std::string_view stream) {
  beast_http::request_parser<beast_http::string_body> parser;
  parser.eager(true);
  parser.header_limit(kMaxHeadBytes);
  parser.body_limit(boost::none);
  boost::system::error_code error;
  std::size_t used = 0;
  while (!parser.is_done() && !error && used < stream.size()) {
    used += parser.put(boost::asio::buffer(stream.data() + used, stream.size() - used), error);
  }
  return parser.is_done() ? used : 0;
}

// SPEC HTTP-9 told the other way round: the one spelling of a path.
std::string spelling_of(const std::vector<std::string>& segments) {
  std::string out = segments.empty() ? "/" : "";
  for (const std::string& segment : segments) {
    out += '/';
    out += segment;
  }
  return out;
}

void check_target(std::string_view text) {
  const Result<Target> target = parse_target(text);
  if (!target) return;
  const std::string_view path = text.substr(0, text.find('?'));
  if (path.find('%') == path.npos) claim(spelling_of(target->segments) == path, "a path has one spelling");
  for (const std::string& segment : target->segments) {
    claim(segment != "." && segment != "..", "no dot segment comes through");
    claim(segment.find_first_of("/\\%") == segment.npos, "no segment holds what could be taken for structure");
  }
}

void check_head_block(BytesView in) {
  const HeadScan scan = scan_head(in);
  for (std::size_t known = 0; known < std::min<std::size_t>(in.size(), 64); ++known) {  // a byte-wise sender
    if (scan_head(in.first(known)).state != HeadScan::State::incomplete) break;
    claim(scan_head(in, known).head_bytes == scan.head_bytes, "where a scan goes on does not change what it finds");
  }
  if (scan.state != HeadScan::State::complete) return;
  const BytesView head = in.first(scan.head_bytes);
  GuardVerdict verdict = check_head(head);
  if (!verdict.accepted()) return;
  const Result<Request> request = parse_request(head, verdict);
  claim(request.has_value(), "Beast reads what the guard accepted");
  claim(request->content_length == verdict.content_length, "Beast reads the guard's length");
  if (verdict.content_length > 4096) return;
  const std::size_t whole = head.size() + static_cast<std::size_t>(verdict.content_length);
  std::string stream(as_text(head));
  stream.append(static_cast<std::size_t>(verdict.content_length), 'x').append(kNext);
  claim(taken_by_beast(stream) == whole, "a request ends for Beast where it ends for the guard");
}

void check_range(BytesView in) {
  ByteReader reader(in);
  const std::uint64_t size = std::max<std::uint64_t>(1, reader.u64() >> (reader.u8() % 64));
  const std::string_view field = as_text(reader.bytes(reader.left()));
  const RangeRequest request = parse_range(field, size);
  const ByteRange& range = request.range;
  if (request.kind == RangeRequest::Kind::unsatisfiable) return;
  claim(range.from < range.to && range.to <= size, "a range lies within the document");
  if (request.kind == RangeRequest::Kind::whole) claim(range.from == 0 && range.to == size, "the whole is the whole");
  const std::string spelled = "bytes=" + std::to_string(range.from) + "-" + std::to_string(range.to - 1);
  if (size < 1'000'000'000'000'000'000) claim(parse_range(spelled, size).range.to == range.to, "a range spelled out");
}

}  // namespace

void http(BytesView in) {
  switch (choose(in, 4)) {
    case 0:
      return check_target(as_text(in));
    case 1:
      return check_range(in);
    default:
      return check_head_block(in);
  }
}

}  // namespace flikvakt::fuzz
