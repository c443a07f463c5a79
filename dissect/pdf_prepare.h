// Cuts from a PDF, in memory, everything that painting its pages does not need, and gives it the fonts that it lacks.
#pragma once

#include <qpdf/QPDF.hh>
#include <set>

#include "dissect/job.h"

namespace flikvakt::dissect {

// The pages (the first is 1) that hold an image of a coding whose insides are not looked into.
std::set<int> prepare_pages(Job& job, QPDF& source);

// The file anew, of what the pages reach. The same bytes for the same objects.
Bytes write_pdf(QPDF& source);

}  // namespace flikvakt::dissect
