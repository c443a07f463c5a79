// The witness over HTTP: the statuses and bodies of C2SP tlog-witness, on loopback without TLS and elsewhere with it.
#include "witness/server.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include "base/json.h"
#include "certs/dev_pki.h"
#include "crypto/tls_client.h"
#include "tests/witness/scratch.h"

namespace flikvakt::witness {
namespace {

struct Reply {
  unsigned status = 0;
  std::string head;
  std::string body;
  bool has(std::string_view line) const { return head.find(std::string(line) + "\r\n") != std::string::npos; }
};

Reply parse(const std::string& text) {
  const std::size_t end = text.find("\r\n\r\n");
  if (end == text.npos) return {};
  return {static_cast<unsigned>(std::stoul(text.substr(9, 3))), text.substr(0, end + 2), text.substr(end + 4)};
}

std::string request(std::string_view method, std::string_view path, std::string_view body) {
  std::string out = std::string(method) + " " + std::string(path) + " HTTP/1.1\r\nHost: w\r\nConnection: close\r\n";
  if (method == "POST") out += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  return out + "\r\n" + std::string(body);
}

Reply exchange(std::uint16_t port, const std::string& text) {
  const FileDescriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(::send(socket.get(), text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
  std::string out;
  char chunk[4096];
  for (ssize_t got = 0; (got = ::recv(socket.get(), chunk, sizeof chunk, 0)) > 0;)
    out.append(chunk, static_cast<std::size_t>(got));
  return parse(out);
}

class WitnessOverHttp : public WitnessWorld {
protected:
  void serve(WitnessServer::Options options = {"127.0.0.1:0", {}, {}}) {
    begin();
    server_ = WitnessServer::open(*witness_, options).value();
    server_->start();
  }
  void TearDown() override {
    if (server_) server_->stop(std::chrono::milliseconds(0));
  }
  Reply post(std::string_view body) { return exchange(server_->port(), request("POST", "/add-checkpoint", body)); }
  Reply post(const audit::AddCheckpoint& asked) { return post(audit::write_add_checkpoint(asked)); }
  Reply health() { return exchange(server_->port(), request("GET", "/health", "")); }

  std::unique_ptr<WitnessServer> server_;
};

TEST_F(WitnessOverHttp, AnswersWithTheCosignature) {  // SPEC WIT-9
  serve();
  const Reply reply = post(log_.request(0, 57));
  ASSERT_EQ(reply.status, 200u) << reply.body;
  EXPECT_TRUE(reply.has("Cache-Control: no-store")) << reply.head;
  EXPECT_EQ(cosigned({Answer::Kind::cosigned, reply.body, 57}, 57), clock_.now);
  const std::vector known = {signer_.verifier()};
  const auto opened = audit::open_cosigned(log_.note(57) + reply.body, log_.keys(), known);
  ASSERT_TRUE(opened) << "as C2SP says: the answer behind the checkpoint is a note";
  EXPECT_EQ(opened->by, (std::vector<audit::Cosignature>{{"witness.example/w1", clock_.now}}));
}

TEST_F(WitnessOverHttp, RefusesWithTheStatusesOfC2sp) {  // SPEC WIT-2, WIT-4, WIT-5, WIT-6, WIT-7, WIT-8
  serve();
  ASSERT_EQ(post(log_.request(0, 200)).status, 200u);
  audit::SampleLog other("example.org/other"), stranger;
  other.grow_to(5);
  stranger.grow_to(300);
  EXPECT_EQ(post("rubbish").status, 400u);
  EXPECT_EQ(post("").status, 400u);
  EXPECT_EQ(post(std::string(64 * 1024, 'a')).status, 400u);
  EXPECT_EQ(post(std::string(64 * 1024 + 1, 'a')).status, 413u);
  EXPECT_EQ(post(other.request(0, 5)).status, 404u);
  EXPECT_EQ(post({200, {}, stranger.note(300)}).status, 403u);
  EXPECT_EQ(post({200, {}, log_.note(100)}).status, 400u);
  const Reply conflict = post(log_.request(100, 300));
  EXPECT_EQ(conflict.status, 409u);
  EXPECT_TRUE(conflict.has("Content-Type: text/x.tlog.size")) << conflict.head;
  EXPECT_EQ(conflict.body, "200\n");
  audit::AddCheckpoint unproven = log_.request(200, 300);
  unproven.proof.clear();
  EXPECT_EQ(post(unproven).status, 422u);
  EXPECT_EQ(exchange(server_->port(), request("GET", "/add-checkpoint", "")).status, 405u);
  EXPECT_EQ(exchange(server_->port(), request("POST", "/other", "")).status, 404u);
  EXPECT_EQ(post(log_.request(200, 300)).status, 200u);
}

TEST_F(WitnessOverHttp, AForkShowsInAnswersAndHealth) {  // SPEC WIT-10, WIT-14
  serve();
  ASSERT_EQ(post(log_.request(0, 200)).status, 200u);
  EXPECT_EQ(health().status, 200u);
  const Reply forked = post({200, {}, log_.note_of(fork_.checkpoint(200))});
  EXPECT_EQ(forked.status, 409u);
  EXPECT_EQ(forked.body, "200\n");
  const Reply after = post(log_.request(200, 300));
  EXPECT_EQ(after.status, 403u);
  EXPECT_EQ(parse_json(after.body)->at("type"), "https://flikvakt.se/problem/log-stopped");
  EXPECT_EQ(parse_json(after.body)->at("checkpoints"),  // SPEC WIT-16
            (json::array{json::string(log_.note(200)), json::string(log_.note_of(fork_.checkpoint(200)))}));
  const Reply ill = health();
  EXPECT_EQ(ill.status, 503u);
  EXPECT_EQ(ill.body, R"({"status":"fail","logs":[{"origin":"example.org/log","size":200,"stopped":true}]})");
}

TEST_F(WitnessOverHttp, WithoutTlsOnLoopbackOnly) {  // SPEC HTTP-48
  begin();
  EXPECT_EQ(WitnessServer::open(*witness_, {"0.0.0.0:0", {}, {}}).error().code, ErrorCode::invalid);
}

TEST_F(WitnessOverHttp, SpeaksTlsWithACertificate) {
  const ScratchFolder folder;
  const UtcTime now = SystemClock().wall();
  const certs::DevPki pki = certs::DevPki::create(folder.path() / "pki", now).value();
  const std::vector<std::string> names = {"localhost"};
  const certs::IssuedIdentity identity = pki.issue_server("witness", names, now).value();
  serve({"127.0.0.1:0", identity.certificate, identity.key});
  crypto::TlsClientOptions options;
  options.host = "127.0.0.1";
  options.port = server_->port();
  options.server_name = "localhost";
  options.trusted_ca_pem = std::string(as_text(read_file(pki.ca_path(), 1 << 20).value()));
  crypto::TlsClient client = crypto::TlsClient::connect(options).value();
  ASSERT_TRUE(
      client.write_all(as_bytes(request("POST", "/add-checkpoint", audit::write_add_checkpoint(log_.request(0, 57))))));
  std::string out;
  Bytes chunk(4096);
  for (;;) {
    const Result<std::size_t> got = client.read_some(chunk);
    if (!got || *got == 0) break;
    out += as_text(BytesView(chunk).first(*got));
  }
  EXPECT_EQ(parse(out).status, 200u) << out;
}

}  // namespace
}  // namespace flikvakt::witness
