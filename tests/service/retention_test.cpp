// Logs that are pruned: everything still verifies, nothing that somebody merely deletes passes as pruning, and a kill
// at any moment leaves one or the other.
#include <future>
#include <sstream>
#include <thread>

#include "audit/verify.h"
#include "service/backup_restore.h"
#include "service/entry_writer.h"
#include "service/export_log.h"
#include "service/log_proofs.h"
#include "service/person_log.h"
#include "service/receipts.h"
#include "tests/service/pruning.h"

namespace flikvakt::service::test {
namespace {

namespace fs = std::filesystem;
using namespace policy;
using audit::ActKind;

const std::vector<std::string> kNone;

// ---- Pruning

class PrunedLog : public ::testing::Test {
protected:
  static void SetUpTestSuite() {
    world = std::make_unique<SignedWorld>();
    world->play();
    early = world->core->sequencer().checkpoint();
    before = dump(rows_of(*world));
    size = before.entries.size();
    limit = cut(*world);
    receipt = own_log().back();
    eleven_years_later(*world);
    EXPECT_EQ(world->verify().problems, kNone);
    world->prune(limit);
    after = dump(rows_of(*world));
  }
  static void TearDownTestSuite() { world.reset(); }

  static std::vector<audit::Receipt> own_log() {
    std::vector<audit::Receipt> out;
    for (std::optional<std::uint64_t> below; !below || *below > 0;) {
      std::promise<Result<json::value>> promise;
      if (!below) asked.id = crypto::random_id<AskingId>();
      own_log_receipts(*world->core, world->anna.actor, {below, 100, below ? std::nullopt : std::optional(asked.id)},
                       {}, [&](Result<json::value> found) { promise.set_value(std::move(found)); });
      const json::value piece = promise.get_future().get().value();
      const auto receipts = from_json<std::vector<audit::Receipt>>(piece.at("receipts")).value();
      if (!below) asked.salt = AskingId::parse(piece.at("salt").as_string()).value();
      out.insert(out.end(), receipts.begin(), receipts.end());
      below = piece.at("below").to_number<std::uint64_t>() - receipts.size();
      tag_key = to_array<32>(from_base64url(piece.at("tag_key").as_string()).value()).value();
    }
    std::ranges::reverse(out);
    return out;
  }
  static audit::NoteVerifier log_key() { return world->core->sequencer().signers().checkpoint().front().verifier(); }
  static std::vector<std::uint64_t> bare() {
    std::vector<std::uint64_t> out;
    for (const store::EntryRow& row : after.entries) {
      if (row.is_bare()) out.push_back(row.index);
    }
    return out;
  }
  static EntrySet kept() { return kept_in(*world); }

