// Sealed messages of connectors and their answers: as they come, and as whoever holds a connector's key can make them.
#include "crypto/sealed_message.h"

#include "crypto/labels.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/targets.h"

namespace flikvakt::fuzz {
namespace {

using namespace flikvakt::crypto;

const SigningKey& connector_key() {
  static const SigningKey key = SigningKey::generate(KeyAlgorithm::ed25519);
  return key;
}

hpke::RecipientKey gateway_key() { return hpke::RecipientKey(fixed_secret<hpke::PrivateKey>(7)); }
const ConnectorId kConnector(ByteArray<16>{1, 2, 3});

// Nothing of what comes from who has no key is taken for a connector's.
void check_any(BytesView in) {
  const hpke::RecipientKey key = gateway_key();
  const auto opened = open_request(in, key);
  claim(!opened || key_of_request(in).has_value(), "what opens has the form");
  if (opened) (void)opened->claim();
}

// What a connector that turned against us can seal: whatever stands behind the signature that nobody checked yet.
void check_inside(BytesView in) {
  ByteReader reader(in);
  const bool is_framed = reader.u8() % 2 == 1;
  const BytesView rest = reader.bytes(reader.left());
  const Bytes header =
      ByteWriter().text("FVS1").bytes(seal_key_id(gateway_key().public_key())).bytes(kConnector.value()).view();
  hpke::Sender sender = hpke::set_up_sender(gateway_key().public_key(), as_bytes(labels::kEndToEnd.text())).value();
  Bytes plain(kSignatureBytes, 0);
  if (is_framed) {
    const Bytes length = ByteWriter().u32(static_cast<std::uint32_t>(rest.size())).view();
    plain.insert(plain.end(), length.begin(), length.end());
  }
  plain.insert(plain.end(), rest.begin(), rest.end());
  const Bytes sealed = sender.context.seal(header, plain);
  const Bytes whole = ByteWriter().bytes(header).bytes(sender.enc).bytes(sealed).view();
  auto opened = open_request(whole, gateway_key());
  claim(opened.has_value() == (plain.size() >= kSignatureBytes + 4), "what is sealed so opens when it has the form");
  if (!opened) return;
  claim(opened->connector() == kConnector, "it names its connector");
  const auto said = opened->claim();
  claim(!said || said->head.number <= std::uint64_t{INT64_MAX}, "numbers are within their range");
  claim(!said || said->body.size() <= kMaxSealedBody, "bodies are within theirs");
  claim(!std::move(*opened).verify(Verifier(connector_key().public_key())), "nobody but the key's holder signs");
}

// A head and a body of the input's; then one byte changed.
void check_whole(BytesView in) {
  ByteReader reader(in);
  const std::uint32_t place = reader.u32();
  const std::uint8_t how = reader.u8();
  SealedHead head;
  head.number = reader.u32();
  head.method = "POST";
  head.target = "/v1/" + to_hex(reader.bytes(std::min<std::size_t>(reader.left(), reader.u8() % 16)));
  head.headers["content-type"] = "application/json";
  const BytesView body = reader.bytes(reader.left());
  const hpke::RecipientKey key = gateway_key();
  const SealedRequest request = seal_request(key.public_key(), kConnector, connector_key(), head, body).value();
  auto opened = open_request(request.message, key);
  claim(opened.has_value(), "what was sealed opens");
  const AnswerKey answer_key = opened->answer();
  const auto asked = std::move(*opened).verify(Verifier(connector_key().public_key()));
  claim(asked && asked->body == to_bytes(body) && asked->head.target == head.target, "and is what was sealed");
  Bytes answer = answer_key.seal({200, {}}, body);
  const auto answered = request.answer.open(answer);
  claim(answered && answered->body == to_bytes(body), "so does its answer");
  if (how == 0) return;
  Bytes changed = request.message;
  changed[place % changed.size()] ^= how;
  claim(!open_request(changed, key), "a changed byte is found");
  answer[place % answer.size()] ^= how;
  claim(!request.answer.open(answer), "in the answer too");
}

}  // namespace

void end_to_end(BytesView in) {
  switch (choose(in, 3)) {
    case 0:
      return check_any(in);
    case 1:
      return check_inside(in);
    default:
      return check_whole(in);
  }
}

}  // namespace flikvakt::fuzz
