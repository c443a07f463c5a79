#include "crypto/siv.h"

#include <gtest/gtest.h>

#include "tests/crypto/core_vectors.h"

namespace flikvakt::crypto {
namespace {

Bytes hex(std::string_view text) { return from_hex(text).value(); }

AssociatedData of(std::uint64_t number) { return AssociatedData(labels::kPersonHandle).number(number); }

// RFC 5297 appendix A.1
TEST(Siv, GivesTheDeterministicVectorOfRfc5297) {
  const Bytes key = hex("fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
  const Bytes data = hex("101112131415161718191a1b1c1d1e1f2021222324252627");
  const Bytes plaintext = hex("112233445566778899aabbccddee");
  const BytesView ads[] = {data};
  const Bytes sealed = detail::siv_seal(key, ads, plaintext).value();
  EXPECT_EQ(to_hex(sealed), "85632d07c6e8f37f950acd320a2ecc9340c02b9690c4dc04daef7f6afe5c");
  EXPECT_EQ(detail::siv_open(key, ads, sealed).value(), plaintext);
}

// RFC 5297 appendix A.2
TEST(Siv, GivesTheNonceBasedVectorOfRfc5297) {
  const Bytes key = hex("7f7e7d7c7b7a79787776757473727170404142434445464748494a4b4c4d4e4f");
  const Bytes ad1 = hex("00112233445566778899aabbccddeeffdeaddadadeaddadaffeeddccbbaa99887766554433221100");
  const Bytes ad2 = hex("102030405060708090a0");
  const Bytes nonce = hex("09f911029d74e35bd84156c5635688c0");
  const BytesView ads[] = {ad1, ad2, nonce};
  const Bytes sealed = detail::siv_seal(key, ads, as_bytes("this is some plaintext to encrypt using SIV-AES")).value();
  EXPECT_EQ(
      to_hex(sealed),
      "7bdb6e3b432667eb06f4d14bff2fbd0fcb900f2fddbe404326601965c889bf17dba77ceb094fa663b7a3f748ba8af829ea64ad544a272e9c"
      "485b62a3fd5c0d");
  const BytesView fewer[] = {ad1, ad2};
  EXPECT_FALSE(detail::siv_open(key, fewer, sealed).has_value());
}

TEST(Siv, GivesTheSameHandleEachTimeAndAnotherForAnotherNumber) {
  const HandleKey key = HandleKey::random();
  const Bytes handle = siv_seal(key, of(1), as_bytes("189001019802")).value();
  EXPECT_EQ(handle, siv_seal(key, of(1), as_bytes("189001019802")).value());
  EXPECT_NE(handle, siv_seal(key, of(1), as_bytes("189001019810")).value());
  EXPECT_NE(handle, siv_seal(key, of(2), as_bytes("189001019802")).value());
  EXPECT_NE(handle, siv_seal(HandleKey::random(), of(1), as_bytes("189001019802")).value());
  EXPECT_EQ(siv_open(key, of(1), handle).value(), to_bytes(as_bytes("189001019802")));
}

TEST(Siv, RefusesEveryChangedBitAndOtherData) {
  const HandleKey key = HandleKey::random();
  Bytes handle = siv_seal(key, of(1), as_bytes("189001019802")).value();
  for (std::size_t bit = 0; bit < handle.size() * 8; ++bit) {
    handle[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    EXPECT_EQ(siv_open(key, of(1), handle).error().code, ErrorCode::corrupt) << bit;
    handle[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
  }
  EXPECT_TRUE(siv_open(key, of(1), handle).has_value());
  EXPECT_FALSE(siv_open(key, of(2), handle).has_value());
  EXPECT_FALSE(siv_open(HandleKey::random(), of(1), handle).has_value());
}

TEST(Siv, RefusesLengthsOutsideTheLimits) {
  const HandleKey key = HandleKey::random();
  EXPECT_EQ(siv_seal(key, of(1), {}).error().code, ErrorCode::invalid);
  EXPECT_EQ(siv_seal(key, of(1), Bytes((1 << 20) + 1)).error().code, ErrorCode::invalid);
  EXPECT_EQ(siv_open(key, of(1), Bytes(16)).error().code, ErrorCode::malformed);
}

TEST(Siv, AgreesWithAnotherImplementationForOurKeySize) {
  const json::object v = test::core_vectors("derived");
  const HandleKey key = HandleKey::copy_from(test::bytes_at(v, "handle_key"));
  const AssociatedData ad = AssociatedData(labels::kPersonHandle).id(test::id_at<OrganisationId>(v, "id"));
  EXPECT_EQ(siv_seal(key, ad, test::bytes_at(v, "siv_plaintext")).value(), test::bytes_at(v, "siv_sealed"));
}

}  // namespace
}  // namespace flikvakt::crypto
