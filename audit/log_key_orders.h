// Who ordered a new key of the log: two administrators, by their signatures as the log's act records keep them
// (spec/act-record.md), checked with public keys that a reader knows from elsewhere. SPEC LKEY-16. Values; thread-safe.
#pragma once

#include <span>

#include "base/json.h"
#include "crypto/sign.h"

namespace flikvakt::audit {

// An entry that somebody ordered, with its record: proven to be what the entry commits to.
struct OrderedEntry {
  ActId act;
  UtcTime time;
  json::value record;
};

// Whose keys signed, the proposal first.
struct Orderers {
  crypto::PublicKey proposed;
  crypto::PublicKey approved;
};

// That two of these proposed and approved, in these very entries, that `checkpoint_key` becomes a key of the log
// `origin`.
// invalid: the message says what is wrong, and begins as the end of a sentence about the key.
Result<Orderers> check_log_key_orders(const OrderedEntry& proposal, const OrderedEntry& approval,
                                      const std::string& origin, const crypto::PublicKey& checkpoint_key,
                                      std::span<const crypto::PublicKey> administrators);

}  // namespace flikvakt::audit
