#include <algorithm>

#include "crypto/random.h"
#include "policy/apply.h"
#include "service/backup_restore.h"
#include "service/erasures.h"
#include "service/sent_act.h"
#include "service/state_image.h"

namespace flikvakt::service {
namespace {

namespace fs = std::filesystem;

constexpr auto kRestoreActLasts = std::chrono::days(7);

// A backup with its keys, read without touching it.
class OpenedBackup {
public:
  static Result<OpenedBackup> open(const RestorePlan& plan, const crypto::MasterKey& master) {
    TRY_VOID(store::verify_backup(plan.key_store_backup));
    auto store = std::make_unique<store::KeyStore>(TRY(store::KeyStore::open_copy(plan.key_store_backup / "keys")));
    auto keys = TRY(KeyRing::load(crypto::MasterKey::copy_from(master.expose()), *store));
    TRY_VOID(store::verify_backup(plan.backup, keys->database()));
    auto rows = TRY(store::Reader::open(plan.backup / "rows.db", keys->database()));
    return OpenedBackup(std::move(store), std::move(keys), std::move(rows));
  }

  const KeyRing& keys() const { return *keys_; }
  const store::Reader& rows() const { return rows_; }

private:
  OpenedBackup(std::unique_ptr<store::KeyStore> store, std::unique_ptr<KeyRing> keys, store::Reader rows)
      : store_(std::move(store)), keys_(std::move(keys)), rows_(std::move(rows)) {}
  std::unique_ptr<store::KeyStore> store_;
  std::unique_ptr<KeyRing> keys_;
  store::Reader rows_;
};

Result<BackupContents> contents_of(const OpenedBackup& backup, const StateImage& image) {
  BackupContents out;
  const VerifiedHead head = TRY(read_head(backup.rows(), backup.keys()));
  if (head.head.size == 0) return fail(ErrorCode::corrupt, "the backup is of a gateway that was never begun");
  out.head_note = head.note;
  out.entries = head.head.size;
  out.last_entry = TRY(audit::decode_leaf(TRY(backup.rows().entry(head.head.size - 1)).leaf)).time;
  out.instance = image.state.instance();
  for (const auto& [id, one] : image.state.all<policy::Administrator>()) {
    if (one.standing == policy::Standing::active) out.administrators.push_back(one);
  }
  out.problems = TRY(verify_log(backup.rows(), backup.keys(), VerifiedRows::copy)).problems;
  return out;
}

// SPEC BAK-5
Result<policy::Restore> check_act(const JointAct& joint, const BackupContents& contents, UtcTime now) {
  const policy::Act act = TRY(policy::parse_act(joint.act.act));
  const auto* restore = get_if<policy::Restore>(&act);
  if (!restore || restore->old_head != contents.head_note || joint.act.audience != contents.instance.name) {
    return fail(ErrorCode::invalid, "restoring: the signed act is of another backup");
  }
  if (restore->origin.empty() || restore->origin == contents.instance.origin) {
    return fail(ErrorCode::invalid, "restoring: the new log needs an origin of its own");
  }
  if (joint.act.expires <= now) return fail(ErrorCode::expired, "restoring: the signed act has expired");
  const std::set<AdministratorId> signers = TRY(signers_of(joint, contents.administrators));
  if (signers.size() < 2 || !std::ranges::includes(restore->administrators, signers)) {
    return fail(ErrorCode::denied,
                "restoring takes the signatures of two administrators of the backup who go on as such");
  }
  for (const AdministratorId& id : restore->administrators) {
    if (std::ranges::find(contents.administrators, id, &policy::Administrator::id) == contents.administrators.end())
      return fail(ErrorCode::invalid, "restoring: somebody is to go on as administrator who was none in the backup");
  }
  if (now < contents.last_entry)
    return fail(ErrorCode::invalid, "restoring: the clock is behind the backup's last entry");
  return *restore;
}

// The state of the backup, made what it must be now. Nothing of it is written yet.
class RestoredState {
public:
  RestoredState(const OpenedBackup& backup, StateImage image, std::set<KeyId> erased, UtcTime now)
      : keys_(backup.keys()), image_(std::move(image)), erased_(std::move(erased)), now_(now), state_(image_.state) {}

