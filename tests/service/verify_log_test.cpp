// The independent verifier: clean after everything that can happen, and each thing that somebody with every key could
// change in the rows is found, though tiles, root, digest and notes are made anew to match.
#include "service/verify_log.h"

#include "audit/checkpoint.h"
#include "crypto/canonical_json.h"
#include "crypto/jws.h"
#include "tests/service/rows_dump.h"
#include "tests/service/signed_world.h"

namespace flikvakt::service::test {
namespace {

using namespace policy;
using audit::ActKind;

class VerifyLog : public ::testing::Test {
protected:
  static void SetUpTestSuite() {
    world = std::make_unique<SignedWorld>();
    world->play();
    const auto rows =
        store::Reader::open(world->core->data_directory().database(), world->core->keys().database()).value();
    told = dump(rows);
    saved = {checkpoint_of(rows, keys()).value()};
  }
  static void TearDownTestSuite() { world.reset(); }

  static const KeyRing& keys() { return world->core->keys(); }

  // Does anything in the problems say so?
  static ::testing::AssertionResult finds(const Dump& changed, const std::string& words,
                                          std::span<const std::string> checkpoints = {}) {
    const std::filesystem::path path = world->folder.path() / "changed.db";
    write(changed, path, keys().database());
    const store::Reader rows = store::Reader::open(path, keys().database()).value();
    const LogReport report = verify_log(rows, keys(), VerifiedRows::live, checkpoints).value();
    std::string all;
    for (const std::string& problem : report.problems) {
      if (problem.find(words) != std::string::npos) return ::testing::AssertionSuccess();
      all += "\n  " + problem;
    }
    return ::testing::AssertionFailure() << "`" << words << "` is not among the problems:" << all;
  }
  static ::testing::AssertionResult finds_signed(Dump changed, const std::string& words) {
    sign_anew(changed, keys());
    return finds(changed, words);
  }

  static KeyId annas_log_key() { return log_key_of(told, keys(), world->anna.actor.person); }
  // Where in the person's own count an entry stands.
  static std::uint64_t count_of(std::uint64_t index) {
    return test::count_of(told, keys(), annas_log_key(), index).value();
  }
  static bool is_annas(std::uint64_t index) { return test::count_of(told, keys(), annas_log_key(), index).has_value(); }
  static std::uint64_t annas_entry(ActKind kind, audit::Outcome outcome = audit::Outcome::permitted) {
    for (const std::uint64_t index : entries_of(told, keys(), kind, outcome)) {
      if (is_annas(index)) return index;
    }
    throw std::runtime_error("Anna has no such entry");
  }
  // Anna's entry with its record, changed as text.
  static Dump with_record(std::uint64_t index, const std::function<void(json::object&)>& edit) {
    return with_person_record(told, keys(), index, annas_log_key(), edit);
  }
  static store::StateRow* row_of(Dump& in, std::uint16_t table, BytesView id) {
    for (store::StateRow& row : in.rows) {
      if (row.table == table && std::ranges::equal(row.id, id)) return &row;
    }
    return nullptr;
  }

