#include "service/core.h"

#include <spdlog/spdlog.h>

#include <future>

#include "service/erasures.h"
#include "service/log_evidence.h"

namespace flikvakt::service {
namespace {

constexpr std::uint64_t kReserveBytes = 16u << 20;

// The head of a log that has no entry yet, so that the first start-up is like every other.
Result<Bytes> write_empty_head(store::Database& rows, const KeyRing& keys, const std::string& origin) {
  const audit::Head head{origin, 0, crypto::empty_root(), crypto::LtHash().digest()};
  const LogKeys log_keys = TRY(LogKeys::read(rows, keys));
  const std::unique_ptr<LogSigners> signers = TRY(LogSigners::load(keys, log_keys, origin));
  const std::string note = TRY(audit::sign_head(head, signers->head()));
  store::Transaction transaction = TRY(rows.begin());
  TRY_VOID(transaction.set_meta(store::kHeadNote, as_bytes(note)));
  const store::CommitResult commit = transaction.commit();
  if (commit.outcome != store::CommitOutcome::committed) {
    return commit.cause.value_or(fail(ErrorCode::io, "writing the first head"));
  }
  return to_bytes(as_bytes(note));
}

// SPEC REC-12: the connection that writes moves the write-ahead log into the database as it closes, and drops what it
// takes for torn: until every check has passed there is only one that reads, so that a locked gateway leaves all as it
// was.
Result<Recovered> check_rows(const store::DataDirectory& directory, const KeyRing& keys,
                             const store::HeadFile& head_file) {
  TRY_VOID(store::sync_log_of(directory.database()));  // SPEC REC-13
  const store::Reader rows = TRY(store::Reader::open(directory.database(), keys.database()));
  return recover({rows, head_file, keys});
}

}  // namespace

Core::Core(store::DataDirectory directory, const Clock& clock, std::unique_ptr<store::KeyStore> key_store,
           std::unique_ptr<KeyRing> keys, store::Database rows, store::HeadFile head_file, store::Objects objects)
    : data_directory_(std::move(directory)),
      clock_(clock),
      key_store_(std::move(key_store)),
      keys_(std::move(keys)),
      rows_(std::move(rows)),
      head_file_(std::move(head_file)),
      objects_(std::move(objects)),
      reserve_(data_directory_.reserve(), kReserveBytes),
      log_reader_(data_directory_.database(), keys_->database()) {}

Core::~Core() = default;

Result<std::unique_ptr<Core>> Core::create(store::DataDirectory directory, crypto::MasterKey master,
                                           const std::string& origin, const Clock& clock, Hooks hooks) {
  {
    store::KeyStore key_store = TRY(store::KeyStore::create(directory.keys()));
    std::vector<store::KeySlot> slots;
    for (const NewKey& key : KeyRing::make_system_keys(master)) slots.push_back(key.slot);
    TRY_VOID(key_store.put_all(slots));
    auto master_copy = crypto::MasterKey::copy_from(master.expose());
    const std::unique_ptr<KeyRing> keys = TRY(KeyRing::load(std::move(master_copy), key_store));
    store::Database rows = TRY(store::Database::create(directory.database(), keys->database()));
    const Bytes note = TRY(write_empty_head(rows, *keys, origin));
    TRY(store::HeadFile::create(directory.head(), note));
    TRY(store::Objects::create(directory.objects()));
  }
  return assemble(std::move(directory), std::move(master), clock, std::move(hooks));
}

// SPEC REC-8: without its first entry a log is half-made, and what its state would permit was never decided.
Result<std::unique_ptr<Core>> Core::open(store::DataDirectory directory, crypto::MasterKey master, const Clock& clock,
                                         Hooks hooks) {
  std::unique_ptr<Core> core = TRY(assemble(std::move(directory), std::move(master), clock, std::move(hooks)));
  if (core->sequencer().log_view().size > 0) return core;
  return fail(ErrorCode::invalid,
              "the log has no first entry: `init` or `restore` was cut short; remove the data directory "
              "and do it again");
}

Result<std::unique_ptr<Core>> Core::begin(store::DataDirectory directory, crypto::MasterKey master, const Clock& clock,
                                          Hooks hooks) {
  return assemble(std::move(directory), std::move(master), clock, std::move(hooks));
}

Result<std::unique_ptr<Core>> Core::assemble(store::DataDirectory directory, crypto::MasterKey master,
                                             const Clock& clock, Hooks hooks) {
  TRY_VOID(require_no_log_evidence(directory.log_evidence()));
  auto key_store = std::make_unique<store::KeyStore>(TRY(store::KeyStore::open(directory.keys())));
  std::unique_ptr<KeyRing> keys = TRY(KeyRing::load(std::move(master), *key_store));
  store::HeadFile head_file = TRY(store::HeadFile::open(directory.head()));
  store::Objects objects = TRY(store::Objects::open(directory.objects()));
  Recovered recovered = TRY(check_rows(directory, *keys, head_file));
  store::Database rows = TRY(store::Database::open(directory.database(), keys->database()));
  std::unique_ptr<Core> core(new Core(std::move(directory), clock, std::move(key_store), std::move(keys),
                                      std::move(rows), std::move(head_file), std::move(objects)));
  TRY_VOID(core->note_known_erasures(recovered.state));
  TRY_VOID(tidy_up(*core->key_store_, core->head_file_, core->objects_, recovered));
  if (Result<void> held = core->reserve_.hold(); !held) {
    spdlog::warn("no disk reserve is held for acts that narrow access: {}", held.error().message);
  }
  store::Reserve room(core->data_directory_.log_evidence_room(), kEvidenceRoomBytes);
  if (Result<void> held = room.hold(); !held) {
    spdlog::warn("no disk space is held for evidence against the log: {}", held.error().message);
  }
  core->on_locked_ = std::move(hooks.on_locked);
  std::function<void(std::uint64_t)> on_committed;
  if (hooks.is_log_followed) {
    const std::uint64_t size = recovered.tree.size();
    core->followed_log_.reset(new FollowedLog{CommitSignal(size), size, recovered.places, size});
    on_committed = [followed = core->followed_log_.get()](std::uint64_t now) { followed->signal.tell(now); };
  }
  core->sequencer_ = std::make_unique<Sequencer>(
      Sequencer::Parts{core->rows_, core->head_file_, core->reserve_, *core->keys_, core->directory_, core->readings_,
                       clock, std::move(hooks.on_fatal), std::move(hooks.on_narrowed),
                       [raw = core.get()](const Erased& erased) { return raw->erased(erased); },
                       std::move(on_committed)},
      std::move(recovered));
  core->sequencer_->start();
  return core;
}

// What a crash kept from the list of erasures is added at the next start.
Result<void> Core::note_known_erasures(const policy::State& state) {
  std::vector<KeyId> keys;
  for (const auto& [id, row] : state.all<policy::KeyRow>()) {
    if (row.status == policy::KeyStatus::shredded) keys.push_back(id);
  }
  Result<void> noted = note_erasures(data_directory_.erasures(), keys, clock_.wall());
  if (noted) return {};
  return fail(noted.error().code, noted.error().message + " of `" + data_directory_.erasures().string() +
                                      "`; move the file aside: a new one is made from what is known");
}

// SPEC BAK-8: an erasure that is on no list would be undone by the next restore, so it is not acknowledged.
Result<void> Core::erased(const Erased& erased) {
  recent_documents_.forget_all();
  TRY_VOID(note_erasures(data_directory_.erasures(), erased.keys, erased.time));
  for (const ObjectName& object : erased.objects) {
    if (Result<void> gone = objects_.remove(object); !gone) {
      spdlog::warn("an erased document's object was not removed: {}", gone.error().message);  // start-up sweeps it
    }
  }
  return {};
}

// SPEC WIT-33
void Core::lock(const Error& why) {
  if (is_locked_.exchange(true)) return;
  sequencer_->lock();
  spdlog::critical("ALARM: {}", why.message);
  if (on_locked_) on_locked_(why);
}

std::optional<UtcTime> Core::witnessed() const {
  const std::int64_t until = witnessed_;
  return until == kNobodyAsked ? std::nullopt : std::optional(UtcTime(std::chrono::milliseconds(until)));
}

CommandResult Core::decide(Command command) {
  auto promise = std::make_shared<std::promise<CommandResult>>();
  std::future<CommandResult> future = promise->get_future();
  command.done = [promise](CommandResult result) { promise->set_value(std::move(result)); };
  promise.reset();  // so that a command that is dropped unanswered (a fatal error) is heard of
  sequencer_->submit(std::move(command));
  try {
    return future.get();
  } catch (const std::future_error&) {
    return {};
  }
}

}  // namespace flikvakt::service
