// What the targets of partition share: a file is divided, and the outcome keeps its own rules.
#pragma once

#include "dissect/dissect.h"
#include "dissect/pdf_fonts.h"
#include "tests/fuzz/fuzz.h"

namespace flikvakt::fuzz {

// Divides it whole, and by `takes`. Claims: a refused file has no parts, sizes are those of the bytes, and a part that
// is divided again, whole, is taken and stays as it is where its kind is written the same for the same contents.
void divide(const char* media_type, BytesView file, std::vector<partition::Take> takes);

}  // namespace flikvakt::fuzz
