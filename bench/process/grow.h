// A data directory grows: people, fullmakter, documents and entries as they arise in life. Every act is signed, sent,
// decided and logged by the real sequencer, every document goes the deposit's own way, so `flikvakt log verify` has
// everything to look at. Only the network is missing, and many act at once.
#pragma once

#include "bench/process/cast.h"

namespace flikvakt::bench {

struct GrowPlan {
  std::size_t people = 0;
  std::size_t earlier_people = 0;  // that earlier runs made
  std::size_t fullmakter = 1;      // of each person; the first opens their documents to the reader
  std::size_t documents = 0;       // spread evenly over all people, the earlier ones too
  std::size_t bytes = 4096;        // of a document
};

// At most so many people: one for each number that is reserved for tests (serial 980 to 999 of a day).
inline constexpr std::size_t kMostPeople = 700'000;

// The ids of the documents, number 0 first. Document i holds bench_content(i, bytes). Throws when anything is refused.
std::vector<DocumentId> grow(Cast& cast, const GrowPlan& plan);

// A PDF as far as its first bytes go; bench/servers.py makes the same.
Bytes bench_content(std::size_t number, std::size_t bytes);

// A personnummer that nobody has.
std::string bench_number(std::size_t person);

}  // namespace flikvakt::bench
