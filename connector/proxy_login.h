// Logins at proxies: what a proxy offers, what may be shown to it, and what is told of it. spec/connector.md, CONN-77,
// CONN-78.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "connector/config.h"

namespace flikvakt::connector {

// Of a Proxy-Authenticate header's value (RFC 9110, section 11.6.1): Negotiate, NTLM, Digest, Basic, those that it
// names. Our names, never the proxy's words.
std::vector<std::string> logins_offered(std::string_view value);

// A challenge without target information (MS-NLMP 2.2.1.2): libcurl would answer it by NTLMv1 and LM, from which
// whoever chose the challenge reckons the password. What is no challenge is none.
bool is_ntlm1_challenge(std::string_view value);

// What a library says of a ticket, some of it in the words of a KDC that nobody verified: printable ASCII, one line.
std::string told_of_ticket(std::string_view words);

// "user:password", scrubbed at its end, here (libcurl keeps a copy of its own until the next question); ":" is
// Kerberos' ticket, and nothing is no login of the configuration's.
struct ProxyLogin {
  std::string text;

  ProxyLogin() = default;
  explicit ProxyLogin(std::string of) : text(std::move(of)) {}
  ProxyLogin(ProxyLogin&& other) noexcept : text(std::move(other.text)) { other.scrub(); }
  ProxyLogin& operator=(ProxyLogin&&) = delete;
  ~ProxyLogin() { scrub(); }

private:
  void scrub();
};

// From `login_file`. Errors: of the file; invalid: not ASCII, and for NTLM, as which libcurl would show another
// password.
Result<ProxyLogin> login_for(const ProxyConfig& proxy);

}  // namespace flikvakt::connector
