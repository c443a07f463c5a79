#include "partition/scanner.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "base/files.h"

namespace flikvakt::partition {
namespace {

using ScanClock = std::chrono::steady_clock;

constexpr std::size_t kPieceOfStream = 64 << 10;
constexpr std::size_t kLongestReply = 4096;

Error no_word(const std::string& why) { return {ErrorCode::unavailable, "asking the malware scanner: " + why}; }

std::string cause() { return std::strerror(errno); }

Result<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  const bool is_port = error == std::errc() && end == text.data() + text.size() && port != 0;
  if (!is_port) return fail(ErrorCode::invalid, "a scanner's address: expected a port from 1 to 65535");
  return port;
}

// One question: until the deadline, and never a signal.
class Conversation {
public:
  Conversation(FileDescriptor socket, ScanClock::time_point deadline, const std::atomic<bool>* stop)
      : socket_(std::move(socket)), deadline_(deadline), stop_(stop) {}

  Result<void> connect_to(const sockaddr* address, socklen_t size) {
    if (connect(socket_.get(), address, size) == 0) return {};
    if (errno != EINPROGRESS) return no_word("connecting: " + cause());
    TRY_VOID(wait(POLLOUT));
    int error = 0;
    socklen_t length = sizeof error;
    getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &length);
    if (error != 0) return no_word(std::string("connecting: ") + std::strerror(error));
    return {};
  }

  Result<void> say(BytesView bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent >= 0) {
        bytes = bytes.subspan(static_cast<std::size_t>(sent));
      } else if (errno == EAGAIN) {
        TRY_VOID(wait(POLLOUT));
      } else if (errno != EINTR) {
        return no_word("sending: " + cause());
      }
    }
    return {};
  }

  // Up to the zero byte that ends it.
  Result<std::string> hear() {
    std::string out;
    for (;;) {
      char piece[512];
      const ssize_t got = recv(socket_.get(), piece, sizeof piece, 0);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0 && errno == EAGAIN) {
        TRY_VOID(wait(POLLIN));
        continue;
      }
      if (got < 0) return no_word("receiving: " + cause());
      if (got == 0) return no_word("it hung up");
      out.append(piece, static_cast<std::size_t>(got));
      const std::size_t end = out.find('\0');
      if (end != std::string::npos) return out.substr(0, end);
      if (out.size() > kLongestReply) return no_word("it says too much");
    }
  }

private:
  Result<void> wait(short what) {
    for (;;) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - ScanClock::now());
      if (left.count() <= 0) return no_word("it took too long");
      if (stop_ && *stop_) return no_word("the gateway stops");
      pollfd polled{socket_.get(), what, 0};
      const int ready = poll(&polled, 1, static_cast<int>(std::min<std::int64_t>(left.count() + 1, kLookAtStop)));
      if (ready > 0) return {};
      if (ready < 0 && errno != EINTR) return no_word("waiting: " + cause());
    }
  }

  static constexpr std::int64_t kLookAtStop = 500;  // milliseconds
  FileDescriptor socket_;
  const ScanClock::time_point deadline_;
  const std::atomic<bool>* const stop_;
};

// The whole stream in pieces, each behind its length, and an empty one at the end.
Result<void> send_stream(Conversation& with, BytesView file) {
  static constexpr std::string_view kCommand("zINSTREAM\0", 10);
  TRY_VOID(with.say(as_bytes(kCommand)));
  while (!file.empty()) {
    const BytesView piece = file.first(std::min(kPieceOfStream, file.size()));
    const Bytes length = std::move(ByteWriter().u32(static_cast<std::uint32_t>(piece.size()))).take();
    TRY_VOID(with.say(length));
    TRY_VOID(with.say(piece));
    file = file.subspan(piece.size());
  }
  return with.say(std::move(ByteWriter().u32(0)).take());
}

Result<Scanner::Verdict> read_verdict(std::string_view reply) {
  constexpr std::string_view kStream = "stream: ", kFound = " FOUND";
  if (reply == "stream: OK") return Scanner::Verdict{};
  // It has seen its limit of the file, and says nothing of the rest. In clamd's words, behind no "stream: ".
  if (reply == "INSTREAM size limit exceeded. ERROR") return Scanner::Verdict{{}, true};
  if (reply.starts_with(kStream) && reply.ends_with(kFound) && reply.size() > kStream.size() + kFound.size()) {
    const std::string_view name = reply.substr(kStream.size(), reply.size() - kStream.size() - kFound.size());
    return Scanner::Verdict{std::string(name), false};
  }
  return no_word("it says `" + std::string(reply.substr(0, 100)) + "`");
}

}  // namespace

// SPEC PART-71
Result<Scanner> Scanner::at(const std::string& address) {
  Scanner out;
  if (address.starts_with('/')) {
    if (address.size() >= sizeof(sockaddr_un::sun_path)) {
      return fail(ErrorCode::invalid, "a scanner's address: the path is too long for a socket");
    }
    out.path_ = address;
    return out;
  }
  constexpr std::string_view kV4 = "127.0.0.1:", kV6 = "[::1]:";
  out.is_v6_ = address.starts_with(kV6);
  if (!out.is_v6_ && !address.starts_with(kV4)) {
    return fail(ErrorCode::invalid, "a scanner's address: expected the path of a socket, 127.0.0.1:PORT or [::1]:PORT");
  }
  out.port_ = TRY(parse_port(std::string_view(address).substr(out.is_v6_ ? kV6.size() : kV4.size())));
  return out;
}

// SPEC PART-70, PART-72
Result<Scanner::Verdict> Scanner::scan(BytesView file, std::chrono::milliseconds most_wall,
                                       const std::atomic<bool>* stop) const {
  const int family = !path_.empty() ? AF_UNIX : is_v6_ ? AF_INET6 : AF_INET;
  FileDescriptor socket(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (socket.get() < 0) return no_word("making a socket: " + cause());
  Conversation with(std::move(socket), ScanClock::now() + most_wall, stop);
  if (family == AF_UNIX) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::ranges::copy(path_, address.sun_path);
    TRY_VOID(with.connect_to(reinterpret_cast<const sockaddr*>(&address), sizeof address));
  } else if (is_v6_) {
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_addr = in6addr_loopback;
    address.sin6_port = htons(port_);
    TRY_VOID(with.connect_to(reinterpret_cast<const sockaddr*>(&address), sizeof address));
  } else {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port_);
    TRY_VOID(with.connect_to(reinterpret_cast<const sockaddr*>(&address), sizeof address));
  }
  const Result<void> sent = send_stream(with, file);
  // One that has seen enough (its own size limit) answers and hangs up while we still send: its word is the better one.
  Result<std::string> reply = with.hear();
  if (!reply) return sent ? reply.error() : sent.error();
  Scanner::Verdict verdict = TRY(read_verdict(*reply));
  // "Clean" counts of what it was sent, and that is not all of the file.
  if (!sent && !verdict.found && !verdict.is_too_large) return sent.error();
  return verdict;
}

}  // namespace flikvakt::partition
