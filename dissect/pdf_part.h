// One part of a PDF: its pages painted anew, looked through for what cannot be seen, and sealed up.
#pragma once

#include <set>

#include "dissect/job.h"
#include "dissect/pdf_render.h"

namespace flikvakt::dissect {

// `pages` in the order in which they stand in the part; `rare`: pages of the source whose images are not kept as they
// are.
Bytes make_pdf_part(Job& job, const PaintedPdf& source, const std::vector<int>& pages, const std::set<int>& rare);

// What a recipient sees of a part: a PNG of each page.
std::vector<Bytes> preview_pages(BytesView part, std::int64_t dpi);

}  // namespace flikvakt::dissect
