// `flikvakt notify-webhook` and `notice_hook`, the real program against a real TLS server.
#include "admin/webhook.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <thread>

#include "service/hook_program.h"
#include "tests/admin/admin_world.h"

namespace flikvakt::admin {
namespace {

using service::HookProgram;
using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

// Says its port, and then each request that it got, on a line each; ends with its input. Answers with the statuses of
// its third argument in turn, the last one for ever, with 422 to what is `unwanted`, and with a body in chunks, as many
// servers do.
constexpr std::string_view kServer = R"(import http.server, json, ssl, sys, threading
statuses = [int(status) for status in sys.argv[3].split(",")]
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        print(json.dumps({"path": self.path, "headers": dict(self.headers), "body": body}), flush=True)
        self.send_response(422 if "unwanted" in body else statuses.pop(0) if len(statuses) > 1 else statuses[0])
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"2\r\nok\r\n0\r\n\r\n")
    def log_message(self, *words):
        pass
server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1], sys.argv[2])
server.socket = context.wrap_socket(server.socket, server_side=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_port, flush=True)
sys.stdin.read()
)";

// A program that is written to and read from line by line.
class Talk {
public:
  explicit Talk(const Words& command) : program_(HookProgram::start(command).value()) {}
  void say(const std::string& line) { EXPECT_EQ(program_.write(line + "\n"), line.size() + 1); }
  // nullopt: nothing came in time, or the end.
  std::optional<std::string> hear(int milliseconds = 20'000) {
    while (held_.find('\n') == std::string::npos) {
      pollfd ready{program_.output(), POLLIN, 0};
      if (::poll(&ready, 1, milliseconds) != 1) return std::nullopt;
      const std::optional<std::string> text = program_.read();
      if (!text) return std::nullopt;
      held_ += *text;
    }
    const std::size_t end = held_.find('\n');
    std::string line = held_.substr(0, end);
    held_.erase(0, end + 1);
    return line;
  }
  std::string end() { return program_.end(std::chrono::seconds(2)); }

private:
  HookProgram program_;
  std::string held_;
};

class WebhookTest : public AdminWorld {
protected:
  WebhookTest() {
    ::signal(SIGPIPE, SIG_IGN);
    const Ran pki = run_flikvakt({"pki", "dev", path("pki")});
    EXPECT_EQ(pki.exit_code, 0) << pki.err;
    scratch_.write("server.py", kServer);
  }
  Talk& serve_with(const std::string& statuses, const std::string& pki = "pki") {
    web_.emplace(
        Words{"/usr/bin/python3", path("server.py"), path(pki + "/server.pem"), path(pki + "/server.key"), statuses});
    url_ = "https://localhost:" + web_->hear().value_or("") + "/notices?of=flikvakt";
    return *web_;
  }
  Talk webhook(Words more = {}) {
    Words command{FLIKVAKT_BINARY, "notify-webhook", "--url", url_, "--ca", path("pki/ca.pem")};
    command.insert(command.end(), more.begin(), more.end());
    return Talk(command);
  }

