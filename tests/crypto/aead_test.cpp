#include "crypto/aead.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace flikvakt::crypto {
namespace {

const BytesView kText = as_bytes("Intyg om arbetsprövning");

AssociatedData ad(std::string_view text = "row 1") { return AssociatedData(labels::kKeyWrap).text(text); }

TEST(Aead, OpensWhatItSealed) {
  const StateKey key = StateKey::random();
  const Bytes sealed = seal(key, ad(), kText);
  EXPECT_EQ(sealed.size(), kText.size() + kSealOverheadBytes);
  EXPECT_EQ(open(key, ad(), sealed).value(), to_bytes(kText));
}

TEST(Aead, OpensWhatIsEmpty) {
  const StateKey key = StateKey::random();
  EXPECT_EQ(open(key, ad(), seal(key, ad(), {})).value(), Bytes());
}

TEST(Aead, RefusesAnotherKey) {
  const StateKey key = StateKey::random();
  EXPECT_EQ(open(StateKey::random(), ad(), seal(key, ad(), kText)).error().code, ErrorCode::corrupt);
}

TEST(Aead, RefusesOtherAssociatedData) {
  const StateKey key = StateKey::random();
  const Bytes sealed = seal(key, ad(), kText);
  EXPECT_FALSE(open(key, ad("row 2"), sealed).has_value());
  EXPECT_FALSE(open(key, AssociatedData(labels::kKeyWrap), sealed).has_value());
  EXPECT_FALSE(open(key, AssociatedData(labels::kSealedFile).text("row 1"), sealed).has_value());
}

TEST(Aead, RefusesEveryChangedBit) {
  const StateKey key = StateKey::random();
  Bytes sealed = seal(key, ad(), kText);
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    sealed[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    EXPECT_EQ(open(key, ad(), sealed).error().code, ErrorCode::corrupt) << bit;
    sealed[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
  }
  EXPECT_TRUE(open(key, ad(), sealed).has_value());
}

TEST(Aead, RefusesEveryShorterLength) {
  const StateKey key = StateKey::random();
  const Bytes sealed = seal(key, ad(), kText);
  for (std::size_t size = 0; size < sealed.size(); ++size) {
    EXPECT_FALSE(open(key, ad(), BytesView(sealed).first(size)).has_value()) << size;
  }
}

TEST(Aead, NeverUsesOneNonceTwice) {
  AeadKey key(StateKey::random());
  const Bytes a = key.seal(ad(), kText), b = key.seal(ad(), kText);
  EXPECT_FALSE(std::equal(a.begin(), a.begin() + kGcmNonceBytes, b.begin()));
}

TEST(AeadKey, SealsAndOpensInAnyOrderAndSurvivesARefusal) {
  AeadKey key(StateKey::random());
  for (int i = 0; i < 50; ++i) {
    const Bytes a = key.seal(ad("a"), kText), b = key.seal(ad("b"), as_bytes("other"));
    EXPECT_FALSE(key.open(ad("b"), a).has_value());
    EXPECT_EQ(key.open(ad("b"), b).value(), to_bytes(as_bytes("other")));
    EXPECT_EQ(key.open(ad("a"), a).value(), to_bytes(kText));
  }
}

TEST(AeadKey, LeavesNoUnverifiedPlaintext) {
  AeadKey key(StateKey::random());
  Bytes sealed = key.seal(ad(), Bytes(100, 0x55));
  sealed.back() ^= 1;
  Bytes out(100, 0xff);
  EXPECT_FALSE(key.open_into(ad(), sealed, out).has_value());
  EXPECT_EQ(out, Bytes(100));
}

TEST(AeadKey, ThrowsWhenTheMemoryHasAnotherSize) {
  AeadKey key(StateKey::random());
  Bytes out(kText.size() + kSealOverheadBytes - 1);
  EXPECT_THROW(key.seal_into(ad(), kText, out), std::runtime_error);
  const Bytes sealed = key.seal(ad(), kText);
  EXPECT_THROW((void)key.open_into(ad(), sealed, out), std::runtime_error);
}

TEST(Aes256Gcm, WorksInPlace) {
  Aes256Gcm gcm(StateKey::random());
  const GcmNonce nonce{};
  Bytes buffer = to_bytes(kText);
  buffer.resize(kText.size() + kGcmTagBytes);
  gcm.seal(nonce, {}, BytesView(buffer).first(kText.size()), buffer);
  EXPECT_FALSE(std::equal(kText.begin(), kText.end(), buffer.begin()));
  ASSERT_TRUE(gcm.open(nonce, {}, buffer, std::span(buffer).first(kText.size())).has_value());
  EXPECT_TRUE(std::equal(kText.begin(), kText.end(), buffer.begin()));
}

Bytes encoded(const AssociatedData& data) { return to_bytes(data.encoded()); }

// SPEC ENV-10
TEST(AssociatedData, IsTheLabelAndTheFieldsEachWithItsLength) {
  EXPECT_EQ(to_hex(encoded(AssociatedData(labels::kKeyWrap).text("ab").number(258))),
            "00000014" + to_hex(as_bytes("flikvakt/v1/key-wrap")) + "000000026162" + "000000080000000000000102");
}

// SPEC ENV-10
TEST(AssociatedData, TellsFieldListsApart) {
  const auto of = [] { return AssociatedData(labels::kKeyWrap); };
  EXPECT_NE(encoded(of().text("ab").text("c")), encoded(of().text("a").text("bc")));
  EXPECT_NE(encoded(of().text("abc")), encoded(of().text("abc").text("")));
  EXPECT_NE(encoded(of()), encoded(of().text("")));
  EXPECT_NE(encoded(of()), encoded(AssociatedData(labels::kSealedFile)));
}

}  // namespace
}  // namespace flikvakt::crypto
