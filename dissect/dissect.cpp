#include "dissect/dissect.h"

#include "dissect/cda.h"
#include "dissect/fhir.h"
#include "dissect/images.h"
#include "dissect/office.h"
#include "dissect/pdf.h"
#include "dissect/sniff.h"
#include "dissect/text.h"

namespace flikvakt::dissect {
namespace {

void divide(Job& job, BytesView file) {
  switch (sniff(job.order().media_type, file)) {
    case FileKind::pdf:
      return divide_pdf(job, file);
    case FileKind::json:
      return divide_fhir(job, file);
    case FileKind::xml:
      return divide_cda(job, file);
    case FileKind::text:
      return pass_text(job, file);
    case FileKind::png:
      return pass_png(job, file);
    case FileKind::jpeg:
      return pass_jpeg(job, file);
    case FileKind::docx:
      return pass_docx(job, file);
    case FileKind::odt:
      return pass_odt(job, file);
  }
}

Outcome refused(Job& job, Refusal refusal) {
  Outcome out;
  out.report.refusal = std::move(refusal);
  out.report.findings = std::move(job.report().findings);
  return out;
}

}  // namespace

Outcome dissect(const Order& order, BytesView file, int depth) {
  Job job(order, depth);
  try {
    if (depth > partition::kMostEmbeddingDepth) throw Refused(RefusalReason::too_deep);
    if (file.size() > partition::kMostInputBytes) throw Refused(RefusalReason::too_large);
    divide(job, file);
    return std::move(job.outcome());
  } catch (const Refused& why) {
    return refused(job, why.refusal());
  } catch (const std::bad_alloc&) {
    return refused(job, {RefusalReason::too_costly, "", std::nullopt});
  } catch (const std::exception&) {  // what a library says of damaged input
    return refused(job, {RefusalReason::damaged, "", std::nullopt});
  }
}

Bytes gate_embedded(Job& job, std::string_view media_type, BytesView file, const std::string& where) {
  Order order = job.order();
  order.media_type = std::string(media_type);
  order.parts = {PartRule{"embedded", {partition::TakeWhole{}}}};
  order.preview_dpi = 0;
  Outcome inner = dissect(order, file, job.depth() + 1);
  const auto place = [&where](const std::string& inside) { return inside.empty() ? where : where + ", " + inside; };
  for (const partition::Finding& finding : inner.report.findings) {
    job.found(finding.kind, place(finding.where), finding.count);
  }
  if (inner.report.refusal) {
    throw Refused(inner.report.refusal->reason, place(inner.report.refusal->where), inner.report.refusal->finding);
  }
  if (inner.bytes.size() != 1) throw Refused(RefusalReason::unsupported, where);
  return std::move(inner.bytes.front().document);
}

}  // namespace flikvakt::dissect
