#include "gateway/router.h"

#include <algorithm>
#include <stdexcept>

#include "base/characters.h"
#include "gateway/problem.h"

namespace flikvakt::gateway {

namespace {

constexpr std::string_view kEveryMethod = "DELETE, GET, POST, PUT";
constexpr std::size_t kMostSegmentsOfRest = 16;

Response method_not_allowed(std::string_view allow) {
  Response response = plain_problem(405);
  response.headers.emplace_back("Allow", allow);
  return response;
}

bool all_of(std::string_view text, bool (*allowed)(char)) { return std::all_of(text.begin(), text.end(), allowed); }
bool is_lower_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }
bool is_code_char(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || c == '-'; }
bool is_literal_char(char c) { return is_code_char(c) || c == '.' || c == '_'; }
bool is_token_part(char c) { return is_digit(c) || is_alpha(c) || c == '-' || c == '_'; }

std::string joined(const std::vector<std::string>& segments, std::size_t from) {
  std::string out = segments[from];
  for (std::size_t i = from + 1; i < segments.size(); ++i) out += "/" + segments[i];
  return out;
}

bool is_shown_page(const Response& response) {
  const auto is_html = [](const auto& field) {
    return field.first == "Content-Type" && field.second.starts_with("text/html");
  };
  return response.status == 200 && std::ranges::any_of(response.headers, is_html);
}

}  // namespace

std::string_view to_string(AccessRule rule) {
  switch (rule) {
    case AccessRule::public_info:
      return "public_info";
    case AccessRule::organisation_certificate:
      return "organisation_certificate";
    case AccessRule::staff_assertion:
      return "staff_assertion";
    case AccessRule::person_session:
      return "person_session";
    case AccessRule::person_page:
      return "person_page";
    case AccessRule::staff_page:
      return "staff_page";
    case AccessRule::administrator_page:
      return "administrator_page";
    case AccessRule::signed_body:
      return "signed_body";
    case AccessRule::admin_socket:
      return "admin_socket";
  }
  return "?";
}

Router::Router(AccessCheck check, AnswerCheck answer_check)
    : check_(std::move(check)), answer_check_(std::move(answer_check)) {
  if (!check_) throw std::logic_error("a router needs an access check");
}

std::vector<Router::Segment> Router::parse_pattern(std::string_view pattern) {
  const auto bad = [&] { return std::logic_error("bad path pattern `" + std::string(pattern) + "`"); };
  if (pattern.empty() || pattern.front() != '/') throw bad();
  std::vector<Segment> out;
  std::string_view rest = pattern.substr(1);
  while (!rest.empty()) {
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    const std::string_view part = rest.substr(0, slash);
    if (part.empty() || slash + 1 == rest.size()) throw bad();
    if (!out.empty() && out.back().kind == Segment::Kind::rest) throw bad();
    rest.remove_prefix(std::min(slash + 1, rest.size()));
    if (part.front() != '{') {
      if (!all_of(part, is_literal_char)) throw bad();
      out.push_back({Segment::Kind::literal, std::string(part)});
      continue;
    }
    const std::size_t colon = part.find(':');
    if (part.back() != '}' || colon == std::string_view::npos || colon < 2) throw bad();
    const std::string_view kind = part.substr(colon + 1, part.size() - colon - 2);
    const auto segment_kind = kind == "id"       ? Segment::Kind::id
                              : kind == "number" ? Segment::Kind::number
                              : kind == "code"   ? Segment::Kind::code
                              : kind == "token"  ? Segment::Kind::token
                              : kind == "rest"   ? Segment::Kind::rest
                                                 : throw bad();
    out.push_back({segment_kind, std::string(part.substr(1, colon - 1))});
  }
  return out;
}

Router& Router::add(Method method, std::string_view pattern, AccessRule access, BodyLimit body, Handler handler) {
  const auto fault = [&](std::string_view what) {
    return std::logic_error(std::string(what) + ": " + std::string(to_string(method)) + " " + std::string(pattern));
  };
  if (method == Method::head || method == Method::options) throw fault("HEAD and OPTIONS are not served");
  if (to_string(access) == "?") throw fault("no access rule");
  if (!handler) throw fault("no handler");
  if (body.kind != BodyLimit::Kind::none && method != Method::post && method != Method::put) {
    throw fault("only POST and PUT carry a body");
  }
  Route route{parse_pattern(pattern), Endpoint{method, std::string(pattern), access, body, std::move(handler)}};
  // One shape, one set of names: two patterns that differ in a parameter's name or kind only would be ambiguous.
  const auto rank = [](const Route& r) {
    std::string key;
    for (const Segment& s : r.segments) {
      key +=
          s.kind == Segment::Kind::literal ? "/0" + s.text : std::string(s.kind == Segment::Kind::rest ? "/2" : "/1");
    }
    return key;
  };
  for (const Route& other : routes_) {
    if (rank(other) != rank(route)) continue;
    if (other.endpoint.method == method) throw fault("declared twice");
    if (other.endpoint.pattern != route.endpoint.pattern) throw fault("same shape as another pattern");
  }
  const auto place = std::upper_bound(routes_.begin(), routes_.end(), route,
                                      [&](const Route& a, const Route& b) { return rank(a) < rank(b); });
  routes_.insert(place, std::move(route));
  return *this;
}

