#include "audit/note.h"

#include <algorithm>

#include "crypto/hash.h"

namespace flikvakt::audit {
namespace {

constexpr std::string_view kDash = "\xe2\x80\x94 ";  // em dash, space
constexpr std::uint8_t kEd25519 = 0x01;
constexpr std::size_t kMostNoteBytes = 64 * 1024;
constexpr std::size_t kMostSignatures = 100;

Error bad_note(std::string_view what) { return fail(ErrorCode::malformed, "reading a note: " + std::string(what)); }

// One character of UTF-8 at the front of `text`, and its length; 0 when it is not well-formed (RFC 3629).
std::pair<char32_t, std::size_t> first_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = byte(0);
  const std::size_t length = lead < 0x80 ? 1 : lead >> 5 == 6 ? 2 : lead >> 4 == 14 ? 3 : lead >> 3 == 30 ? 4 : 0;
  if (length == 0 || length > text.size()) return {0, 0};
  constexpr std::array<std::uint8_t, 5> kMask = {0, 0x7f, 0x1f, 0x0f, 0x07};
  constexpr std::array<char32_t, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
  char32_t character = lead & kMask[length];
  for (std::size_t i = 1; i < length; ++i) {
    if (byte(i) >> 6 != 2) return {0, 0};
    character = character << 6 | (byte(i) & 0x3fu);
  }
  const bool surrogate = character >= 0xd800 && character <= 0xdfff;
  if (character < kLeast[length] || surrogate || character > 0x10ffff) return {0, 0};
  return {character, length};
}

template <class Accept>
bool all_characters(std::string_view text, Accept accept) {
  while (!text.empty()) {
    const auto [character, length] = first_character(text);
    if (length == 0 || !accept(character)) return false;
    text.remove_prefix(length);
  }
  return true;
}

// White_Space of Unicode 15.
bool is_space(char32_t c) {
  return (c >= 9 && c <= 13) || c == 0x20 || c == 0x85 || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) ||
         c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

// SPEC CHK-4
bool is_name(std::string_view name) {
  return !name.empty() && all_characters(name, [](char32_t c) { return c >= 0x20 && !is_space(c) && c != '+'; });
}

// SPEC CHK-1
bool is_text(std::string_view text) {
  return text.ends_with('\n') && text.size() <= kMostNoteBytes &&
         all_characters(text, [](char32_t c) { return c >= 0x20 || c == '\n'; });
}

// SPEC CHK-5
ByteArray<4> key_id_of(std::string_view name, BytesView key) {
  constexpr ByteArray<2> kNewlineAndAlgorithm = {'\n', kEd25519};
  const auto hash = crypto::sha256(as_bytes(name), kNewlineAndAlgorithm, key);
  return {hash[0], hash[1], hash[2], hash[3]};
}

// SPEC CHK-2
Result<NoteSignature> parse_signature(std::string_view line) {
  if (!line.starts_with(kDash)) return bad_note("a signature line without a dash");
  line.remove_prefix(kDash.size());
  const std::size_t space = line.find(' ');
  if (space == line.npos || !is_name(line.substr(0, space))) return bad_note("a signature line without a name");
  Result<Bytes> bytes = from_base64(line.substr(space + 1));
  if (!bytes || bytes->size() <= 4) return bad_note("a signature that is not base64 of a key id and more");
  NoteSignature out;
  out.name = line.substr(0, space);
  std::copy_n(bytes->begin(), 4, out.key_id.begin());
  out.signature.assign(bytes->begin() + 4, bytes->end());
  return out;
}

}  // namespace

Result<Note> parse_note(std::string_view note) {
  if (!is_text(note)) return bad_note("not text of UTF-8 lines");
  const std::size_t blank = note.rfind("\n\n");
  if (blank == note.npos) return bad_note("no blank line before the signatures");
  Note out;
  out.text = note.substr(0, blank + 1);
  std::string_view lines = note.substr(blank + 2);
  while (!lines.empty()) {
    if (out.signatures.size() == kMostSignatures) return bad_note("more than 100 signatures");
    const std::size_t end = lines.find('\n');  // there is one: a note ends in a newline
    out.signatures.push_back(TRY(parse_signature(lines.substr(0, end))));
    lines.remove_prefix(end + 1);
  }
  if (out.signatures.empty()) return bad_note("no signature");
  return out;
}

