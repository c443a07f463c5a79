// Readings without a network: opened, logged, decrypted and closed by the calls that the gateway makes.
#pragma once

#include "bench/process/cast.h"

namespace flikvakt::bench {

struct ReadingsPlan {
  std::size_t waiting = 64;       // openings on their way at a time
  double seconds = 1;             // ends then …
  std::uint64_t at_most = ~0ull;  // … or after so many
  bool decrypts = true;           // false: only the entries are of interest
};

struct ReadingsDone {
  std::uint64_t readings = 0;
  std::uint64_t entries = 0;  // two a reading, or it throws
  std::uint64_t syncs = 0;    // calls of fsync and fdatasync
  std::uint64_t bytes = 0;    // of plaintext
  double seconds = 0;         // until the last answer
  double cpu_seconds = 0;     // of all threads of the process
};

// Documents in an order that no cache foresees. Throws when one is refused, or when the log does not have exactly one
// entry of each opening and one of each closing.
ReadingsDone read_documents(Cast& cast, std::span<const DocumentId> documents, const ReadingsPlan& plan);

}  // namespace flikvakt::bench
