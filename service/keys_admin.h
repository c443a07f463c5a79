// The keys of a gateway as its operator sees them: what there is, and a new master key. Erasure is the act `shred`: the
// sequencer destroys the keys, and the objects that they opened go too.
#pragma once

#include "service/core.h"

namespace flikvakt::service {

struct KeyLevelStatus {
  std::string level;
  std::uint64_t active = 0;
  std::uint64_t shredded = 0;
  std::uint32_t oldest_version = 0;  // of the active ones
  std::uint32_t newest_version = 0;
};
BOOST_DESCRIBE_STRUCT(KeyLevelStatus, (), (level, active, shredded, oldest_version, newest_version))

struct KeysStatus {
  std::string master_key;  // its name: the id that the wraps under it bear
  std::vector<KeyLevelStatus> levels;
  std::optional<UtcTime> last_shred;
  // When the last shred is complete in the backups of the key store too: it and the retention. None: nothing shredded.
  std::optional<UtcTime> complete_in_backups;
};
BOOST_DESCRIBE_STRUCT(KeysStatus, (), (master_key, levels, last_shred, complete_in_backups))

// From the durable rows. `retention`: how long backups of the key store are kept.
Result<KeysStatus> keys_status(Core& core, std::chrono::days retention);
// The same of rows that were opened otherwise, beside a running gateway or without one.
Result<KeysStatus> keys_status(const store::Rows& rows, const KeyRing& keys, std::chrono::days retention);

// The same keys under a new master key. No door may be open on `core`, which is closed by this: start again with the
// new key. `ordered`: the act `rotate_keys` of an administrator with its evidence, from make_command().
//
// Each step is durable before the next, and a start-up after a crash finds what counts: until the act is in the log
// only the old master key starts the gateway, from then on only the new one. So keep both until this has returned.
// Errors: denied (the act was refused: nothing changed), out_of_space, io, unavailable.
Result<void> rotate_master_key(std::unique_ptr<Core> core, const crypto::MasterKey& new_master, Command ordered);

}  // namespace flikvakt::service
