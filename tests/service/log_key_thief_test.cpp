// What a thief of the log's old key can still do after it was replaced, and what not: the table of
// docs/decisions/log-key-rotation.md, row by row. And what the old key said in its time still counts.
#include <future>

#include "audit/log_key_statement.h"
#include "audit/witness.h"
#include "base/files.h"
#include "service/log_key_statement.h"
#include "service/receipts.h"
#include "service/shown_checkpoint.h"
#include "store/start_up.h"
#include "tests/service/rotated_world.h"

namespace flikvakt::service::test {
namespace {

using namespace policy;
namespace fs = std::filesystem;
using Why = RotatedWorld::Why;

const std::vector<std::string> kNoProblems;

class ThiefOfTheLogKey : public ::testing::Test {
protected:
  ThiefOfTheLogKey() : thief_(world_.stolen(1)) {}
  ~ThiefOfTheLogKey() override { world_.stop(); }

  audit::Checkpoint honest(std::uint64_t size) { return {kOrigin, size, world_.root_at(size)}; }
  audit::Checkpoint forged(std::uint64_t size) {
    const std::uint64_t known = std::min(size, world_.size());
    return {kOrigin, size, another(world_.root_at(known))};
  }
  std::optional<ShownVerdict> show(const std::string& note) {
    const Result<ShownVerdict> verdict = judge_shown_checkpoint(*world_.core, note);
    return verdict ? std::optional(*verdict) : std::nullopt;
  }
  bool goes_on() {
    return !world_.core->is_locked() && !fs::exists(world_.data() / "log-evidence") && world_.add_entry() > 0;
  }
  void retire() {
    world_.wait_for_the_end_of_the_overlap();
    ASSERT_TRUE(world_.try_retire(1));
  }
  std::string problem_with(const std::string& saved) {
    const LogReport report = world_.verify(std::vector{saved});
    return report.problems.empty() ? "" : report.problems.front();
  }
  // A witness that the gateway asks, and its signature under a checkpoint of the thief's or of the log.
  std::string cosigned(const std::string& note) const {
    const std::vector lines{witness_.sign(audit::parse_note(note)->text, world_.clock.wall())};
    return note + audit::write_signature_lines(lines);
  }
  std::vector<audit::CosignatureVerifier> witnesses() const { return {witness_.verifier()}; }

