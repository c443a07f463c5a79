// Which media types are taken, and what their files begin with. Only the first bytes are looked at here: what is inside
// a PDF, XML or JSON file is the business of partition.
#pragma once

#include "base/bytes.h"

namespace flikvakt::service {

inline constexpr std::size_t kLeadingBytes = 512;

bool is_accepted_media_type(std::string_view media_type);
// `leading`: the first kLeadingBytes of the document, or all of it when it is shorter.
bool begins_like(std::string_view media_type, BytesView leading);

}  // namespace flikvakt::service
