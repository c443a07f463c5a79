// The log's own keys as the state rows name them (spec/log-keys.md): which sign, which are known, and up to which size
// the word of one counts. LogKeys holds public keys only; LogSigners what signs. Thread-safe.
#pragma once

#include "audit/checkpoint.h"
#include "policy/log_keys.h"
#include "service/key_ring.h"
#include "store/rows.h"

namespace flikvakt::service {

// SPEC LKEY-9: what it is worth that the log's keys signed a checkpoint. The best of them says.
enum class Worth {
  counts,       // the log said so
  compromised,  // so said a key that is in other hands by now, of a time when it was not known to be
  beyond,       // a key that had signed its last said so: nobody honest did
};

struct SignedCheckpoint {
  audit::Checkpoint checkpoint;
  Worth worth = Worth::beyond;
};

class LogKeys {
public:
  LogKeys() = default;
  explicit LogKeys(std::vector<policy::LogKey> keys);  // in any order
  static LogKeys of(const policy::State& state);
  // From their rows alone, so that the head can be read before the state is. Of a log without entries and rows: as
  // `init` will name it. corrupt: a row does not open, or there is none that signs.
  static Result<LogKeys> read(const store::Rows& rows, const KeyRing& keys);

  bool empty() const { return keys_.empty(); }
  const std::vector<policy::LogKey>& all() const { return keys_; }  // by generation
  const policy::LogKey* current() const;                            // nullptr: there is none
  std::vector<policy::LogKey> signing() const;                      // current, and before it the one that is retiring

  // corrupt: a row holds no key.
  Result<std::vector<audit::NoteVerifier>> verifiers(const std::string& origin) const;  // of every one, as all()
  Result<std::vector<audit::NoteVerifier>> signing_verifiers(const std::string& origin) const;

  // As audit::open_checkpoint with every key.
  Result<SignedCheckpoint> open_checkpoint(std::string_view note, const std::string& origin) const;
  Result<audit::Head> open_head(std::string_view note) const;  // by the current key alone: SPEC LKEY-6
  // The same of a head that was kept: by the key of its time.
  Result<audit::Head> open_kept_head(std::string_view note) const;

private:
  std::vector<policy::LogKey> keys_;
};

// `name+keyid+key`, as outsiders know a key of the log; `name` is its origin. corrupt: the row holds no key.
Result<audit::NoteVerifier> log_key_verifier(std::string name, const ByteArray<32>& key);

class LogSigners {
public:
  // corrupt, not_found: the key store does not hold the seeds of the keys that sign. SPEC LKEY-8
  static Result<std::unique_ptr<LogSigners>> load(const KeyRing& keys, const LogKeys& named, const std::string& origin);
  LogSigners(const LogSigners&) = delete;
  LogSigners& operator=(const LogSigners&) = delete;

  std::span<const audit::NoteSigner> checkpoint() const { return checkpoint_; }  // SPEC LKEY-5: the older first
  std::span<const audit::NoteSigner> head() const { return head_; }              // one

private:
  LogSigners() = default;
  std::vector<std::unique_ptr<crypto::SigningKey>> keys_;
  std::unique_ptr<crypto::SigningKey> head_key_;
  std::vector<audit::NoteSigner> checkpoint_;
  std::vector<audit::NoteSigner> head_;
};

}  // namespace flikvakt::service
