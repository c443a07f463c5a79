// Evidence of acts that came by browser, as the verifier of the log looks at it: the right one passes, and each thing
// that somebody could change of it is found.
#include "service/browser_evidence.h"

#include "crypto/canonical_json.h"
#include "crypto/jws.h"
#include "service/act_evidence.h"
#include "service/state_image.h"
#include "tests/service/browser_world.h"

namespace flikvakt::service::test {
namespace {

using namespace policy;

class BrowserEvidences : public ::testing::Test {
protected:
  void SetUp() override {
    it_.add_passkey(device_);
    fullmakt_ = it_.world.sign(it_.world.anna);
    const auto session = it_.sign_in(device_);
    ASSERT_TRUE(session);
    actor_ = std::get<PersonActor>(session->session.actor);
    const auto pause = it_.sessions->command(session->cookie, it_.wanted(PauseFullmakt{fullmakt_}));
    const auto version = it_.world.version_of(it_.world.anna);
    const auto resume = it_.sign_with(*session, it_.wanted(ResumeFullmakt{fullmakt_}, version), device_);
    ASSERT_TRUE(pause && resume);
    in_session_ = parse_browser_evidence(pause->evidence->bytes).value();
    signed_ = parse_browser_evidence(resume->evidence->bytes).value();
    signer_ = std::get<PersonActor>(resume->actor);
  }

  std::string why(const BrowserEvidence& evidence, const Actor& actor, const Act& act,
                  std::optional<UtcTime> time = {}) {
    const auto verified = verify_browser_evidence(evidence, actor, act, credentials_in(it_.world.core->directory()),
                                                  it_.world.core->keys(), time);
    return verified ? "good" : verified.error().message;
  }
  Act pause() const { return PauseFullmakt{fullmakt_}; }
  Act resume() const { return ResumeFullmakt{fullmakt_}; }
  UtcTime opened() const { return in_session_.session->opened; }

