// Keys that are computed from other keys, never stored. HKDF-SHA-256 with a label of its own for each
// (spec/key-wrap.md).
#pragma once

#include "base/ids.h"
#include "crypto/secret.h"

namespace flikvakt::crypto {

// Dropping the person key therefore also drops what lies in the person's state rows.
PersonStateKey derive_person_state_key(const PersonKey& key, const PersonId& person);

// 64 bytes for AES-256-SIV from the 32 that are wrapped.
HandleKey derive_handle_key(const HandleSeed& seed, const OrganisationId& organisation);

// Names a master key without revealing it: the parent id of the wraps under it, and what an operator compares.
KeyId derive_master_key_id(const MasterKey& key);

}  // namespace flikvakt::crypto
