// HL7 FHIR R4, JSON: documents divided by sections, bundles by types of resources (spec/partition.md, "FHIR").
#pragma once

#include "dissect/job.h"

namespace flikvakt::dissect {

void divide_fhir(Job& job, BytesView file);

}  // namespace flikvakt::dissect
