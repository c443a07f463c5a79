// Cuts from a PDF, in memory, everything that painting its pages does not need, and gives it the fonts that it lacks.
#pragma once

#include <qpdf/QPDF.hh>
#include <set>

#include "dissect/job.h"

namespace flikvakt::dissect {

// What is known of the pages (the first is 1) from their objects alone.
struct PageFacts {
  std::set<int> rare_images;  // hold an image of a coding whose insides are not looked into
  std::set<int>
      outlined_text;  // may draw text as outlines only (modes 1 and 5), which are lines afterwards, and no text
};
PageFacts prepare_pages(Job& job, QPDF& source);

// Makes every page larger by this on all four sides, so that what lies beside it is met, however far.
inline constexpr double kWideMargin = 1e6;  // points
void widen_pages(QPDF& source);

// The file anew, of what the pages reach. The same bytes for the same objects.
Bytes write_pdf(QPDF& source);

}  // namespace flikvakt::dissect
