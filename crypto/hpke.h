// Hybrid public key encryption, RFC 9180, in one suite and one mode: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256,
// ChaCha20Poly1305, base mode. Who sends is not proven by it: whoever needs that signs what is sealed
// (crypto/sealed_message.h). What it does not give: forward secrecy towards the recipient's key.
//
// A context belongs to one thread at a time. Errors: invalid (a public key with which no secret can be agreed),
// corrupt.
#pragma once

#include <memory>

#include "crypto/secret.h"

struct evp_pkey_st;  // OpenSSL's EVP_PKEY

namespace flikvakt::crypto::hpke {

using PrivateKey = Key<struct HpkePrivateKeyTag>;
using PublicKey = ByteArray<32>;

inline constexpr std::size_t kEncBytes = 32;
inline constexpr std::size_t kTagBytes = 16;
inline constexpr std::size_t kMostExported = 32;  // RFC 9180 allows more; nothing here needs it

PublicKey public_of(const PrivateKey& key);

class Context;

// A recipient's key ready for many messages: what follows from it is computed once, which costs as much as agreeing on
// a secret with it. Thread-safe; copies share it.
class RecipientKey {
public:
  explicit RecipientKey(const PrivateKey& key);
  const PublicKey& public_key() const { return public_; }

private:
  friend Result<Context> set_up_recipient(const PublicKey& enc, const RecipientKey& recipient, BytesView info);
  std::shared_ptr<evp_pkey_st> loaded_;
  PublicKey public_{};
};

// RFC 9180 section 5.2: seals and opens in the order of the sender, each with the next sequence number.
class Context {
public:
  Bytes seal(BytesView ad, BytesView plaintext);
  // corrupt: another key, order, associated data, or damage. After an error the sequence number stands (section 5.2).
  Result<Bytes> open(BytesView ad, BytesView sealed);
  // Section 5.3; `length` at most kMostExported.
  Secret<32> export_secret(BytesView exporter_context) const;

private:
  friend Context key_schedule(BytesView shared_secret, BytesView info);
  Context() : key_(Secret<32>::zero()), exporter_(Secret<32>::zero()) {}
  ByteArray<12> next_nonce() const;

  Secret<32> key_;
  Secret<32> exporter_;
  ByteArray<12> base_nonce_{};
  std::uint64_t sequence_ = 0;
};

struct Sender {
  PublicKey enc;
  Context context;
};
Result<Sender> set_up_sender(const PublicKey& recipient, BytesView info);
// With an ephemeral key that is given: for vectors alone.
Result<Sender> set_up_sender(const PublicKey& recipient, BytesView info, const PrivateKey& ephemeral);
Result<Context> set_up_recipient(const PublicKey& enc, const RecipientKey& recipient, BytesView info);

// ChaCha20-Poly1305 (RFC 8439) alone. Two plaintexts under the same key and nonce lose both, and whatever else is
// sealed so: whoever calls this derives both from bytes that were drawn for this one.
using Nonce = ByteArray<12>;
Bytes seal_once(const Secret<32>& key, const Nonce& nonce, BytesView ad, BytesView plaintext);
Result<Bytes> open_once(const Secret<32>& key, const Nonce& nonce, BytesView ad, BytesView sealed);

}  // namespace flikvakt::crypto::hpke
