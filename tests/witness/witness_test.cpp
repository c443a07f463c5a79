// What a witness answers, keeps and refuses.
#include <atomic>
#include <thread>

#include "tests/witness/scratch.h"

namespace flikvakt::witness {
namespace {

using Kind = Answer::Kind;

TEST_F(WitnessWorld, CosignsWhatExtendsTheLastCheckpointWithTheTimeOfItsClock) {  // SPEC WIT-8, WIT-9
  begin();
  EXPECT_EQ(cosigned(add(0, 57), 57), clock_.now);
  clock_.now += std::chrono::hours(1);
  EXPECT_EQ(cosigned(add(57, 300), 300), clock_.now);
  clock_.now += std::chrono::hours(1);
  EXPECT_EQ(cosigned(add(300, 300), 300), clock_.now) << "the same again, as of now";
  EXPECT_TRUE(alarms_.empty());
}

TEST_F(WitnessWorld, AnswersExactlyWhyItDoesNot) {  // SPEC WIT-2, WIT-4, WIT-5, WIT-6, WIT-7, WIT-8
  begin();
  ASSERT_EQ(add(0, 200).kind, Kind::cosigned);
  const auto ask = [&](const audit::AddCheckpoint& request) {
    return witness_->add_checkpoint(audit::write_add_checkpoint(request));
  };
  EXPECT_EQ(witness_->add_checkpoint("").kind, Kind::malformed);
  EXPECT_EQ(witness_->add_checkpoint("rubbish\n").kind, Kind::malformed);
  audit::SampleLog other("example.org/other");
  other.grow_to(5);
  EXPECT_EQ(ask(other.request(0, 5)).kind, Kind::unknown_log);
  audit::SampleLog stranger;
  stranger.grow_to(300);
  EXPECT_EQ(ask({200, {}, stranger.note(300)}).kind, Kind::not_signed);
  EXPECT_EQ(ask({200, {}, log_.note(100)}).kind, Kind::malformed) << "it shrinks";
  const Answer conflict = add(100, 300);
  EXPECT_EQ(conflict.kind, Kind::conflict);
  EXPECT_EQ(conflict.size, 200u);
  EXPECT_EQ(add(0, 100).kind, Kind::conflict) << "a rollback";
  audit::AddCheckpoint unproven = log_.request(200, 300);
  unproven.proof.back()[0] ^= 1;
  EXPECT_EQ(ask(unproven).kind, Kind::not_proven);
  EXPECT_EQ(add_forked(200, 300).kind, Kind::not_proven);
  EXPECT_EQ(cosigned(add(200, 300), 300), clock_.now) << "none of these changed anything";
}

TEST_F(WitnessWorld, KeepsTheWholeCheckpointBeforeItAnswers) {  // SPEC WIT-11, WIT-12
  begin();
  EXPECT_EQ(folder_.text(".log"), "flikvakt-witness/v1\norigin example.org/log\nnothing yet\n");
  ASSERT_EQ(add(0, 57).kind, Kind::cosigned);
  EXPECT_EQ(folder_.text(".log"), "flikvakt-witness/v1\norigin example.org/log\nnewest\n\n" + log_.note(57));
  reopen();
  EXPECT_EQ(add(0, 57).size, 57u);
  EXPECT_EQ(cosigned(add(57, 300), 300), clock_.now);
}

// SPEC LKEY-5, WIT-5, WIT-11
TEST_F(WitnessWorld, FollowsALogWhoseKeyIsReplacedWithTheOldKeyAloneThenBothThenTheNewAlone) {
  begin();
  ASSERT_EQ(add(0, 57).kind, Kind::cosigned);
  const audit::NoteVerifier old = log_.keys().front(), next = log_.add_key();
  EXPECT_EQ(cosigned(add(57, 100), 100), clock_.now) << "both sign, and it knows the old one";
  reopen_with({old, next});
  EXPECT_EQ(cosigned(add(100, 200), 200), clock_.now);
  log_.drop_first_key();
  EXPECT_EQ(cosigned(add(200, 250), 250), clock_.now) << "the old one is retired";
  reopen_with({next});
  EXPECT_EQ(cosigned(add(250, 300), 300), clock_.now);
}

// SPEC WIT-5, WIT-11
TEST_F(WitnessWorld, ThatWasNotToldOfANewKeyCosignsNoMoreAndOneThatTookTheOldOneOutTooSoonDoesNotStart) {
  begin();
  ASSERT_EQ(add(0, 57).kind, Kind::cosigned);
  const audit::NoteVerifier old = log_.keys().front(), next = log_.add_key();
  witness_.reset();
  known_ = {next};
  const auto refused = try_open();
  EXPECT_EQ(refused.error().code, ErrorCode::corrupt) << "only the old key signed its record";
  EXPECT_NE(refused.error().message.find("`former_keys`"), std::string::npos) << refused.error().message;
  reopen_with({old, next});
  EXPECT_EQ(add(57, 100).kind, Kind::cosigned) << "nothing was lost";
  reopen_with({old});
  log_.drop_first_key();
  EXPECT_EQ(add(100, 200).kind, Kind::not_signed);
}

// Whoever stole the key that was replaced. SPEC WIT-5, WIT-10, WIT-14
TEST_F(WitnessWorld, IsStoppedByAThiefOfTheOldKeyOnlyWhileItKnowsThatKey) {
  begin();
  ASSERT_EQ(add(0, 200).kind, Kind::cosigned);
  const auto forged = [&](std::uint64_t size) {
    return audit::write_add_checkpoint({size, {}, log_.note_of(fork_.checkpoint(size))});
  };
  const std::string of_250 = forged(250), of_300 = forged(300);  // under the old key
  const audit::NoteVerifier old = log_.keys().front(), next = log_.add_key();
  log_.drop_first_key();
  reopen_with({old, next});
  ASSERT_EQ(add(200, 250).kind, Kind::cosigned);
  reopen_with({next});
  EXPECT_EQ(witness_->add_checkpoint(of_250).kind, Kind::not_signed);
  EXPECT_EQ(cosigned(add(250, 300), 300), clock_.now) << "and goes on";
  EXPECT_TRUE(alarms_.empty());
  reopen_with({old, next});
  EXPECT_EQ(witness_->add_checkpoint(of_300).kind, Kind::conflict) << "so that key is taken out at once";
  EXPECT_FALSE(alarms_.empty());
  EXPECT_EQ(add(300, 300).kind, Kind::stopped);
}

// As after the old key leaked: no checkpoint carries both. SPEC WIT-39, WIT-11
TEST_F(WitnessWorld, ReadsWhatItKeepsUnderAFormerKeyAndCosignsUnderTheNewOneAlone) {
  begin();
  ASSERT_EQ(add(0, 57).kind, Kind::cosigned);
  const audit::NoteVerifier old = log_.keys().front(), next = log_.add_key();
  log_.drop_first_key();
  reopen_with({next}, {old});
  EXPECT_EQ(add(0, 57).size, 57u) << "what it keeps";
  EXPECT_EQ(cosigned(add(57, 100), 100), clock_.now);
  reopen_with({next});
  EXPECT_EQ(cosigned(add(100, 200), 200), clock_.now) << "what it keeps is under the new one by now";
}

// SPEC WIT-39, WIT-5, WIT-10
TEST_F(WitnessWorld, NothingThatAFormerKeyAloneSignedIsCosignedOrStopsTheLog) {
  begin();
  ASSERT_EQ(add(0, 200).kind, Kind::cosigned);
  const std::string honest = audit::write_add_checkpoint(log_.request(200, 250));
  const std::string forked = audit::write_add_checkpoint({200, {}, log_.note_of(fork_.checkpoint(200))});
  const audit::NoteVerifier old = log_.keys().front(), next = log_.add_key();
  log_.drop_first_key();
  for (const std::vector<audit::NoteVerifier>& known : {std::vector<audit::NoteVerifier>{}, std::vector{next}}) {
    reopen_with(known, {old});
    for (const std::string& shown : {honest, forked})
      EXPECT_EQ(witness_->add_checkpoint(shown).kind, Kind::not_signed) << known.size();
    EXPECT_EQ(witness_->status()[0].size, 200u);
  }
  EXPECT_TRUE(alarms_.empty());
  EXPECT_EQ(cosigned(add(200, 300), 300), clock_.now) << "and goes on";
}

// SPEC WIT-39, WIT-16
TEST_F(WitnessWorld, WhatStoppedALogIsToldUnderItsFormerKeyToo) {
  begin();
  ASSERT_EQ(add(0, 200).kind, Kind::cosigned);
  const std::vector<std::string> both{log_.note(200), log_.note_of(fork_.checkpoint(200))};
  ASSERT_EQ(add_forked(200, 200).kind, Kind::conflict);
  const audit::NoteVerifier old = log_.keys().front(), next = log_.add_key();
  log_.drop_first_key();
  reopen_with({next}, {old});
  const Answer answer = add(200, 300);
  EXPECT_EQ(answer.kind, Kind::stopped);
  EXPECT_EQ(answer.contradicting, both);
}

// SPEC WIT-39, WIT-13
TEST_F(WitnessWorld, OfALogWithFormerKeysAloneNoRecordIsBegun) {
  former_ = std::exchange(known_, {});
  EXPECT_EQ(Witness::begin(folder_.path(), keys())->size(), 0u);
  EXPECT_EQ(try_open().error().code, ErrorCode::not_found);
  known_ = std::exchange(former_, {});
  EXPECT_EQ(Witness::begin(folder_.path(), keys())->size(), 1u);
  EXPECT_TRUE(try_open());
}

TEST_F(WitnessWorld, WhatCannotBeKeptIsNotCosigned) {  // SPEC WIT-12
  begin();
  ASSERT_EQ(add(0, 57).kind, Kind::cosigned);
  // A folder in the file's place: it can neither be replaced nor read.
  const auto file = folder_.file(".log");
  std::filesystem::remove(file);
  std::filesystem::create_directory(file);
  const Answer answer = add(57, 300);
  EXPECT_EQ(answer.kind, Kind::unavailable);
  EXPECT_TRUE(answer.cosignatures.empty());
  EXPECT_EQ(fatal_.size(), 1u) << "what is on the disk is not known";
  EXPECT_EQ(add(0, 57).size, 57u);
}

TEST_F(WitnessWorld, WithoutItsRecordItDoesNotStart) {  // SPEC WIT-13
  EXPECT_EQ(try_open().error().code, ErrorCode::not_found) << "never begun";
  begin();
  ASSERT_EQ(add(0, 57).kind, Kind::cosigned);
  witness_.reset();
  EXPECT_EQ(Witness::begin(folder_.path(), keys())->size(), 0u) << "what is there is not begun anew";
  open();
  EXPECT_EQ(add(0, 57).size, 57u);
  witness_.reset();
  std::filesystem::remove(folder_.file(".log"));
  EXPECT_EQ(try_open().error().code, ErrorCode::not_found) << "lost";
}

TEST_F(WitnessWorld, ADamagedRecordOrOneOfAnotherLogOrKeyIsRefused) {  // SPEC WIT-11, WIT-13
  begin();
  ASSERT_EQ(add(0, 57).kind, Kind::cosigned);
  witness_.reset();
  const std::string good = folder_.text(".log");
  const auto opens = [&](const std::string& text) {
    folder_.write(".log", text);
    return try_open().has_value();
  };
  ASSERT_TRUE(opens(good));
  for (std::size_t i = 0; i < good.size(); i += 3) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    EXPECT_FALSE(opens(bad)) << i;
    EXPECT_FALSE(opens(good.substr(0, i))) << i;
  }
  EXPECT_FALSE(opens(good + "\n"));
  audit::SampleLog stranger;
  stranger.grow_to(57);
  EXPECT_FALSE(opens("flikvakt-witness/v1\norigin example.org/log\nnewest\n\n" + stranger.note(57)));
  EXPECT_FALSE(opens("flikvakt-witness/v1\norigin example.org/other\nnothing yet\n"));
  EXPECT_TRUE(opens(good));
}

TEST_F(WitnessWorld, AForkStopsTheLogForGoodAndBothNotesAreKept) {  // SPEC WIT-10, WIT-14
  begin();
  ASSERT_EQ(add(0, 200).kind, Kind::cosigned);
  const Answer answer = add_forked(200, 200);
  EXPECT_EQ(answer.kind, Kind::conflict);
  EXPECT_EQ(answer.size, 200u);
  ASSERT_EQ(alarms_.size(), 1u);
  EXPECT_NE(alarms_[0].find("example.org/log"), std::string::npos) << alarms_[0];
  const std::string real = log_.note(200), forged = log_.note_of(fork_.checkpoint(200));
  EXPECT_EQ(folder_.text(".evidence"), "flikvakt-witness-evidence/v1\ncosigned " + std::to_string(real.size()) +
                                           " bytes\npresented " + std::to_string(forged.size()) + " bytes\n\n" + real +
                                           forged);
  const std::string evidence = folder_.text(".evidence");
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(add(200, 300).kind, Kind::stopped);
    EXPECT_EQ(add(200, 200).kind, Kind::stopped);
    EXPECT_EQ(add_forked(100, 300).kind, Kind::stopped);
    EXPECT_EQ(add_forked(200, 200).kind, Kind::stopped);
    EXPECT_TRUE(witness_->status()[0].is_stopped);
    EXPECT_EQ(folder_.text(".evidence"), evidence) << "never replaced";
    reopen();
    EXPECT_EQ(alarms_.size(), 2u + round) << "said at each start";
  }
}

