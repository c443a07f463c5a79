#include "service/log_reader.h"

#include <gtest/gtest.h>

#include <future>
#include <new>

namespace flikvakt::service::test {
namespace {

// SPEC WIT-38
TEST(LogReader, TakesWhatGoesFirstBeforeAllThatWaits) {
  const crypto::DatabaseKey key = crypto::DatabaseKey::copy_from(Bytes(32, 1));
  LogReader reader("nowhere", key);
  std::promise<void> go_on, done;
  std::vector<int> order;
  reader.post([&] { go_on.get_future().wait(); });
  reader.post([&] {
    order.push_back(2);
    done.set_value();
  });
  reader.post_first([&] { order.push_back(1); });
  go_on.set_value();
  done.get_future().wait();
  EXPECT_EQ(order, (std::vector{1, 2}));
}

TEST(LogReaderJobs, GoOnAfterOneThatThrew) {
  const auto key = crypto::DatabaseKey::random();
  LogReader reader("never-opened", key);
  std::promise<bool> done;
  reader.post([] { throw std::bad_alloc(); });
  reader.post([&] { done.set_value(true); });
  EXPECT_TRUE(done.get_future().get());
}

}  // namespace
}  // namespace flikvakt::service::test
