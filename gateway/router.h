// Every endpoint is declared in one place: verb, path, access rule, body, handler. What is not declared is refused.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/exchange.h"
#include "gateway/page_times.h"

namespace flikvakt::gateway {

// Who may call. There is no default, and zero is no value.
enum class AccessRule {
  public_info = 1,           // /api-info, static files: the same for everyone
  organisation_certificate,  // TLS client certificate of a registered organisation
  staff_assertion,           // and a staff assertion bound to that certificate
  person_session,            // a person's session on the portal or by device key
  person_page,               // a browser's session of a person
  staff_page,                // a browser's session of a staff member
  administrator_page,        // a browser's session of an administrator
  signed_body,               // anyone: the body is a JWS, and the handler sees who signed it
  admin_socket,              // the Unix socket; the act itself carries the administrator's signature
};
std::string_view to_string(AccessRule rule);

struct BodyLimit {
  enum class Kind { none, whole, streamed };
  Kind kind = Kind::none;
  std::uint64_t max_bytes = 0;
};
constexpr BodyLimit no_body() { return {}; }  // any content: 413
constexpr BodyLimit whole_body(std::uint64_t max_bytes = 64 * 1024) { return {BodyLimit::Kind::whole, max_bytes}; }
constexpr BodyLimit streamed_body(std::uint64_t max_bytes) { return {BodyLimit::Kind::streamed, max_bytes}; }

using Handler = std::function<Awaitable<Response>(Exchange&)>;
// Asked before every handler, public_info included. Nothing: go on. A response: it is sent instead.
using AccessCheck = std::function<Awaitable<std::optional<Response>>(Exchange&, AccessRule)>;
// What an answer from 400 on looks like to who asked: a page, where somebody looks at it. Same status and departure.
using Dress = std::function<Response(const Request&, Response)>;

// Asked after every handler. Nothing: its response is sent. A response: it is sent instead.
using AnswerCheck = std::function<std::optional<Response>(Exchange&, const Response&)>;

struct Endpoint {
  Method method;
  std::string pattern;
  AccessRule access;
  BodyLimit body;
  Handler handler;
};

// Built at start-up, read-only and thread-safe afterwards.
class Router {
public:
  explicit Router(AccessCheck check, AnswerCheck answer_check = nullptr);

  // Pattern: "/v1/documents/{document:id}". Kinds: id (32 lower-case hex), number (decimal, no leading zero), code
  // (a-z 0-9 and hyphen, at most 64), token (A-Z a-z 0-9 - _ at most 512), and at the end of a pattern rest (what is
  // left of the path, one to 16 segments, as it is). Literals win over parameters, these over rest. A pattern that is
  // malformed, declared twice, or for HEAD or OPTIONS throws std::logic_error: a fault of the program.
  Router& add(Method method, std::string_view pattern, AccessRule access, BodyLimit body, Handler handler);

  Router& dress_with(Dress dress);
  // Counts how long each page took (SPEC MET-6): from the last byte of the request to an answer that is HTML and no
  // refusal, without waiting for the tick. `times` outlives it.
  Router& time_pages(PageTimes& times);
  Response dressed(const Request& request, Response response) const;

  struct Match {
    const Endpoint* endpoint = nullptr;
    std::vector<std::pair<std::string, std::string>> parameters;
  };
  // The endpoint, or the answer for none: 404, or 405 with Allow. HEAD and OPTIONS are 405 with one constant Allow.
  std::variant<Match, Response> match(Method method, const std::vector<std::string>& segments) const;

  // Access check, handler, answer check. What they throw is caught by the session (500).
  Awaitable<Response> run(Match match, Exchange& exchange) const;

  struct Declared {
    Method method;
    std::string_view pattern;
    AccessRule access;
  };
  std::vector<Declared> declared() const;  // for a test of the whole table, and for the API description

private:
  struct Segment {
    enum class Kind { literal, id, number, code, token, rest };
    Kind kind;
    std::string text;  // the literal, or the parameter's name
  };
  struct Route {
    std::vector<Segment> segments;
    Endpoint endpoint;
  };
  static std::vector<Segment> parse_pattern(std::string_view pattern);
  static bool fits(const Segment& segment, std::string_view text);
  static bool matches(const Route& route, const std::vector<std::string>& segments);

  AccessCheck check_;
  AnswerCheck answer_check_;
  Dress dress_;
  PageTimes* page_times_ = nullptr;
  std::vector<Route> routes_;  // literals before parameters, so the first match is the right one
};

}  // namespace flikvakt::gateway
