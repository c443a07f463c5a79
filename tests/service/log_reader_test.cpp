#include "service/log_reader.h"

#include <gtest/gtest.h>

#include <future>
#include <new>

namespace flikvakt::service::test {
namespace {

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
