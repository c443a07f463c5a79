// What an ID token must say: the right one is taken, and each thing that is wrong alone refuses it.
#include "service/id_token_claims.h"

#include <gtest/gtest.h>

#include "tests/service/software_issuer.h"

namespace flikvakt::service::test {
namespace {

using namespace std::chrono_literals;

class IdTokens : public ::testing::Test {
protected:
  std::string why(const json::object& claims) const {
    const auto read = verify_id_token(issuer_.sign(claims), row_, context_);
    return read ? "taken" : read.error().message;
  }
  std::string why_with(const char* name, json::value value) const {
    json::object claims = good();
    claims[name] = std::move(value);
    return why(claims);
  }
  // `iat` so many seconds ago, `exp` so many ahead.
  std::string why_aged(std::int64_t ago, std::int64_t left) const {
    json::object claims = good();
    claims["iat"] = seconds(now_) - ago;
    claims["exp"] = seconds(now_) + left;
    return why(claims);
  }
  std::string why_without(const char* name) const {
    json::object claims = good();
    claims.erase(name);
    return why(claims);
  }
  json::object good() const { return issuer_.claims(nonce_, now_, "200002292399"); }
  static std::int64_t seconds(UtcTime time) {
    return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  }

  const crypto::Hash256 nonce_ = crypto::sha256(as_bytes("nonce"));
  const UtcTime now_ = *parse_rfc3339("2026-11-22T08:02:00Z");
  SoftwareIssuer issuer_;
  policy::OidcIssuer row_ = issuer_.row();
  TokenContext context_{nonce_, now_ - 2min, now_};
};

TEST_F(IdTokens, TheRightOneSaysWhoseNumberItIs) {  // SPEC OIDC-18
  const auto read = verify_id_token(issuer_.sign(good()), row_, context_);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->number, "200002292399");
  EXPECT_FALSE(read->previous_number || read->staff);
  EXPECT_EQ(read->issued, now_);
  json::object with_previous = good();
  with_previous[kPreviousNumberClaim] = "197302889931";
  EXPECT_EQ(verify_id_token(issuer_.sign(with_previous), row_, context_)->previous_number, "197302889931");
  EXPECT_EQ(why_without(kNumberClaim.data()), "ID token: it does not say whose number it is");
  EXPECT_EQ(why_with(kNumberClaim.data(), "200002292398"), "ID token: a number that is none") << "another check digit";
  EXPECT_EQ(why_with(kNumberClaim.data(), 200002292399), "ID token: a number that is none");
  EXPECT_EQ(why_with(kNumberClaim.data(), "0002292399"), "ID token: a number that is none") << "of which century?";
  EXPECT_EQ(why_with(kNumberClaim.data(), "20000229-2399"), "ID token: a number that is none");
  EXPECT_EQ(why_with(kPreviousNumberClaim.data(), "x"), "ID token: a number that is none");
  EXPECT_EQ(why_with(kPreviousNumberClaim.data(), "190001019801"),
            "ID token: a number of before that is no coordination number");
}

TEST_F(IdTokens, PartiesAreTheIssuerAndUs) {  // SPEC OIDC-13
  EXPECT_EQ(why_with("iss", "https://issuer.example/"), "ID token: of another issuer");
  EXPECT_EQ(why_without("iss"), "ID token: of another issuer");
  EXPECT_EQ(why_with("aud", "other"), "ID token: for somebody else");
  EXPECT_EQ(why_with("aud", json::array{"flikvakt", "other"}), "ID token: for somebody else");
  EXPECT_EQ(why_with("aud", json::array{"flikvakt"}), "taken");
  EXPECT_EQ(why_without("aud"), "ID token: for somebody else");
  EXPECT_EQ(why_with("azp", "flikvakt"), "taken");
  EXPECT_EQ(why_with("azp", "other"), "ID token: asked for by somebody else");
  EXPECT_EQ(why_with("azp", 1), "ID token: asked for by somebody else");
  EXPECT_EQ(why_without("sub"), "ID token: of nobody");
}

TEST_F(IdTokens, TimesAreOfNowAndOfThisCeremony) {  // SPEC OIDC-14
  json::object old = good();
  old["iat"] = seconds(now_) - 10;
  old["exp"] = seconds(now_);
  EXPECT_EQ(why(old), "ID token: expired");
  old["exp"] = seconds(now_) + 1;
  EXPECT_EQ(why(old), "taken");
  EXPECT_EQ(why_with("iat", seconds(now_) + 61), "ID token: issued in the future");
  EXPECT_EQ(why_with("iat", seconds(now_) + 60), "taken");
  EXPECT_EQ(why_aged(181, 1), "ID token: issued before it was asked for");
  EXPECT_EQ(why_aged(180, 1), "taken") << "began two minutes ago, by a clock a minute off";
  EXPECT_EQ(why_with("iat", "now"), "ID token: no time in `iat`");
  EXPECT_EQ(why_with("exp", -1), "ID token: no time in `exp`");
  EXPECT_EQ(why_without("exp"), "ID token: no time in `exp`");
  context_.began = now_ - 9min;
  EXPECT_EQ(why_aged(299, 1), "taken");
  EXPECT_EQ(why_aged(300, 0), "ID token: expired");
  EXPECT_EQ(why_aged(299, 2), "ID token: valid for longer than 5 minutes");
  context_ = {nonce_, now_ - 15min, {}};
  EXPECT_EQ(why(good()), "taken") << "as a log is verified";
  context_.began = now_ - 15min - 1s;
  EXPECT_EQ(why(good()), "ID token: issued long after it was asked for");
  context_.began = now_;
  EXPECT_EQ(why_with("exp", seconds(now_)), "ID token: it was never valid");
}

// Many an organisation's own issuer gives an hour; what is older than five minutes is refused all the same.
TEST_F(IdTokens, OfAnOrganisationMayBeValidForLongerButNotBeOlder) {  // SPEC OIDC-14
  row_ = issuer_.row_for(OrganisationId(ByteArray<16>{7}));
  context_.began = now_ - 9min;
  json::object claims = issuer_.claims(nonce_, now_ - 300s, "");
  claims["employee"] = "SE1";
  claims["exp"] = seconds(now_) + 3600;
  EXPECT_EQ(why(claims), "taken");
  claims["iat"] = seconds(now_) - 301;
  EXPECT_EQ(why(claims), "ID token: expired");
}

TEST_F(IdTokens, NonceAndLevelAreThoseThatWereAskedFor) {  // SPEC OIDC-15, OIDC-16
  EXPECT_EQ(why_with("nonce", json::value(to_base64url(crypto::sha256(as_bytes("x"))))), "ID token: for another nonce");
  EXPECT_EQ(why_without("nonce"), "ID token: for another nonce");
  EXPECT_EQ(why_with("acr", "http://id.elegnamnden.se/loa/1.0/loa2"), "ID token: of a level that is not taken");
  EXPECT_EQ(why_without("acr"), "ID token: of a level that is not taken");
  row_.acr.insert("http://id.elegnamnden.se/loa/1.0/loa4");
  EXPECT_EQ(why_with("acr", "http://id.elegnamnden.se/loa/1.0/loa4"), "taken");
}

TEST_F(IdTokens, ToSignTheUserMustHaveBeenVerifiedSinceItBegan) {  // SPEC OIDC-17
  EXPECT_EQ(why_without("auth_time"), "taken") << "to sign in it need not be there";
  context_.signs = true;
  EXPECT_EQ(why(good()), "taken");
  EXPECT_EQ(why_without("auth_time"), "ID token: no time in `auth_time`");
  EXPECT_EQ(why_with("auth_time", seconds(now_) - 181), "ID token: the user was not verified for this");
  EXPECT_EQ(why_with("auth_time", seconds(now_) - 180), "taken");
  EXPECT_EQ(why_with("auth_time", seconds(now_) + 61), "ID token: the user was not verified for this");
}

TEST_F(IdTokens, OfAnOrganisationTheClaimSaysWhoOfItsStaff) {  // SPEC OIDC-19
  row_ = issuer_.row_for(OrganisationId(ByteArray<16>{7}));
  json::object claims = issuer_.claims(nonce_, now_, "");
  EXPECT_EQ(why(claims), "ID token: it does not say who of the staff it is");
  claims["employee"] = "SE1";
  const auto read = verify_id_token(issuer_.sign(claims), row_, context_);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->staff, "SE1");
  EXPECT_FALSE(read->number);
  claims.erase("acr");
  EXPECT_EQ(why(claims), "taken") << "an organisation may leave levels out";
  claims["employee"] = "";
  EXPECT_EQ(why(claims), "ID token: it does not say who of the staff it is");
  claims["employee"] = json::array{"SE1"};
  EXPECT_EQ(why(claims), "ID token: it does not say who of the staff it is");
}

