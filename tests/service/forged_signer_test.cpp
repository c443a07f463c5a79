// Who did it, and with whose key, as whoever has every key of the gateway may write it from the start: in an act of a
// representative, before somebody's erasure; and in the rows of keys that old acts of a pruned log wrote.
#include "tests/service/browser_world.h"
#include "tests/service/pruned_log.h"
#include "tests/service/rotated_world.h"

namespace flikvakt::service::test {
namespace {

using namespace policy;
using audit::ActKind;

constexpr const char* kNotTheirs = "the evidence: the key was not the person's";
constexpr const char* kOther = "it writes the row of another key or person than it names, or otherwise than it says";
constexpr const char* kNever = "it writes a row that an act of its kind never writes";

json::object& row_in(json::object& record, std::uint16_t table) {
  for (json::value& put : record.at("puts").as_array()) {
    if (put.at("table") == table) return put.at("row").as_object();
  }
  throw std::runtime_error("it writes no such row");
}

json::value jwk_of_another() { return SigningKey::generate(crypto::KeyAlgorithm::p256).public_key().to_jwk(); }

// ---- An act of a representative

class ActOfARepresentative : public ::testing::Test {
protected:
  ActOfARepresentative() {
    world.anna = world.enrol(world.anna.number);
    world.bo = world.enrol(world.bo.number);
    carl = world.enrol("190901219931");
    const FullmaktId fullmakt = world.sign(world.anna);
    RegisterRepresentative act;
    act.id = crypto::random_id<RepresentativeId>();
    act.representative_kind = RepresentativeKind::god_man;
    act.powers = {RepresentativePower::see};
    act.valid_from = world.clock.wall() - 1h;
    act.valid_to = world.clock.wall() + 24h * 30;
    EXPECT_TRUE(world.by_registrars(act, world.anna.number, world.bo.number).decision.is_permitted());
    const Member for_anna{world.bo.number,
                          SigningKey::from_seed(crypto::KeyAlgorithm::p256, world.bo.key.seed()).value(),
                          {world.anna.actor.person, world.bo.actor.key, act.id}};
    EXPECT_TRUE(world.by_person(for_anna, RevokeFullmakt{fullmakt}).decision.is_permitted());
  }
  void erase(const Member& who) {
    EXPECT_TRUE(world.by_two(Shred{ShredScope::person, {}, {}, {}}, who.number).decision.is_permitted());
  }
  void prune() {
    const UtcTime limit = cut(world);
    eleven_years_later(world);
    world.prune(limit);
    EXPECT_GT(world.verify().pruned_entries, 0u);
  }
  // Had it been written down as of that key.
  std::vector<std::string> problems_as_of(const Fingerprint& key) {
    const KeyRing& keys = world.core->keys();
    const Dump told = dump(rows_of(world));
    const std::uint64_t entry = entries_of(told, keys, ActKind::revoke_fullmakt).at(0);
    const KeyId annas = log_key_of(told, keys, world.anna.actor.person);
    Dump changed = with_person_record(told, keys, entry, annas, [&](json::object& record) {
      record.at("actor").as_object()["key"] = to_base64url(key);
    });
    sign_anew(changed, keys);
    return problems_of(world, changed);
  }
  static Fingerprint of_nobody() { return SigningKey::generate(crypto::KeyAlgorithm::p256).public_key().thumbprint(); }

