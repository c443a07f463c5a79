// The envelope of a document and the file that a passphrase seals.
#include "crypto/envelope.h"
#include "crypto/hash.h"
#include "crypto/sealed_file.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/targets.h"

namespace flikvakt::fuzz {
namespace {

using namespace flikvakt::crypto;

const EnvelopeBinding kBinding{DocumentId(ByteArray<16>{1, 2, 3}), 1};

Bytes sealed(BytesView plaintext, std::size_t piece_bytes) {
  Bytes out;
  EnvelopeWriter writer(fixed_secret<DocumentKey>(3), kBinding, [&](BytesView piece) -> Result<void> {
    out.insert(out.end(), piece.begin(), piece.end());
    return {};
  });
  for (std::size_t at = 0; at < plaintext.size(); at += piece_bytes) {
    claim(writer.push(plaintext.subspan(at, std::min(piece_bytes, plaintext.size() - at))).has_value(), "writing");
  }
  claim(writer.finish().value() == plaintext.size(), "every byte was written");
  return out;
}

// Nothing when any chunk does not open.
std::optional<Bytes> opened(BytesView object, const EnvelopeBinding& binding) {
  const BytesView header = object.first(std::min(object.size(), kEnvelopeHeaderBytes));
  auto reader = EnvelopeReader::open(fixed_secret<DocumentKey>(3), binding, header, object.size());
  if (!reader) return std::nullopt;
  Bytes out;
  for (std::uint32_t i = 0; i < reader->chunk_count(); ++i) {
    const EnvelopeChunk chunk = reader->chunk(i);
    claim(chunk.object_offset + chunk.sealed_bytes <= object.size(), "a chunk lies within the object");
    claim(chunk.plaintext_offset == out.size(), "chunks follow each other");
    Bytes plaintext(chunk.plaintext_bytes);
    const BytesView bytes = object.subspan(static_cast<std::size_t>(chunk.object_offset), chunk.sealed_bytes);
    if (!reader->open_chunk(i, bytes, plaintext)) return std::nullopt;
    out.insert(out.end(), plaintext.begin(), plaintext.end());
  }
  claim(out.size() == reader->plaintext_bytes(), "the size is the size");
  return out;
}

// Up to three chunks that the input repeats itself into; then one byte changed, cut off or added.
void check_damaged(BytesView in) {
  ByteReader reader(in);
  const std::uint32_t place = reader.u32();
  const std::uint8_t how = reader.u8();
  const std::size_t size = reader.u8() % 4 == 0 ? reader.u32() % (3 * kEnvelopeChunkBytes) : reader.u16() % 300;
  const std::size_t piece = 1 + reader.u16() % 70'000 + (size > 1000 ? 1000 : 0);
  const BytesView pattern = reader.bytes(reader.left());
  Bytes plaintext(size);
  for (std::size_t i = 0; i < size && !pattern.empty(); ++i) plaintext[i] = pattern[i % pattern.size()];
  Bytes object = sealed(plaintext, piece);
  claim(object.size() == envelope_bytes(size).value(), "the size of an object is foretold");
  claim(opened(object, kBinding) == plaintext, "what was sealed opens");
  claim(!opened(object, {kBinding.document, 2}), "not as another version");
  if (how == 0) return;
  const Bytes whole = object;
  object[place % object.size()] ^= how;
  claim(!opened(object, kBinding), "a changed byte is found");
  claim(!opened(BytesView(whole).first(place % whole.size()), kBinding), "an object that is cut is found");
  object = whole;
  object.push_back(how);
  claim(!opened(object, kBinding), "an object with more behind it is found");
}

void check_any(BytesView in) {
  ByteReader reader(in);
  const std::uint64_t object_bytes = reader.u64() >> (reader.u8() % 64);
  const std::uint64_t offset = reader.u64() >> (reader.u8() % 64);
  const std::uint64_t length = reader.u64() >> (reader.u8() % 64);
  const BytesView rest = reader.bytes(reader.left());
  claim(!opened(rest, kBinding), "nobody but the key's holder seals");
  ByteArray<kEnvelopeHeaderBytes> good{'F', 'L', 'K', 'V', 'E', 'N', 'V', 1, 16};
  const auto envelope = EnvelopeReader::open(fixed_secret<DocumentKey>(3), kBinding, good, object_bytes);
  if (!envelope) return;
  claim(envelope_bytes(envelope->plaintext_bytes()).value() == object_bytes, "sizes agree both ways");
  const auto range = envelope->range(offset, length);
  const bool within =
      length > 0 && offset <= envelope->plaintext_bytes() && length <= envelope->plaintext_bytes() - offset;
  claim(range.has_value() == within, "a range lies within the document");
  if (!range) return;
  const EnvelopeChunk first = envelope->chunk(range->first);
  const EnvelopeChunk last = envelope->chunk(range->last);
  claim(first.plaintext_offset + range->skip_bytes == offset, "a range begins where it was asked to");
  claim(last.plaintext_offset < offset + length && offset + length <= last.plaintext_offset + last.plaintext_bytes,
        "a range ends in its last chunk");
}

// The checksum is put right, so that what lies behind it is reached. Argon2id itself is left to the tests: it is slow.
void check_sealed_file(BytesView in) {
  const SecretText passphrase = SecretText::copy_from("a passphrase");
  Bytes file = to_bytes(in);
  (void)unseal_with_passphrase(SealedKind::master_key, file, passphrase);
  constexpr std::size_t kChecked = 50;
  file.resize(kSealedFileBytes);
  std::ranges::copy(as_bytes("FLKVSEAL\x01"), file.begin());
  const auto checksum = sha256(BytesView(file).first(kChecked));
  std::copy_n(checksum.begin(), 8, file.begin() + kChecked);
  ByteReader reader(BytesView(file).subspan(9));
  const bool kind = reader.u8() == static_cast<std::uint8_t>(SealedKind::master_key);
  const std::uint32_t memory_kib = reader.u32(), passes = reader.u32(), lanes = reader.u32();
  const bool within = memory_kib >= kArgon2Floor.memory_kib && memory_kib <= kArgon2Ceiling.memory_kib &&
                      passes >= kArgon2Floor.passes && passes <= kArgon2Ceiling.passes && lanes >= 1 &&
                      lanes <= kArgon2Ceiling.lanes;
  if (kind && within) return;
  const auto out = unseal_with_passphrase(SealedKind::master_key, file, passphrase);
  claim(!out && out.error().code == ErrorCode::invalid, "another kind, or parameters outside the limits, are named so");
}

}  // namespace

void envelope(BytesView in) {
  switch (choose(in, 3)) {
    case 0:
      return check_damaged(in);
    case 1:
      return check_any(in);
    default:
      return check_sealed_file(in);
  }
}

}  // namespace flikvakt::fuzz