  BrowserWorld it_;
  SoftwareAuthenticator device_;
  FullmaktId fullmakt_;
  PersonActor actor_, signer_;
  BrowserEvidence in_session_, signed_;
};

// SPEC BS-20
TEST_F(BrowserEvidences, ProofsAreOverTheOrderOrTheSession) {
  EXPECT_EQ(why(in_session_, actor_, pause(), opened()), "good");
  EXPECT_EQ(why(signed_, signer_, resume(), opened()), "good");
  BrowserEvidence other = in_session_;
  other.session->id = crypto::random_id<SessionId>();
  EXPECT_EQ(why(other, actor_, pause()), "passkey: another challenge");
  other = in_session_;
  other.session->opened += 1ms;
  EXPECT_EQ(why(other, actor_, pause()), "passkey: another challenge");
  other = signed_;
  other.order.get_object()["expires"] = to_json(opened() + 24h);
  EXPECT_EQ(why(other, signer_, resume()), "passkey: another challenge") << "another order than was signed";
  other = signed_;
  std::get<PasskeyProof>(*other.proof).signature.back() ^= 1;
  EXPECT_EQ(why(other, signer_, resume()), "passkey: the signature is not of this key");
  other = signed_;
  other.proof = in_session_.session->proof;
  EXPECT_EQ(why(other, signer_, resume()), "passkey: another challenge") << "the opening signs nothing";
  EXPECT_EQ(why(in_session_, it_.world.anna.actor, pause()), "by browser: there was no such passkey of theirs");
}

// SPEC WA-14: whoever writes rows may put a key of their own under the thumbprint that an act names.
TEST_F(BrowserEvidences, AKeyProvesNothingUnderAThumbprintThatIsNotItsOwn) {
  constexpr const char* kOther = "by browser: its key is not the one that it is registered under";
  const KeyRing& keys = it_.world.core->keys();
  SoftwareAuthenticator thief, own;
  const StaffActor staff = it_.add_staff_passkey(it_.world.chief, own);
  const auto with_jwk = [&](const json::value& jwk) {
    CredentialSource out = credentials_in(it_.world.core->directory());
    const auto put = [jwk](auto found) {
      if (found) found->jwk = jwk;
      return found;
    };
    out.device_key = [put, find = out.device_key](const Fingerprint& key) { return put(find(key)); };
    out.staff_key = [put, find = out.staff_key](const Fingerprint& key) { return put(find(key)); };
    return out;
  };
  const crypto::Hash256 challenge{7};
  const auto why_of = [&](SoftwareAuthenticator& signs, const Actor& actor, const SoftwareAuthenticator& in_the_row) {
    const crypto::PasskeyAssertion answer = signs.answer(challenge);
    const PasskeyProof proof{answer.authenticator_data, answer.client_data, answer.signature};
    const auto verified =
        verify_proof(proof, actor, with_jwk(in_the_row.public_key().to_jwk()), keys, {challenge, opened()});
    return verified ? std::string("good") : verified.error().message;
  };
  EXPECT_EQ(why_of(thief, actor_, thief), kOther);
  EXPECT_EQ(why_of(thief, staff, thief), kOther);
  EXPECT_EQ(why_of(thief, actor_, device_), "passkey: the signature is not of this key");
  EXPECT_EQ(why_of(thief, staff, own), "passkey: the signature is not of this key");
  EXPECT_EQ(why_of(device_, actor_, device_), "good");
  EXPECT_EQ(why_of(own, staff, own), "good");
}

// SPEC BS-21
TEST_F(BrowserEvidences, ASessionIsNotEnoughForWhatIsSigned) {
  EXPECT_EQ(why(in_session_, actor_, resume()), "by browser: a session is not enough for it");
  EXPECT_EQ(why(in_session_, actor_, SignReferral{}), "by browser: a session is not enough for it");
  EXPECT_EQ(why(in_session_, actor_, EnrolEid{}), "by browser: a session is not enough for it") << "of a passkey";
  EXPECT_EQ(why(signed_, signer_, EnrolEid{}), "by browser: an e-ID is enrolled as a session opens");
  EXPECT_EQ(why(in_session_, actor_, AcknowledgeNotice{}), "good");
}

// SPEC BS-22
TEST_F(BrowserEvidences, AnActLiesWithinTheLongestLifeOfItsSession) {
  const std::string late = "by browser: it was not done while the session lasted";
  const UtcTime end = opened() + kLongestPersonSession + 15min;  // and the way to the log
  EXPECT_EQ(why(in_session_, actor_, AcknowledgeNotice{}, end), "good");
  EXPECT_EQ(why(in_session_, actor_, AcknowledgeNotice{}, end + 1ms), late);
  EXPECT_EQ(why(in_session_, actor_, AcknowledgeNotice{}, opened() - 61s), late);
  EXPECT_EQ(why(in_session_, actor_, pause(), end + 24h), "good") << "of what narrows the log's time does not matter";
  BrowserEvidence other = in_session_;
  other.order.get_object()["issued"] = to_json(opened() + kLongestPersonSession);
  EXPECT_EQ(why(other, actor_, pause()), "good");
  other.order.get_object()["issued"] = to_json(opened() + kLongestPersonSession + 1ms);
  EXPECT_EQ(why(other, actor_, pause()), "by browser: it was not sent while the session lasted");
  other.order.get_object()["issued"] = to_json(opened() - 61s);
  EXPECT_EQ(why(other, actor_, pause()), "by browser: it was not sent while the session lasted");
}

// SPEC BS-23
TEST_F(BrowserEvidences, TheActorHasTheCountOfTheSignatureAndInASessionNone) {
  PersonActor other = signer_;
  ++*other.sign_count;
  EXPECT_EQ(why(signed_, other, resume()), "by browser: another count than the actor's");
  other.sign_count.reset();
  EXPECT_EQ(why(signed_, other, resume()), "by browser: another count than the actor's");
  EXPECT_EQ(why(in_session_, signer_, pause()), "by browser: a session counts no signatures");
}

// SPEC BS-8
TEST_F(BrowserEvidences, AreCanonicalAndHaveOneProof) {
  EXPECT_TRUE(is_browser_evidence(as_bytes(to_evidence(signed_))));
  EXPECT_EQ(to_evidence(parse_browser_evidence(as_bytes(to_evidence(signed_))).value()), to_evidence(signed_));
  BrowserEvidence both = signed_;
  both.session = in_session_.session;
  EXPECT_FALSE(parse_browser_evidence(as_bytes(to_evidence(both))));
  BrowserEvidence none = signed_;
  none.proof.reset();
  EXPECT_FALSE(parse_browser_evidence(as_bytes(to_evidence(none))));
  EXPECT_FALSE(parse_browser_evidence(as_bytes(to_evidence(signed_) + " ")));
  json::value more = to_json(signed_);
  more.get_object()["more"] = 1;
  EXPECT_FALSE(parse_browser_evidence(as_bytes(crypto::canonical(more))));
}

// SPEC BS-24, WA-18
TEST_F(BrowserEvidences, EachKindOfKeyHasItsOwnKindOfEvidence) {
  Findings findings;
  const auto rows =
      store::Reader::open(it_.world.core->data_directory().database(), it_.world.core->keys().database()).value();
  const StateImage image = read_state_image(rows, it_.world.core->keys(), findings).value();
  const auto read = [&](const Actor& actor, const Bytes& evidence, const ActId& act) {
    const auto found = read_evidence(it_.world.core->keys(), image.state, actor, act, {evidence, {}}, opened());
    return found ? std::string("good") : found.error().message;
  };
  const auto id_in = [](const BrowserEvidence& evidence) {
    return ActId::parse(evidence.order.at("id").as_string()).value();
  };
  const Bytes browser = to_bytes(as_bytes(to_evidence(in_session_)));
  EXPECT_EQ(read(actor_, browser, id_in(in_session_)), "good");
  EXPECT_EQ(read(it_.world.anna.actor, browser, id_in(in_session_)),
            "the evidence: a device key signs each act itself");
  const Command by_device = it_.world.command(it_.world.anna.actor, pause()).value();
  EXPECT_EQ(read(it_.world.anna.actor, by_device.evidence->bytes, by_device.evidence->id), "good");
  EXPECT_EQ(read(actor_, by_device.evidence->bytes, by_device.evidence->id),
            "the evidence: a key of another kind signs no such text");
  EXPECT_FALSE(it_.world.core->directory().device_key(actor_.key)) << "nor does the door take its JWS";
  EXPECT_TRUE(it_.world.core->directory().has_device_key(actor_.key));
}

}  // namespace
}  // namespace flikvakt::service::test
