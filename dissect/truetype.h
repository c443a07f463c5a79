// Whether a TrueType program is whole. cairo 1.16 cuts fonts to the glyphs that are used by following their tables
// without looking where these lead: a broken one would end the process. It would only be this file's; but a refusal
// says more.
#pragma once

#include "base/bytes.h"

namespace flikvakt::dissect {

// Tables lie inside the file; glyphs inside their table; glyphs made of others name glyphs that there are; widths are
// there.
bool is_whole_truetype(BytesView font);

}  // namespace flikvakt::dissect
