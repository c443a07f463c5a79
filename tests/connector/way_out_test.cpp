// How far a question gets on its way out, and what is said when it gets no further. spec/connector.md
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <regex>
#include <thread>
#include <variant>

#include "base/files.h"
#include "connector/doctor.h"
#include "connector/siem_stream.h"
#include "tests/connector/scratch.h"

namespace flikvakt::connector {
namespace {

using namespace std::chrono_literals;

// Takes connections, and says nothing: what a firewall that drops packets looks like from here, one layer further on.
class Silent {
public:
  explicit Silent(bool listens = true) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    if (listens) {
      EXPECT_EQ(::listen(socket_, 8), 0);
    }
    EXPECT_EQ(::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &length), 0);
    port_ = ntohs(address.sin_port);
  }
  ~Silent() { ::close(socket_); }
  Silent(const Silent&) = delete;
  Silent& operator=(const Silent&) = delete;
  std::string at() const { return "127.0.0.1:" + std::to_string(port_); }
  int socket() const { return socket_; }

private:
  int socket_;
  std::uint16_t port_ = 0;
};

// A proxy that wants a login, as it is asked: what it answers to the first CONNECT and to the next ones ("": nothing,
// and it keeps the line; "-": it closes; "!": it resets).
class LoginProxy {
public:
  LoginProxy(std::string first, std::string next) : thread_([this, first, next] { serve(first, next); }) {}
  ~LoginProxy() {
    ending_ = true;
    thread_.join();
  }
  std::string at() const { return "http://" + listener_.at(); }
  std::vector<std::string> heard() {
    const std::lock_guard lock(mutex_);
    return heard_;
  }

private:
  void serve(const std::string& first, const std::string& next) {
    std::vector<int> kept;
    while (!ending_) {
      pollfd waiting{listener_.socket(), POLLIN, 0};
      if (::poll(&waiting, 1, 20) != 1) continue;
      const int peer = ::accept(listener_.socket(), nullptr, nullptr);
      kept.push_back(peer);
      while (const std::string* const answer = next_answer(peer, first, next)) {
        if (*answer == "-" || *answer == "!") {
          const linger at_once{1, 0};
          if (*answer == "!") ::setsockopt(peer, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
          ::close(peer);
          kept.pop_back();
          break;
        }
        if (answer->empty()) break;
        EXPECT_EQ(::send(peer, answer->data(), answer->size(), MSG_NOSIGNAL), static_cast<ssize_t>(answer->size()));
      }
    }
    for (const int peer : kept) ::close(peer);
  }
  const std::string* next_answer(int peer, const std::string& first, const std::string& next) {
    std::string head;
    char some[2048];
    while (!head.ends_with("\r\n\r\n")) {
      const ssize_t count = ::read(peer, some, sizeof some);
      if (count <= 0) return nullptr;
      head.append(some, static_cast<std::size_t>(count));
    }
    const std::lock_guard lock(mutex_);
    heard_.push_back(head);
    return heard_.size() == 1 ? &first : &next;
  }

  const Silent listener_;
  std::atomic<bool> ending_ = false;
  std::mutex mutex_;
  std::vector<std::string> heard_;
  std::thread thread_;
};

std::string wants(const std::string& login) {
  return "HTTP/1.1 407 No\r\nProxy-Authenticate: " + login + "\r\nContent-Length: 0\r\n\r\n";
}

Config config_with(const std::string& gateway, const std::string& proxy) {
  return parse_config(
             "gateway = \"" + gateway + "\"\nstate = \"/nowhere/state\"\n[proxy]\naddress = \"" + proxy + "\"\n",
             "/etc/c.toml")
      .value();
}

TransportFailure failure_of(const Config& config) {
  Transport transport(config, Trust::of_sealed());
  const auto answer = transport.send({"GET", config.gateway + "/", {}, {}, std::chrono::milliseconds(400)});
  EXPECT_FALSE(answer.has_value());
  return answer ? TransportFailure{} : answer.error();
}

TEST(WayOut, SilenceIsNamedByTheLayerThatWasReached) {  // SPEC CONN-70, CONN-75
  const Silent silent, closed(false);
  const TransportFailure handshake = failure_of(config_with("https://" + silent.at(), "none"));
  EXPECT_EQ(handshake.layer, Layer::handshake) << handshake.message;
  EXPECT_TRUE(handshake.is_timeout);
  EXPECT_EQ(trouble_of(handshake).exit, ExitCode::unavailable);
  EXPECT_EQ(failure_of(config_with("https://" + closed.at(), "none")).layer, Layer::route);
  const TransportFailure proxy = failure_of(config_with("https://portal.example", "http://" + silent.at()));
  EXPECT_EQ(proxy.layer, Layer::proxy) << proxy.message;
  EXPECT_EQ(proxy.proxy, "http://" + silent.at());
  EXPECT_EQ(trouble_of(proxy).exit, ExitCode::proxy_refuses);
  EXPECT_EQ(failure_of(config_with("https://portal.example", "http://" + closed.at())).layer, Layer::proxy);
}

class LoginsOf : public testing::Test {
protected:
  // A proxy that wants a login: what comes of a question through it, with "user:password" as `auth` says.
  TransportFailure failure_at(const LoginProxy& proxy, const std::string& auth, std::chrono::milliseconds patience = 5s,
                              const std::string& login = "u:secret") {
    const Folder folder;
    EXPECT_TRUE(write_new_file(folder.path() / "login", as_bytes(login)).has_value());
    config_ =
        parse_config("gateway = \"https://portal.example\"\nstate = \"s\"\n[proxy]\naddress = \"" + proxy.at() +
                         "\"\nauth = \"" + auth + "\"\nlogin_file = \"" + (folder.path() / "login").string() + "\"\n",
                     "/etc/c.toml")
            .value();
    Transport transport(*config_, Trust::of_sealed(), nullptr, &password_);
    const auto answer = transport.send({"GET", config_->gateway + "/", {}, {}, patience});
    EXPECT_FALSE(answer.has_value());
    return answer ? TransportFailure{} : answer.error();
  }
  std::variant<ShownPassword::Leave, ShownPassword::NotNow> ask() {
    return password_.ask(std::chrono::steady_clock::now());
  }
  bool is_held_back() {
    const auto answer = ask();
    if (const auto* leave = std::get_if<ShownPassword::Leave>(&answer)) password_.note_unheard(*leave);
    const auto* why = std::get_if<ShownPassword::NotNow>(&answer);
    return why != nullptr && *why == ShownPassword::NotNow::refused_lately;
  }

