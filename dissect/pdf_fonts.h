// Typefaces for fonts that a PDF names and does not bring. They are mapped into memory before the process confines
// itself, since afterwards no file can be opened; so what a part looks like does not hang on the machine's fonts.
#pragma once

#include <qpdf/QPDF.hh>

#include "dissect/job.h"

namespace flikvakt::dissect {

// Opens and maps the faces that are there. Without it, and for faces that are not there, a missing font is refused.
void map_typefaces();

// Gives the font of this dictionary a program when it has none. False: it brings its own (or is drawn, Type 3).
// Throws Refused(missing_font) where nothing can stand for it.
bool complete_font(QPDF& source, QPDFObjectHandle font);

}  // namespace flikvakt::dissect
