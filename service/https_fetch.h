// One request over HTTPS to somebody else's server, and its answer: what asking an issuer of ID tokens takes. TLS 1.3
// to roots that the caller names, no redirects, no cookies, one connection a request. Thread-safe.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "base/cancellation.h"
#include "base/result.h"

namespace flikvakt::service {

struct HttpsRequest {
  std::string url;                            // https://…
  std::string trusted_ca_pem;                 // one or more roots; never the system's store
  std::optional<std::string> form = {};       // application/x-www-form-urlencoded, by POST; none: GET
  std::chrono::milliseconds timeout{10'000};  // of connecting, and of the whole answer
  Cancellation* cancellation = nullptr;       // ends it from another thread; outlives the request
};

struct HttpsAnswer {
  unsigned status = 0;
  std::string body;  // at most kMostAnswerBytes
};
inline constexpr std::size_t kMostAnswerBytes = 256 * 1024;

// Waits. Errors: malformed (address, answer), denied (certificate), expired, io.
Result<HttpsAnswer> fetch_https(const HttpsRequest& request);

// So that tests answer in the place of a network.
using Fetch = std::function<Result<HttpsAnswer>(const HttpsRequest&)>;

}  // namespace flikvakt::service