TEST_F(WitnessWorld, WhatAStoppedLogIsToldIsTheEvidenceWithItsOwnSignaturesAlone) {  // SPEC WIT-16
  begin();
  ASSERT_EQ(add(0, 200).kind, Kind::cosigned);
  const std::string real = log_.note(200), forged = log_.note_of(fork_.checkpoint(200));
  const std::vector others{signer_.sign(audit::parse_note(forged)->text, clock_.now)};
  const std::string crowded = forged + audit::write_signature_lines(others);
  ASSERT_EQ(witness_->add_checkpoint(audit::write_add_checkpoint({200, {}, crowded})).kind, Kind::conflict);
  const std::vector<std::string> both{real, forged};
  EXPECT_EQ(add(200, 300).contradicting, both);
  reopen();
  EXPECT_EQ(add(200, 300).contradicting, both) << "read from what was kept";
  folder_.write(".evidence", folder_.text(".evidence") + "more");
  reopen();
  const Answer damaged = add(200, 300);
  EXPECT_EQ(damaged.kind, Kind::stopped);
  EXPECT_TRUE(damaged.contradicting.empty());
  for (const char* rubbish : {"", "flikvakt-witness-evidence/v1\n", "flikvakt-witness-evidence/v1\ncosigned 1 bytes\n",
                              "flikvakt-witness-evidence/v1\ncosigned x bytes\npresented 1 bytes\n\nab",
                              "flikvakt-witness-evidence/v1\ncosigned 1 bytes\npresented 1 bytes\n\nab"}) {
    folder_.write(".evidence", rubbish);
    reopen();
    EXPECT_TRUE(add(200, 300).contradicting.empty()) << rubbish;
    EXPECT_EQ(add(200, 300).kind, Kind::stopped) << rubbish;
  }
}

