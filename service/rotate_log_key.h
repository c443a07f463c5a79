// A new key for the log, the end of the one before, and what is said of one that leaked, on a gateway that is stopped
// (docs/decisions/log-key-rotation.md). No door may be open on `core`, which is closed by each: start again.
//
// Each step is durable before the next, and a start-up after a crash finds what counts: until the approval is in the
// log the old key alone signs, from then on as its row says. There is nothing to clean up by hand.
// Errors of all: invalid (another act), out_of_space, io, unavailable.
#pragma once

#include "service/core.h"

namespace flikvakt::service {

struct ChangedLogKeys {
  policy::Decision decision;  // of the last act that was sent; refused: no key changed
  std::uint64_t entry = 0;    // where it was decided: the new key is announced there, or the older one ends
  LogKeys keys;               // as they stand afterwards
};

// `fresh` from KeyRing::make_log_key(). `first`: the act `rotate_log_key` of an administrator that names its two public
// keys; `approval`: of another one. Both with their evidence, from make_command().
Result<ChangedLogKeys> rotate_log_key(std::unique_ptr<Core> core, const KeyRing::NewLogKey& fresh, Command first,
                                      Command approval);

// `ordered`: the act `retire_log_key` of one administrator. That witnesses know the newer key is the caller's to see
// to.
Result<ChangedLogKeys> retire_log_key(std::unique_ptr<Core> core, Command ordered);

// `first`: the act `give_up_log_key` of an administrator; `approval`: of another one.
Result<ChangedLogKeys> give_up_log_key(std::unique_ptr<Core> core, Command first, Command approval);

}  // namespace flikvakt::service