TEST_F(IdTokens, KeysAreThoseOfTheRow) {  // SPEC OIDC-22
  SoftwareIssuer other;
  EXPECT_EQ(verify_id_token(other.sign(good()), row_, context_).error().message,
            "ID token: the signature is not the issuer's");
  other.kid = "k2";
  EXPECT_EQ(verify_id_token(other.sign(good()), row_, context_).error().code, ErrorCode::not_found);
  row_.keys.push_back({"k2", other.jwk(), {}});
  EXPECT_TRUE(verify_id_token(other.sign(good()), row_, context_));
  row_.keys.back().gone = context_.began + 1s;
  EXPECT_TRUE(verify_id_token(other.sign(good()), row_, context_)) << "it was there when the ceremony began";
  row_.keys.back().gone = context_.began;
  EXPECT_EQ(verify_id_token(other.sign(good()), row_, context_).error().code, ErrorCode::not_found);
  SoftwareIssuer rekeyed;  // another key under the kid of before
  row_.keys = {{"k1", rekeyed.jwk(), {}}, {"k1", issuer_.jwk(), context_.began + 1s}};
  EXPECT_TRUE(verify_id_token(issuer_.sign(good()), row_, context_));
  EXPECT_TRUE(verify_id_token(rekeyed.sign(good()), row_, context_));
}

}  // namespace
}  // namespace flikvakt::service::test
