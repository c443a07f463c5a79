// HL7 CDA R2 (C-CDA): structured documents divided by sections, unstructured ones by what is inside them.
#pragma once

#include "dissect/job.h"

namespace flikvakt::dissect {

void divide_cda(Job& job, BytesView file);

}  // namespace flikvakt::dissect
