// Asks a scanner of malware (clamd) about a file: its INSTREAM command, over a Unix socket or a loopback address, so
// that the file leaves this machine nowhere. What is not answered clearly, and in time, is no "clean".
// spec/partition.md, "Malware". Thread-safe: each question has a connection of its own.
#pragma once

#include <atomic>
#include <chrono>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace flikvakt::partition {

class Scanner {
public:
  // "/run/clamav/clamd.ctl", "127.0.0.1:3310" or "[::1]:3310". invalid: neither a path from the root nor loopback.
  static Result<Scanner> at(const std::string& address);

  struct Verdict {
    std::optional<std::string> found;  // what the scanner calls it
    bool is_too_large = false;         // for the scanner: it is not known what is in it
    // Neither: clean.
  };
  // Waits, at most `most_wall`. unavailable: nobody listens, it takes too long, what it says is neither, or it has not
  // heard all of the file; the message says which. The same within half a second after `stop` is set.
  Result<Verdict> scan(BytesView file, std::chrono::milliseconds most_wall = kMostWall,
                       const std::atomic<bool>* stop = nullptr) const;

  static constexpr std::chrono::milliseconds kMostWall{60'000};

private:
  Scanner() = default;
  std::string path_;  // empty: loopback
  bool is_v6_ = false;
  std::uint16_t port_ = 0;
};

}  // namespace flikvakt::partition
