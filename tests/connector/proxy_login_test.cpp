// What proxies offer, and what may be told and shown. spec/connector.md
#include "connector/proxy_login.h"

#include <gmock/gmock.h>

#include "base/files.h"
#include "tests/connector/scratch.h"

namespace flikvakt::connector {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(LoginsOffered, AreThoseThatAreKnownInWhicheverFormTheyCome) {  // SPEC CONN-78
  EXPECT_THAT(logins_offered("Negotiate"), ElementsAre("Negotiate"));
  EXPECT_THAT(logins_offered("ntlm TlRM"), ElementsAre("NTLM"));
  EXPECT_THAT(logins_offered("Negotiate, Basic realm=\"x\""), ElementsAre("Negotiate", "Basic"));
  EXPECT_THAT(logins_offered("Basic realm=\"a, b\",\tDIGEST qop=\"auth\""), ElementsAre("Basic", "Digest"));
  for (const char* none : {"", ",", " , ,", "Bearer", "Basics", "\x1b[2J", "realm=\"Basic\""})
    EXPECT_THAT(logins_offered(none), IsEmpty()) << none;
}

std::string challenge(std::uint32_t flags, std::uint16_t target_info, std::size_t size = 48) {
  Bytes message(size, 0);
  for (std::size_t i = 0; i < 4; ++i) message[20 + i] = static_cast<std::uint8_t>(flags >> (8 * i));
  message[40] = static_cast<std::uint8_t>(target_info);
  message[41] = static_cast<std::uint8_t>(target_info >> 8);
  return "NTLM " + to_base64(message);
}

TEST(Ntlm1Challenge, IsOneWithoutTargetInformation) {  // SPEC CONN-77
  EXPECT_FALSE(is_ntlm1_challenge(challenge(0x00800201, 36)));
  EXPECT_FALSE(is_ntlm1_challenge(challenge(0x00800201, 0x0100)));
  EXPECT_TRUE(is_ntlm1_challenge(challenge(0x00000201, 36))) << "libcurl looks at the flag";
  EXPECT_TRUE(is_ntlm1_challenge(challenge(0x00800201, 0)));
  EXPECT_TRUE(is_ntlm1_challenge("ntlm " + to_base64(Bytes(47, 0xff)))) << "too short to say";
  EXPECT_TRUE(is_ntlm1_challenge("NTLM ?"));
  const std::string bad = challenge(0x00000201, 36).substr(5), good = challenge(0x00800201, 36).substr(5);
  for (const char* before : {"NTLM\t", "ntlm \v ", "Basic realm=\"x\", NTLM ", "Basic realm=\"x\",NTLM\f"}) {
    EXPECT_TRUE(is_ntlm1_challenge(before + bad)) << before;
    EXPECT_FALSE(is_ntlm1_challenge(before + good)) << before;
  }
  EXPECT_TRUE(is_ntlm1_challenge("NTLM " + good + ", NTLM " + bad)) << "libcurl may take either";
  for (const char* none : {"NTLM,Basic realm=\"x\"", "XNTLM abc", "NTLMv2 abc", "NTLM", "NTLM ", "", "Negotiate YII",
                           "Basic realm=\"NTLM \""})
    EXPECT_FALSE(is_ntlm1_challenge(none)) << none;
}

TEST(ToldOfTicket, IsOneShortLineOfPrintableAscii) {  // SPEC CONN-78
  EXPECT_EQ(told_of_ticket("Ticket expired.\n"), "Ticket expired");
  EXPECT_EQ(told_of_ticket("a\x1b[2J\xc2\x9b\nb"), "a?[2J???b");
  EXPECT_EQ(told_of_ticket(std::string(3000, 'x')).size(), 200u);
  EXPECT_EQ(told_of_ticket(""), "");
}

class LoginFile : public testing::Test {
protected:
  Result<ProxyLogin> of(const std::string& auth, std::string_view text) {
    ProxyConfig config;
    config.auth = auth;
    config.login_file = folder_.path() / ("login" + std::to_string(++made_));
    EXPECT_TRUE(write_new_file(config.login_file, as_bytes(text)).has_value());
    return login_for(config);
  }
  Folder folder_;
  int made_ = 0;
};

TEST_F(LoginFile, IsReadAsItStands) {
  EXPECT_EQ(of("any", "D\\u:p\r\n")->text, "D\\u:p");
  EXPECT_EQ(of("any", "u:p\xc3\xa5")->text, "u:p\xc3\xa5");
  EXPECT_EQ(login_for({})->text, "");
  ProxyConfig ticket;
  ticket.auth = "negotiate";
  EXPECT_EQ(login_for(ticket)->text, ":");
}

TEST_F(LoginFile, ThatCannotBeShownIsAnError) {  // SPEC CONN-78
  EXPECT_TRUE(of("ntlm", "u:p").has_value());
  EXPECT_EQ(of("ntlm", "u:p\xc3\xa5").error().code, ErrorCode::invalid);
  ProxyConfig missing;
  missing.login_file = folder_.path() / "none";
  EXPECT_FALSE(login_for(missing).has_value());
}

}  // namespace
}  // namespace flikvakt::connector
