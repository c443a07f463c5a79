#include "crypto/hpke.h"

#include <algorithm>
#include <limits>

#include "crypto/hash.h"
#include "crypto/openssl_handles.h"

namespace flikvakt::crypto::hpke {
namespace {

constexpr std::string_view kVersion = "HPKE-v1";
constexpr ByteArray<5> kKemSuite = {'K', 'E', 'M', 0x00, 0x20};  // section 4.1: DHKEM(X25519, HKDF-SHA256)
constexpr ByteArray<10> kSuite = {'H', 'P', 'K', 'E', 0x00, 0x20, 0x00, 0x01, 0x00, 0x03};  // section 5.1
constexpr std::uint8_t kBaseMode = 0x00;

using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, Freed<EVP_CIPHER_CTX_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>>;

// Section 4: LabeledExtract, LabeledExpand. Nothing here is longer than one block of the hash.
Hash256 labeled_extract(BytesView suite, BytesView salt, std::string_view label, BytesView ikm) {
  return hmac_sha256_of(salt, {as_bytes(kVersion), suite, as_bytes(label), ikm});
}
Hash256 labeled_expand(BytesView suite, BytesView prk, std::string_view label, BytesView info, std::uint16_t length) {
  const Bytes size = ByteWriter().u16(length).view();
  const ByteArray<1> first = {1};
  return hmac_sha256_of(prk, {size, as_bytes(kVersion), suite, as_bytes(label), info, first});
}

Pkey loaded(const PrivateKey& key) {
  Pkey out(EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, key.expose().data(), 32));
  must(out != nullptr, "loading an X25519 key");
  return out;
}

PublicKey public_half(const EVP_PKEY* key) {
  PublicKey out{};
  std::size_t length = out.size();
  must(EVP_PKEY_get_raw_public_key(key, out.data(), &length) == 1 && length == out.size(),
       "computing an X25519 public key");
  return out;
}

Result<Secret<32>> agree(EVP_PKEY* own, const PublicKey& peer) {
  const QuietErrors quiet;
  const Pkey other(EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, peer.data(), peer.size()));
  must(other != nullptr, "loading an X25519 key");
  const KeyContext context(EVP_PKEY_CTX_new(own, nullptr));
  must(context && EVP_PKEY_derive_init(context.get()) == 1, "preparing to agree on a secret");
  Secret<32> out = Secret<32>::zero();
  std::size_t length = 32;
  // Section 7.1.4: a peer's key of small order gives zeros, which OpenSSL refuses.
  const bool is_agreed = EVP_PKEY_derive_set_peer(context.get(), other.get()) == 1 &&
                         EVP_PKEY_derive(context.get(), out.expose_mutable().data(), &length) == 1 && length == 32;
  if (!is_agreed) return fail(ErrorCode::invalid, "an X25519 key with which no secret can be agreed");
  return out;
}

// Section 4.1: ExtractAndExpand(dh, enc || pkRm)
Secret<32> shared_secret(const Secret<32>& dh, const PublicKey& enc, const PublicKey& recipient) {
  const Bytes kem_context = ByteWriter().bytes(enc).bytes(recipient).view();
  Hash256 prk = labeled_extract(kKemSuite, {}, "eae_prk", dh.expose());
  Hash256 secret = labeled_expand(kKemSuite, prk, "shared_secret", kem_context, 32);
  Secret<32> out = Secret<32>::copy_from(secret);
  scrub(prk);
  scrub(secret);
  return out;
}

const EVP_CIPHER* algorithm() {
  static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "ChaCha20-Poly1305", nullptr);
  must(cipher != nullptr, "fetching ChaCha20-Poly1305");
  return cipher;
}

int length_of(BytesView bytes) {
  must(bytes.size() <= static_cast<std::size_t>(std::numeric_limits<int>::max()), "more than 2 GiB in one piece");
  return static_cast<int>(bytes.size());
}

Bytes seal_with(const Secret<32>& key, const ByteArray<12>& nonce, BytesView ad, BytesView plaintext) {
  const CipherContext context(EVP_CIPHER_CTX_new());
  must(context != nullptr, "making a cipher context");
  Bytes out(plaintext.size() + kTagBytes);
  int written = 0;
  must(EVP_EncryptInit_ex2(context.get(), algorithm(), key.expose().data(), nonce.data(), nullptr) == 1,
       "setting a key");
  if (!ad.empty())
    must(EVP_EncryptUpdate(context.get(), nullptr, &written, ad.data(), length_of(ad)) == 1, "binding data");
  if (!plaintext.empty())
    must(EVP_EncryptUpdate(context.get(), out.data(), &written, plaintext.data(), length_of(plaintext)) == 1,
         "encrypting");
  std::uint8_t* const tag = out.data() + plaintext.size();
  must(EVP_EncryptFinal_ex(context.get(), tag, &written) == 1 && written == 0, "ending an encryption");
  must(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kTagBytes, tag) == 1, "taking the tag");
  return out;
}

