// Which page goes to which part.
#pragma once

#include <map>

#include "dissect/pdf_render.h"
#include "dissect/pdf_scan.h"

namespace flikvakt::dissect {

struct Claim {
  std::string part;
  std::vector<int> pages;  // ascending; never empty
};
struct Claims {
  std::vector<Claim> parts;  // in the order of the order
  std::map<int, LeftOutReason> left_out;
};

// Pages given by number are taken as they are given. Bookmarks and headings run to where the next one begins; a page on
// which one ends and another begins is in neither (SPEC PART-13). Throws Refused(no_such_part).
Claims claim_pages(Job& job, const PaintedPdf& source, const std::vector<Bookmark>& bookmarks);

// For tests: what two spellings of a heading must have in common.
std::string heading_key(std::string_view text);

}  // namespace flikvakt::dissect
