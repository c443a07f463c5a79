// The list of the log's keys as a thief of one of them can make it: a tree of their own, records of their own, and a
// witness that cosigns it. Whoever knows administrators is not deceived by it. The true list: tests/service.
#include "audit/log_key_statement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "crypto/canonical_json.h"
#include "crypto/jws.h"
#include "tests/audit/samples.h"
#include "tests/audit/witness_samples.h"

namespace flikvakt::audit {
namespace {

using crypto::SigningKey;
using ::testing::HasSubstr;

constexpr const char* kOrigin = "example.org/log";
constexpr std::int64_t kBegin = 1'790'000'000'000;

const TileSource kNoTiles = [](unsigned, std::uint64_t) -> Result<std::vector<MerkleHash>> {
  return fail(ErrorCode::not_found, "no tile is full");
};

json::value key_text(const SigningKey& key) { return json::string(to_base64url(key.public_key().raw())); }

// What one administrator orders. Each member is as it should be unless a test changes it.
struct SignedBy {
  const SigningKey* key;
  std::string kid = to_base64url(key->public_key().thumbprint());
  std::string typ = "flikvakt-admin+jws";
  std::function<void(json::object& order)> change = [](json::object&) {};
  bool is_canonical = true;
  bool is_signed = true;
  ActKind kind = ActKind::approve;
  Outcome outcome = Outcome::permitted;
};

// A log whose entries are orders of administrators, with everything that proves them.
class OrderedLog {
public:
  OrderedLog() { add_other(); }

  // One more entry, of this order; its index.
  std::uint64_t add(const SignedBy& by, const ActId& id, json::object act, json::array puts) {
    json::object order{{"id", id.text()},
                       {"audience", "flikvakt-test"},
                       {"issued", to_rfc3339(now())},
                       {"expires", to_rfc3339(now() + std::chrono::hours(24))},
                       {"act", std::move(act)}};
    by.change(order);
    const std::string payload = crypto::canonical(order) + (by.is_canonical ? "" : " ");
    const std::string jws = crypto::sign_jws(*by.key, by.typ, by.kid, as_bytes(payload)).value();
    json::object record{{"version", 1},
                        {"kind", name_of(by.kind)},
                        {"actor", json::object{{"kind", "administrator"}}},
                        {"puts", std::move(puts)},
                        {"erases", json::array()}};
    if (by.is_signed) record["evidence"] = to_base64url(as_bytes(jws));
    const std::string text = to_text(record);
    const ShownPart shown{crypto::random_bytes<32>(), to_hex(as_bytes(text))};
    ActPart part;
    part.actor = Actor::administrator(id_of<AdministratorId>(9));
    part.kind = by.kind;
    part.outcome = by.outcome;
    part.act = id;
    part.record = commit_to_record(shown.opener, as_bytes(text));
    return append(part, shown);
  }
  void add_other() { append(sample_act(), {}); }

  ShownEntry shown(std::uint64_t index, bool is_cosigned = true) {
    const Entry& entry = entries_[index];
    const Leaf leaf = decode_leaf(entry.sealed.leaf).value();
    ShownEntry out;
    out.receipt.format = kReceiptFormat;
    out.receipt.leaf = to_hex(entry.sealed.leaf);
    out.receipt.proof = write_log_proof(
        {std::nullopt, index, tree_.inclusion_proof(index, tree_.size(), kNoTiles).value(), note(is_cosigned)});
    out.receipt.act = audit::shown(open_act(leaf, entry.sealed.act, keys_.forbund).value());
    out.record = entry.record;
    return out;
  }
  UtcTime now() const { return at(kBegin + static_cast<std::int64_t>(entries_.size())); }

  std::vector<NoteVerifier> known() const { return {signer_.verifier()}; }
  std::vector<CosignatureVerifier> witnesses() const { return {witness_.verifier()}; }
  const SigningKey& first_key() const { return key_; }

private:
  struct Entry {
    SealedEntry sealed;
    ShownPart record;
  };
  std::uint64_t append(const ActPart& part, const ShownPart& record) {
    entries_.push_back({seal_entry(now(), part, std::nullopt, keys_.forbund), record});
    tree_.append(entries_.back().sealed.hash);
    tree_.commit();
    return tree_.size() - 1;
  }
  std::string note(bool is_cosigned) const {
    const Checkpoint checkpoint{kOrigin, tree_.size(), tree_.root_at(tree_.size(), kNoTiles).value()};
    Note out = parse_note(sign_checkpoint(checkpoint, {&signer_, 1}).value()).value();
    if (is_cosigned) out.signatures.push_back(witness_.sign(out.text, now()));
    return write_note(out);
  }