Result<Bytes> open_with(const Secret<32>& key, const ByteArray<12>& nonce, BytesView ad, BytesView sealed) {
  if (sealed.size() < kTagBytes) return fail(ErrorCode::corrupt, "opening a sealed message: shorter than a tag");
  const CipherContext context(EVP_CIPHER_CTX_new());
  must(context != nullptr, "making a cipher context");
  const BytesView ciphertext = sealed.first(sealed.size() - kTagBytes);
  ByteArray<kTagBytes> tag = *to_array<kTagBytes>(sealed.last(kTagBytes));
  Bytes out(ciphertext.size());
  int written = 0;
  must(EVP_DecryptInit_ex2(context.get(), algorithm(), key.expose().data(), nonce.data(), nullptr) == 1,
       "setting a key");
  if (!ad.empty())
    must(EVP_DecryptUpdate(context.get(), nullptr, &written, ad.data(), length_of(ad)) == 1, "binding data");
  if (!ciphertext.empty())
    must(EVP_DecryptUpdate(context.get(), out.data(), &written, ciphertext.data(), length_of(ciphertext)) == 1,
         "decrypting");
  must(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kTagBytes, tag.data()) == 1, "giving the tag");
  std::uint8_t rest[kTagBytes];
  if (EVP_DecryptFinal_ex(context.get(), rest, &written) != 1) {
    scrub(out);
    return fail(ErrorCode::corrupt, "opening a sealed message: damaged, or sealed for another key or use");
  }
  return out;
}

}  // namespace

PublicKey public_of(const PrivateKey& key) { return public_half(loaded(key).get()); }

RecipientKey::RecipientKey(const PrivateKey& key) : loaded_(loaded(key)), public_(public_half(loaded_.get())) {}

// Section 5.1: psk and psk_id are empty in base mode.
Context key_schedule(BytesView shared_secret, BytesView info) {
  const Hash256 psk_id_hash = labeled_extract(kSuite, {}, "psk_id_hash", {});
  const Hash256 info_hash = labeled_extract(kSuite, {}, "info_hash", info);
  const Bytes context = ByteWriter().u8(kBaseMode).bytes(psk_id_hash).bytes(info_hash).view();
  Hash256 secret = labeled_extract(kSuite, shared_secret, "secret", {});
  Context out;
  Hash256 key = labeled_expand(kSuite, secret, "key", context, 32);
  Hash256 exporter = labeled_expand(kSuite, secret, "exp", context, 32);
  const Hash256 nonce = labeled_expand(kSuite, secret, "base_nonce", context, 12);
  out.key_ = Secret<32>::copy_from(key);
  out.exporter_ = Secret<32>::copy_from(exporter);
  std::copy_n(nonce.begin(), out.base_nonce_.size(), out.base_nonce_.begin());
  for (Hash256* one : {&secret, &key, &exporter}) scrub(*one);
  return out;
}

ByteArray<12> Context::next_nonce() const {
  ByteArray<12> nonce = base_nonce_;
  for (std::size_t i = 0; i < 8; ++i) nonce[11 - i] ^= static_cast<std::uint8_t>(sequence_ >> (8 * i));
  return nonce;
}

Bytes Context::seal(BytesView ad, BytesView plaintext) {
  Bytes out = seal_with(key_, next_nonce(), ad, plaintext);
  must(++sequence_ != 0, "using a context for too long");
  return out;
}

Result<Bytes> Context::open(BytesView ad, BytesView sealed) {
  Bytes out = TRY(open_with(key_, next_nonce(), ad, sealed));
  must(++sequence_ != 0, "using a context for too long");
  return out;
}

Secret<32> Context::export_secret(BytesView exporter_context) const {
  Hash256 found = labeled_expand(kSuite, exporter_.expose(), "sec", exporter_context, kMostExported);
  Secret<32> out = Secret<32>::copy_from(found);
  scrub(found);
  return out;
}

Result<Sender> set_up_sender(const PublicKey& recipient, BytesView info, const PrivateKey& ephemeral) {
  const Pkey own = loaded(ephemeral);
  const PublicKey enc = public_half(own.get());
  const Secret<32> dh = TRY(agree(own.get(), recipient));
  return Sender{enc, key_schedule(shared_secret(dh, enc, recipient).expose(), info)};
}

Result<Sender> set_up_sender(const PublicKey& recipient, BytesView info) {
  return set_up_sender(recipient, info, PrivateKey::random());
}

Result<Context> set_up_recipient(const PublicKey& enc, const RecipientKey& recipient, BytesView info) {
  const Secret<32> dh = TRY(agree(recipient.loaded_.get(), enc));
  return key_schedule(shared_secret(dh, enc, recipient.public_).expose(), info);
}

Bytes seal_once(const Secret<32>& key, const Nonce& nonce, BytesView ad, BytesView plaintext) {
  return seal_with(key, nonce, ad, plaintext);
}
Result<Bytes> open_once(const Secret<32>& key, const Nonce& nonce, BytesView ad, BytesView sealed) {
  return open_with(key, nonce, ad, sealed);
}

}  // namespace flikvakt::crypto::hpke
