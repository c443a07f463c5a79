// Signed notes: text that somebody signed. Source: C2SP signed-note; ours: spec/checkpoint.md. Only Ed25519 keys
// (0x01). Values; thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "crypto/sign.h"

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
};

// malformed: anything that write_note() would not have written.
Result<Note> parse_note(std::string_view note);
std::string write_note(const Note& note);

// A name and a public key; its text form is `name+keyid+base64(0x01 ‖ key)`.
class NoteVerifier {
public:
  static Result<NoteVerifier> make(std::string name, const crypto::PublicKey& key);  // invalid: not Ed25519, odd name
  static Result<NoteVerifier> parse(std::string_view text);

  std::string text() const;
  const std::string& name() const { return name_; }
  const ByteArray<4>& key_id() const { return key_id_; }
  bool made(const NoteSignature& signature) const { return signature.name == name_ && signature.key_id == key_id_; }
  [[nodiscard]] bool verify(std::string_view text, const NoteSignature& signature) const;

private:
  NoteVerifier(std::string name, const crypto::PublicKey& key);
  std::string name_;
  crypto::Verifier verifier_;
  ByteArray<4> key_id_;
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
