// Images: what they carry beside the picture is cut off; the picture's own data stay as they are.
#pragma once

#include "dissect/job.h"
#include "dissect/pdf_render.h"

namespace flikvakt::dissect {

struct StrippedImage {
  Bytes image;
  std::vector<std::pair<FindingKind, std::int64_t>> findings;
};

// The picture's coefficients in a file of their own. Throws Refused: damaged (no whole JPEG), unsupported (not of 8
// bits, lossless, hierarchical), too_large.
StrippedImage strip_jpeg(BytesView file);
// Keeps IHDR, PLTE, tRNS, IDAT, IEND, gAMA, sRGB, cHRM, pHYs. Throws Refused: damaged (bad CRC, order, a chunk of
// another length or there twice, other rows than the header's), unsupported (a moving picture), too_large.
StrippedImage strip_png(BytesView file);

void pass_jpeg(Job& job, BytesView file);
void pass_png(Job& job, BytesView file);

Bytes jpeg_of(const Picture& picture);

}  // namespace flikvakt::dissect
