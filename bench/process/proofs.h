// Inclusion proofs of entries drawn at random, made as the gateway makes them for whoever asks.
#pragma once

#include "bench/process/cast.h"

namespace flikvakt::bench {

struct ProofsDone {
  std::uint64_t size = 0;  // entries of the log; proofs are of that size
  double median_us = 0;    // wall time of one proof
  double slowest_us = 0;   // of 99 in a hundred
  double tree_kib = 0;     // on the heap, of the tree that the sequencer keeps, taken up from the rows
};

// Every proof is checked against the root; throws when one does not hold.
ProofsDone measure_proofs(Cast& cast, std::size_t proofs);

}  // namespace flikvakt::bench
