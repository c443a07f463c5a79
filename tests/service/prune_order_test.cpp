// Who may order a pruning, when, of which entries, and what stays of what was open at the time.
#include <future>
#include <thread>

#include "service/backup_restore.h"
#include "tests/service/pruning.h"

namespace flikvakt::service::test {
namespace {

using namespace policy;
using audit::ActKind;

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

// While somebody else reads the whole log, what needs that is `unavailable`.
CommandResult sent_while_walked(SignedWorld& world, const AdministratorActor& actor, const Approve& approval) {
  const WalkedLog walked(*world.core);
  return world.send(actor, approval);
}

// SPEC RET-8
TEST(Pruning, TheLogIsReadOnceForWhatIsNotTheListThatWasSigned) {
  SignedWorld world;
  world.anna = world.enrol(world.anna.number);
  world.bo = world.enrol(world.bo.number);
  const Member carl = world.enrol("190901219931");
  const UtcTime limit = cut(world);
  eleven_years_later(world);
  const AdministratorActor ben = world.administrator(1);
  const auto erase = [&](const Member& who) {
    EXPECT_TRUE(world.by_two(Shred{ShredScope::person, {}, {}, {}}, who.number).decision.is_permitted());
  };
  const Approve waits = propose_pruning(world, limit);
  const Approve another = propose_pruning(world, limit);
  erase(world.bo);
  EXPECT_EQ(sent_while_walked(world, ben, waits).status, CommandStatus::unavailable) << "it is not known yet";
  const Command once = world.command(ben, waits).value();
  const auto send_once = [&] {
    Command copy = once;
    std::promise<CommandResult> told;
    perform(*world.core, std::move(copy), [&](CommandResult result) { told.set_value(std::move(result)); });
    return told.get_future().get();
  };
  EXPECT_EQ(send_once().decision.reason, Reason::wrong_state);
  for (int i = 0; i < 2; ++i) {
    const CommandResult again = sent_while_walked(world, ben, waits);
    EXPECT_EQ(again.status, CommandStatus::decided) << "refused without reading the log";
    EXPECT_EQ(again.decision.reason, Reason::wrong_state);
  }
  {
    const WalkedLog walked(*world.core);
    EXPECT_EQ(send_once().status, CommandStatus::repeated);
  }
  EXPECT_EQ(sent_while_walked(world, ben, another).status, CommandStatus::unavailable)
      << "of this one nothing is known";

  erase(carl);  // what was known says nothing any more
  EXPECT_EQ(sent_while_walked(world, ben, waits).status, CommandStatus::unavailable);
  EXPECT_EQ(world.send(ben, waits).decision.reason, Reason::wrong_state);
  EXPECT_EQ(sent_while_walked(world, ben, waits).decision.reason, Reason::wrong_state);
  EXPECT_EQ(world.core->directory().pruned_to(), 0u);

  EXPECT_TRUE(world.send(ben, propose_pruning(world, limit)).decision.is_permitted()) << "signed anew";
  world.wait_until_pruned();
  EXPECT_EQ(world.verify().problems, kNone);
}

// SPEC RET-8: what was refused, and would be permitted now, stays decided; a new approval is permitted once the log was
// read.
TEST(Pruning, WhatWasRefusedStaysDecidedAndANewApprovalReadsTheLog) {
  SignedWorld world;
  world.anna = world.enrol(world.anna.number);
  world.sign(world.anna);
  const auto reading = world.open(world.handler, world.deposit(world.anna, "journal", "text"));
  ASSERT_TRUE(reading);
  EXPECT_TRUE(world.close(**reading, 4).decision.is_permitted());
  const UtcTime limit = cut(world);
  eleven_years_later(world);
  const AdministratorActor ben = world.administrator(1);
  const Approve waits = propose_pruning(world, limit);
  const auto keep_closings_for = [&](std::uint32_t days) {
    EXPECT_TRUE(world.by_two(SetRetention{"close_reading", days}).decision.is_permitted());
  };
  keep_closings_for(36'525);
  const Command once = world.command(ben, waits).value();
  const auto send_once = [&] {
    Command copy = once;
    std::promise<CommandResult> told;
    perform(*world.core, std::move(copy), [&](CommandResult result) { told.set_value(std::move(result)); });
    return told.get_future().get();
  };
  EXPECT_EQ(send_once().decision.reason, Reason::wrong_state) << "one more stays than was signed for";
  keep_closings_for(3653);  // as it was
  EXPECT_EQ(sent_while_walked(world, ben, waits).status, CommandStatus::unavailable) << "as if it were another list";
  const CommandResult again = send_once();
  EXPECT_EQ(again.status, CommandStatus::repeated);
  EXPECT_EQ(again.decision.reason, Reason::wrong_state);
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

}  // namespace
}  // namespace flikvakt::service::test
