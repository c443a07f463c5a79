// One open instance: every component in the order in which it is built, and nothing global. Made by `flikvakt serve`
// (and, on an empty directory, by `flikvakt init`); the gateway and the verbs of this folder are given references.
#pragma once

#include "audit/cosignature.h"
#include "service/commit_signal.h"
#include "service/log_reader.h"
#include "service/log_tree.h"
#include "service/log_walker.h"
#include "service/planned_prunings.h"
#include "service/recent_documents.h"
#include "service/recover.h"
#include "store/data_directory.h"

namespace flikvakt::service {

// For whoever follows the log, one at a time: the notice hook.
struct FollowedLog {
  CommitSignal signal;
  std::uint64_t size_at_start;
  Places places_at_start;                    // for who begins; may be moved away
  std::atomic<std::uint64_t> followed_to{};  // shown by the status, and that
  std::atomic<bool> is_stopped = false;      // nobody follows it until the next start
};

// Whose cosignatures the gateway believes, and how many of them. None needed: no note is cosigned enough.
struct Quorum {
  std::vector<audit::CosignatureVerifier> witnesses;
  std::size_t needed = 0;
};

class Core {
public:
  struct Hooks {
    std::function<void(const Error&)> on_fatal;  // the process must end; see Sequencer::Parts
    std::function<void()> on_narrowed;
    bool is_log_followed = false;
    std::function<void(const Error&)> on_locked = {};  // see lock(); from any thread; the process should end
  };
  // Opens what is there, or says why not: denied (master key), corrupt ("the gateway is locked: …"), …
  static Result<std::unique_ptr<Core>> open(store::DataDirectory directory, crypto::MasterKey master,
                                            const Clock& clock, Hooks hooks);
  // Makes key store, database, head file and objects in an empty directory and opens them. The first act must follow.
  static Result<std::unique_ptr<Core>> create(store::DataDirectory directory, crypto::MasterKey master,
                                              const std::string& origin, const Clock& clock, Hooks hooks);
  // The same for a log that has no entry yet: restore() makes the first one. Nobody else can open such a one.
  static Result<std::unique_ptr<Core>> begin(store::DataDirectory directory, crypto::MasterKey master,
                                             const Clock& clock, Hooks hooks);
  ~Core();

  const store::DataDirectory& data_directory() const { return data_directory_; }
  const Clock& clock() const { return clock_; }
  const KeyRing& keys() const { return *keys_; }
  const store::Objects& objects() const { return objects_; }
  Directory& directory() { return directory_; }
  OpenReadings& readings() { return readings_; }
  RecentDocuments& recent_documents() { return recent_documents_; }
  LogReader& log_reader() { return log_reader_; }
  LogTree& log_tree() { return log_tree_; }
  LogWalker& log_walker() { return log_walker_; }
  PlannedPrunings& planned_prunings() { return planned_prunings_; }
  Sequencer& sequencer() { return *sequencer_; }
  FollowedLog* followed_log() { return followed_log_.get(); }  // nullptr: nobody asked for it

  // What lies here contradicts what the log itself signed. From now on nothing is decided and no byte of a document
  // goes out, and whoever serves must answer nothing more. Once; later calls do nothing. From any thread.
  void lock(const Error& why);
  bool is_locked() const { return is_locked_; }

  bool holds_disk_reserve() const { return reserve_.held(); }  // asks the file system

  void set_quorum(Quorum quorum) { quorum_ = std::move(quorum); }  // before anybody is served
  const Quorum& quorum() const { return quorum_; }
  LogKeys log_keys() const { return LogKeys(directory_.log_keys()); }
  // Until when a quorum of witnesses saw the log, by their clocks: told by whoever asks them, from any thread. Nothing:
  // nobody asks any. The beginning of time: none has cosigned yet.
  void note_witnessed(UtcTime until) { witnessed_ = until.time_since_epoch().count(); }
  std::optional<UtcTime> witnessed() const;

  // Submits and waits; for commands of tools and tests, never on a network thread. unavailable, also when the sequencer
  // dies before it answers: then nobody knows what became of it (Hooks::on_fatal).
  CommandResult decide(Command command);

private:
  Core(store::DataDirectory directory, const Clock& clock, std::unique_ptr<store::KeyStore> key_store,
       std::unique_ptr<KeyRing> keys, store::Database rows, store::HeadFile head_file, store::Objects objects);
  static Result<std::unique_ptr<Core>> assemble(store::DataDirectory directory, crypto::MasterKey master,
                                                const Clock& clock, Hooks hooks);
  Result<void> note_known_erasures(const policy::State& state);
  Result<void> erased(const Erased& erased);

  store::DataDirectory data_directory_;
  const Clock& clock_;
  std::unique_ptr<store::KeyStore> key_store_;
  std::unique_ptr<KeyRing> keys_;
  store::Database rows_;
  store::HeadFile head_file_;
  store::Objects objects_;
  store::Reserve reserve_;
  Directory directory_;
  OpenReadings readings_;
  RecentDocuments recent_documents_;
  LogTree log_tree_;
  LogReader log_reader_;
  Quorum quorum_;
  std::function<void(const Error&)> on_locked_;
  std::atomic<bool> is_locked_ = false;
  static constexpr std::int64_t kNobodyAsked = -1;
  std::atomic<std::int64_t> witnessed_ = kNobodyAsked;  // milliseconds since 1970
  PlannedPrunings planned_prunings_;
  std::unique_ptr<FollowedLog> followed_log_;
  std::unique_ptr<Sequencer> sequencer_;  // its thread uses all before it
  LogWalker log_walker_;                  // last: who walks goes on to the sequencer
};

}  // namespace flikvakt::service
