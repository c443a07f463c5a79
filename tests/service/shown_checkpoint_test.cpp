// Checkpoints that are shown to the log: its own are known again, what its key did not sign changes nothing, and what
// it signed and the log does not extend locks, now and at every start.
#include "service/shown_checkpoint.h"

#include <sys/resource.h>

#include <csignal>
#include <future>
#include <thread>

#include "base/files.h"
#include "service/log_proofs.h"
#include "service/open_document.h"
#include "store/start_up.h"
#include "tests/service/temp_core.h"

namespace flikvakt::service::test {
namespace {

using namespace policy;
namespace fs = std::filesystem;

class ShownCheckpoint : public ::testing::Test {
protected:
  ~ShownCheckpoint() override { world_.stop(); }

  std::uint64_t size() { return world_.core->sequencer().log_view().size; }
  crypto::MerkleHash root_at(std::uint64_t at) {
    return world_.core->log_reader()
        .with([&](const store::Reader& rows) { return world_.core->log_tree().of(rows)->root_at(at, tiles_of(rows)); })
        .value();
  }
  std::string note(std::uint64_t entries, const crypto::MerkleHash& root, const crypto::SigningKey& key) {
    const std::vector signers{audit::NoteSigner::make(kOrigin, key).value()};
    return audit::sign_checkpoint({kOrigin, entries, root}, signers).value();
  }
  std::string note(std::uint64_t entries, const crypto::MerkleHash& root) {
    return audit::sign_checkpoint({kOrigin, entries, root}, world_.core->sequencer().signers().checkpoint()).value();
  }
  std::string signed_text(const std::string& name, const std::string& text) {
    const crypto::SigningKey key = world_.core->keys().log_signer(world_.core->log_keys().current()->seed).value();
    const std::vector signers{audit::NoteSigner::make(name, key).value()};
    return audit::sign_note(text, signers).value();
  }
  static crypto::MerkleHash other(crypto::MerkleHash root) {
    root[7] ^= 1;
    return root;
  }
  // Nothing: it could not be judged.
  std::optional<ShownVerdict> show(const std::string& shown) {
    const Result<ShownVerdict> verdict = judge_shown_checkpoint(*world_.core, shown);
    return verdict ? std::optional(*verdict) : std::nullopt;
  }
  fs::path evidence() const { return world_.folder.path() / "data" / "log-evidence"; }
  std::string evidence_text() const {
    const auto bytes = read_file(evidence(), 1 << 20);
    return bytes ? std::string(as_text(*bytes)) : "";
  }
  bool is_untouched() { return !world_.core->is_locked() && !fs::exists(evidence()) && decides(); }
  bool decides() {
    return world_.decide(SystemActor{}, SumFailures{"192.0.2.7", 1, 0, 0, 0}).status == CommandStatus::decided;
  }
  // As whoever has the keys of the database can.
  void change_rows(store::Sql sql, BytesView value) {
    const fs::path rows = world_.folder.path() / "data" / "rows.db";
    const auto connection = store::open_keyed(rows, world_.core->keys().database(), store::Role::writer).value();
    ASSERT_TRUE(connection->query(sql).value().bind(value).run());
  }
  CommandResult open_journal() {
    if (journal_.is_none()) {
      world_.sign({RecipientKind::team, world_.team.value()});
      journal_ = world_.deposit("journal", as_bytes("text"));
    }
    return world_.decide(world_.handler, OpenReading{crypto::random_id<ReadingId>(), journal_, "konsultation"});
  }
  void expect_locked(const std::string& own, const std::string& shown) {
    EXPECT_TRUE(world_.core->is_locked());
    EXPECT_FALSE(decides());
    EXPECT_EQ(evidence_text(), "flikvakt-log-evidence/v1\nown " + std::to_string(own.size()) + " bytes\nshown " +
                                   std::to_string(shown.size()) + " bytes\n\n" + own + shown);
    world_.stop();
    const auto again = world_.reopen();
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, ErrorCode::corrupt);
    EXPECT_NE(again.error().message.find("the gateway is locked"), std::string::npos) << again.error().message;
  }

