// What the child does: one order in, one answer out (spec/partition.md, "Pipes").
#pragma once

#include <functional>

#include "dissect/job.h"

namespace flikvakt::dissect {

// `work` is dissect(), or what a test puts in its place. Status of the process: 0, or 2 for a frame that is none.
int serve_once(int in, int out, const std::function<Outcome(const Order&, BytesView)>& work);

}  // namespace flikvakt::dissect
