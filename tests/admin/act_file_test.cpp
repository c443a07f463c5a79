#include "admin/act_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "certs/dev_pki.h"
#include "crypto/hash.h"
#include "crypto/sign.h"
#include "policy/acts.h"
#include "tests/admin/scratch.h"

namespace flikvakt::admin {
namespace {

using ::testing::HasSubstr;

class ActFile : public ::testing::Test {
protected:
  Outcome<json::object> expand(const std::string& text) {
    const Expander expander{symbols_, scratch_.path(""), [](const std::string& number) -> Result<std::string> {
                              if (number != "191212121212") return fail(ErrorCode::invalid, "not a personnummer");
                              return std::string("handle");
                            }};
    return expand_act(parse_json(text).value(), expander);
  }

  Scratch scratch_;
  Symbols symbols_;
};

TEST_F(ActFile, ASymbolIsTheSameIdWhereverItStands) {
  const auto first = expand(
      R"({"kind":"register_organisation","id":"$region","name":"Region","number":"1","organisation_kind":"region"})");
  const auto second = expand(R"({"kind":"register_unit","id":"$unit","organisation":"$region","name":"Enhet"})");
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->at("id"), second->at("organisation"));
  EXPECT_NE(first->at("id"), second->at("id"));
  EXPECT_TRUE(policy::parse_act(*second)) << policy::parse_act(*second).error().message;
}

TEST_F(ActFile, OnlyWholeTextsAreSymbols) {
  const auto act = expand(R"({"kind":"x","name":"costs $5","other":"$","upper":"$Region"})");
  ASSERT_TRUE(act);
  EXPECT_EQ(act->at("name"), "costs $5");
  EXPECT_EQ(act->at("other"), "$");
  EXPECT_EQ(act->at("upper"), "$Region");
}

TEST_F(ActFile, SymbolsAreKeptBetweenRuns) {
  const std::string id = symbols_.id_of("$region");
  ASSERT_TRUE(symbols_.write(scratch_.path("ids.json")));
  Outcome<Symbols> read = Symbols::read(scratch_.path("ids.json"));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->id_of("$region"), id);
  EXPECT_EQ(read->symbol_of(id), "$region");
  EXPECT_NE(Symbols().id_of("$region"), id);
  EXPECT_TRUE(Symbols::read(scratch_.path("absent.json")));
}

TEST_F(ActFile, ABrokenFileOfSymbolsIsRefused) {
  for (const char* text : {"[]", "{\"region\":\"00\"}", "{\"$region\":\"short\"}", "no"}) {
    EXPECT_FALSE(Symbols::read(scratch_.write("ids.json", text))) << text;
  }
}

TEST_F(ActFile, ACertificateBecomesItsFields) {
  const UtcTime now = SystemClock().wall();
  const auto pki = certs::DevPki::create(scratch_.path("pki"), now).value();
  const auto issued = pki.issue_client("region", "Region Ett", "232100-0001", now).value();
  const auto act = expand(
      R"({"kind":"register_certificate","organisation":"$region","certificate_file":"pki/region.pem","issuer_file":"pki/ca.pem"})");
  ASSERT_TRUE(act) << act.error().message;
  const auto parsed = policy::parse_act(*act);
  ASSERT_TRUE(parsed) << parsed.error().message;
  const auto& registered = get<policy::RegisterCertificate>(*parsed);
  EXPECT_EQ(registered.fingerprint, issued.leaf.sha256_fingerprint());
  EXPECT_EQ(registered.issuer, pki.ca().certificate().sha256_fingerprint());
  EXPECT_EQ(registered.certificate, issued.leaf.der());
  EXPECT_EQ(registered.serial, issued.leaf.serial_hex());

  const auto issuer = expand(R"({"kind":"register_issuer","certificate_file":"pki/ca.pem"})");
  ASSERT_TRUE(issuer);
  EXPECT_EQ(get<policy::RegisterIssuer>(policy::parse_act(*issuer).value()).certificate, pki.ca().certificate().der());
}

