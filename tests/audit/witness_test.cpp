#include "audit/witness.h"

#include <gtest/gtest.h>

#include "tests/audit/witness_samples.h"

namespace flikvakt::audit {
namespace {

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  const std::size_t place = text.find(what);
  EXPECT_NE(place, text.npos) << what;
  return text.replace(place, what.size(), with);
}

// A log of 300 entries, one that shares 100 with it, and what a witness knows of it at some size.
struct Scene {
  Scene() {
    log.grow_to(100);
    fork.go_on_as(log);
    log.grow_to(300);
    fork.grow_to(300, " rewritten");
  }
  WitnessedLog seen(std::uint64_t size) const { return {log.checkpoint(size), log.note(size)}; }
  WitnessedLog unseen() const { return WitnessedLog::unseen(log.origin()); }
  WitnessVerdict verdict(const WitnessedLog& known, const AddCheckpoint& request) const {
    return judge_checkpoint(known, log.keys(), request).verdict;
  }
  // What the forked log says, under the key of the real one.
  AddCheckpoint forked(std::uint64_t from, std::uint64_t to) const {
    return {from, fork.consistency(from, to), log.note_of(fork.checkpoint(to))};
  }

  SampleLog log;
  SampleLog fork;
};

TEST(AddCheckpoint, ComesBackAsItWasWritten) {  // SPEC WIT-1
  const Scene scene;
  const AddCheckpoint request = scene.log.request(57, 300);
  const std::string body = write_add_checkpoint(request);
  EXPECT_TRUE(body.starts_with("old 57\n" + to_base64(request.proof[0]) + "\n")) << body;
  EXPECT_TRUE(body.ends_with("\n\n" + request.checkpoint)) << body;
  EXPECT_EQ(*parse_add_checkpoint(body), request);
  const AddCheckpoint first = scene.log.request(0, 300);
  EXPECT_EQ(write_add_checkpoint(first), "old 0\n\n" + first.checkpoint);
  EXPECT_EQ(*parse_add_checkpoint(write_add_checkpoint(first)), first);
}

TEST(AddCheckpoint, AnythingElseIsRefused) {  // SPEC WIT-1, WIT-2
  const Scene scene;
  const AddCheckpoint request = scene.log.request(57, 300);
  const std::string body = write_add_checkpoint(request);
  const std::string hash = to_base64(request.proof[0]) + "\n";
  AddCheckpoint many = request;
  many.proof.assign(63, request.proof[0]);
  EXPECT_TRUE(parse_add_checkpoint(write_add_checkpoint(many)));
  many.proof.push_back(request.proof[0]);
  for (const std::string& bad : {std::string(),
                                 std::string("\n"),
                                 std::string("old 57"),
                                 std::string("old 57\n\n"),
                                 request.checkpoint,
                                 "\n" + body,
                                 replaced(body, "old 57", "old 057"),
                                 replaced(body, "old 57", "old -1"),
                                 replaced(body, "old 57", "old "),
                                 replaced(body, "old 57", "old  57"),
                                 replaced(body, "old 57", "old 57 "),
                                 replaced(body, "old 57", "old 9007199254740992"),
                                 replaced(body, "old 57", "size 57"),
                                 replaced(body, "old 57\n", "old 57\r\n"),
                                 replaced(body, hash, "AQID\n"),
                                 replaced(body, hash, " " + hash),
                                 replaced(body, "\n\n" + request.checkpoint, "\n" + request.checkpoint),
                                 body.substr(0, body.size() - 1),
                                 body + "\n",
                                 body + "rubbish",
                                 write_add_checkpoint(many),
                                 std::string(70'000, 'a')})
    EXPECT_EQ(parse_add_checkpoint(bad).error().code, ErrorCode::malformed) << bad.substr(0, 300);
}

TEST(Witness, CosignsTheFirstCheckpointAndWhateverExtendsTheLast) {  // SPEC WIT-8
  const Scene scene;
  WitnessedLog known = scene.unseen();
  for (const std::uint64_t size : {1u, 2u, 100u, 100u, 255u, 256u, 257u, 300u, 300u}) {
    const WitnessJudgement judged =
        judge_checkpoint(known, scene.log.keys(), scene.log.request(known.newest.size, size));
    ASSERT_EQ(judged.verdict, WitnessVerdict::cosign) << size;
    EXPECT_EQ(judged.next, scene.seen(size));
    known = judged.next;
  }
}

TEST(Witness, AnEmptyLogMayBeCosigned) {  // SPEC WIT-8
  const Scene scene;
  EXPECT_EQ(scene.verdict(scene.unseen(), scene.log.request(0, 0)), WitnessVerdict::cosign);
  EXPECT_EQ(scene.verdict({scene.log.checkpoint(0), scene.log.note(0)}, scene.log.request(0, 300)),
            WitnessVerdict::cosign);
}

TEST(Witness, ACheckpointOfAnotherKeyOrLogIsNotSigned) {  // SPEC WIT-5
  const Scene scene;
  SampleLog stranger;
  stranger.grow_to(300);
  EXPECT_EQ(scene.verdict(scene.unseen(), stranger.request(0, 300)), WitnessVerdict::not_signed);
  AddCheckpoint changed = scene.log.request(0, 300);
  changed.checkpoint = replaced(changed.checkpoint, "\n300\n", "\n301\n");
  EXPECT_EQ(scene.verdict(scene.unseen(), changed), WitnessVerdict::not_signed);
  SampleLog other("example.org/other");
  other.grow_to(300);
  const std::vector both = {scene.log.keys()[0], other.keys()[0]};
  EXPECT_EQ(judge_checkpoint(scene.unseen(), both, other.request(0, 300)).verdict, WitnessVerdict::not_signed);
}

TEST(Witness, SignaturesOfUnknownKeysAreIgnored) {  // SPEC WIT-5
  const Scene scene;
  AddCheckpoint request = scene.log.request(100, 300);
  const crypto::SigningKey key = ed25519_key();
  Note note = *parse_note(request.checkpoint);
  note.signatures.push_back(NoteSigner::make("stranger", key)->sign(note.text));
  request.checkpoint = write_note(note);
  EXPECT_EQ(scene.verdict(scene.seen(100), request), WitnessVerdict::cosign);
}

TEST(Witness, ATextOfAnotherShapeIsNoCheckpointThoughTheLogSignedIt) {  // SPEC WIT-2
  const Scene scene;
  for (const std::string rest : {"300\n", "0300\nAQID\n", "300\nAQID\n"})
    EXPECT_EQ(scene.verdict(scene.unseen(), {0, {}, scene.log.signed_text(scene.log.origin() + "\n" + rest)}),
              WitnessVerdict::malformed)
        << rest;
}

TEST(Witness, AnOldSizeBeyondTheCheckpointsShrinks) {  // SPEC WIT-6
  const Scene scene;
  EXPECT_EQ(scene.verdict(scene.seen(200), {200, {}, scene.log.note(100)}), WitnessVerdict::shrinks);
  EXPECT_EQ(scene.verdict(scene.seen(100), {301, {}, scene.log.note(300)}), WitnessVerdict::shrinks);
}

TEST(Witness, AnotherOldSizeThanItsOwnConflicts) {  // SPEC WIT-7
  const Scene scene;
  EXPECT_EQ(scene.verdict(scene.seen(200), scene.log.request(100, 300)), WitnessVerdict::other_old);
  EXPECT_EQ(scene.verdict(scene.seen(200), scene.log.request(0, 300)), WitnessVerdict::other_old);
  EXPECT_EQ(scene.verdict(scene.seen(200), scene.log.request(50, 100)), WitnessVerdict::other_old) << "a rollback";
  EXPECT_EQ(scene.verdict(scene.seen(200), scene.log.request(100, 200)), WitnessVerdict::other_old);
  EXPECT_EQ(scene.verdict(scene.unseen(), scene.log.request(100, 300)), WitnessVerdict::other_old);
}

TEST(Witness, AProofThatDoesNotHoldIsNotCosigned) {  // SPEC WIT-8
  const Scene scene;
  const AddCheckpoint good = scene.log.request(157, 300);
  ASSERT_EQ(scene.verdict(scene.seen(157), good), WitnessVerdict::cosign);
  AddCheckpoint bad = good;
  bad.proof.pop_back();
  EXPECT_EQ(scene.verdict(scene.seen(157), bad), WitnessVerdict::not_proven);
  bad = good;
  bad.proof.push_back(bad.proof[0]);
  EXPECT_EQ(scene.verdict(scene.seen(157), bad), WitnessVerdict::not_proven);
  bad = good;
  bad.proof[0][5] ^= 1;
  EXPECT_EQ(scene.verdict(scene.seen(157), bad), WitnessVerdict::not_proven);
  bad = scene.log.request(0, 300);
  bad.proof = good.proof;
  EXPECT_EQ(scene.verdict(scene.unseen(), bad), WitnessVerdict::not_proven) << "from nothing the proof is empty";
  bad = scene.log.request(300, 300);
  bad.proof = good.proof;
  EXPECT_EQ(scene.verdict(scene.seen(300), bad), WitnessVerdict::not_proven);
  EXPECT_EQ(scene.verdict(scene.seen(157), scene.forked(157, 300)), WitnessVerdict::not_proven) << "a rewritten log";
  EXPECT_EQ(scene.verdict(scene.seen(100), scene.forked(100, 300)), WitnessVerdict::cosign)
      << "what was rewritten, nobody had witnessed";
}

TEST(Witness, TwoRootsForOneSizeAreAFork) {  // SPEC WIT-10
  const Scene scene;
  EXPECT_EQ(scene.verdict(scene.seen(200), scene.forked(200, 200)), WitnessVerdict::forked);
  EXPECT_EQ(scene.verdict(scene.seen(200), scene.forked(0, 200)), WitnessVerdict::forked) << "whatever the old size";
  EXPECT_EQ(scene.verdict(scene.seen(200), {300, {}, scene.forked(200, 200).checkpoint}), WitnessVerdict::forked);
  const Checkpoint impossible{scene.log.origin(), 0, scene.log.leaf(1)};
  EXPECT_EQ(scene.verdict(scene.unseen(), {0, {}, scene.log.note_of(impossible)}), WitnessVerdict::forked);
  AddCheckpoint of_nobody = scene.forked(200, 200);
  of_nobody.checkpoint = scene.fork.note(200);  // signed by another key: no evidence of anything
  EXPECT_EQ(scene.verdict(scene.seen(200), of_nobody), WitnessVerdict::not_signed);
}

TEST(Witness, TheOriginIsTheFirstLine) {  // SPEC WIT-4
  EXPECT_EQ(claimed_origin("example.org/log\n12\n"), "example.org/log");
  EXPECT_EQ(claimed_origin("\n"), "");
  EXPECT_EQ(claimed_origin("no newline"), "no newline");
}

}  // namespace
}  // namespace flikvakt::audit
