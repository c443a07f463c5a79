// Passkeys: CBOR, authenticator data, client data, registrations and assertions as they come from a browser. Nobody but
// the key's holder answers a challenge; a third of the inputs are answered here and then damaged by one byte.
#include "crypto/cbor.h"
#include "crypto/webauthn.h"
#include "tests/crypto/software_authenticator.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/targets.h"

namespace flikvakt::fuzz {
namespace {

const crypto::PasskeyContext kContext{"portal.example", "https://portal.example", {1, 2, 3}};

const crypto::SigningKey& fixed_key() {
  static const auto kKey =
      crypto::SigningKey::from_seed(crypto::KeyAlgorithm::p256, fixed_secret<crypto::SigningSeed>(0x2a)).value();
  return kKey;
}

void check_cbor(BytesView in) {
  BytesView rest = in;
  const Result<crypto::Cbor> item = crypto::Cbor::take(rest);
  claim(item.has_value() == crypto::Cbor::parse(in.first(in.size() - (item ? rest.size() : 0))).has_value(),
        "an item by itself is an item");
  if (!item) return;
  claim(rest.size() < in.size(), "an item has at least one byte");
  const Result<crypto::WebKey> key = crypto::WebKey::from_cose(*item);
  if (!key) return;
  const Result<crypto::WebKey> again = crypto::WebKey::from_jwk(key->to_jwk());
  claim(again && *again == *key, "a key written as a JWK is the same key");
}

void check_parts(BytesView in) {
  (void)crypto::parse_authenticator_data(in);
  const Result<crypto::ClientData> client = crypto::parse_client_data(in);
  if (client) claim(crypto::parse_client_data(in)->origin == client->origin, "what is read is read again");
  (void)crypto::is_origin_of(as_text(in), "portal.example");
}

void check_received(BytesView in) {
  ByteReader reader(in);
  const std::size_t size = reader.u16();
  const BytesView client = reader.bytes(std::min(size, reader.left()));
  const BytesView data = reader.bytes(reader.left());
  (void)crypto::verify_registration({to_bytes(client), to_bytes(data)}, kContext);
  const crypto::PasskeyAssertion answer{{1}, to_bytes(client), to_bytes(data), Bytes(70, 0x30)};
  claim(!crypto::verify_assertion(answer, crypto::WebKey(fixed_key().public_key()), kContext),
        "nobody but the key's holder answers");
}

void check_damaged(BytesView in) {
  ByteReader reader(in);
  const std::size_t place = reader.u16();
  const std::uint8_t damage = reader.u8();
  const std::string client = R"({"type":"webauthn.get","challenge":")" + to_base64url(kContext.challenge) +
                             R"(","origin":"https://portal.example"})";
  const Bytes data = ByteWriter().bytes(crypto::sha256(as_bytes(kContext.rp_id))).u8(0x05).u32(reader.u32()).view();
  Bytes text = data;
  const crypto::Hash256 hash = crypto::sha256(as_bytes(client));
  text.insert(text.end(), hash.begin(), hash.end());
  crypto::PasskeyAssertion answer{{1}, to_bytes(as_bytes(client)), data, test::der_of(fixed_key().sign(text))};
  const crypto::WebKey key(fixed_key().public_key());
  claim(crypto::verify_assertion(answer, key, kContext).has_value(), "what is answered here verifies");
  if (damage == 0) return;
  Bytes& part = place % 2 == 0 ? answer.client_data : answer.authenticator_data;
  part[place / 2 % part.size()] ^= damage;
  claim(!crypto::verify_assertion(answer, key, kContext), "a changed byte is found");
}

}  // namespace

void passkey(BytesView in) {
  switch (choose(in, 4)) {
    case 0:
      return check_cbor(in);
    case 1:
      return check_parts(in);
    case 2:
      return check_received(in);
    default:
      return check_damaged(in);
  }
}

}  // namespace flikvakt::fuzz
