#include "crypto/envelope.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <cstdlib>
#include <fstream>

#include "crypto/associated_data.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "tests/crypto/core_vectors.h"

namespace flikvakt::crypto {
namespace {

constexpr std::size_t kChunk = kEnvelopeChunkBytes;
constexpr std::size_t kSealedChunk = kChunk + kGcmTagBytes;

Bytes some_plaintext(std::size_t size) {
  Bytes out(size);
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::uint8_t>(i * 31 + i / 251);
  return out;
}

Bytes write_envelope(const DocumentKey& key, const EnvelopeBinding& binding, BytesView plaintext, std::size_t piece) {
  Bytes object;
  EnvelopeWriter writer(key, binding, [&](BytesView part) -> Result<void> {
    object.insert(object.end(), part.begin(), part.end());
    return {};
  });
  for (std::size_t at = 0; at < plaintext.size(); at += piece) {
    EXPECT_TRUE(writer.push(plaintext.subspan(at, std::min(piece, plaintext.size() - at))).has_value());
  }
  EXPECT_EQ(writer.finish().value(), plaintext.size());
  return object;
}

Result<Bytes> open_one(EnvelopeReader& reader, BytesView object, std::uint32_t index) {
  const EnvelopeChunk chunk = reader.chunk(index);
  Bytes out(chunk.plaintext_bytes);
  TRY_VOID(reader.open_chunk(index, object.subspan(chunk.object_offset, chunk.sealed_bytes), out));
  return out;
}

Result<Bytes> read_envelope(const DocumentKey& key, const EnvelopeBinding& binding, BytesView object) {
  const BytesView header = object.first(std::min(object.size(), kEnvelopeHeaderBytes));
  EnvelopeReader reader = TRY(EnvelopeReader::open(key, binding, header, object.size()));
  Bytes out;
  for (std::uint32_t i = 0; i < reader.chunk_count(); ++i) {
    const Bytes chunk = TRY(open_one(reader, object, i));
    out.insert(out.end(), chunk.begin(), chunk.end());
  }
  EXPECT_EQ(out.size(), reader.plaintext_bytes());
  return out;
}

// A writer of one's own with a given header and given chunks, made from spec/envelope.md, for objects that ours never
// makes.
Bytes assemble(const DocumentKey& key, const EnvelopeBinding& binding, BytesView header,
               const std::vector<Bytes>& chunks) {
  const AssociatedData info =
      AssociatedData(labels::kDocumentEnvelope).id(binding.document).number(binding.version).field(header);
  Aes256Gcm gcm(hkdf_sha256(key.expose(), header.subspan(9, 32), info.encoded()));
  Bytes object = to_bytes(header);
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    const bool last = i + 1 == chunks.size();
    const ByteWriter nonce =
        ByteWriter().bytes(header.subspan(41, 7)).u32(static_cast<std::uint32_t>(i)).u8(last ? 1 : 0);
    Bytes sealed(chunks[i].size() + kGcmTagBytes);
    gcm.seal(to_array<12>(nonce.view()).value(), {}, chunks[i], sealed);
    object.insert(object.end(), sealed.begin(), sealed.end());
  }
  return object;
}

struct Envelope : testing::Test {
  DocumentKey key = DocumentKey::random();
  EnvelopeBinding binding{random_id<DocumentId>(), 1};
  Result<Bytes> read(BytesView object) { return read_envelope(key, binding, object); }
  Bytes write(BytesView plaintext) { return write_envelope(key, binding, plaintext, 10'000); }
};

// SPEC ENV-6, ENV-7
TEST_F(Envelope, OpensToWhatWasPushedWhateverTheSizeAndThePieces) {
  for (std::size_t size : {0ul, 1ul, 100ul, kChunk - 1, kChunk, kChunk + 1, 2 * kChunk, 3 * kChunk + 77}) {
    const Bytes plaintext = some_plaintext(size);
    for (std::size_t piece : {777ul, kChunk, 5 * kChunk}) {
      const Bytes object = write_envelope(key, binding, plaintext, piece);
      EXPECT_EQ(object.size(), envelope_bytes(size).value());
      const Result<Bytes> back = read(object);
      ASSERT_TRUE(back.has_value()) << size << " in pieces of " << piece << ": " << back.error().message;
      EXPECT_EQ(*back, plaintext);
    }
  }
}

// SPEC ENV-1
TEST_F(Envelope, BeginsWithTheHeaderOfTheSpecification) {
  const Bytes object = write({});
  EXPECT_EQ(as_text(BytesView(object).first(7)), "FLKVENV");
  EXPECT_EQ(object[7], 1);
  EXPECT_EQ(object[8], 16);
  EXPECT_EQ(Bytes(object.begin() + 48, object.begin() + 64), Bytes(16));
}

// SPEC ENV-2
TEST_F(Envelope, HasAFreshSaltAndPrefixEachTime) {
  const Bytes a = write({}), b = write({});
  EXPECT_FALSE(std::equal(a.begin() + 9, a.begin() + 41, b.begin() + 9));
  EXPECT_FALSE(std::equal(a.begin() + 41, a.begin() + 48, b.begin() + 41));
}

// SPEC ENV-3, ENV-4
TEST_F(Envelope, RefusesEveryChangedBitOfTheHeader) {
  Bytes object = write(some_plaintext(100));
  for (std::size_t bit = 0; bit < kEnvelopeHeaderBytes * 8; ++bit) {
    object[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    const bool of_fixed_bytes = bit / 8 < 9 || bit / 8 >= 48;
    EXPECT_EQ(read(object).error().code, of_fixed_bytes ? ErrorCode::malformed : ErrorCode::corrupt) << bit;
    object[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
  }
  EXPECT_TRUE(read(object).has_value());
}

// SPEC ENV-4: reserved bytes are in the key, so that a later version may use them safely
TEST_F(Envelope, AuthenticatesTheReservedBytes) {
  const Bytes object = write(some_plaintext(100));
  Bytes header(object.begin(), object.begin() + 64);
  EXPECT_EQ(assemble(key, binding, header, {some_plaintext(100)}), object);
  header[63] = 1;
  const Bytes other = assemble(key, binding, header, {some_plaintext(100)});
  EXPECT_NE(Bytes(other.begin() + 64, other.end()), Bytes(object.begin() + 64, object.end()));
}

// SPEC ENV-4
TEST_F(Envelope, RefusesAnotherKeyDocumentOrVersion) {
  const Bytes object = write(some_plaintext(100));
  EXPECT_TRUE(read(object).has_value());
  EXPECT_FALSE(read_envelope(DocumentKey::random(), binding, object).has_value());
  EXPECT_FALSE(read_envelope(key, {random_id<DocumentId>(), 1}, object).has_value());
  EXPECT_FALSE(read_envelope(key, {binding.document, 2}, object).has_value());
}

// SPEC ENV-7
TEST_F(Envelope, RefusesEveryChangedBitOfASmallDocumentAndLeavesNoPlaintext) {
  Bytes object = write(some_plaintext(20));
  EnvelopeReader reader = EnvelopeReader::open(key, binding, BytesView(object).first(64), object.size()).value();
  for (std::size_t bit = 64 * 8; bit < object.size() * 8; ++bit) {
    object[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    Bytes out(20, 0xff);
    EXPECT_EQ(reader.open_chunk(0, BytesView(object).subspan(64), out).error().code, ErrorCode::corrupt) << bit;
    EXPECT_EQ(out, Bytes(20));
    object[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
  }
}

// SPEC ENV-5
TEST_F(Envelope, RefusesTruncationAtAChunkBoundary) {
  const Bytes object = write(some_plaintext(3 * kChunk));
  for (std::size_t chunks : {1, 2}) {
    const BytesView cut = BytesView(object).first(64 + chunks * kSealedChunk);
    EXPECT_EQ(read(cut).error().code, ErrorCode::corrupt) << chunks;
  }
  EXPECT_TRUE(read(object).has_value());
}

// SPEC ENV-9: why a reader of a part compares the sizes
TEST_F(Envelope, ShowsTruncationInItsSizeBeforeTheEndIsRead) {
  const Bytes object = write(some_plaintext(3 * kChunk));
  const std::size_t cut = 64 + 2 * kSealedChunk;
  EnvelopeReader reader = EnvelopeReader::open(key, binding, BytesView(object).first(64), cut).value();
  EXPECT_TRUE(open_one(reader, object, 0).has_value());
  EXPECT_NE(reader.plaintext_bytes(), 3 * kChunk);
  EXPECT_FALSE(open_one(reader, object, 1).has_value());
}

// SPEC ENV-5, ENV-7
TEST_F(Envelope, RefusesTruncationAnywhere) {
  const Bytes object = write(some_plaintext(kChunk + 50));
  for (std::size_t size = 0; size < object.size(); size += size < 200 || size > 65'600 ? 1 : 997) {
    EXPECT_FALSE(read(BytesView(object).first(size)).has_value()) << size;
  }
}

// SPEC ENV-5, ENV-7
TEST_F(Envelope, RefusesTrailingData) {
  for (std::size_t size : {0ul, 100ul, kChunk}) {
    for (std::size_t extra : {1ul, 15ul, 16ul, 17ul, kSealedChunk}) {
      Bytes object = write(some_plaintext(size));
      object.resize(object.size() + extra);
      EXPECT_FALSE(read(object).has_value()) << size << " + " << extra;
    }
  }
}

// SPEC ENV-5
TEST_F(Envelope, RefusesChunksSwappedRepeatedOrFromAnotherDocument) {
  const Bytes object = write(some_plaintext(3 * kChunk));
  const auto chunk = [](Bytes& of, std::size_t index) { return of.begin() + 64 + index * kSealedChunk; };
  Bytes swapped = object;
  std::swap_ranges(chunk(swapped, 0), chunk(swapped, 1), chunk(swapped, 1));
  EXPECT_FALSE(read(swapped).has_value());
  Bytes repeated = object;
  std::copy(chunk(repeated, 0), chunk(repeated, 1), chunk(repeated, 1));
  EXPECT_FALSE(read(repeated).has_value());
  Bytes foreign = object, other = write(some_plaintext(3 * kChunk));
  std::copy(chunk(other, 1), chunk(other, 2), chunk(foreign, 1));
  EXPECT_FALSE(read(foreign).has_value());
}

// SPEC ENV-6
TEST_F(Envelope, RefusesAnEmptyLastChunkAfterOthers) {
  const Bytes header = to_bytes(BytesView(write({})).first(64));
  EXPECT_TRUE(read(assemble(key, binding, header, {some_plaintext(kChunk)})).has_value());
  EXPECT_EQ(read(assemble(key, binding, header, {some_plaintext(kChunk), {}})).error().code, ErrorCode::malformed);
}

// SPEC ENV-6
TEST_F(Envelope, RefusesAShortChunkThatIsNotTheLast) {
  const Bytes header = to_bytes(BytesView(write({})).first(64));
  EXPECT_FALSE(read(assemble(key, binding, header, {some_plaintext(100), some_plaintext(100)})).has_value());
}

// SPEC ENV-8
TEST_F(Envelope, RefusesMoreChunksThanTheCounterHas) {
  const std::uint64_t most = kEnvelopeMaxChunks * kChunk;
  const std::uint64_t object_bytes = envelope_bytes(most).value();
  const Bytes header = to_bytes(BytesView(write({})).first(64));
  const EnvelopeReader reader = EnvelopeReader::open(key, binding, header, object_bytes).value();
  EXPECT_EQ(reader.plaintext_bytes(), most);
  EXPECT_EQ(reader.chunk_count(), 0xffffffffu);
  EXPECT_EQ(reader.chunk(0xfffffffe).object_offset + kSealedChunk, object_bytes);
  EXPECT_EQ(envelope_bytes(most + 1).error().code, ErrorCode::invalid);
  EXPECT_FALSE(EnvelopeReader::open(key, binding, header, object_bytes + 17).has_value());
  EXPECT_FALSE(EnvelopeReader::open(key, binding, header, ~std::uint64_t{0}).has_value());
}

TEST_F(Envelope, MapsRangesToChunks) {
  const Bytes object = write(some_plaintext(3 * kChunk + 10));
  const EnvelopeReader reader = EnvelopeReader::open(key, binding, BytesView(object).first(64), object.size()).value();
  const EnvelopeRange across = reader.range(kChunk - 1, 2).value();
  EXPECT_EQ(across.first, 0u);
  EXPECT_EQ(across.last, 1u);
  EXPECT_EQ(across.skip_bytes, kChunk - 1);
  const EnvelopeRange end = reader.range(3 * kChunk, 10).value();
  EXPECT_EQ(end.first, 3u);
  EXPECT_EQ(end.last, 3u);
  EXPECT_EQ(end.skip_bytes, 0u);
  EXPECT_EQ(reader.range(0, 3 * kChunk + 10).value().last, 3u);
}

TEST_F(Envelope, RefusesRangesOutsideTheDocument) {
  const Bytes object = write(some_plaintext(100));
  const EnvelopeReader reader = EnvelopeReader::open(key, binding, BytesView(object).first(64), object.size()).value();
  EXPECT_TRUE(reader.range(99, 1).has_value());
  EXPECT_FALSE(reader.range(0, 0).has_value());
  EXPECT_FALSE(reader.range(99, 2).has_value());
  EXPECT_FALSE(reader.range(100, 1).has_value());
  EXPECT_FALSE(reader.range(~std::uint64_t{0}, 2).has_value());
  EXPECT_FALSE(reader.range(2, ~std::uint64_t{0}).has_value());
  EXPECT_THROW((void)reader.chunk(1), std::runtime_error);
}

TEST_F(Envelope, WriterStopsAtTheFirstRefusalOfItsSink) {
  int calls = 0;
  EnvelopeWriter writer(key, binding, [&](BytesView) -> Result<void> {
    if (++calls == 2) return fail(ErrorCode::out_of_space, "full");
    return {};
  });
  EXPECT_EQ(writer.push(some_plaintext(2 * kChunk)).error().code, ErrorCode::out_of_space);
  EXPECT_FALSE(writer.push(some_plaintext(1)).has_value());
  EXPECT_FALSE(writer.finish().has_value());
  EXPECT_EQ(calls, 2);
}

TEST_F(Envelope, WriterTakesNothingAfterItsEnd) {
  EnvelopeWriter writer(key, binding, [](BytesView) -> Result<void> { return {}; });
  EXPECT_TRUE(writer.finish().has_value());
  EXPECT_FALSE(writer.push(some_plaintext(1)).has_value());
  EXPECT_FALSE(writer.finish().has_value());
}

Bytes shake128(std::string_view name, std::size_t size) {
  Bytes out(size);
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EXPECT_EQ(EVP_DigestInit_ex(context, EVP_shake128(), nullptr), 1);
  EXPECT_EQ(EVP_DigestUpdate(context, name.data(), name.size()), 1);
  EXPECT_EQ(EVP_DigestFinalXOF(context, out.data(), out.size()), 1);
  EVP_MD_CTX_free(context);
  return out;
}

// SPEC ENV-1, ENV-4, ENV-5, ENV-6
TEST(EnvelopeVectors, AgreeWithAnotherImplementation) {
  const json::object all = test::read_vectors(FLIKVAKT_SOURCE_DIR "/tests/crypto/vectors/core.json");
  for (const json::value& value : all.at("envelopes").as_array()) {
    const json::object& v = value.as_object();
    SCOPED_TRACE(std::string(v.at("plaintext_name").as_string()));
    const DocumentKey key = DocumentKey::copy_from(test::bytes_at(v, "key"));
    const EnvelopeBinding binding{test::id_at<DocumentId>(v, "document"), 3};
    const auto size = static_cast<std::size_t>(v.at("plaintext_bytes").as_int64());
    const Bytes plaintext =
        size == 0 ? Bytes() : shake128("vector " + std::string(v.at("plaintext_name").as_string()), size);
    std::vector<Bytes> chunks;
    for (std::size_t at = 0; at < size || chunks.empty(); at += kChunk) {
      chunks.push_back(to_bytes(BytesView(plaintext).subspan(at, std::min(kChunk, size - at))));
    }
    const Bytes object = assemble(key, binding, test::bytes_at(v, "header"), chunks);
    EXPECT_EQ(to_hex(sha256(object)), v.at("object_sha256").as_string());
    if (v.contains("object")) {
      EXPECT_EQ(object, test::bytes_at(v, "object"));
    }
    const Result<Bytes> opened = read_envelope(key, binding, object);
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    EXPECT_EQ(*opened, plaintext);
  }
}

// SPEC ENV-1, ENV-4, ENV-5, ENV-6: what we write is read by a reader made from the specification alone
TEST_F(Envelope, IsReadByAnotherReader) {
  if (std::system("/usr/bin/python3 -c 'import cryptography' 2>/dev/null") != 0) {
    GTEST_SKIP() << "python3-cryptography is not installed";
  }
  char name[] = "/tmp/flikvakt-envelope-XXXXXX";
  const std::filesystem::path folder = ::mkdtemp(name);
  for (std::size_t size : {0ul, 100ul, 2 * kChunk, 2 * kChunk + 1}) {
    const Bytes plaintext = some_plaintext(size);
    ASSERT_TRUE(write_file_atomically(folder / "object", write(plaintext)).has_value());
    const auto read_with = [&](const DocumentId& id) {
      const std::string command = "/usr/bin/python3 " FLIKVAKT_SOURCE_DIR "/tests/crypto/read_envelope.py " +
                                  to_hex(key.expose()) + " " + id.text() + " 1 < " + (folder / "object").string() +
                                  " > " + (folder / "plain").string() + " 2>/dev/null";
      return std::system(command.c_str()) == 0;
    };
    EXPECT_TRUE(read_with(binding.document)) << size;
    EXPECT_EQ(read_file(folder / "plain", 1 << 20).value(), plaintext);
    EXPECT_FALSE(read_with(random_id<DocumentId>())) << size;
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace flikvakt::crypto
