// What somebody merely deletes, keeps or invents passes neither as pruning nor as what is left of an old entry.#include
// "service/entry_writer.h"
#include "tests/service/pruned_log.h"

namespace flikvakt::service::test {
namespace {

using namespace policy;
using audit::ActKind;

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

// SPEC LVR-31, CONN-5: a key of staff's organisation that nobody ordered needs an invitation that two gave.
TEST_F(PrunedLog, AKeyThatNoInvitedConnectorBroughtIsFound) {
  const KeyRing& keys = world->core->keys();
  const auto registers_a_key = [&](std::uint64_t entry) {
    const json::value puts = registry_record(after, keys, entry).at("puts");
    return std::ranges::any_of(puts.as_array(),
                               [](const json::value& put) { return put.at("table") == AssertionKey::kTable; });
  };
  const std::vector<std::uint64_t> approvals = entries_of(after, keys, ActKind::approve);
  const auto registration = std::ranges::find_if(approvals, registers_a_key);
  ASSERT_NE(registration, approvals.end());
  Connector made_up;
  made_up.id = crypto::random_id<ConnectorId>();
  made_up.organisation = world->region;
  const std::string words = "it writes the row of another key or person than it names";
  for (const bool names_one : {false, true}) {
    Dump changed = as_own_act(after, keys, *registration, ActKind::enrol_connector);
    if (names_one) {
      changed = with_registry_record(changed, keys, *registration, [&](json::object& record) {
        record.at("puts").as_array().push_back(put_of(made_up));
      });
    }
    sign_anew(changed, keys);
    EXPECT_TRUE(says(problems_of(*world, changed), words)) << names_one;
  }
}

// SPEC LVR-31, RET-5: and what honest connectors do is none of that, whatever of it is pruned.
TEST(PrunedConnectors, AreNoFinding) {
  SignedWorld one;
  const auto invite = [&](const ConnectorId& id, std::string_view code) {
    EXPECT_TRUE(one.by_two(InviteConnector{id, one.region, one.nurse.staff, "Sal A", true,
                                           crypto::sha256(as_bytes(code)), one.clock.wall() + 24h})
                    .decision.is_permitted());
  };
  const auto enrol = [&](const ConnectorId& id, std::string_view code, const std::string& certificate,
                         const std::string& under = {}) {
    const SigningKey key = SigningKey::generate(crypto::KeyAlgorithm::ed25519);
    EnrolConnector act;
    act.id = id;
    act.certificate = crypto::sha256(as_bytes(certificate));
    act.issuer = one.issuer;
    act.serial = "0a";
    act.valid_from = one.clock.wall();
    act.valid_to = one.clock.wall() + 24h * 90;
    if (!code.empty()) {
      act.code = crypto::sha256(as_bytes(code));
      act.jwk = key.public_key().to_jwk();
      act.thumbprint = key.public_key().thumbprint();
    } else {
      act.under = crypto::sha256(as_bytes(under));
    }
    EXPECT_TRUE(one.ask(SystemActor{}, act).decision.is_permitted()) << certificate;
  };
  const auto stays = crypto::random_id<ConnectorId>(), goes = crypto::random_id<ConnectorId>();
  for (const ConnectorId& id : {stays, goes}) {
    invite(id, "first");
    enrol(id, "first", id.text() + " 1");
    enrol(id, "", id.text() + " 2", id.text() + " 1");
    invite(id, "second");
    enrol(id, "second", id.text() + " 3");
    EXPECT_TRUE(one.send(one.administrator(0), Suspend{RegistryNoun::connector, id.text()}).decision.is_permitted());
    EXPECT_TRUE(one.by_two(Reinstate{RegistryNoun::connector, id.text()}).decision.is_permitted());
    enrol(id, "", id.text() + " 4", id.text() + " 3");
  }
  EXPECT_TRUE(one.send(one.administrator(0), Remove{RegistryNoun::connector, goes.text()}).decision.is_permitted());
  const UtcTime limit = cut(one);
  eleven_years_later(one);
  EXPECT_EQ(one.verify().problems, kNone);
  one.prune(limit);
  EXPECT_EQ(one.verify().problems, kNone);
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

}  // namespace
}  // namespace flikvakt::service::test
