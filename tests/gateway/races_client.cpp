#include "tests/gateway/races_client.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace flikvakt::gateway::test {

using namespace std::chrono_literals;

namespace {

void never_block(int descriptor) { ::fcntl(descriptor, F_SETFL, ::fcntl(descriptor, F_GETFL) | O_NONBLOCK); }

}  // namespace

RaceClient::RaceClient(std::uint16_t port, const std::string& ca_pem,
                       const std::optional<crypto::ClientIdentity>& identity) {
  crypto::TlsClientOptions options;
  options.host = "127.0.0.1";
  options.port = port;
  options.server_name = "localhost";
  options.trusted_ca_pem = ca_pem;
  options.identity = identity;
  options.timeout = 60s;
  tls_.emplace(crypto::TlsClient::connect(options).value());
  never_block(descriptor());
  sends_ = &sends_to_client(descriptor());
}

RaceClient::RaceClient(const std::string& unix_socket, std::size_t number)
    : unix_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)), sends_(&sends_to_unix_client(number)) {
  bind_unix_client(unix_, number);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::copy_n(unix_socket.data(), unix_socket.size(), address.sun_path);
  if (::connect(unix_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) std::abort();
  never_block(unix_);
}

RaceClient::~RaceClient() {
  if (unix_ >= 0) ::close(unix_);
}

int RaceClient::descriptor() const { return tls_ ? tls_->descriptor() : unix_; }

void RaceClient::ask(const std::string& request, BytesView truth, std::size_t offset) {
  state_ = State::waiting;
  head_.clear();
  text_.clear();
  truth_ = truth;
  offset_ = offset;
  status_ = 0;
  body_length_ = body_bytes_ = 0;
  is_true_ = true;
  has_more_ = false;
  const bool sent =
      tls_ ? tls_->write_all(as_bytes(request)).has_value()
           : ::send(unix_, request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size());
  if (!sent) state_ = State::ended;
}

RaceClient::Got RaceClient::receive(std::span<std::uint8_t> into, std::size_t& count) {
  if (tls_) {
    const Result<std::size_t> got = tls_->read_some(into);
    if (!got) return got.error().code == ErrorCode::expired ? Got::nothing : Got::end;
    count = *got;
    return count > 0 ? Got::bytes : Got::end;
  }
  const ssize_t got = ::recv(unix_, into.data(), into.size(), 0);
  if (got < 0) return errno == EAGAIN ? Got::nothing : Got::end;
  count = static_cast<std::size_t>(got);
  return count > 0 ? Got::bytes : Got::end;
}

bool RaceClient::read(std::size_t most) {
  ByteArray<16384> piece;
  std::size_t total = 0;
  while (state_ == State::waiting && total < most) {
    std::size_t count = 0;
    const Got got = receive(piece, count);
    has_more_ = got == Got::bytes;
    if (got == Got::nothing) break;
    if (got == Got::end) state_ = State::ended;
    take(BytesView(piece).first(count));
    total += count;
  }
  return total > 0 || state_ != State::waiting;
}

void RaceClient::take(BytesView bytes) {
  if (status_ == 0) {
    head_.append(as_text(bytes));
    const std::size_t end = head_.find("\r\n\r\n");
    if (end == std::string::npos) return;
    const std::string rest = head_.substr(end + 4);
    head_.erase(end + 4);
    take_head();
    return take(as_bytes(rest));
  }
  if (is_served() && !truth_.empty()) {
    const std::size_t at = offset_ + body_bytes_;
    const bool fits = at + bytes.size() <= truth_.size();
    is_true_ = is_true_ && fits && std::memcmp(truth_.data() + at, bytes.data(), bytes.size()) == 0;
  } else {
    text_.append(as_text(bytes));
  }
  body_bytes_ += bytes.size();
  if (body_bytes_ >= body_length_ && state_ == State::waiting) state_ = State::whole;
  is_true_ = is_true_ && body_bytes_ <= body_length_;
}

void RaceClient::take_head() {
  std::from_chars(head_.data() + 9, head_.data() + 12, status_);
  const std::string length = field("Content-Length");
  std::from_chars(length.data(), length.data() + length.size(), body_length_);
}

std::string RaceClient::field(std::string_view name) const {
  const std::string begin = "\r\n" + std::string(name) + ": ";
  const std::size_t at = head_.find(begin);
  if (at == std::string::npos) return {};
  const std::size_t from = at + begin.size();
  return head_.substr(from, head_.find("\r\n", from) - from);
}

bool RaceClient::is_dead() const {
  char byte = 0;
  return state_ == State::ended || ::recv(descriptor(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 || errno != EAGAIN;
}

}  // namespace flikvakt::gateway::test
