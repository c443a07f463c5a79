// Between raw key bytes and OpenSSL's EVP_PKEY. For files inside crypto/ only.
#pragma once

#include "crypto/openssl_handles.h"
#include "crypto/sign.h"

namespace flikvakt::crypto {

Pkey load_public_key(KeyAlgorithm algorithm, BytesView raw);  // null when OpenSSL refuses it
Pkey load_private_key(KeyAlgorithm algorithm, BytesView seed);

// invalid when it is neither Ed25519 nor P-256.
Result<KeyAlgorithm> algorithm_of(const EVP_PKEY& key);
Bytes public_bytes(const EVP_PKEY& key, KeyAlgorithm algorithm);  // as PublicKey::raw
SigningSeed private_bytes(const EVP_PKEY& key, KeyAlgorithm algorithm);

constexpr std::size_t kMaxPemBytes = 64 * 1024;
Bio read_pem(std::string_view pem);  // as empty unless it is one block of at most kMaxPemBytes

// A pem_password_cb: a PEM file that asks for a passphrase is refused, never prompted for.
int refuse_passphrase(char* buffer, int size, int writing, void* context);

}  // namespace flikvakt::crypto
