#include "crypto/sealed_file.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include "base/files.h"
#include "crypto/hash.h"
#include "crypto/master_key.h"
#include "tests/crypto/core_vectors.h"

namespace flikvakt::crypto {
namespace {

const Argon2Params kQuick = kArgon2Floor;

SecretText passphrase(std::string_view text = "fyra små grisar") { return SecretText::copy_from(text); }

Bytes sealed_seed(const Secret<32>& secret) {
  return seal_with_passphrase(SealedKind::administrator_seed, secret, passphrase(), kQuick).value();
}

Result<Secret<32>> open_seed(BytesView file, std::string_view text = "fyra små grisar") {
  return unseal_with_passphrase(SealedKind::administrator_seed, file, passphrase(text));
}

// Someone who changes the header also mends the checksum.
void mend_checksum(Bytes& file) {
  const Hash256 sum = sha256(BytesView(file).first(50));
  std::copy(sum.begin(), sum.begin() + 8, file.begin() + 50);
}

// SPEC SEAL-1
TEST(SealedFile, OpensWithItsPassphrase) {
  const auto secret = Secret<32>::random();
  const Bytes file = sealed_seed(secret);
  EXPECT_EQ(file.size(), kSealedFileBytes);
  EXPECT_TRUE(open_seed(file).value() == secret);
}

// SPEC SEAL-1
TEST(SealedFile, HasFreshSaltAndNonceEachTime) {
  const auto secret = Secret<32>::random();
  const Bytes a = sealed_seed(secret), b = sealed_seed(secret);
  EXPECT_FALSE(std::equal(a.begin() + 22, a.begin() + 38, b.begin() + 22));
  EXPECT_FALSE(std::equal(a.begin() + 38, a.begin() + 50, b.begin() + 38));
}

// SPEC SEAL-6
TEST(SealedFile, RefusesAWrongPassphraseAndSaysWhatItCannotTell) {
  const Bytes file = sealed_seed(Secret<32>::random());
  const Result<Secret<32>> opened = open_seed(file, "fyra små grisaR");
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, ErrorCode::denied);
  EXPECT_NE(opened.error().message.find("passphrase is wrong, or the sealed part is damaged"), std::string::npos);
}

// SPEC SEAL-2, SEAL-6
TEST(SealedFile, TellsDamageToTheHeader) {
  Bytes file = sealed_seed(Secret<32>::random());
  for (std::size_t at = 0; at < 58; ++at) {
    file[at] ^= 1;
    EXPECT_EQ(open_seed(file).error().code, at < 8 ? ErrorCode::malformed : ErrorCode::corrupt) << at;
    file[at] ^= 1;
  }
}

// SPEC SEAL-6
TEST(SealedFile, RefusesDamageToTheSealedPart) {
  Bytes file = sealed_seed(Secret<32>::random());
  for (std::size_t at : {58, 89, 90, 105}) {
    file[at] ^= 1;
    EXPECT_EQ(open_seed(file).error().code, ErrorCode::denied) << at;
    file[at] ^= 1;
  }
}

// SPEC SEAL-2
TEST(SealedFile, RefusesAnotherKindSizeMagicOrVersion) {
  Bytes file = sealed_seed(Secret<32>::random());
  EXPECT_EQ(unseal_with_passphrase(SealedKind::master_key, file, passphrase()).error().code, ErrorCode::invalid);
  EXPECT_EQ(open_seed(BytesView(file).first(105)).error().code, ErrorCode::malformed);
  EXPECT_EQ(open_seed({}).error().code, ErrorCode::malformed);
  Bytes longer = file;
  longer.push_back(0);
  EXPECT_EQ(open_seed(longer).error().code, ErrorCode::malformed);
  file[8] = 2;
  mend_checksum(file);
  EXPECT_EQ(open_seed(file).error().code, ErrorCode::malformed);
}

// SPEC SEAL-2: the kind is in the associated data too
TEST(SealedFile, RefusesAKindThatWasForged) {
  Bytes file = sealed_seed(Secret<32>::random());
  file[9] = static_cast<std::uint8_t>(SealedKind::master_key);
  mend_checksum(file);
  EXPECT_EQ(unseal_with_passphrase(SealedKind::master_key, file, passphrase()).error().code, ErrorCode::denied);
}

struct Forged {
  const char* what;
  std::uint32_t memory_kib, passes, lanes;
};
constexpr Forged kForged[] = {{"all memory", 0xffffffff, 3, 1}, {"above the ceiling", 1024 * 1024 + 1, 3, 1},
                              {"little memory", 19455, 3, 1},   {"no memory", 0, 3, 1},
                              {"one pass", 65536, 1, 1},        {"many passes", 65536, 17, 1},
                              {"no lanes", 65536, 3, 0},        {"many lanes", 65536, 3, 5}};

// SPEC SEAL-4
TEST(SealedFile, RefusesForgedParametersBeforeItObeysThem) {
  const Bytes file = sealed_seed(Secret<32>::random());
  for (const Forged& forged : kForged) {
    Bytes changed = file;
    const Bytes params = ByteWriter().u32(forged.memory_kib).u32(forged.passes).u32(forged.lanes).view();
    std::copy(params.begin(), params.end(), changed.begin() + 10);
    mend_checksum(changed);
    EXPECT_EQ(open_seed(changed).error().code, ErrorCode::invalid) << forged.what;
  }
}

// SPEC SEAL-4
TEST(SealedFile, RefusesToSealWithParametersOutsideTheLimits) {
  for (const Forged& forged : kForged) {
    const Argon2Params params{forged.memory_kib, forged.passes, forged.lanes};
    EXPECT_EQ(seal_with_passphrase(SealedKind::master_key, Secret<32>::random(), passphrase(), params).error().code,
              ErrorCode::invalid)
        << forged.what;
  }
}

// SPEC SEAL-4: parameters within the limits are still bound
TEST(SealedFile, RefusesParametersThatWereChangedWithinTheLimits) {
  Bytes file = sealed_seed(Secret<32>::random());
  file[17] = 3;
  mend_checksum(file);
  EXPECT_EQ(open_seed(file).error().code, ErrorCode::denied);
}

// SPEC SEAL-5
TEST(SealedFile, RefusesAnEmptyPassphrase) {
  EXPECT_EQ(seal_with_passphrase(SealedKind::master_key, Secret<32>::random(), passphrase("")).error().code,
            ErrorCode::invalid);
}

// SPEC SEAL-1, SEAL-3
TEST(SealedFile, AgreesWithAnotherImplementation) {
  const json::object v = test::core_vectors("sealed_file");
  const Result<Secret<32>> opened = open_seed(test::bytes_at(v, "file"), v.at("passphrase").as_string());
  ASSERT_TRUE(opened.has_value()) << opened.error().message;
  EXPECT_TRUE(*opened == Secret<32>::copy_from(test::bytes_at(v, "secret")));
}

struct MasterKeySource : testing::Test {
  MasterKeySource() {
    char name[] = "/tmp/flikvakt-key-XXXXXX";
    folder = ::mkdtemp(name);
    ::setenv("CREDENTIALS_DIRECTORY", folder.c_str(), 1);
  }
  ~MasterKeySource() override {
    ::unsetenv("CREDENTIALS_DIRECTORY");
    std::filesystem::remove_all(folder);
  }
  Result<MasterKey> with_credential(BytesView bytes) {
    EXPECT_TRUE(write_file_atomically(folder / kMasterKeyCredential, bytes).has_value());
    return read_master_key_credential();
  }
  std::filesystem::path folder;
};

TEST_F(MasterKeySource, IsAFileSealedWithAPassphrase) {
  const MasterKey key = MasterKey::random();
  ASSERT_TRUE(write_sealed_master_key(folder / "master.key", key, passphrase(), kQuick).has_value());
  EXPECT_TRUE(read_sealed_master_key(folder / "master.key", passphrase()).value() == key);
  EXPECT_EQ(read_sealed_master_key(folder / "master.key", passphrase("other")).error().code, ErrorCode::denied);
  EXPECT_FALSE(read_sealed_master_key(folder / "absent.key", passphrase()).has_value());
}

TEST_F(MasterKeySource, IsACredentialOfExactly32Bytes) {
  const MasterKey key = MasterKey::random();
  const Result<MasterKey> read = with_credential(key.expose());
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_TRUE(*read == key);
}

TEST_F(MasterKeySource, IsNoCredentialOfAnotherSizeOrAPlaceholder) {
  EXPECT_EQ(with_credential(Bytes(31, 1)).error().code, ErrorCode::invalid);
  Bytes with_newline = to_bytes(MasterKey::random().expose());
  with_newline.push_back('\n');
  EXPECT_EQ(with_credential(with_newline).error().code, ErrorCode::invalid);
  EXPECT_EQ(with_credential({}).error().code, ErrorCode::invalid);
  EXPECT_EQ(with_credential(Bytes(32)).error().code, ErrorCode::invalid);
}

TEST_F(MasterKeySource, IsMissingWithoutAFileOrADirectory) {
  EXPECT_FALSE(read_master_key_credential().has_value());
  ::unsetenv("CREDENTIALS_DIRECTORY");
  EXPECT_EQ(read_master_key_credential().error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace flikvakt::crypto