  Keys keys_;
  SigningKey key_ = ed25519_key();
  NoteSigner signer_ = NoteSigner::make(kOrigin, key_).value();
  SigningKey witness_key_ = ed25519_key();
  CosignatureSigner witness_ = CosignatureSigner::make("w1", witness_key_).value();
  std::vector<Entry> entries_;
  Tree tree_;
};

class ListOfLogKeys : public ::testing::Test {
protected:
  ListOfLogKeys() {
    list_.format = kLogKeysFormat;
    list_.origin = kOrigin;
    add_stated(log_.first_key(), 0);
  }

  json::object rotation_to(const SigningKey& key) const {
    return {{"kind", "rotate_log_key"},
            {"origin", kOrigin},
            {"checkpoint_key", key_text(key)},
            {"head_key", key_text(head_key_)},
            {"compromised", false}};
  }
  static json::object row_of(std::uint32_t generation, const SigningKey& key, std::uint64_t from, const char* status) {
    return {{"table", 23},
            {"row",
             json::object{
                 {"generation", generation}, {"checkpoint_key", key_text(key)}, {"from", from}, {"status", status}}}};
  }
  SignedBy proposing(const SigningKey& by) const {
    SignedBy out{&by};
    out.kind = ActKind::rotate_log_key;
    return out;
  }
  // A later key: proposed, something between, and approved. What was approved is what `ordered` says, or a rotation to
  // this very key. The list says that it is this generation.
  void announce(const SigningKey& key, const SignedBy& proposal, const SignedBy& approval,
                std::optional<json::object> ordered = {}) {
    const json::object rotation = ordered.value_or(rotation_to(key));
    const ActId proposed = id_of<ActId>(static_cast<std::uint8_t>(2 * list_.keys.size()));
    const std::uint64_t first = log_.add(proposal, proposed, rotation, {});
    log_.add_other();
    const std::uint64_t from = first + 2;
    const auto generation = static_cast<std::uint32_t>(list_.keys.size() + 1);
    const json::object approve{{"kind", "approve"}, {"proposal", proposed.text()}, {"act", rotation}};
    json::array puts{row_of(generation - 1, *keys_.back(), list_.keys.back().from, "retiring"),
                     row_of(generation, key, from, "current")};
    const ActId approved = id_of<ActId>(static_cast<std::uint8_t>(2 * list_.keys.size() + 1));
    ASSERT_EQ(log_.add(approval, approved, approve, std::move(puts)), from);
    for (StatedLogKey& older : list_.keys) {
      if (older.status != "retiring") continue;
      older.status = "retired";
      older.to = first;
    }
    list_.keys.back().status = "retiring";
    add_stated(key, from);
    entries_.push_back({first, from});
  }
  // As the log shows it now.
  StatedLogKeys list() {
    StatedLogKeys out = list_;
    for (std::size_t i = 1; i < out.keys.size(); ++i) {
      out.keys[i].proposed = log_.shown(entries_[i - 1].first);
      out.keys[i].announced = log_.shown(entries_[i - 1].second);
    }
    return out;
  }
  Result<CheckedLogKeys> check(const StatedLogKeys& stated, const std::vector<const SigningKey*>& administrators) {
    const std::vector<NoteVerifier> known = log_.known();
    const std::vector<CosignatureVerifier> witnesses = log_.witnesses();
    std::vector<crypto::PublicKey> pinned;
    for (const SigningKey* one : administrators) pinned.push_back(one->public_key());
    LogKeyGrounds grounds{{known, witnesses}, 1, std::nullopt};
    if (!pinned.empty()) grounds.administrators = pinned;
    return check_log_keys(stated, grounds);
  }
  // Of a reader who knows Ada, Ben and Cia; empty: it holds.
  std::string why_not(const StatedLogKeys& stated) {
    const auto checked = check(stated, {&ada_, &ben_, &cia_});
    return checked ? "" : checked.error().message;
  }
  bool holds_without_administrators(const StatedLogKeys& stated) { return check(stated, {}).has_value(); }

