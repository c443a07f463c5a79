// Reads a PDF's objects with qpdf and says what is in them that no page shows.
#pragma once

#include <memory>
#include <qpdf/QPDF.hh>

#include "dissect/job.h"

namespace flikvakt::dissect {

// `file` must outlive it. Throws Refused: encrypted, damaged, too_many, unsupported.
std::unique_ptr<QPDF> open_pdf(Job& job, BytesView file);

void scan_for_findings(Job& job, QPDF& source, BytesView file);

// Where on which page something begins: `top` in points from the page's upper edge; 0 when only the page is known.
struct PageStart {
  int page = 0;
  double top = 0;
};
struct Bookmark {
  std::string title;
  int level = 0;
  PageStart start;
};
// In the order of the outline; entries that lead to no page of this file are left away.
std::vector<Bookmark> read_bookmarks(QPDF& source);

}  // namespace flikvakt::dissect