  Result<void> prepare() {
    // SPEC BAK-6: a key that neither the store nor the list knows of is lost, not erased.
    for (const PersonId& owner : image_.owners_without_key) {
      if (!erased_.contains(person_key_id(owner))) {
        return fail(ErrorCode::corrupt,
                    "the backup of the key store lacks a person's key, and the list of erasures does not "
                    "name it: is it older than the backup?");
      }
    }
    TRY_VOID(erase_again());
    drop_what_is_open();
    TRY_VOID(begin_with_new_log_key());
    TRY_VOID(follow_key_store());
    return {};
  }

  const policy::State& state() const { return state_; }

  template <class Fn>
  void for_each_row(Fn&& fn) const {
    [&]<class... T>(std::type_identity<boost::variant2::variant<T...>>) {
      (each<T>(fn), ...);
    }(std::type_identity<policy::RowVariant>{});
  }

private:
  template <class T, class Fn>
  void each(Fn& fn) const {
    for (const auto& [key, row] : state_.all<T>()) fn(policy::Row(row));
  }

  Result<void> shred(const policy::Shred& act) {
    policy::AdministratorActor actor;
    for (const auto& [id, one] : state_.all<policy::Administrator>()) {
      if (one.standing == policy::Standing::active) actor.administrator = id;
    }
    const policy::Actor who = actor;
    const policy::Moment moment{now_, {}, {}, false};
    const policy::Prepared prepared;
    const policy::Outcome outcome = policy::apply(policy::Context{state_, who, moment, prepared}, act);
    if (!outcome.decision.is_permitted()) return fail(ErrorCode::internal, "an erasure could not be done again");
    for (const policy::Row& row : outcome.puts) state_.put(row);
    for (const policy::RowId& id : outcome.erases) state_.erase(id);
    return {};
  }

  std::optional<policy::BlindIndex> index_of(const PersonId& person) const {
    for (const auto& [index, row] : state_.all<policy::BlindIndexRow>()) {
      if (row.person == person) return index;
    }
    return std::nullopt;
  }

  // SPEC BAK-7
  Result<void> erase_again() {
    const auto people = copy_of<policy::Person>();
    for (const policy::Person& person : people) {
      if (erased_.contains(person.key_id)) {
        TRY_VOID(shred({policy::ShredScope::person, index_of(person.id), {}, {}}));
      }
    }
    for (const policy::Flik& flik : copy_of<policy::Flik>()) {
      if (erased_.contains(flik.key_id)) {
        TRY_VOID(shred({policy::ShredScope::flik, index_of(flik.person), flik.type, {}}));
      }
    }
    for (const policy::Document& document : copy_of<policy::Document>()) {
      if (erased_.contains(document.key_id)) TRY_VOID(shred({policy::ShredScope::document, {}, {}, document.id}));
    }
    for (const policy::Representative& role : copy_of<policy::Representative>()) {
      if (!state_.find<policy::Person>(role.representative)) state_.erase(policy::row_id(role));
    }
    return {};
  }

  template <class T>
  std::vector<T> copy_of() const {
    std::vector<T> out;
    for (const auto& [key, row] : state_.all<T>()) out.push_back(row);
    return out;
  }

  void drop_what_is_open() {
    for (const policy::Reading& one : copy_of<policy::Reading>()) state_.erase(policy::row_id(one));
    for (const policy::Proposal& one : copy_of<policy::Proposal>()) state_.erase(policy::row_id(one));
    for (const policy::Pruning& one : copy_of<policy::Pruning>()) state_.erase(policy::row_id(one));
    for (policy::Receipt one : copy_of<policy::Receipt>()) {
      if (one.expires <= now_) {
        state_.erase(policy::row_id(one));
        continue;
      }
      one.entry = 0;  // of the new log: where everything is stated anew
      state_.put(std::move(one));
    }
  }