TEST_F(WitnessWorld, AForkStopsThatLogOnly) {  // SPEC WIT-14
  audit::SampleLog other("example.org/other");
  other.grow_to(10);
  const Witness::Keys both = {{log_.origin(), {log_.keys(), {}}}, {other.origin(), {other.keys(), {}}}};
  ASSERT_EQ(Witness::begin(folder_.path(), both)->size(), 2u);
  witness_ =
      Witness::open(folder_.path(), both, signer_, clock_, {[](const std::string&) {}, [](const Error&) {}}).value();
  ASSERT_EQ(add(0, 200).kind, Kind::cosigned);
  ASSERT_EQ(add_forked(0, 200).kind, Kind::conflict);
  EXPECT_EQ(add(200, 300).kind, Kind::stopped);
  EXPECT_EQ(witness_->add_checkpoint(audit::write_add_checkpoint(other.request(0, 10))).kind, Kind::cosigned);
}

TEST_F(WitnessWorld, AForkOfWhichNoEvidenceCanBeKeptStopsTheLogAllTheSame) {  // SPEC WIT-14
  begin();
  ASSERT_EQ(add(0, 200).kind, Kind::cosigned);
  std::filesystem::rename(folder_.path(), folder_.path().string() + ".gone");
  EXPECT_EQ(add_forked(200, 200).kind, Kind::conflict);
  EXPECT_EQ(alarms_.size(), 2u);
  EXPECT_EQ(add(200, 300).kind, Kind::stopped);
  std::filesystem::rename(folder_.path().string() + ".gone", folder_.path());
}