  SignedWorld world;
  Member carl;
};

// SPEC LVR-9
TEST_F(ActOfARepresentative, WhoLivesIsUnderTheirKeyThoughSomebodyElseWasErasedLater) {
  erase(carl);
  EXPECT_EQ(problems_as_of(world.bo.actor.key), kNone);
  EXPECT_TRUE(says(problems_as_of(of_nobody()), kNotTheirs));
  EXPECT_TRUE(says(problems_as_of(world.anna.actor.key), kNotTheirs));
  EXPECT_TRUE(says(problems_as_of(carl.actor.key), kNotTheirs)) << "the erased one's, whose key nobody knows any more";
}

// SPEC LVR-9: what would show it was under their own keys, and went with these.
TEST_F(ActOfARepresentative, WhoWasErasedIsExcused) {
  erase(world.bo);
  EXPECT_EQ(problems_as_of(world.bo.actor.key), kNone);
  EXPECT_TRUE(says(problems_as_of(world.anna.actor.key), kNotTheirs)) << "a key that is known is somebody else's";
}

// SPEC LVR-26
TEST_F(ActOfARepresentative, WhoLivesIsUnderTheirKeyInAPrunedLogToo) {
  erase(carl);
  prune();
  EXPECT_EQ(problems_as_of(world.bo.actor.key), kNone);
  EXPECT_TRUE(says(problems_as_of(of_nobody()), kNotTheirs));
}

// SPEC LVR-26
TEST_F(ActOfARepresentative, WhoWasErasedIsExcusedInAPrunedLogToo) {
  erase(world.bo);
  prune();
  EXPECT_EQ(problems_as_of(world.bo.actor.key), kNone);
}

// ---- Rows of keys that old acts wrote

class OldKeys : public PrunedLog {
protected:
  static const KeyRing& keys() { return world->core->keys(); }
  static KeyId annas() { return log_key_of(after, keys(), world->anna.actor.person); }
  static std::uint64_t annas_entry(ActKind kind) {
    for (const std::uint64_t index : entries_of(after, keys(), kind)) {
      if (count_of(after, keys(), annas(), index)) return index;
    }
    throw std::runtime_error("Anna has no such entry");
  }
  static std::vector<std::string> problems_with(std::uint64_t entry, const std::function<void(json::object&)>& edit) {
    Dump changed = with_person_record(after, keys(), entry, annas(), edit);
    sign_anew(changed, keys());
    return problems_of(*world, changed);
  }
  // The approval that wrote such a row, of a key that stays.
  static std::uint64_t approval_that_wrote(std::uint16_t table) {
    for (const std::uint64_t index : entries_of(after, keys(), ActKind::approve)) {
      if (index >= size) break;
      const json::object record = registry_record(after, keys(), index);
      const json::array& puts = record.at("puts").as_array();
      if (std::ranges::any_of(puts, [&](const json::value& put) { return put.at("table") == table; })) return index;
    }
    throw std::runtime_error("no approval wrote such a row");
  }
  static std::vector<std::string> problems_with_registry(std::uint64_t entry,
                                                         const std::function<void(json::object&)>& edit) {
    Dump changed = with_registry_record(after, keys(), entry, edit);
    sign_anew(changed, keys());
    return problems_of(*world, changed);
  }
};

// SPEC LVR-31: two registrars of two organisations vouched for one key of one person, and for no other.
TEST_F(OldKeys, AProposalWritesTheKeyAndThePersonThatItNames) {
  const std::uint64_t entry = annas_entry(ActKind::propose_key);
  const auto bent = [&](std::uint16_t table, const std::function<void(json::object&)>& edit) {
    return problems_with(entry, [&](json::object& record) { edit(row_in(record, table)); });
  };
  EXPECT_EQ(bent(DeviceKey::kTable, [](json::object&) {}), kNone);
  EXPECT_TRUE(says(bent(DeviceKey::kTable,
                        [](json::object& row) {
                          const SigningKey other = SigningKey::generate(crypto::KeyAlgorithm::p256);
                          row["jwk"] = other.public_key().to_jwk();
                          row["thumbprint"] = to_base64url(other.public_key().thumbprint());
                        }),
                   kOther));
  EXPECT_TRUE(says(bent(DeviceKey::kTable, [](json::object& row) { row["jwk"] = jwk_of_another(); }), kOther));
  const std::string chief = world->chief.staff.text();
  EXPECT_TRUE(says(bent(DeviceKey::kTable, [&](json::object& row) { row["proposed_by"] = chief; }), kOther));
  EXPECT_TRUE(says(bent(DeviceKey::kTable, [&](json::object& row) { row["confirmed_by"] = chief; }), kOther));
  const BlindIndex other = keys().blind_index("197302889931");
  EXPECT_TRUE(
      says(bent(BlindIndexRow::kTable, [&](json::object& row) { row["index"] = to_base64url(other); }), kOther));
  EXPECT_TRUE(
      says(bent(Person::kTable, [&](json::object& row) { row["numbers"] = json::array{json::string("197302889931")}; }),
           kOther));
}

// SPEC LVR-31
TEST_F(OldKeys, AConfirmationWritesTheKeyThatItNames) {
  const std::uint64_t entry = annas_entry(ActKind::confirm_key);
  const auto bent = [&](const std::function<void(json::object&)>& edit) {
    return problems_with(entry, [&](json::object& record) { edit(row_in(record, DeviceKey::kTable)); });
  };
  EXPECT_EQ(bent([](json::object&) {}), kNone);
  EXPECT_TRUE(says(bent([](json::object& row) {
                     const SigningKey other = SigningKey::generate(crypto::KeyAlgorithm::p256);
                     row["jwk"] = other.public_key().to_jwk();
                     row["thumbprint"] = to_base64url(other.public_key().thumbprint());
                   }),
                   kOther));
  const std::string registrar = world->region_registrar.staff.text();
  EXPECT_TRUE(says(bent([&](json::object& row) { row["confirmed_by"] = registrar; }), kOther)) << "who proposed it";
  EXPECT_TRUE(says(bent([&](json::object& row) { row["status"] = "proposed"; }), kOther));
}

// SPEC LVR-31: what two administrators registered.
TEST_F(OldKeys, AnApprovalWritesTheAssertionKeyThatItNames) {
  const std::uint64_t entry = approval_that_wrote(AssertionKey::kTable);
  const auto bent = [&](const std::function<void(json::object&)>& edit) {
    return problems_with_registry(entry, [&](json::object& record) { edit(row_in(record, AssertionKey::kTable)); });
  };
  EXPECT_EQ(bent([](json::object&) {}), kNone);
  EXPECT_TRUE(says(bent([](json::object& row) { row["jwk"] = jwk_of_another(); }), kOther));
  EXPECT_TRUE(says(bent([](json::object& row) {
                     const SigningKey other = SigningKey::generate(crypto::KeyAlgorithm::ed25519);
                     row["jwk"] = other.public_key().to_jwk();
                     row["thumbprint"] = to_base64url(other.public_key().thumbprint());
                   }),
                   kOther));
  const auto of_another = [&](json::object& row) {
    row["organisation"] =
        (row["organisation"] == json::value(world->region.text()) ? world->provider : world->region).text();
  };
  EXPECT_TRUE(says(bent(of_another), kOther)) << "staff of another organisation would be vouched for by it";
}

// SPEC LVR-31, LKEY-3
TEST(OldLogKeys, AnApprovalWritesTheKeyOfTheLogThatItNames) {
  RotatedWorld world;
  world.rotate();
  world.clock.advance(24h);
  const UtcTime limit = cut(world);
  eleven_years_later(world);
  world.prune(limit);
  ASSERT_LT(world.announced, world.core->directory().pruned_to());
  const KeyRing& keys = world.core->keys();
  const Dump told = dump(rows_of(world));
  const auto bent = [&](const std::function<void(json::object&)>& edit) {
    Dump changed = with_registry_record(told, keys, world.announced, [&](json::object& record) {
      for (json::value& put : record.at("puts").as_array()) {
        json::object& row = put.at("row").as_object();
        if (put.at("table") == LogKey::kTable && row.at("status") == "current") edit(row);
      }
    });
    sign_anew(changed, keys);
    return problems_of(world, changed);
  };
  EXPECT_EQ(bent([](json::object&) {}), kNone);
  for (const char* member : {"checkpoint_key", "head_key"}) {
    const std::string other = to_base64url(crypto::random_bytes<32>());
    EXPECT_TRUE(says(bent([&](json::object& row) { row[member] = other; }), kOther)) << member;
  }
}

// Eleven years later all before now is pruned.
void prune(BrowserWorld& it) {
  it.world.ask(it.world.lead, ListCases{});  // on which nothing rests
  const UtcTime limit = cut(it.world);
  eleven_years_later(it.world);
  it.world.prune(limit);
  EXPECT_EQ(it.problems(), kNone);
  EXPECT_GT(it.world.verify().pruned_entries, 0u);
}

// SPEC LVR-31, WA-16
TEST(OldPasskeys, ASignatureWritesTheCountOfItsPasskeyAndNothingElseOfIt) {
  BrowserWorld it;
  SoftwareAuthenticator device;
  it.add_passkey(device);
  for (int i = 0; i < 2; ++i) {
    const auto session = it.sign_in(device);
    ASSERT_TRUE(session) << session.error().message;
    const auto version = it.world.version_of(it.world.anna);
    EXPECT_TRUE(it.decide(it.sign_with(*session, it.wanted(it.fullmakt(), version), device)).decision.is_permitted());
  }
  prune(it);
  const KeyRing& keys = it.world.core->keys();
  const Dump told = dump(rows_of(it.world));
  const KeyId annas = log_key_of(told, keys, it.world.anna.actor.person);
  const std::uint64_t last = entries_of(told, keys, ActKind::sign_fullmakt).back();
  ASSERT_LT(last, it.world.core->directory().pruned_to());
  const auto bent = [&](const std::function<void(json::object&)>& edit) {
    Dump changed = with_person_record(told, keys, last, annas,
                                      [&](json::object& record) { edit(row_in(record, DeviceKey::kTable)); });
    sign_anew(changed, keys);
    return problems_of(it.world, changed);
  };
  EXPECT_EQ(bent([](json::object&) {}), kNone);
  const auto count = [](json::object& row, std::int64_t more) {
    json::value& stood = row.at("passkey").at("sign_count");
    stood = to_json(static_cast<std::uint32_t>(stood.to_number<std::int64_t>() + more));
  };
  EXPECT_TRUE(says(bent([&](json::object& row) { count(row, 1); }), kNever)) << "another count than was signed";
  EXPECT_TRUE(says(bent([&](json::object& row) { count(row, -1); }), kNever));
  EXPECT_TRUE(says(bent([](json::object& row) { row.at("passkey").as_object()["rp_id"] = "evil.example"; }), kNever));
  EXPECT_TRUE(says(bent([](json::object& row) { row["status"] = "removed"; }), kNever));
  EXPECT_TRUE(says(bent([](json::object& row) { row["epoch"] = 7; }), "an act that it rests on is pruned"))
      << "nothing enrolled it anew";
  const std::string other = to_base64url(crypto::random_bytes<32>());
  EXPECT_TRUE(says(bent([&](json::object& row) { row["enrolled_with"] = other; }), kNever));
  EXPECT_TRUE(says(bent([](json::object& row) { row["jwk"] = jwk_of_another(); }), kNever));
}

// SPEC LVR-31
TEST(OldPasskeys, AnApprovalWritesTheStaffKeyThatItNames) {
  BrowserWorld it;
  SoftwareAuthenticator device;
  it.add_staff_passkey(it.world.chief, device);
  const KeyRing& keys = it.world.core->keys();
  const std::uint64_t proposed = entries_of(dump(rows_of(it.world)), keys, ActKind::register_staff_key).at(0);
  const std::vector<std::uint64_t> approvals = entries_of(dump(rows_of(it.world)), keys, ActKind::approve);
  const std::uint64_t approval = *std::ranges::upper_bound(approvals, proposed);
  prune(it);
  const Dump told = dump(rows_of(it.world));
  const auto bent = [&](const std::function<void(json::object&)>& edit) {
    Dump changed = with_registry_record(told, keys, approval,
                                        [&](json::object& record) { edit(row_in(record, StaffKey::kTable)); });
    sign_anew(changed, keys);
    return problems_of(it.world, changed);
  };
  EXPECT_EQ(bent([](json::object&) {}), kNone);
  EXPECT_TRUE(says(bent([](json::object& row) { row["jwk"] = jwk_of_another(); }), kOther));
  const std::string lead = it.world.lead.staff.text();
  EXPECT_TRUE(says(bent([&](json::object& row) { row["staff"] = lead; }), kOther));
  EXPECT_TRUE(says(bent([](json::object& row) { row.at("passkey").as_object()["rp_id"] = "evil.example"; }), kOther));
}

}  // namespace
}  // namespace flikvakt::service::test
