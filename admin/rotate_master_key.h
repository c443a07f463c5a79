// `flikvakt keys rotate`: a new master key for a gateway that is stopped.
#pragma once

#include "admin/open_core.h"
#include "crypto/sign.h"

namespace flikvakt::admin {

// The order makes every interruption harmless: the new key is durable in DIR/master-key.new before the log says that it
// counts, and the old one goes only after that. `old` must be a sealed file.
Outcome<void> rotate_master_key(const std::filesystem::path& data, const MasterKeyPlace& old,
                                const crypto::SigningKey& administrator, const Passphrases& passphrases);

}  // namespace flikvakt::admin
