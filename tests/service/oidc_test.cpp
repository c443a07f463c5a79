// Where the browser is sent, what the issuer is asked, and who we say we are.
#include "service/oidc.h"

#include "crypto/id_token.h"
#include "crypto/jws.h"
#include "tests/service/browser_world.h"

namespace flikvakt::service::test {
namespace {

using namespace std::chrono_literals;

const UtcTime kNow = *parse_rfc3339("2026-11-22T08:00:00Z");
const crypto::Hash256 kNonce = crypto::sha256(as_bytes("nonce"));

// SPEC OIDC-30
TEST(AuthorizationRequest, NamesTheFlowThatIsTakenAndNoOther) {
  const SoftwareIssuer issuer;
  const IssuerAsked asked = ask_issuer("e-id", "https://portal.example/signed-in");
  const std::string url = authorization_url(issuer.row(), asked, kNonce, "sv");
  EXPECT_TRUE(url.starts_with("https://issuer.example/auth?response_type=code&client_id=flikvakt&"));
  EXPECT_EQ(parameter(url, "redirect_uri"), "https://portal.example/signed-in");
  EXPECT_EQ(parameter(url, "scope"), "openid");
  EXPECT_EQ(parameter(url, "&state"), asked.state);
  EXPECT_EQ(parameter(url, "&nonce"), to_base64url(kNonce));
  EXPECT_EQ(parameter(url, "code_challenge"), to_base64url(crypto::sha256(as_bytes(asked.code_verifier))));
  EXPECT_EQ(parameter(url, "code_challenge_method"), "S256");
  EXPECT_EQ(parameter(url, "acr_values"), std::string(kLoa3));
  EXPECT_EQ(parameter(url, "ui_locales"), "sv");
  const json::value claims = parse_json(parameter(url, "&claims")).value();
  EXPECT_EQ(claims.at("id_token").at("acr"),
            json::value(json::object{{"essential", true}, {"values", json::array{kLoa3}}}));
  EXPECT_EQ(claims.at("id_token").at(kNumberClaim), json::value(json::object{{"essential", true}}));
  EXPECT_EQ(url.find("prompt="), std::string::npos);
  EXPECT_EQ(asked.state.size(), 43u);
  EXPECT_NE(asked.state, ask_issuer("e-id", "").state);
  EXPECT_NE(asked.state, asked.code_verifier);
}

// SPEC OIDC-30
TEST(AuthorizationRequest, ToSignAsksForTheUserAnewAndShowsWhatFor) {
  const SoftwareIssuer issuer;
  const IssuerAsked asked = ask_issuer("e-id", "https://portal.example/signed-in");
  const std::string url = authorization_url(issuer.row(), asked, kNonce, "", "En fullmakt undertecknas & mer");
  EXPECT_EQ(parameter(url, "prompt"), "login");
  EXPECT_EQ(parameter(url, "max_age"), "0");
  EXPECT_NE(url.find("https%3A%2F%2Fid.oidc.se%2Fparam%2FuserMessage="), std::string::npos);
  const json::value shown = parse_json(parameter(url, "userMessage")).value();
  EXPECT_EQ(as_text(from_base64(shown.at("message").as_string()).value()), "En fullmakt undertecknas & mer");
  EXPECT_EQ(shown.at("mime_type"), json::value("text/plain"));
  policy::OidcIssuer of_staff = issuer.row_for(OrganisationId(ByteArray<16>{7}));
  of_staff.authorization_endpoint += "?tenant=1";
  const std::string other = authorization_url(of_staff, asked, kNonce, "", "text");
  EXPECT_TRUE(other.starts_with("https://issuer.example/auth?tenant=1&response_type=code"));
  EXPECT_EQ(other.find("userMessage"), std::string::npos);
  EXPECT_EQ(parse_json(parameter(other, "&claims"))->at("id_token").at("employee"),
            json::value(json::object{{"essential", true}}));
}

// SPEC OIDC-31
TEST(TokenRequest, ProvesWhoWeAreAndWhoBeganIt) {
  const SoftwareIssuer issuer;
  const IssuerAsked asked = ask_issuer("e-id", "https://portal.example/signed-in");
  const crypto::SigningKey key = crypto::SigningKey::generate(crypto::KeyAlgorithm::p256);
  const HttpsRequest request = token_request(issuer.row(), asked, "the code/+", key, kNow);
  EXPECT_EQ(request.url, "https://issuer.example/token");
  EXPECT_EQ(request.trusted_ca_pem, "PEM");
  const std::string& form = request.form.value();
  EXPECT_EQ(parameter(form, "grant_type"), "authorization_code");
  EXPECT_EQ(parameter(form, "&code"), "the code/+");
  EXPECT_EQ(parameter(form, "code_verifier"), asked.code_verifier);
  EXPECT_EQ(parameter(form, "redirect_uri"), "https://portal.example/signed-in");
  const auto token = crypto::parse_id_token(parameter(form, "client_assertion"));
  ASSERT_TRUE(token) << "a signed token like any other";
  const auto keys = crypto::parse_key_set(client_key_set(key)).value();
  const auto claims = crypto::verify_id_token(*token, keys.at(token->kid()));
  ASSERT_TRUE(claims);
  EXPECT_EQ(claims->at("iss"), json::value("flikvakt"));
  EXPECT_EQ(claims->at("sub"), json::value("flikvakt"));
  EXPECT_EQ(claims->at("aud"), json::value("https://issuer.example/token"));
  EXPECT_EQ(claims->at("exp").as_int64() - claims->at("iat").as_int64(), 60);
}

// SPEC OIDC-31
TEST(TokenAnswer, IsAnIdTokenOrNothing) {
  EXPECT_EQ(id_token_in({200, R"({"id_token":"a.b.c","access_token":"x"})"}).value(), "a.b.c");
  EXPECT_EQ(id_token_in({400, R"({"error":"invalid_grant"})"}).error().code, ErrorCode::denied);
  EXPECT_EQ(id_token_in({503, ""}).error().code, ErrorCode::unavailable);
  EXPECT_EQ(id_token_in({302, ""}).error().code, ErrorCode::unavailable) << "nobody is followed elsewhere";
  for (const char* body : {"", "[]", "{}", R"({"id_token":1})", R"({"id_token":"a","id_token":"b"})"}) {
    EXPECT_FALSE(id_token_in({200, body})) << body;
  }
}

// SPEC OIDC-35
TEST(TokenAnswer, SaysWhyInTheWordsOfTheStandardsOnly) {
  EXPECT_EQ(id_token_in({400, R"({"error":"invalid_grant"})"}).error().message,
            "the issuer: it refuses the code: `invalid_grant`");
  for (const char* body : {R"({"error":"Anna 200002292399"})", R"({"error":1})", "200002292399", ""}) {
    EXPECT_EQ(id_token_in({401, body}).error().message, "the issuer: it refuses the code: an error of its own") << body;
  }
  EXPECT_EQ(error_named("access_denied"), "`access_denied`");
  EXPECT_EQ(error_named("access_denied\n"), "an error of its own");
}

// SPEC OIDC-32
TEST(IssuerKeys, ThatCannotBeFetchedLeaveThoseThatAreKnown) {
  BrowserWorld it;
  it.register_issuer(it.issuer.row());
  ASSERT_TRUE(it.sign_in_with_e_id(it.world.anna.number));
  it.world.clock.advance(OidcClient::kKeysOldAfter);
  const std::size_t before = it.requests.size();
  OidcClient client(
      *it.world.core,
      [](const HttpsRequest&) -> Result<HttpsAnswer> {
        return HttpsAnswer{500, ""};
      },
      crypto::SigningKey::generate(crypto::KeyAlgorithm::p256));
  EXPECT_EQ(client.refresh_keys("e-id", true)->keys.size(), 1u);
  EXPECT_FALSE(client.refresh_keys("none", false));
  ASSERT_TRUE(it.sign_in_with_e_id(it.world.anna.number));
  const auto fetches =
      std::ranges::count_if(it.requests.begin() + static_cast<std::ptrdiff_t>(before), it.requests.end(),
                            [](const HttpsRequest& one) { return one.url.ends_with("/jwks"); });
  EXPECT_EQ(fetches, 1) << "once an hour, though no key is missing";
}

}  // namespace
}  // namespace flikvakt::service::test
