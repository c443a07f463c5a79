// Calls of the C library that this test program defines itself: noted (races_trace.h), and passed on.
#include <arpa/inet.h>
#include <dlfcn.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <random>
#include <thread>

#include "tests/gateway/races_trace.h"

namespace flikvakt::gateway::test {
namespace {

constexpr unsigned kSlowMicroseconds = 1000;

std::uint16_t port_of(const sockaddr_storage& address) {
  return ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port);
}

std::uint16_t own_port(int descriptor) {
  sockaddr_storage own{};
  socklen_t size = sizeof own;
  const bool is_known = ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&own), &size) == 0;
  return is_known && own.ss_family == AF_INET ? port_of(own) : std::uint16_t{0};
}

// Whom a send on this socket is for; nobody when it is a client's own.
ServerSends* receiver_of(int descriptor) {
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  if (::getpeername(descriptor, reinterpret_cast<sockaddr*>(&peer), &size) != 0) return nullptr;
  if (peer.ss_family == AF_INET) return find_client(own_port(descriptor), port_of(peer));
  const std::size_t offset = offsetof(sockaddr_un, sun_path) + 1;  // after the NUL of the abstract namespace
  if (peer.ss_family != AF_UNIX || size <= offset) return nullptr;
  return find_unix_client({reinterpret_cast<const sockaddr_un&>(peer).sun_path + 1, size - offset});
}

void take_time() {
  thread_local std::minstd_rand dice(static_cast<unsigned>(next_stamp()));
  if (is_slow_send()) std::this_thread::sleep_for(std::chrono::microseconds(dice() % kSlowMicroseconds));
}

template <class Call>
ssize_t noted_send(int descriptor, Call call) {
  ServerSends* const receiver = is_recording() ? receiver_of(descriptor) : nullptr;
  if (receiver == nullptr) return call();
  const std::size_t event = receiver->begin();
  take_time();
  const ssize_t sent = call();
  const int code = errno;
  take_time();
  receiver->end(event, sent > 0 ? static_cast<std::size_t>(sent) : 0);
  errno = code;
  return sent;
}

bool is_database_log(int descriptor) {
  std::array<char, 512> path{};
  const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
  const ssize_t size = ::readlink(link.c_str(), path.data(), path.size());
  return size > 0 && std::string_view(path.data(), static_cast<std::size_t>(size)).ends_with("-wal");
}

template <class Call>
int noted_sync(int descriptor, Call call) {
  if (!is_recording() || !is_database_log(descriptor)) return call();
  const Stamp began = next_stamp();
  const int result = call();
  if (result == 0) note_sync(began);
  return result;
}

template <class Function>
Function* next_definition(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace
}  // namespace flikvakt::gateway::test

namespace races = flikvakt::gateway::test;

extern "C" {

ssize_t send(int descriptor, const void* data, size_t size, int flags) {
  static auto* const real = races::next_definition<ssize_t(int, const void*, size_t, int)>("send");
  return races::noted_send(descriptor, [=] { return real(descriptor, data, size, flags); });
}

ssize_t sendmsg(int descriptor, const msghdr* message, int flags) {
  static auto* const real = races::next_definition<ssize_t(int, const msghdr*, int)>("sendmsg");
  return races::noted_send(descriptor, [=] { return real(descriptor, message, flags); });
}

int connect(int descriptor, const sockaddr* address, socklen_t size) {
  static auto* const real = races::next_definition<int(int, const sockaddr*, socklen_t)>("connect");
  const bool is_ours = races::is_recording() && address->sa_family == AF_INET;
  const int buffer = races::receive_buffer();
  if (is_ours && buffer > 0) ::setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
  const int result = real(descriptor, address, size);
  const int code = errno;
  // Before a byte of it is sent: these ports may have been another connection's. The peer is not known yet.
  const auto* server = reinterpret_cast<const sockaddr_in*>(address);
  if (is_ours) races::begin_client(ntohs(server->sin_port), races::own_port(descriptor));
  errno = code;
  return result;
}

int fsync(int descriptor) {
  static auto* const real = races::next_definition<int(int)>("fsync");
  return races::noted_sync(descriptor, [=] { return real(descriptor); });
}

int fdatasync(int descriptor) {
  static auto* const real = races::next_definition<int(int)>("fdatasync");
  return races::noted_sync(descriptor, [=] { return real(descriptor); });
}

}  // extern "C"
