// Each framing hole of Beast 1.81: its own parser takes the bytes, our guard does not. When a later Beast closes one,
// the first half of its test fails, and the guard's rule may be looked at anew. SPEC HTTP-3, HTTP-11.
#include <gtest/gtest.h>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "gateway/framing_guard.h"

namespace flikvakt::gateway {
namespace {

namespace http = boost::beast::http;
using namespace std::string_literals;

// Bare Beast as its examples use it.
struct Bare {
  explicit Bare(const std::string& bytes) {
    parser.eager(true);
    std::size_t used = 0;
    while (!error && used < bytes.size() && !parser.is_done()) {
      const std::size_t now = parser.put(boost::asio::buffer(bytes.data() + used, bytes.size() - used), error);
      if (now == 0) break;
      used += now;
    }
    if (error == http::error::need_more) error = {};
  }
  http::request_parser<http::string_body> parser;
  boost::system::error_code error;
};

GuardReason guard_on(const std::string& bytes) {
  const HeadScan scan = scan_head(as_bytes(bytes));
  return scan.state == HeadScan::State::complete ? check_head(as_bytes(bytes).first(scan.head_bytes)).reason
                                                 : scan.reason;
}

const std::string kPost = "POST / HTTP/1.1\r\nHost: a.example\r\n";

TEST(BeastHoles, TransferEncodingGzipWithContentLengthIsTakenByBeastAndRefusedByTheGuard) {
  const std::string bytes = kPost + "Transfer-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello";
  const Bare bare(bytes);
  EXPECT_FALSE(bare.error) << bare.error.message();
  EXPECT_TRUE(bare.parser.is_done());
  EXPECT_EQ(guard_on(bytes), GuardReason::transfer_encoding);
}

TEST(BeastHoles, TransferEncodingNotEndingInChunkedIsTakenByBeastAndRefusedByTheGuard) {
  const std::string bytes = kPost + "Transfer-Encoding: chunked, gzip\r\n\r\n";
  const Bare bare(bytes);
  EXPECT_FALSE(bare.error) << bare.error.message();
  EXPECT_TRUE(bare.parser.is_header_done());
  EXPECT_EQ(guard_on(bytes), GuardReason::transfer_encoding);
}

TEST(BeastHoles, ChunkedOnHttp10IsTakenByBeastAndRefusedByTheGuard) {
  const std::string bytes =
      "POST / HTTP/1.0\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
  const Bare bare(bytes);
  EXPECT_FALSE(bare.error) << bare.error.message();
  EXPECT_TRUE(bare.parser.chunked());
  EXPECT_EQ(guard_on(bytes), GuardReason::bad_version);
}

TEST(BeastHoles, TrailersBecomeHeaderFieldsInBeastAndNoChunkedBodyPassesTheGuard) {
  const std::string bytes =
      kPost + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nAuthorization: forged\r\n\r\n";
  const Bare bare(bytes);
  EXPECT_FALSE(bare.error) << bare.error.message();
  EXPECT_TRUE(bare.parser.is_done());
  EXPECT_EQ(bare.parser.get()[http::field::authorization], "forged");
  EXPECT_EQ(guard_on(bytes), GuardReason::transfer_encoding);
}

TEST(BeastHoles, AChunkHeaderOfAMegabyteIsTakenByBeastAndNoChunkedBodyPassesTheGuard) {
  const std::string bytes =
      kPost + "Transfer-Encoding: chunked\r\n\r\n5;x=" + std::string(1 << 20, 'y') + "\r\nhello\r\n0\r\n\r\n";
  const Bare bare(bytes);
  EXPECT_FALSE(bare.error) << bare.error.message();
  EXPECT_TRUE(bare.parser.is_done());
  EXPECT_EQ(guard_on(bytes), GuardReason::transfer_encoding);
}

TEST(BeastHoles, AFoldedFieldIsJoinedByBeastAndRefusedByTheGuard) {
  const std::string bytes = "GET / HTTP/1.1\r\nHost: a.example\r\nAuthorization: one\r\n two\r\n\r\n";
  const Bare bare(bytes);
  EXPECT_FALSE(bare.error) << bare.error.message();
  EXPECT_EQ(bare.parser.get()[http::field::authorization], "one two");
  EXPECT_EQ(guard_on(bytes), GuardReason::obs_fold);
}

}  // namespace
}  // namespace flikvakt::gateway
