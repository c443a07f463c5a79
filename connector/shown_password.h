// Whether a proxy takes the password that is shown to it. One that it did not take is shown again less and less often,
// whoever of the program asks: a domain locks an account after some wrong ones. spec/connector.md, CONN-79.
// Thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <variant>

namespace flikvakt::connector {

class ShownPassword {
public:
  using Time = std::chrono::steady_clock::time_point;

  // Leave to show it. Whoever has it says what came of that, once.
  struct Leave {
    std::uint64_t refusals = 0;  // that were there when it was given: what came later is not undone by it
    bool is_alone = false;       // nobody else has one
  };
  enum class NotNow { being_shown, refused_lately };
  // Before it was taken, and after a pause, one has leave, and others once that one has said what came of it; while it
  // is taken, all have.
  std::variant<Leave, NotNow> ask(Time now);
  void note_taken(const Leave& leave);
  // The pauses are 60 s, twice as long each time, to 10 minutes.
  void note_refused(const Leave& leave, Time now);
  void note_unheard(const Leave& leave);  // nobody said anything of it, or it was not shown

private:
  std::mutex mutex_;
  bool is_taken_ = false;
  bool is_being_shown_ = false;
  std::uint64_t refusals_ = 0;
  std::chrono::milliseconds pause_{0};
  Time due_{};
};

}  // namespace flikvakt::connector
