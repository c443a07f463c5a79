// Office files: whole, as they read on paper; what rides along is left behind. The file is written anew of the entries
// that its text needs.
#pragma once

#include "dissect/job.h"

namespace flikvakt::dissect {

void pass_docx(Job& job, BytesView file);
void pass_odt(Job& job, BytesView file);

}  // namespace flikvakt::dissect