  static constexpr const char* kOrigin = "flikvakt.test/log";
  World world_;
  DocumentId journal_;
};

// SPEC WIT-31
TEST_F(ShownCheckpoint, OfThisLogIsKnownAgainWhateverItsSize) {
  while (size() < 300) ASSERT_TRUE(decides());
  const std::uint64_t whole = size();
  for (const std::uint64_t entries : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{255}, std::uint64_t{256},
                                      std::uint64_t{257}, whole - 1, whole})
    EXPECT_EQ(show(note(entries, root_at(entries))), ShownVerdict::extended) << entries;
  EXPECT_EQ(show(world_.core->sequencer().checkpoint()), ShownVerdict::extended);
  const crypto::SigningKey stranger = crypto::SigningKey::generate(crypto::KeyAlgorithm::ed25519);
  const std::vector others{audit::NoteSigner::make("witness.test/w1", stranger).value()};
  const std::string own = world_.core->sequencer().checkpoint();
  const audit::Note parsed = audit::parse_note(own).value();
  const std::vector more{others[0].sign(parsed.text)};
  EXPECT_EQ(show(own + audit::write_signature_lines(more)), ShownVerdict::extended) << "others may have signed it too";
  EXPECT_TRUE(is_untouched());
}

// SPEC WIT-30
TEST_F(ShownCheckpoint, ThatTheLogDidNotSignChangesNothing) {
  const std::uint64_t whole = size();
  const crypto::MerkleHash forged = other(root_at(whole));
  const crypto::SigningKey stranger = crypto::SigningKey::generate(crypto::KeyAlgorithm::ed25519);
  EXPECT_EQ(show(note(whole, forged, stranger)), ShownVerdict::not_signed) << "under the log's name";
  EXPECT_EQ(show(note(whole + 1'000, forged, stranger)), ShownVerdict::not_signed);

  std::string damaged = note(whole, forged);
  const std::size_t in_signature = damaged.size() - 12;
  damaged[in_signature] = damaged[in_signature] == 'A' ? 'B' : 'A';
  EXPECT_EQ(show(damaged), ShownVerdict::not_signed);
  std::string changed = note(whole, root_at(whole));
  changed.replace(changed.find('\n') + 1, std::to_string(whole).size(), std::to_string(whole + 1));
  EXPECT_EQ(show(changed), ShownVerdict::not_signed) << "another size under the real signature";
  EXPECT_EQ(show(note(whole, root_at(whole)) + changed.substr(changed.find("\n\n") + 2)), ShownVerdict::extended)
      << "the same signature twice";

  const auto head = world_.core->sequencer().signers().head();
  EXPECT_EQ(show(audit::sign_head({kOrigin, whole, forged, {}}, head).value()), ShownVerdict::unknown_log);
  EXPECT_EQ(show(signed_text("other.test/log", "other.test/log\n1\n" + to_base64(forged) + "\n")),
            ShownVerdict::unknown_log)
      << "by the log's own key, under the name of another";
  EXPECT_TRUE(is_untouched());
}

// SPEC WIT-30
TEST_F(ShownCheckpoint, ThatIsNoneIsMalformedAlsoUnderTheLogsOwnKey) {
  const std::string root = to_base64(other(root_at(1)));
  const std::string origin = kOrigin;
  for (const std::string& text :
       {origin + "\n1\n", origin + "\n1\n" + root + "\nmore\n", origin + "\n01\n" + root + "\n",
        origin + "\n-1\n" + root + "\n", origin + "\n9007199254740992\n" + root + "\n",
        origin + "\n1\n" + root.substr(4) + "\n"})
    EXPECT_EQ(show(signed_text(origin, text)), ShownVerdict::malformed) << text;
  const std::string good = note(1, other(root_at(1)));
  for (const std::string& rubbish : {std::string(), std::string("\n"), std::string("checkpoint"), good.substr(1, 0),
                                     good.substr(0, good.size() - 1), good.substr(0, good.find("\n\n") + 2),
                                     std::string(64 * 1024 + 1, 'a'), std::string("\0\n\n", 3), "\xff" + good})
    EXPECT_EQ(show(rubbish), ShownVerdict::malformed) << rubbish.substr(0, 100);
  EXPECT_TRUE(is_untouched());
}

// SPEC WIT-33, WIT-34
TEST_F(ShownCheckpoint, WithAnotherRootLocksNowAndAtEveryStart) {
  const std::uint64_t whole = size();
  const std::string own = note(whole, root_at(whole));
  const std::string shown = note(whole, other(root_at(whole)));
  EXPECT_EQ(show(shown), ShownVerdict::contradicts);
  expect_locked(own, shown);

  fs::rename(evidence(), world_.folder.path() / "looked-into");  // by hand, by whoever knows why
  auto again = world_.reopen();
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ((*again)->sequencer().log_view().size, whole) << "not even its end was logged";
}

// SPEC WIT-33
TEST_F(ShownCheckpoint, OfFewerEntriesWithAnotherRootLocks) {
  const std::string own = note(5, root_at(5));
  const std::string shown = note(5, other(root_at(5)));
  EXPECT_EQ(show(shown), ShownVerdict::contradicts);
  expect_locked(own, shown);
}

// SPEC WIT-33
TEST_F(ShownCheckpoint, OfMoreEntriesThanThereAreLocks) {
  const std::uint64_t whole = size();
  const std::string own = note(whole, root_at(whole));
  const std::string shown = note(whole + 1, root_at(whole));
  EXPECT_EQ(show(shown), ShownVerdict::contradicts);
  EXPECT_EQ(show(note(5, other(root_at(5)))), ShownVerdict::contradicts);
  expect_locked(own, shown);  // the first evidence stays
}

// SPEC WIT-33
TEST_F(ShownCheckpoint, CutsWhatIsReadAndOpensNothingMore) {
  const CommandResult open = open_journal();
  ASSERT_TRUE(open.permit);
  EXPECT_EQ(show(note(5, other(root_at(5)))), ShownVerdict::contradicts);
  EXPECT_FALSE(open.permit->lease()->enter());
  EXPECT_EQ(world_.core->readings().size(), 0u);
  const CommandResult after = open_journal();
  EXPECT_EQ(after.status, CommandStatus::unavailable);
  EXPECT_FALSE(after.permit);
}

// SPEC WIT-33
TEST_F(ShownCheckpoint, LocksWhenTheBatchThatIsUnderWayIsOverAndNothingIsAnsweredAfterIt) {
  std::promise<void> answering, go_on;
  Command command;
  command.actor = SystemActor{};
  command.act = SumFailures{"192.0.2.7", 1, 0, 0, 0};
  command.done = [&](const CommandResult&) {
    answering.set_value();
    go_on.get_future().wait();
  };
  world_.core->sequencer().submit(std::move(command));
  answering.get_future().wait();
  auto locked = std::async(std::launch::async, [&] { world_.core->lock(fail(ErrorCode::corrupt, "as a test says")); });
  EXPECT_EQ(locked.wait_for(300ms), std::future_status::timeout) << "a batch is being answered";
  go_on.set_value();
  EXPECT_EQ(locked.wait_for(10s), std::future_status::ready);
  EXPECT_FALSE(decides());
}

// SPEC WIT-33: of a batch that was being written when it was locked.
TEST_F(ShownCheckpoint, AReadingThatIsAddedAfterTheLockIsCutAtOnce) {
  const CommandResult open = open_journal();
  ASSERT_TRUE(open.permit);
  OpenReadings late;
  late.close();
  late.add({open.permit, world_.handler});
  EXPECT_FALSE(open.permit->lease()->enter());
  EXPECT_EQ(late.size(), 0u);
}

// SPEC WIT-32
TEST_F(ShownCheckpoint, ThatNothingCanBeComparedWithChangesNothing) {
  const LogView view = world_.core->sequencer().log_view();
  const std::string good = note(view.size, view.root), bad = note(view.size, other(view.root));
  const fs::path rows = world_.folder.path() / "data" / "rows.db";
  fs::rename(rows, rows.string() + ".away");  // nobody has read the log yet, so no connection is kept
  EXPECT_EQ(show(bad), std::nullopt);
  fs::rename(rows.string() + ".away", rows);
  EXPECT_TRUE(is_untouched());
  EXPECT_EQ(show(good), ShownVerdict::extended);
  EXPECT_TRUE(open_journal().permit) << "that a file cannot be read is no damage";
}

// SPEC WIT-32
TEST_F(ShownCheckpoint, IsComparedWithTheRowsAndWithNothingThatWasKeptOfThem) {
  const std::string good = world_.core->sequencer().checkpoint();
  EXPECT_EQ(show(good), ShownVerdict::extended);
  ASSERT_TRUE(consistency_proof(*world_.core, 1, size())) << "for which a tree is kept";
  Bytes leaf = world_.core->log_reader()
                   .with([&](const store::Reader& rows) -> Result<Bytes> { return TRY(rows.entry(size() - 1)).leaf; })
                   .value();
  leaf[100] ^= 1;
  change_rows("UPDATE entry SET leaf = ? WHERE idx = (SELECT max(idx) FROM entry)", leaf);
  EXPECT_EQ(show(good), ShownVerdict::contradicts);
  EXPECT_TRUE(world_.core->is_locked());
  ASSERT_TRUE(evidence_text().ends_with(good));
  EXPECT_EQ(evidence_text().find(good), evidence_text().size() - good.size()) << "its own is made of the rows too";
}

// SPEC WIT-37
TEST_F(ShownCheckpoint, ThatDamagedRowsCannotBeComparedWithClosesTheGateToReadings) {
  ASSERT_TRUE(open_journal().permit);
  while (size() < 300) ASSERT_TRUE(decides());
  const std::string good = world_.core->sequencer().checkpoint();
  const crypto::SigningKey stranger = crypto::SigningKey::generate(crypto::KeyAlgorithm::ed25519);
  const fs::path kept = world_.folder.path() / "data" / "uncompared-checkpoint";
  change_rows("UPDATE tile SET hashes = ?", as_bytes("?"));
  EXPECT_EQ(show(note(290, {}, stranger)), ShownVerdict::not_signed);
  EXPECT_TRUE(open_journal().permit) << "whoever has no signature closes nothing";

  EXPECT_EQ(show(good), std::nullopt);
  const CommandResult refused = open_journal();
  EXPECT_FALSE(refused.permit);
  EXPECT_EQ(refused.decision.reason, Reason::log_not_witnessed);
  world_.core->sequencer().doubt_log(false);
  EXPECT_FALSE(open_journal().permit) << "witnesses do not open it again";
  EXPECT_EQ(as_text(read_file(kept, 1 << 20).value()), good);
  EXPECT_TRUE(is_untouched()) << "nothing is proven: what narrows goes on";
  EXPECT_EQ(show(note(1, {})), std::nullopt);
  EXPECT_EQ(as_text(read_file(kept, 1 << 20).value()), good) << "the first one stays";
}

// SPEC WIT-33
TEST_F(ShownCheckpoint, LocksAlsoWhenTheEvidenceCannotBeKept) {
  const std::string shown = note(5, other(root_at(5)));
  struct rlimit before {};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  struct rlimit none = before;
  none.rlim_cur = 0;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &none), 0);
  const auto verdict = show(shown);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(verdict, ShownVerdict::contradicts);
  EXPECT_TRUE(world_.core->is_locked());
  EXPECT_FALSE(decides());
  ASSERT_TRUE(fs::exists(evidence())) << "a name needs no room";
  EXPECT_EQ(evidence_text(), "");
  world_.stop();
  const auto again = world_.reopen();
  ASSERT_FALSE(again) << "SPEC WIT-34: locked, whatever is in it";
  EXPECT_NE(again.error().message.find("the gateway is locked"), std::string::npos) << again.error().message;
}

// SPEC WIT-32: while the log grows, every checkpoint that anybody can have got of it is known again at once: also one
// that another process signs between a commit and the view of it.
TEST_F(ShownCheckpoint, ThatWasSignedThisMomentIsNeverAhead) {
  std::atomic<bool> is_done = false;
  std::jthread growing([&] {
    while (!is_done && decides()) {
    }
  });
  const fs::path database = world_.folder.path() / "data" / "rows.db";
  store::Reader outside = store::Reader::open(database, world_.core->keys().database()).value();
  std::uint64_t seen = 0;
  for (int i = 0; i < 400; ++i) {
    ASSERT_TRUE(outside.refresh());
    const std::string signed_outside = checkpoint_of(outside, world_.core->keys()).value();
    ASSERT_EQ(show(signed_outside), ShownVerdict::extended) << evidence_text();
    ASSERT_EQ(show(world_.core->sequencer().checkpoint()), ShownVerdict::extended) << evidence_text();
    seen = std::max(seen, size());
  }
  is_done = true;
  EXPECT_GT(seen, 100u) << "it grew meanwhile";
}

}  // namespace
}  // namespace flikvakt::service::test