  ShownPassword password_;
  std::optional<Config> config_;
};

TEST_F(LoginsOf, OneThatIsNotTakenIsHeldBack) {  // SPEC CONN-78, CONN-79
  LoginProxy proxy(wants("Negotiate, Basic realm=\"x\""), wants("Basic realm=\"x\""));
  const TransportFailure why = failure_at(proxy, "any");
  EXPECT_EQ(why.layer, Layer::proxy_login) << why.message;
  EXPECT_EQ(why.logins, (std::vector<std::string>{"Negotiate", "Basic"}));
  EXPECT_TRUE(is_held_back());
  const std::size_t asked = proxy.heard().size();
  EXPECT_EQ(failure_at(proxy, "any").layer, Layer::proxy_login);
  EXPECT_EQ(proxy.heard().size(), asked) << "nobody was asked";
}

TEST_F(LoginsOf, AFieldThatGoesOnIsNoFieldOfItsOwn) {
  LoginProxy proxy(wants("Basic realm=\"x\"\r\nVia: a\r\n Proxy-Authenticate: NTLM\r\n\tProxy-Authenticate: Digest"),
                   wants("Basic realm=\"x\""));
  EXPECT_EQ(failure_at(proxy, "any").logins, (std::vector<std::string>{"Basic"}));
}

TEST_F(LoginsOf, SilenceAfterOneIsTheProxysAndNoRefusal) {  // SPEC CONN-75, CONN-79
  for (const char* next : {"", "-", "!"}) {
    LoginProxy proxy(wants("Basic realm=\"x\""), next);
    const TransportFailure why = failure_at(proxy, "any", 800ms);
    EXPECT_EQ(why.layer, Layer::proxy) << why.message;
    EXPECT_GE(proxy.heard().size(), 2u) << "it was shown";
    EXPECT_FALSE(is_held_back()) << next;
  }
}

TEST_F(LoginsOf, TheStrongestWithAPasswordIsTaken) {  // SPEC CONN-77
  const std::string all = wants("Basic realm=\"x\"\r\nProxy-Authenticate: Digest realm=\"x\", nonce=\"1\"");
  LoginProxy digest(all, all);
  failure_at(digest, "any");
  ASSERT_GE(digest.heard().size(), 2u);
  for (const std::string& head : digest.heard()) EXPECT_EQ(head.find("Proxy-Authorization: Basic"), head.npos);
  EXPECT_NE(digest.heard().at(1).find("Proxy-Authorization: Digest"), std::string::npos);
}

TEST_F(LoginsOf, NoneIsWeakerThanWhatIsSet) {  // SPEC CONN-77
  LoginProxy basic(wants("Basic realm=\"x\""), wants("Basic realm=\"x\""));
  EXPECT_EQ(failure_at(basic, "ntlm").layer, Layer::proxy_login);
  ASSERT_FALSE(basic.heard().empty());
  for (const std::string& head : basic.heard()) EXPECT_EQ(head.find("Proxy-Authorization: Basic"), head.npos);
  EXPECT_FALSE(is_held_back()) << "it was shown to nobody";
}

TEST_F(LoginsOf, OneThatAsksForItForEverIsShownItThriceAtMost) {  // SPEC CONN-79
  const std::string stale = wants("Digest realm=\"x\", nonce=\"1\", stale=true");
  LoginProxy proxy(stale, stale);
  const TransportFailure why = failure_at(proxy, "any");
  EXPECT_EQ(why.layer, Layer::proxy_login) << why.message;
  EXPECT_LE(proxy.heard().size(), 4u);
  EXPECT_TRUE(is_held_back());
}

TEST_F(LoginsOf, OneThatWasTakenIsSoWhateverComesThen) {  // SPEC CONN-79
  LoginProxy proxy("HTTP/1.1 200 OK\r\n\r\n", "-");
  EXPECT_EQ(failure_at(proxy, "basic", 800ms).layer, Layer::handshake);
  const auto one = ask(), other = ask();
  EXPECT_TRUE(std::holds_alternative<ShownPassword::Leave>(one) && std::holds_alternative<ShownPassword::Leave>(other));
}

TEST_F(LoginsOf, WhoeverIsNotAloneWaitsAndIsToldOtherwise) {  // SPEC CONN-79
  LoginProxy proxy(wants("Basic realm=\"x\""), wants("Basic realm=\"x\""));
  const auto held = ask();
  EXPECT_EQ(failure_at(proxy, "any").layer, Layer::proxy) << "nothing was refused";
  EXPECT_TRUE(proxy.heard().empty());
  password_.note_taken(std::get<ShownPassword::Leave>(held));
  EXPECT_EQ(failure_at(proxy, "any").layer, Layer::proxy_login);
}

// SPEC CONN-77
TEST_F(LoginsOf, AChallengeThatWouldGiveThePasswordAwayIsNotAnswered) {
  Bytes message(48, 0);
  const std::string_view head("NTLMSSP\0\2", 9);
  std::copy(head.begin(), head.end(), message.begin());
  message[20] = 0x01, message[21] = 0x02;  // Unicode, NTLM: no target information
  const std::string challenge = wants("NTLM " + to_base64(message));
  LoginProxy proxy(challenge, challenge);
  const TransportFailure why = failure_at(proxy, "ntlm");
  EXPECT_EQ(why.layer, Layer::proxy_login) << why.message;
  EXPECT_TRUE(why.is_ntlm1_asked) << why.message;
  for (const std::string& one : proxy.heard()) EXPECT_EQ(one.find("TlRMTVNTUAAD"), one.npos) << "an answer, type 3";
}

TEST(WayOut, ACertificateThatIsTheGatewaysAndNotValidNowIsAClocksFault) {  // SPEC CONN-74
  EXPECT_EQ(trouble_of({Layer::certificate_time, "it has ended", {}, 0, false}).exit, ExitCode::clock);
  EXPECT_EQ(trouble_of({Layer::tls, "another", {}, 0, false}).exit, ExitCode::not_the_gateway);
}

const Finding& finding(const Diagnosis& diagnosis, std::string_view layer) {
  return *std::ranges::find(diagnosis.findings, layer, &Finding::layer);
}

TEST(Doctor, CallsNothingPassedThatNobodyAnswered) {  // SPEC CONN-72, CONN-75
  const Silent silent;
  const Diagnosis proxy = diagnose(config_with("https://portal.example", "http://" + silent.at()));
  EXPECT_EQ(proxy.exit, ExitCode::proxy_refuses);
  EXPECT_EQ(finding(proxy, "proxy").health, Health::failed);
  EXPECT_NE(finding(proxy, "proxy").swedish.find(silent.at()), std::string::npos) << "which one";
  for (const char* layer : {"route", "tls", "inspection", "authorisation"})
    EXPECT_EQ(finding(proxy, layer).health, Health::skipped) << layer;
  const Diagnosis handshake = diagnose(config_with("https://" + silent.at(), "none"));
  EXPECT_EQ(handshake.exit, ExitCode::unavailable);
  EXPECT_EQ(finding(handshake, "route").health, Health::well);
  EXPECT_EQ(finding(handshake, "tls").health, Health::failed);
  EXPECT_EQ(finding(handshake, "inspection").health, Health::skipped);
}

class Environment : public testing::Test {
protected:
  Environment() { clear(); }
  ~Environment() override { clear(); }
  static void clear() {
    for (const char* name : {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"})
      ::unsetenv(name);
  }
  static ProxyInUse of(std::string_view host, const std::string& more = "") {
    const Config config =
        parse_config("gateway = \"https://portal.example\"\nstate = \"s\"\n" + more, "/etc/c.toml").value();
    return proxy_for(config, host);
  }
};

TEST_F(Environment, NamesTheProxyWhereTheConfigurationDoesNot) {  // SPEC CONN-2, CONN-72
  EXPECT_EQ(of("portal.example").address, "");
  ::setenv("HTTPS_PROXY", "http://region:hemligt@proxy.example:3128", 1);
  EXPECT_EQ(of("portal.example").address, "http://proxy.example:3128") << "never its login";
  EXPECT_TRUE(of("portal.example").is_of_environment);
  EXPECT_TRUE(of("portal.example").has_login);
  EXPECT_EQ(of("portal.example", "[proxy]\naddress = \"none\"\n").address, "");
  EXPECT_EQ(of("portal.example", "[proxy]\naddress = \"http://other.example:80\"\n").address,
            "http://other.example:80");
  ::setenv("NO_PROXY", "other.example, .Portal.example", 1);
  EXPECT_EQ(of("portal.example").address, "");
  EXPECT_EQ(of("api.portal.example").address, "");
  EXPECT_EQ(of("xportal.example").address, "http://proxy.example:3128");
  ::setenv("NO_PROXY", "*", 1);
  EXPECT_EQ(of("xportal.example").address, "");
}

TEST_F(Environment, ATicketIsALogin) {  // SPEC CONN-72, CONN-77
  EXPECT_FALSE(of("portal.example", "[proxy]\naddress = \"http://proxy.example:80\"\n").has_login);
  EXPECT_TRUE(of("portal.example", "[proxy]\naddress = \"http://proxy.example:80\"\nauth = \"negotiate\"\n").has_login);
  EXPECT_FALSE(of("portal.example", "[proxy]\nauth = \"negotiate\"\n").has_login) << "there is no proxy";
  ::setenv("HTTPS_PROXY", "http://proxy.example:3128", 1);
  EXPECT_TRUE(of("portal.example", "[proxy]\nauth = \"negotiate\"\n").has_login);
  EXPECT_FALSE(of("portal.example").has_login);
}

// What passes is sealed where roots of a proxy are trusted, and many such proxies have TLS 1.2 alone.
TEST(Trust, TakesOlderTlsOnlyOfWhatSeesSealedMessages) {  // SPEC CONN-3
  const std::string pem = "-----BEGIN CERTIFICATE-----\n";
  EXPECT_FALSE(Trust::of_roots(pem)->takes_older_tls());
  EXPECT_TRUE(Trust::of_sealed().takes_older_tls());
  Config config = config_with("https://portal.example", "none");
  config.ca_bundle_pem = pem;
  EXPECT_TRUE(trust_of_sealed(config).takes_older_tls());
  EXPECT_EQ(trust_of_sealed(config).roots(), pem);
}

TEST(Config, TheExampleIsRightInItsCommentsToo) {  // SPEC CONN-70
  const std::string text = std::regex_replace("\n" + example_config(), std::regex("\n# (?=\\[|[a-z_]+ = )"), "\n");
  const Outcome<Config> config = parse_config(text, "/etc/c.toml");
  ASSERT_TRUE(config.has_value()) << config.error().message;
  EXPECT_EQ(config->siem.interval, std::chrono::seconds(300));
  EXPECT_EQ(config->folder.path, "/srv/flikvakt-deposit");
  EXPECT_FALSE(config->answer.program.empty());
}

TEST(SiemLines, OfAnotherLogDoNotCount) {  // SPEC CONN-64
  const auto file = std::filesystem::temp_directory_path() / ("flikvakt-lines-" + to_hex(crypto::random_bytes<8>()));
  std::ofstream(file) << R"({"entry":5,"log":"a"})"
                      << "\n"
                      << R"({"entry":3,"log":"b"})"
                      << "\n";
  EXPECT_EQ(last_entry_in(file, "a"), 5u);
  EXPECT_EQ(last_entry_in(file, "b"), 3u);
  EXPECT_EQ(last_entry_in(file), 3u);
  EXPECT_FALSE(last_entry_in(file, "c"));
  std::filesystem::remove(file);
}

TEST(Syslog, SaysWhoseLogAndWhichLogItIs) {  // SPEC CONN-60, CONN-64
  const json::object act{
      {"entry", 7}, {"time", "2026-11-22T08:00:00.000Z"}, {"kind", "seal_deposit"}, {"log", "a/log"}};
  const std::string frame = syslog_frame(act, "host", "0123");
  EXPECT_NE(frame.find("organisation=\"0123\""), std::string::npos);
  EXPECT_NE(frame.find("log=\"a/log\""), std::string::npos);
}

}  // namespace
}  // namespace flikvakt::connector
