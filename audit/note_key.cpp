#include "audit/note_key.h"

#include <algorithm>

#include "audit/note_text.h"
#include "crypto/hash.h"

namespace flikvakt::audit {
namespace {

// SPEC CHK-5, COS-2
ByteArray<4> key_id_of(NoteAlgorithm algorithm, std::string_view name, BytesView key) {
  const ByteArray<2> newline_and_algorithm = {'\n', static_cast<std::uint8_t>(algorithm)};
  const auto hash = crypto::sha256(as_bytes(name), newline_and_algorithm, key);
  return {hash[0], hash[1], hash[2], hash[3]};
}

}  // namespace

NoteKey::NoteKey(NoteAlgorithm algorithm, std::string name, const crypto::PublicKey& key)
    : algorithm_(algorithm), name_(std::move(name)), verifier_(key), id_(key_id_of(algorithm, name_, key.raw())) {}

Result<NoteKey> NoteKey::make(NoteAlgorithm algorithm, std::string name, const crypto::PublicKey& key) {
  if (key.algorithm() != crypto::KeyAlgorithm::ed25519) return fail(ErrorCode::invalid, "a note key must be Ed25519");
  if (!is_note_name(name))
    return fail(ErrorCode::invalid, "a note key's name must be UTF-8 without spaces and plus signs");
  return NoteKey(algorithm, std::move(name), key);
}

// SPEC CHK-6
Result<NoteKey> NoteKey::parse(NoteAlgorithm algorithm, std::string_view text) {
  const Error malformed = fail(ErrorCode::malformed, "reading a verifier key: not `name+keyid+key`");
  const std::size_t first = text.find('+');
  const std::size_t second = first == text.npos ? text.npos : text.find('+', first + 1);
  if (second == text.npos) return malformed;
  const Result<Bytes> id = from_hex(text.substr(first + 1, second - first - 1));
  const Result<Bytes> key = from_base64(text.substr(second + 1));
  if (!id || !key || key->size() != 33) return malformed;
  if (key->front() != static_cast<std::uint8_t>(algorithm))
    return fail(ErrorCode::malformed, algorithm == NoteAlgorithm::ed25519
                                          ? "reading a verifier key: expected a log's (type 01), not a witness's"
                                          : "reading a verifier key: expected a witness's (type 04), not a log's");
  const auto public_key = TRY(crypto::PublicKey::parse(crypto::KeyAlgorithm::ed25519, BytesView(*key).subspan(1)));
  NoteKey out = TRY(make(algorithm, std::string(text.substr(0, first)), public_key));
  if (!std::ranges::equal(*id, out.id_)) return fail(ErrorCode::invalid, "a verifier key whose key id is another's");
  return out;
}

std::string NoteKey::text() const {
  const Bytes key = ByteWriter().u8(static_cast<std::uint8_t>(algorithm_)).bytes(verifier_.key().raw()).view();
  return name_ + "+" + to_hex(id_) + "+" + to_base64(key);
}

}  // namespace flikvakt::audit
