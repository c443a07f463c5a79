// Reads of the durable rows beside the sequencer: proofs, people's logs, exports, backups. Each read sees
// everything that was committed at one moment, when it began. Thread-safe.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "audit/tree.h"
#include "store/database.h"

namespace flikvakt::service {

class LogReader {
public:
  // `key` must outlive it. Opens nothing yet.
  LogReader(std::filesystem::path database, const crypto::DatabaseKey& key);
  ~LogReader();  // after the jobs that wait

  // `read(reader)` gives a Result. Blocks for as long as it takes: not for a thread that must not wait (see post()).
  template <class Fn>
  std::invoke_result_t<Fn, const store::Reader&> with(Fn&& read) {
    std::unique_ptr<store::Reader> reader = TRY(take());
    auto out = read(*reader);
    give_back(std::move(reader));
    return out;
  }

  // Runs the job on a thread of its own, one after the other. What it throws is logged; whoever waits for it is not
  // told.
  void post(std::function<void()> job);
  // The same, before all that wait. For what is rare, and bounded by whoever posts.
  void post_first(std::function<void()> job);

private:
  static constexpr std::size_t kKeptReaders = 4;
  Result<std::unique_ptr<store::Reader>> take();
  void give_back(std::unique_ptr<store::Reader> reader);
  void run();

  const std::filesystem::path database_;
  const crypto::DatabaseKey& key_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<store::Reader>> idle_;  // at rest, so that the database's log can shrink
  std::condition_variable posted_;
  std::deque<std::function<void()>> jobs_;
  bool closing_ = false;
  std::thread thread_;
};

// The full tiles of the Merkle tree as they are stored; of `rows`, which must outlive it.
audit::TileSource tiles_of(const store::Rows& rows);

}  // namespace flikvakt::service
