#include "admin/byte_stream.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/files.h"

namespace flikvakt::admin {
namespace {

class TlsByteStream final : public ByteStream {
public:
  explicit TlsByteStream(crypto::TlsClient client) : client_(std::move(client)) {}
  Result<void> write_all(BytesView data) override { return client_.write_all(data); }
  Result<std::size_t> read_some(std::span<std::uint8_t> out) override { return client_.read_some(out); }
  Result<Bytes> export_keying_material(std::string_view label, std::size_t length) const override {
    return client_.export_keying_material(label, length);
  }

private:
  crypto::TlsClient client_;
};

Error socket_error(std::string_view doing) {
  if (errno == EAGAIN || errno == EWOULDBLOCK)
    return fail(ErrorCode::expired, std::string(doing) + ": no answer in time");
  return fail(ErrorCode::io, std::string(doing) + ": " + std::strerror(errno));
}

class PlainByteStream final : public ByteStream {
public:
  explicit PlainByteStream(FileDescriptor socket, Cancellation* cancellation = nullptr)
      : socket_(std::move(socket)), watch_(cancellation, socket_.get()) {}

  Result<void> write_all(BytesView data) override {
    while (!data.empty()) {
      const ssize_t sent = ::send(socket_.get(), data.data(), data.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent < 0) return socket_error("writing to the socket");
      data = data.subspan(static_cast<std::size_t>(sent));
    }
    return {};
  }

  Result<std::size_t> read_some(std::span<std::uint8_t> out) override {
    for (;;) {
      const ssize_t got = ::recv(socket_.get(), out.data(), out.size(), 0);
      if (got >= 0) return static_cast<std::size_t>(got);
      if (errno != EINTR) return socket_error("reading from the socket");
    }
  }

  Result<Bytes> export_keying_material(std::string_view, std::size_t) const override {
    return fail(ErrorCode::unavailable, "there is no TLS to export from");
  }

private:
  FileDescriptor socket_;
  Cancellation::Watch watch_;  // goes first
};

void set_timeouts(int socket, std::chrono::milliseconds timeout) {
  timeval value{};
  value.tv_sec = static_cast<time_t>(timeout.count() / 1000);
  value.tv_usec = static_cast<suseconds_t>(timeout.count() % 1000 * 1000);
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &value, sizeof value);
  ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &value, sizeof value);
}

}  // namespace

Result<std::unique_ptr<ByteStream>> connect_tls(const crypto::TlsClientOptions& options) {
  return std::unique_ptr<ByteStream>(std::make_unique<TlsByteStream>(TRY(crypto::TlsClient::connect(options))));
}

Result<std::unique_ptr<ByteStream>> connect_unix(const std::filesystem::path& path, std::chrono::milliseconds timeout) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string name = path.string();
  if (name.size() >= sizeof address.sun_path) {
    return fail(ErrorCode::invalid,
                "the path of the admin socket is over " + std::to_string(sizeof address.sun_path - 1) + " bytes");
  }
  std::memcpy(address.sun_path, name.data(), name.size());
  FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket.is_open()) return socket_error("making a socket");
  set_timeouts(socket.get(), timeout);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return fail(ErrorCode::unavailable, "no gateway answers at `" + name + "` (" + std::strerror(errno) +
                                            "): start it with `flikvakt serve --config FILE`");
  }
  return std::unique_ptr<ByteStream>(std::make_unique<PlainByteStream>(std::move(socket)));
}

Result<std::unique_ptr<ByteStream>> connect_loopback(const std::string& address, std::uint16_t port,
                                                     std::chrono::milliseconds timeout, Cancellation* cancellation) {
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  v4.sin_family = AF_INET;
  v4.sin_port = v6.sin6_port = htons(port);
  v6.sin6_family = AF_INET6;
  const bool is_v4 = ::inet_pton(AF_INET, address.c_str(), &v4.sin_addr) == 1;
  const bool is_v6 = !is_v4 && ::inet_pton(AF_INET6, address.c_str(), &v6.sin6_addr) == 1;
  const bool is_loopback =
      (is_v4 && ntohl(v4.sin_addr.s_addr) >> 24 == 127) || (is_v6 && IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr));
  if (!is_loopback) return fail(ErrorCode::invalid, "without TLS only to a loopback address, not `" + address + "`");
  FileDescriptor socket(::socket(is_v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket.is_open()) return socket_error("making a socket");
  set_timeouts(socket.get(), timeout);
  const int yes = 1;
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  const auto* target = is_v4 ? reinterpret_cast<const sockaddr*>(&v4) : reinterpret_cast<const sockaddr*>(&v6);
  if (::connect(socket.get(), target, is_v4 ? sizeof v4 : sizeof v6) != 0) return socket_error("connecting");
  if (cancellation && cancellation->is_cancelled()) return fail(ErrorCode::io, "connecting: cancelled");
  return std::unique_ptr<ByteStream>(std::make_unique<PlainByteStream>(std::move(socket), cancellation));
}

}  // namespace flikvakt::admin
