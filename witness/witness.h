// A witness of logs: asked with a checkpoint, it answers with a cosignature or says why not. The rules are
// audit/witness.h, what it keeps is log_record.h; here they are put together, so that comparing, keeping and signing
// are one step for each log. Thread-safe. spec/witness.md
#pragma once

#include <functional>
#include <map>
#include <mutex>

#include "audit/cosignature.h"
#include "base/files.h"
#include "witness/log_record.h"

namespace flikvakt::witness {

// What a log is known by.
struct KeysOfLog {
  std::vector<audit::NoteVerifier> signing;  // several while a key is replaced; none: nothing is cosigned meanwhile
  // SPEC WIT-39: of before. What is kept is read under them too, and nothing that is shown counts by them.
  std::vector<audit::NoteVerifier> former;

  std::vector<audit::NoteVerifier> all() const;
};

struct Answer {
  enum class Kind {
    cosigned,   // `cosignatures` holds the signature lines
    malformed,  // no request, no checkpoint, or an old size beyond its size
    unknown_log,
    not_signed,
    conflict,  // `size` is that of the checkpoint cosigned last
    not_proven,
    stopped,      // the log forked, and is not cosigned any more
    unavailable,  // the disk is full: nothing was kept, nothing signed
  };
  Kind kind;
  std::string cosignatures{};
  std::uint64_t size = 0;
  std::vector<std::string> contradicting{};  // of a stopped log: two checkpoints under its key that cannot both be true
};

class Witness {
public:
  using Keys = std::map<std::string, KeysOfLog>;  // by origin
  struct Hooks {
    std::function<void(const std::string&)> alarm;  // one line for whoever runs the witness
    std::function<void(const Error&)> on_fatal;     // what is on the disk is not known: the process must end
  };

  // Begins a record for each log that has none and a key that signs, on purpose and by hand: a witness whose records
  // are gone must not start anew unnoticed. Tells which it began.
  static Result<std::vector<std::string>> begin(const std::filesystem::path& folder, const Keys& keys);
  // not_found: a log has no record; unavailable: another process holds the folder; corrupt. The signer's key outlives
  // it.
  static Result<std::unique_ptr<Witness>> open(const std::filesystem::path& folder, Keys keys,
                                               audit::CosignatureSigner signer, const Clock& clock, Hooks hooks);

  // Blocks for a write to the disk.
  Answer add_checkpoint(std::string_view body);

  struct Status {
    std::string origin;
    std::uint64_t size;  // of the checkpoint cosigned last
    bool is_stopped;
  };
  std::vector<Status> status();

private:
  struct Watched {
    Watched(LogRecord opened, KeysOfLog of_log) : record(std::move(opened)), keys(std::move(of_log)) {}
    std::mutex mutex;
    LogRecord record;
    const KeysOfLog keys;
  };
  Witness(FileDescriptor lock, audit::CosignatureSigner signer, const Clock& clock, Hooks hooks)
      : lock_(std::move(lock)), signer_(std::move(signer)), clock_(clock), hooks_(std::move(hooks)) {}
  Answer cosign(Watched& log, audit::WitnessedLog next);
  Answer stop(Watched& log, std::string_view presented);
  static Answer stopped(const Watched& log);

  const FileDescriptor lock_;
  const audit::CosignatureSigner signer_;
  const Clock& clock_;
  const Hooks hooks_;
  std::map<std::string, Watched, std::less<>> logs_;  // as they are since open()
};

}  // namespace flikvakt::witness