  // What post_lines() acknowledges of a line and then an end, in this process and sooner than a program would.
  std::string acknowledged(std::string text, std::chrono::milliseconds patience, std::chrono::milliseconds end_after) {
    int in[2], out[2];
    EXPECT_EQ(::pipe(in), 0);
    EXPECT_EQ(::pipe(out), 0);
    EXPECT_EQ(::write(in[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
    const Webhook webhook = webhook_of(url_, path("pki/ca.pem"), {}).value();
    const WebhookPauses pauses{std::chrono::milliseconds(10), std::chrono::milliseconds(10), patience};
    std::thread ends([&] {
      std::this_thread::sleep_for(end_after);
      ::close(in[1]);
    });
    EXPECT_TRUE(post_lines(webhook, in[0], out[1], pauses));
    ends.join();
    ::close(in[0]);
    ::close(out[1]);
    std::string answers(4096, '\0');
    answers.resize(static_cast<std::size_t>(std::max<ssize_t>(0, ::read(out[0], answers.data(), answers.size()))));
    ::close(out[0]);
    return answers;
  }

  static constexpr const char* kLine = R"({"id":"8d0b","time":"2026-11-22T06:40:25.123Z","kind":"reading"})";
  std::string url_;
  std::optional<Talk> web_;
};

// SPEC HOOK-15
TEST_F(WebhookTest, PostsEachLineAndAcknowledgesItWhenItIsTaken) {
  Talk& web = serve_with("204");
  scratch_.write("headers", "Authorization: Bearer secret\n");
  Talk webhook = this->webhook({"--header-file", path("headers")});
  webhook.say(kLine);
  webhook.say(R"({"id":"8d0c"})");
  const json::value got = parse_json(web.hear().value_or("{}")).value();
  EXPECT_EQ(got.at("path"), "/notices?of=flikvakt");
  EXPECT_EQ(got.at("body"), kLine);
  EXPECT_EQ(got.at("headers").at("Content-Type"), "application/json");
  EXPECT_EQ(got.at("headers").at("Authorization"), "Bearer secret");
  EXPECT_THAT(std::string(got.at("headers").at("Host").as_string()), HasSubstr("localhost:"));
  EXPECT_EQ(webhook.hear(), "8d0b");
  EXPECT_EQ(webhook.hear(), "8d0c");
  EXPECT_EQ(webhook.end(), "ended with status 0");
}

// SPEC HOOK-15
TEST_F(WebhookTest, TriesAgainUntilItIsTaken) {
  Talk& web = serve_with("500,302,200");
  Talk webhook = this->webhook();
  webhook.say(kLine);
  for (int i = 0; i < 3; ++i) EXPECT_THAT(web.hear().value_or(""), HasSubstr("8d0b"));
  EXPECT_EQ(webhook.hear(), "8d0b");
}

// SPEC HOOK-15
TEST_F(WebhookTest, AcknowledgesNothingThatIsNotTakenAndEndsWithItsInput) {
  Talk& web = serve_with("500");
  Talk webhook = this->webhook();
  webhook.say(kLine);
  EXPECT_TRUE(web.hear());
  EXPECT_EQ(webhook.hear(300), std::nullopt);
  EXPECT_EQ(webhook.end(), "ended with status 0") << "by itself, while it waits a second to try again";
}

// SPEC HOOK-17
TEST_F(WebhookTest, ALineThatTheAddressRefusesDoesNotSilenceTheOthers) {
  serve_with("200");
  ::testing::internal::CaptureStderr();
  const std::string answers = acknowledged(
      R"({"id":"1","kind":"unwanted","number":"191212121212"}
{"id":"2","kind":"unwanted","number":"191212121212"}
{"id":"3","kind":"reading","number":"191212121212"}
)",
      std::chrono::milliseconds(200), std::chrono::seconds(3));
  const std::string said = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(answers, "1\n2\n3\n");
  EXPECT_THAT(said, HasSubstr("422; 1 given up"));
  EXPECT_THAT(said, HasSubstr("422; 2 given up"));
  EXPECT_THAT(said, HasSubstr("tried again")) << "not at its first word";
  EXPECT_THAT(said, Not(HasSubstr("191212121212")));
}

// SPEC HOOK-17
TEST_F(WebhookTest, WhatIsNotTheLinesFaultIsTriedAgainForEver) {
  for (const char* status : {"401", "403", "408", "429", "500", "503", "302"}) {
    serve_with(status);
    EXPECT_EQ(acknowledged(std::string(kLine) + "\n", std::chrono::milliseconds(0), std::chrono::milliseconds(400)), "")
        << status;
  }
}

// SPEC HOOK-16
TEST_F(WebhookTest, TheAddressMayStandInAFileOfItsOwn) {
  Talk& web = serve_with("200");
  scratch_.write("url", url_ + "\n");
  Talk webhook({FLIKVAKT_BINARY, "notify-webhook", "--url-file", path("url"), "--ca", path("pki/ca.pem")});
  webhook.say(kLine);
  EXPECT_THAT(web.hear().value_or(""), HasSubstr("/notices?of=flikvakt"));
  EXPECT_EQ(webhook.hear(), "8d0b");
  EXPECT_EQ(webhook.end(), "ended with status 0");
  EXPECT_EQ(run_flikvakt({"notify-webhook", "--url-file", path("url"), "--url", url_}).exit_code, 2);
  EXPECT_EQ(run_flikvakt({"notify-webhook"}).exit_code, 2);
  std::filesystem::permissions(path("url"), std::filesystem::perms::others_read, std::filesystem::perm_options::add);
  const Ran open = run_flikvakt({"notify-webhook", "--url-file", path("url")});
  EXPECT_EQ(open.exit_code, 2);
  EXPECT_THAT(open.err, HasSubstr("--url-file"));
}

// SPEC HOOK-16
TEST_F(WebhookTest, SendsNothingToAServerThatItCannotVerify) {
  Talk& web = serve_with("200");
  const Ran others = run_flikvakt({"pki", "dev", path("others")});
  ASSERT_EQ(others.exit_code, 0) << others.err;
  Talk untrusting({FLIKVAKT_BINARY, "notify-webhook", "--url", url_, "--ca", path("others/ca.pem")});
  untrusting.say(kLine);
  EXPECT_EQ(untrusting.hear(1500), std::nullopt);
  EXPECT_EQ(web.hear(100), std::nullopt);
}

// SPEC HOOK-16
TEST_F(WebhookTest, SendsNothingToAServerOfAnotherName) {
  const Ran pki = run_flikvakt({"pki", "dev", path("elsewhere"), "--server-name", "elsewhere.example"});
  ASSERT_EQ(pki.exit_code, 0) << pki.err;
  Talk& web = serve_with("200", "elsewhere");
  Talk trusting({FLIKVAKT_BINARY, "notify-webhook", "--url", url_, "--ca", path("elsewhere/ca.pem")});
  trusting.say(kLine);
  EXPECT_EQ(trusting.hear(1500), std::nullopt);
  EXPECT_EQ(web.hear(100), std::nullopt);
}

// SPEC HOOK-15
TEST_F(WebhookTest, TriesAgainLaterEachTimeUpToTheLongestPause) {
  serve_with("500,500,500,500,200");
  const Webhook webhook = webhook_of(url_, path("pki/ca.pem"), {}).value();
  int in[2], out[2];
  ASSERT_EQ(::pipe(in), 0);
  ASSERT_EQ(::pipe(out), 0);
  const std::string line = std::string(kLine) + "\n";
  ASSERT_EQ(::write(in[1], line.data(), line.size()), static_cast<ssize_t>(line.size()));
  ::testing::internal::CaptureStderr();
  std::thread posting([&] { EXPECT_TRUE(post_lines(webhook, in[0], out[1], {.first = 1ms, .longest = 5ms})); });
  char taken[5];
  EXPECT_EQ(::read(out[0], taken, sizeof taken), 5);
  ::close(in[1]);
  posting.join();
  const std::string said = ::testing::internal::GetCapturedStderr();
  for (const int fd : {in[0], out[0], out[1]}) ::close(fd);
  constexpr std::string_view kAgain = "tried again in ";
  std::vector<std::string> pauses;
  for (std::size_t at = said.find(kAgain); at != said.npos; at = said.find(kAgain, at + 1)) {
    const std::size_t from = at + kAgain.size();
    pauses.push_back(said.substr(from, said.find(' ', from) - from));
  }
  EXPECT_THAT(pauses, ::testing::ElementsAre("1", "2", "4", "5"));
}

// SPEC HOOK-16
TEST_F(WebhookTest, AnAddressThatIsNotHttpsAndOpenSecretsAreRefused) {
  for (const char* url : {"http://localhost/", "localhost", "https://", "https://host:0/", "https://host:port/",
                          "https://user@host/", "https://host/#part", "https://host/a b", "https://host\r\nX: y/"}) {
    const auto refused = webhook_of(url, path("pki/ca.pem"), {});
    ASSERT_FALSE(refused) << url;
    EXPECT_EQ(refused.error().exit, ExitCode::usage);
  }
  const auto plain = webhook_of("https://[::1]:8443", path("pki/ca.pem"), {});
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->server.host, "::1");
  EXPECT_EQ(plain->server.port, 8443);
  EXPECT_EQ(plain->target, "/");
  EXPECT_EQ(webhook_of("https://host?q", path("pki/ca.pem"), {})->server.port, 443);
  EXPECT_EQ(webhook_of("https://host/", path("missing"), {}).error().exit, ExitCode::usage);
  const std::filesystem::path headers = scratch_.write("headers", "X: y\n");
  std::filesystem::permissions(headers, std::filesystem::perms::others_read, std::filesystem::perm_options::add);
  for (const std::filesystem::path& wrong :
       {headers, scratch_.write("no-headers", "nothing\n"), scratch_.path("missing")}) {
    const auto refused = webhook_of("https://host/", path("pki/ca.pem"), wrong);
    ASSERT_FALSE(refused) << wrong;
    EXPECT_EQ(refused.error().exit, ExitCode::usage) << refused.error().message;
  }
  const Ran open = run_flikvakt(
      {"notify-webhook", "--url", "https://host/", "--ca", path("pki/ca.pem"), "--header-file", path("headers")});
  EXPECT_EQ(open.exit_code, 2);
  EXPECT_THAT(open.err, HasSubstr("--header-file"));
}

class NoticeHookServe : public WebhookTest {
protected:
  void configure_hook(const std::string& hook) {
    write_config();
    scratch_.write("flikvakt.toml", text("flikvakt.toml") + "notice_hook = " + hook + "\n");
  }
};

// SPEC HOOK-1
TEST_F(NoticeHookServe, AHookThatCannotRunIsAMistakeInTheConfiguration) {
  std::filesystem::remove_all(path("pki"));
  ASSERT_NO_FATAL_FAILURE(make_keys_and_instance());
  scratch_.write("text", "text");
  for (const std::string& file : {path("missing"), path("text"), path("pki")}) {
    configure_hook("[\"" + file + "\"]");
    const Ran ran = serve_to_the_end();
    EXPECT_EQ(ran.exit_code, 2) << ran.err;
    EXPECT_THAT(ran.err, HasSubstr("notice_hook"));
    EXPECT_THAT(ran.err, HasSubstr(file));
  }
}

// SPEC HOOK-12, HOOK-14
TEST_F(NoticeHookServe, WithADamagedCursorTheGatewayServesAndSaysThatNobodyIsTold) {
  std::filesystem::remove_all(path("pki"));
  ASSERT_NO_FATAL_FAILURE(make_keys_and_instance());
  configure_hook("[\"/bin/cat\"]");
  scratch_.write("data/notice-cursor", "{}");
  ASSERT_NO_FATAL_FAILURE(serve_as_configured());
  const Ran status = run_flikvakt({"status", "--data", path("data"), "--json"});
  ASSERT_EQ(status.exit_code, 0) << status.err;
  EXPECT_EQ(status.json().at("notice_hook").at("on"), true);
  EXPECT_EQ(status.json().at("notice_hook").at("stopped"), true);
  EXPECT_EQ(server_->stop(), 0) << log_text();
  EXPECT_THAT(log_text(), HasSubstr("nobody is told"));
  EXPECT_THAT(log_text(), HasSubstr("notice-cursor"));
  EXPECT_EQ(text("data/notice-cursor"), "{}") << "it is there for who looks at it";
}

// SPEC HOOK-7, HOOK-13, HOOK-14
TEST_F(NoticeHookServe, TheGatewayTellsOfAnEnrolmentByWebhookAndSaysHowFarItIs) {
  std::filesystem::remove_all(path("pki"));
  ASSERT_NO_FATAL_FAILURE(make_keys_and_instance());
  Talk& web = serve_with("200");
  configure_hook("[\"" FLIKVAKT_BINARY "\", \"notify-webhook\", \"--url\", \"" + url_ + "\", \"--ca\", \"" +
                 path("pki/ca.pem") + "\"]");
  ASSERT_NO_FATAL_FAILURE(serve_as_configured());
  ASSERT_NO_FATAL_FAILURE(register_everyone());
  ASSERT_NO_FATAL_FAILURE(wait_for_crl());
  ASSERT_NO_FATAL_FAILURE(enrol_device());
  for (const char* kind : {"key_proposed", "key_confirmed"}) {
    const json::value got = parse_json(web.hear().value_or("{\"body\":\"{}\"}")).value();
    const json::value line = parse_json(got.at("body").as_string()).value();
    EXPECT_EQ(line.at("kind"), kind);
    EXPECT_EQ(std::string(line.at("number").as_string()), kNumber);
  }
  json::value hook;
  for (int i = 0; i < 100 && (i == 0 || hook.at("behind") != 0); ++i) {
    const Ran status = run_flikvakt({"status", "--data", path("data"), "--json"});
    ASSERT_EQ(status.exit_code, 0) << status.err;
    hook = status.json().at("notice_hook");
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  EXPECT_EQ(hook, (json::object{{"on", true}, {"behind", 0}}));
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(server_->stop(), 0) << log_text();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(8));
  EXPECT_THAT(log_text(), Not(HasSubstr(std::string(kNumber))));
}

}  // namespace
}  // namespace flikvakt::admin
