#include "audit/note.h"

#include <algorithm>

#include "audit/note_text.h"

namespace flikvakt::audit {
namespace {

constexpr std::string_view kDash = "\xe2\x80\x94 ";  // em dash, space
constexpr std::size_t kMostSignatures = 100;

Error bad_note(std::string_view what) { return fail(ErrorCode::malformed, "reading a note: " + std::string(what)); }

// SPEC CHK-2
Result<NoteSignature> parse_signature(std::string_view line) {
  if (!line.starts_with(kDash)) return bad_note("a signature line without a dash");
  line.remove_prefix(kDash.size());
  const std::size_t space = line.find(' ');
  if (space == line.npos || !is_note_name(line.substr(0, space))) return bad_note("a signature line without a name");
  Result<Bytes> bytes = from_base64(line.substr(space + 1));
  if (!bytes || bytes->size() <= 4) return bad_note("a signature that is not base64 of a key id and more");
  NoteSignature out;
  out.name = line.substr(0, space);
  std::copy_n(bytes->begin(), 4, out.key_id.begin());
  out.signature.assign(bytes->begin() + 4, bytes->end());
  return out;
}

}  // namespace

Result<std::vector<NoteSignature>> parse_signature_lines(std::string_view lines) {
  if (lines.empty()) return bad_note("no signature");
  if (!is_note_text(lines)) return bad_note("not text of UTF-8 lines");
  std::vector<NoteSignature> out;
  while (!lines.empty()) {
    if (out.size() == kMostSignatures) return bad_note("more than 100 signatures");
    const std::size_t end = lines.find('\n');  // there is one: the text ends in a newline
    out.push_back(TRY(parse_signature(lines.substr(0, end))));
    lines.remove_prefix(end + 1);
  }
  return out;
}

std::string write_signature_lines(std::span<const NoteSignature> signatures) {
  std::string out;
  for (const NoteSignature& signature : signatures) {
    const Bytes bytes = ByteWriter().bytes(signature.key_id).bytes(signature.signature).view();
    out += std::string(kDash) + signature.name + " " + to_base64(bytes) + "\n";
  }
  return out;
}

Result<Note> parse_note(std::string_view note) {
  if (!is_note_text(note)) return bad_note("not text of UTF-8 lines");
  const std::size_t blank = note.rfind("\n\n");
  if (blank == note.npos) return bad_note("no blank line before the signatures");
  Note out;
  out.text = note.substr(0, blank + 1);
  out.signatures = TRY(parse_signature_lines(note.substr(blank + 2)));
  return out;
}

std::string write_note(const Note& note) { return note.text + "\n" + write_signature_lines(note.signatures); }

Result<NoteVerifier> NoteVerifier::make(std::string name, const crypto::PublicKey& key) {
  return NoteVerifier(TRY(NoteKey::make(NoteAlgorithm::ed25519, std::move(name), key)));
}

Result<NoteVerifier> NoteVerifier::parse(std::string_view text) {
  return NoteVerifier(TRY(NoteKey::parse(NoteAlgorithm::ed25519, text)));
}

bool NoteVerifier::verify(std::string_view text, const NoteSignature& signature) const {
  return made(signature) && key_.verify(as_bytes(text), signature.signature);
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
  if (!is_note_text(text)) return fail(ErrorCode::invalid, "signing a note: not text of UTF-8 lines");
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
