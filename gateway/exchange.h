// One request on its way through authentication and handler.
#pragma once

#include <algorithm>
#include <any>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "gateway/connection.h"
#include "gateway/http.h"

namespace flikvakt::gateway {

// How large a buffer is made for a body of `whole` bytes of which `filled` have come: in proportion to what has come,
// so that who only says how much it will be makes nobody hold so much.
constexpr std::size_t buffer_for(std::size_t filled, std::uint64_t whole) {
  constexpr std::size_t kFirst = 16 * 1024;
  return static_cast<std::size_t>(std::min<std::uint64_t>(whole, std::max(kFirst, 2 * filled)));
}

// Implemented by the session.
class BodyReader {
public:
  virtual ~BodyReader() = default;
  // At least one byte, or 0 at the end of the body. An error (peer gone, too slow) is final: answer anything, it is
  // cut.
  virtual Awaitable<Result<std::size_t>> read_body(std::span<std::uint8_t> out) = 0;
};

class Exchange {
public:
  Exchange(Request request, ConnectionContext& connection, BodyReader& body)
      : request_(std::move(request)), connection_(connection), body_(body) {}

  const Request& request() const { return request_; }
  ConnectionContext& connection() { return connection_; }

  // Path parameters by the name in the pattern; the router has checked their form. An unknown name is a fault (throws).
  const std::string& text(std::string_view name) const;
  std::uint64_t number(std::string_view name) const;
  template <class SomeId>
  SomeId id(std::string_view name) const {
    return SomeId::parse(text(name)).value();
  }

  // Endpoints with streamed_body() only.
  Awaitable<Result<std::size_t>> read_body(std::span<std::uint8_t> out) { return body_.read_body(out); }

  // Set by the access check for the handler: the authenticated identity of this request.
  void set_identity(std::any identity) { identity_ = std::move(identity); }
  bool has_identity() const { return identity_.has_value(); }
  template <class T>
  const T& identity() const {  // throws std::bad_any_cast when the access check set none: a fault, answered 500
    return std::any_cast<const T&>(identity_);
  }

  // For the operational log, beside the problem id: why, in our words. Never a secret, a number or document text.
  void set_cause(std::string cause) { cause_ = std::move(cause); }
  const std::string& cause() const { return cause_; }

private:
  friend class Router;
  Request request_;
  ConnectionContext& connection_;
  BodyReader& body_;
  std::vector<std::pair<std::string, std::string>> parameters_;
  std::any identity_;
  std::string cause_;
};

}  // namespace flikvakt::gateway
