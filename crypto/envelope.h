// The form of a document at rest: spec/envelope.md. A 64-byte header, then chunks of 64 KiB plaintext, each AES-256-GCM
// with a 16-byte tag (STREAM: Hoang, Reyhanitabar, Rogaway, Vizar, CRYPTO 2015). The key is derived from the document
// key, and binds document id, version and header; each nonce binds a chunk's place and whether it is the last.
//
// Found when the chunk is opened: any changed bit, a chunk moved, repeated or taken from another document, data
// appended, truncation anywhere. NOT found: truncation by one who reads only chunks before the cut: so compare
// plaintext_bytes() with the size that the document's row records. The size of the document shows. AES-GCM does not
// commit to its key.
//
// Thread-safety: a writer or reader belongs to one thread at a time.
#pragma once

#include <functional>
#include <optional>

#include "base/ids.h"
#include "crypto/aes_gcm.h"

namespace flikvakt::crypto {

inline constexpr std::size_t kEnvelopeHeaderBytes = 64;
inline constexpr std::size_t kEnvelopeChunkBytes = 65536;  // of plaintext
inline constexpr std::uint64_t kEnvelopeMaxChunks = 0xffffffff;

// Which document this is the envelope of. Versions count from 1.
struct EnvelopeBinding {
  DocumentId document;
  std::uint32_t version = 0;
};

// The size of the whole object for a plaintext of this many bytes. invalid: too large for an envelope.
Result<std::uint64_t> envelope_bytes(std::uint64_t plaintext_bytes);

class EnvelopeWriter {
public:
  // Is handed the object piece by piece, in order. Its error ends the writing and is returned by push() or finish().
  using Sink = std::function<Result<void>(BytesView)>;

  EnvelopeWriter(const DocumentKey& key, const EnvelopeBinding& binding, Sink sink);
  EnvelopeWriter(EnvelopeWriter&&) = default;
  ~EnvelopeWriter();

  Result<void> push(BytesView plaintext);  // pieces of any size
  Result<std::uint64_t> finish();  // seals the last chunk; returns the bytes of plaintext. Without it: no envelope.

private:
  enum class Last : std::uint8_t { no = 0, yes = 1 };
  Result<void> emit(Last last);
  Result<void> hand_out(BytesView piece);

  ByteArray<kEnvelopeHeaderBytes> header_;
  Aes256Gcm gcm_;
  Sink sink_;
  Bytes plaintext_;  // the chunk being filled
  Bytes sealed_;
  std::uint64_t chunks_ = 0;
  std::uint64_t plaintext_bytes_ = 0;
  bool over_ = false;  // finished or failed: nothing more is accepted
};

// Where a chunk lies, in the object and in the plaintext.
struct EnvelopeChunk {
  std::uint64_t object_offset = 0;
  std::uint64_t plaintext_offset = 0;
  std::size_t sealed_bytes = 0;
  std::size_t plaintext_bytes = 0;
};

// The chunks that hold a range of the plaintext.
struct EnvelopeRange {
  std::uint32_t first = 0;
  std::uint32_t last = 0;      // inclusive
  std::size_t skip_bytes = 0;  // of the first chunk's plaintext, before the range begins
};

class EnvelopeReader {
public:
  // header: the first 64 bytes of the object. malformed: not an envelope of version 1, or no envelope has this size.
  // A wrong key, binding or header shows when the first chunk is opened.
  static Result<EnvelopeReader> open(const DocumentKey& key, const EnvelopeBinding& binding, BytesView header,
                                     std::uint64_t object_bytes);

  std::uint64_t plaintext_bytes() const { return facts_.plaintext_bytes; }
  std::uint32_t chunk_count() const { return facts_.chunk_count; }  // at least 1

  EnvelopeChunk chunk(std::uint32_t index) const;  // index < chunk_count()
  // invalid: an empty range, or one that ends after the plaintext.
  Result<EnvelopeRange> range(std::uint64_t offset, std::uint64_t length) const;

  // Decrypts chunk(index).sealed_bytes straight into `out`, of chunk(index).plaintext_bytes; may begin at the same
  // place. corrupt: not that chunk of this document (`out` is then zeroed).
  Result<void> open_chunk(std::uint32_t index, BytesView sealed, std::span<std::uint8_t> out);

private:
  friend class PreparedEnvelope;
  struct Facts {
    ByteArray<7> nonce_prefix;
    std::uint64_t plaintext_bytes;
    std::uint32_t chunk_count;
  };
  EnvelopeReader(Aes256Gcm gcm, const Facts& facts) : gcm_(std::move(gcm)), facts_(facts) {}

  Aes256Gcm gcm_;
  Facts facts_;
};

// An envelope with its key derived once, of which readers are made: on any thread, as many as are needed at a time.
class PreparedEnvelope {
public:
  // As EnvelopeReader::open.
  static Result<PreparedEnvelope> open(const DocumentKey& key, const EnvelopeBinding& binding, BytesView header,
                                       std::uint64_t object_bytes);
  EnvelopeReader reader() const { return {Aes256Gcm(key_), facts_}; }

private:
  PreparedEnvelope(Secret<32> key, const EnvelopeReader::Facts& facts) : key_(std::move(key)), facts_(facts) {}

  Secret<32> key_;
  EnvelopeReader::Facts facts_;
};

}  // namespace flikvakt::crypto
