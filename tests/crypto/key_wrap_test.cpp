#include "crypto/key_wrap.h"

#include <gtest/gtest.h>

#include "crypto/derived_keys.h"
#include "crypto/random.h"
#include "tests/crypto/core_vectors.h"

namespace flikvakt::crypto {
namespace {

template <class Parent, class Child>
concept Wraps = requires(const Parent& parent, const Child& child, const WrapBinding& binding) {
  {wrap(parent, child, binding)};
};
static_assert(Wraps<MasterKey, PersonKey> && Wraps<PersonKey, FlikKey> && Wraps<FlikKey, DocumentKey>);
static_assert(Wraps<MasterKey, ForbundLogKey> && Wraps<MasterKey, PersonLogKey> && Wraps<MasterKey, HandleSeed>);
static_assert(!Wraps<MasterKey, DocumentKey> && !Wraps<FlikKey, PersonKey> && !Wraps<MasterKey, PersonStateKey>);

struct KeyWrap : testing::Test {
  FlikKey parent = FlikKey::random();
  DocumentKey child = DocumentKey::random();
  WrapBinding binding{random_id<KeyId>(), random_id<KeyId>(), 1};
};

// SPEC KEY-1
TEST_F(KeyWrap, OpensAsWhatItWasMadeFor) {
  const WrappedKey wrapped = wrap(parent, child, binding);
  EXPECT_EQ(wrapped.size(), 60u);
  EXPECT_TRUE(unwrap<DocumentKey>(parent, wrapped, binding).value() == child);
}

// SPEC KEY-1
TEST_F(KeyWrap, NeverUsesOneNonceTwice) {
  const WrappedKey a = wrap(parent, child, binding), b = wrap(parent, child, binding);
  EXPECT_FALSE(std::equal(a.begin(), a.begin() + 12, b.begin()));
}

// SPEC KEY-2
TEST_F(KeyWrap, RefusesAnotherKeyIdParentIdOrVersion) {
  const WrappedKey wrapped = wrap(parent, child, binding);
  const WrapBinding other_key{random_id<KeyId>(), binding.parent, 1};
  const WrapBinding other_parent{binding.key, random_id<KeyId>(), 1};
  const WrapBinding other_version{binding.key, binding.parent, 2};
  for (const WrapBinding& other : {other_key, other_parent, other_version}) {
    EXPECT_EQ(unwrap<DocumentKey>(parent, wrapped, other).error().code, ErrorCode::corrupt);
  }
}

// SPEC KEY-2
TEST_F(KeyWrap, RefusesAnotherLevelUnderTheSameParent) {
  const MasterKey master = MasterKey::random();
  const WrappedKey wrapped = wrap(master, PersonKey::random(), binding);
  EXPECT_TRUE(unwrap<PersonKey>(master, wrapped, binding).has_value());
  EXPECT_FALSE(unwrap<DatabaseKey>(master, wrapped, binding).has_value());
  EXPECT_FALSE(unwrap<SigningSeed>(master, wrapped, binding).has_value());
}

TEST_F(KeyWrap, RefusesAnotherParentKey) {
  const WrappedKey wrapped = wrap(parent, child, binding);
  EXPECT_FALSE(unwrap<DocumentKey>(FlikKey::random(), wrapped, binding).has_value());
}

TEST_F(KeyWrap, RefusesEveryChangedBitAndAnotherLength) {
  WrappedKey wrapped = wrap(parent, child, binding);
  for (std::size_t bit = 0; bit < wrapped.size() * 8; ++bit) {
    wrapped[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    EXPECT_FALSE(unwrap<DocumentKey>(parent, wrapped, binding).has_value()) << bit;
    wrapped[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
  }
  EXPECT_EQ(unwrap<DocumentKey>(parent, BytesView(wrapped).first(59), binding).error().code, ErrorCode::malformed);
}

// SPEC KEY-4
TEST_F(KeyWrap, RotatesToANewParentAndTheNextVersion) {
  const WrappedKey wrapped = wrap(parent, child, binding);
  const FlikKey new_parent = FlikKey::random();
  const WrapBinding next{binding.key, random_id<KeyId>(), 2};
  const WrappedKey again = rewrap<DocumentKey>(parent, wrapped, binding, new_parent, next).value();
  EXPECT_TRUE(unwrap<DocumentKey>(new_parent, again, next).value() == child);
  EXPECT_FALSE(unwrap<DocumentKey>(parent, again, next).has_value());
  EXPECT_NE(wrap_hash(wrapped), wrap_hash(again));
}

// SPEC KEY-4
TEST_F(KeyWrap, RefusesARotationToAnotherIdOrToAVersionThatIsNotTheNext) {
  const WrappedKey wrapped = wrap(parent, child, binding);
  for (const WrapBinding& bad : {WrapBinding{random_id<KeyId>(), binding.parent, 2}, WrapBinding{binding.key, {}, 1},
                                 WrapBinding{binding.key, {}, 3}, WrapBinding{binding.key, {}, 0}}) {
    EXPECT_EQ(rewrap<DocumentKey>(parent, wrapped, binding, parent, bad).error().code, ErrorCode::invalid);
  }
  const WrapBinding highest{binding.key, binding.parent, 0xffffffff};
  EXPECT_FALSE(rewrap<DocumentKey>(parent, wrap(parent, child, highest), highest, parent, {binding.key, {}, 0}));
}

// SPEC KEY-1, KEY-2, KEY-3
TEST_F(KeyWrap, AgreesWithAnotherImplementation) {
  const json::object v = test::core_vectors("key_wrap");
  const Bytes wrapped = test::bytes_at(v, "wrap");
  const WrapBinding at{test::id_at<KeyId>(v, "key_id"), test::id_at<KeyId>(v, "parent_id"), 7};
  const FlikKey made_parent = FlikKey::copy_from(test::bytes_at(v, "parent"));
  EXPECT_TRUE(unwrap<DocumentKey>(made_parent, wrapped, at).value() ==
              DocumentKey::copy_from(test::bytes_at(v, "document_key")));
  EXPECT_EQ(to_hex(wrap_hash(to_array<60>(wrapped).value())), v.at("wrap_sha256").as_string());
}

// SPEC KEY-5, KEY-6, KEY-7
TEST(DerivedKeys, AgreeWithAnotherImplementation) {
  const json::object v = test::core_vectors("derived");
  const Bytes key = test::bytes_at(v, "key");
  EXPECT_EQ(derive_master_key_id(MasterKey::copy_from(key)), test::id_at<KeyId>(v, "master_key_id"));
  EXPECT_TRUE(derive_handle_key(HandleSeed::copy_from(key), test::id_at<OrganisationId>(v, "id")) ==
              HandleKey::copy_from(test::bytes_at(v, "handle_key")));
  EXPECT_TRUE(derive_person_state_key(PersonKey::copy_from(key), test::id_at<PersonId>(v, "id")) ==
              PersonStateKey::copy_from(test::bytes_at(v, "person_state_key")));
}

// SPEC KEY-6, KEY-7
TEST(DerivedKeys, DifferForEachOwner) {
  const HandleSeed seed = HandleSeed::random();
  EXPECT_FALSE(derive_handle_key(seed, random_id<OrganisationId>()) ==
               derive_handle_key(seed, random_id<OrganisationId>()));
  const PersonKey person = PersonKey::random();
  EXPECT_FALSE(derive_person_state_key(person, random_id<PersonId>()) ==
               derive_person_state_key(person, random_id<PersonId>()));
}

}  // namespace
}  // namespace flikvakt::crypto
