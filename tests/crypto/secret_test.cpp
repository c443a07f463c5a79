#include "crypto/secret.h"

#include <gtest/gtest.h>
#include <openssl/crypto.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <fstream>
#include <ostream>
#include <sstream>
#include <type_traits>
#include <vector>

namespace flikvakt::crypto {
namespace {

template <class T>
concept Printable = requires(std::ostream& out, const T& value) {
  out << value;
};

static_assert(!std::is_copy_constructible_v<MasterKey> && !std::is_copy_assignable_v<MasterKey>);
static_assert(std::is_nothrow_move_constructible_v<MasterKey>);
static_assert(!Printable<MasterKey> && !Printable<SecretText>);
static_assert(!std::is_constructible_v<PersonKey, MasterKey&&>, "a key does not become a key of another use");
static_assert(std::is_constructible_v<PersonKey, Secret<32>&&> && !std::is_convertible_v<Secret<32>&&, PersonKey>);

// The flags that the kernel keeps for the mapping that holds an address.
std::string mapping_flags(const void* address) {
  std::ifstream maps("/proc/self/smaps");
  const auto wanted = reinterpret_cast<std::uintptr_t>(address);
  bool here = false;
  for (std::string line; std::getline(maps, line);) {
    unsigned long begin = 0, end = 0;
    if (std::sscanf(line.c_str(), "%lx-%lx ", &begin, &end) == 2) here = begin <= wanted && wanted < end;
    if (here && line.starts_with("VmFlags:")) return line + " ";
  }
  return "";
}

TEST(Secret, LivesInLockedMemoryThatIsNotDumped) {
  const Result<void> locked = init_secret_memory();
  if (!locked) GTEST_SKIP() << "this system does not let us lock memory: " << locked.error().message;
  const MasterKey key = MasterKey::random();
  const std::string flags = mapping_flags(key.expose().data());
  EXPECT_NE(flags.find(" lo "), std::string::npos) << flags;
  EXPECT_NE(flags.find(" dd "), std::string::npos) << flags;
}

TEST(Secret, OrdinaryMemoryIsNeitherLockedNorKeptOutOfDumps) {
  const std::vector<std::uint8_t> ordinary(1 << 16, 1);
  EXPECT_EQ(mapping_flags(ordinary.data()).find(" dd "), std::string::npos);
}

TEST(Secret, LeavesNoBytesBehindWhenDropped) {
  (void)init_secret_memory();
  const volatile std::uint8_t* bytes = nullptr;
  {
    const auto secret = Secret<64>::copy_from(Bytes(64, 0xa5));
    bytes = secret.expose().data();
    ASSERT_EQ(bytes[63], 0xa5);
  }
  // The arena stays mapped; the heap writes its own two pointers into the first 16 bytes of a free block.
  for (std::size_t i = 16; i < 64; ++i) EXPECT_EQ(bytes[i], 0) << i;
}

TEST(Secret, IsEqualToItsCopyOnly) {
  const PersonKey a = PersonKey::random();
  const PersonKey same = PersonKey::copy_from(a.expose());
  EXPECT_TRUE(a == same);
  for (std::size_t i = 0; i < 32; ++i) {
    PersonKey other = PersonKey::copy_from(a.expose());
    other.expose_mutable()[i] ^= 1;
    EXPECT_FALSE(a == other) << i;
  }
}

TEST(Secret, IsRandomEachTime) { EXPECT_FALSE(Secret<32>::random() == Secret<32>::random()); }

TEST(Secret, KeepsItsBytesWhenItIsGivenAUse) {
  auto untagged = Secret<32>::copy_from(Bytes(32, 7));
  const std::uint8_t* where = untagged.expose().data();
  const FlikKey key(std::move(untagged));
  EXPECT_EQ(key.expose().data(), where);
  EXPECT_EQ(key.expose()[31], 7);
}

TEST(SecretDeathTest, StopsTheProcessWhenUsedAfterAMove) {
  auto secret = Secret<32>::random();
  const auto taken = std::move(secret);
  EXPECT_DEATH((void)secret.expose(), "moved from");
}

TEST(SecretDeathTest, StopsTheProcessWhenMadeFromTooFewBytes) {
  EXPECT_DEATH((void)MasterKey::copy_from(Bytes(31)), "its own number of bytes");
}

TEST(SecretDeathTest, NeverFallsBackToMemoryThatIsNotLocked) {
  const auto exhaust = [] {
    (void)init_secret_memory();
    std::vector<MasterKey> keys;
    try {
      for (std::size_t i = 0; i <= kDefaultSecretArenaBytes / 32; ++i) keys.push_back(MasterKey::zero());
    } catch (const std::bad_alloc&) {
      std::_Exit(42);
    }
    std::_Exit(1);
  };
  EXPECT_EXIT(exhaust(), testing::ExitedWithCode(42), "");
}

TEST(SecretDeathTest, CoreDumpsAreForbidden) {
  const auto check = [] {
    rlimit limit{1, 1};
    const bool forbidden = forbid_core_dumps().has_value() && ::prctl(PR_GET_DUMPABLE) == 0 &&
                           ::getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_cur == 0 && limit.rlim_max == 0;
    std::_Exit(forbidden ? 42 : 1);
  };
  EXPECT_EXIT(check(), testing::ExitedWithCode(42), "");
}

TEST(SecretText, KeepsItsTextAndItsLength) {
  const SecretText text = SecretText::copy_from("hemlig fras");
  EXPECT_EQ(text.expose(), "hemlig fras");
  EXPECT_TRUE(text == SecretText::copy_from("hemlig fras"));
  EXPECT_FALSE(text == SecretText::copy_from("hemlig frat"));
  EXPECT_FALSE(text == SecretText::copy_from("hemlig"));
}

TEST(SecretText, MayBeEmpty) {
  EXPECT_TRUE(SecretText::copy_from("").empty());
  EXPECT_EQ(SecretText::copy_from("").expose(), "");
}

TEST(EqualInConstantTime, TellsLengthsAndBytesApart) {
  EXPECT_TRUE(equal_in_constant_time(Bytes{1, 2}, Bytes{1, 2}));
  EXPECT_TRUE(equal_in_constant_time({}, {}));
  EXPECT_FALSE(equal_in_constant_time(Bytes{1, 2}, Bytes{1, 3}));
  EXPECT_FALSE(equal_in_constant_time(Bytes{1, 2}, Bytes{1, 2, 3}));
}

}  // namespace
}  // namespace flikvakt::crypto
