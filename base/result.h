// Result<T>: "no" is an answer, not an exception.
#pragma once

#include <boost/system/result.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace flikvakt {

// What kind of trouble it is. Callers branch on this; the text is for the operational log and the operator only.
enum class ErrorCode {
  malformed,     // input that does not parse
  invalid,       // input that parses but breaks a rule
  denied,        // an access rule says no
  not_found,     // what was named does not exist (never shown to API clients: see P6)
  conflict,      // exists with other contents, or changed meanwhile
  expired,       // valid once, not now
  corrupt,       // stored data fails its own check
  unavailable,   // certain not to have happened; may be tried again
  out_of_space,  // disk or quota full; certain not to have happened
  io,            // the operating system said no
  internal,      // our own fault
};

std::string_view to_string(ErrorCode code);

struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string
      message;  // lower case, what was being done, input in backticks; never a secret, a number or document text
};

// Found by boost::system::result when .value() is called on an error.
[[noreturn]] void throw_exception_from_error(const Error& error, const boost::source_location& where);

template <class T>
using Result = boost::system::result<T, Error>;

inline Error fail(ErrorCode code, std::string message) { return Error{code, std::move(message)}; }

}  // namespace flikvakt

// TRY(expr): the value of a Result, or return its error from this function. Not inside coroutines: they use co_return.
// Each use has a name of its own, so that one may stand inside another.
#define FLIKVAKT_CONCAT_(a, b) a##b
#define FLIKVAKT_CONCAT(a, b) FLIKVAKT_CONCAT_(a, b)
#define FLIKVAKT_TRY_(name, ...)      \
  __extension__({                     \
    auto name = (__VA_ARGS__);        \
    if (!name) [[unlikely]]           \
      return std::move(name).error(); \
    std::move(name).operator*();      \
  })
#define TRY(...) FLIKVAKT_TRY_(FLIKVAKT_CONCAT(flikvakt_try_, __COUNTER__), __VA_ARGS__)
// TRY_VOID(expr): the same for Result<void>.
#define FLIKVAKT_TRY_VOID_(name, ...) \
  do {                                \
    auto name = (__VA_ARGS__);        \
    if (!name) [[unlikely]]           \
      return std::move(name).error(); \
  } while (false)
#define TRY_VOID(...) FLIKVAKT_TRY_VOID_(FLIKVAKT_CONCAT(flikvakt_try_, __COUNTER__), __VA_ARGS__)
