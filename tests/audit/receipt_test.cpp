#include "audit/receipt.h"

#include <gtest/gtest.h>

#include "tests/audit/samples.h"
#include "tests/audit/witness_samples.h"

namespace flikvakt::audit {
namespace {

const TileSource kNoTiles = [](unsigned, std::uint64_t) -> Result<std::vector<MerkleHash>> {
  return fail(ErrorCode::not_found, "no tile is full");
};

// A log of a person's entries and others', and receipts of them.
class RecordedLog {
public:
  void add_own(std::optional<std::uint64_t> count = {}) {
    add(keys.entry(at(1'790'000'000'000 + step()), count.value_or(own_++)));
    own_at.push_back(tree_.size() - 1);
  }
  // The person asks for the whole of it: by this act, unless it is to be another one.
  ActPart asking() const {
    ActPart out;
    out.actor = Actor::person();
    out.kind = ActKind::read_own_log;
    out.outcome = Outcome::permitted;
    out.act = act_of(asked);
    return out;
  }
  void add_asking(const ActPart& act, std::chrono::milliseconds later = {}) {
    add(keys.entry(at(1'790'000'000'000 + step()) + later, own_++, act));
    own_at.push_back(tree_.size() - 1);
  }
  void add_others() { add(keys.entry_about_nobody(at(1'790'000'000'000 + step()))); }
  std::uint64_t size() const { return tree_.size(); }

