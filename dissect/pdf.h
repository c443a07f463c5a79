// PDF: divided by pages. Nothing of the source's file structure reaches a part: what a page shows is painted anew into
// an empty file, which holds the fonts and images of its own pages only (docs/decisions/partition.md).
#pragma once

#include "dissect/job.h"

namespace flikvakt::dissect {

void divide_pdf(Job& job, BytesView file);

}  // namespace flikvakt::dissect
