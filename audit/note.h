// Signed notes: text that somebody signed. Source: C2SP signed-note; ours: spec/checkpoint.md. Only Ed25519 keys
// (0x01); what witnesses add is in audit/cosignature.h. Values; thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "audit/note_key.h"

namespace flikvakt::audit {

struct NoteSignature {
  std::string name;
  ByteArray<4> key_id{};  // SHA-256(name ‖ "\n" ‖ algorithm ‖ key), first four bytes
  Bytes signature;

  friend bool operator==(const NoteSignature&, const NoteSignature&) = default;
};

struct Note {
  std::string text;  // ends in a newline
  std::vector<NoteSignature> signatures;

  friend bool operator==(const Note&, const Note&) = default;
};

// malformed: anything that write_note() would not have written.
Result<Note> parse_note(std::string_view note);
std::string write_note(const Note& note);
// Its signature lines alone, at least one: what a witness answers.
Result<std::vector<NoteSignature>> parse_signature_lines(std::string_view lines);
std::string write_signature_lines(std::span<const NoteSignature> signatures);

// A name and a public key; its text form is `name+keyid+base64(0x01 ‖ key)`.
class NoteVerifier {
public:
  static Result<NoteVerifier> make(std::string name, const crypto::PublicKey& key);  // invalid: not Ed25519, odd name
  static Result<NoteVerifier> parse(std::string_view text);

  std::string text() const { return key_.text(); }
  const std::string& name() const { return key_.name(); }
  const ByteArray<4>& key_id() const { return key_.id(); }
  const crypto::PublicKey& public_key() const { return key_.public_key(); }
  bool made(const NoteSignature& signature) const {
    return signature.name == key_.name() && signature.key_id == key_.id();
  }
  [[nodiscard]] bool verify(std::string_view text, const NoteSignature& signature) const;

private:
  explicit NoteVerifier(NoteKey key) : key_(std::move(key)) {}
  NoteKey key_;
};

// Signs under a name. Keeps a reference: the key must outlive it.
class NoteSigner {
public:
  static Result<NoteSigner> make(std::string name, const crypto::SigningKey& key);
  NoteSignature sign(std::string_view text) const;
  const NoteVerifier& verifier() const { return verifier_; }

private:
  NoteSigner(NoteVerifier verifier, const crypto::SigningKey& key) : verifier_(std::move(verifier)), key_(&key) {}
  NoteVerifier verifier_;
  const crypto::SigningKey* key_;
};

// `text` signed by each of them, in that order; several while a key is being replaced. invalid: the text is no note's,
// or there is no signer.
Result<std::string> sign_note(std::string_view text, std::span<const NoteSigner> signers);

// The text, and which of the known keys signed it. Signatures of unknown keys are ignored. invalid: no known key
// signed, or a known key's signature is wrong.
struct VerifiedNote {
  std::string text;
  std::vector<std::string> signed_by;  // names, at least one
};
Result<VerifiedNote> open_note(std::string_view note, std::span<const NoteVerifier> known);

}  // namespace flikvakt::audit
