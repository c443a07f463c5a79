// What a certificate is for, as a key that can be compared and verified with.
#pragma once

#include "crypto/sign.h"
#include "crypto/x509.h"

namespace flikvakt::crypto {

// invalid: neither Ed25519 nor P-256.
Result<PublicKey> certified_key(const Certificate& certificate);

}  // namespace flikvakt::crypto
