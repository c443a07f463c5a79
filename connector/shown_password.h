// Whether a proxy takes the password that is shown to it. One that it did not take is shown again less and less often,
// whoever of the program asks: a domain locks an account after some wrong ones. spec/connector.md, CONN-79.
// Thread-safe.
#pragma once

#include <chrono>
#include <mutex>

namespace flikvakt::connector {

class ShownPassword {
public:
  using Time = std::chrono::steady_clock::time_point;

  // May it be shown now? Before it was taken, and after a pause, one is told yes, and others once that one has said
  // what came of it; while it is taken, all are.
  bool may_show(Time now);
  // Whoever was told yes says one of these. The pauses are 60 s, twice as long each time, to 10 minutes.
  void note_taken();
  void note_refused(Time now);
  void note_unheard();  // nobody said anything of it

private:
  std::mutex mutex_;
  bool is_taken_ = false;
  bool is_being_shown_ = false;
  std::chrono::milliseconds pause_{0};
  Time due_{};
};

}  // namespace flikvakt::connector
