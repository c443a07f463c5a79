#include "base/web_address.h"

#include <gtest/gtest.h>

namespace flikvakt {
namespace {

TEST(WebAddress, HasAHostAPortAndATarget) {
  const auto whole = WebAddress::parse("https://notices.example:8443/a/b?key=1").value();
  EXPECT_TRUE(whole.has_tls);
  EXPECT_EQ(whole.authority, "notices.example:8443");
  EXPECT_EQ(whole.host, "notices.example");
  EXPECT_EQ(whole.port, 8443);
  EXPECT_EQ(whole.target, "/a/b?key=1");
  EXPECT_EQ(WebAddress::parse("https://a")->port, 443);
  EXPECT_EQ(WebAddress::parse("http://a")->port, 80);
  EXPECT_EQ(WebAddress::parse("https://a?q")->target, "?q");
  const auto six = WebAddress::parse("http://[::1]:1").value();
  EXPECT_EQ(six.host, "[::1]");
  EXPECT_EQ(six.bare_host(), "::1");
  EXPECT_EQ(six.port, 1);
  EXPECT_TRUE(six.is_loopback());
  EXPECT_EQ(WebAddress::parse("https://[2001:db8::1]")->bare_host(), "2001:db8::1");
  EXPECT_FALSE(WebAddress::parse("https://[2001:db8::1]")->is_loopback());
}

TEST(WebAddress, IsNothingElse) {
  for (const char* bad :
       {"", "a", "ftp://a", "https://", "https:///p", "https://:443", "https://a:0", "https://a:65536", "https://a:x",
        "https://a:", "https://u@a", "https://u:p@a", "https://a/#f", "https://a b", "https://a/\r\nX: y",
        "https://[::1", "https://::1]", "https://[]", "https://\xc3\xa5.example"})
    EXPECT_EQ(WebAddress::parse(bad).error().code, ErrorCode::malformed) << bad;
}

}  // namespace
}  // namespace flikvakt
