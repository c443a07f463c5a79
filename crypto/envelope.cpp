#include "crypto/envelope.h"

#include <algorithm>

#include "crypto/associated_data.h"
#include "crypto/hash.h"
#include "crypto/openssl_check.h"
#include "crypto/random.h"

namespace flikvakt::crypto {
namespace {

constexpr std::string_view kMagic = "FLKVENV";
constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kChunkSizeLog2 = 16;
static_assert(std::size_t{1} << kChunkSizeLog2 == kEnvelopeChunkBytes);

constexpr std::size_t kSaltAt = 9;
constexpr std::size_t kSaltBytes = 32;
constexpr std::size_t kPrefixAt = kSaltAt + kSaltBytes;
constexpr std::size_t kPrefixBytes = 7;
constexpr std::size_t kReservedBytes = kEnvelopeHeaderBytes - kPrefixAt - kPrefixBytes;
constexpr std::uint64_t kSealedChunkBytes = kEnvelopeChunkBytes + kGcmTagBytes;

using Header = ByteArray<kEnvelopeHeaderBytes>;

// SPEC ENV-1, ENV-2
Header fresh_header() {
  const ByteWriter header = ByteWriter()
                                .text(kMagic)
                                .u8(kVersion)
                                .u8(kChunkSizeLog2)
                                .bytes(random_bytes<kSaltBytes>())
                                .bytes(random_bytes<kPrefixBytes>())
                                .bytes(ByteArray<kReservedBytes>{});
  return *to_array<kEnvelopeHeaderBytes>(header.view());
}

// SPEC ENV-3
Result<void> check_header(BytesView header) {
  ByteReader in(header);
  if (header.size() != kEnvelopeHeaderBytes || as_text(in.bytes(kMagic.size())) != kMagic) {
    return fail(ErrorCode::malformed, "opening an envelope: not an envelope");
  }
  if (in.u8() != kVersion || in.u8() != kChunkSizeLog2) {
    return fail(ErrorCode::malformed, "opening an envelope: of a version not known here");
  }
  in.bytes(kSaltBytes + kPrefixBytes);
  const BytesView reserved = in.bytes(kReservedBytes);
  if (std::any_of(reserved.begin(), reserved.end(), [](std::uint8_t byte) { return byte != 0; })) {
    return fail(ErrorCode::malformed, "opening an envelope: reserved bytes are in use");
  }
  return {};
}

// SPEC ENV-4: the whole header, the document and its version are in the key, so no chunk opens under others
Secret<32> derive_key(const DocumentKey& key, const EnvelopeBinding& binding, BytesView header) {
  const AssociatedData info =
      AssociatedData(labels::kDocumentEnvelope).id(binding.document).number(binding.version).field(header);
  return hkdf_sha256(key.expose(), header.subspan(kSaltAt, kSaltBytes), info.encoded());
}

// SPEC ENV-5: prefix, counter, last-flag
GcmNonce chunk_nonce(BytesView prefix, std::uint32_t index, std::uint8_t last) {
  GcmNonce nonce;
  std::copy(prefix.begin(), prefix.end(), nonce.begin());
  for (std::size_t i = 0; i < 4; ++i) nonce[kPrefixBytes + i] = static_cast<std::uint8_t>(index >> (24 - 8 * i));
  nonce[kPrefixBytes + 4] = last;
  return nonce;
}

}  // namespace

Result<std::uint64_t> envelope_bytes(std::uint64_t plaintext_bytes) {
  if (plaintext_bytes > kEnvelopeMaxChunks * kEnvelopeChunkBytes) {
    return fail(ErrorCode::invalid, "sealing a document: too large for an envelope");
  }
  const std::uint64_t chunks =
      std::max<std::uint64_t>(1, (plaintext_bytes + kEnvelopeChunkBytes - 1) / kEnvelopeChunkBytes);
  return kEnvelopeHeaderBytes + plaintext_bytes + chunks * kGcmTagBytes;
}

EnvelopeWriter::EnvelopeWriter(const DocumentKey& key, const EnvelopeBinding& binding, Sink sink)
    : header_(fresh_header()), gcm_(derive_key(key, binding, header_)), sink_(std::move(sink)) {
  plaintext_.reserve(kEnvelopeChunkBytes);
  sealed_.reserve(kSealedChunkBytes);
}

EnvelopeWriter::~EnvelopeWriter() { scrub(plaintext_); }

Result<void> EnvelopeWriter::push(BytesView plaintext) {
  if (over_) return fail(ErrorCode::invalid, "sealing a document: already over");
  while (!plaintext.empty()) {
    // A full chunk waits until it is known whether it is the last.
    if (plaintext_.size() == kEnvelopeChunkBytes) TRY_VOID(emit(Last::no));
    const std::size_t count = std::min(plaintext.size(), kEnvelopeChunkBytes - plaintext_.size());
    plaintext_.insert(plaintext_.end(), plaintext.begin(), plaintext.begin() + count);
    plaintext = plaintext.subspan(count);
  }
  return {};
}

Result<std::uint64_t> EnvelopeWriter::finish() {
  if (over_) return fail(ErrorCode::invalid, "sealing a document: already over");
  TRY_VOID(emit(Last::yes));
  over_ = true;
  return plaintext_bytes_;
}

Result<void> EnvelopeWriter::emit(Last last) {
  if (chunks_ == kEnvelopeMaxChunks) {  // SPEC ENV-8
    over_ = true;
    return fail(ErrorCode::invalid, "sealing a document: too large for an envelope");
  }
  if (chunks_ == 0) TRY_VOID(hand_out(header_));
  const GcmNonce nonce = chunk_nonce(BytesView(header_).subspan(kPrefixAt, kPrefixBytes),
                                     static_cast<std::uint32_t>(chunks_), static_cast<std::uint8_t>(last));
  sealed_.resize(plaintext_.size() + kGcmTagBytes);
  gcm_.seal(nonce, {}, plaintext_, sealed_);
  ++chunks_;
  plaintext_bytes_ += plaintext_.size();
  scrub(plaintext_);
  plaintext_.clear();
  return hand_out(sealed_);
}

Result<void> EnvelopeWriter::hand_out(BytesView piece) {
  Result<void> taken = sink_(piece);
  if (!taken) over_ = true;
  return taken;
}

// SPEC ENV-6, ENV-7, ENV-8: the size alone tells the number of chunks, and which sizes no envelope has
Result<PreparedEnvelope> PreparedEnvelope::open(const DocumentKey& key, const EnvelopeBinding& binding,
                                                BytesView header, std::uint64_t object_bytes) {
  TRY_VOID(check_header(header));
  const std::uint64_t body = object_bytes < kEnvelopeHeaderBytes ? 0 : object_bytes - kEnvelopeHeaderBytes;
  const std::uint64_t full = body / kSealedChunkBytes;
  const std::uint64_t rest = body % kSealedChunkBytes;
  const std::uint64_t chunks = full + (rest > 0 ? 1 : 0);
  const bool only_a_tag = rest == kGcmTagBytes;
  if (chunks == 0 || chunks > kEnvelopeMaxChunks || (rest > 0 && rest < kGcmTagBytes) || (only_a_tag && full > 0)) {
    return fail(ErrorCode::malformed, "opening an envelope: no envelope has this size");
  }
  const EnvelopeReader::Facts facts{*to_array<kPrefixBytes>(header.subspan(kPrefixAt, kPrefixBytes)),
                                    body - chunks * kGcmTagBytes, static_cast<std::uint32_t>(chunks)};
  return PreparedEnvelope(derive_key(key, binding, header), facts);
}

Result<EnvelopeReader> EnvelopeReader::open(const DocumentKey& key, const EnvelopeBinding& binding, BytesView header,
                                            std::uint64_t object_bytes) {
  return TRY(PreparedEnvelope::open(key, binding, header, object_bytes)).reader();
}

EnvelopeChunk EnvelopeReader::chunk(std::uint32_t index) const {
  detail::must(index < facts_.chunk_count, "asking for a chunk after the last");
  EnvelopeChunk out;
  out.object_offset = kEnvelopeHeaderBytes + index * kSealedChunkBytes;
  out.plaintext_offset = std::uint64_t{index} * kEnvelopeChunkBytes;
  out.plaintext_bytes = std::min<std::uint64_t>(kEnvelopeChunkBytes, facts_.plaintext_bytes - out.plaintext_offset);
  out.sealed_bytes = out.plaintext_bytes + kGcmTagBytes;
  return out;
}

Result<EnvelopeRange> EnvelopeReader::range(std::uint64_t offset, std::uint64_t length) const {
  if (length == 0 || offset > facts_.plaintext_bytes || length > facts_.plaintext_bytes - offset) {
    return fail(ErrorCode::invalid, "reading a document: a range outside it");
  }
  EnvelopeRange out;
  out.first = static_cast<std::uint32_t>(offset / kEnvelopeChunkBytes);
  out.last = static_cast<std::uint32_t>((offset + length - 1) / kEnvelopeChunkBytes);
  out.skip_bytes = offset % kEnvelopeChunkBytes;
  return out;
}

Result<void> EnvelopeReader::open_chunk(std::uint32_t index, BytesView sealed, std::span<std::uint8_t> out) {
  const EnvelopeChunk expected = chunk(index);
  detail::must(out.size() == expected.plaintext_bytes, "opening a chunk into memory of another size");
  if (sealed.size() != expected.sealed_bytes)
    return fail(ErrorCode::corrupt, "reading a document: a chunk of another size");
  const bool last = index + 1 == facts_.chunk_count;
  return gcm_.open(chunk_nonce(facts_.nonce_prefix, index, last ? 1 : 0), {}, sealed, out);
}

}  // namespace flikvakt::crypto