  RotatedWorld world_;
  const SigningKey thief_;
  const SigningKey witness_key_ = SigningKey::generate(crypto::KeyAlgorithm::ed25519);
  const audit::CosignatureSigner witness_ = audit::CosignatureSigner::make("witness.test/w1", witness_key_).value();
};

// ---- Locking the gateway with a forged checkpoint

// SPEC WIT-33
TEST_F(ThiefOfTheLogKey, BeforeItIsKnownLocksTheGateway) {
  EXPECT_EQ(show(signed_by(thief_, forged(5))), ShownVerdict::contradicts);
  EXPECT_TRUE(world_.core->is_locked());
}

// SPEC WIT-36, LKEY-9
TEST_F(ThiefOfTheLogKey, AfterItIsKnownLocksNothingWhateverTheSize) {
  const std::uint64_t then = world_.size();
  world_.rotate(Why::compromised);
  for (const std::uint64_t size : {std::uint64_t{5}, then, world_.announced, world_.announced + 1, world_.size() + 9})
    EXPECT_EQ(show(signed_by(thief_, forged(size))), ShownVerdict::not_signed) << size;
  EXPECT_TRUE(goes_on());
  EXPECT_EQ(show(signed_by(thief_, honest(5))), ShownVerdict::extended) << "what it signed while it was the log's own";
  EXPECT_EQ(show(signed_by(thief_, honest(world_.announced + 1))), ShownVerdict::not_signed)
      << "even the truth, of a size that it never signed";
  EXPECT_EQ(show(world_.checkpoint()), ShownVerdict::extended);
}

// SPEC WIT-38
TEST_F(ThiefOfTheLogKey, AfterItIsKnownGoesBeforeNobody) {
  const std::string forgery = signed_by(thief_, forged(5));
  const auto is_evidence = [&] {
    const auto opened = open_shown_checkpoint(*world_.core, forgery);
    return std::get<ShownCheckpoint>(opened).may_be_evidence();
  };
  EXPECT_TRUE(is_evidence());
  world_.rotate(Why::compromised);
  EXPECT_FALSE(is_evidence());
}

// SPEC WIT-37
TEST_F(ThiefOfTheLogKey, AfterItIsKnownClosesNoGateWhereRowsAreDamaged) {
  world_.rotate(Why::compromised);
  while (world_.size() < 300) world_.add_entry();
  const std::string forgery = signed_by(thief_, forged(5));
  const auto connection =
      store::open_keyed(world_.data() / "rows.db", world_.core->keys().database(), store::Role::writer).value();
  ASSERT_TRUE(connection->query("UPDATE tile SET hashes = ?").value().bind(as_bytes("?")).run());
  EXPECT_EQ(show(forgery), std::nullopt);
  EXPECT_FALSE(world_.core->sequencer().doubts_rows());
  EXPECT_EQ(show(world_.checkpoint()), std::nullopt);
  EXPECT_TRUE(world_.core->sequencer().doubts_rows()) << "what a key of the log says that counts";
}

// SPEC WIT-36: what a quorum saw is not the thief's word alone.
TEST_F(ThiefOfTheLogKey, WithAQuorumThatSawItTooLocks) {
  world_.rotate(Why::compromised);
  const std::string note = cosigned(signed_by(thief_, forged(5)));
  EXPECT_EQ(show(note), ShownVerdict::not_signed) << "no witness is asked here";
  world_.core->set_quorum({witnesses(), 1});
  EXPECT_EQ(show(cosigned(signed_by(thief_, forged(world_.announced + 1)))), ShownVerdict::not_signed)
      << "beyond its time also then";
  EXPECT_EQ(show(signed_by(thief_, forged(5))), ShownVerdict::not_signed);
  EXPECT_TRUE(goes_on());
  EXPECT_EQ(show(note), ShownVerdict::contradicts);
  EXPECT_TRUE(world_.core->is_locked());
}

// SPEC LKEY-9
TEST_F(ThiefOfTheLogKey, WhileBothSignLocksAsBefore) {
  world_.rotate();
  EXPECT_EQ(show(signed_by(thief_, forged(5))), ShownVerdict::contradicts);
  EXPECT_TRUE(world_.core->is_locked());
}

// SPEC LKEY-9, WIT-36
TEST_F(ThiefOfTheLogKey, WhatARetiredKeySignedInItsTimeIsStillEvidenceAndNothingBeyond) {
  world_.rotate();
  retire();
  const std::uint64_t to = world_.log_keys().all().front().to.value();
  EXPECT_EQ(show(signed_by(thief_, honest(to))), ShownVerdict::extended);
  EXPECT_EQ(show(signed_by(thief_, forged(to + 1))), ShownVerdict::not_signed);
  EXPECT_TRUE(goes_on());
  EXPECT_EQ(show(signed_by(thief_, forged(to))), ShownVerdict::contradicts) << "the log was rewritten";
  EXPECT_TRUE(world_.core->is_locked());
}

// SPEC LKEY-14, WIT-36, LKEY-9
TEST_F(ThiefOfTheLogKey, WithAKeyThatLeaksAfterItWasRetiredLocksNothingOnceItIsGivenUp) {
  const std::string before = world_.checkpoint();
  world_.rotate();
  retire();
  const std::uint64_t to = world_.log_keys().all().front().to.value();
  const auto is_evidence = [&](std::uint64_t size) {
    const auto opened = open_shown_checkpoint(*world_.core, signed_by(thief_, forged(size)));
    return std::get<ShownCheckpoint>(opened).may_be_evidence();
  };
  EXPECT_TRUE(is_evidence(to)) << "until it is known";
  ASSERT_TRUE(world_.try_give_up(1));
  for (const std::uint64_t size : {std::uint64_t{5}, to, to + 1, world_.size() + 9}) {
    EXPECT_FALSE(is_evidence(size)) << size;
    EXPECT_EQ(show(signed_by(thief_, forged(size))), ShownVerdict::not_signed) << size;
  }
  EXPECT_TRUE(goes_on());
  EXPECT_EQ(show(signed_by(thief_, honest(to))), ShownVerdict::extended);
  EXPECT_EQ(show(signed_by(thief_, honest(to + 1))), ShownVerdict::not_signed) << "it had signed its last before";
  EXPECT_EQ(problem_with(before), "") << "what was true stays true";
  EXPECT_NE(problem_with(signed_by(thief_, forged(5))).find("(under a key that is in other hands)"), std::string::npos);
  EXPECT_NE(problem_with(signed_by(thief_, honest(to + 1))).find("is forged"), std::string::npos);
}

// SPEC LKEY-14, LKEY-9: its denied twin; who rewrites the log does not get rid of the evidence by giving the key up.
TEST_F(ThiefOfTheLogKey, WhatWitnessesCosignedUnderAKeyThatIsGivenUpStillLocks) {
  world_.rotate();
  retire();
  ASSERT_TRUE(world_.try_give_up(1));
  const std::string note = cosigned(signed_by(thief_, forged(5)));
  EXPECT_EQ(show(note), ShownVerdict::not_signed) << "no witness is asked here";
  world_.core->set_quorum({witnesses(), 1});
  EXPECT_EQ(show(note), ShownVerdict::contradicts);
  EXPECT_TRUE(world_.core->is_locked());
}

// SPEC LKEY-9: what the current key signed beside it counts as that key's.
TEST_F(ThiefOfTheLogKey, WhatBothKeysSignedInTheOverlapStillCountsWhenTheOlderIsGivenUp) {
  world_.rotate();
  const std::string during = world_.checkpoint();
  retire();
  ASSERT_TRUE(world_.try_give_up(1));
  const auto opened = open_shown_checkpoint(*world_.core, during);
  EXPECT_TRUE(std::get<ShownCheckpoint>(opened).may_be_evidence());
  EXPECT_EQ(show(during), ShownVerdict::extended);
}

// ---- Checkpoints that somebody saved

// SPEC LVR-30, LVR-1, LKEY-9
TEST_F(ThiefOfTheLogKey, WhatItSignsLaterIsToldAsAForgeryByTheVerifier) {
  const std::string before = world_.checkpoint();
  world_.rotate();
  retire();
  const std::uint64_t to = world_.log_keys().all().front().to.value();
  EXPECT_EQ(problem_with(before), "") << "saved years ago under the first key";
  EXPECT_EQ(problem_with(signed_by(thief_, honest(to))), "");
  EXPECT_NE(problem_with(signed_by(thief_, honest(to + 1))).find("is forged"), std::string::npos);
  EXPECT_NE(problem_with(signed_by(thief_, forged(to))).find("are not those of saved checkpoint 1"), std::string::npos);
}

// SPEC LKEY-9
TEST_F(ThiefOfTheLogKey, ASavedCheckpointUnderACompromisedKeyIsToldAsSuchWhenItDiffers) {
  const std::string before = world_.checkpoint();
  world_.rotate(Why::compromised);
  EXPECT_EQ(problem_with(before), "");
  EXPECT_NE(problem_with(signed_by(thief_, forged(5))).find("(under a key that is in other hands)"), std::string::npos);
}

// ---- A second history for whoever asks no witness, and a fork for witnesses

TEST_F(ThiefOfTheLogKey, ShowsASecondHistoryOnlyToWhoeverWasNotTold) {
  const audit::NoteVerifier old = world_.key(1);
  world_.rotate(Why::compromised);
  const std::string second = signed_by(thief_, forged(world_.size() + 100));
  EXPECT_TRUE(world_.opens(second, old)) << "nothing stops that";
  EXPECT_FALSE(world_.opens(second, world_.key(2)));
}

// SPEC WIT-5, WIT-10
TEST_F(ThiefOfTheLogKey, DoesNotMakeAWitnessThatCosignedASizeCosignAnotherHistoryOfIt) {
  const audit::NoteVerifier old = world_.key(1);
  world_.rotate(Why::compromised);
  const std::string note = world_.checkpoint();
  const audit::NoteVerifier fresh = world_.key(2);
  const audit::WitnessedLog seen{audit::open_checkpoint(note, {&fresh, 1}).value(), note};
  const std::uint64_t size = seen.newest.size;
  const audit::AddCheckpoint fork{size, {}, signed_by(thief_, {kOrigin, size, another(seen.newest.root)})};
  const std::vector both{old, fresh};
  EXPECT_EQ(audit::judge_checkpoint(seen, {&fresh, 1}, fork).verdict, audit::WitnessVerdict::not_signed);
  EXPECT_EQ(audit::judge_checkpoint(seen, both, fork).verdict, audit::WitnessVerdict::forked) << "stopped, not fooled";
}

// ---- Receipts of before and after

json::value receipt_of(RotatedWorld& world, std::uint64_t entry, const std::string& checkpoint = {}) {
  std::promise<Result<json::value>> promise;
  person_receipt(*world.core, world.anna.actor, entry, checkpoint,
                 [&](Result<json::value> found) { promise.set_value(std::move(found)); });
  return promise.get_future().get().value();
}

bool holds(const json::value& receipt, const std::vector<audit::NoteVerifier>& known) {
  return audit::check_receipt(from_json<audit::Receipt>(receipt).value(), {known, {}}).has_value();
}

// SPEC RCPT-3
TEST(ReceiptsAcrossARotation, HoldUnderTheKeysOfTheirTime) {
  RotatedWorld world;
  world.anna = world.enrol(world.anna.number);
  const FullmaktId fullmakt = world.sign(world.anna);
  const auto entry = world.by_person(world.anna, RevokeFullmakt{fullmakt}).entry;
  const json::value before = receipt_of(world, entry);
  const audit::NoteVerifier old = world.key(1);
  world.rotate();
  const audit::NoteVerifier fresh = world.key(2);
  const json::value during = receipt_of(world, entry);
  world.wait_for_the_end_of_the_overlap();
  ASSERT_TRUE(world.try_retire(1));
  const json::value after = receipt_of(world, entry);
  EXPECT_TRUE(holds(before, {old}));
  EXPECT_FALSE(holds(before, {fresh})) << "fetch it anew, or keep the old key";
  EXPECT_TRUE(holds(during, {old}));
  EXPECT_TRUE(holds(during, {fresh}));
  EXPECT_FALSE(holds(after, {old}));
  EXPECT_TRUE(holds(after, {fresh}));
  for (const json::value& one : {before, during, after}) EXPECT_TRUE(holds(one, {old, fresh}));
}

// ---- The list of the keys

class StatedLogKeysTest : public ThiefOfTheLogKey {
protected:
  audit::StatedLogKeys stated() {
    const std::string note = cosigned(world_.checkpoint());
    return from_json<audit::StatedLogKeys>(state_log_keys(*world_.core, note).value()).value();
  }
  Result<audit::CheckedLogKeys> check(const audit::StatedLogKeys& list, std::size_t quorum = 1) const {
    const std::vector known{known_.value()};
    const auto believed = witnesses();
    audit::LogKeyGrounds grounds{{known, believed}, quorum, std::nullopt};
    if (pinned_) grounds.administrators = *pinned_;
    return audit::check_log_keys(list, grounds);
  }
  void pin(const std::vector<std::size_t>& officials) {
    pinned_.emplace();
    for (const std::size_t i : officials) pinned_->push_back(world_.officials[i].key.public_key());
  }
  std::string why_not(const audit::StatedLogKeys& list, std::size_t quorum = 1) const {
    const auto checked = check(list, quorum);
    return checked ? "" : checked.error().message;
  }
  std::optional<audit::NoteVerifier> known_ = world_.key(1);  // what the reader knows
  std::optional<std::vector<crypto::PublicKey>> pinned_;      // administrators whom they know
};

// SPEC LKEY-11, LKEY-12
TEST_F(StatedLogKeysTest, WhoeverKnowsTheFirstComesToBelieveInTheLaterOnes) {
  EXPECT_TRUE(check(stated()).value().later.empty()) << "there is one";
  world_.rotate();
  const audit::StatedLogKeys during = stated();
  ASSERT_EQ(during.keys.size(), 2u);
  EXPECT_EQ(during.keys[0].status, "retiring");
  EXPECT_EQ(during.keys[1].status, "current");
  EXPECT_EQ(during.keys[1].from, world_.announced);
  EXPECT_FALSE(during.keys[0].announced);
  const auto checked = check(during);
  ASSERT_TRUE(checked) << checked.error().message;
  ASSERT_EQ(checked->later.size(), 1u);
  EXPECT_EQ(checked->later[0].key, world_.key(2).text());
  ASSERT_EQ(checked->later[0].by.size(), 1u);

  retire();
  const auto after = check(stated());
  ASSERT_TRUE(after) << "the old key signs nothing any more: " << after.error().message;
  EXPECT_EQ(after->later.back().key, world_.key(2).text());
  world_.rotate(Why::compromised);
  const auto twice = check(stated());
  ASSERT_TRUE(twice) << twice.error().message;
  ASSERT_EQ(twice->later.size(), 2u);
  EXPECT_EQ(twice->later.back().key, world_.key(3).text());
  known_ = world_.key(2);
  EXPECT_EQ(check(stated()).value().later.size(), 1u) << "from there on";
  EXPECT_EQ(audit::parse_log_keys(to_text(to_json(stated()))).value().keys.size(), 3u);
}

// SPEC LKEY-11, LKEY-14
TEST_F(StatedLogKeysTest, SaysOfAKeyThatLeakedLaterThatItDidAndStillLeadsToTheLaterOnes) {
  world_.rotate();
  retire();
  const audit::StatedLogKeys before = stated();
  EXPECT_EQ(before.keys[0].status, "retired");
  ASSERT_TRUE(world_.try_give_up(1));
  const audit::StatedLogKeys list = stated();
  EXPECT_EQ(list.keys[0].status, "compromised");
  EXPECT_EQ(list.keys[0].to, before.keys[0].to);
  const auto checked = check(list);
  ASSERT_TRUE(checked) << checked.error().message;
  EXPECT_EQ(checked->later.back().key, world_.key(2).text());
}

// SPEC LKEY-12
TEST_F(StatedLogKeysTest, WithoutAQuorumItIsAClaim) {
  world_.rotate();
  const auto alone =
      from_json<audit::StatedLogKeys>(state_log_keys(*world_.core, {}).value()).value();  // nobody cosigned it
  EXPECT_NE(why_not(alone).find("cosigned by 0"), std::string::npos) << why_not(alone);
  EXPECT_NE(why_not(stated(), 2), "");
  EXPECT_NE(why_not(stated(), 0), "") << "a quorum of none is none";
  EXPECT_EQ(why_not(stated()), "");
}

// SPEC LKEY-16, LKEY-11
TEST_F(StatedLogKeysTest, WhoeverKnowsAdministratorsSeesThatTwoOfThemOrderedEachKey) {
  world_.rotate();
  retire();
  world_.rotate(Why::compromised);
  const audit::StatedLogKeys list = stated();
  ASSERT_EQ(list.keys.size(), 3u);
  EXPECT_FALSE(list.keys[0].proposed);
  pin({0, 1});
  const auto checked = check(list);
  ASSERT_TRUE(checked) << checked.error().message;
  ASSERT_EQ(checked->later.size(), 2u);
  for (const audit::CheckedLogKeys::Proven& one : checked->later) {
    EXPECT_EQ(one.ordered_by->proposed, world_.officials[0].key.public_key());
    EXPECT_EQ(one.ordered_by->approved, world_.officials[1].key.public_key());
  }
  pin({2, 1, 0});
  EXPECT_EQ(why_not(list), "") << "whoever else is known";
  pin({0, 2});
  EXPECT_NE(why_not(list).find("its approval is signed by none of the administrators"), std::string::npos);
  pin({1, 2});
  EXPECT_NE(why_not(list).find("its proposal is signed by none of the administrators"), std::string::npos);
  pin({0});
  EXPECT_NE(why_not(list), "");
  pin({0, 1});
  audit::StatedLogKeys bent = list;
  bent.keys[2].proposed = bent.keys[1].proposed;
  EXPECT_NE(why_not(bent).find("the administrators ordered another key"), std::string::npos) << why_not(bent);
  bent = list;
  bent.keys[1].proposed.reset();
  EXPECT_NE(why_not(bent).find("nothing shows who proposed it"), std::string::npos) << why_not(bent);
  pinned_.reset();
  EXPECT_EQ(why_not(bent), "") << "who knows none goes by the quorum alone";
}

// SPEC LKEY-16, RET-5
TEST_F(StatedLogKeysTest, WhoOrderedAKeyIsShownAlsoOfALogThatIsPrunedPastIt) {
  world_.rotate();
  world_.clock.advance(24h);
  const UtcTime limit = std::chrono::floor<std::chrono::days>(world_.clock.wall());
  world_.clock.advance(24h * 4018);
  world_.add_entry();
  world_.prune(limit);
  EXPECT_GT(world_.verify().pruned_entries, 0u);
  pin({0, 1});
  const audit::StatedLogKeys list = stated();
  EXPECT_LT(list.keys[1].from, world_.core->directory().pruned_to());
  EXPECT_EQ(why_not(list), "");
}

// A thief announces a key of their own: everything is theirs but the witnesses. SPEC LKEY-12
TEST_F(StatedLogKeysTest, AThiefsOwnKeyIsNotFollowed) {
  world_.rotate();
  const audit::StatedLogKeys good = stated();
  const auto bent = [&](const std::function<void(audit::StatedLogKeys&)>& how) {
    audit::StatedLogKeys out = good;
    how(out);
    return why_not(out);
  };
  const SigningKey theirs = SigningKey::generate(crypto::KeyAlgorithm::ed25519);
  const std::string key = audit::NoteVerifier::make(kOrigin, theirs.public_key())->text();
  EXPECT_NE(bent([&](auto& list) { list.keys[1].key = key; }), "") << "in the place of the one that was announced";
  EXPECT_NE(bent([&](auto& list) {
              list.keys.push_back(list.keys[1]);
              list.keys[1].status = "compromised";
              list.keys[1].to = list.keys[2].from += 1;
              list.keys[2].generation = 3;
              list.keys[2].key = key;
            }),
            "")
      << "behind it, with its announcement";
  EXPECT_NE(bent([&](auto& list) { list.keys[1].announced.reset(); }), "");
  EXPECT_NE(bent([&](auto& list) { list.keys[1].from += 1; }), "");
  EXPECT_NE(bent([&](auto& list) { list.keys[1].generation = 3; }), "");
  EXPECT_NE(bent([&](auto& list) { list.origin = "flikvakt.test/other"; }), "");
  EXPECT_NE(bent([&](auto& list) { list.format = "flikvakt-log-keys/2"; }), "");
  EXPECT_NE(bent([&](auto& list) { list.keys[1].announced->record.opener[0] ^= 1; }), "");
  EXPECT_NE(bent([&](auto& list) {
              std::string& hex = list.keys[1].announced->record.plaintext;
              hex[40] = hex[40] == '0' ? '1' : '0';
            }),
            "");
  EXPECT_NE(bent([&](auto& list) { list.keys[0].from = 1; }), "") << "what it replaces is another one";
  known_ = audit::NoteVerifier::make(kOrigin, theirs.public_key()).value();
  EXPECT_NE(why_not(good), "") << "who knows none of its keys is told nothing";
  known_ = world_.key(1);
  EXPECT_EQ(why_not(good), "");
}

// SPEC LKEY-11
TEST_F(StatedLogKeysTest, AListOfAnotherFormIsRefused) {
  world_.rotate();
  const json::object good = to_json(stated()).as_object();
  EXPECT_TRUE(audit::parse_log_keys(to_text(good)));
  for (const char* name : {"format", "origin", "keys"}) {
    json::object less = good;
    less.erase(name);
    EXPECT_FALSE(audit::parse_log_keys(to_text(less))) << name;
  }
  json::object more = good;
  more["more"] = 1;
  EXPECT_FALSE(audit::parse_log_keys(to_text(more)));
  json::object other = good;
  other["format"] = "flikvakt-receipt/1";
  EXPECT_FALSE(audit::parse_log_keys(to_text(other)));
  EXPECT_FALSE(audit::parse_log_keys("{}"));
  EXPECT_FALSE(audit::parse_log_keys(""));
}

}  // namespace
}  // namespace flikvakt::service::test
