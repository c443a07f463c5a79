#include "crypto/sealed_message.h"

#include <algorithm>

#include "base/json.h"
#include "crypto/hash.h"
#include "crypto/labels.h"
#include "crypto/random.h"

namespace flikvakt::crypto {
namespace {

constexpr std::string_view kRequestMagic = "FVS1";
constexpr std::string_view kAnswerMagic = "FVA1";
constexpr std::size_t kHeaderBytes = 4 + 8 + 16;
constexpr std::size_t kDrawnBytes = 32;  // for each answer: the longer of key and nonce
constexpr std::size_t kSmallestRequest = kHeaderBytes + hpke::kEncBytes + kSignatureBytes + 4 + hpke::kTagBytes;

Error malformed(std::string_view what) {
  return fail(ErrorCode::malformed, "reading a sealed message: " + std::string(what));
}

BytesView info() { return as_bytes(labels::kEndToEnd.text()); }

// SPEC E2E-11
Bytes text_to_sign(BytesView header, BytesView enc, BytesView message) {
  return ByteWriter()
      .text(labels::kEndToEndSignature.text())
      .u8(0)
      .bytes(header)
      .bytes(enc)
      .bytes(sha256(message))
      .view();
}

AnswerKey answer_key(const hpke::Context& context, const hpke::PublicKey& enc, BytesView request) {
  return {context.export_secret(as_bytes(labels::kEndToEndAnswer.text())), enc, sha256(request)};
}

// SPEC E2E-20: as RFC 9458 section 4.4 has it, with its words for the two.
struct OneAnswer {
  Secret<32> key;
  hpke::Nonce nonce;
};
OneAnswer one_answer(const Secret<32>& secret, const hpke::PublicKey& enc, BytesView drawn) {
  const Bytes salt = ByteWriter().bytes(enc).bytes(drawn).view();
  OneAnswer out{hkdf_sha256(secret.expose(), salt, as_bytes("key")), {}};
  const Secret<32> nonce = hkdf_sha256(secret.expose(), salt, as_bytes("nonce"));
  std::copy_n(nonce.expose().begin(), out.nonce.size(), out.nonce.begin());
  return out;
}

Bytes bound_to(const Hash256& request) { return ByteWriter().text(kAnswerMagic).bytes(request).view(); }

json::object headers_json(const std::map<std::string, std::string>& headers) {
  json::object out;
  for (const auto& [name, value] : headers) out[name] = value;
  return out;
}

Result<std::map<std::string, std::string>> headers_from(const json::value* value) {
  if (!value || !value->is_object()) return malformed("`headers` is no object");
  std::map<std::string, std::string> out;
  for (const auto& [name, one] : value->get_object()) {
    if (!one.is_string()) return malformed("a header that is no text");
    out[std::string(name)] = std::string(one.get_string());
  }
  return out;
}

Bytes with_head(const json::object& head, BytesView body) {
  const std::string text = json::serialize(head);
  return ByteWriter()
      .reserve(4 + text.size() + body.size())
      .u32(static_cast<std::uint32_t>(text.size()))
      .text(text)
      .bytes(body)
      .view();
}

struct Parts {
  json::object head;
  Bytes body;
};
Result<Parts> take_apart(BytesView message) {
  ByteReader in(message);
  const std::uint32_t length = in.u32();
  if (!in.ok() || length > kMaxSealedHead) return malformed("the length of its head");
  const BytesView text = in.bytes(length);
  if (!in.ok()) return malformed("it ends within its head");
  json::value head = TRY(parse_json(as_text(text)));
  if (!head.is_object()) return malformed("its head is no object");
  if (in.left() > kMaxSealedBody) return malformed("its body is too long");
  return Parts{std::move(head.get_object()), to_bytes(in.bytes(in.left()))};
}

Result<std::string> text_in(const json::object& head, std::string_view name) {
  const json::value* found = head.if_contains(name);
  if (!found || !found->is_string()) return malformed("`" + std::string(name) + "` is missing");
  return std::string(found->get_string());
}
Result<std::uint64_t> number_in(const json::object& head, std::string_view name) {
  const json::value* found = head.if_contains(name);
  if (!found || !found->is_int64() || found->get_int64() < 0)
    return malformed("`" + std::string(name) + "` is missing");
  return static_cast<std::uint64_t>(found->get_int64());
}

Result<SealedHead> request_head(const json::object& head) {
  if (head.size() != 5) return malformed("a head of other members");
  SealedHead out;
  out.session = TRY(text_in(head, "session"));
  out.number = TRY(number_in(head, "number"));
  out.method = TRY(text_in(head, "method"));
  out.target = TRY(text_in(head, "target"));
  out.headers = TRY(headers_from(head.if_contains("headers")));
  return out;
}

}  // namespace

SealKeyId seal_key_id(const hpke::PublicKey& key) {
  const Hash256 hash = sha256(key);
  SealKeyId out{};
  std::copy_n(hash.begin(), out.size(), out.begin());
  return out;
}

// SPEC E2E-20
Bytes AnswerKey::seal(const AnswerHead& head, BytesView body) const {
  const Bytes plain =
      with_head({{"status", static_cast<std::int64_t>(head.status)}, {"headers", headers_json(head.headers)}}, body);
  const auto drawn = random_bytes<kDrawnBytes>();
  const OneAnswer with = one_answer(*secret_, enc_, drawn);
  const Bytes sealed = hpke::seal_once(with.key, with.nonce, bound_to(request_), plain);
  return ByteWriter().reserve(4 + drawn.size() + sealed.size()).text(kAnswerMagic).bytes(drawn).bytes(sealed).view();
}

Result<AnswerKey::Answer> AnswerKey::open(BytesView message) const {
  if (message.size() < 4 + kDrawnBytes + hpke::kTagBytes || as_text(message.first(4)) != kAnswerMagic)
    return malformed("no sealed answer");
  const OneAnswer with = one_answer(*secret_, enc_, message.subspan(4, kDrawnBytes));
  Bytes plain = TRY(hpke::open_once(with.key, with.nonce, bound_to(request_), message.subspan(4 + kDrawnBytes)));
  Parts parts = TRY(take_apart(plain));
  scrub(plain);
  Answer out;
  out.head.status = TRY(number_in(parts.head, "status"));
  out.head.headers = TRY(headers_from(parts.head.if_contains("headers")));
  out.body = std::move(parts.body);
  return out;
}

// SPEC E2E-10, E2E-11
Result<SealedRequest> seal_request(const hpke::PublicKey& gateway, const ConnectorId& connector, const SigningKey& key,
                                   const SealedHead& head, BytesView body) {
  if (body.size() > kMaxSealedBody) return fail(ErrorCode::invalid, "sealing a message: more than 1 MiB");
  const json::object as_json{{"session", head.session},
                             {"number", static_cast<std::int64_t>(head.number)},
                             {"method", head.method},
                             {"target", head.target},
                             {"headers", headers_json(head.headers)}};
  Bytes message = with_head(as_json, body);
  const Bytes header = ByteWriter().text(kRequestMagic).bytes(seal_key_id(gateway)).bytes(connector.value()).view();
  hpke::Sender sender = TRY(hpke::set_up_sender(gateway, info()));
  Bytes plain = ByteWriter()
                    .reserve(kSignatureBytes + message.size())
                    .bytes(key.sign(text_to_sign(header, sender.enc, message)))
                    .bytes(message)
                    .view();
  const Bytes sealed = sender.context.seal(header, plain);
  scrub(plain);
  scrub(message);
  Bytes whole = ByteWriter()
                    .reserve(header.size() + sender.enc.size() + sealed.size())
                    .bytes(header)
                    .bytes(sender.enc)
                    .bytes(sealed)
                    .view();
  AnswerKey answer = answer_key(sender.context, sender.enc, whole);
  return SealedRequest{std::move(whole), std::move(answer)};
}

std::optional<SealKeyId> key_of_request(BytesView message) {
  if (message.size() < kSmallestRequest || message.size() > kMaxSealedMessage) return std::nullopt;
  if (as_text(message.first(4)) != kRequestMagic) return std::nullopt;
  return *to_array<8>(message.subspan(4, 8));
}

// SPEC E2E-12
Result<OpenedRequest> open_request(BytesView message, const hpke::RecipientKey& gateway) {
  if (!key_of_request(message)) return malformed("no sealed request");
  const BytesView header = message.first(kHeaderBytes);
  const hpke::PublicKey enc = *to_array<hpke::kEncBytes>(message.subspan(kHeaderBytes, hpke::kEncBytes));
  hpke::Context context = TRY(hpke::set_up_recipient(enc, gateway, info()));
  Bytes plain = TRY(context.open(header, message.subspan(kHeaderBytes + hpke::kEncBytes)));
  Bytes text = text_to_sign(header, enc, BytesView(plain).subspan(kSignatureBytes));
  const ConnectorId connector(*to_array<16>(header.subspan(12)));
  return OpenedRequest(connector, std::move(plain), std::move(text), answer_key(context, enc, message));
}

Result<OpenedRequest::Verified> OpenedRequest::verify(const Verifier& key) && {
  const BytesView plain = plaintext_;
  if (!key.verify(signed_, plain.first(kSignatureBytes)))
    return fail(ErrorCode::denied, "a sealed message that another key signed");
  Parts parts = TRY(take_apart(plain.subspan(kSignatureBytes)));
  scrub(plaintext_);
  return Verified{TRY(request_head(parts.head)), std::move(parts.body)};
}

Bytes text_of_key_proof(const ConnectorId& connector, std::string_view public_key_pem) {
  return ByteWriter()
      .text(labels::kConnectorTlsKey.text())
      .u8(0)
      .bytes(connector.value())
      .bytes(sha256(as_bytes(public_key_pem)))
      .view();
}

Result<OpenedRequest::Claim> OpenedRequest::claim() const {
  Parts parts = TRY(take_apart(BytesView(plaintext_).subspan(kSignatureBytes)));
  return Claim{TRY(request_head(parts.head)), std::move(parts.body)};
}

}  // namespace flikvakt::crypto
