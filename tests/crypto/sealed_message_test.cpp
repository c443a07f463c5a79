// A connector's sealed requests and their answers. spec/end-to-end.md
#include "crypto/sealed_message.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "crypto/random.h"

namespace flikvakt::crypto {
namespace {

struct Ends {
  hpke::RecipientKey gateway{hpke::PrivateKey::random()};
  ConnectorId connector = random_id<ConnectorId>();
  SigningKey key = SigningKey::generate(KeyAlgorithm::ed25519);
  SealedHead head{"c2Vzc2lvbg", 7, "POST", "/v1/acts", {{"authorization", "Bearer x"}}};

  SealedRequest sealed(std::string_view body = "{}") const {
    return seal_request(gateway.public_key(), connector, key, head, as_bytes(body)).value();
  }
  Verifier verifier() const { return Verifier(key.public_key()); }
};

TEST(SealedMessage, ArrivesWholeAndItsAnswerToo) {  // SPEC E2E-10, E2E-20
  const Ends it;
  const SealedRequest request = it.sealed("\x01\x02 body");
  OpenedRequest opened = open_request(request.message, it.gateway).value();
  EXPECT_EQ(opened.connector(), it.connector);
  const Bytes answer = opened.answer().seal({201, {{"content-type", "text/plain"}}}, as_bytes("done"));
  const auto got = std::move(opened).verify(it.verifier()).value();
  EXPECT_EQ(got.head.session, it.head.session);
  EXPECT_EQ(got.head.number, 7u);
  EXPECT_EQ(got.head.method, "POST");
  EXPECT_EQ(got.head.target, "/v1/acts");
  EXPECT_EQ(got.head.headers, it.head.headers);
  EXPECT_EQ(as_text(got.body), "\x01\x02 body");
  const auto back = request.answer.open(answer).value();
  EXPECT_EQ(back.head.status, 201u);
  EXPECT_EQ(back.head.headers.at("content-type"), "text/plain");
  EXPECT_EQ(as_text(back.body), "done");
}

TEST(SealedMessage, ShowsNothingOfWhatIsInIt) {
  const Ends it;
  const SealedRequest request = it.sealed("a planted marker");
  EXPECT_EQ(as_text(request.message).find("marker"), std::string_view::npos);
  EXPECT_EQ(as_text(request.message).find("/v1/acts"), std::string_view::npos);
  EXPECT_NE(it.sealed("a planted marker").message, request.message) << "two of the same look different";
}

TEST(SealedMessage, OfAnotherKeyIsNobodysWord) {  // SPEC E2E-11
  const Ends it;
  const SealedRequest request = it.sealed();
  const SigningKey other = SigningKey::generate(KeyAlgorithm::ed25519);
  auto refused = open_request(request.message, it.gateway).value();
  EXPECT_EQ(std::move(refused).verify(Verifier(other.public_key())).error().code, ErrorCode::denied);
  EXPECT_EQ(open_request(request.message, hpke::RecipientKey(hpke::PrivateKey::random())).error().code,
            ErrorCode::corrupt);
}

TEST(SealedMessage, IsOfTheConnectorThatItNames) {  // the id is bound as associated data
  const Ends it;
  Bytes message = it.sealed().message;
  message[12] ^= 1;
  EXPECT_EQ(open_request(message, it.gateway).error().code, ErrorCode::corrupt);
}

TEST(SealedMessage, NoBitOfItMayChange) {  // SPEC E2E-12
  const Ends it;
  const Bytes message = it.sealed().message;
  for (std::size_t i = 0; i < message.size(); ++i) {
    Bytes changed = message;
    changed[i] ^= 1;
    auto opened = open_request(changed, it.gateway);
    if (!opened) continue;
    // Only the id of the gateway's key is not read here, and it is bound all the same.
    ADD_FAILURE() << "byte " << i;
  }
  for (std::size_t length = 0; length < message.size(); ++length) {
    EXPECT_FALSE(open_request(BytesView(message).first(length), it.gateway).has_value()) << length;
  }
}

TEST(SealedMessage, AnAnswerIsToOneRequestAndFromItsGatewayAlone) {  // SPEC E2E-21
  const Ends it;
  const SealedRequest one = it.sealed(), two = it.sealed();
  const OpenedRequest opened = open_request(one.message, it.gateway).value();
  const Bytes answer = opened.answer().seal({200, {}}, as_bytes("yes"));
  EXPECT_TRUE(one.answer.open(answer).has_value());
  EXPECT_EQ(two.answer.open(answer).error().code, ErrorCode::corrupt);
  Bytes changed = answer;
  changed.back() ^= 1;
  EXPECT_EQ(one.answer.open(changed).error().code, ErrorCode::corrupt);
  EXPECT_EQ(one.answer.open(as_bytes("<html>Log in to the network</html>")).error().code, ErrorCode::malformed);
  EXPECT_EQ(one.answer.open({}).error().code, ErrorCode::malformed);
}

// SPEC E2E-20: who delivers a question twice has two answers to it, and must get nothing of either by the other.
TEST(SealedMessage, TwoAnswersToOneRequestHaveNothingInCommon) {
  const Ends it;
  const SealedRequest request = it.sealed();
  const std::string secret(4000, 'a'), known(4000, 'b');
  const auto answered = [&](const std::string& body) {  // as by a gateway that does not know that it answered before
    const OpenedRequest opened = open_request(request.message, it.gateway).value();
    return opened.answer().seal({200, {}}, as_bytes(body));
  };
  const Bytes one = answered(secret), two = answered(known), same = answered(secret);
  EXPECT_TRUE(request.answer.open(one).has_value());
  EXPECT_EQ(as_text(request.answer.open(two)->body), known);
  ASSERT_EQ(one.size(), two.size());
  constexpr std::size_t kBehindHead = 4 + 32 + 4;
  const auto count_of = [&](const Bytes& a, const Bytes& b, int difference) {
    std::size_t count = 0;
    for (std::size_t i = kBehindHead; i < a.size(); ++i) count += (a[i] ^ b[i]) == difference ? 1 : 0;
    return count;
  };
  // By chance about one byte of 256 is so; under the same key and nonce every one of the body would be.
  EXPECT_LT(count_of(one, two, 'a' ^ 'b'), 200u) << "the key stream served twice";
  EXPECT_LT(count_of(one, same, 0), 200u);
  Bytes mixed = two;
  std::copy_n(one.begin() + 4, 32, mixed.begin() + 4);
  EXPECT_EQ(request.answer.open(mixed).error().code, ErrorCode::corrupt) << "what was drawn belongs to its answer";
}

TEST(SealedMessage, TooMuchIsNotSealed) {
  const Ends it;
  const std::string much(kMaxSealedBody + 1, 'x');
  const auto refused = seal_request(it.gateway.public_key(), it.connector, it.key, it.head, as_bytes(much));
  EXPECT_EQ(refused.error().code, ErrorCode::invalid);
}

}  // namespace
}  // namespace flikvakt::crypto
