#include "store/key_store.h"

#include <thread>

#include "crypto/random.h"
#include "tests/store/failing_sync.h"
#include "tests/store/temporary.h"

namespace flikvakt::store {
namespace {

constexpr std::size_t kSlot = 128;

class KeyStoreFile : public testing::Test {
protected:
  TemporaryFolder folder;
  fs::path path = folder / "keys";

  static KeySlot slot_of(std::uint8_t number, std::uint32_t version = 1) {
    KeySlot slot{KeyId(ByteArray<16>{number, 9}), KeyId(ByteArray<16>{0xff, number}), 3, version, {}};
    slot.wrap.fill(static_cast<std::uint8_t>(number * 16 + version));
    return slot;
  }
  static std::size_t place_of(const fs::path& file, const KeySlot& slot) {
    return as_text(contents(file)).find(as_text(slot.wrap)) / kSlot;
  }
  static bool on_disk(const fs::path& file, const KeySlot& slot) { return holds(contents(file), as_text(slot.wrap)); }
};

// SPEC KST-1
TEST_F(KeyStoreFile, SlotsComeBackAfterReopeningAndUnknownKeysDoNot) {
  {
    auto store = KeyStore::create(path);
    ASSERT_OK(store);
    EXPECT_OK(store->put(slot_of(1)));
    EXPECT_OK(store->put_all(std::vector{slot_of(2), slot_of(3)}));
  }
  auto store = KeyStore::open(path);
  ASSERT_OK(store);
  for (std::uint8_t i : {1, 2, 3}) EXPECT_EQ(store->find(slot_of(i).id).value(), slot_of(i));
  EXPECT_ERROR(ErrorCode::not_found, store->find(slot_of(4).id));
  EXPECT_EQ(store->size(), 3u);
  std::vector<KeySlot> seen;
  EXPECT_OK(store->for_each([&](const KeySlot& slot) -> Result<void> {
    seen.push_back(slot);
    return {};
  }));
  EXPECT_EQ(seen, (std::vector{slot_of(1), slot_of(2), slot_of(3)}));
}

TEST_F(KeyStoreFile, CreateNeverOverwritesAndOpenNeverCreates) {
  EXPECT_ERROR(ErrorCode::not_found, KeyStore::open(path));
  ASSERT_OK(KeyStore::create(path));
  EXPECT_ERROR(ErrorCode::conflict, KeyStore::create(path));
  fs::permissions(path, fs::perms(0644));
  EXPECT_ERROR(ErrorCode::invalid, KeyStore::open(path));
}

TEST_F(KeyStoreFile, TheSameOrAnOlderVersionIsRefusedAndABatchIsAllOrNothing) {
  auto store = KeyStore::create(path);
  ASSERT_OK(store);
  EXPECT_OK(store->put(slot_of(1, 2)));
  EXPECT_ERROR(ErrorCode::conflict, store->put(slot_of(1, 2)));
  EXPECT_ERROR(ErrorCode::conflict, store->put(slot_of(1, 1)));
  EXPECT_ERROR(ErrorCode::conflict, store->put_all(std::vector{slot_of(2), slot_of(1, 2)}));
  EXPECT_ERROR(ErrorCode::conflict, store->put_all(std::vector{slot_of(2), slot_of(2, 2)}));
  EXPECT_ERROR(ErrorCode::invalid, store->put(KeySlot{}));
  EXPECT_ERROR(ErrorCode::not_found, store->find(slot_of(2).id));
  EXPECT_EQ(store->size(), 1u);
}

// SPEC KST-6
TEST_F(KeyStoreFile, ADestroyedKeyIsGoneFromTheFileAndItsSlotIsUsedAgain) {
  auto store = KeyStore::create(path);
  ASSERT_OK(store);
  EXPECT_OK(store->put_all(std::vector{slot_of(1), slot_of(2), slot_of(3)}));
  ASSERT_TRUE(on_disk(path, slot_of(2)));
  const std::size_t place = place_of(path, slot_of(2));
  EXPECT_OK(store->destroy(slot_of(2).id));
  EXPECT_FALSE(on_disk(path, slot_of(2)));
  EXPECT_FALSE(holds(contents(path), as_text(slot_of(2).id.value())));
  EXPECT_ERROR(ErrorCode::not_found, store->find(slot_of(2).id));
  EXPECT_OK(store->destroy(slot_of(2).id)) << "destroying twice is no error";
  EXPECT_OK(store->put(slot_of(4)));
  EXPECT_EQ(place_of(path, slot_of(4)), place);
  auto again = KeyStore::open(path);
  ASSERT_OK(again);
  EXPECT_ERROR(ErrorCode::not_found, again->find(slot_of(2).id));
  EXPECT_EQ(again->size(), 3u);
}

// SPEC KST-6
TEST_F(KeyStoreFile, SeveralKeysAreDestroyedTogetherAndTheOthersStay) {
  auto store = KeyStore::create(path);
  ASSERT_OK(store);
  EXPECT_OK(store->put_all(std::vector{slot_of(1), slot_of(2), slot_of(3)}));
  EXPECT_OK(store->put(slot_of(3, 2)));
  EXPECT_OK(store->destroy_all(std::vector{slot_of(1).id, slot_of(9).id, slot_of(3).id}));
  EXPECT_FALSE(on_disk(path, slot_of(1)));
  EXPECT_FALSE(on_disk(path, slot_of(3)));
  EXPECT_FALSE(on_disk(path, slot_of(3, 2)));
  EXPECT_EQ(store->size(), 1u);
  EXPECT_OK(store->find(slot_of(2).id));
}

// SPEC KST-7
TEST_F(KeyStoreFile, ARotationCutShortLeavesBothVersionsAndSaysSo) {
  auto store = KeyStore::create(path);
  ASSERT_OK(store);
  EXPECT_OK(store->put(slot_of(1, 1)));
  EXPECT_OK(store->put(slot_of(1, 2)));
  auto after_crash = KeyStore::open(path);
  ASSERT_OK(after_crash);
  EXPECT_EQ(after_crash->with_several_versions(), std::vector{slot_of(1).id});
  EXPECT_EQ(after_crash->find(slot_of(1).id).value(), slot_of(1, 2));
  EXPECT_EQ(after_crash->find(slot_of(1).id, 1).value(), slot_of(1, 1));

  EXPECT_ERROR(ErrorCode::not_found, after_crash->keep_only(slot_of(1).id, 3));
  EXPECT_EQ(after_crash->size(), 2u);
  EXPECT_OK(after_crash->keep_only(slot_of(1).id, 1));
  EXPECT_EQ(after_crash->find(slot_of(1).id).value(), slot_of(1, 1));
  EXPECT_FALSE(on_disk(path, slot_of(1, 2)));
  EXPECT_TRUE(after_crash->with_several_versions().empty());

  EXPECT_OK(after_crash->replace(slot_of(1, 5)));
  EXPECT_EQ(after_crash->size(), 1u);
  EXPECT_FALSE(on_disk(path, slot_of(1, 1)));
}

// SPEC KST-3 and KST-4
TEST_F(KeyStoreFile, AFlippedBitInAnyByteOfASlotInTheMiddleIsCorruptAndNamesTheSlot) {
  {
    auto store = KeyStore::create(path);
    ASSERT_OK(store);
    EXPECT_OK(store->put_all(std::vector{slot_of(1), slot_of(2), slot_of(3)}));
  }
  const Bytes whole = contents(path);
  for (std::size_t byte = 0; byte < kSlot; ++byte) {
    overwrite(path, whole);
    flip(path, 2 * kSlot + byte);
    auto store = KeyStore::open(path);
    EXPECT_ERROR(ErrorCode::corrupt, store) << "byte " << byte;
    if (!store) {
      EXPECT_NE(store.error().message.find("slot 2"), std::string::npos);
    }
  }
}

// SPEC KST-2
TEST_F(KeyStoreFile, ADamagedHeaderIsRefused) {
  ASSERT_OK(KeyStore::create(path));
  const Bytes whole = contents(path);
  for (std::size_t byte = 0; byte < kSlot; ++byte) {
    overwrite(path, whole);
    flip(path, byte);
    EXPECT_FALSE(KeyStore::open(path)) << "byte " << byte;
  }
  overwrite(path, BytesView(whole).first(kSlot - 1));
  EXPECT_ERROR(ErrorCode::corrupt, KeyStore::open(path));
}

// SPEC KST-3: a whole slot in another place is not that slot.
TEST_F(KeyStoreFile, ASlotCopiedToAnotherPlaceIsFound) {
  {
    auto store = KeyStore::create(path);
    ASSERT_OK(store);
    EXPECT_OK(store->put_all(std::vector{slot_of(1), slot_of(2), slot_of(3)}));
  }
  Bytes bytes = contents(path);
  std::copy_n(bytes.begin() + 1 * kSlot, kSlot, bytes.begin() + 2 * kSlot);
  overwrite(path, bytes);
  EXPECT_ERROR(ErrorCode::corrupt, KeyStore::open(path));
}

// SPEC KST-5
TEST_F(KeyStoreFile, ATornSlotAtTheEndWasNeverAcknowledgedAndIsDropped) {
  {
    auto store = KeyStore::create(path);
    ASSERT_OK(store);
    EXPECT_OK(store->put_all(std::vector{slot_of(1), slot_of(2)}));
  }
  const Bytes whole = contents(path);
  for (std::size_t written = 1; written < kSlot; written += 9) {
    Bytes torn = whole;
    std::fill(torn.begin() + 2 * kSlot + written, torn.begin() + 3 * kSlot, 0);
    if (torn == whole) continue;
    overwrite(path, torn);
    auto store = KeyStore::open(path);
    ASSERT_OK(store);
    EXPECT_EQ(store->find(slot_of(1).id).value(), slot_of(1));
    EXPECT_ERROR(ErrorCode::not_found, store->find(slot_of(2).id));
    EXPECT_EQ(contents(path), torn) << "whether a row knows it is not said yet";
    EXPECT_OK(store->clear_torn());
    EXPECT_TRUE(std::ranges::all_of(BytesView(contents(path)).subspan(2 * kSlot), [](auto byte) { return byte == 0; }));
    EXPECT_OK(store->put(slot_of(3)));
    EXPECT_OK(store->clear_torn());
    EXPECT_EQ(KeyStore::open(path)->size(), 2u);
  }
}

// SPEC KST-5
TEST_F(KeyStoreFile, AFileCutAnywhereKeepsTheSlotsBeforeTheCut) {
  {
    auto store = KeyStore::create(path);
    ASSERT_OK(store);
    for (std::uint8_t i = 1; i <= 5; ++i) EXPECT_OK(store->put(slot_of(i)));
  }
  const Bytes whole = contents(path);
  for (std::size_t cut = kSlot; cut <= 6 * kSlot; cut += 50) {
    overwrite(path, BytesView(whole).first(cut));
    auto store = KeyStore::open(path);
    ASSERT_OK(store);
    EXPECT_EQ(store->size(), cut / kSlot - 1);
    EXPECT_OK(store->put(slot_of(9)));
    EXPECT_EQ(KeyStore::open(path)->size(), cut / kSlot);
  }
}

// SPEC KST-8
TEST_F(KeyStoreFile, AfterAFailedSyncNothingIsWrittenAnyMore) {
  auto store = KeyStore::create(path);
  ASSERT_OK(store);
  EXPECT_OK(store->put(slot_of(1)));
  {
    const FailingSync broken;
    EXPECT_ERROR(ErrorCode::io, store->put(slot_of(2)));
  }
  EXPECT_ERROR(ErrorCode::io, store->put(slot_of(3)));
  EXPECT_EQ(store->find(slot_of(1).id).value(), slot_of(1));
  EXPECT_ERROR(ErrorCode::io, store->destroy(slot_of(1).id));
  EXPECT_ERROR(ErrorCode::not_found, store->find(slot_of(1).id)) << "meant to be gone: it opens nothing any more";
}

TEST_F(KeyStoreFile, ManyThreadsFindWhileOnePuts) {
  auto store = KeyStore::create(path);
  ASSERT_OK(store);
  EXPECT_OK(store->put(slot_of(1)));
  std::atomic<bool> over = false;
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      while (!over) EXPECT_EQ(store->find(slot_of(1).id).value(), slot_of(1));
    });
  }
  for (int batch = 0; batch < 20; ++batch) {
    std::vector<KeySlot> slots(50, slot_of(2));
    for (KeySlot& slot : slots) slot.id = crypto::random_id<KeyId>();
    EXPECT_OK(store->put_all(slots));
  }
  over = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(store->size(), 1001u);
  EXPECT_EQ(KeyStore::open(path)->size(), 1001u);
}

}  // namespace
}  // namespace flikvakt::store