TEST_F(ActFile, AKeyBecomesJwkAndThumbprintAndAPrivateKeyIsNone) {
  const auto key = crypto::SigningKey::generate(crypto::KeyAlgorithm::p256);
  scratch_.write("key.jwk", to_text(key.public_key().to_jwk()));
  const auto act = expand(R"({"kind":"register_assertion_key","organisation":"$region","key_file":"key.jwk"})");
  ASSERT_TRUE(act) << act.error().message;
  EXPECT_EQ(get<policy::RegisterAssertionKey>(policy::parse_act(*act).value()).thumbprint,
            key.public_key().thumbprint());
  scratch_.write("key.pem", key.to_pem().expose());
  EXPECT_FALSE(expand(R"({"kind":"register_assertion_key","organisation":"$region","key_file":"key.pem"})"));
}

TEST_F(ActFile, AMissingFileIsNamed) {
  const auto act = expand(R"({"kind":"register_issuer","certificate_file":"absent.pem"})");
  ASSERT_FALSE(act);
  EXPECT_THAT(act.error().message, HasSubstr("absent.pem"));
}

TEST_F(ActFile, ANumberBecomesAHandleAndIsGone) {
  const auto act = expand(
      R"({"kind":"confirm_key","person":{"number":"191212121212"},"other_subjects":[{"number":"191212121212"},"known"]})");
  ASSERT_TRUE(act) << act.error().message;
  EXPECT_EQ(to_text(*act), R"({"kind":"confirm_key","person":"handle","other_subjects":["handle","known"]})");
  EXPECT_FALSE(expand(R"({"kind":"confirm_key","person":{"number":"1"}})"));
  EXPECT_FALSE(expand(R"({"kind":"confirm_key","person":{"nummer":"191212121212"}})"));
}

TEST_F(ActFile, TermsGetTheHashOfTheTextAndRecipientsTheirForm) {
  const auto act = expand(
      R"({"kind":"sign_fullmakt","text":"Jag ger fullmakt åt …","terms":{"recipients":[{"kind":"team","id":"$team"}]}})");
  ASSERT_TRUE(act);
  const json::value& terms = act->at("terms");
  EXPECT_EQ(terms.at("text_sha256").as_string(), to_base64url(crypto::sha256(as_bytes("Jag ger fullmakt åt …"))));
  const auto recipient = from_json<policy::Recipient>(terms.at("recipients").at(0));
  ASSERT_TRUE(recipient) << recipient.error().message;
  EXPECT_EQ(to_hex(recipient->id), symbols_.id_of("$team"));
}

TEST_F(ActFile, ATextMayLieInAFile) {
  scratch_.write("shown.txt", "Visad text\n");
  const auto act = expand(R"({"kind":"sign_fullmakt","text_file":"shown.txt","terms":{}})");
  ASSERT_TRUE(act);
  EXPECT_EQ(act->at("text"), "Visad text\n");
  EXPECT_FALSE(act->contains("text_file"));
}

TEST_F(ActFile, AFileHoldsOneActOrMany) {
  EXPECT_EQ(read_act_file(scratch_.write("one.json", R"({"kind":"a"})"))->size(), 1u);
  EXPECT_EQ(read_act_file(scratch_.write("two.json", R"({"acts":[{"kind":"a"},{"kind":"b"}]})"))->size(), 2u);
  EXPECT_FALSE(read_act_file(scratch_.write("odd.json", R"({"acts":{}})")));
  EXPECT_FALSE(read_act_file(scratch_.write("more.json", R"({"acts":[],"x":1})")));
  EXPECT_FALSE(read_act_file(scratch_.write("broken.json", R"({"acts":[)")));
}

TEST_F(ActFile, WhatHasNoKindIsNoAct) {
  EXPECT_FALSE(expand("{}"));
  EXPECT_FALSE(expand("[]"));
}

}  // namespace
}  // namespace flikvakt::admin
