#include "service/media_type.h"

#include <algorithm>

namespace flikvakt::service {
namespace {

using Test = bool (*)(std::string_view leading);

std::string_view skip_blanks(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first == std::string_view::npos ? std::string_view() : text.substr(first);
}

bool is_pdf(std::string_view leading) { return leading.starts_with("%PDF-"); }
bool is_json(std::string_view leading) {
  const std::string_view text = skip_blanks(leading);
  return text.starts_with('{') || text.starts_with('[');
}
bool is_xml(std::string_view leading) {
  const std::string_view text = skip_blanks(leading);
  return text.size() > 1 && text[0] == '<' &&
         (text[1] == '?' || text[1] == '!' || std::isalpha(static_cast<unsigned char>(text[1])));
}
bool is_text(std::string_view leading) {
  return std::ranges::none_of(leading, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f') || byte == 0x7f;
  });
}
bool is_png(std::string_view leading) { return leading.starts_with("\x89PNG\r\n\x1a\n"); }
bool is_jpeg(std::string_view leading) { return leading.starts_with("\xff\xd8\xff"); }
bool is_zip(std::string_view leading) { return leading.starts_with("PK\x03\x04"); }

struct Accepted {
  std::string_view media_type;
  Test test;
};
constexpr Accepted kAccepted[] = {
    {"application/pdf", is_pdf},
    {"application/json", is_json},
    {"application/fhir+json", is_json},
    {"application/xml", is_xml},
    {"text/xml", is_xml},
    {"text/plain", is_text},
    {"image/png", is_png},
    {"image/jpeg", is_jpeg},
    {"application/vnd.oasis.opendocument.text", is_zip},
    {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", is_zip},
};

const Accepted* find(std::string_view media_type) {
  const auto* found = std::ranges::find(kAccepted, media_type, &Accepted::media_type);
  return found == std::end(kAccepted) ? nullptr : found;
}

}  // namespace

bool is_accepted_media_type(std::string_view media_type) { return find(media_type) != nullptr; }

bool begins_like(std::string_view media_type, BytesView leading) {
  const Accepted* accepted = find(media_type);
  return accepted && accepted->test(as_text(leading));
}

}  // namespace flikvakt::service
