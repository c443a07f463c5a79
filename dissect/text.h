// Plain text: whole, UTF-8, without characters that are not seen.
#pragma once

#include "dissect/job.h"

namespace flikvakt::dissect {

void pass_text(Job& job, BytesView file);

// Characters that show nothing, or show others in another order than they stand in. Blanks and ends of lines are none.
bool is_invisible(char32_t code);

}  // namespace flikvakt::dissect
