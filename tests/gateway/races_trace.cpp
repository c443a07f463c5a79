#include "tests/gateway/races_trace.h"

#include <arpa/inet.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <cstring>
#include <deque>
#include <memory>
#include <random>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <utility>

namespace flikvakt::gateway::test {
namespace {

constexpr std::string_view kUnixName = "flikvakt-race-";  // in the abstract namespace, with process id and number
constexpr std::size_t kKeptSyncs = 8192;

std::atomic<bool> recording{false};
std::atomic<Stamp> last_stamp{0};
std::atomic<unsigned> slow_one_in{0};
thread_local int receive_bytes = 0;

using ClientName = std::uint64_t;  // server's port and client's; or a number beyond both
constexpr ClientName kFirstUnixClient = ClientName{1} << 32;

// None is ever destroyed: a worker may look one up at any time.
struct Clients {
  std::mutex mutex;
  std::unordered_map<ClientName, std::unique_ptr<ServerSends>> all;
  std::vector<std::unique_ptr<ServerSends>> gone;
};
Clients& clients() {
  static auto* const one = new Clients();
  return *one;
}

ServerSends& at(ClientName name) {
  std::lock_guard lock(clients().mutex);
  std::unique_ptr<ServerSends>& one = clients().all[name];
  if (!one) one = std::make_unique<ServerSends>();
  return *one;
}

std::uint16_t port_of(int descriptor, decltype(::getsockname)* name) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  const bool is_known = name(descriptor, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  return is_known && address.sin_family == AF_INET ? ntohs(address.sin_port) : 0;
}

ClientName name_of(std::uint16_t server_port, std::uint16_t client_port) {
  return ClientName{server_port} << 16 | client_port;
}

std::string unix_prefix() { return std::string(kUnixName) + std::to_string(::getpid()) + "-"; }

struct Sync {
  Stamp began;
  Stamp ended;
};
std::mutex sync_mutex;
std::deque<Sync> syncs;

}  // namespace

Stamp next_stamp() { return last_stamp.fetch_add(1) + 1; }

std::vector<SendEvent> ServerSends::take() {
  for (;; std::this_thread::yield()) {
    std::lock_guard lock(mutex_);
    if (events_.empty() || events_.back().ended != 0) return std::exchange(events_, {});
  }
}

std::size_t ServerSends::bytes() const {
  std::lock_guard lock(mutex_);
  return bytes_;
}

void ServerSends::tell_next(std::function<void(Stamp)> tell) {
  std::lock_guard lock(mutex_);
  tell_ = std::move(tell);
}

void ServerSends::begin_client() {
  std::lock_guard lock(mutex_);
  events_.clear();
  bytes_ = 0;
  tell_ = nullptr;
}

std::size_t ServerSends::begin() {
  std::function<void(Stamp)> tell;
  std::size_t event = 0;
  Stamp began = 0;
  {
    std::lock_guard lock(mutex_);
    tell.swap(tell_);
    event = events_.size();
    began = next_stamp();
    events_.push_back({began, 0, 0, std::chrono::steady_clock::now()});
  }
  if (tell) tell(began);
  return event;
}

void ServerSends::end(std::size_t event, std::size_t bytes) {
  std::lock_guard lock(mutex_);
  if (event >= events_.size()) return;  // the port has another client
  bytes_ += bytes;
  events_[event].ended = next_stamp();
  events_[event].bytes = bytes;
}

ServerSends& sends_to_client(int descriptor) {
  return at(name_of(port_of(descriptor, ::getpeername), port_of(descriptor, ::getsockname)));
}
ServerSends& sends_to_unix_client(std::size_t number) { return at(kFirstUnixClient + number); }

void bind_unix_client(int descriptor, std::size_t number) {
  sends_to_unix_client(number).begin_client();
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string name = unix_prefix() + std::to_string(number);
  std::memcpy(address.sun_path + 1, name.data(), name.size());
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  if (::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), size) != 0) std::abort();
}

ServerSends* find_client(std::uint16_t server_port, std::uint16_t client_port) {
  std::lock_guard lock(clients().mutex);
  const auto found = clients().all.find(name_of(server_port, client_port));
  return found == clients().all.end() ? nullptr : found->second.get();
}

ServerSends* find_unix_client(std::string_view name) {
  static const std::string prefix = unix_prefix();
  std::size_t number = 0;
  if (!name.starts_with(prefix)) return nullptr;
  std::from_chars(name.data() + prefix.size(), name.data() + name.size(), number);
  return &sends_to_unix_client(number);
}

// A connection that was reset gives its port back while its client still looks at what it got: what was sent to the one
// stays the one's.
void begin_client(std::uint16_t server_port, std::uint16_t client_port) {
  std::lock_guard lock(clients().mutex);
  std::unique_ptr<ServerSends>& one = clients().all[name_of(server_port, client_port)];
  if (one) clients().gone.push_back(std::move(one));
  one = std::make_unique<ServerSends>();
}

void note_sync(Stamp began) {
  std::lock_guard lock(sync_mutex);
  syncs.push_back({began, next_stamp()});
  if (syncs.size() > kKeptSyncs) syncs.pop_front();
}

bool is_synced_between(Stamp after, Stamp before) {
  std::lock_guard lock(sync_mutex);
  for (auto sync = syncs.rbegin(); sync != syncs.rend() && sync->ended > after; ++sync) {
    if (sync->began > after && sync->ended < before) return true;
  }
  return false;
}

std::uint64_t received_by_kernel(int descriptor) {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (::getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return 0;
  return info.tcpi_bytes_received;
}

void set_receive_buffer(int bytes) { receive_bytes = bytes; }
int receive_buffer() { return receive_bytes; }

bool is_recording() { return recording.load(std::memory_order_relaxed); }

bool is_slow_send() {
  thread_local std::minstd_rand dice(static_cast<unsigned>(next_stamp()));
  const unsigned one_in = slow_one_in.load(std::memory_order_relaxed);
  return one_in > 0 && dice() % one_in == 0;
}

Recording::Recording(unsigned slow) {
  slow_one_in = slow;
  recording = true;
}
Recording::~Recording() {
  recording = false;
  std::lock_guard lock(sync_mutex);
  syncs.clear();
}

std::vector<std::string> late_sends(std::span<const SendEvent> sends, Stamp acknowledged) {
  std::vector<std::string> out;
  for (const SendEvent& send : sends) {
    if (send.began < acknowledged && send.ended != 0 && send.ended < acknowledged) continue;
    const bool begins = send.began > acknowledged;
    out.push_back("a send of " + std::to_string(send.bytes) + " bytes " + (begins ? "begins" : "is in flight") +
                  " after the acknowledgement: " + std::to_string(send.began) + "-" + std::to_string(send.ended) +
                  ", acknowledged at " + std::to_string(acknowledged));
  }
  return out;
}

}  // namespace flikvakt::gateway::test
