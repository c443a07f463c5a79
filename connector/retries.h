// When each message that met a trouble of its own is tried again: it never holds up the others (spec/connector.md,
// CONN-27). Kept in memory: a start tries all of them at once. One thread.
#pragma once

#include <chrono>
#include <map>
#include <string>

#include "base/ids.h"

namespace flikvakt::connector {

class Retries {
public:
  using Time = std::chrono::steady_clock::time_point;

  bool is_due(const DepositId& id, Time now) const;
  // Another time not before which it is tried: 1 s later, then twice as long each time, to an hour. True: it was not
  // said before that it is `why`.
  bool note_failure(const DepositId& id, const std::string& why, Time now);
  // It came through, or is gone. One that had failed: what failed it may be over for all, so all are due.
  void note_success(const DepositId& id);
  // The line broke while it was sent. One with which it broke kPatience times goes behind those with which it did less
  // often, so that one with which it always breaks keeps nobody back; and no sooner, so that what is half sent is sent.
  static constexpr unsigned kPatience = 4;
  void note_break(const DepositId& id) { ++breaks_[id]; }
  unsigned turn(const DepositId& id) const;  // the lower goes first
  // True once for each: it is to be said that it has waited for long.
  bool is_first_word_of_age(const DepositId& id);

private:
  struct Waiting {
    std::chrono::seconds pause{0};
    Time not_before{};
    std::string why;
    bool is_told_of_age = false;
  };
  std::map<DepositId, Waiting> waiting_;
  std::map<DepositId, unsigned> breaks_;
};

}  // namespace flikvakt::connector
