#include "base/media_types.h"

#include <algorithm>
#include <iterator>

#include "base/characters.h"

namespace flikvakt {
namespace {

struct Kind {
  std::string_view ending;
  std::string_view media_type;
};
// Of an ending, and of a type, that stands twice the first one counts.
constexpr Kind kKinds[] = {{".pdf", "application/pdf"},
                           {".json", "application/json"},
                           {".json", "application/fhir+json"},
                           {".xml", "application/xml"},
                           {".xml", "text/xml"},
                           {".txt", "text/plain"},
                           {".png", "image/png"},
                           {".jpg", "image/jpeg"},
                           {".jpeg", "image/jpeg"},
                           {".odt", "application/vnd.oasis.opendocument.text"},
                           {".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"}};

}  // namespace

std::string_view media_type_of_name(std::string_view file_name) {
  const std::size_t dot = file_name.rfind('.');
  if (dot == file_name.npos || dot == 0) return {};
  const auto* found = std::ranges::find_if(
      kKinds, [ending = file_name.substr(dot)](const Kind& one) { return equal_ignoring_case(ending, one.ending); });
  return found == std::end(kKinds) ? std::string_view() : found->media_type;
}

std::string_view ending_of_media_type(std::string_view media_type) {
  const auto* found = std::ranges::find(kKinds, media_type, &Kind::media_type);
  return found == std::end(kKinds) ? std::string_view() : found->ending;
}

}  // namespace flikvakt
