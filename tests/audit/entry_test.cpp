#include "audit/entry.h"

#include <gtest/gtest.h>

#include <set>

#include "crypto/aes_gcm.h"
#include "crypto/hash.h"
#include "tests/audit/samples.h"

namespace flikvakt::audit {
namespace {

BytesView slice(BytesView bytes, std::size_t from, std::size_t count) { return bytes.subspan(from, count); }
Bytes big_endian(std::uint64_t number) { return ByteWriter().u64(number).view(); }
Bytes field(BytesView bytes) { return ByteWriter().u32(static_cast<std::uint32_t>(bytes.size())).bytes(bytes).view(); }

// A second reader, made from spec/log-entry.md: no code of audit/entry.cpp.
Bytes open_by_the_spec(BytesView log_key, std::string_view key_label, std::uint64_t kind, BytesView sealed) {
  const auto key = crypto::hkdf_sha256(log_key, {}, field(as_bytes(key_label)));
  const Bytes ad = ByteWriter()
                       .bytes(field(as_bytes("flikvakt/v1/log-part")))
                       .bytes(field(big_endian(1)))
                       .bytes(field(big_endian(kind)))
                       .view();
  Bytes out(sealed.size() - 28);
  EXPECT_TRUE(crypto::Aes256Gcm(key).open(*to_array<12>(sealed.first(12)), ad, sealed.subspan(12), out));
  return out;
}

TEST(LogEntry,
     ASecondReaderMadeFromThePageReadsTheLeafAndBothParts) {  // SPEC LOG-1, LOG-4, LOG-5, LOG-6, LOG-8, LOG-10
  Keys keys;
  const SealedEntry entry = keys.entry(at(0x0102030405), 7);
  const BytesView leaf(entry.leaf);
  ASSERT_EQ(leaf.size(), 169u);
  EXPECT_EQ(leaf[0], 1);
  EXPECT_EQ(to_bytes(slice(leaf, 1, 8)), big_endian(0x0102030405));
  EXPECT_EQ(to_hex(slice(leaf, 73, 32)), to_hex(crypto::sha256(entry.act)));
  EXPECT_EQ(to_hex(slice(leaf, 137, 32)), to_hex(crypto::sha256(entry.person)));

  const Bytes act = open_by_the_spec(keys.forbund_key.expose(), "flikvakt/v1/log-act-key", 1, entry.act);
  ASSERT_EQ(act.size(), 32u + 87u);
  EXPECT_EQ(
      to_hex(slice(leaf, 41, 32)),
      to_hex(crypto::hmac_sha256(slice(act, 0, 32), as_bytes("flikvakt/v1/log-act-commitment"), slice(act, 32, 87))));
  EXPECT_EQ(to_hex(slice(act, 32, 87)),
            "0103010204"
            "0102"
            "02aa0000000000000000000000000000"
            "01aa0000000000000000000000000000"
            "03aa0000000000000000000000000000"
            "0909" +
                std::string(60, '0'));

  const Bytes person = open_by_the_spec(keys.person_key.expose(), "flikvakt/v1/log-person-key", 2, entry.person);
  ASSERT_EQ(person.size(), 32u + 120u);
  EXPECT_EQ(to_hex(slice(leaf, 105, 32)),
            to_hex(crypto::hmac_sha256(slice(person, 0, 32), as_bytes("flikvakt/v1/log-person-commitment"),
                                       slice(person, 32, 120))));
  EXPECT_EQ(to_hex(slice(person, 32, 16)), "04aa0000000000000000000000000000");
  EXPECT_EQ(to_hex(slice(person, 48, 16)), std::string(32, '0'));
  EXPECT_EQ(as_text(slice(person, 32 + 80, 6)), "health");
  EXPECT_EQ(as_text(slice(person, 32 + 96, 16)), "rehab-planning-1");
  EXPECT_EQ(to_bytes(slice(person, 32 + 112, 8)), big_endian(123'456'789));
}

TEST(LogEntry, TheTagIsAPrfOfThePersonsKeyAndCount) {  // SPEC LOG-3
  Keys keys;
  const auto tag_key =
      crypto::hkdf_sha256(keys.person_key.expose(), {}, field(as_bytes("flikvakt/v1/log-person-tag-key")));
  EXPECT_EQ(keys.person.tag(7), crypto::hmac_sha256(tag_key.expose(), big_endian(7)));
  EXPECT_EQ(decode_leaf(keys.entry(at(1), 7).leaf)->person_tag, keys.person.tag(7));
  EXPECT_NE(keys.person.tag(7), keys.person.tag(8));
  EXPECT_NE(keys.person.tag(7), Keys().person.tag(7));
}

TEST(LogEntry, BothPartsComeBackToWhoeverHoldsTheirKeys) {
  Keys keys;
  const SealedEntry entry = keys.entry(at(1000));
  const Leaf leaf = *decode_leaf(entry.leaf);
  EXPECT_EQ(leaf.time, at(1000));
  EXPECT_EQ(entry.hash, crypto::leaf_hash(entry.leaf));
  const auto act = open_act(leaf, entry.act, keys.forbund);
  const auto person = open_person(leaf, entry.person, keys.person);
  ASSERT_TRUE(act && person);
  EXPECT_EQ(act->part, sample_act());
  EXPECT_EQ(person->part, sample_person());
  EXPECT_EQ(commit_to(act->opener, act->part), leaf.act_commitment);
  EXPECT_EQ(commit_to(person->opener, person->part), leaf.person_commitment);
}

TEST(LogEntry, NeitherPartOpensUnderAnotherKey) {
  Keys keys, others;
  const SealedEntry entry = keys.entry(at(1000));
  const Leaf leaf = *decode_leaf(entry.leaf);
  EXPECT_EQ(open_act(leaf, entry.act, others.forbund).error().code, ErrorCode::corrupt);
  EXPECT_EQ(open_person(leaf, entry.person, others.person).error().code, ErrorCode::corrupt);
}

TEST(LogEntry, APartThatTheLeafDoesNotSpeakOfIsRefused) {  // SPEC LOG-7
  Keys keys;
  const SealedEntry one = keys.entry(at(1000)), two = keys.entry(at(1000));
  const Leaf leaf = *decode_leaf(one.leaf);
  EXPECT_FALSE(open_act(leaf, two.act, keys.forbund));
  EXPECT_FALSE(open_person(leaf, two.person, keys.person));
  Leaf other_hash = leaf;  // the hash agrees, the commitment does not
  other_hash.act_ciphertext_hash = crypto::sha256(two.act);
  other_hash.person_ciphertext_hash = crypto::sha256(two.person);
  EXPECT_EQ(open_act(other_hash, two.act, keys.forbund).error().code, ErrorCode::corrupt);
  EXPECT_EQ(open_person(other_hash, two.person, keys.person).error().code, ErrorCode::corrupt);
}

TEST(LogEntry, EveryChangedByteOfACiphertextIsRefused) {  // SPEC LOG-7
  Keys keys;
  const SealedEntry entry = keys.entry(at(1000));
  for (std::size_t i = 0; i < entry.act.size(); ++i) {
    SealedEntry changed = entry;
    changed.act[i] ^= 1;
    Leaf leaf = *decode_leaf(entry.leaf);
    EXPECT_FALSE(open_act(leaf, changed.act, keys.forbund)) << i;
    leaf.act_ciphertext_hash = crypto::sha256(changed.act);
    EXPECT_FALSE(open_act(leaf, changed.act, keys.forbund)) << i;
  }
}

TEST(LogEntry, EveryEntryHasTheSameSizeAndFreshNoncesWhateverItSays) {  // SPEC LOG-13, LOG-5, LOG-11
  Keys keys;
  const SealedEntry about_someone = keys.entry(at(1)), about_nobody = keys.entry_about_nobody(at(1));
  EXPECT_EQ(about_someone.leaf.size() + about_someone.act.size() + about_someone.person.size(), 496u);
  EXPECT_EQ(about_nobody.leaf.size() + about_nobody.act.size() + about_nobody.person.size(), 496u);
  std::set<Bytes> nonces, openers;
  for (int i = 0; i < 100; ++i) {
    const SealedEntry entry = keys.entry(at(1));  // the very same entry
    nonces.insert(to_bytes(slice(entry.act, 0, 12)));
    nonces.insert(to_bytes(slice(entry.person, 0, 12)));
    openers.insert(to_bytes(open_act(*decode_leaf(entry.leaf), entry.act, keys.forbund)->opener));
  }
  EXPECT_EQ(nonces.size(), 200u);
  EXPECT_EQ(openers.size(), 100u);
}

TEST(LogEntry, AnEntryAboutNobodyOpensForNobodyAndHasARandomTag) {  // SPEC LOG-11
  Keys keys;
  const SealedEntry one = keys.entry_about_nobody(at(1)), two = keys.entry_about_nobody(at(1));
  const Leaf leaf = *decode_leaf(one.leaf);
  EXPECT_FALSE(open_person(leaf, one.person, keys.person));
  EXPECT_TRUE(open_act(leaf, one.act, keys.forbund));
  EXPECT_NE(leaf.person_tag, decode_leaf(two.leaf)->person_tag);
  EXPECT_NE(one.person, two.person);
  EXPECT_EQ(leaf.person_ciphertext_hash, crypto::sha256(one.person));
  EXPECT_NE(leaf.person_commitment, decode_leaf(two.leaf)->person_commitment);
}

TEST(LogEntry, ALeafOfAnotherLengthVersionOrTimeIsRefused) {  // SPEC LOG-2
  Keys keys;
  const Bytes leaf = to_bytes(keys.entry(at(1)).leaf);
  ASSERT_TRUE(decode_leaf(leaf));
  EXPECT_EQ(to_bytes(encode_leaf(*decode_leaf(leaf))), leaf);
  Bytes longer = leaf, version = leaf, time = leaf;
  longer.push_back(0);
  version[0] = 2;
  time[1] = 1;
  for (const Bytes& bad : {longer, Bytes(leaf.begin(), leaf.end() - 1), version, time, Bytes()})
    EXPECT_EQ(decode_leaf(bad).error().code, ErrorCode::corrupt);
  Leaf last = *decode_leaf(leaf);
  last.time = at(253'402'300'799'999);
  EXPECT_EQ(decode_leaf(encode_leaf(last))->time, last.time);
  last.time += std::chrono::milliseconds{1};
  EXPECT_FALSE(decode_leaf(encode_leaf(last)));
}

TEST(LogEntry, AnActPartWithAnUnknownNumberOrLengthIsRefused) {  // SPEC LOG-8
  const Bytes good = to_bytes(encode(sample_act()));
  ASSERT_TRUE(decode_act(good));
  for (const std::size_t place : {0, 1, 2, 3}) {
    for (const int number : {0, 255}) {
      Bytes bad = good;
      bad[place] = static_cast<std::uint8_t>(number);
      EXPECT_EQ(decode_act(bad).error().code, ErrorCode::corrupt) << place;
    }
  }
  EXPECT_FALSE(decode_act(BytesView(good).first(86)));
  Bytes longer = good;
  longer.push_back(0);
  EXPECT_FALSE(decode_act(longer));
}

TEST(LogEntry, EveryKindOfActAndActorSurvivesTheRoundTrip) {  // SPEC LOG-8
  int kinds = 0;
  for (int number = 0; number < 256; ++number) {
    ActPart act = sample_act();
    act.kind = static_cast<ActKind>(number);
    const std::string_view name = name_of(act.kind);
    EXPECT_EQ(decode_act(encode(act)).has_value(), !name.empty()) << number;
    if (name.empty()) continue;
    ++kinds;
    EXPECT_EQ(act_kind_named(name), act.kind);
    EXPECT_EQ(*decode_act(encode(act)), act);
  }
  EXPECT_GE(kinds, 62);
  EXPECT_FALSE(act_kind_named("open_everything"));
  for (const Actor& actor : {Actor::system(), Actor::administrator(id_of<AdministratorId>(1)), Actor::person(),
                             Actor::staff(id_of<StaffId>(1)), Actor::representative()}) {
    ActPart act = sample_act();
    act.actor = actor;
    EXPECT_EQ(decode_act(encode(act))->actor, actor);
  }
}

TEST(LogEntry, TheNumbersOfKindsAreThoseOfTheFirstRelease) {  // SPEC LOG-8
  EXPECT_EQ(name_of(static_cast<ActKind>(1)), "open_reading");
  EXPECT_EQ(name_of(static_cast<ActKind>(13)), "revoke_fullmakt");
  EXPECT_EQ(name_of(static_cast<ActKind>(31)), "roster_remove");
  EXPECT_EQ(name_of(static_cast<ActKind>(50)), "apply_crl");
  EXPECT_EQ(name_of(static_cast<ActKind>(62)), "stop");
}

TEST(LogEntry, TheActPartNamesNoPerson) {  // SPEC LOG-9
  for (const ActorKind kind : {ActorKind::system, ActorKind::person, ActorKind::representative}) {
    EXPECT_TRUE(Actor::of(kind, ActorId()));
    EXPECT_EQ(Actor::of(kind, id_of<ActorId>(1)).error().code, ErrorCode::malformed);
    Bytes act = to_bytes(encode(sample_act()));  // with an actor id
    act[1] = static_cast<std::uint8_t>(kind);
    EXPECT_FALSE(decode_act(act));
  }
  EXPECT_TRUE(Actor::of(ActorKind::staff, id_of<ActorId>(1)));
  EXPECT_FALSE(Actor::of(static_cast<ActorKind>(9), ActorId()));
}

TEST(LogEntry, ACodeIsUpTo16VisibleAsciiCharacters) {  // SPEC LOG-10
  EXPECT_EQ(EntryCode::parse("")->text(), "");
  EXPECT_EQ(EntryCode::parse("0123456789abcdef")->text(), "0123456789abcdef");
  for (const std::string_view bad : {"0123456789abcdefg", "two words", "hälsa", "tab\t", "\x7f"})
    EXPECT_EQ(EntryCode::parse(bad).error().code, ErrorCode::malformed) << bad;
  EXPECT_FALSE(EntryCode::parse(std::string_view("a\0b", 3)));
  EXPECT_TRUE(EntryCode::decode(ByteArray<16>{'a', 'b'}));
  EXPECT_FALSE(EntryCode::decode(ByteArray<16>{'a', 0, 'b'}));

  Bytes person = to_bytes(encode(sample_person()));
  ASSERT_TRUE(decode_person(person));
  EXPECT_FALSE(decode_person(BytesView(person).first(119)));
  person[112] = 1;  // 2^56 bytes
  EXPECT_FALSE(decode_person(person));
}

TEST(LogEntry, AnActRecordOpensOnlyUnderItsKeyAndItsCommitment) {  // SPEC LOG-12
  Keys keys;
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{100'000}}) {
    const Bytes plaintext(size, 0x5a);
    const SealedRecord record = seal_record(plaintext, keys.person.record);
    EXPECT_EQ(record.ciphertext.size(), size + 60);
    EXPECT_EQ(*open_record(record.commitment, record.ciphertext, keys.person.record), plaintext);
    const SealedRecord again = seal_record(plaintext, keys.person.record);
    EXPECT_NE(again.commitment, record.commitment);
    EXPECT_EQ(open_record(again.commitment, record.ciphertext, keys.person.record).error().code, ErrorCode::corrupt);
    EXPECT_FALSE(open_record(record.commitment, record.ciphertext, keys.forbund.record));
  }
  EXPECT_FALSE(open_record({}, Bytes(10), keys.person.record));
  EXPECT_FALSE(open_record(
      {}, keys.person.record.seal(crypto::AssociatedData(crypto::labels::kLogPart).number(1).number(3), Bytes(5)),
      keys.person.record));  // too short for an opener

  const SealedRecord record = seal_record(as_bytes("effects"), keys.person.record);  // by the page
  const Bytes inner = open_by_the_spec(keys.person_key.expose(), "flikvakt/v1/log-record-key", 3, record.ciphertext);
  EXPECT_EQ(record.commitment, crypto::hmac_sha256(slice(inner, 0, 32), as_bytes("flikvakt/v1/log-record-commitment"),
                                                   as_bytes("effects")));
}

TEST(LogEntry, PartsOfOneKindDoNotPassForAnother) {  // SPEC LOG-5
  Keys keys;
  const SealedEntry entry = keys.entry(at(1));
  const Leaf leaf = *decode_leaf(entry.leaf);
  EXPECT_FALSE(open_record(leaf.act_commitment, entry.act, keys.forbund.act));
  EXPECT_FALSE(open_record(leaf.person_commitment, entry.person, keys.person.person));
}

}  // namespace
}  // namespace flikvakt::audit
