// Proofs and tiles of the public log (RFC 6962, C2SP tlog-tiles), made from the durable rows. Thread-safe; they block
// for a few reads, or some hundreds where the tree is not kept yet (service/log_tree.h).
#pragma once

#include "service/core.h"

namespace flikvakt::service {

// That the log of `to` entries begins with the log of `from`. invalid: from > to, or beyond the log.
Result<std::vector<crypto::MerkleHash>> consistency_proof(Core& core, std::uint64_t from, std::uint64_t to);
// That entry `index` is in the log of `size` entries. invalid: index >= size, or beyond the log.
Result<std::vector<crypto::MerkleHash>> inclusion_proof(Core& core, std::uint64_t index, std::uint64_t size);

// The hashes of a tile, full or not, one behind the other. `path`: "tile/0/x001/067.p/112" (spec/tiles.md). not_found:
// no such path, or the log has no such tile yet.
Result<Bytes> tile(Core& core, std::string_view path);

}  // namespace flikvakt::service
