// How `flikvakt-connector` ends, for whoever watches it (spec/connector.md, CONN-70): a number means the same in every
// release.
#pragma once

#include <string>

#include "base/result.h"

namespace flikvakt::connector {

enum class ExitCode {
  ok = 0,
  fault = 1,             // our own
  usage = 2,             // command line or configuration
  name_unknown = 10,     // the gateway's or the proxy's name is not found
  no_route = 11,         // nobody answers there
  proxy_refuses = 12,    // the proxy does not let us through
  proxy_login = 13,      // the proxy wants a login, or another one
  not_the_gateway = 14,  // another certificate than the gateway's: TLS is opened on the way, or it is another server
  clock = 15,            // our clock is wrong
  not_enrolled = 16,     // there is no enrolment here
  certificate_expired = 17,
  not_accepted = 18,  // the gateway does not accept this connector (any more): removed, suspended, revoked
  code_refused = 19,  // a code that is wrong, or was used
  code_expired = 20,
  end_to_end_off = 21,  // end-to-end mode is set on one side alone
  log_forked = 22,      // the gateway showed two histories of its log
  disk = 23,            // full, or not ours to write
  captive = 24,         // something on the way answers in the gateway's place
  unavailable = 25,     // the gateway is there and cannot answer now
};

// Why something did not work: what to tell, and how it ends if nothing else can be done.
struct Trouble {
  ExitCode exit = ExitCode::fault;
  std::string message;  // one line, lower case; never a secret, a number or document text
  // Said by something on the way that cannot show that it is the gateway: to be told, and nothing ends for it.
  bool is_hearsay = false;
  // Of one message of the queue alone: others may get through.
  bool is_of_message = false;
};

template <class T>
using Outcome = boost::system::result<T, Trouble>;

[[noreturn]] void throw_exception_from_error(const Trouble& trouble, const boost::source_location& where);

inline Trouble trouble(ExitCode exit, std::string message) { return {exit, std::move(message), false}; }
inline Trouble hearsay(ExitCode exit, std::string message) { return {exit, std::move(message), true}; }
Trouble disk_trouble(const Error& error);

}  // namespace flikvakt::connector

// As TRY, for a Result of this machine's disk or of what was read from it.
#define TRY_LOCAL(...)                                   \
  __extension__({                                        \
    auto try_local = (__VA_ARGS__);                      \
    if (!try_local) [[unlikely]]                         \
      return connector::disk_trouble(try_local.error()); \
    std::move(try_local).operator*();                    \
  })
#define TRY_LOCAL_VOID(...)                              \
  do {                                                   \
    auto try_local = (__VA_ARGS__);                      \
    if (!try_local) [[unlikely]]                         \
      return connector::disk_trouble(try_local.error()); \
  } while (false)