std::string write_note(const Note& note) {
  std::string out = note.text + "\n";
  for (const NoteSignature& signature : note.signatures) {
    const Bytes bytes = ByteWriter().bytes(signature.key_id).bytes(signature.signature).view();
    out += std::string(kDash) + signature.name + " " + to_base64(bytes) + "\n";
  }
  return out;
}

NoteVerifier::NoteVerifier(std::string name, const crypto::PublicKey& key)
    : name_(std::move(name)), verifier_(key), key_id_(key_id_of(name_, key.raw())) {}

Result<NoteVerifier> NoteVerifier::make(std::string name, const crypto::PublicKey& key) {
  if (key.algorithm() != crypto::KeyAlgorithm::ed25519) return fail(ErrorCode::invalid, "a note key must be Ed25519");
  if (!is_name(name)) return fail(ErrorCode::invalid, "a note key's name must be UTF-8 without spaces and plus signs");
  return NoteVerifier(std::move(name), key);
}

// SPEC CHK-6
Result<NoteVerifier> NoteVerifier::parse(std::string_view text) {
  const Error malformed = fail(ErrorCode::malformed, "reading a verifier key: not `name+keyid+key`");
  const std::size_t first = text.find('+');
  const std::size_t second = first == text.npos ? text.npos : text.find('+', first + 1);
  if (second == text.npos) return malformed;
  const Result<Bytes> id = from_hex(text.substr(first + 1, second - first - 1));
  const Result<Bytes> key = from_base64(text.substr(second + 1));
  if (!id || !key || key->size() != 33 || key->front() != kEd25519) return malformed;
  const auto public_key = TRY(crypto::PublicKey::parse(crypto::KeyAlgorithm::ed25519, BytesView(*key).subspan(1)));
  NoteVerifier out = TRY(make(std::string(text.substr(0, first)), public_key));
  if (!std::ranges::equal(*id, out.key_id_))
    return fail(ErrorCode::invalid, "a verifier key whose key id is another's");
  return out;
}

std::string NoteVerifier::text() const {
  const Bytes key = ByteWriter().u8(kEd25519).bytes(verifier_.key().raw()).view();
  return name_ + "+" + to_hex(key_id_) + "+" + to_base64(key);
}

bool NoteVerifier::verify(std::string_view text, const NoteSignature& signature) const {
  return made(signature) && verifier_.verify(as_bytes(text), signature.signature);
}

Result<NoteSigner> NoteSigner::make(std::string name, const crypto::SigningKey& key) {
  return NoteSigner(TRY(NoteVerifier::make(std::move(name), key.public_key())), key);
}

// SPEC CHK-3
NoteSignature NoteSigner::sign(std::string_view text) const {
  const auto signature = key_->sign(as_bytes(text));
  return {verifier_.name(), verifier_.key_id(), to_bytes(signature)};
}

Result<std::string> sign_note(std::string_view text, std::span<const NoteSigner> signers) {
  if (!is_text(text)) return fail(ErrorCode::invalid, "signing a note: not text of UTF-8 lines");
  if (signers.empty()) return fail(ErrorCode::invalid, "signing a note: nobody signs");
  Note note{std::string(text), {}};
  for (const NoteSigner& signer : signers) note.signatures.push_back(signer.sign(text));
  return write_note(note);
}

// SPEC CHK-7
Result<VerifiedNote> open_note(std::string_view note, std::span<const NoteVerifier> known) {
  Note parsed = TRY(parse_note(note));
  VerifiedNote out;
  for (const NoteSignature& signature : parsed.signatures) {
    for (const NoteVerifier& verifier : known) {
      if (!verifier.made(signature)) continue;
      if (!verifier.verify(parsed.text, signature))
        return fail(ErrorCode::invalid, "reading a note: the signature of a known key is wrong");
      out.signed_by.push_back(verifier.name());
    }
  }
  if (out.signed_by.empty()) return fail(ErrorCode::invalid, "reading a note: no known key signed it");
  out.text = std::move(parsed.text);
  return out;
}

}  // namespace flikvakt::audit
