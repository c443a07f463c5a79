#include "admin/byte_stream.h"

#include <fcntl.h>
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

class UnixByteStream final : public ByteStream {
public:
  explicit UnixByteStream(FileDescriptor socket) : socket_(std::move(socket)) {}

  Result<void> write_all(BytesView data) override {
    while (!data.empty()) {
      const ssize_t sent = ::send(socket_.get(), data.data(), data.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent < 0) return socket_error("writing to the admin socket");
      data = data.subspan(static_cast<std::size_t>(sent));
    }
    return {};
  }

  Result<std::size_t> read_some(std::span<std::uint8_t> out) override {
    for (;;) {
      const ssize_t got = ::recv(socket_.get(), out.data(), out.size(), 0);
      if (got >= 0) return static_cast<std::size_t>(got);
      if (errno != EINTR) return socket_error("reading from the admin socket");
    }
  }

  Result<Bytes> export_keying_material(std::string_view, std::size_t) const override {
    return fail(ErrorCode::unavailable, "the admin socket has no TLS to export from");
  }

private:
  FileDescriptor socket_;
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
  return std::unique_ptr<ByteStream>(std::make_unique<UnixByteStream>(std::move(socket)));
}

}  // namespace flikvakt::admin
