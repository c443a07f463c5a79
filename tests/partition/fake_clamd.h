// A small clamd: INSTREAM over a Unix socket, as clamd(8) says it: "zINSTREAM", pieces behind their length in network
// order, one of no length at the end; the answer ends with a zero byte. It finds the EICAR test file, and can
// misbehave.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>

#include "base/bytes.h"

namespace flikvakt::partition::test {

// In two pieces, so that no scanner of this machine takes the test for it.
inline std::string eicar() {
  return std::string(R"(X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR)") + "-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*";
}

class FakeClamd {
public:
  enum class Manner { answers, hangs_up, says_nothing, says_nonsense, is_full, has_heard_enough };

  explicit FakeClamd(std::filesystem::path path, Manner manner = Manner::answers)
      : path_(std::move(path)), manner_(manner), socket_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::ranges::copy(path_.string(), address.sun_path);
    if (bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || listen(socket_, 8) != 0) {
      throw std::runtime_error("the fake clamd cannot listen");
    }
    thread_ = std::thread([this] { serve(); });
  }
  FakeClamd(const FakeClamd&) = delete;
  ~FakeClamd() {
    is_over_ = true;
    shutdown(socket_, SHUT_RDWR);
    thread_.join();
    close(socket_);
    std::filesystem::remove(path_);
  }

  int asked() const { return asked_; }
  std::size_t last_bytes() const { return last_bytes_; }

private:
  void serve() {
    while (!is_over_) {
      const int peer = accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
      if (peer < 0) continue;
      ++asked_;
      talk(peer);
      close(peer);
    }
  }

  static bool read_all(int from, std::span<std::uint8_t> into) {
    while (!into.empty()) {
      const ssize_t got = read(from, into.data(), into.size());
      if (got <= 0) return false;
      into = into.subspan(static_cast<std::size_t>(got));
    }
    return true;
  }

  void talk(int peer) {
    std::uint8_t command[10] = {};
    if (!read_all(peer, command) || as_text(command) != std::string_view("zINSTREAM\0", 10)) return;
    if (manner_ == Manner::hangs_up) return;
    if (manner_ == Manner::has_heard_enough) {  // "OK" before the file is over, and it hangs up
      Bytes begin(std::size_t{64} << 10);
      constexpr std::string_view kOk("stream: OK\0", 11);
      if (read_all(peer, begin)) (void)!write(peer, kOk.data(), kOk.size());
      return;
    }
    std::string stream;
    for (;;) {
      std::uint8_t head[4] = {};
      if (!read_all(peer, head)) return;
      const std::uint32_t size = ByteReader(head).u32();
      if (size == 0) break;
      Bytes piece(size);
      if (!read_all(peer, piece)) return;
      stream += as_text(piece);
    }
    last_bytes_ = stream.size();
    if (manner_ == Manner::says_nothing) {
      while (!is_over_ && read_all(peer, std::span(command).first(1))) {
      }
      return;
    }
    std::string reply = stream.find(eicar()) == std::string::npos ? "stream: OK" : "stream: Eicar-Test-Signature FOUND";
    if (manner_ == Manner::says_nonsense) reply = "stream: perhaps";
    if (manner_ == Manner::is_full) reply = "INSTREAM size limit exceeded. ERROR";
    reply += '\0';
    (void)!write(peer, reply.data(), reply.size());
  }

  const std::filesystem::path path_;
  const Manner manner_;
  const int socket_;
  std::atomic<bool> is_over_ = false;
  std::atomic<int> asked_ = 0;
  std::atomic<std::size_t> last_bytes_ = 0;
  std::thread thread_;
};

}  // namespace flikvakt::partition::test
