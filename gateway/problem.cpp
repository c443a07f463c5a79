#include "gateway/problem.h"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "crypto/random.h"

namespace flikvakt::gateway {

namespace {

constexpr std::string_view kInstancePrefix = "urn:flikvakt:problem:";
constexpr std::string_view kContentType = "application/problem+json";

struct StatusWords {
  unsigned status;
  std::string_view slug;
  std::string_view title;
  std::string_view detail;
};

constexpr StatusWords kPlain[] = {
    {400, "bad-request", "Bad request", "The request does not follow the rules of this interface."},
    {401, "unauthenticated", "Not authenticated", "This request needs valid credentials."},
    {404, "no-such-path", "No such path", "Nothing is served at this path."},
    {405, "method-not-allowed", "Method not allowed", "The Allow field lists what can be used here."},
    {408, "too-slow", "Too slow", "The request did not arrive in time."},
    {409, "conflict", "Conflict", "The request does not fit what stands now."},
    {411, "length-required", "Length required", "The request needs a Content-Length."},
    {413, "too-large", "Too large", "The body is larger than this path takes."},
    {414, "target-too-long", "Target too long", "The request target is too long."},
    {415, "media-type", "Media type not supported", "This path takes another Content-Type."},
    {417, "expectation", "Expectation not supported", "Only 100-continue can be expected."},
    {422, "unprocessable", "Content not accepted", "The content does not follow the rules of this interface."},
    {431, "header-too-large", "Header too large", "The header block is too large."},
    {500, "internal", "Internal error", "Something failed here. The instance names the log entry."},
    {503, "unavailable", "Unavailable", "The service cannot answer now."},
    {507, "no-space", "No space", "There is no room to store this now."},
};

}  // namespace

// SPEC HTTP-20
Response problem(unsigned status, std::string_view slug, std::string_view title, std::string_view detail) {
  boost::json::object body;
  body["type"] = std::string(kProblemTypePrefix) + std::string(slug);
  body["title"] = title;
  body["status"] = status;
  body["detail"] = detail;
  body["instance"] = std::string(kInstancePrefix) + to_hex(crypto::random_bytes<16>());
  return bytes_response(status, kContentType, to_bytes(as_bytes(boost::json::serialize(body))));
}

Response plain_problem(unsigned status) {
  for (const StatusWords& words : kPlain) {
    if (words.status == status) return problem(status, words.slug, words.title, words.detail);
  }
  return plain_problem(500);
}

// SPEC HTTP-21, HTTP-22
Response refusal() {
  Response response =
      problem(403, "refused", "Refused",
              "What was asked for does not exist or may not be given. The answer is the same either way.");
  response.departure = Departure::on_tick;
  return response;
}

Response too_many_requests() {
  return problem(429, "too-many-requests", "Too many requests", "Requests come faster than this interface takes them.");
}

std::string instance_of(const Response& response) {
  const Bytes* body = std::get_if<Bytes>(&response.body);
  if (!body) return {};
  const std::string_view text = as_text(*body);
  const std::size_t at = text.find(kInstancePrefix);
  return at == std::string_view::npos ? std::string() : std::string(text.substr(at, kInstancePrefix.size() + 32));
}

}  // namespace flikvakt::gateway
