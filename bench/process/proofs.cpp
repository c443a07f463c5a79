#include "bench/process/proofs.h"

#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <random>

#include "crypto/merkle.h"
#include "service/log_proofs.h"

namespace flikvakt::bench {
namespace {

template <class T, class Read>
T from_rows(Cast& cast, Read&& read) {
  return must(cast.core().log_reader().with([&](const store::Reader& rows) -> Result<T> { return must(read(rows)); }));
}

// The overlay has an edge of its own while a batch is written, as in the sequencer's.
double tree_kib(Cast& cast) {
  return from_rows<double>(cast, [&](const store::Reader& rows) -> Result<double> {
    const std::size_t before = mallinfo2().uordblks;
    audit::Tree tree = must(cast.core().log_tree().of(rows));
    tree.append(tree.root());
    return static_cast<double>(mallinfo2().uordblks - before) / 1024;
  });
}

}  // namespace

ProofsDone measure_proofs(Cast& cast, std::size_t proofs) {
  const std::uint64_t size = cast.core().sequencer().log_view().size;
  const auto root = from_rows<crypto::MerkleHash>(cast, [&](const store::Reader& rows) -> Result<crypto::MerkleHash> {
    return must(cast.core().log_tree().of(rows)).root();
  });
  std::mt19937_64 draw(1);
  std::vector<double> taken;
  for (std::size_t i = 0; i < proofs; ++i) {
    const std::uint64_t index = draw() % size;
    const auto start = std::chrono::steady_clock::now();
    const auto proof = must(service::inclusion_proof(cast.core(), index, size));
    const std::chrono::duration<double, std::micro> passed = std::chrono::steady_clock::now() - start;
    taken.push_back(passed.count());
    const auto entry = from_rows<store::EntryRow>(cast, [&](const store::Reader& rows) { return rows.entry(index); });
    if (!crypto::verify_inclusion(index, size, crypto::leaf_hash(entry.leaf), proof, root))
      throw std::runtime_error("the proof of entry " + std::to_string(index) + " does not hold");
  }
  std::ranges::sort(taken);
  return {size, taken[taken.size() / 2], taken[taken.size() * 99 / 100], tree_kib(cast)};
}

}  // namespace flikvakt::bench