  OrderedLog log_;
  const SigningKey ada_ = ed25519_key(), ben_ = ed25519_key(), cia_ = ed25519_key();
  const SigningKey thief_ = ed25519_key();  // has no administrator's key
  const SigningKey second_ = ed25519_key(), third_ = ed25519_key(), head_key_ = ed25519_key();

private:
  void add_stated(const SigningKey& key, std::uint64_t from) {
    StatedLogKey out;
    out.generation = static_cast<std::uint32_t>(list_.keys.size() + 1);
    out.key = NoteVerifier::make(kOrigin, key.public_key())->text();
    out.status = "current";
    out.from = from;
    out.since = log_.now();
    list_.keys.push_back(std::move(out));
    keys_.push_back(&key);
  }

  StatedLogKeys list_;
  std::vector<const SigningKey*> keys_;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> entries_;  // proposal and approval, from the second key on
};

// SPEC LKEY-16, LKEY-12
TEST_F(ListOfLogKeys, HoldsWhenTwoAdministratorsWhomTheReaderKnowsOrderedEachKey) {
  announce(second_, proposing(ada_), {&ben_});
  announce(third_, proposing(cia_), {&ada_});
  const StatedLogKeys stated = list();
  const auto checked = check(stated, {&ada_, &ben_, &cia_});
  ASSERT_TRUE(checked) << checked.error().message;
  ASSERT_EQ(checked->later.size(), 2u);
  EXPECT_EQ(checked->later[0].ordered_by->proposed, ada_.public_key());
  EXPECT_EQ(checked->later[0].ordered_by->approved, ben_.public_key());
  EXPECT_EQ(checked->later[1].ordered_by->proposed, cia_.public_key());
  EXPECT_EQ(checked->later[1].key, stated.keys[2].key);
  const auto without = check(stated, {});
  ASSERT_TRUE(without) << without.error().message;
  EXPECT_FALSE(without->later[0].ordered_by) << "nothing is said of who ordered it";
  EXPECT_TRUE(parse_log_keys(to_text(to_json(stated))));
  EXPECT_EQ(why_not(parse_log_keys(to_text(to_json(stated))).value()), "");
}

// What became of a key afterwards, however many signed that, changes nothing of who ordered it. SPEC LKEY-16
TEST_F(ListOfLogKeys, HoldsWhateverBecameOfAKeyLater) {
  announce(second_, proposing(ada_), {&ben_});
  log_.add({&ada_}, id_of<ActId>(50), {{"kind", "approve"}}, {row_of(1, log_.first_key(), 0, "compromised")});
  announce(third_, proposing(ada_), {&ben_});
  StatedLogKeys stated = list();
  stated.keys[0].status = "compromised";
  stated.keys[0].to = stated.keys[1].from + 1;
  stated.keys[1].status = "retired";
  stated.keys[1].to = stated.keys[2].from;
  EXPECT_EQ(why_not(stated), "");
}

// SPEC LKEY-16: the attack. Everything is the thief's, and a witness has cosigned it.
TEST_F(ListOfLogKeys, AThiefsOwnAnnouncementIsFollowedOnlyByWhoKnowsNoAdministrator) {
  announce(second_, proposing(thief_), {&thief_});
  EXPECT_TRUE(holds_without_administrators(list())) << "the quorum is all that they go by";
  EXPECT_THAT(why_not(list()), HasSubstr("its proposal is signed by none of the administrators whom you named"));
  EXPECT_THAT(why_not(list()), HasSubstr("key 2 of the log"));
}

// SPEC LKEY-16, JWS-9, JWS-10, JWS-11, JCS-6
class ForgedAnnouncement : public ListOfLogKeys {
protected:
  std::string told(const SignedBy& proposal, const SignedBy& approval, std::optional<json::object> ordered = {}) {
    announce(second_, proposal, approval, std::move(ordered));
    EXPECT_TRUE(holds_without_administrators(list())) << "it is the orders that are wrong";
    return why_not(list());
  }
  static SignedBy with(SignedBy by, const std::function<void(SignedBy&)>& how) {
    how(by);
    return by;
  }
};

TEST_F(ForgedAnnouncement, ThatNobodySignedIsRefused) {
  const auto unsigned_ = [](SignedBy& by) { by.is_signed = false; };
  EXPECT_THAT(told(with(proposing(ada_), unsigned_), {&ben_}), HasSubstr("nobody signed its proposal"));
}
TEST_F(ForgedAnnouncement, WhoseApprovalNobodySignedIsRefused) {
  const auto unsigned_ = [](SignedBy& by) { by.is_signed = false; };
  EXPECT_THAT(told(proposing(ada_), with({&ben_}, unsigned_)), HasSubstr("nobody signed its approval"));
}
TEST_F(ForgedAnnouncement, OfOneAdministratorTwiceIsRefused) {
  EXPECT_THAT(told(proposing(ada_), {&ada_}), HasSubstr("one administrator alone proposed and approved it"));
}
TEST_F(ForgedAnnouncement, WhoseApprovalIsOfAKeyThatIsNotPinnedIsRefused) {
  EXPECT_THAT(told(proposing(ada_), {&thief_}),
              HasSubstr("its approval is signed by none of the administrators whom you named"));
}
TEST_F(ForgedAnnouncement, UnderAnAdministratorsNameWithAnotherKeyIsRefused) {
  const auto in_bens_name = [&](SignedBy& by) { by.kid = to_base64url(ben_.public_key().thumbprint()); };
  EXPECT_THAT(told(proposing(ada_), with({&thief_}, in_bens_name)),
              HasSubstr("the administrator's signature of its approval is not valid"));
}
TEST_F(ForgedAnnouncement, OfAnotherKindOfMessageIsRefused) {
  const auto as_person = [](SignedBy& by) { by.typ = "flikvakt-act+jws"; };
  EXPECT_THAT(told(with(proposing(ada_), as_person), {&ben_}), HasSubstr("signature of its proposal is not valid"));
}
TEST_F(ForgedAnnouncement, InAnotherSpellingIsRefused) {
  const auto loose = [](SignedBy& by) { by.is_canonical = false; };
  EXPECT_THAT(told(with(proposing(ada_), loose), {&ben_}), HasSubstr("is not canonical"));
}
// What two administrators did sign, put under another key: the thief has it from the public list.
TEST_F(ForgedAnnouncement, OfWhatWasSignedForAnotherKeyIsRefused) {
  EXPECT_THAT(told(proposing(ada_), {&ben_}, rotation_to(third_)), HasSubstr("the administrators ordered another key"));
}
TEST_F(ForgedAnnouncement, OfWhatWasSignedAsAnotherActIsRefused) {
  const auto other_id = [](json::object& order) { order["id"] = id_of<ActId>(77).text(); };
  EXPECT_THAT(told(proposing(ada_), with({&ben_}, [&](SignedBy& by) { by.change = other_id; })),
              HasSubstr("its approval was signed for another act"));
}
TEST_F(ForgedAnnouncement, OfAnotherProposalIsRefused) {
  const auto other = [](json::object& order) { order.at("act").as_object()["proposal"] = id_of<ActId>(77).text(); };
  EXPECT_THAT(told(proposing(ada_), with({&ben_}, [&](SignedBy& by) { by.change = other; })),
              HasSubstr("what was approved is not what was proposed"));
}
TEST_F(ForgedAnnouncement, WhoseApprovalRepeatsAnotherActIsRefused) {
  const auto other = [&](json::object& order) { order.at("act").as_object()["act"] = rotation_to(third_); };
  EXPECT_THAT(told(proposing(ada_), with({&ben_}, [&](SignedBy& by) { by.change = other; })),
              HasSubstr("what was approved is not what was proposed"));
}
TEST_F(ForgedAnnouncement, OfAnotherKindOfActIsRefused) {
  const json::object suspend{{"kind", "suspend"}, {"noun", "organisation"}, {"id", "x"}};
  EXPECT_THAT(told(proposing(ada_), {&ben_}, suspend), HasSubstr("what was proposed is no new key of the log"));
}
TEST_F(ForgedAnnouncement, WithAMemberMoreIsRefused) {
  const auto more = [](json::object& order) { order["more"] = 1; };
  EXPECT_THAT(told(with(proposing(ada_), [&](SignedBy& by) { by.change = more; }), {&ben_}),
              HasSubstr("what was signed as its proposal is no order"));
}
TEST_F(ForgedAnnouncement, ThatHadExpiredIsRefused) {
  const auto late = [](json::object& order) { order["expires"] = to_rfc3339(at(kBegin)); };
  EXPECT_THAT(told(with(proposing(ada_), [&](SignedBy& by) { by.change = late; }), {&ben_}),
              HasSubstr("the order that is its proposal had expired"));
}
TEST_F(ForgedAnnouncement, ForAnotherGatewayIsRefused) {
  const auto other = [](json::object& order) { order["audience"] = "flikvakt-elsewhere"; };
  EXPECT_THAT(told(proposing(ada_), with({&ben_}, [&](SignedBy& by) { by.change = other; })),
              HasSubstr("addressed to different gateways"));
}
// Two administrators of several gateways, or of the log that ended with a restore: the names may be the same.
TEST_F(ForgedAnnouncement, OfWhatWasSignedForAnotherLogIsRefused) {
  json::object ordered = rotation_to(second_);
  ordered["origin"] = "example.org/log2";
  EXPECT_THAT(told(proposing(ada_), {&ben_}, ordered), HasSubstr("the administrators ordered a key of another log"));
}
TEST_F(ForgedAnnouncement, OfWhatNamesNoLogIsRefused) {
  json::object ordered = rotation_to(second_);
  ordered.erase("origin");
  EXPECT_THAT(told(proposing(ada_), {&ben_}, ordered), HasSubstr("what was proposed is no new key of the log"));
}
TEST_F(ForgedAnnouncement, WhoseProposalIsAnEntryOfAnotherKindIsRefused) {
  EXPECT_THAT(told({&ada_}, {&ben_}), HasSubstr("none in which an administrator proposed a key"));
}
TEST_F(ForgedAnnouncement, WhoseProposalWasRefusedIsRefused) {
  const auto refused = [](SignedBy& by) { by.outcome = Outcome::refused; };
  EXPECT_THAT(told(with(proposing(ada_), refused), {&ben_}),
              HasSubstr("none in which an administrator proposed a key"));
}

// SPEC LKEY-15: what was ordered of a key serves for one generation.
TEST_F(ListOfLogKeys, AKeyThatStandsInTwoGenerationsIsRefused) {
  announce(second_, proposing(ada_), {&ben_});
  announce(third_, proposing(ada_), {&ben_});
  announce(second_, proposing(ada_), {&ben_});
  EXPECT_THAT(why_not(list()), HasSubstr("key 4 of the log: it was a key of this log before"));
  EXPECT_FALSE(holds_without_administrators(list()));
}

// SPEC LKEY-11
TEST_F(ListOfLogKeys, WhatItSaysOfEachKeyMustGoTogether) {
  announce(second_, proposing(ada_), {&ben_});
  announce(third_, proposing(ada_), {&ben_});
  const StatedLogKeys good = list();
  ASSERT_EQ(good.keys[0].status, "retired");
  ASSERT_EQ(good.keys[1].status, "retiring");
  const auto bent = [&](const std::function<void(std::vector<StatedLogKey>&)>& how) {
    StatedLogKeys out = good;
    how(out.keys);
    const std::string said = why_not(out);
    EXPECT_EQ(said.empty(), holds_without_administrators(out)) << "whoever is known";
    return said;
  };
  EXPECT_EQ(bent([](auto&) {}), "");
  EXPECT_EQ(bent([](auto& keys) { keys[0].status = "compromised"; }), "");
  EXPECT_EQ(bent([](auto& keys) {
              keys[1].status = "compromised";
              keys[1].to = keys[2].from;
            }),
            "");
  EXPECT_EQ(bent([](auto& keys) {
              keys[0].status = "retiring";
              keys[0].to.reset();
              keys[1].status = "compromised";
              keys[1].to = keys[2].from;
            }),
            "")
      << "the oldest goes on while the one after it leaked";
  for (const char* status : {"", "Current", "good"})
    EXPECT_THAT(bent([&](auto& keys) { keys[1].status = status; }), HasSubstr("key 2 of the log: `status`: expected"));
  EXPECT_THAT(bent([](auto& keys) { keys[2].status = "retiring"; }), HasSubstr("it is not called the current one"));
  EXPECT_THAT(bent([](auto& keys) { keys[1].status = "current"; }), HasSubstr("it is not the newest"));
  EXPECT_THAT(bent([](auto& keys) {
                keys[0].status = "retiring";
                keys[0].to.reset();
              }),
              HasSubstr("key 2 of the log: there is another one that is retiring"));
  EXPECT_THAT(bent([](auto& keys) { keys[0].to.reset(); }), HasSubstr("`to` is missing"));
  EXPECT_THAT(bent([](auto& keys) { keys[1].to = keys[2].from; }), HasSubstr("it signs, and has a `to`"));
  EXPECT_THAT(bent([](auto& keys) { keys[2].to = keys[2].from; }), HasSubstr("it signs, and has a `to`"));
  EXPECT_THAT(bent([](auto& keys) { keys[0].to = keys[1].from - 1; }), HasSubstr("before the next one was announced"));
  EXPECT_THAT(bent([](auto& keys) { keys[0].from = 1; }), HasSubstr("the first one stands from 0 on"));
  EXPECT_THAT(bent([](auto& keys) { keys[2].from = keys[1].from; }),
              HasSubstr("key 3 of the log: it was not announced"));
}

// SPEC LKEY-12, LKEY-16
TEST_F(ListOfLogKeys, AnAnnouncementOfAnotherGenerationIsRefused) {
  announce(second_, proposing(ada_), {&ben_});
  announce(third_, proposing(ada_), {&ben_});
  StatedLogKeys stated = list();
  stated.keys[2].announced = stated.keys[1].announced;
  stated.keys[2].proposed = stated.keys[1].proposed;
  EXPECT_THAT(why_not(stated), HasSubstr("key 3 of the log"));
  stated.keys[2].from = stated.keys[1].from;
  EXPECT_THAT(why_not(stated), HasSubstr("key 3 of the log: it was not announced after the one before it"));
  stated = list();
  stated.keys[2].key = NoteVerifier::make(kOrigin, thief_.public_key())->text();
  EXPECT_THAT(why_not(stated), HasSubstr("its announcement names another one"));
  stated = list();
  stated.keys[2].proposed = stated.keys[1].proposed;
  EXPECT_THAT(why_not(stated), HasSubstr("the administrators ordered another key"));
  stated = list();
  stated.keys[1].proposed = stated.keys[2].proposed;
  EXPECT_THAT(why_not(stated), HasSubstr("none in which an administrator proposed a key")) << "it came later";
  stated = list();
  std::swap(stated.keys[1].proposed, stated.keys[1].announced);
  EXPECT_NE(why_not(stated), "");
}

// SPEC LKEY-16
TEST_F(ListOfLogKeys, WhatShowsTheProposalMustHoldAsTheAnnouncementDoes) {
  announce(second_, proposing(ada_), {&ben_});
  const StatedLogKeys good = list();
  ASSERT_EQ(why_not(good), "");
  StatedLogKeys bad = good;
  bad.keys[1].proposed.reset();
  EXPECT_THAT(why_not(bad), HasSubstr("nothing shows who proposed it"));
  EXPECT_TRUE(holds_without_administrators(bad));
  bad = good;
  bad.keys[1].proposed = log_.shown(1, false);
  EXPECT_THAT(why_not(bad), HasSubstr("in which it was proposed is cosigned by 0"));
  bad = good;
  bad.keys[1].proposed->record.opener[0] ^= 1;
  EXPECT_THAT(why_not(bad), HasSubstr("`record` is not what the entry commits to"));
  bad = good;
  bad.keys[1].proposed->receipt.leaf[30] = bad.keys[1].proposed->receipt.leaf[30] == '0' ? '1' : '0';
  EXPECT_NE(why_not(bad), "");
  bad = good;
  bad.keys[1].proposed->receipt.act.reset();
  EXPECT_NE(why_not(bad), "");
}

// SPEC LKEY-16
TEST_F(ListOfLogKeys, OneAdministratorIsNotEnoughToGoBy) {
  announce(second_, proposing(ada_), {&ben_});
  const auto checked = check(list(), {&ada_});
  ASSERT_FALSE(checked);
  EXPECT_THAT(checked.error().message, HasSubstr("fewer are known"));
  const auto others = check(list(), {&cia_, &thief_});
  ASSERT_FALSE(others);
  EXPECT_THAT(others.error().message, HasSubstr("signed by none of the administrators whom you named"));
}

}  // namespace
}  // namespace flikvakt::audit
