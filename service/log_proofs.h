// Proofs of the public log (RFC 6962), made from the durable rows. Thread-safe; they block for a few reads.
#pragma once

#include "service/core.h"

namespace flikvakt::service {

// That the log of `to` entries begins with the log of `from`. invalid: from > to, or beyond the log.
Result<std::vector<crypto::MerkleHash>> consistency_proof(Core& core, std::uint64_t from, std::uint64_t to);
// That entry `index` is in the log of `size` entries. invalid: index >= size, or beyond the log.
Result<std::vector<crypto::MerkleHash>> inclusion_proof(Core& core, std::uint64_t index, std::uint64_t size);

}  // namespace flikvakt::service