bool Router::fits(const Segment& segment, std::string_view text) {
  switch (segment.kind) {
    case Segment::Kind::literal:
      return text == segment.text;
    case Segment::Kind::id:
      return text.size() == 32 && all_of(text, is_lower_hex);
    case Segment::Kind::number:
      return !text.empty() && text.size() <= 18 && all_of(text, is_digit) && (text.size() == 1 || text.front() != '0');
    case Segment::Kind::code:
      return !text.empty() && text.size() <= 64 && all_of(text, is_code_char);
    case Segment::Kind::token:
      return !text.empty() && text.size() <= 512 && all_of(text, is_token_part);
    case Segment::Kind::rest:
      return true;
  }
  return false;
}

bool Router::matches(const Route& route, const std::vector<std::string>& segments) {
  const bool takes_rest = !route.segments.empty() && route.segments.back().kind == Segment::Kind::rest;
  const std::size_t most = takes_rest ? route.segments.size() - 1 + kMostSegmentsOfRest : route.segments.size();
  if (segments.size() < route.segments.size() || segments.size() > most) return false;
  for (std::size_t i = 0; i < route.segments.size(); ++i) {
    if (!fits(route.segments[i], segments[i])) return false;
  }
  return true;
}

Router& Router::dress_with(Dress dress) {
  dress_ = std::move(dress);
  return *this;
}

Router& Router::time_pages(PageTimes& times) {
  page_times_ = &times;
  return *this;
}

Response Router::dressed(const Request& request, Response response) const {
  if (!dress_ || response.status < 400) return response;
  return dress_(request, std::move(response));
}

// SPEC HTTP-12, HTTP-13
std::variant<Router::Match, Response> Router::match(Method method, const std::vector<std::string>& segments) const {
  if (method == Method::head || method == Method::options) return method_not_allowed(kEveryMethod);
  std::string allow;
  std::string_view pattern;  // of the first match: its verbs are the ones that count
  for (const Route& route : routes_) {
    if (!pattern.empty() && route.endpoint.pattern != pattern) continue;
    if (!matches(route, segments)) continue;
    pattern = route.endpoint.pattern;
    if (route.endpoint.method != method) {
      allow += (allow.empty() ? "" : ", ") + std::string(to_string(route.endpoint.method));
      continue;
    }
    Match match{&route.endpoint, {}};
    for (std::size_t i = 0; i < route.segments.size(); ++i) {
      const Segment& segment = route.segments[i];
      if (segment.kind == Segment::Kind::literal) continue;
      match.parameters.emplace_back(segment.text,
                                    segment.kind == Segment::Kind::rest ? joined(segments, i) : segments[i]);
    }
    return match;
  }
  if (pattern.empty()) return plain_problem(404);
  return method_not_allowed(allow);
}

Awaitable<Response> Router::run(Match match, Exchange& exchange) const {
  const auto began = std::chrono::steady_clock::now();
  exchange.parameters_ = std::move(match.parameters);
  Awaitable<std::optional<Response>> check = check_(exchange, match.endpoint->access);
  std::optional<Response> instead = co_await std::move(check);
  if (instead) co_return std::move(*instead);
  Awaitable<Response> answer = match.endpoint->handler(exchange);
  Response response = co_await std::move(answer);
  if (answer_check_) instead = answer_check_(exchange, response);
  if (instead) co_return std::move(*instead);
  if (page_times_ && is_shown_page(response)) page_times_->count(std::chrono::steady_clock::now() - began);
  co_return response;
}

std::vector<Router::Declared> Router::declared() const {
  std::vector<Declared> out;
  for (const Route& route : routes_)
    out.push_back({route.endpoint.method, route.endpoint.pattern, route.endpoint.access});
  return out;
}

}  // namespace flikvakt::gateway
