// What of a Word document's body, header, footer, notes or styles is not seen on paper, or reaches out of it.
#pragma once

#include <functional>
#include <string>

#include "dissect/docx_seen.h"

namespace flikvakt::dissect::docx {

// Takes it out of the part, and says so to the job. `has_image`: whether a relationship of this id is a picture that
// can stay. Throws Refused: unsupported (prefixes that mean something else), found (a picture of which a part is cut
// away, or what the policy refuses).
void clean_words(Job& job, const HidingStyles& styles, std::function<bool(const std::string&)> has_image,
                 pugi::xml_document& part);

}  // namespace flikvakt::dissect::docx
