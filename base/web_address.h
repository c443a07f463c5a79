// Where a server is, as a URL says it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace flikvakt {

struct WebAddress {
  bool has_tls = true;
  std::string authority;  // host and port as they were written: what the Host header says
  std::string host;       // name, IPv4 address, or IPv6 address in brackets
  std::uint16_t port = 0;
  std::string target;  // path and query; empty when there is neither

  std::string bare_host() const;  // without brackets
  bool is_loopback() const { return host == "127.0.0.1" || host == "[::1]"; }

  // "https://host[:port][/path][?query]", or http. malformed: another scheme, a user, a fragment, a port that is none,
  // or anything but visible ASCII.
  static Result<WebAddress> parse(std::string_view url);
};

}  // namespace flikvakt
