#include "gateway/multipart.h"

#include <algorithm>

#include "base/characters.h"

namespace flikvakt::gateway {
namespace {

constexpr std::size_t kLongestBoundary = 70;  // RFC 2046 section 5.1.1
constexpr std::size_t kLongestHead = 2048;    // of one part
constexpr std::size_t kMostParts = 100;
constexpr std::size_t kMostFieldBytes = 64 * 1024;  // of all that is no file

Error bad(std::string_view what) { return fail(ErrorCode::malformed, "the form with a file: " + std::string(what)); }

Result<std::string> boundary_in(std::string_view content_type) {
  const std::string_view type = trim_blanks(content_type.substr(0, content_type.find(';')));
  if (!equal_ignoring_case(type, "multipart/form-data")) return bad("another Content-Type");
  const std::size_t at = content_type.find("boundary=");
  if (at == std::string_view::npos) return bad("no boundary");
  std::string_view boundary = content_type.substr(at + 9);
  boundary = trim_blanks(boundary.substr(0, boundary.find(';')));
  if (boundary.size() >= 2 && boundary.front() == '"' && boundary.back() == '"') {
    boundary = boundary.substr(1, boundary.size() - 2);
  }
  const bool is_plain = std::ranges::all_of(boundary, [](char c) { return is_token_char(c); });
  if (boundary.empty() || boundary.size() > kLongestBoundary || !is_plain) return bad("its boundary");
  return std::string(boundary);
}

// `name="…"` of Content-Disposition: browsers write `%22` for a quote.
std::optional<std::string> parameter(std::string_view disposition, std::string_view name) {
  const std::string begin = "; " + std::string(name) + "=\"";
  const std::size_t at = disposition.find(begin);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view rest = disposition.substr(at + begin.size());
  const std::size_t end = rest.find('"');
  if (end == std::string_view::npos) return std::nullopt;
  return std::string(rest.substr(0, end));
}

struct PartHead {
  std::string name;
  std::optional<std::string> file_name;
};

Result<PartHead> parse_head(std::string_view head) {
  while (!head.empty()) {
    const std::string_view line = head.substr(0, head.find("\r\n"));
    head.remove_prefix(std::min(line.size() + 2, head.size()));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return bad("a line of a part's head");
    if (!equal_ignoring_case(line.substr(0, colon), "content-disposition")) continue;
    const std::string_view value = trim_blanks(line.substr(colon + 1));
    std::optional<std::string> name = parameter(value, "name");
    if (!value.starts_with("form-data;") || !name) return bad("a part without a name");
    return PartHead{std::move(*name), parameter(value, "filename")};
  }
  return bad("a part that does not say what it is");
}

std::string without_path(std::string_view name) {
  const std::size_t slash = name.find_last_of("/\\");
  return std::string(slash == std::string_view::npos ? name : name.substr(slash + 1));
}

// The parts between the boundaries, without what stands before the first and after the last.
Result<std::vector<std::string_view>> split(std::string_view body, const std::string& boundary) {
  const std::string first = "--" + boundary;
  const std::string between = "\r\n--" + boundary;
  if (!body.starts_with(first)) return bad("it does not begin with its boundary");
  body.remove_prefix(first.size());
  std::vector<std::string_view> out;
  while (!body.starts_with("--")) {
    if (!body.starts_with("\r\n")) return bad("a boundary that goes on");
    body.remove_prefix(2);
    const std::size_t end = body.find(between);
    if (end == std::string_view::npos || out.size() == kMostParts) return bad("it has no end");
    out.push_back(body.substr(0, end));
    body.remove_prefix(end + between.size());
  }
  return out;
}

}  // namespace

Result<SentForm> parse_multipart(std::string_view content_type, BytesView body) {
  const std::string boundary = TRY(boundary_in(content_type));
  SentForm out;
  std::string fields;
  bool has_file = false;
  std::size_t field_bytes = 0;
  for (const std::string_view part : TRY(split(as_text(body), boundary))) {
    const std::size_t blank = part.find("\r\n\r\n");
    if (blank == std::string_view::npos || blank > kLongestHead) return bad("a part without a head");
    const PartHead head = TRY(parse_head(part.substr(0, blank)));
    const std::string_view content = part.substr(blank + 4);
    if (!head.file_name) {
      field_bytes += content.size();
      if (field_bytes > kMostFieldBytes) return bad("fields that are too long");
      fields += (fields.empty() ? "" : "&") + percent_encoded(head.name) + "=" + percent_encoded(content);
      continue;
    }
    if (has_file) return bad("two files");
    has_file = true;
    out.file_name = without_path(*head.file_name);
    out.file = to_bytes(as_bytes(content));
  }
  out.fields = TRY(Form::parse(fields));
  return out;
}

}  // namespace flikvakt::gateway
