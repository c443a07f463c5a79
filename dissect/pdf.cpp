#include "dissect/pdf.h"

#include "dissect/pdf_claims.h"
#include "dissect/pdf_part.h"
#include "dissect/pdf_prepare.h"
#include "dissect/pdf_scan.h"

namespace flikvakt::dissect {
namespace {

std::string page_name(int page) { return "page " + std::to_string(page); }

}  // namespace

void divide_pdf(Job& job, BytesView file) {
  const std::unique_ptr<QPDF> source = open_pdf(job, file);
  scan_for_findings(job, *source, file);
  const std::vector<Bookmark> bookmarks = read_bookmarks(*source);  // before they are cut off
  const PageFacts facts = prepare_pages(job, *source);
  const Bytes prepared = write_pdf(*source);
  widen_pages(*source);
  const Bytes widened = write_pdf(*source);
  const PaintedPdf painted(prepared), wide(widened);

  job.report().pages = painted.pages();
  for (const Bookmark& mark : bookmarks) {
    job.has({std::string(partition::TakeBookmark::kKind), mark.title, mark.title, mark.start.page});
  }
  const Claims claims = claim_pages(job, painted, bookmarks);
  for (const auto& [page, reason] : claims.left_out) job.left_out(page_name(page), reason);
  for (const Claim& claim : claims.parts) {
    PartBytes bytes;
    bytes.document = make_pdf_part(job, {painted, wide, facts}, claim.pages);
    if (job.order().preview_dpi > 0) bytes.previews = preview_pages(bytes.document, job.order().preview_dpi);
    partition::Part part;
    part.name = claim.part;
    part.media_type = "application/pdf";
    part.pages.assign(claim.pages.begin(), claim.pages.end());
    job.add_part(std::move(part), std::move(bytes));
  }
}

}  // namespace flikvakt::dissect
