#include "audit/log_proof.h"

#include <gtest/gtest.h>

#include "tests/audit/witness_samples.h"

namespace flikvakt::audit {
namespace {

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  const std::size_t place = text.find(what);
  EXPECT_NE(place, text.npos) << what;
  return text.replace(place, what.size(), with);
}

struct Proven {
  Proven() { log.grow_to(300); }
  LogProof proof(std::uint64_t index, std::uint64_t size) const {
    return {std::nullopt, index, log.inclusion(index, size), log.note(size)};
  }
  SampleLog log;
};

TEST(LogProof, ComesBackAsItWasWritten) {  // SPEC LPR-1, LPR-2, LPR-3
  const Proven proven;
  LogProof proof = proven.proof(7, 300);
  const std::string text = write_log_proof(proof);
  EXPECT_TRUE(text.starts_with("c2sp.org/tlog-proof@v1\nindex 7\n" + to_base64(proof.hashes[0]) + "\n")) << text;
  EXPECT_TRUE(text.ends_with("=\n\n" + proof.checkpoint)) << text;
  EXPECT_EQ(*parse_log_proof(text), proof);
  proof.extra = Bytes{1, 2, 3};
  EXPECT_TRUE(write_log_proof(proof).starts_with("c2sp.org/tlog-proof@v1\nextra AQID\nindex 7\n"));
  EXPECT_EQ(*parse_log_proof(write_log_proof(proof)), proof);
  const LogProof only_one = proven.proof(0, 1);
  EXPECT_TRUE(only_one.hashes.empty());
  EXPECT_EQ(*parse_log_proof(write_log_proof(only_one)), only_one);
}

TEST(LogProof, AnotherSpellingIsRefused) {  // SPEC LPR-1, LPR-2, LPR-3
  const Proven proven;
  LogProof proof = proven.proof(7, 300);
  proof.extra = Bytes{1, 2, 3};
  const std::string text = write_log_proof(proof);
  const std::string hash = to_base64(proof.hashes[0]) + "\n";
  std::string many;
  for (int i = 0; i < 64; ++i) many += hash;
  for (const std::string& bad : {std::string(),
                                 std::string("c2sp.org/tlog-proof@v1\n"),
                                 replaced(text, "@v1", "@v2"),
                                 replaced(text, "extra AQID", "extra "),
                                 replaced(text, "extra AQID", "extra"),
                                 replaced(text, "extra AQID", "extra AQI"),
                                 replaced(text, "extra AQID\n", "extra AQID\nextra AQID\n"),
                                 replaced(text, "index 7\n", ""),
                                 replaced(text, "index 7", "index 07"),
                                 replaced(text, "index 7", "index +7"),
                                 replaced(text, "index 7", "index  7"),
                                 replaced(text, "index 7", "Index 7"),
                                 replaced(text, "index 7", "index 9007199254740992"),
                                 replaced(text, "index 7\n", "index 7\nextra AQID\n"),
                                 replaced(text, hash, "AQID\n"),
                                 replaced(text, hash, many),
                                 replaced(text, "\n\n" + proof.checkpoint, "\n" + proof.checkpoint),
                                 replaced(text, proof.checkpoint, ""),
                                 replaced(text, "\n", "\r\n"),
                                 text.substr(0, text.size() - 1),
                                 text + "\n",
                                 std::string(300 * 1024, '\n')})
    EXPECT_FALSE(parse_log_proof(bad)) << bad.substr(0, 400);
}

TEST(LogProof, ShowsThatTheEntryIsInTheLogThere) {  // SPEC LPR-4
  const Proven proven;
  for (const auto& [index, size] : {std::pair<std::uint64_t, std::uint64_t>{0, 1}, {7, 300}, {255, 256}, {299, 300}}) {
    const LogProof proof = proven.proof(index, size);
    const auto checked = check_log_proof(proof, proven.log.leaf(index), proven.log.keys(), {});
    ASSERT_TRUE(checked) << checked.error().message;
    EXPECT_EQ(checked->checkpoint, proven.log.checkpoint(size));
  }
}

TEST(LogProof, OfAnotherEntryPlaceLogOrKeyIsRefused) {  // SPEC LPR-4
  const Proven proven;
  const auto keys = proven.log.keys();
  const crypto::MerkleHash leaf = proven.log.leaf(7);
  const LogProof good = proven.proof(7, 300);
  ASSERT_TRUE(check_log_proof(good, leaf, keys, {}));
  EXPECT_FALSE(check_log_proof(good, proven.log.leaf(8), keys, {}));
  EXPECT_FALSE(check_log_proof(good, leaf, SampleLog().keys(), {}));
  LogProof moved = good;
  moved.index = 8;
  EXPECT_FALSE(check_log_proof(moved, leaf, keys, {}));
  LogProof beyond = good;
  beyond.index = 300;
  EXPECT_FALSE(check_log_proof(beyond, leaf, keys, {}));
  LogProof earlier = good;
  earlier.checkpoint = proven.log.note(299);
  EXPECT_FALSE(check_log_proof(earlier, leaf, keys, {}));
  LogProof shorter = good;
  shorter.hashes.pop_back();
  EXPECT_FALSE(check_log_proof(shorter, leaf, keys, {}));
}

TEST(LogProof, CarriesTheCosignatures) {  // SPEC LPR-4
  const Proven proven;
  const crypto::SigningKey key = ed25519_key();
  const auto witness = *CosignatureSigner::make("w1", key);
  LogProof proof = proven.proof(7, 300);
  Note note = *parse_note(proof.checkpoint);
  note.signatures.push_back(witness.sign(note.text, second(1000)));
  proof.checkpoint = write_note(note);
  const std::vector known = {witness.verifier()};
  const auto checked =
      check_log_proof(*parse_log_proof(write_log_proof(proof)), proven.log.leaf(7), proven.log.keys(), known);
  ASSERT_TRUE(checked);
  EXPECT_EQ(checked->by, (std::vector<Cosignature>{{"w1", second(1000)}}));
  proof.checkpoint = proven.log.note(300);
  EXPECT_TRUE(check_log_proof(proof, proven.log.leaf(7), proven.log.keys(), known)->by.empty());
}

}  // namespace
}  // namespace flikvakt::audit
