// JWS and JWK: no text but the signed one verifies. A third of the inputs are signed here and then damaged by one byte.
#include "crypto/jws.h"
#include "base/json.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/targets.h"

namespace flikvakt::fuzz {
namespace {

using crypto::KeyAlgorithm;

const crypto::SigningKey& key_for(KeyAlgorithm algorithm) {
  static const auto make = [](KeyAlgorithm chosen) {
    return crypto::SigningKey::from_seed(chosen, fixed_secret<crypto::SigningSeed>(0x2a)).value();
  };
  static const crypto::SigningKey ed25519 = make(KeyAlgorithm::ed25519);
  static const crypto::SigningKey p256 = make(KeyAlgorithm::p256);
  return algorithm == KeyAlgorithm::ed25519 ? ed25519 : p256;
}

void check_received(std::string_view text) {
  const Result<crypto::ParsedJws> jws = crypto::parse_jws(text);
  if (!jws) return;
  claim(!jws->kid().empty() && !jws->typ().empty(), "kid and typ are there");
  const Result<Bytes> payload = crypto::verify_jws(*jws, key_for(jws->alg()).public_key(), jws->typ());
  claim(!payload, "nobody but the key's holder signs");
}

void check_damaged(BytesView in, KeyAlgorithm algorithm) {
  ByteReader reader(in);
  const std::size_t place = reader.u16();
  const std::uint8_t damage = reader.u8();
  const std::string_view typ = as_text(reader.bytes(std::min<std::size_t>(reader.u8(), reader.left())));
  const BytesView payload = reader.bytes(reader.left());
  const Result<std::string> text = crypto::sign_jws(key_for(algorithm), typ, "key-1", payload);
  if (!text) return;
  const Result<crypto::ParsedJws> jws = crypto::parse_jws(*text);
  claim(jws.has_value(), "what is signed here parses");
  const Result<Bytes> opened = crypto::verify_jws(*jws, key_for(algorithm).public_key(), typ);
  claim(opened && std::ranges::equal(*opened, payload), "the payload comes back, byte for byte");
  if (damage == 0) return;
  std::string other = *text;
  other[place % other.size()] = static_cast<char>(other[place % other.size()] ^ damage);
  const Result<crypto::ParsedJws> parsed = crypto::parse_jws(other);
  claim(!parsed || !crypto::verify_jws(*parsed, key_for(algorithm).public_key(), typ), "a changed byte is found");
}

void check_jwk(std::string_view text) {
  const Result<json::value> value = parse_json(text);
  const Result<crypto::PublicKey> key = value ? crypto::PublicKey::from_jwk(*value) : crypto::PublicKey::from_pem(text);
  if (!key) return;
  const Result<crypto::PublicKey> again = crypto::PublicKey::from_jwk(key->to_jwk());
  claim(again && *again == *key, "a key written as a JWK is the same key");
  claim(!key->verify(as_bytes(text), Bytes(crypto::kSignatureBytes)), "zeros are no signature");
}

}  // namespace

void jws(BytesView in) {
  switch (choose(in, 4)) {
    case 0:
      return check_damaged(in, KeyAlgorithm::ed25519);
    case 1:
      return check_damaged(in, KeyAlgorithm::p256);
    case 2:
      return check_jwk(as_text(in));
    default:
      return check_received(as_text(in));
  }
}

}  // namespace flikvakt::fuzz
