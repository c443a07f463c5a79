#include "dissect/sniff.h"

#include <algorithm>

namespace flikvakt::dissect {
namespace {

struct Known {
  std::string_view media_type;
  FileKind kind;
};
constexpr Known kKnown[] = {
    {"application/pdf", FileKind::pdf},
    {"application/json", FileKind::json},
    {"application/fhir+json", FileKind::json},
    {"application/xml", FileKind::xml},
    {"text/xml", FileKind::xml},
    {"text/plain", FileKind::text},
    {"image/png", FileKind::png},
    {"image/jpeg", FileKind::jpeg},
    {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", FileKind::docx},
    {"application/vnd.oasis.opendocument.text", FileKind::odt},
};

std::string_view without_blanks(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first == std::string_view::npos ? std::string_view() : text.substr(first);
}

bool is_utf16(std::string_view text) { return text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff"); }

bool begins_like(FileKind kind, std::string_view text) {
  switch (kind) {
    case FileKind::pdf:
      return text.starts_with("%PDF-");
    case FileKind::json:
      return without_blanks(text).starts_with('{');
    case FileKind::xml:
      return without_blanks(text).starts_with('<') && !is_utf16(text);
    case FileKind::text:
      return true;  // looked at whole, in text.cpp
    case FileKind::png:
      return text.starts_with("\x89PNG\r\n\x1a\n");
    case FileKind::jpeg:
      return text.starts_with("\xff\xd8\xff");
    case FileKind::docx:
    case FileKind::odt:
      return text.starts_with("PK\x03\x04");
  }
  return false;
}

// A zip file is found from its end, so anything may stand before it: whoever reads the file as zip sees another
// document.
bool ends_like_zip(std::string_view text) {
  const std::string_view tail = text.substr(text.size() - std::min<std::size_t>(text.size(), 66'000));
  return tail.rfind("PK\x05\x06") != std::string_view::npos;
}

// Viewers look for a PDF's header in the first 1024 bytes.
bool has_pdf_head(std::string_view text) { return text.substr(0, 1024).find("%PDF-") != std::string_view::npos; }

bool is_another_kind(FileKind kind, std::string_view text) {
  const bool is_zip = kind == FileKind::docx || kind == FileKind::odt;
  if (!is_zip && ends_like_zip(text)) return true;
  return kind != FileKind::pdf && has_pdf_head(text);
}

}  // namespace

FileKind sniff(std::string_view media_type, BytesView file) {
  const auto* known = std::ranges::find(kKnown, media_type, &Known::media_type);
  if (known == std::end(kKnown)) throw Refused(RefusalReason::unsupported);
  const std::string_view text = as_text(file);
  if (!begins_like(known->kind, text)) {
    // A PDF behind something else is for some readers a PDF all the same.
    throw Refused(known->kind == FileKind::pdf && has_pdf_head(text) ? RefusalReason::polyglot
                                                                     : RefusalReason::mislabelled);
  }
  if (is_another_kind(known->kind, text)) throw Refused(RefusalReason::polyglot);
  return known->kind;
}

}  // namespace flikvakt::dissect