  static inline std::unique_ptr<SignedWorld> world;
  static inline std::uint64_t size = 0;
  static inline UtcTime limit;  // the entries before `size` are older
  static inline std::string early;
  static inline Dump before, after;
  static inline audit::Receipt receipt;
  static inline ByteArray<32> tag_key{};
  static inline audit::Asking asked;
};

// SPEC STO-17, LVR-25
TEST_F(PrunedLog, VerifiesAndItsTreeIsTheSame) {
  const LogReport report = world->verify(std::vector{early});
  EXPECT_EQ(report.problems, kNone) << "also against a checkpoint from before";
  EXPECT_EQ(report.begun_at, size);
  EXPECT_EQ(report.pruned_entries, bare().size());
  EXPECT_GT(bare().size(), size / 3);
  EXPECT_LT(bare().size(), size) << "something counts";
  for (std::size_t i = 0; i < before.entries.size(); ++i) {
    const store::EntryRow& was = before.entries[i];
    const store::EntryRow& is = after.entries[i];
    EXPECT_EQ(was.leaf, is.leaf);
    EXPECT_EQ(was.link, is.link);
    if (is.is_bare())
      EXPECT_FALSE(is.act_record) << i;
    else
      EXPECT_TRUE(is.act == was.act && is.person == was.person && is.act_record == was.act_record) << i;
  }
  for (const auto& [at, hashes] : before.tiles) EXPECT_EQ(after.tiles[at], hashes);
  const LogReport copy =
      verify_log(rows_of(*world), world->core->keys(), VerifiedRows::copy, {}, {}, {}, world->clock.wall()).value();
  EXPECT_EQ(copy.problems, kNone);
}

// SPEC RET-5
TEST_F(PrunedLog, KeepsWholeTheLastWordOnEverythingAndPrunesTheRest) {
  const KeyRing& keys = world->core->keys();
  const EntrySet stays = kept();
  EXPECT_TRUE(stays.contains(0));
  Findings findings;
  const StateImage image = read_state_image(rows_of(*world), keys, findings).value();
  std::size_t resting = 0;
  for (const auto& [id, stored] : image.rows) {
    if (stored.version >= size) continue;
    ++resting;
    EXPECT_TRUE(stays.contains(stored.version)) << id.table;
    EXPECT_FALSE(after.entries[stored.version].is_bare()) << id.table;
  }
  EXPECT_GT(resting, 20u);
  for (const ActKind kind : {ActKind::open_reading, ActKind::close_reading, ActKind::list_cases, ActKind::suspend,
                             ActKind::pause_fullmakt, ActKind::resume_fullmakt}) {
    std::size_t pruned = 0;
    const auto outcome = kind == ActKind::close_reading ? audit::Outcome::recorded : audit::Outcome::permitted;
    for (const std::uint64_t index : entries_of(before, keys, kind, outcome)) {
      EXPECT_NE(after.entries[index].is_bare(), stays.contains(index)) << audit::name_of(kind) << " " << index;
      pruned += after.entries[index].is_bare() ? 1 : 0;
    }
    EXPECT_GT(pruned, 0u) << audit::name_of(kind) << ": what nothing rests on goes";
  }
  const auto is_whole = [&](ActKind kind, std::size_t which) {
    return !after.entries[entries_of(before, keys, kind).at(which)].is_bare();
  };
  EXPECT_FALSE(is_whole(ActKind::set_sparr, 0)) << "the one that was lifted";
  EXPECT_TRUE(is_whole(ActKind::lift_sparr, 0)) << "that it was";
  EXPECT_TRUE(is_whole(ActKind::set_sparr, 1)) << "the one in force";
  EXPECT_TRUE(is_whole(ActKind::revoke_fullmakt, 0)) << "what was taken back must stay so, provably";
  EXPECT_TRUE(is_whole(ActKind::propose_key, 0)) << "Anna's signatures rest on it";
  EXPECT_TRUE(is_whole(ActKind::begin_deposit, 0)) << "who deposited Anna's journal";
  EXPECT_TRUE(is_whole(ActKind::register_issuer, 0)) << "the first half";
}

// SPEC LVR-23
TEST_F(PrunedLog, DeletedRowsThatNobodyOrderedAreFound) {
  const auto without = [&](Dump from, std::uint64_t index) {
    make_bare(from.entries[index]);
    return problems_of(*world, from);
  };
  EXPECT_TRUE(says(without(before, 5), "entry 5: its parts are missing, and no pruning ordered that"))
      << "in a log that is not pruned";
  EXPECT_TRUE(says(without(after, size), "its parts are missing, and no pruning ordered that"))
      << "the first that is not older";
  EXPECT_TRUE(says(without(after, 0), "entry 0: its parts are missing, and no pruning ordered that"));
  const std::uint64_t sparr = entries_of(before, world->core->keys(), ActKind::set_sparr)[1];
  EXPECT_TRUE(says(without(after, sparr), "its parts are missing, and no pruning ordered that"))
      << "what counts is not to go";
  Dump changed = after;
  changed.entries[sparr].act_record.reset();
  EXPECT_TRUE(says(problems_of(*world, changed), "its act record is missing"));
  changed = after;
  changed.entries[bare().front()].act_record = Bytes(80, 7);
  EXPECT_TRUE(says(problems_of(*world, changed), "its act record is there"));
  changed = after;
  changed.entries[bare().front()].leaf = before.entries[bare().back()].leaf;
  EXPECT_TRUE(says(problems_of(*world, changed), "entries are not those of the head")) << "leaves stay proven";
  changed = after;
  changed.entries.erase(changed.entries.begin() + static_cast<std::ptrdiff_t>(bare().front()));
  sign_anew(changed, world->core->keys());
  EXPECT_TRUE(says(problems_of(*world, changed, std::vector{early}), "are not those of saved checkpoint 1"));
}

// SPEC LVR-24
TEST_F(PrunedLog, WhatWasToGoAndIsThereIsFound) {
  Dump changed = after;
  const std::uint64_t index = bare()[3];
  changed.entries[index] = before.entries[index];
  EXPECT_TRUE(says(problems_of(*world, changed), "it was to be pruned, and is whole"));
}

// SPEC LVR-27, LVR-9: the list is what two administrators signed for, and without it the state does not follow.
TEST_F(PrunedLog, APruningThatTakesWhatCountsIsFound) {
  const KeyRing& keys = world->core->keys();
  const std::uint64_t sparr = entries_of(before, keys, ActKind::set_sparr)[1];
  const auto problems = [&](Dump changed) {
    sign_anew(changed, keys);
    return problems_of(*world, changed);
  };
  const auto of_fewer = [&](std::uint64_t gone) { return with_kept(after, keys, without(kept(), size, gone)); };
  EXPECT_TRUE(says(problems(of_fewer(sparr)), "it prunes entry " + std::to_string(sparr) + ", on which a row rests"));
  EXPECT_TRUE(says(problems(of_fewer(0)), "it prunes the entry that began the log"));
  Dump changed = of_fewer(sparr);
  make_bare(changed.entries[sparr]);
  EXPECT_TRUE(says(problems(changed), "no act of the log put it there"));
  std::erase_if(changed.rows, [&](const store::StateRow& row) {
    return row.table == Sparr::kTable && std::ranges::equal(row.id, world->annas_sparr.value());
  });
  EXPECT_TRUE(says(problems(changed), "it was permitted, but the rules refuse it")) << "nothing else tells of it";
}

// SPEC LVR-25: else nobody would look at who ordered it.
TEST_F(PrunedLog, APruningOfItsOwnOrderIsNone) {
  const KeyRing& keys = world->core->keys();
  for (const std::uint64_t beyond : {std::uint64_t{after.entries.size()}, std::uint64_t{1} << 52}) {
    Dump changed = after;
    change_row<Pruning>(changed, keys, [&](Pruning& one) { return one.size = beyond, true; });
    sign_anew(changed, keys);
    EXPECT_TRUE(says(problems_of(*world, changed), "it is of entries that its own order is among"));
  }
}

// SPEC LVR-9, RET-4: who prunes without two administrators, or otherwise than they signed.
TEST_F(PrunedLog, APruningThatNobodySignedIsFound) {
  const KeyRing& keys = world->core->keys();
  const std::uint64_t entry = entries_of(after, keys, ActKind::approve).back();
  Dump changed = with_registry_record(after, keys, entry, [](json::object& record) { record.erase("evidence"); });
  sign_anew(changed, keys);
  EXPECT_TRUE(says(problems_of(*world, changed), "nothing shows who ordered it"));
  changed = with_registry_record(after, keys, entry, [](json::object& record) {
    for (json::value& put : record.at("puts").as_array()) {
      if (put.at("table") == Pruning::kTable) put.at("row").as_object()["before"] = "2030-01-01T00:00:00.000Z";
    }
  });
  sign_anew(changed, keys);
  EXPECT_TRUE(says(problems_of(*world, changed), "it changed other rows than follow from it"));
}

// SPEC LVR-23, RET-2: whatever the rows say of times.
TEST_F(PrunedLog, NothingYoungerThanFiveYearsPassesForPruned) {
  const KeyRing& keys = world->core->keys();
  const std::uint64_t order = entries_of(after, keys, ActKind::approve).back(), young = order - 1;
  Dump changed = after;
  change_row<Pruning>(changed, keys, [&](Pruning& one) {
    one.size = order;
    one.before = world->clock.wall() + 24h;
    return true;
  });
  make_bare(changed.entries[young]);
  sign_anew(changed, keys);
  EXPECT_TRUE(says(problems_of(*world, changed),
                   "entry " + std::to_string(young) + ": its parts are missing, and no pruning ordered that"));
}

// SPEC LVR-3: who sets the gateway's clock ahead prunes too early.
TEST_F(PrunedLog, EntriesAheadOfTheVerifiersClockAreFound) {
  const auto rows = rows_of(*world);
  const auto problems_at = [&](UtcTime now) {
    return verify_log(rows, world->core->keys(), VerifiedRows::live, {}, {}, {}, now).value().problems;
  };
  EXPECT_TRUE(says(problems_at(world->clock.wall() - 24h * 365), "ahead of the clock here"));
  EXPECT_EQ(problems_at(world->clock.wall() - 23h), kNone) << "clocks differ";
}

// SPEC LVR-26: of what is left of the old acts too it is known who ordered them, and with which key.
TEST_F(PrunedLog, AnOldActThatNobodySignedIsFound) {
  const KeyRing& keys = world->core->keys();
  const auto problems = [&](std::uint64_t entry, const std::function<void(json::object&)>& edit) {
    Dump changed = with_registry_record(after, keys, entry, edit);
    sign_anew(changed, keys);
    return problems_of(*world, changed);
  };
  const std::uint64_t proposal = entries_of(before, keys, ActKind::register_issuer)[0];
  const std::uint64_t approval = entries_of(before, keys, ActKind::approve)[0];
  EXPECT_TRUE(
      says(problems(proposal, [](json::object& record) { record.erase("evidence"); }), "nothing shows who ordered it"));
  const std::uint64_t other = entries_of(before, keys, ActKind::register_flik_type)[0];
  EXPECT_TRUE(says(
      problems(proposal,
               [&](json::object& record) { record["evidence"] = registry_record(after, keys, other).at("evidence"); }),
      "it is of another act id"));
  EXPECT_TRUE(says(problems(proposal, [](json::object& record) { record.at("puts").as_array().clear(); }),
                   "the first half of what it approves is pruned"));
  EXPECT_TRUE(says(problems(proposal,
                            [&](json::object& record) {
                              json::object& row = record.at("puts").as_array().at(0).at("row").as_object();
                              row["administrator"] = world->officials[1].row.id.text();
                            }),
                   "it approves what no other one proposed"));
  Administrator invented = make_official("Eve", AdministratorKind::personal).row;
  EXPECT_TRUE(says(problems(approval,
                            [&](json::object& record) {
                              record.at("puts").as_array().push_back(
                                  json::object{{"table", Administrator::kTable}, {"row", to_json(invented)}});
                            }),
                   "nobody who could made this administrator"));
}

json::object put_of(const Row& row) { return {{"table", row_id(row).table}, {"row", row_body(row)}}; }

// An entry that concerns the registry, as if the gateway had made it by itself: nobody signed it.
Dump as_own_act(const Dump& from, const KeyRing& keys, std::uint64_t index, ActKind kind) {
  Dump out = with_registry_record(from, keys, index, [&](json::object& record) {
    record["kind"] = audit::name_of(kind);
    record["actor"] = to_json(Actor(SystemActor{}));
    record.erase("evidence");
  });
  const auto change = [&](UtcTime&, audit::ActPart& part, std::optional<audit::PersonPart>&) {
    part.kind = kind;
    part.actor = audit::Actor::system();
    part.outcome = audit::Outcome::recorded;
  };
  change_entry(out, keys, index, {change, {}, 0});
  return out;
}

// SPEC LVR-31: what nobody orders would else write what it likes, in an entry that is old enough to be only passed
// over.
TEST_F(PrunedLog, AnOldActOfTheGatewayThatWritesWhatItsKindNeverWritesIsFound) {
  const KeyRing& keys = world->core->keys();
  const std::uint64_t entry = entries_of(before, keys, ActKind::register_flik_type)[0];
  for (const ActKind kind : {ActKind::start, ActKind::stop, ActKind::sum_failures, ActKind::apply_crl,
                             ActKind::expire_due, ActKind::seal_deposit, ActKind::open_reading, ActKind::list_cases}) {
    Dump changed = as_own_act(after, keys, entry, kind);
    sign_anew(changed, keys);
    EXPECT_TRUE(says(problems_of(*world, changed), "it writes a row that an act of its kind never writes"))
        << audit::name_of(kind);
  }
  const std::vector<std::uint64_t> lists = entries_of(after, keys, ActKind::apply_crl, audit::Outcome::recorded);
  ASSERT_FALSE(lists.empty()) << "one is left: the last word on its issuer, and no finding";
  Dump changed = with_registry_record(after, keys, lists.back(), [](json::object& record) {
    record.at("erases").as_array().push_back(
        json::object{{"table", FlikType::kTable}, {"key", to_hex(row_id_of<FlikType>(std::string("nothing")).key)}});
  });
  sign_anew(changed, keys);
  EXPECT_TRUE(says(problems_of(*world, changed), "it erases a row that an act of its kind never erases"));
}

// SPEC LVR-31
TEST_F(PrunedLog, AnOldActOfTwoWritesNothingButWhatWaitsAndItsApprovalOnlyWhatWaited) {
  const KeyRing& keys = world->core->keys();
  const std::uint64_t proposal = entries_of(before, keys, ActKind::register_issuer)[0];
  const std::uint64_t approval = entries_of(before, keys, ActKind::approve)[0];
  const std::uint64_t later = entries_of(before, keys, ActKind::register_flik_type)[0];
  const json::value flik_type = registry_record(after, keys, later).at("puts").at(0);
  const auto with = [&](std::uint64_t entry, const json::value& put) {
    Dump changed = with_registry_record(after, keys, entry,
                                        [&](json::object& record) { record.at("puts").as_array().push_back(put); });
    sign_anew(changed, keys);
    return problems_of(*world, changed);
  };
  constexpr const char* kNever = "it writes a row that an act of its kind never writes";
  EXPECT_TRUE(says(with(proposal, flik_type), "entry " + std::to_string(proposal) + ": " + kNever));
  EXPECT_TRUE(says(with(approval, flik_type), "entry " + std::to_string(approval) + ": " + kNever))
      << "an issuer was approved";
  const json::value issuer = registry_record(after, keys, approval).at("puts").at(0);
  EXPECT_TRUE(says(with(proposal, issuer), kNever)) << "nothing is carried out before the second";

  Proposal planted;  // for the one who signed this to approve, as if another one had proposed it
  planted.id = ProposalId(crypto::random_id<ActId>().value());
  planted.act = to_text(act_to_json(SetRetention{"default", 1830}));
  planted.administrator = world->officials[1].row.id;
  planted.expires = world->clock.wall();
  for (const std::uint64_t entry : {proposal, approval, later})
    EXPECT_TRUE(says(with(entry, put_of(planted)), "entry " + std::to_string(entry) + ": " + kNever));
  const auto bent = [&](const char* member, const json::value& to) {
    Dump changed = with_registry_record(after, keys, proposal, [&](json::object& record) {
      record.at("puts").as_array().at(0).at("row").as_object()[member] = to;
    });
    sign_anew(changed, keys);
    return problems_of(*world, changed);
  };
  EXPECT_TRUE(says(bent("id", json::string(planted.id.text())), kNever)) << "of another id than was ordered";
  EXPECT_TRUE(says(bent("act", json::string(planted.act)), kNever)) << "another act than was ordered";
  EXPECT_TRUE(says(bent("administrator", json::string(planted.administrator->text())), kNever)) << "another's";
}

// The attack: whoever has the rows and every key of the gateway, but no administrator's, writes two administrators into
// the state, an order to prune into the log in their names, and deletes.
// SPEC LVR-9, LVR-25
TEST(Pruning, WhoInventsAdministratorsPrunesNothing) {
  SignedWorld world;
  world.anna = world.enrol(world.anna.number);
  const std::uint64_t version = entries_of(dump(rows_of(world)), world.core->keys(), ActKind::approve).back();
  const UtcTime limit = cut(world);
  eleven_years_later(world);
  EXPECT_EQ(world.verify().problems, kNone);
  const Prepared::PlannedPruning planned = plan(world, limit);
  const KeyRing& keys = world.core->keys();
  Dump told = dump(rows_of(world));
  for (const char* name : {"Eve", "Mallory"}) {
    world.officials.push_back(make_official(name, AdministratorKind::personal));
    told.rows.push_back(RowSealer(keys).seal(world.officials.back().row, version).value());
  }
  const AdministratorActor eve{world.officials[3].row.id};
  const AdministratorActor mallory{world.officials[4].row.id};
  const PruneLog act{limit, planned.kept_sha256};
  const Command first = world.command(eve, act).value();
  Proposal waiting;
  waiting.id = ProposalId(first.evidence->id.value());
  waiting.act = to_text(act_to_json(act));
  waiting.administrator = eve.administrator;
  waiting.expires = world.clock.wall() + 24h * 14;
  const Command second = world.command(mallory, Approve{waiting.id, act_to_json(act)}).value();
  audit::ForbundEntryKeys forbund(keys.forbund_log());
  const auto log = [&](const Command& command, const AdministratorId& by, const Outcome& outcome,
                       const std::vector<OwnedErase>& erases) {
    const std::string text = record_text(command, outcome, erases, std::nullopt, RecordPlace::first_entry);
    const audit::SealedRecord record = audit::seal_record(as_bytes(text), forbund.record);
    audit::ActPart part;
    part.actor = audit::Actor::administrator(by);
    part.kind = act_kind_of(command.act);
    part.outcome = audit::Outcome::permitted;
    part.act = command.evidence->id;
    part.record = record.commitment;
    const audit::SealedEntry sealed = audit::seal_entry(world.clock.wall(), part, std::nullopt, forbund);
    told.entries.push_back({told.entries.size(), to_bytes(sealed.leaf), audit::random_link(), to_bytes(sealed.act),
                            to_bytes(sealed.person), record.ciphertext});
  };
  Outcome waits;
  waits.puts = {waiting};
  log(first, eve.administrator, waits, {});
  Outcome pruned;
  pruned.puts = {Pruning{planned.size, limit, world.clock.wall(), planned.kept}};
  told.rows.push_back(RowSealer(keys).seal(pruned.puts.front(), told.entries.size()).value());
  log(second, mallory.administrator, pruned, {{row_id_of<Proposal>(waiting.id), std::nullopt}});
  const EntrySet kept = EntrySet::decode(planned.kept).value();
  for (std::uint64_t i = 0; i < planned.size; ++i) {
    if (!kept.contains(i)) make_bare(told.entries[i]);
  }
  sign_anew(told, keys);
  const std::vector<std::string> problems = problems_of(world, told);
  EXPECT_TRUE(says(problems, "there was no such administrator"));
  EXPECT_TRUE(says(problems, "no act of the log put it there"));
}

// SPEC RCPT-15, RCPT-11
TEST_F(PrunedLog, ThePersonsOwnLogIsStillProvenWholeAndOldReceiptsHold) {
  const audit::NoteVerifier known = log_key();
  const audit::Trusted trusted{{&known, 1}, {}};
  EXPECT_TRUE(audit::check_receipt(receipt, trusted)) << "one that was fetched before";
  const std::vector<audit::Receipt> receipts = own_log();
  std::size_t pruned = 0;
  for (const audit::Receipt& one : receipts) {
    const auto checked = audit::check_receipt(one, trusted);
    ASSERT_TRUE(checked) << checked.error().message;
    EXPECT_EQ(checked->is_pruned, after.entries.size() > checked->index && after.entries[checked->index].is_bare());
    pruned += checked->is_pruned ? 1 : 0;
  }
  EXPECT_GT(pruned, 10u);
  EXPECT_LT(pruned, receipts.size());
  audit::OwnLogProof whole{std::string(audit::kOwnLogFormat), asked, tag_key, {}, {}};
  for (const audit::Receipt& one : receipts) {  // those of one checkpoint, so that no growth must be proven
    if (audit::parse_log_proof(one.proof).value().checkpoint ==
        audit::parse_log_proof(receipts.front().proof).value().checkpoint)
      whole.receipts.push_back(one);
  }
  ASSERT_EQ(whole.receipts.size(), receipts.size()) << "the log fits in one piece";
  const auto checked = audit::check_own_log(whole, trusted);
  ASSERT_TRUE(checked) << checked.error().message;
  whole.receipts.erase(whole.receipts.begin() + 3);
  EXPECT_FALSE(audit::check_own_log(whole, trusted)) << "a pruned one cannot be left out";
  audit::Receipt half = receipts.back();
  half.act.reset();
  EXPECT_FALSE(audit::check_receipt(half, trusted)) << "a person part alone";
}

// SPEC RCPT-15, RCPT-16
TEST_F(PrunedLog, AReceiptOfAPrunedEntryGoesToThePersonAloneAndHoldsNoPart) {
  const auto ask = [&](std::uint64_t entry) {
    std::promise<Result<json::value>> promise;
    person_receipt(*world->core, world->anna.actor, entry, {},
                   [&](Result<json::value> found) { promise.set_value(std::move(found)); });
    return promise.get_future().get();
  };
  const std::uint64_t annas = entries_of(before, world->core->keys(), ActKind::pause_fullmakt)[0];
  const Result<json::value> own = ask(annas);
  ASSERT_TRUE(own) << own.error().message;
  EXPECT_FALSE(own->as_object().contains("act"));
  EXPECT_FALSE(own->as_object().contains("person"));
  const std::uint64_t nobodys = entries_of(before, world->core->keys(), ActKind::list_cases)[0];
  EXPECT_EQ(ask(nobodys).error().code, ErrorCode::not_found) << "not hers";
  const std::uint64_t reading = entries_of(before, world->core->keys(), ActKind::open_reading)[0];
  EXPECT_EQ(organisation_receipt(*world->core, world->authority, reading, {}).error().code, ErrorCode::not_found);
}

// SPEC API-130
TEST_F(PrunedLog, TheOwnLogSaysOfPrunedEntriesThatTheyAre) {
  std::vector<json::value> all;
  LogQuery query;
  query.limit = 100;
  do {
    std::promise<Result<PersonLogPage>> promise;
    read_own_log(*world->core, world->anna.actor, query,
                 [&](Result<PersonLogPage> page) { promise.set_value(std::move(page)); });
    const PersonLogPage found = promise.get_future().get().value();
    all.insert(all.end(), found.entries.begin(), found.entries.end());
    query.below = found.next;
  } while (query.below);
  std::size_t pruned = 0;
  for (const json::value& one : all) {
    const auto index = one.at("entry").to_number<std::uint64_t>();
    const bool is_bare = index < after.entries.size() && after.entries[index].is_bare();
    EXPECT_EQ(one.at("kind") == "pruned", is_bare) << to_text(one);
    if (!is_bare) continue;
    ++pruned;
    EXPECT_EQ(one.as_object().size(), 8u) << to_text(one);
    EXPECT_EQ(one.at("time"), to_json(audit::decode_leaf(after.entries[index].leaf).value().time));
  }
  EXPECT_GT(pruned, 10u);
}

// SPEC EXP-10
TEST_F(PrunedLog, AnExportVerifiesAndCountsWhatIsPruned) {
  std::stringstream lines;
  const auto rows = rows_of(*world);
  ASSERT_TRUE(
      export_log(rows, world->core->keys(), world->anna.actor.person, [&](std::string_view line) -> Result<void> {
        lines << line << '\n';
        return {};
      }));
  const std::vector<audit::NoteVerifier> known{log_key()};
  const std::string checkpoint = checkpoint_of(rows, world->core->keys()).value();
  const audit::VerifyReport report = audit::verify_export(lines, checkpoint, std::vector{early}, known);
  for (const audit::Finding& finding : report.findings) ADD_FAILURE() << finding.text();
  EXPECT_EQ(report.pruned, bare().size());
  EXPECT_GT(report.opened_persons, 3u);
  EXPECT_EQ(report.opened_acts + report.pruned, report.entries);
}

// SPEC BAK-9, BAK-5
TEST_F(PrunedLog, ABackupVerifiesAndARestoreBeginsAnewWithNothingPruned) {
  RestorePlan plan{world->folder.path() / "backup", world->folder.path() / "keys-backup", std::nullopt};
  ASSERT_TRUE(back_up(*world->core, plan.backup, store::ObjectCopies::always_copied));
  ASSERT_TRUE(back_up_keys(*world->core, plan.key_store_backup));
  plan.erasures = world->core->data_directory().erasures();
  const BackupContents contents = inspect_backup(plan, world->master()).value();
  EXPECT_EQ(contents.problems, kNone);
  JointAct act{restore_act(contents, "flikvakt.test/log2", {}, world->clock.wall()), {}};
  for (const std::size_t i : {0, 1}) act.signatures.push_back(sign_joint(act.act, world->officials[i].key).value());
  auto core = restore(store::DataDirectory::create(world->folder.path() / "restored").value(), world->master(), plan,
                      act, world->clock, {});
  ASSERT_TRUE(core) << core.error().message;
  const auto rows = store::Reader::open((*core)->data_directory().database(), (*core)->keys().database()).value();
  const fs::path archives = (*core)->data_directory().archive();
  EXPECT_EQ(verify_log(rows, (*core)->keys(), VerifiedRows::live, {}, {}, archives).value().problems, kNone);
  EXPECT_EQ((*core)->directory().pruned_to(), 0u);
  const auto old = store::Reader::open(archives / archive_name(contents.head_note), (*core)->keys().database()).value();
  EXPECT_EQ(verify_log(old, (*core)->keys(), VerifiedRows::copy).value().problems, kNone);
  (*core)->sequencer().stop();
}

// ---- Ordering

// SPEC RET-3, RET-4: through the gateway's own door.
TEST(Pruning, IsRefusedAloneTooEarlyTwiceAndWhenOtherEntriesStayThanWereSignedFor) {
  SignedWorld world;
  world.anna = world.enrol(world.anna.number);
  world.bo = world.enrol(world.bo.number);
  const UtcTime limit = cut(world);
  const auto reason = [](const CommandResult& result) { return result.decision.reason; };
  EXPECT_EQ(reason(world.send(world.administrator(0), order(world, limit))), Reason::period_invalid);
  eleven_years_later(world);
  const auto propose = [&] {
    Command first = world.command(world.administrator(0), order(world, limit)).value();
    const Approve approval{ProposalId(first.evidence->id.value()), act_to_json(first.act)};
    EXPECT_TRUE(world.core->decide(std::move(first)).decision.is_permitted()) << "it waits";
    return approval;
  };
  const Approve signed_for_bo = propose();
  EXPECT_EQ(reason(world.send(world.administrator(0), signed_for_bo)), Reason::same_person);
  EXPECT_EQ(world.core->directory().pruned_to(), 0u);
  EXPECT_TRUE(world.by_two(Shred{ShredScope::person, {}, {}, {}}, world.bo.number).decision.is_permitted());
  EXPECT_EQ(reason(world.send(world.administrator(1), signed_for_bo)), Reason::wrong_state)
      << "what rested on Bo's rows rests on nothing any more";
  EXPECT_EQ(world.verify().pruned_entries, 0u);
  EXPECT_TRUE(world.send(world.administrator(1), propose()).decision.is_permitted());
  world.wait_until_pruned();
  EXPECT_EQ(reason(world.send(world.administrator(0), order(world, limit))), Reason::already_exists);
  EXPECT_EQ(world.verify().problems, kNone);
  EXPECT_EQ(reason(world.send(world.administrator(0), SetRetention{"default", 1000})), Reason::period_invalid);
}

// Somebody reads the whole log, until this goes: whoever needs that too is told that nothing was decided.
class WalkedLog {
public:
  explicit WalkedLog(Core& core) : core_(core) {
    EXPECT_TRUE(core.log_walker().begin(
        [](const LogWalker::KeepOn& keep_on) {
          while (keep_on()) std::this_thread::sleep_for(1ms);
        },
        [] {}));
  }
  ~WalkedLog() { core_.log_walker().end(); }

private:
  Core& core_;
};

Approve propose_pruning(SignedWorld& world, UtcTime before) {
  Command first = world.command(world.administrator(0), order(world, before)).value();
  const Approve approval{ProposalId(first.evidence->id.value()), act_to_json(first.act)};
  EXPECT_TRUE(world.core->decide(std::move(first)).decision.is_permitted()) << "it waits";
  return approval;
}

// SPEC RET-8
TEST(Pruning, NobodyReadsTheLogForWhatIsNotToBeCarriedOut) {
  SignedWorld world;
  world.anna = world.enrol(world.anna.number);
  const UtcTime limit = cut(world);
  eleven_years_later(world);
  const AdministratorActor ada = world.administrator(0), ben = world.administrator(1);
  const auto reason_while_walked = [&](const Actor& actor, const Approve& approval) {
    const WalkedLog walked(*world.core);
    const CommandResult result = world.send(actor, approval);
    EXPECT_EQ(result.status, CommandStatus::decided);
    return result.decision.reason;
  };
  const Approve waits = propose_pruning(world, limit);
  EXPECT_EQ(reason_while_walked(ada, waits), Reason::same_person);
  EXPECT_EQ(reason_while_walked(world.handler, waits), Reason::not_entitled);
  EXPECT_EQ(reason_while_walked(ben, {crypto::random_id<ProposalId>(), waits.act}), Reason::unknown);
  const PruneLog other{limit - 1s, {}};
  EXPECT_EQ(reason_while_walked(ben, {waits.proposal, act_to_json(other)}), Reason::other_act);

  const Approve withdrawn = propose_pruning(world, limit);
  EXPECT_TRUE(world.send(ada, WithdrawProposal{withdrawn.proposal}).decision.is_permitted());
  EXPECT_EQ(reason_while_walked(ben, withdrawn), Reason::unknown);

  EXPECT_TRUE(world.by_two(SetRetention{"default", 36'525}).decision.is_permitted());
  EXPECT_EQ(reason_while_walked(ben, waits), Reason::period_invalid);
  EXPECT_TRUE(world.by_two(SetRetention{"default", 3653}).decision.is_permitted());

  world.core->note_witnessed(limit);  // by clocks that say that its time has not come
  EXPECT_EQ(reason_while_walked(ben, waits), Reason::wrong_state);
  world.core->note_witnessed(limit + kDefaultRetention);

  const std::uint64_t before = world.core->sequencer().log_view().size;
  {
    const WalkedLog walked(*world.core);
    EXPECT_EQ(world.send(ben, waits).status, CommandStatus::unavailable) << "this one is to be";
  }
  EXPECT_EQ(world.core->sequencer().log_view().size, before);
  EXPECT_TRUE(world.send(ben, waits).decision.is_permitted());
  world.wait_until_pruned();
  EXPECT_EQ(world.verify().problems, kNone);
}

// SPEC RET-8
TEST(Pruning, ThatIsBrokenOffDecidesNothingAndCanBeApprovedAgain) {
  SignedWorld world;
  world.anna = world.enrol(world.anna.number);
  const UtcTime limit = cut(world);
  eleven_years_later(world);
  for (const int asked : {0, 1, 5}) {
    int left = asked;
    const auto planned = plan_pruning(
        rows_of(world), world.core->keys(), limit, [] { return Result<void>(); }, [&] { return left-- > 0; });
    ASSERT_FALSE(planned) << asked;
    EXPECT_EQ(planned.error().code, ErrorCode::unavailable);
  }
  const Approve waits = propose_pruning(world, limit);
  const std::uint64_t before = world.core->sequencer().log_view().size;
  // Behind one who answers until it is told to end comes this one, and is told before it begins.
  LogWalker::KeepOn keep_on;
  std::promise<void> answering;
  std::atomic<bool> is_behind = false;
  ASSERT_TRUE(world.core->log_walker().begin([&](const LogWalker::KeepOn& given) { keep_on = given; },
                                             [&] {
                                               answering.set_value();
                                               while (!is_behind || keep_on()) std::this_thread::sleep_for(1ms);
                                             }));
  answering.get_future().wait();
  std::promise<CommandResult> told;
  perform(*world.core, world.command(world.administrator(1), waits).value(),
          [&](CommandResult result) { told.set_value(std::move(result)); });
  is_behind = true;
  world.core->log_walker().end();
  EXPECT_EQ(told.get_future().get().status, CommandStatus::unavailable);
  EXPECT_EQ(world.core->sequencer().log_view().size, before);
  EXPECT_TRUE(world.send(world.administrator(1), waits).decision.is_permitted());
  world.wait_until_pruned();
  EXPECT_EQ(world.verify().problems, kNone);
}

// SPEC LVR-25, LVR-15: when the time comes a reading is open, something waits, receipts stand; keys are rotated before
// and after; somebody is erased later.
TEST(Pruning, WhatIsOpenAtTheTimeEndsAsItDid) {
  SignedWorld world;
  world.anna = world.enrol(world.anna.number);
  world.rotate_master();
  world.bo = world.enrol(world.bo.number);
  world.sign(world.anna);
  world.sign(world.bo);
  const DocumentId annas = world.deposit(world.anna, "journal", "Annas");
  const DocumentId bos = world.deposit(world.bo, "journal", "Bos");
  const auto reading = world.open(world.handler, annas);
  const auto of_bo = world.open(world.handler, bos);
  ASSERT_TRUE(reading && of_bo);
  ASSERT_TRUE(world.send(world.administrator(0), Shred{ShredScope::document, {}, {}, annas}).decision.is_permitted());
  const UtcTime limit = cut(world);
  EXPECT_TRUE(world.close(**reading, 5).decision.is_permitted());
  EXPECT_TRUE(world.close(**of_bo, 3).decision.is_permitted());
  EXPECT_TRUE(world.by_two(Shred{ShredScope::person, {}, {}, {}}, world.bo.number).decision.is_permitted());
  world.clock.advance(24h * 20);
  world.ask(SystemActor{}, Start{});
  world.rotate_master();
  eleven_years_later(world);
  world.prune(limit);
  const LogReport report = world.verify();
  EXPECT_EQ(report.problems, kNone);
  EXPECT_GT(report.pruned_entries, 0u);
}

// SPEC LVR-13, LVR-25
TEST(Pruning, OfALogThatBeganWithARestoreGoesBackToThat) {
  SignedWorld world;
  world.anna = world.enrol(world.anna.number);
  world.sign(world.anna);
  RestorePlan backup{world.folder.path() / "backup", world.folder.path() / "keys-backup", std::nullopt};
  ASSERT_TRUE(back_up(*world.core, backup.backup, store::ObjectCopies::always_copied));
  ASSERT_TRUE(back_up_keys(*world.core, backup.key_store_backup));
  const BackupContents contents = inspect_backup(backup, world.master()).value();
  JointAct act{restore_act(contents, "flikvakt.test/log2", {}, world.clock.wall()), {}};
  for (const std::size_t i : {0, 1}) act.signatures.push_back(sign_joint(act.act, world.officials[i].key).value());
  world.stop();
  auto core = restore(store::DataDirectory::create(world.folder.path() / "restored").value(), world.master(), backup,
                      act, world.clock, {});
  ASSERT_TRUE(core) << core.error().message;
  world.core = std::move(*core);
  for (int i = 0; i < 5; ++i) world.ask(world.lead, ListCases{});
  const RegisterOrganisation added{crypto::random_id<OrganisationId>(), "ny", "5560000001", OrganisationKind::region};
  EXPECT_TRUE(world.by_two(added).decision.is_permitted());
  const UtcTime limit = cut(world);
  eleven_years_later(world);
  world.prune(limit);
  const LogReport report = world.verify();
  EXPECT_EQ(report.problems, kNone);
  EXPECT_GE(report.pruned_entries, 5u);
}

// SPEC RET-7: two administrators can set the clock ahead, and confirm it.
TEST(Pruning, WaitsForTheClocksOfWitnesses) {
  SignedWorld world;
  world.anna = world.enrol(world.anna.number);
  const UtcTime limit = cut(world);
  eleven_years_later(world);
  for (const UtcTime until : {UtcTime{}, limit + kDefaultRetention - 1ms}) {
    world.core->note_witnessed(until);
    EXPECT_EQ(world.by_two(order(world, limit)).decision.reason, Reason::wrong_state);
  }
  world.core->note_witnessed(limit + kDefaultRetention);
  world.prune(limit);
  EXPECT_EQ(world.verify().problems, kNone);
}

// SPEC RET-1, RET-5, LVR-25, LVR-27: a second time, further, with a kind that is kept for longer.
TEST(Pruning, GoesFurtherLaterAndLeavesKindsWhoseTimeHasNotRunOut) {
  SignedWorld world;
  world.anna = world.enrol(world.anna.number);
  world.sign(world.anna);
  const DocumentId document = world.deposit(world.anna, "journal", "text");
  const auto reading = world.open(world.handler, document);
  ASSERT_TRUE(reading);
  EXPECT_TRUE(world.close(**reading, 4).decision.is_permitted());
  EXPECT_TRUE(world.by_two(SetRetention{"open_reading", 36'525}).decision.is_permitted());
  EXPECT_TRUE(world.by_two(SetRetention{"reinstate", 36'525}).decision.is_permitted());
  world.send(world.administrator(0), Suspend{RegistryNoun::staff, world.coach.staff.text()});
  world.by_two(Reinstate{RegistryNoun::staff, world.coach.staff.text()});
  world.send(world.administrator(0), Remove{RegistryNoun::staff, world.coach.staff.text()});
  const UtcTime first = cut(world);
  world.clock.advance(24h * 365);
  world.ask(SystemActor{}, Start{});
  world.ask(world.lead, ListCases{});
  const UtcTime second = cut(world);
  world.clock.advance(kElevenYears - std::chrono::days{365});
  world.ask(SystemActor{}, Start{});
  const KeyRing& keys = world.core->keys();
  const std::uint64_t opening = entries_of(dump(rows_of(world)), keys, ActKind::open_reading).at(0);
  const std::uint64_t reinstated = entries_of(dump(rows_of(world)), keys, ActKind::reinstate).at(0);
  const std::vector<std::uint64_t> approvals = entries_of(dump(rows_of(world)), keys, ActKind::approve);
  const std::uint64_t approved = *std::ranges::upper_bound(approvals, reinstated);
  world.prune(first);
  const LogReport once = world.verify();
  EXPECT_EQ(once.problems, kNone);
  const Dump rows = dump(rows_of(world));
  EXPECT_FALSE(rows.entries[opening].is_bare()) << "kept for a hundred years";
  EXPECT_FALSE(rows.entries[reinstated].is_bare()) << "as is the first half of what takes two";
  EXPECT_EQ(entries_of(rows, keys, ActKind::close_reading).size(), 0u);
  EXPECT_EQ(entries_of(rows, keys, ActKind::suspend).size(), 0u);
  EXPECT_FALSE(rows.entries[approved].is_bare()) << "and the second";
  {  // A list that leaves it out, while it is still there to contradict.
    Dump changed = with_kept(rows, keys, without(kept_in(world), world.core->directory().pruned_to(), opening));
    sign_anew(changed, keys);
    EXPECT_TRUE(says(problems_of(world, changed),
                     "it prunes entry " + std::to_string(opening) + ", whose time has not run out"));
  }
  world.clock.advance(24h * 366);
  world.ask(SystemActor{}, Start{});
  world.prune(second);
  const LogReport twice = world.verify();
  EXPECT_EQ(twice.problems, kNone);
  EXPECT_GT(twice.pruned_entries, once.pruned_entries);
  world.restart();
  EXPECT_EQ(world.verify().problems, kNone);
}

// SPEC RET-5, LVR-26: a fullmakt that was extended again and again for eleven years rests on each signature, on the key
// with which they were made, and on those who brought that.
TEST(Pruning, LeavesEverySignatureOnWhichAFullmaktInForceRests) {
  SignedWorld world;
  world.anna = world.enrol(world.anna.number);
  const FullmaktId fullmakt = world.sign(world.anna);
  const auto extend = [&](std::chrono::days by) {
    const CommandResult overview = world.ask(world.anna.actor, ReadOverview{});
    const auto& stands = std::get<Overview>(overview.answer).fullmakter.front();
    FullmaktDelta delta;
    delta.valid_to = world.clock.wall() + by;
    SignKomplettering act{fullmakt, stands.signed_sha256, delta, "sv", "Längre.", {}, {}};
    act.text_sha256 = crypto::sha256(as_bytes(act.text));
    const CommandResult done = world.by_person(world.anna, act);
    EXPECT_TRUE(done.decision.is_permitted()) << static_cast<int>(done.decision.reason);
  };
  for (int i = 0; i < 3; ++i) {
    extend(std::chrono::days{1800});
    world.clock.advance(24h * 1700);
    world.ask(SystemActor{}, Start{});
  }
  extend(std::chrono::days{1800});
  const UtcTime limit = cut(world);
  const KeyRing& keys = world.core->keys();
  const Dump whole = dump(rows_of(world));
  const auto signatures = entries_of(whole, keys, ActKind::sign_komplettering);
  ASSERT_EQ(signatures.size(), 4u);
  world.clock.advance(24h * 3700);
  world.ask(SystemActor{}, Start{});
  world.prune(limit);
  EXPECT_EQ(world.verify().problems, kNone);
  const Dump pruned = dump(rows_of(world));
  const EntrySet kept = kept_in(world);
  for (const std::uint64_t index : signatures) EXPECT_TRUE(kept.contains(index)) << index;
  const auto problems_without = [&](std::uint64_t gone) {
    Dump changed = with_kept(pruned, keys, without(kept, world.core->directory().pruned_to(), gone));
    make_bare(changed.entries[gone]);
    sign_anew(changed, keys);
    return problems_of(world, changed);
  };
  for (const std::uint64_t gone : {signatures[1], entries_of(whole, keys, ActKind::sign_fullmakt)[0],
                                   entries_of(whole, keys, ActKind::propose_key)[0]}) {
    EXPECT_TRUE(says(problems_without(gone), "an act that it rests on is pruned")) << gone;
  }
}

// ---- Crashes

// A kill -9 leaves what is in the files at that moment: the database and its log, of which pieces are whole or absent.
// SPEC STO-18
TEST(Pruning, KilledAtAnyMomentGoesOnAtTheNextStart) {
  SignedWorld world;
  world.anna = world.enrol(world.anna.number);
  for (int i = 0; i < 2500; ++i) world.ask(world.lead, ListCases{});
  const UtcTime limit = cut(world);
  eleven_years_later(world);
  Result<Command> first = world.command(world.administrator(0), order(world, limit));
  const Approve approval{ProposalId(first->evidence->id.value()), act_to_json(first->act)};
  ASSERT_TRUE(world.core->decide(std::move(*first)).decision.is_permitted());

  std::atomic<bool> stop{false};
  int copies = 0;
  const auto kill = [&] {
    const fs::path to = world.folder.path() / ("killed-" + std::to_string(copies++));
    fs::create_directory(to);
    fs::permissions(to, fs::perms::owner_all);
    for (const char* name : {"head", "keys", "erasures", "rows.db", "rows.db-wal"}) {
      std::error_code ignored;
      fs::copy_file(world.data() / name, to / name, ignored);
    }
    fs::copy(world.data() / "objects", to / "objects", fs::copy_options::recursive);
  };
  kill();
  std::thread killer([&] {
    while (!stop && copies < 40) {
      if (world.core->directory().pruned_to() != 0) kill();
    }
  });
  ASSERT_TRUE(world.send(world.administrator(1), approval).decision.is_permitted());
  world.wait_until_pruned();
  stop = true;
  killer.join();
  const LogReport whole = world.verify();
  EXPECT_EQ(whole.problems, kNone);

  std::set<std::uint64_t> found_at;
  for (int i = 0; i < copies; ++i) {
    SCOPED_TRACE(i);
    const fs::path at = world.folder.path() / ("killed-" + std::to_string(i));
    std::uint64_t pruned = 0;
    {
      const auto rows = store::Reader::open(at / "rows.db", world.core->keys().database()).value();
      const LogReport report = verify_log(rows, world.core->keys(), VerifiedRows::copy).value();
      EXPECT_EQ(report.problems, kNone) << "before anything starts on it";
      pruned = report.pruned_entries;
    }
    if (!found_at.insert(pruned).second) continue;
    auto core = Core::open(store::DataDirectory::open(at).value(), world.master(), world.clock, {});
    ASSERT_TRUE(core) << core.error().message;
    const bool is_ordered = (*core)->directory().pruned_to() != 0;
    const auto rows_now = [&] { return store::Reader::open(at / "rows.db", (*core)->keys().database()).value(); };
    for (int wait = 0; is_ordered && wait < 3000; ++wait) {
      const LogReport report = verify_log(rows_now(), (*core)->keys(), VerifiedRows::live).value();
      ASSERT_EQ(report.problems, kNone);
      if (report.pruned_entries == whole.pruned_entries) break;
    }
    const LogReport report = verify_log(rows_now(), (*core)->keys(), VerifiedRows::live).value();
    EXPECT_EQ(report.pruned_entries, is_ordered ? whole.pruned_entries : 0u);
    (*core)->sequencer().stop();
  }
  EXPECT_TRUE(found_at.contains(0)) << "some before";
  EXPECT_GE(found_at.size(), 3u) << "and some in the middle";
}

}  // namespace
}  // namespace flikvakt::service::test
