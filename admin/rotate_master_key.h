// `flikvakt keys rotate`: a new master key for a gateway that is stopped.
#pragma once

#include "admin/open_core.h"
#include "crypto/sign.h"

namespace flikvakt::admin {

// The three names of a rotation, all in one folder.
struct RotationFiles {
  std::filesystem::path current;  // the old key now, the new one afterwards
  std::filesystem::path fresh;    // the new key until the gateway's keys lie under it
  std::filesystem::path old;      // the old key afterwards: backups made before open only with it
};
// refused: a credential, or traces of a rotation that was cut short.
Outcome<RotationFiles> rotation_files(const MasterKeyPlace& place, UtcTime now);

// The order makes every interruption harmless: the new key is durable in `fresh` before the log says that it counts,
// and no key is ever overwritten or removed after that.
Outcome<void> rotate_master_key(const std::filesystem::path& data, const MasterKeyPlace& place,
                                const RotationFiles& files, const crypto::SigningKey& administrator,
                                const Passphrases& passphrases);

}  // namespace flikvakt::admin
