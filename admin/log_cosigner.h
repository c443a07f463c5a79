// Has the log's checkpoints cosigned by witnesses, and keeps the newest one that enough of them cosigned, durably. A
// witness that is slow, down or lying holds up nobody: each has a thread of its own. Thread-safe.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "admin/witness_client.h"

namespace flikvakt::admin {

// A checkpoint of the log as it stands.
struct CurrentCheckpoint {
  std::string note;
  std::uint64_t size = 0;
};

class LogCosigner {
public:
  struct Options {
    std::size_t quorum = 1;                      // of the witnesses
    std::chrono::milliseconds interval{10'000};  // between two rounds
    std::chrono::milliseconds patience{5'000};   // of a round for the slowest witness
    std::chrono::seconds warn_after{300};
    std::chrono::seconds refuse_after{3'600};
    std::filesystem::path file;  // where the newest one is kept
  };
  struct Parts {
    std::vector<audit::NoteVerifier> log;      // every key that the log ever had
    std::vector<audit::NoteVerifier> signing;  // those that sign now: what only others signed is not shown
    std::function<CurrentCheckpoint()> current;
    WitnessClient::Prove prove;
    const Clock& clock;
    std::function<void(bool)> doubt = [](bool) {};  // told after each round: may readings not be opened?
    // Told then too: when a quorum had last cosigned, by their clocks; the beginning of time: it never has.
    std::function<void(UtcTime)> witnessed = [](UtcTime) {};
  };
  // Takes up what was kept. corrupt: it is no checkpoint of the log. conflict: the log does not extend it, so it was
  // rolled back or rewritten: nothing may be served.
  static Result<std::unique_ptr<LogCosigner>> open(Parts parts, Options options,
                                                   std::vector<std::unique_ptr<WitnessClient>> witnesses,
                                                   std::vector<audit::CosignatureVerifier> keys);
  ~LogCosigner();
  void start();
  void stop();

  struct State {
    std::string note;  // empty before the first one
    std::uint64_t size = 0;
    std::optional<UtcTime> cosigned;  // when the quorum had been there: the oldest of the newest `quorum` times
    bool is_late = false;             // older than warn_after, or none yet
    bool is_doubted = false;          // older than refuse_after, or none yet
  };
  State state() const;

private:
  class Lane;
  LogCosigner(Parts parts, Options options, std::vector<audit::CosignatureVerifier> keys);
  Result<void> take_up();
  void tell();
  void run();
  void round();
  void keep(const CurrentCheckpoint& target, std::vector<audit::NoteSignature> signatures);

  const Parts parts_;
  const Options options_;
  const std::vector<audit::CosignatureVerifier> keys_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  State state_;
  bool stopping_ = false;
  bool was_late_ = false;  // as the next: on the thread only
  bool was_doubted_ = false;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::thread thread_;
};

}  // namespace flikvakt::admin