  std::string note(std::uint64_t size, bool is_cosigned = false) const {
    const Checkpoint checkpoint{"example.org/log", size, tree_.root_at(size, kNoTiles).value()};
    Note note = parse_note(sign_checkpoint(checkpoint, {&signer_, 1}).value()).value();
    if (is_cosigned) note.signatures.push_back(cosigner.sign(note.text, second(1'790'000'000)));
    return write_note(note);
  }
  Receipt receipt(std::uint64_t index, std::uint64_t size, bool is_cosigned = false) {
    const SealedEntry& entry = entries_[index];
    const Leaf leaf = decode_leaf(entry.leaf).value();
    Receipt out;
    out.format = kReceiptFormat;
    out.leaf = to_hex(entry.leaf);
    out.proof = write_log_proof(
        {std::nullopt, index, tree_.inclusion_proof(index, size, kNoTiles).value(), note(size, is_cosigned)});
    out.act = shown(open_act(leaf, entry.act, keys.forbund).value());
    const auto person = open_person(leaf, entry.person, keys.person);
    if (person) out.person = shown(*person);
    return out;
  }
  ConsistencyProof consistency(std::uint64_t from, std::uint64_t to) const {
    return {from, to, tree_.consistency_proof(from, to, kNoTiles).value()};
  }
  OwnLogProof own_log() {
    OwnLogProof out;
    out.format = kOwnLogFormat;
    out.asked = asked;
    out.tag_key = disclose_tag_key(keys.person_key);
    for (const std::uint64_t index : own_at) out.receipts.push_back(receipt(index, size()));
    return out;
  }

  Keys keys;
  Asking asked{id_of<AskingId>(21), id_of<AskingId>(22)};
  std::vector<std::uint64_t> own_at;
  crypto::SigningKey witness_key = ed25519_key();
  CosignatureSigner cosigner = CosignatureSigner::make("w1", witness_key).value();
  std::vector<CosignatureVerifier> witnesses = {cosigner.verifier()};

private:
  std::int64_t step() const { return static_cast<std::int64_t>(entries_.size()); }
  void add(const SealedEntry& entry) {
    entries_.push_back(entry);
    tree_.append(entry.hash);
    tree_.commit();
  }
  crypto::SigningKey key_ = ed25519_key();
  NoteSigner signer_ = NoteSigner::make("example.org/log", key_).value();

public:
  std::vector<NoteVerifier> log_keys = {signer_.verifier()};
  Trusted trusted() const { return {log_keys, witnesses}; }

private:
  std::uint64_t own_ = 0;
  std::vector<SealedEntry> entries_;
  Tree tree_;
};

struct Receipts : testing::Test {
  Receipts() {
    log.add_others();
    log.add_own();
    log.add_own();
    log.add_others();
    log.add_asking(log.asking());
    log.add_others();
  }
  std::string why(const Receipt& receipt) const {
    const auto checked = check_receipt(receipt, log.trusted());
    return checked ? "" : checked.error().message;
  }
  std::string why(const OwnLogProof& own) const {
    const auto checked = check_own_log(own, log.trusted());
    return checked ? "" : checked.error().message;
  }
  RecordedLog log;
};

// The hex digit at that place made another.
std::string bent(std::string hex, std::size_t at) {
  hex[at] = hex[at] == '0' ? '1' : '0';
  return hex;
}

// SPEC RCPT-1, RCPT-2, RCPT-3, RCPT-5
TEST_F(Receipts, HoldsOffline) {
  const std::string text = to_text(to_json(log.receipt(2, 6, true)));
  const auto checked = check_receipt(parse_receipt(text).value(), log.trusted());
  ASSERT_TRUE(checked) << checked.error().message;
  EXPECT_EQ(checked->index, 2u);
  EXPECT_EQ(checked->act, sample_act());
  EXPECT_EQ(checked->person, sample_person());
  EXPECT_EQ(checked->seen.checkpoint.size, 6u);
  EXPECT_EQ(checked->seen.by.size(), 1u);
  const auto without_person = check_receipt(log.receipt(0, 1), log.trusted());
  ASSERT_TRUE(without_person);
  EXPECT_FALSE(without_person->person);
  EXPECT_TRUE(without_person->seen.by.empty());
}

// SPEC RCPT-1, RCPT-2
TEST_F(Receipts, OfAnotherFormIsRefused) {
  const json::object good = to_json(log.receipt(2, 6)).get_object();
  ASSERT_TRUE(parse_receipt(to_text(good)));
  for (const char* name : {"format", "leaf", "proof"}) {
    json::object bad = good;
    bad.erase(name);
    EXPECT_FALSE(parse_receipt(to_text(bad))) << name;
  }
  json::object more = good;
  more["note"] = "believe me";
  EXPECT_FALSE(parse_receipt(to_text(more)));
  json::object other = good;
  other["format"] = "flikvakt-receipt/2";
  EXPECT_FALSE(parse_receipt(to_text(other)));
  for (const std::string& text : {std::string(), std::string("[]"), to_text(good) + "x", std::string(600'000, ' ')})
    EXPECT_FALSE(parse_receipt(text));
}

// SPEC RCPT-15
TEST_F(Receipts, OfAPrunedEntryHoldsItsLeafAndNoPart) {
  Receipt bare = log.receipt(2, 6);
  bare.act.reset();
  EXPECT_EQ(why(bare), "`person`: the act part is missing");
  bare.person.reset();
  const auto checked = check_receipt(parse_receipt(to_text(to_json(bare))).value(), log.trusted());
  ASSERT_TRUE(checked) << checked.error().message;
  EXPECT_TRUE(checked->is_pruned);
  EXPECT_EQ(checked->index, 2u);
  EXPECT_FALSE(check_receipt(log.receipt(2, 6), log.trusted())->is_pruned);
  const UtcTime fifth = checked->leaf.time + std::chrono::days(1830);
  EXPECT_FALSE(may_be_pruned(*checked, 0, fifth - std::chrono::milliseconds(1)));
  EXPECT_TRUE(may_be_pruned(*checked, 0, fifth));
  Receipt stripped = log.receipt(2, 6, true);
  stripped.act.reset();
  stripped.person.reset();
  const auto cosigned = check_receipt(stripped, log.trusted());
  ASSERT_TRUE(cosigned) << cosigned.error().message;
  EXPECT_FALSE(may_be_pruned(*cosigned, 1, fifth + std::chrono::hours(24)))
      << "a witness saw it so lately that nobody can have pruned it then";
  bare.leaf = bent(bare.leaf, 20);
  EXPECT_NE(why(bare), "") << "the leaf is proven";
  OwnLogProof own = log.own_log();
  ASSERT_EQ(why(own), "");
  own.receipts[1].act.reset();
  own.receipts[1].person.reset();
  EXPECT_EQ(why(own), "receipt 1: it holds no part, and is too young to be pruned");
}

// SPEC RCPT-15, WIT-22
TEST_F(Receipts, WithoutPartsIsAsOldAsAQuorumSawItAndNotAsOneWitnessSays) {
  std::vector<crypto::SigningKey> witness_keys;
  for (int i = 0; i < 3; ++i) witness_keys.push_back(ed25519_key());
  std::vector<CosignatureSigner> cosigners;
  std::vector<CosignatureVerifier> witnesses;
  for (std::size_t i = 0; i < 3; ++i) {
    cosigners.push_back(CosignatureSigner::make("w" + std::to_string(i + 1), witness_keys[i]).value());
    witnesses.push_back(cosigners.back().verifier());
  }
  const Receipt bare = [&] {
    Receipt out = log.receipt(2, 6);
    out.act.reset();
    out.person.reset();
    return out;
  }();
  const std::string text = parse_note(log.note(6)).value().text;
  const auto seen_at = [&](const std::vector<UtcTime>& times) {
    std::vector<NoteSignature> signatures;
    for (std::size_t i = 0; i < times.size(); ++i) signatures.push_back(cosigners[i].sign(text, times[i]));
    Receipt out = bare;
    out.proof += write_signature_lines(signatures);
    return check_receipt(out, {log.log_keys, witnesses}).value();
  };
  const UtcTime fifth = decode_leaf(from_hex(bare.leaf).value())->time + std::chrono::days(1830);
  const UtcTime young = fifth - std::chrono::hours(1), old = fifth + std::chrono::hours(1);
  const UtcTime ahead = fifth + std::chrono::days(3650);
  const UtcTime now = young;  // the reader's clock does not count beside cosignatures
  EXPECT_FALSE(may_be_pruned(seen_at({ahead, young, young}), 2, now)) << "one of three has a clock ahead";
  EXPECT_FALSE(may_be_pruned(seen_at({young, young, ahead}), 2, now)) << "whichever it is";
  EXPECT_TRUE(may_be_pruned(seen_at({ahead, old, young}), 2, now));
  EXPECT_TRUE(may_be_pruned(seen_at({young, old, old}), 2, now)) << "one that is behind makes nothing younger";
  EXPECT_FALSE(may_be_pruned(seen_at({ahead, old, young}), 3, now));
  EXPECT_TRUE(may_be_pruned(seen_at({old, old, old}), 3, now));
  EXPECT_FALSE(may_be_pruned(seen_at({old}), 2, old)) << "too few say anything";
  EXPECT_TRUE(may_be_pruned(seen_at({ahead, young, young}), 1, now)) << "who asks for one believes any one";
  EXPECT_TRUE(may_be_pruned(seen_at({ahead, young, young}), 0, now)) << "as does who asks for none";
  EXPECT_FALSE(may_be_pruned(seen_at({young}), 0, old)) << "it was seen so lately that nobody can have pruned it then";
}

// SPEC RCPT-17
TEST_F(Receipts, ThatIsWithheldHoldsItsLeafAndNoPartAndSaysSo) {
  Receipt kept = log.receipt(2, 6);
  kept.withheld = true;
  EXPECT_EQ(why(kept), "`withheld`: expected true, and no part beside it");
  kept.act.reset();
  EXPECT_NE(why(kept), "") << "nor the person part";
  kept.person.reset();
  const auto checked = check_receipt(parse_receipt(to_text(to_json(kept))).value(), log.trusted());
  ASSERT_TRUE(checked) << checked.error().message;
  EXPECT_TRUE(checked->is_withheld);
  EXPECT_FALSE(checked->is_pruned);
  EXPECT_FALSE(check_receipt(log.receipt(2, 6), log.trusted())->is_withheld);
  OwnLogProof own = log.own_log();
  own.receipts[1] = kept;
  const auto whole = check_own_log(own, log.trusted());
  ASSERT_TRUE(whole) << whole.error().message;
  EXPECT_TRUE(whole->entries[1].is_withheld) << "young as it is: whoever reads it is told";
  own.receipts[1].leaf = bent(kept.leaf, 30);
  EXPECT_NE(why(own), "") << "the leaf, and by its tag whose it is, is proven";
  own = log.own_log();
  own.receipts.back().act.reset();
  own.receipts.back().person.reset();
  own.receipts.back().withheld = true;
  EXPECT_EQ(why(own), "the newest entry is not the asking for it: what came after that was left out");
  kept.withheld = false;
  EXPECT_NE(why(kept), "");
}

// SPEC RCPT-4, RCPT-5, LOG-6
TEST_F(Receipts, EachDamageHasItsMessage) {
  const Receipt good = log.receipt(2, 6);
  ASSERT_EQ(why(good), "");
  for (std::size_t digit = 2; digit < good.leaf.size(); digit += 7) {
    Receipt bad = good;
    bad.leaf = bent(bad.leaf, digit);
    EXPECT_NE(why(bad), "") << digit;
  }
  for (std::size_t digit = 0; digit < good.act->plaintext.size(); ++digit) {
    Receipt bad = good;
    bad.act->plaintext = bent(bad.act->plaintext, digit);
    EXPECT_EQ(why(bad).substr(0, 5), "`act`") << digit;
  }
  for (std::size_t digit = 0; digit < good.person->plaintext.size(); ++digit) {
    Receipt bad = good;
    bad.person->plaintext = bent(bad.person->plaintext, digit);
    EXPECT_EQ(why(bad).substr(0, 8), "`person`") << digit;
  }
  Receipt bad = good;
  bad.act->opener[0] ^= 1;
  EXPECT_EQ(why(bad), "`act` is not what the leaf commits to");
  bad = good;
  bad.person = log.receipt(4, 6).person;
  EXPECT_EQ(why(bad), "`person` is not what the leaf commits to");
  bad = good;
  std::swap(*bad.act, *bad.person);
  EXPECT_NE(why(bad), "");
  bad = good;
  bad.act->plaintext.resize(bad.act->plaintext.size() - 2);
  EXPECT_NE(why(bad), "");
  bad = good;
  for (char& digit : bad.leaf) digit = static_cast<char>(std::toupper(digit));
  EXPECT_EQ(why(bad), "`leaf`: expected lower-case hex");
  bad = good;
  bad.proof = log.receipt(4, 6).proof;
  EXPECT_EQ(why(bad), "`proof`: checking a proof: the entry is not in that log at that place");
  bad = good;
  bad.proof = "c2sp.org/tlog-proof@v1\nextra AQID\n" + good.proof.substr(good.proof.find("index"));
  EXPECT_EQ(why(bad), "`proof`: a receipt has no extra line");
  bad = good;
  bad.proof.clear();
  EXPECT_EQ(why(bad).substr(0, 8), "`proof`:");
}

// SPEC RCPT-3
TEST_F(Receipts, UnderAnotherLogsKeyIsRefused) {
  EXPECT_FALSE(check_receipt(log.receipt(2, 6), RecordedLog().trusted()));
  EXPECT_FALSE(check_receipt(log.receipt(2, 6), {}));
  RecordedLog other;
  const auto checked = check_receipt(log.receipt(2, 6, true), {log.log_keys, other.witnesses});
  EXPECT_TRUE(!checked || checked->seen.by.empty()) << "of a witness that nobody named";
}

// SPEC RCPT-10, RCPT-11
TEST_F(Receipts, AnOwnLogWithoutAGapHolds) {
  const std::string text = to_text(to_json(log.own_log()));
  const auto checked = check_own_log(parse_own_log(text).value(), log.trusted());
  ASSERT_TRUE(checked) << checked.error().message;
  EXPECT_EQ(checked->entries.size(), 3u);
  EXPECT_EQ(checked->entries.back().index, 4u);
}

// SPEC RCPT-10, RCPT-11
TEST_F(Receipts, AnOwnLogThatLacksHidesOrMixesEntriesIsRefused) {
  const OwnLogProof good = log.own_log();
  ASSERT_EQ(why(good), "");
  OwnLogProof bad = good;
  bad.receipts.erase(bad.receipts.begin() + 1);
  EXPECT_EQ(why(bad), "receipt 1: not the person's entry of that number: one is missing, out of order, or another's");
  bad = good;
  bad.receipts.erase(bad.receipts.begin());
  EXPECT_EQ(why(bad).substr(0, 10), "receipt 0:");
  bad = good;
  std::swap(bad.receipts[0], bad.receipts[1]);
  EXPECT_EQ(why(bad).substr(0, 10), "receipt 0:");
  bad = good;
  bad.receipts.insert(bad.receipts.begin(), bad.receipts[0]);
  EXPECT_EQ(why(bad).substr(0, 10), "receipt 1:");
  bad = good;
  bad.receipts[1] = log.receipt(3, 6);
  EXPECT_EQ(why(bad), "receipt 1: the person part is missing");
  bad = good;
  bad.receipts[2].person.reset();
  EXPECT_EQ(why(bad), "receipt 2: the person part is missing");
  bad = good;
  bad.tag_key[31] ^= 1;
  EXPECT_EQ(why(bad).substr(0, 10), "receipt 0:");
  bad = good;
  bad.receipts.clear();
  EXPECT_EQ(why(bad), "`receipts`: there is none");
  EXPECT_FALSE(parse_own_log(to_text(to_json(log.receipt(2, 6)))));
  EXPECT_FALSE(parse_receipt(to_text(to_json(good))));
}

// SPEC RCPT-14
TEST(OwnLogs, EndWithTheAskingForThem) {
  const auto ending_with = [](auto&& change) {
    RecordedLog log;
    log.add_own();
    ActPart act = log.asking();
    change(act, log);
    log.add_asking(act);
    const auto checked = check_own_log(log.own_log(), log.trusted());
    return checked ? std::string() : checked.error().message;
  };
  constexpr std::string_view kNo = "the newest entry is not the asking for it: what came after that was left out";
  EXPECT_EQ(ending_with([](ActPart&, RecordedLog&) {}), "");
  EXPECT_EQ(ending_with([](ActPart& act, RecordedLog&) { act.act = id_of<ActId>(9); }), kNo) << "of earlier";
  EXPECT_EQ(ending_with([](ActPart& act, RecordedLog&) { act.kind = ActKind::read_overview; }), kNo);
  EXPECT_EQ(ending_with([](ActPart& act, RecordedLog&) { act.outcome = Outcome::refused; }), kNo);
  EXPECT_EQ(ending_with([](ActPart& act, RecordedLog&) { act.actor = Actor::representative(); }), kNo);
  EXPECT_EQ(ending_with([](ActPart&, RecordedLog& log) { log.asked.id = id_of<AskingId>(22); }), kNo);
  EXPECT_EQ(ending_with([](ActPart&, RecordedLog& log) { std::swap(log.asked.id, log.asked.salt); }), kNo);
}

// SPEC RCPT-15: who makes the log may date its newest entry ahead, so that the others look old beside it.
TEST(OwnLogs, LeaveNothingOutThatIsYoungByWitnessesOrByTheReadersClock) {
  RecordedLog log;
  log.add_own();
  log.add_own();
  log.add_asking(log.asking(), std::chrono::days(1831));
  const auto whole = check_own_log(log.own_log(), log.trusted());
  ASSERT_TRUE(whole) << whole.error().message;
  EXPECT_EQ(whole->left_out(0, UtcTime{}), std::nullopt) << "nothing is without its parts";
  const auto without_parts = [&](bool is_cosigned) {
    OwnLogProof own = log.own_log();
    own.receipts[1] = log.receipt(log.own_at[1], log.size(), is_cosigned);
    own.receipts[1].act.reset();
    own.receipts[1].person.reset();
    return check_own_log(own, log.trusted()).value();
  };
  const UtcTime fifth = whole->entries[1].leaf.time + std::chrono::days(1830);
  EXPECT_EQ(without_parts(false).left_out(0, fifth - std::chrono::milliseconds(1)), 1u);
  EXPECT_EQ(without_parts(false).left_out(0, fifth), std::nullopt);
  EXPECT_EQ(without_parts(true).left_out(1, fifth), 1u) << "a witness saw it so lately that nobody can have pruned it";
}

// A number given twice, and one that was given later to what stands before: the gateway would have to lie to do it.
// SPEC RCPT-11
TEST(OwnLogs, NumbersGoUpWithThePlaceInTheLog) {
  RecordedLog log;
  log.add_own(1);
  log.add_own(0);
  std::swap(log.own_at[0], log.own_at[1]);
  const auto checked = check_own_log(log.own_log(), log.trusted());
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().message, "receipt 1: it is not later in the log than the one before");
}

// SPEC RCPT-12
TEST_F(Receipts, CheckpointsOfSeveralSizesMustGrowOutOfEachOther) {
  OwnLogProof good = log.own_log();
  good.receipts[0] = log.receipt(log.own_at[0], 3);
  good.receipts[1] = log.receipt(log.own_at[1], 5);
  good.consistency = {log.consistency(3, 5), log.consistency(5, 6)};
  ASSERT_EQ(why(good), "");
  OwnLogProof bad = good;
  bad.consistency.pop_back();
  EXPECT_EQ(why(bad), "`consistency`: no proof from the checkpoint over 5 entries on");
  bad = good;
  bad.consistency = {log.consistency(3, 6)};
  EXPECT_EQ(why(bad), "`consistency`: expected one proof between each checkpoint and the next larger one, by size");
  bad = good;
  bad.consistency.push_back(log.consistency(5, 6));
  EXPECT_NE(why(bad), "");
  bad = good;
  std::swap(bad.consistency[0], bad.consistency[1]);
  EXPECT_NE(why(bad), "");
  bad = good;
  bad.consistency[0].hashes[0][0] ^= 1;
  EXPECT_EQ(why(bad), "the log of 5 entries does not begin with that of 3");
}

// SPEC RCPT-13
TEST_F(Receipts, ItIsSaidHowManyOfAnOwnLogAQuorumCovers) {
  OwnLogProof own = log.own_log();
  own.receipts[0] = log.receipt(log.own_at[0], 3, true);
  own.receipts[1] = log.receipt(log.own_at[1], 3, true);
  own.consistency = {log.consistency(3, 6)};
  const auto checked = check_own_log(own, log.trusted());
  ASSERT_TRUE(checked) << checked.error().message;
  EXPECT_EQ(checked->cosigned_by(0), 3u);
  EXPECT_EQ(checked->cosigned_by(1), 2u);
  EXPECT_EQ(checked->cosigned_by(2), 0u);
  EXPECT_FALSE(checked->is_behind(3));
  EXPECT_FALSE(checked->is_behind(2)) << "within the hour";
  EXPECT_TRUE(checked->is_behind(0));
}

// SPEC RCPT-13
TEST(OwnLogs, WhatIsNotCosignedForMoreThanAnHourIsTooLittle) {
  for (const auto& [later, is_behind] :
       {std::pair(std::chrono::minutes(59), false), {std::chrono::minutes(61), true}}) {
    RecordedLog log;
    log.add_own();
    log.add_own();
    log.add_asking(log.asking(), later);
    OwnLogProof own = log.own_log();
    own.receipts[0] = log.receipt(log.own_at[0], 1, true);
    own.consistency = {log.consistency(1, 3)};
    const auto checked = check_own_log(own, log.trusted());
    ASSERT_TRUE(checked) << checked.error().message;
    EXPECT_EQ(checked->cosigned_by(1), 1u);
    EXPECT_EQ(checked->is_behind(1), is_behind) << later.count();
  }
}

}  // namespace
}  // namespace flikvakt::audit
