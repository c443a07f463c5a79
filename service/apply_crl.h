// Revocation lists from a file become narrowing acts of the log. A certificate on one is refused from the moment that
// the act is acknowledged; connections that use it are closed.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <map>
#include <mutex>
#include <thread>

#include "service/core.h"

namespace flikvakt::service {

// PEM or DER. Waits for the sequencer. Fine: applied, or applied before. not_found: no registered issuer signed it.
// conflict: a lower number than the one applied, or the same with other contents (both are logged as refused).
// malformed, io; unavailable: the door is busy, or the list's thisUpdate is still to come.
Result<void> apply_crl_file(Core& core, const std::filesystem::path& path);

// Applies each file when it starts and whenever it changes, within a second. What goes wrong goes to the operational
// log, and the list that stands stays: past its nextUpdate the issuer's certificates are refused. Own thread.
class CrlWatcher {
public:
  CrlWatcher(Core& core, std::vector<std::filesystem::path> files);
  ~CrlWatcher();
  void stop();  // before the Core goes

private:
  struct Seen {
    std::filesystem::file_time_type changed;
    std::uintmax_t size = 0;
    friend bool operator==(const Seen&, const Seen&) = default;
  };
  void run();
  void look_at(const std::filesystem::path& file);

  Core& core_;
  const std::vector<std::filesystem::path> files_;
  std::map<std::filesystem::path, Seen> seen_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace flikvakt::service
