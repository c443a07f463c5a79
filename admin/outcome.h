// How a command ends. The exit codes are part of the interface: docs/OPERATIONS.md lists them.
#pragma once

#include "base/result.h"

namespace flikvakt::admin {

enum class ExitCode {
  ok = 0,
  refused = 1,  // the answer is no, or something failed
  usage = 2,    // the command line or a configuration file is wrong
  fatal = 3,    // the gateway had to stop at once: what reached the disk is not known
  locked = 4,   // the gateway serves nothing, because its data does not fit together
};

// Why a command did not do what was asked. `message` says what was expected, `next` what to run or change.
struct Failure {
  Failure() = default;
  Failure(ExitCode code, std::string what, std::string todo = {})
      : exit(code), message(std::move(what)), next(std::move(todo)) {}
  Failure(Error error) : message(std::move(error.message)) {}  // NOLINT: every Error is a Failure, exit code 1

  ExitCode exit = ExitCode::refused;
  std::string message;
  std::string next;
};

[[noreturn]] void throw_exception_from_error(const Failure& failure, const boost::source_location& where);

template <class T>
using Outcome = boost::system::result<T, Failure>;

// A "no" of the gateway says nothing of why: `hint` is what the tool knows to say beside it.
template <class T>
Outcome<T> with_hint_if_denied(Result<T> answer, std::string hint) {
  if (answer) return std::move(*answer);
  const bool is_denied = answer.error().code == ErrorCode::denied;
  Failure failure(std::move(answer).error());
  if (is_denied) failure.next = std::move(hint);
  return failure;
}

inline Failure usage_failure(std::string message, std::string next = {}) {
  return Failure(ExitCode::usage, std::move(message), std::move(next));
}

}  // namespace flikvakt::admin
