#include "audit/cosignature.h"

#include <gtest/gtest.h>

#include "crypto/hash.h"
#include "tests/audit/witness_samples.h"

namespace flikvakt::audit {
namespace {

// A public witness, from the tests of github.com/transparency-dev/formats (note/note_cosigv1_test.go).
constexpr std::string_view kRemora = "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2";
constexpr std::string_view kText = "example.org/log\n1234\nAQIDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";

struct Witness {
  explicit Witness(std::string name = "witness.example/w1") : signer(*CosignatureSigner::make(std::move(name), key)) {}
  crypto::SigningKey key = ed25519_key();
  CosignatureSigner signer;
};

TEST(Cosignature, AVerifierKeyOfAPublicWitnessIsRead) {  // SPEC COS-1, COS-2
  const auto verifier = CosignatureVerifier::parse(kRemora);
  ASSERT_TRUE(verifier) << verifier.error().message;
  EXPECT_EQ(verifier->name(), "remora.n621.de");
  EXPECT_EQ(to_hex(verifier->key_id()), "da77ade7");
  EXPECT_EQ(verifier->text(), kRemora);
  std::string other(kRemora);
  other[other.find("da77ade7")] = 'e';
  EXPECT_FALSE(CosignatureVerifier::parse(other));
}

TEST(Cosignature, AKeyOfALogIsNoKeyOfAWitnessAndTheReverse) {  // SPEC COS-1, COS-2
  const crypto::SigningKey key = ed25519_key();
  const NoteVerifier log = *NoteVerifier::make("same", key.public_key());
  const CosignatureVerifier witness = *CosignatureVerifier::make("same", key.public_key());
  EXPECT_NE(log.key_id(), witness.key_id());
  EXPECT_FALSE(CosignatureVerifier::parse(log.text()));
  EXPECT_FALSE(NoteVerifier::parse(witness.text()));
  const auto hash = crypto::sha256(as_bytes("same\n\x04"), key.public_key().raw());
  EXPECT_EQ(to_hex(witness.key_id()), to_hex(BytesView(hash).first(4)));
}

TEST(Cosignature, IsTimeAndASignatureOverHeaderTimeAndText) {  // SPEC COS-3, COS-4
  const Witness witness;
  const NoteSignature signature = witness.signer.sign(kText, UtcTime{std::chrono::milliseconds{1'679'315'147'999}});
  ASSERT_EQ(signature.signature.size(), 72u);
  EXPECT_EQ(to_hex(BytesView(signature.signature).first(8)), "00000000641850cb");
  const std::string message = "cosignature/v1\ntime 1679315147\n" + std::string(kText);
  EXPECT_TRUE(witness.key.public_key().verify(as_bytes(message), BytesView(signature.signature).subspan(8)));
  EXPECT_EQ(witness.signer.verifier().verify(kText, signature), second(1'679'315'147));
}

TEST(Cosignature, AnyChangeIsRefused) {  // SPEC COS-3, COS-4
  const Witness witness;
  const CosignatureVerifier& verifier = witness.signer.verifier();
  const NoteSignature good = witness.signer.sign(kText, second(1000));
  ASSERT_TRUE(verifier.verify(kText, good));
  std::string other_text(kText);
  other_text.replace(other_text.find("1234"), 4, "1235");
  EXPECT_FALSE(verifier.verify(other_text, good));
  for (std::size_t i = 0; i < good.signature.size(); i += 7) {
    NoteSignature bad = good;
    bad.signature[i] ^= 1;
    EXPECT_FALSE(verifier.verify(kText, bad)) << i;
  }
  for (const std::size_t size : {std::size_t{0}, std::size_t{64}, std::size_t{71}, std::size_t{73}}) {
    NoteSignature bad = good;
    bad.signature.resize(size);
    EXPECT_FALSE(verifier.verify(kText, bad)) << size;
  }
  EXPECT_FALSE(Witness("witness.example/w1").signer.verifier().verify(kText, good)) << "another key of that name";
  NoteSignature renamed = good;
  renamed.name = "witness.example/w2";
  EXPECT_FALSE(verifier.verify(kText, renamed));
}

TEST(Cosignature, ASignatureOfTheTextAloneIsNone) {  // SPEC COS-3
  const crypto::SigningKey key = ed25519_key();
  const CosignatureVerifier verifier = *CosignatureVerifier::make("same", key.public_key());
  NoteSignature plain = NoteSigner::make("same", key)->sign(kText);
  EXPECT_FALSE(verifier.verify(kText, plain));
  plain.key_id = verifier.key_id();
  EXPECT_FALSE(verifier.verify(kText, plain));
  plain.signature.insert(plain.signature.begin(), 8, 0);
  EXPECT_FALSE(verifier.verify(kText, plain));
}

TEST(Cosignature, ATimeThatNoClockShowsIsRefused) {  // SPEC COS-5
  const Witness witness;
  const auto with_time = [&](std::uint64_t seconds) {
    const std::string message = "cosignature/v1\ntime " + std::to_string(seconds) + "\n" + std::string(kText);
    const auto signature = witness.key.sign(as_bytes(message));
    NoteSignature out{witness.signer.verifier().name(), witness.signer.verifier().key_id(), {}};
    out.signature = ByteWriter().u64(seconds).bytes(signature).view();
    return witness.signer.verifier().verify(kText, out).has_value();
  };
  EXPECT_TRUE(with_time(0));
  EXPECT_TRUE(with_time(253'402'300'799));
  EXPECT_FALSE(with_time(253'402'300'800));
  EXPECT_FALSE(with_time(std::uint64_t{1} << 63));
  EXPECT_FALSE(with_time(~std::uint64_t{0}));
}

TEST(Cosignature, OfACheckpointCountsOncePerKnownWitnessWithItsNewestTime) {  // SPEC COS-6
  SampleLog log;
  log.grow_to(5);
  const Witness first("w1"), second_one("w2"), stranger("w3");
  Note note = *parse_note(log.note(5));
  for (const std::int64_t time : {100, 300, 200}) note.signatures.push_back(first.signer.sign(note.text, second(time)));
  note.signatures.push_back(stranger.signer.sign(note.text, second(400)));
  const std::vector known = {second_one.signer.verifier(), first.signer.verifier()};
  const auto opened = open_cosigned(write_note(note), log.keys(), known);
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(opened->checkpoint, log.checkpoint(5));
  EXPECT_EQ(opened->by, (std::vector<Cosignature>{{"w1", second(300)}}));
}

TEST(Cosignature, AWrongOneOfAKnownWitnessOrNoneOfTheLogIsRefused) {  // SPEC COS-6
  SampleLog log;
  log.grow_to(5);
  const Witness witness("w1");
  const std::vector known = {witness.signer.verifier()};
  Note note = *parse_note(log.note(5));
  note.signatures.push_back(witness.signer.sign(log.note(4).substr(0, note.text.size()), second(100)));
  EXPECT_EQ(open_cosigned(write_note(note), log.keys(), known).error().code, ErrorCode::invalid);
  EXPECT_TRUE(open_cosigned(write_note(note), log.keys(), {})) << "of an unknown witness it is nothing";
  Note unsigned_note{note.text, {witness.signer.sign(note.text, second(100))}};
  EXPECT_FALSE(open_cosigned(write_note(unsigned_note), log.keys(), known));
}

TEST(SignatureLines, AreWhatAWitnessAnswersAndNothingElse) {  // SPEC WIT-9
  const Witness witness;
  const std::vector signatures = {witness.signer.sign(kText, second(1)), witness.signer.sign(kText, second(2))};
  const std::string lines = write_signature_lines(signatures);
  EXPECT_EQ(*parse_signature_lines(lines), signatures);
  EXPECT_EQ(*parse_note(std::string(kText) + "\n" + lines), (Note{std::string(kText), signatures}));
  for (const std::string& bad : {std::string(), lines + "\n", lines + "more\n", lines.substr(0, lines.size() - 1),
                                 "\n" + lines, std::string("old 7\n")})
    EXPECT_FALSE(parse_signature_lines(bad)) << bad;
}

}  // namespace
}  // namespace flikvakt::audit