  static inline std::unique_ptr<SignedWorld> world;
  static inline Dump told;
  static inline std::vector<std::string> saved;
};

// SPEC LVR-1, LVR-2, LVR-6, LVR-7, LVR-9, LVR-10, LVR-14
TEST_F(VerifyLog, IsCleanAfterAMixedStory) {
  const LogReport report = world->verify(saved);
  EXPECT_EQ(report.problems, std::vector<std::string>());
  EXPECT_EQ(report.persons, 1u) << "Bo is erased";
  EXPECT_GT(report.entries, 256u) << "so that there is a tile";
  EXPECT_EQ(report.size, report.entries);
  EXPECT_GT(report.closed_entries, 5u);
}

TEST_F(VerifyLog, IsCleanOnACopyToo) {
  Dump copy = told;
  const std::filesystem::path path = world->folder.path() / "copy.db";
  write(copy, path, keys().database());
  const store::Reader rows = store::Reader::open(path, keys().database()).value();
  EXPECT_EQ(verify_log(rows, keys(), VerifiedRows::copy, saved).value().problems, std::vector<std::string>());
}

TEST_F(VerifyLog, FindsATruncatedLog) {
  Dump changed = told;
  changed.entries.pop_back();
  EXPECT_TRUE(finds(changed, "the head covers"));
  sign_anew(changed, keys());
  EXPECT_TRUE(finds(changed, "saved checkpoint 1 covers", saved)) << "against a checkpoint that somebody kept";
}

TEST_F(VerifyLog, FindsAnotherHistoryThanASavedCheckpointsThoughNothingElseGivesItAway) {
  Dump changed = told;
  change_entry(changed, keys(), told.entries.size() - 1, {[](UtcTime&, audit::ActPart&, auto&) {}, {}, 0});
  sign_anew(changed, keys());
  EXPECT_TRUE(finds(changed, "are not those of saved checkpoint 1", saved));
}

TEST_F(VerifyLog, FindsALeafThatIsNotUnderTheRoot) {
  Dump changed = told;
  changed.entries[3] = changed.entries[2];
  changed.entries[3].index = 3;
  EXPECT_TRUE(finds(changed, "entries are not those of the head"));
}

TEST_F(VerifyLog, FindsEntriesInAnotherOrder) {
  Dump changed = told;
  const std::uint64_t at = annas_entry(ActKind::revoke_fullmakt);
  std::swap(changed.entries[at], changed.entries[annas_entry(ActKind::sign_fullmakt)]);
  EXPECT_TRUE(finds_signed(changed, "no act of the log put it there") || finds_signed(changed, "state"));
}

// SPEC LVR-3
TEST_F(VerifyLog, FindsTimeThatGoesBack) {
  Dump changed = told;
  change_entry(changed, keys(), told.entries.size() - 1,
               {[](UtcTime& time, audit::ActPart&, auto&) { time -= std::chrono::hours(1); }, {}, 0});
  EXPECT_TRUE(finds_signed(changed, "its time is before"));
}

TEST_F(VerifyLog, FindsAChangedCiphertext) {
  Dump changed = told;
  changed.entries[5].person[20] ^= 1;
  EXPECT_TRUE(finds_signed(changed, "its person part is not the one that the leaf speaks of"));
  changed = told;
  changed.entries[5].act[20] ^= 1;
  EXPECT_TRUE(finds_signed(changed, "its act part"));
}

// SPEC LVR-21
TEST_F(VerifyLog, FindsALinkThatLeadsElsewhere) {
  Dump changed = told;
  changed.entries[annas_entry(ActKind::open_reading)].link[5] ^= 1;
  EXPECT_TRUE(finds(changed, "its link does not lead"));
}

// SPEC LVR-4
TEST_F(VerifyLog, FindsAPersonsEntryThatWasMadeNobodys) {
  Dump changed = told;
  const std::uint64_t at = annas_entry(ActKind::open_reading, audit::Outcome::refused);
  change_entry(changed, keys(), at, {[](UtcTime&, audit::ActPart&, auto&) {}, {}, 0});
  EXPECT_TRUE(finds_signed(changed, "of a person is missing"));
}

// SPEC LVR-5
TEST_F(VerifyLog, FindsARecordThatIsMissingExtraOrChanged) {
  const std::uint64_t at = annas_entry(ActKind::sign_fullmakt);
  Dump changed = told;
  changed.entries[at].act_record.reset();
  EXPECT_TRUE(finds(changed, "its act record is missing"));
  changed = told;
  (*changed.entries[at].act_record)[15] ^= 1;
  EXPECT_TRUE(finds(changed, "its act record"));
  changed = told;
  changed.entries.back().act_record = Bytes(80, 7);
  EXPECT_TRUE(finds(changed, "it does not speak of"));
}

// SPEC ACR-1
TEST_F(VerifyLog, FindsARecordOfAnotherActInItsPlace) {
  const Dump changed = with_record(annas_entry(ActKind::sign_fullmakt),
                                   [](json::object& record) { record["kind"] = "resume_fullmakt"; });
  EXPECT_TRUE(finds_signed(changed, "its record is of another act"));
}

TEST_F(VerifyLog, FindsRefusalsMadePermits) {
  Dump changed = told;
  const std::uint64_t at = annas_entry(ActKind::open_reading, audit::Outcome::refused);
  change_entry(changed, keys(), at,
               {[](UtcTime&, audit::ActPart& act, auto&) {
                  act.outcome = audit::Outcome::permitted;
                  act.rule = 0;
                  act.reason = 0;
                },
                annas_log_key(), count_of(at)});
  EXPECT_TRUE(finds_signed(changed, "the rules refuse it"));  // SPEC LVR-11
}

TEST_F(VerifyLog, FindsAnotherDocumentThanTheOneThatWasOpened) {
  Dump changed = told;
  const std::uint64_t at = annas_entry(ActKind::open_reading);
  change_entry(changed, keys(), at,
               {[&](UtcTime&, audit::ActPart&, std::optional<audit::PersonPart>& about) {
                  about->document = world->annas_shredded;
                },
                annas_log_key(), count_of(at)});
  EXPECT_TRUE(finds_signed(changed, "it changed other rows than follow from it"));
}

// SPEC LVR-8, ACR-3
TEST_F(VerifyLog, FindsAnActThatNobodyOrdered) {
  const Dump changed =
      with_record(annas_entry(ActKind::sign_fullmakt), [](json::object& record) { record.erase("evidence"); });
  EXPECT_TRUE(finds_signed(changed, "nothing shows who ordered it"));
}

TEST_F(VerifyLog, SaysOfACheckpointOfAnotherLogThatItIsOne) {
  const crypto::SigningKey key = keys().log_signer(world->core->log_keys().current()->seed).value();
  const std::vector<audit::NoteSigner> signers{audit::NoteSigner::make("flikvakt.test/log0", key).value()};
  const std::string other = audit::sign_checkpoint({"flikvakt.test/log0", 1, {}}, signers).value();
  EXPECT_TRUE(finds(told, "saved checkpoint 1 is of another log, `flikvakt.test/log0`", std::vector{other}));
}

// SPEC LVR-18
TEST_F(VerifyLog, FindsRowsThatAreBehindTheHeadFile) {
  const auto rows = store::Reader::open(world->core->data_directory().database(), keys().database()).value();
  const std::string now(as_text(told.meta["head"]));
  EXPECT_EQ(verify_log(rows, keys(), VerifiedRows::live, {}, now).value().problems, std::vector<std::string>());
  EXPECT_TRUE(check_against_head_file(rows, keys(), now));

  Dump ahead = told;
  ahead.entries.push_back(ahead.entries.back());
  ahead.entries.back().index += 1;
  sign_anew(ahead, keys());
  const std::string later(as_text(ahead.meta["head"]));
  const LogReport behind = verify_log(rows, keys(), VerifiedRows::live, {}, later).value();
  EXPECT_TRUE(std::ranges::any_of(
      behind.problems, [](const std::string& problem) { return problem.starts_with("the head file covers"); }));
  EXPECT_EQ(check_against_head_file(rows, keys(), later).error().code, ErrorCode::corrupt);

  Dump other = told;
  std::erase_if(other.rows, [](const store::StateRow& row) { return row.table == Sparr::kTable; });
  sign_anew(other, keys());
  const std::string sibling(as_text(other.meta["head"]));
  const LogReport another = verify_log(rows, keys(), VerifiedRows::live, {}, sibling).value();
  EXPECT_EQ(another.problems, std::vector<std::string>{"the state rows are not those of the head file"});
  EXPECT_EQ(check_against_head_file(rows, keys(), sibling).error().code, ErrorCode::corrupt);
}

// SPEC LVR-17
TEST_F(VerifyLog, FindsAnOrderFromBeforeTheLogBegan) {
  const auto reissued = [&](UtcTime issued) {
    return with_record(annas_entry(ActKind::sign_fullmakt), [&](json::object& record) {
      const Bytes jws = from_json<Bytes>(record.at("evidence")).value();
      const crypto::ParsedJws parsed = crypto::parse_jws(as_text(jws)).value();
      const Bytes payload = crypto::verify_jws(parsed, world->anna.key.public_key(), kPersonActJws).value();
      json::value said = parse_json(as_text(payload)).value();
      said.as_object()["issued"] = to_rfc3339(issued);
      const std::string text = crypto::canonical(said);
      record["evidence"] = to_base64url(as_bytes(
          crypto::sign_jws(world->anna.key, kPersonActJws, kid_of(world->anna.actor.key), as_bytes(text)).value()));
    });
  };
  const UtcTime since = world->core->directory().instance().since;
  EXPECT_TRUE(finds_signed(reissued(since - 1ms), "the evidence: it was issued before this log began"));
  EXPECT_FALSE(finds_signed(reissued(since), "the evidence: it was issued before this log began"));
}

// SPEC LVR-9, ACR-3
TEST_F(VerifyLog, FindsAnActOfStaffThatTheirOrganisationDidNotVouchFor) {
  const std::uint64_t at = annas_entry(ActKind::confirm_key);
  std::string good;
  (void)with_record(at, [&](json::object& record) { good = std::string(record.at("assertion").as_string()); });
  const auto with = [&](const json::value& assertion) {
    return with_record(at, [&](json::object& record) { record["assertion"] = assertion; });
  };
  EXPECT_FALSE(finds_signed(with(json::string(good)), "the evidence"));
  EXPECT_TRUE(finds_signed(with(nullptr), "the evidence: no organisation vouches for who ordered it"));
  const crypto::ParsedJws parsed = crypto::parse_jws(good).value();
  const auto forged = [&](const std::function<void(json::object&)>& change) {
    const std::string payload = good.substr(good.find('.') + 1);
    const Bytes said = from_base64url(payload.substr(0, payload.find('.'))).value();
    json::value claims = parse_json(as_text(said)).value();
    change(claims.get_object());
    const SigningKey key = SigningKey::generate(crypto::KeyAlgorithm::ed25519);
    return json::string(
        crypto::sign_jws(key, "flikvakt-staff+jws", std::string(parsed.kid()), as_bytes(crypto::canonical(claims)))
            .value());
  };
  EXPECT_TRUE(finds_signed(with(forged([](json::object&) {})), "staff assertion: "));
  const std::string of_another = world->assertion_for(world->nurse);
  EXPECT_TRUE(finds_signed(with(json::string(of_another)), "staff assertion: "));
}

TEST_F(VerifyLog, FindsASignatureOfAnotherKey) {
  const SigningKey forger = SigningKey::generate(crypto::KeyAlgorithm::p256);
  const Dump changed = with_record(annas_entry(ActKind::sign_fullmakt), [&](json::object& record) {
    const Bytes jws = from_json<Bytes>(record.at("evidence")).value();
    const std::string payload(as_text(jws).substr(as_text(jws).find('.') + 1));
    const Bytes said = from_base64url(payload.substr(0, payload.find('.'))).value();
    const std::string forged = crypto::sign_jws(forger, kPersonActJws, kid_of(world->anna.actor.key), said).value();
    record["evidence"] = to_base64url(as_bytes(forged));
  });
  EXPECT_TRUE(finds_signed(changed, "JWS: the signature does not verify"));
}

TEST_F(VerifyLog, FindsRowsThatWereNotOrdered) {
  const std::uint64_t at = annas_entry(ActKind::sign_fullmakt);
  const Dump changed = with_record(at, [&](json::object& record) {
    for (json::value& put : record.at("puts").as_array()) {
      if (put.at("table") == Fullmakt::kTable) put.at("row").at("terms").as_object()["max_readings"] = 1000;
    }
  });
  EXPECT_TRUE(finds_signed(changed, "it changed other rows than follow from it"));
}

// SPEC ACR-2, ACR-4
TEST_F(VerifyLog, FindsRowsInARecordThatDoNotBelongThere) {
  auto with_put = [&](std::uint16_t table, const json::value& row) {
    return with_record(annas_entry(ActKind::sign_fullmakt), [&](json::object& record) {
      record.at("puts").as_array().push_back(json::object{{"table", table}, {"row", row}});
    });
  };
  Unit unit;
  unit.id = crypto::random_id<UnitId>();
  EXPECT_TRUE(finds_signed(with_put(Unit::kTable, to_json(unit)), "another one's row"));
  EXPECT_TRUE(finds_signed(with_put(KeyRow::kTable, to_json(KeyRow{})), "a row that is none"));
}

TEST_F(VerifyLog, FindsRowsInARefusedAct) {
  const std::uint64_t at = annas_entry(ActKind::resume_fullmakt, audit::Outcome::refused);
  const Dump changed = with_record(at, [&](json::object& record) {
    Fullmakt fullmakt;
    fullmakt.id = world->annas_revoked;
    fullmakt.person = world->anna.actor.person;
    record["puts"] = json::array{json::object{{"table", Fullmakt::kTable}, {"row", to_json(fullmakt)}}};
  });
  EXPECT_TRUE(finds_signed(changed, "a refused act changes rows"));
  EXPECT_TRUE(finds_signed(changed, "a fullmakt that was taken back comes back"));  // SPEC LVR-12
}

TEST_F(VerifyLog, FindsARevokedFullmaktThatIsActiveInTheState) {
  Dump changed = told;
  change_row<Fullmakt>(changed, keys(), [&](Fullmakt& one) {
    if (one.id != world->annas_revoked) return false;
    one.status = FullmaktStatus::active;
    return true;
  });
  EXPECT_TRUE(finds(changed, "the state rows are not those of the head"));
  EXPECT_TRUE(finds_signed(changed, "it does not say what follows from the log"));
}

TEST_F(VerifyLog, FindsASparrThatIsGone) {
  Dump changed = told;
  const RowId id = row_id_of<Sparr>(world->annas_sparr);
  std::erase_if(changed.rows, [&](const store::StateRow& row) { return row.table == id.table && row.id == id.key; });
  ASSERT_EQ(changed.rows.size() + 1, told.rows.size());
  EXPECT_TRUE(finds_signed(changed, "put it there, and it is missing"));
}

TEST_F(VerifyLog, FindsARowThatNoActPutThere) {
  Dump changed = told;
  RowSealer sealer(keys());
  Unit unit;
  unit.id = crypto::random_id<UnitId>();
  unit.organisation = world->region;
  unit.name = "Ingen enhet";
  changed.rows.push_back(sealer.seal(unit, 3).value());
  EXPECT_TRUE(finds_signed(changed, "no act of the log put it there"));
}

TEST_F(VerifyLog, FindsARemovedColleagueWhoIsBack) {
  Dump changed = told;
  change_row<Staff>(changed, keys(), [&](Staff& one) {
    if (one.id != world->coach.staff) return false;
    one.standing = Standing::active;
    return true;
  });
  EXPECT_TRUE(finds_signed(changed, "it does not say what follows from the log"));
}

TEST_F(VerifyLog, FindsARevocationListThatWentBack) {
  Dump changed = told;
  change_row<Issuer>(changed, keys(), [&](Issuer& one) {
    one.revoked.clear();
    return true;
  });
  EXPECT_TRUE(finds_signed(changed, "it does not say what follows from the log"));
}

TEST_F(VerifyLog, FindsADeviceKeyThatIsNotThePersons) {
  Dump changed = told;
  change_row<DeviceKey>(changed, keys(), [&](DeviceKey& one) {
    one.confirmed_by.reset();
    return true;
  });
  EXPECT_TRUE(finds_signed(changed, "it does not say what follows from the log"));
}

// SPEC ACR-5
TEST_F(VerifyLog, FindsARowOfAnotherVersion) {
  Dump changed = told;
  RowSealer sealer(keys());
  store::StateRow& row = *row_of(changed, Fullmakt::kTable, world->annas_revoked.value());
  const Row opened = sealer.open({row.table, row.id, row.version, row.body}).value();
  row = sealer.seal(opened, row.version - 1).value();
  EXPECT_TRUE(finds_signed(changed, "it should be of entry"));
}

TEST_F(VerifyLog, FindsAnOldBodyUnderANewVersion) {
  Dump changed = told;
  row_of(changed, Fullmakt::kTable, world->annas_revoked.value())->version += 1;
  EXPECT_TRUE(finds_signed(changed, "a state row of table 35"));
}

TEST_F(VerifyLog, FindsAReceiptThatSaysSomethingElse) {
  Dump changed = told;
  // All earlier ones have expired with the story: the last act that was sent is the only one that could be left.
  Receipt receipt;
  receipt.act = crypto::random_id<ActId>();
  receipt.entry = 5;
  receipt.permitted = true;
  RowSealer sealer(keys());
  changed.rows.push_back(sealer.seal(receipt, 5).value());
  EXPECT_TRUE(finds_signed(changed, "no act of the log put it there"));
}

TEST_F(VerifyLog, FindsAReadingThatIsNotOpen) {
  Dump changed = told;
  RowSealer sealer(keys());
  Reading reading;
  reading.id = crypto::random_id<ReadingId>();
  reading.document = world->annas_journal;
  reading.person = world->anna.actor.person;
  changed.rows.push_back(sealer.seal(reading, 9).value());
  EXPECT_TRUE(finds_signed(changed, "no act of the log put it there"));
}

// SPEC LVR-15
TEST_F(VerifyLog, FindsAKeyThatWasDestroyedAndIsActiveAgain) {
  Dump changed = told;
  change_row<KeyRow>(changed, keys(), [&](KeyRow& one) {
    if (one.status != KeyStatus::shredded || one.level != 3) return false;
    one.status = KeyStatus::active;
    return true;
  });
  EXPECT_TRUE(finds_signed(changed, " in the key store is not the one that the state knows"));
}

// SPEC LVR-15
TEST_F(VerifyLog, FindsAKeyWithoutItsWrapAndOneThatNoActBrought) {
  Dump changed = told;
  change_row<KeyRow>(changed, keys(), [&](KeyRow& one) {
    if (one.status != KeyStatus::active || one.level != 3) return false;
    ++one.version;
    return true;
  });
  EXPECT_TRUE(finds_signed(changed, " in the key store is not the one that the state knows"));
  changed = told;
  RowSealer sealer(keys());
  KeyRow fresh;
  fresh.id = crypto::random_id<KeyId>();
  fresh.level = 3;
  changed.rows.push_back(sealer.seal(fresh, 9).value());
  EXPECT_TRUE(finds_signed(changed, ": no act of the log brought it"));
}

// SPEC LVR-15
TEST_F(VerifyLog, FindsAKeyOfTheGatewaysOwnThatIsMissing) {
  for (const std::string_view name : kSystemKeyNames) {
    Dump changed = told;
    const KeyId id = system_key_id(name);
    const auto gone = std::erase_if(changed.rows, [&](const store::StateRow& row) {
      return row.table == KeyRow::kTable && std::ranges::equal(row.id, id.value());
    });
    ASSERT_EQ(gone, 1u);
    EXPECT_TRUE(finds_signed(changed, "the gateway's own key `" + std::string(name) + "` has no row"));
  }
}

// SPEC LVR-29
TEST_F(VerifyLog, FindsALogWhoseOwnKeyIsNotTheOneThatSigns) {
  Dump changed = told;
  const KeyId seed = system_key_id(kCheckpointSeedName);
  std::erase_if(changed.rows, [&](const store::StateRow& row) {
    return row.table == KeyRow::kTable && std::ranges::equal(row.id, seed.value());
  });
  EXPECT_TRUE(finds_signed(changed, "a key with which the log signs has no row that says it is in use"));
  changed = told;
  std::erase_if(changed.rows, [](const store::StateRow& row) { return row.table == LogKey::kTable; });
  EXPECT_TRUE(finds_signed(changed, "no row says which key signs for the log"));
  changed = told;
  auto signers = signers_of(changed, keys(), "flikvakt.test/log");
  change_row<LogKey>(changed, keys(), [](LogKey& one) {
    const SigningKey other = SigningKey::generate(crypto::KeyAlgorithm::ed25519);
    std::ranges::copy(other.public_key().raw(), one.checkpoint_key.begin());
    return true;
  });
  sign_anew(changed, keys(), std::move(signers));
  EXPECT_TRUE(finds(changed, "a key with which the log signs is not the one in the key store"));
  EXPECT_TRUE(finds(changed, "it does not say what follows from the log"));
}

// SPEC LVR-15
TEST_F(VerifyLog, FindsAKeyRowOfAnotherEntryAndOneWrappedOnceMore) {
  const auto resealed = [&](KeyStatus status, const std::function<void(KeyRow&, std::uint64_t&)>& change) {
    Dump changed = told;
    RowSealer sealer(keys());
    for (store::StateRow& row : changed.rows) {
      if (row.table != KeyRow::kTable) continue;
      auto one = get<KeyRow>(sealer.open({row.table, row.id, row.version, row.body}).value());
      if (one.status != status || one.level != 3) continue;
      std::uint64_t version = row.version;
      change(one, version);
      row = sealer.seal(one, version).value();
      return changed;
    }
    throw std::runtime_error("there is no such key");
  };
  const std::string words = "its row is of another entry, or wrapped more often, than the log says";
  // Of a person who was erased nothing else is left that says when the key came.
  const auto is_found = [&](const Dump& changed) {
    return bool(finds_signed(changed, words)) || bool(finds_signed(changed, "no act of the log brought it"));
  };
  for (const KeyStatus status : {KeyStatus::active, KeyStatus::shredded}) {
    EXPECT_FALSE(is_found(resealed(status, [](KeyRow&, std::uint64_t&) {})));
    EXPECT_TRUE(is_found(resealed(status, [](KeyRow&, std::uint64_t& version) { ++version; })));
    EXPECT_TRUE(is_found(resealed(status, [](KeyRow&, std::uint64_t& version) { --version; })));
  }
  EXPECT_TRUE(finds_signed(resealed(KeyStatus::active, [](KeyRow& one, std::uint64_t&) { ++one.version; }), words));
  EXPECT_TRUE(finds_signed(resealed(KeyStatus::active, [](KeyRow& one, std::uint64_t&) { one.level = 2; }),
                           "its level does not follow from the log"));
}

// SPEC LVR-28
TEST_F(VerifyLog, FindsAnActPartWhoseFieldsDoNotGoTogether) {
  const auto with = [&](std::uint64_t index, const std::function<void(audit::ActPart&)>& change) {
    Dump changed = told;
    change_entry(changed, keys(), index,
                 {[&](UtcTime&, audit::ActPart& part, auto&) { change(part); }, annas_log_key(), count_of(index)});
    return changed;
  };
  const std::uint64_t opening = annas_entry(ActKind::open_reading);
  const std::uint64_t closing = annas_entry(ActKind::close_reading, audit::Outcome::recorded);
  const std::string why = "it was not refused, and says why it was";
  const std::string who = "what the gateway itself does is recorded, and only that";
  const std::string whose = "it names an organisation, though no staff member acted";
  for (const std::string& words : {why, who, whose}) {
    EXPECT_FALSE(finds_signed(with(opening, [](audit::ActPart&) {}), words));
    EXPECT_FALSE(finds_signed(with(closing, [](audit::ActPart&) {}), words));
  }
  EXPECT_TRUE(finds_signed(with(opening, [](audit::ActPart& part) { part.rule = 4; }), why));
  EXPECT_TRUE(finds_signed(with(closing, [](audit::ActPart& part) { part.reason = 61; }), why));
  EXPECT_TRUE(finds_signed(with(opening, [](audit::ActPart& part) { part.outcome = audit::Outcome::recorded; }), who));
  EXPECT_TRUE(finds_signed(with(closing, [](audit::ActPart& part) { part.outcome = audit::Outcome::permitted; }), who));
  const auto organisation = crypto::random_id<OrganisationId>();
  EXPECT_TRUE(finds_signed(with(closing, [&](audit::ActPart& part) { part.organisation = organisation; }), whose));
}

// SPEC LVR-10
TEST_F(VerifyLog, FindsABeginningThatNotEverybodySigned) {
  const auto with_signatures = [&](const std::function<void(json::array&)>& change) {
    return with_registry_record(told, keys(), 0, [&](json::object& record) {
      const Bytes evidence = from_json<Bytes>(record.at("evidence")).value();
      json::value joint = parse_json(as_text(evidence)).value();
      change(joint.get_object()["signatures"].as_array());
      record["evidence"] = to_base64url(as_bytes(to_text(joint)));
    });
  };
  EXPECT_FALSE(finds_signed(with_signatures([](json::array&) {}), "sign"));
  EXPECT_TRUE(finds_signed(with_signatures([](json::array& all) { all.pop_back(); }),
                           "not every administrator signed the first act"));
  const auto forge = [&](json::array& all) {
    const std::string payload = std::string(all[0].as_string());
    const Bytes said =
        from_base64url(payload.substr(payload.find('.') + 1, payload.rfind('.') - payload.find('.') - 1)).value();
    const SigningKey forger = SigningKey::generate(crypto::KeyAlgorithm::ed25519);
    all[0] = json::string(
        crypto::sign_jws(forger, kAdministratorActJws, kid_of(world->officials[0].row.thumbprint), said).value());
  };
  EXPECT_TRUE(finds_signed(with_signatures(forge), "is not valid"));
}

// SPEC LVR-19
TEST_F(VerifyLog, FindsAnOrderThatWasCarriedOutTwice) {
  // The entry of the revocation says again what the one of the pause said.
  const std::uint64_t pause = annas_entry(ActKind::pause_fullmakt);
  json::object first;
  (void)with_record(pause, [&](json::object& record) { first = record; });
  audit::ForbundEntryKeys forbund(keys().forbund_log());
  const audit::Leaf leaf = audit::decode_leaf(told.entries[pause].leaf).value();
  const audit::ActPart act = audit::open_act(leaf, told.entries[pause].act, forbund).value().part;
  const std::uint64_t again = annas_entry(ActKind::revoke_fullmakt);
  Dump changed = with_record(again, [&](json::object& record) { record = first; });
  change_entry(changed, keys(), again,
               {[&](UtcTime&, audit::ActPart& part, auto&) {
                  part.kind = act.kind;
                  part.act = act.act;
                },
                annas_log_key(), count_of(again)});
  EXPECT_TRUE(finds_signed(changed, "the same order was carried out before"));
}

// SPEC LVR-16
TEST_F(VerifyLog, FindsRowsOfAPersonWithoutAKey) {
  Dump changed = told;
  store::StateRow row = *row_of(changed, Fullmakt::kTable, world->annas_revoked.value());
  const PersonId& bo = world->bo.actor.person;
  std::copy(bo.value().begin(), bo.value().end(), row.body.begin() + 1);
  row.id[0] ^= 1;
  changed.rows.push_back(row);
  EXPECT_TRUE(finds_signed(changed, "rows of people who have no key"));
}

TEST_F(VerifyLog, FindsAnErasureThatNobodyOrdered) {
  Dump changed = told;
  const auto approvals = entries_of(told, keys(), ActKind::approve);
  for (const std::uint64_t at : approvals) {
    if (is_annas(at)) continue;
    change_entry(changed, keys(), at,
                 {[](UtcTime&, audit::ActPart& act, auto&) { act.kind = ActKind::list_cases; }, {}, 0});
  }
  EXPECT_TRUE(finds_signed(changed, "no two administrators ordered it"));
}

// SPEC LVR-16: whoever destroys a person's key has an approval of something else at hand, or that of another erasure.
TEST_F(VerifyLog, FindsAnErasureThatRestsOnAnotherApproval) {
  const auto persons_key = [&](KeyStatus status) {
    return std::ranges::find_if(
               told.rows,
               [&](const store::StateRow& row) {
                 if (row.table != KeyRow::kTable) return false;
                 RowSealer sealer(keys());
                 const auto key = get<KeyRow>(sealer.open({row.table, row.id, row.version, row.body}).value());
                 return key.level == static_cast<std::uint8_t>(crypto::KeyLevel::person) && key.status == status;
               }) -
           told.rows.begin();
  };
  const auto destroyed_at = [&](std::ptrdiff_t which, std::uint64_t version) {
    RowSealer sealer(keys());
    Dump changed = told;
    store::StateRow& row = changed.rows.at(static_cast<std::size_t>(which));
    auto key = get<KeyRow>(sealer.open({row.table, row.id, row.version, row.body}).value());
    key.status = KeyStatus::shredded;
    row = sealer.seal(key, version).value();
    return changed;
  };
  const std::ptrdiff_t bos = persons_key(KeyStatus::shredded);
  const std::ptrdiff_t annas = persons_key(KeyStatus::active);
  const std::uint64_t erasure = told.rows.at(static_cast<std::size_t>(bos)).version;
  const std::uint64_t other = entries_of(told, keys(), ActKind::approve).front();
  EXPECT_TRUE(finds_signed(destroyed_at(bos, other), "no two administrators ordered it"));
  EXPECT_TRUE(finds_signed(destroyed_at(annas, erasure), "it erased one person, and the keys of two are gone with it"));
}

// SPEC LVR-14: an expiry before an erasure is not decided again, and took receipts along.
TEST(VerifyLogOnce, ReceiptsThatRanOutBeforeAnErasureAreNotMissed) {
  SignedWorld one;
  one.anna = one.enrol(one.anna.number);
  one.bo = one.enrol(one.bo.number);
  one.clock.advance(24h * 3);
  one.ask(SystemActor{}, Start{});
  EXPECT_TRUE(one.by_two(Shred{ShredScope::person, {}, {}, {}}, one.bo.number).decision.is_permitted());
  EXPECT_EQ(one.verify().problems, std::vector<std::string>());
}

// SPEC LVR-8, CONN-5, CONN-9: nobody orders it, so it is decided again from its rows.
TEST(VerifyLogOnce, FindsAConnectorThatGotOtherKeysThanTheRulesGive) {
  SignedWorld one;
  const auto id = crypto::random_id<ConnectorId>();
  const crypto::Hash256 code = crypto::sha256(as_bytes("a code"));
  ASSERT_TRUE(one.by_two(InviteConnector{id, one.region, one.nurse.staff, "Sal A", true, code, one.clock.wall() + 24h})
                  .decision.is_permitted());
  const SigningKey key = SigningKey::generate(crypto::KeyAlgorithm::ed25519);
  EnrolConnector act;
  act.id = id;
  act.code = code;
  act.certificate = crypto::sha256(as_bytes("a certificate"));
  act.issuer = one.issuer;
  act.serial = "0a";
  act.valid_from = one.clock.wall();
  act.valid_to = one.clock.wall() + 24h * 90;
  act.jwk = key.public_key().to_jwk();
  act.thumbprint = key.public_key().thumbprint();
  ASSERT_TRUE(one.ask(SystemActor{}, act).decision.is_permitted());
  EXPECT_FALSE(one.ask(SystemActor{}, act).decision.is_permitted()) << "the code counts once";
  EnrolConnector renewal = act;
  renewal.code.reset();
  renewal.jwk.reset();
  renewal.thumbprint.reset();
  renewal.certificate = crypto::sha256(as_bytes("another certificate"));
  renewal.under = act.certificate;
  ASSERT_TRUE(one.ask(SystemActor{}, renewal).decision.is_permitted());
  EXPECT_EQ(one.verify().problems, std::vector<std::string>());

  const KeyRing& keys = one.core->keys();
  const auto rows = store::Reader::open(one.core->data_directory().database(), keys.database()).value();
  const Dump told = dump(rows);
  const std::vector<std::uint64_t> enrolled =
      entries_of(told, keys, audit::ActKind::enrol_connector, audit::Outcome::recorded);
  ASSERT_EQ(enrolled.size(), 2u);
  const auto finds = [&](std::uint64_t index, std::uint16_t table, std::string_view member, const json::value& other) {
    Dump changed = with_registry_record(told, keys, index, [&](json::object& record) {
      for (json::value& put : record.at("puts").as_array()) {
        if (put.at("table") == table) put.at("row").as_object()[member] = other;
      }
    });
    sign_anew(changed, keys);
    const std::filesystem::path path = one.folder.path() / "changed.db";
    write(changed, path, keys.database());
    std::string all;
    for (const std::string& problem :
         verify_log(store::Reader::open(path, keys.database()).value(), keys, VerifiedRows::live, {}).value().problems)
      all += problem + "\n";
    return all;
  };
  const auto has = [](const std::string& all, std::string_view words) { return all.find(words) != all.npos; };
  const std::string_view other_rows = "it changed other rows than follow from it";
  EXPECT_TRUE(has(finds(enrolled[0], Connector::kTable, "staff", json::value(one.handler.staff.text())), other_rows));
  EXPECT_TRUE(
      has(finds(enrolled[0], AssertionKey::kTable, "organisation", json::value(one.authority.text())), other_rows));
  EXPECT_TRUE(
      has(finds(enrolled[1], Certificate::kTable, "organisation", json::value(one.authority.text())), other_rows));
  EXPECT_FALSE(finds(enrolled[1], Certificate::kTable, "issuer", json::value(to_base64url(code))).empty())
      << "no such issuer";
}

TEST_F(VerifyLog, FindsATileThatIsNotMadeOfTheEntries) {
  Dump changed = told;
  ASSERT_FALSE(changed.tiles.empty());
  changed.tiles.begin()->second[7] ^= 1;
  EXPECT_TRUE(finds(changed, "a tile of the log"));
}

TEST_F(VerifyLog, FindsNotesThatAreNotTheLogs) {
  Dump changed = told;
  changed.meta["head"][40] ^= 1;
  EXPECT_TRUE(finds(changed, "the head"));
  changed = told;
  std::string forged = saved.front();
  forged[forged.size() - 5] ^= 1;
  EXPECT_TRUE(finds(told, "saved checkpoint 1", std::vector{forged}));
  changed.meta["head"] = to_bytes(as_bytes(saved.front()));
  EXPECT_TRUE(finds(changed, "the head"));
}

// SPEC LVR-12: what is wrong in itself, whatever led to it.
TEST_F(VerifyLog, FindsASecondFirstEntry) {
  Dump changed = told;
  change_entry(changed, keys(), told.entries.size() - 1,
               {[](UtcTime&, audit::ActPart& act, auto&) { act.kind = ActKind::init; }, {}, 0});
  EXPECT_TRUE(finds_signed(changed, "only there"));
}

}  // namespace
}  // namespace flikvakt::service::test