  // SPEC LKEY-2: the new log is another one, so nobody need be told of a rotation, and what a seed of before may be
  // used for ends with its log. The seeds are put into the copy of the key store that is open here.
  Result<void> begin_with_new_log_key() {
    for (const policy::LogKey& old : copy_of<policy::LogKey>()) {
      state_.erase(policy::row_id(old));
      for (const KeyId& seed : {old.seed, old.head_seed}) state_.erase(policy::row_id_of<policy::KeyRow>(seed));
    }
    KeyRing::NewLogKey fresh = keys_.make_log_key();
    for (policy::KeyRow& seed : TRY(make_durable(keys_, fresh.seeds))) state_.put(std::move(seed));
    fresh.row.since = now_;
    state_.put(std::move(fresh.row));
    return {};
  }

  // The key store may be newer than the rows: keys erased since, wraps of a later version.
  Result<void> follow_key_store() {
    for (policy::KeyRow row : copy_of<policy::KeyRow>()) {
      if (row.status == policy::KeyStatus::shredded) continue;
      const Result<store::KeySlot> slot = keys_.store().find(row.id);
      const bool is_erased = erased_.contains(row.id) || is_of_erased_person(row);
      if (!slot && !is_erased)
        return fail(ErrorCode::corrupt, "the backup of the key store lacks key " + row.id.text());
      if (is_erased) {
        row.status = policy::KeyStatus::shredded;
      } else {
        row.parent = slot->parent;
        row.version = slot->version;
        row.wrap_hash = crypto::wrap_hash(slot->wrap);
      }
      state_.put(std::move(row));
    }
    return {};
  }

  bool is_of_erased_person(const policy::KeyRow& row) const {
    for (KeyId parent = row.parent; !parent.is_none();) {
      if (erased_.contains(parent)) return true;
      const policy::KeyRow* above = state_.find<policy::KeyRow>(parent);
      parent = above ? above->parent : KeyId();
    }
    return false;
  }

