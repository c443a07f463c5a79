// The server's own order, without a line in the product: this test program defines send(2), sendmsg(2), connect(2),
// fsync(2) and fdatasync(2) itself (races_calls.cpp), numbers each call before and after in one total order, and passes
// it on. What the server sends is kept by the client it is for. Nothing is kept unless a Recording lives.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace flikvakt::gateway::test {

using Stamp = std::uint64_t;  // a place in the total order; later is greater
inline constexpr Stamp kNever = ~Stamp{0};
Stamp next_stamp();

struct SendEvent {
  Stamp began = 0;  // just before the call
  Stamp ended = 0;  // just after it returned; 0: in flight
  std::size_t bytes = 0;
  std::chrono::steady_clock::time_point at;  // when it began
};

// All that the server handed to the kernel for one client, handshake included, in order. Thread-safe.
class ServerSends {
public:
  // What was sent since it was last asked for, once none is in flight.
  std::vector<SendEvent> take();
  std::size_t bytes() const;  // in all, of the sends that have returned
  // Called with the stamp of the next send before it goes out, on the server's thread. Once.
  void tell_next(std::function<void(Stamp)> tell);

  // For the recorder.
  void begin_client();
  std::size_t begin();
  void end(std::size_t event, std::size_t bytes);

private:
  mutable std::mutex mutex_;
  std::vector<SendEvent> events_;
  std::size_t bytes_ = 0;
  std::function<void(Stamp)> tell_;
};

// Clients are told apart by both ports (theirs alone may serve for two servers at once), and on the Unix socket by the
// number that they were bound with.
ServerSends& sends_to_client(int descriptor);  // the client's end of the connection
ServerSends& sends_to_unix_client(std::size_t number);
void bind_unix_client(int descriptor, std::size_t number);

// Was the database's log synced, from beginning to end, between these two?
bool is_synced_between(Stamp after, Stamp before);

// Payload that arrived at this end of a TCP connection so far, whether it was read or not.
std::uint64_t received_by_kernel(int descriptor);

// Sockets that this thread connects from now on get this receive buffer; 0: the system's.
void set_receive_buffer(int bytes);

class Recording {
public:
  // One send in so many takes up to a millisecond more before or after the kernel has it, so that there is often one in
  // flight; 0: none does.
  explicit Recording(unsigned slow_one_in = 0);
  ~Recording();
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;
};

// For the calls that this program defines (races_calls.cpp).
bool is_recording();
bool is_slow_send();                                                             // this one is to take more time
ServerSends* find_client(std::uint16_t server_port, std::uint16_t client_port);  // nobody: none was begun
ServerSends* find_unix_client(std::string_view name);                            // in the abstract namespace
void begin_client(std::uint16_t server_port, std::uint16_t client_port);
void note_sync(Stamp began);  // of a database's log: it has ended
int receive_buffer();

// The check: which of these sends began, or were still in flight, after the acknowledgement. Empty: none.
std::vector<std::string> late_sends(std::span<const SendEvent> sends, Stamp acknowledged);

}  // namespace flikvakt::gateway::test
