#include "base/cancellation.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <future>

#include "base/files.h"

namespace flikvakt {
namespace {

struct Pair {
  Pair() {
    int both[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, both), 0);
    one = FileDescriptor(both[0]);
    other = FileDescriptor(both[1]);
  }
  ssize_t receive() const {
    char byte = 0;
    return ::recv(one.get(), &byte, 1, 0);
  }
  FileDescriptor one, other;
};

TEST(Cancellation, EndsWhatWaitsOnAWatchedSocket) {
  Cancellation cancellation;
  const Pair pair;
  const Cancellation::Watch watch(&cancellation, pair.one.get());
  auto waiting = std::async(std::launch::async, [&] { return pair.receive(); });
  EXPECT_EQ(waiting.wait_for(std::chrono::milliseconds(100)), std::future_status::timeout);
  cancellation.cancel();
  EXPECT_EQ(waiting.get(), 0) << "as if the peer had gone";
  EXPECT_TRUE(watch.is_cancelled());
}

TEST(Cancellation, LeavesASocketAloneThatIsNotWatchedAnyMore) {
  Cancellation cancellation;
  const Pair pair;
  {
    Cancellation::Watch watch(&cancellation, pair.one.get());
    const Cancellation::Watch moved(std::move(watch));
  }
  cancellation.cancel();
  EXPECT_EQ(::send(pair.other.get(), "x", 1, MSG_NOSIGNAL), 1);
  EXPECT_EQ(pair.receive(), 1);
  EXPECT_FALSE(Cancellation::Watch(nullptr, pair.one.get()).is_cancelled());
}

}  // namespace
}  // namespace flikvakt
