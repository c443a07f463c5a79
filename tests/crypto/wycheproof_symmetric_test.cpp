// AES-GCM and HKDF vectors of C2SP/wycheproof, valid and invalid, through our own wrappers.
#include <gtest/gtest.h>

#include "crypto/aes_gcm.h"
#include "crypto/hash.h"
#include "tests/crypto/core_vectors.h"

namespace flikvakt::crypto {
namespace {

TEST(Wycheproof, AesGcmOf256BitKeysAnd96BitNonces) {
  const auto path = test::wycheproof("aes_gcm_test.json");
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "the folder of shared vectors is absent";
  int valid = 0, invalid = 0, others = 0;
  const json::object vectors = test::read_vectors(path);
  for (const json::value& group : vectors.at("testGroups").as_array()) {
    const json::object& sizes = group.as_object();
    for (const json::value& value : sizes.at("tests").as_array()) {
      if (sizes.at("keySize") != 256 || sizes.at("ivSize") != 96 || sizes.at("tagSize") != 128) {
        ++others;
        continue;
      }
      const json::object& v = value.as_object();
      SCOPED_TRACE(v.at("tcId").as_int64());
      Aes256Gcm gcm(StateKey::copy_from(test::bytes_at(v, "key")));
      const GcmNonce nonce = to_array<12>(test::bytes_at(v, "iv")).value();
      const Bytes ad = test::bytes_at(v, "aad"), plaintext = test::bytes_at(v, "msg");
      Bytes sealed = test::bytes_at(v, "ct");
      const Bytes tag = test::bytes_at(v, "tag");
      sealed.insert(sealed.end(), tag.begin(), tag.end());

      const bool must_open = v.at("result") == "valid";
      Bytes opened(sealed.size() - tag.size()), again(plaintext.size() + kGcmTagBytes);
      EXPECT_EQ(gcm.open(nonce, ad, sealed, opened).has_value(), must_open);
      gcm.seal(nonce, ad, plaintext, again);
      EXPECT_EQ(opened == plaintext || plaintext.empty(), must_open || plaintext.empty());
      EXPECT_EQ(again == sealed, must_open);
      ++(must_open ? valid : invalid);
    }
  }
  EXPECT_EQ(valid, 39);
  EXPECT_EQ(invalid, 27);
  RecordProperty("skipped_other_sizes", others);
  EXPECT_EQ(others, 250);
}

TEST(Wycheproof, HkdfSha256) {
  const auto path = test::wycheproof("hkdf_sha256_test.json");
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "the folder of shared vectors is absent";
  int valid = 0, invalid = 0;
  const json::object vectors = test::read_vectors(path);
  for (const json::value& group : vectors.at("testGroups").as_array()) {
    for (const json::value& value : group.as_object().at("tests").as_array()) {
      const json::object& v = value.as_object();
      SCOPED_TRACE(v.at("tcId").as_int64());
      Bytes out(static_cast<std::size_t>(v.at("size").as_int64()));
      const bool must_derive = v.at("result") == "valid";
      const Result<void> derived =
          hkdf_sha256_into(test::bytes_at(v, "ikm"), test::bytes_at(v, "salt"), test::bytes_at(v, "info"), out);
      EXPECT_EQ(derived.has_value(), must_derive);
      if (must_derive) {
        EXPECT_EQ(out, test::bytes_at(v, "okm"));
      }
      ++(must_derive ? valid : invalid);
    }
  }
  EXPECT_EQ(valid, 83);
  EXPECT_EQ(invalid, 3);
}

}  // namespace
}  // namespace flikvakt::crypto
