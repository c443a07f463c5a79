#include "admin/signed_act.h"

#include <gtest/gtest.h>

#include "admin/key_file.h"
#include "crypto/canonical_json.h"
#include "crypto/jws.h"
#include "crypto/random.h"
#include "service/sent_act.h"

namespace flikvakt::admin {
namespace {

const UtcTime kNow = parse_rfc3339("2026-11-22T06:40:25Z").value();

// What the gateway reads: the payload, only after the signature verified under that key and type.
json::value verified(const std::string& jws, const crypto::SigningKey& key, std::string_view type) {
  const auto parsed = crypto::parse_jws(jws);
  EXPECT_TRUE(parsed);
  EXPECT_EQ(parsed->kid(), key_id(key.public_key()));
  const auto payload = crypto::verify_jws(*parsed, key.public_key(), type);
  EXPECT_TRUE(payload);
  EXPECT_TRUE(crypto::is_canonical(as_text(*payload)));
  return parse_json(as_text(*payload)).value();
}

std::string jws_of(const json::value& body) { return std::string(body.at("jws").as_string()); }

class StaffAssertion : public ::testing::TestWithParam<crypto::KeyAlgorithm> {};

TEST_P(StaffAssertion, SaysWhoAsksThroughWhichCertificateAndVerifies) {
  const auto key = crypto::SigningKey::generate(GetParam());
  StaffIdentity identity{"flikvakt-demo", crypto::random_id<OrganisationId>(), crypto::random_id<StaffId>(), {}};
  identity.certificate.fill(7);
  const auto jws = make_staff_assertion(key, identity, kNow);
  ASSERT_TRUE(jws);
  const json::value claims = verified(*jws, key, "flikvakt-staff+jws");
  EXPECT_EQ(claims.at("aud"), "flikvakt-demo");
  EXPECT_EQ(claims.at("iss").as_string(), identity.organisation.text());
  EXPECT_EQ(claims.at("sub").as_string(), identity.staff.text());
  EXPECT_EQ(claims.at("cnf").at("x5t#S256").as_string(), to_base64url(identity.certificate));
  EXPECT_EQ(claims.at("iat").as_int64(), 1795329625);
  EXPECT_EQ(claims.at("exp").as_int64() - claims.at("iat").as_int64(), 300);
  EXPECT_TRUE(ActId::parse(claims.at("jti").as_string()));
  EXPECT_EQ(claims.as_object().size(), 7u);
}

TEST_P(StaffAssertion, IsNothingUnderAnotherKeyOrType) {
  const auto key = crypto::SigningKey::generate(GetParam());
  const auto other = crypto::SigningKey::generate(GetParam());
  const auto jws =
      make_staff_assertion(key, {"a", crypto::random_id<OrganisationId>(), crypto::random_id<StaffId>(), {}}, kNow);
  const auto parsed = crypto::parse_jws(*jws);
  EXPECT_FALSE(crypto::verify_jws(*parsed, other.public_key(), kStaffAssertionType));
  EXPECT_FALSE(crypto::verify_jws(*parsed, key.public_key(), kAdminActType));
}

INSTANTIATE_TEST_SUITE_P(BothAlgorithms, StaffAssertion,
                         ::testing::Values(crypto::KeyAlgorithm::ed25519, crypto::KeyAlgorithm::p256));

TEST(SignedAct, IsASentActUnderItsType) {
  const auto key = crypto::SigningKey::generate(crypto::KeyAlgorithm::ed25519);
  const ActEnvelope envelope = wrap_act(json::object{{"kind", "revoke_fullmakt"}}, "flikvakt-demo", kNow, 7);
  const json::value payload =
      verified(jws_of(sign_act(key, kPersonActType, envelope.body).value()), key, "flikvakt-act+jws");
  const auto sent = from_json<service::SentAct>(payload);
  ASSERT_TRUE(sent) << sent.error().message;
  EXPECT_EQ(sent->id, envelope.id);
  EXPECT_EQ(sent->audience, "flikvakt-demo");
  EXPECT_EQ(sent->issued, kNow);
  EXPECT_EQ(sent->expires, kNow + std::chrono::hours(24));
  EXPECT_EQ(sent->seen_version, 7u);
}

TEST(SignedAct, AnActWithoutASeenVersionHasNone) {
  const ActEnvelope envelope = wrap_act(json::object{{"kind", "revoke_fullmakt"}}, "x", kNow);
  EXPECT_FALSE(envelope.body.as_object().contains("seen_version"));
}

TEST(SignedAct, ASessionIsBoundToTheConnection) {
  const auto key = crypto::SigningKey::generate(crypto::KeyAlgorithm::ed25519);
  const Bytes binding(32, 9);
  const json::value payload = verified(
      jws_of(sign_session(key, "flikvakt-demo", "Y2hhbGxlbmdl", binding, kNow).value()), key, "flikvakt-session+jws");
  EXPECT_EQ(payload.at("binding").as_string(), to_base64url(binding));
  EXPECT_EQ(payload.at("challenge"), "Y2hhbGxlbmdl");
  EXPECT_EQ(payload.at("audience"), "flikvakt-demo");
  EXPECT_EQ(payload.at("issued"), "2026-11-22T06:40:25.000Z");
}

}  // namespace
}  // namespace flikvakt::admin
