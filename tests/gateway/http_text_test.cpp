// Between bytes and our types: the second reader, what handlers may see, and response heads.
#include "gateway/http_text.h"

#include <gtest/gtest.h>

#include <functional>
#include <stdexcept>

#include "gateway/problem.h"
#include "tests/gateway/framing_vectors.h"

namespace flikvakt::gateway {
namespace {

const std::string kHead =
    "POST /v1/x?a=b HTTP/1.1\r\nHost: a.example\r\nContent-Length: 5\r\nX-Other: 1\r\nFlikvakt-Act:  two words "
    "\r\n\r\n";

Result<Request> guarded(const std::string& head) {
  GuardVerdict verdict = check_head(as_bytes(head));
  return parse_request(as_bytes(head), verdict);
}

TEST(ParseRequest, GivesWhatTheGuardAccepted) {
  const Request request = guarded(kHead).value();
  EXPECT_EQ(request.method, Method::post);
  EXPECT_EQ(request.content_length, 5u);
  EXPECT_EQ(request.target.segments, (std::vector<std::string>{"v1", "x"}));
  EXPECT_EQ(request.query("a"), "b");
  EXPECT_EQ(request.header("flikvakt-act"), "two words");
}

// SPEC HTTP-4
TEST(ParseRequest, ShowsNoFieldThatTheGuardDidNotCheckToBeSingle) {
  const Request request = guarded(kHead).value();
  EXPECT_EQ(request.headers.count("x-other"), 0u);
  for (const auto& [name, value] : request.headers) EXPECT_TRUE(is_used_field(name)) << name;
}

// SPEC HTTP-14
TEST(ParseRequest, AgreesWithTheGuardOnEveryAcceptedVector) {
  for (const FramingVector& vector : framing_vectors()) {
    if (vector.status != 0) continue;
    EXPECT_TRUE(guarded(vector.head)) << vector.name;
  }
}

// SPEC HTTP-14
TEST(ParseRequest, RefusesWhenTheTwoReadersDisagree) {
  const GuardVerdict verdict = check_head(as_bytes(kHead));
  const auto reads = [&](const std::string& head, const std::function<void(GuardVerdict&)>& change = {}) {
    GuardVerdict of_the_guard = verdict;
    if (change) change(of_the_guard);
    return parse_request(as_bytes(head), of_the_guard).has_value();
  };
  ASSERT_TRUE(reads(kHead));
  EXPECT_FALSE(reads(kHead, [](GuardVerdict& other) { other.content_length = 6; }));
  EXPECT_FALSE(reads(kHead, [](GuardVerdict& other) { other.method = Method::put; }));
  EXPECT_FALSE(reads(kHead, [](GuardVerdict& other) { other.target_text = "/v1/x?a=c"; }));
  const auto with = [](const std::string& version, const std::string& fields, const std::string& target) {
    return "POST " + target + " " + version + "\r\nHost: a\r\nContent-Length: 5\r\n" + fields + "\r\n";
  };
  const std::string target(verdict.target_text);
  ASSERT_TRUE(reads(with("HTTP/1.1", "", target)));
  EXPECT_FALSE(reads(with("HTTP/1.1", "", "/")));
  EXPECT_FALSE(reads(with("HTTP/1.0", "", target)));
  EXPECT_FALSE(reads(with("HTTP/1.1", "Transfer-Encoding: chunked\r\n", target)));
  EXPECT_FALSE(reads(with("HTTP/1.1", "Cookie: a\r\nCookie: b\r\n", target)));
  EXPECT_FALSE(reads(with("HTTP/1.1", "", target) + "x"));
}

// SPEC HTTP-15
TEST(ResponseHead, CarriesDateLengthAndTheFixedFieldsInOneForm) {
  Response response = json_response(200, "{}");
  const UtcTime time = parse_rfc3339("1994-11-06T08:49:37Z").value();
  EXPECT_EQ(make_response_head(response, 2, AfterAnswer::close, time),
            "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nCache-Control: no-store\r\n"
            "X-Content-Type-Options: nosniff\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
            "Connection: close\r\n\r\n");
  EXPECT_EQ(make_response_head(empty_response(204), 0, AfterAnswer::keep_alive, time),
            "HTTP/1.1 204 No Content\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nCache-Control: no-store\r\n"
            "X-Content-Type-Options: nosniff\r\n\r\n");
  response.caching = Caching::forever;
  EXPECT_NE(make_response_head(response, 2, AfterAnswer::close, time)
                .find("\r\nCache-Control: public, max-age=31536000, immutable\r\n"),
            std::string::npos);
}

TEST(ResponseFields, OfAHandlerCannotBreakTheFraming) {
  const auto check = [](std::string name, std::string value) {
    Response response = empty_response(204);
    response.headers.emplace_back(std::move(name), std::move(value));
    check_response_fields(response);
  };
  EXPECT_NO_THROW(check("Location", "/v1/x"));
  EXPECT_THROW(check("Location", "/v1/x\r\nSet-Cookie: a"), std::logic_error);
  EXPECT_THROW(check("Location", std::string("a\0b", 3)), std::logic_error);
  EXPECT_THROW(check("Bad Name", "x"), std::logic_error);
  EXPECT_THROW(check("", "x"), std::logic_error);
  EXPECT_THROW(check("content-LENGTH", "5"), std::logic_error);
  EXPECT_THROW(check("Transfer-Encoding", "chunked"), std::logic_error);
  EXPECT_THROW(check("Cache-Control", "public"), std::logic_error);
}

}  // namespace
}  // namespace flikvakt::gateway
