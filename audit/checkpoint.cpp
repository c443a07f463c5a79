#include "audit/checkpoint.h"

#include <algorithm>

#include "audit/lines.h"

namespace flikvakt::audit {
namespace {

Error malformed(std::string_view what) {
  return fail(ErrorCode::malformed, "reading a checkpoint: " + std::string(what));
}

std::string text_of(std::string_view first_line, std::uint64_t size, const crypto::MerkleHash& root) {
  return std::string(first_line) + "\n" + std::to_string(size) + "\n" + to_base64(root) + "\n";
}

// Exactly `N` lines, each ended by a newline.
template <std::size_t N>
Result<std::array<std::string_view, N>> lines_of(std::string_view text) {
  Lines lines(text);
  std::array<std::string_view, N> out;
  for (std::string_view& line : out) {
    const std::optional<std::string_view> next = lines.next();
    if (!next) return malformed("too few lines");
    line = *next;
  }
  if (!lines.at_end()) return malformed("more lines than there may be");
  return out;
}

Result<std::uint64_t> parse_size(std::string_view text) {
  const std::optional<std::uint64_t> out = number_in(text);
  if (!out) return malformed("the size is not a decimal number");
  return *out;
}

Result<ByteArray<32>> parse_hash(std::string_view text) {
  const std::optional<crypto::MerkleHash> out = hash_in(text);
  if (!out) return malformed("a hash that is not base64 of 32 bytes");
  return *out;
}

// SPEC CHK-13: who signs a note of this first line bears it as a name.
Result<std::string> sign_as(std::string_view first_line, std::string_view text, std::span<const NoteSigner> signers) {
  if (!std::ranges::all_of(signers, [&](const NoteSigner& s) { return s.verifier().name() == first_line; }))
    return fail(ErrorCode::invalid, "signing a checkpoint: under another name than the log's");
  return sign_note(text, signers);
}

Result<VerifiedNote> open_as_itself(std::string_view note, std::span<const NoteVerifier> known) {
  VerifiedNote out = TRY(open_note(note, known));
  const std::string_view first_line = std::string_view(out.text).substr(0, out.text.find('\n'));
  if (std::ranges::find(out.signed_by, first_line) == out.signed_by.end())
    return fail(ErrorCode::invalid, "reading a checkpoint: signed under another name than the log's");
  return out;
}

}  // namespace

// SPEC CHK-10
Result<std::string> sign_checkpoint(const Checkpoint& checkpoint, std::span<const NoteSigner> signers) {
  return sign_as(checkpoint.origin, text_of(checkpoint.origin, checkpoint.size, checkpoint.root), signers);
}

// SPEC CHK-12
Result<std::string> sign_head(const Head& head, std::span<const NoteSigner> signers) {
  const std::string name = head.origin + std::string(kHeadSuffix);
  return sign_as(name, text_of(name, head.size, head.root) + to_base64(head.state_digest) + "\n", signers);
}

// SPEC CHK-11
Result<Checkpoint> open_checkpoint(std::string_view note, std::span<const NoteVerifier> known) {
  const VerifiedNote opened = TRY(open_as_itself(note, known));
  const auto lines = TRY(lines_of<3>(opened.text));
  // TRY stands on lines of its own: g++ and clang both lose the members that are already made when it leaves a braced
  // list.
  const std::uint64_t size = TRY(parse_size(lines[1]));
  const ByteArray<32> root = TRY(parse_hash(lines[2]));
  return Checkpoint{std::string(lines[0]), size, root};
}

Result<Head> open_head(std::string_view note, std::span<const NoteVerifier> known) {
  const VerifiedNote opened = TRY(open_as_itself(note, known));
  const auto lines = TRY(lines_of<4>(opened.text));
  std::string_view origin = lines[0];
  if (!origin.ends_with(kHeadSuffix) || origin == kHeadSuffix) return malformed("a head that is not called one");
  origin.remove_suffix(kHeadSuffix.size());
  const std::uint64_t size = TRY(parse_size(lines[1]));
  const ByteArray<32> root = TRY(parse_hash(lines[2]));
  const ByteArray<32> state_digest = TRY(parse_hash(lines[3]));
  return Head{std::string(origin), size, root, state_digest};
}

}  // namespace flikvakt::audit
