#include "admin/http_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flikvakt::admin {
namespace {

using ::testing::HasSubstr;

// What the other side says, a few bytes at a time, and what was said to it.
class Script final : public ByteStream {
public:
  Script(std::string answers, std::string& sent, std::size_t at_once)
      : answers_(std::move(answers)), sent_(sent), at_once_(at_once) {}
  Result<void> write_all(BytesView data) override {
    sent_.append(as_text(data));
    return {};
  }
  Result<std::size_t> read_some(std::span<std::uint8_t> out) override {
    const std::size_t count = std::min({out.size(), at_once_, answers_.size()});
    std::copy_n(answers_.begin(), count, out.begin());
    answers_.erase(0, count);
    return count;
  }
  Result<Bytes> export_keying_material(std::string_view, std::size_t) const override {
    return fail(ErrorCode::unavailable, "none");
  }

private:
  std::string answers_;
  std::string& sent_;
  std::size_t at_once_;
};

struct Talk {
  std::string sent;
  HttpClient client;
  explicit Talk(std::string answers, std::size_t at_once = 1)
      : client(std::make_unique<Script>(std::move(answers), sent, at_once), "gateway") {}
};

constexpr std::string_view kOk = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

TEST(HttpClient, ReadsAnAnswerByteForByte) {
  Talk talk{std::string(kOk)};
  const auto response = talk.client.send(get("/v1/health"));
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->head.status, 200u);
  EXPECT_EQ(response->body, "hello");
  EXPECT_EQ(talk.sent, "GET /v1/health HTTP/1.1\r\nHost: gateway\r\n\r\n");
}

TEST(HttpClient, KeepsTheConnectionForTheNextRequest) {
  Talk talk(std::string(kOk) + "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", 1000);
  EXPECT_EQ(talk.client.send(get("/a"))->body, "hello");
  EXPECT_EQ(talk.client.send(get("/b"))->head.status, 404u);
}

TEST(HttpClient, SendsABodyWithItsLength) {
  Talk talk{std::string(kOk)};
  ASSERT_TRUE(talk.client.send(post("/v1/acts", json::object{{"a", 1}})));
  EXPECT_THAT(talk.sent, HasSubstr("Content-Length: 7\r\n\r\n{\"a\":1}"));
}

TEST(HttpClient, StreamsABodyThatIsTooLargeForMemory) {
  Talk talk{std::string(kOk)};
  HttpRequest request;
  request.method = "PUT";
  const BodySource body{200'000, [](std::span<std::uint8_t> out) -> Result<std::size_t> {
                          std::fill(out.begin(), out.end(), 'x');
                          return out.size();
                        }};
  ASSERT_TRUE(talk.client.send(request, body));
  EXPECT_THAT(talk.sent, HasSubstr("Content-Length: 200000\r\n\r\nxxx"));
  EXPECT_EQ(talk.sent.size(), talk.sent.find("\r\n\r\n") + 4 + 200'000);
}

TEST(HttpClient, ABodyThatEndsEarlyIsNoRequest) {
  Talk talk{std::string(kOk)};
  HttpRequest request;
  request.method = "PUT";
  const auto response =
      talk.client.send(request, {10, [](std::span<std::uint8_t>) -> Result<std::size_t> { return std::size_t{0}; }});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::conflict);
}

TEST(HttpClient, SkipsInterimAnswers) {
  Talk talk("HTTP/1.1 100 Continue\r\n\r\n" + std::string(kOk));
  EXPECT_EQ(talk.client.send(get("/"))->body, "hello");
}

TEST(HttpClient, GivesASuccessToTheSinkAndAProblemToTheCaller) {
  Talk good{std::string(kOk)};
  std::string got;
  const BodySink sink = [&](const HttpHead&, BytesView bytes) -> Result<void> {
    got.append(as_text(bytes));
    return {};
  };
  ASSERT_TRUE(good.client.receive(get("/"), sink));
  EXPECT_EQ(got, "hello");
  Talk bad{"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno"};
  got.clear();
  const auto refused = bad.client.receive(get("/"), sink);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->body, "no");
  EXPECT_EQ(got, "");
}

TEST(HttpClient, AnAnswerCutShortIsAnError) {
  const std::string answer(kOk);
  for (std::size_t size = 0; size < answer.size(); ++size) {
    Talk talk(answer.substr(0, size));
    EXPECT_FALSE(talk.client.send(get("/"))) << size;
  }
}

TEST(HttpClient, RefusesAnswersThatCouldBeReadInTwoWays) {
  for (const char* head : {
           "HTTP/1.0 200 OK\r\nContent-Length: 0",
           "HTTP/1.1 20 OK\r\nContent-Length: 0",
           "HTTP/1.1 2000 OK\r\nContent-Length: 0",
           "HTTP/1.1 200 OK",
           "HTTP/1.1 200 OK\r\nContent-Length: 1, 1",
           "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1",
           "HTTP/1.1 200 OK\r\nContent-Length: +1",
           "HTTP/1.1 200 OK\r\nContent-Length: 0x1",
           "HTTP/1.1 200 OK\r\nContent-Length : 1",
           "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n folded: 1",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 1",
           "HTTP/1.1 200 OK\r\nContent-Length: 1\nX: y",
           "",
       }) {
    EXPECT_FALSE(parse_head(head)) << head;
  }
  EXPECT_TRUE(parse_head("HTTP/1.1 204 No Content"));
  EXPECT_EQ(parse_head("HTTP/1.1 200 OK\r\ncontent-LENGTH:  12 \r\nX: a\r\nX: b")->header("x"), "a, b");
}

TEST(HttpClient, RefusesToSendHeadersWithLineBreaks) {
  Talk talk{std::string(kOk)};
  HttpRequest request;
  request.headers.emplace_back("X", "a\r\nY: b");
  EXPECT_FALSE(talk.client.send(request));
  EXPECT_EQ(talk.sent, "");
}

TEST(HttpClient, AnEndlessHeaderIsRefused) {
  Talk talk("HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'a'), 16 * 1024);
  EXPECT_FALSE(talk.client.send(get("/")));
}

TEST(HttpClient, AProblemTellsTitleDetailAndReason) {
  HttpResponse response;
  response.head.status = 409;
  response.body =
      R"({"title":"Act refused","detail":"The member says why.","reason":"state_changed","instance":"urn:x"})";
  const Error error = problem_of(response);
  EXPECT_EQ(error.code, ErrorCode::conflict);
  for (const char* part : {"409", "Act refused", "state_changed", "urn:x"}) EXPECT_THAT(error.message, HasSubstr(part));
  response.head.status = 403;
  response.body = "no JSON";
  EXPECT_EQ(problem_of(response).code, ErrorCode::denied);
}

}  // namespace
}  // namespace flikvakt::admin
