// One part of a PDF: its pages painted anew, looked through for what cannot be seen, and sealed up.
#pragma once

#include "dissect/job.h"
#include "dissect/pdf_prepare.h"
#include "dissect/pdf_render.h"

namespace flikvakt::dissect {

struct PdfSource {
  const PaintedPdf& pages;
  const PaintedPdf& wide;  // the same, widened
  const PageFacts& facts;
};

// `pages` in the order in which they stand in the part.
Bytes make_pdf_part(Job& job, const PdfSource& source, const std::vector<int>& pages);

// What a recipient sees of a part: a PNG of each page.
std::vector<Bytes> preview_pages(BytesView part, std::int64_t dpi);

}  // namespace flikvakt::dissect
