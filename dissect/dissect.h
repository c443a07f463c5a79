// Divides one file by an order. The whole of `flikvakt-partition` but for pipes and confinement; the fuzzers' way in.
// Whatever the bytes are, it returns: a refusal is an outcome. Not thread-safe (the libraries beneath are not, each).
#pragma once

#include "dissect/job.h"

namespace flikvakt::dissect {

// `depth`: how many files this one lies in.
Outcome dissect(const Order& order, BytesView file, int depth = 0);

// A file inside the file of `job`: whole, through its own partition under the same policy. Its findings become the
// job's. Throws Refused when it is refused.
Bytes gate_embedded(Job& job, std::string_view media_type, BytesView file, const std::string& where);

}  // namespace flikvakt::dissect