  const KeyRing& keys_;
  StateImage image_;
  std::set<KeyId> erased_;
  UtcTime now_;
  policy::State state_;
};

Result<void> write_keys(const KeyRing& keys, const policy::State& state, const fs::path& path) {
  std::vector<store::KeySlot> slots;
  for (const auto& [id, row] : state.all<policy::KeyRow>()) {
    if (row.status == policy::KeyStatus::active) slots.push_back(TRY(keys.store().find(id, row.version)));
  }
  return TRY(store::KeyStore::create(path)).put_all(slots);
}

// The rows as they will stand, under a head of the new log that has no entry yet.
Result<Bytes> write_rows(const KeyRing& keys, const RestoredState& restored, const std::string& origin,
                         const fs::path& path) {
  store::Database database = TRY(store::Database::create(path, keys.database()));
  store::Transaction transaction = TRY(database.begin());
  RowSealer sealer(keys);
  crypto::LtHash digest;
  std::optional<Error> failed;
  restored.for_each_row([&](const policy::Row& row) {
    if (failed) return;
    Result<store::StateRow> sealed = sealer.seal(row, 0);
    if (!sealed) return failed.emplace(sealed.error()), void();
    digest.add(digest_element(sealed->table, sealed->id, sealed->version, sealed->body));
    if (auto done = transaction.put_state(*sealed); !done) failed = done.error();
  });
  if (failed) return *failed;
  const std::unique_ptr<LogSigners> signers = TRY(LogSigners::load(keys, LogKeys::of(restored.state()), origin));
  const audit::Head head{origin, 0, crypto::empty_root(), digest.digest()};
  const std::string note = TRY(audit::sign_head(head, signers->head()));
  TRY_VOID(transaction.set_meta(store::kHeadNote, as_bytes(note)));
  const store::CommitResult commit = transaction.commit();
  if (commit.outcome == store::CommitOutcome::committed) return to_bytes(as_bytes(note));
  return commit.cause.value_or(fail(ErrorCode::io, "writing the restored rows"));
}

Result<void> write_objects(const RestorePlan& plan, const policy::State& state, const fs::path& path) {
  std::vector<ObjectName> names;
  for (const auto& [id, document] : state.all<policy::Document>()) {
    if (document.status == policy::DocumentStatus::sealed) names.push_back(document.object);
  }
  return store::take_back_objects(plan.backup, names, TRY(store::Objects::create(path)));
}

// SPEC BAK-9: the log that ends here stays readable and verifiable.
Result<void> keep_old_log(const RestorePlan& plan, const std::string& head_note, const fs::path& folder) {
  std::error_code ec;
  fs::create_directory(folder, ec);
  if (ec) return fail(ErrorCode::io, "making the archive: " + ec.message());
  fs::permissions(folder, fs::perms::owner_all, ec);
  TRY_VOID(store::copy_file_durably(plan.backup / "rows.db", folder / archive_name(head_note)));
  return sync_directory(folder);
}

Result<void> make_first_entry(Core& core, const policy::Restore& restore, const JointAct& act) {
  Command command;
  command.actor = policy::SystemActor{};
  command.act = restore;
  const std::string evidence = to_text(to_json(act));
  command.evidence =
      ActEvidence{act.act.id, act.act.expires, to_bytes(as_bytes(evidence)), crypto::sha256(as_bytes(evidence))};
  const CommandResult result = core.decide(std::move(command));
  if (result.status == CommandStatus::decided && result.decision.is_permitted()) return {};
  return fail(ErrorCode::internal, "restoring: the first entry was not made");
}

}  // namespace

Result<BackupContents> inspect_backup(const RestorePlan& plan, const crypto::MasterKey& master) {
  const OpenedBackup backup = TRY(OpenedBackup::open(plan, master));
  Findings findings;
  const StateImage image = TRY(read_state_image(backup.rows(), backup.keys(), findings));
  return contents_of(backup, image);
}

SentAct restore_act(const BackupContents& contents, const std::string& origin, const std::set<AdministratorId>& without,
                    UtcTime now) {
  policy::Restore restore{contents.head_note, origin, {}};
  for (const policy::Administrator& one : contents.administrators) {
    if (!without.contains(one.id)) restore.administrators.insert(one.id);
  }
  SentAct out;
  out.id = crypto::random_id<ActId>();
  out.audience = contents.instance.name;
  out.issued = now;
  out.expires = now + kRestoreActLasts;
  out.act = policy::act_to_json(restore);
  return out;
}

Result<std::unique_ptr<Core>> restore(store::DataDirectory directory, crypto::MasterKey master, const RestorePlan& plan,
                                      const JointAct& act, const Clock& clock, Core::Hooks hooks) {
  const OpenedBackup backup = TRY(OpenedBackup::open(plan, master));
  Findings findings;
  StateImage image = TRY(read_state_image(backup.rows(), backup.keys(), findings));
  const BackupContents contents = TRY(contents_of(backup, image));
  if (!contents.problems.empty()) {
    return fail(ErrorCode::corrupt, "the backup's log does not verify: " + contents.problems.front());
  }
  const policy::Restore restored_to = TRY(check_act(act, contents, clock.wall()));
  const std::set<KeyId> erased = plan.erasures ? TRY(read_erasures(*plan.erasures)) : std::set<KeyId>();

  RestoredState restored(backup, std::move(image), erased, clock.wall());
  TRY_VOID(restored.prepare());
  TRY_VOID(write_keys(backup.keys(), restored.state(), directory.keys()));
  TRY_VOID(write_objects(plan, restored.state(), directory.objects()));
  TRY_VOID(keep_old_log(plan, contents.head_note, directory.archive()));
  const Bytes note = TRY(write_rows(backup.keys(), restored, restored_to.origin, directory.database()));
  TRY(store::HeadFile::create(directory.head(), note));
  const std::vector<KeyId> list(erased.begin(), erased.end());
  TRY_VOID(note_erasures(directory.erasures(), list, clock.wall()));

  std::unique_ptr<Core> core = TRY(Core::begin(std::move(directory), std::move(master), clock, std::move(hooks)));
  TRY_VOID(make_first_entry(*core, restored_to, act));
  return core;
}

}  // namespace flikvakt::service