TEST_F(WitnessWorld, OneProcessHoldsTheFolder) {  // SPEC WIT-15
  begin();
  EXPECT_EQ(try_open().error().code, ErrorCode::unavailable);
  EXPECT_EQ(Witness::begin(folder_.path(), keys()).error().code, ErrorCode::unavailable);
  witness_.reset();
  EXPECT_TRUE(try_open());
  ::chmod(folder_.path().c_str(), 0755);
  EXPECT_EQ(try_open().error().code, ErrorCode::invalid) << "others may look in";
}

// Of the log and, later, of its fork: whatever is cosigned is one history.
TEST_F(WitnessWorld, AThousandCallsAtOnceGetOneHistory) {  // SPEC WIT-12
  begin();
  std::atomic<std::uint64_t> known = 0;
  std::atomic<int> of_log = 0, of_fork = 0;
  std::mutex mutex;
  std::vector<std::uint64_t> sizes;
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 8; ++caller) {
    callers.emplace_back([&, caller] {
      for (int i = 0; i < 125; ++i) {
        const std::uint64_t from = known;
        const std::uint64_t to = std::min<std::uint64_t>(300, from + 1 + static_cast<std::uint64_t>((i + caller) % 3));
        const bool forked = caller == 7 && i > 60 && from >= 101;
        const Answer answer = forked ? add_forked(from, to) : add(from, to);
        if (answer.kind == Kind::conflict) known = answer.size;
        if (answer.kind != Kind::cosigned) continue;
        (forked ? of_fork : of_log)++;
        EXPECT_TRUE(forked || cosigned(answer, to));
        const std::lock_guard lock(mutex);
        sizes.push_back(to);
        known = std::max<std::uint64_t>(known, to);
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_GT(of_log, 0);
  EXPECT_EQ(of_fork, 0) << "the record at or beyond 101 is of the log";
  const std::uint64_t last = witness_->status()[0].size;
  EXPECT_EQ(last, *std::max_element(sizes.begin(), sizes.end()));
  reopen();
  EXPECT_EQ(witness_->status()[0].size, last);
}

}  // namespace
}  // namespace flikvakt::witness
