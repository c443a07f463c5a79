#include "store/objects.h"

#include <sys/mount.h>
#include <sys/resource.h>

#include <set>

#include "crypto/random.h"
#include "tests/store/failing_sync.h"
#include "tests/store/temporary.h"

namespace flikvakt::store {
namespace {

class ObjectFiles : public testing::Test {
protected:
  TemporaryFolder folder;
  fs::path root = folder / "objects";
  crypto::DocumentKey key = crypto::DocumentKey::random();
  crypto::EnvelopeBinding binding{DocumentId(ByteArray<16>{4}), 1};

  static Bytes document(std::size_t size) {
    Bytes out(size);
    for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::uint8_t>("document text "[i % 14] + i / 65536);
    return out;
  }
  Result<ObjectWriter::Stored> deposit(const Objects& objects, const ObjectName& name, BytesView bytes) {
    ObjectWriter writer = TRY(objects.write(name, key, binding));
    for (; !bytes.empty(); bytes = bytes.subspan(std::min<std::size_t>(bytes.size(), 7001))) {
      TRY_VOID(writer.push(bytes.first(std::min<std::size_t>(bytes.size(), 7001))));
    }
    return writer.commit();
  }
  static Bytes read_all(ObjectReader&& reader) {
    Bytes out;
    Bytes buffer(ObjectReader::kSealedChunkBytes);
    for (std::uint32_t i = 0; i < reader.chunk_count(); ++i) {
      auto chunk = reader.read_chunk(i, buffer);
      EXPECT_OK(chunk);
      if (chunk) out.insert(out.end(), chunk->begin(), chunk->end());
    }
    return out;
  }
  static std::size_t files_under(const fs::path& path) {
    std::size_t count = 0;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(path)) count += entry.is_regular_file();
    return count;
  }
};

// SPEC STO-10
TEST_F(ObjectFiles, ADocumentComesBackByChunksInAnyOrderAndIsNotReadableOnDisk) {
  auto objects = Objects::create(root);
  ASSERT_OK(objects);
  for (std::size_t size : {0u, 1u, 65535u, 65536u, 65537u, 200000u}) {
    const Bytes bytes = document(size);
    const ObjectName name = crypto::random_id<ObjectName>();
    auto stored = deposit(*objects, name, bytes);
    ASSERT_OK(stored);
    EXPECT_EQ(stored->plaintext_bytes, size);
    EXPECT_EQ(stored->plaintext_sha256, crypto::sha256(bytes));
    EXPECT_EQ(stored->object_bytes, fs::file_size(objects->path_of(name)));
    EXPECT_EQ(objects->path_of(name), root / name.text().substr(0, 2) / name.text());
    EXPECT_FALSE(holds(contents(objects->path_of(name)), "document text"));
    auto reader = objects->read(name, key, binding);
    ASSERT_OK(reader);
    EXPECT_EQ(reader->plaintext_bytes(), size);
    Bytes buffer(ObjectReader::kSealedChunkBytes);
    auto last = reader->read_chunk(reader->chunk_count() - 1, buffer);
    ASSERT_OK(last);
    EXPECT_TRUE(std::equal(last->begin(), last->end(), bytes.end() - static_cast<std::ptrdiff_t>(last->size())));
    EXPECT_EQ(read_all(std::move(*reader)), bytes);
  }
  EXPECT_TRUE(fs::is_empty(root / "tmp"));
}

TEST_F(ObjectFiles, WithAnotherKeyOrForAnotherDocumentNothingIsRead) {
  auto objects = Objects::create(root);
  ASSERT_OK(objects);
  const ObjectName name(ByteArray<16>{1});
  ASSERT_OK(deposit(*objects, name, document(100)));
  Bytes buffer(ObjectReader::kSealedChunkBytes);
  EXPECT_OK(objects->read(name, key, binding)->read_chunk(0, buffer));
  EXPECT_ERROR(ErrorCode::corrupt, objects->read(name, crypto::DocumentKey::random(), binding)->read_chunk(0, buffer));
  EXPECT_ERROR(ErrorCode::corrupt, objects->read(name, key, {binding.document, 2})->read_chunk(0, buffer));
  EXPECT_ERROR(ErrorCode::not_found, objects->read(ObjectName(ByteArray<16>{2}), key, binding));
  EXPECT_ERROR(ErrorCode::invalid, objects->read(name, key, binding)->read_chunk(1, buffer));
  EXPECT_ERROR(ErrorCode::invalid, objects->read(name, key, binding)->read_chunk(0, std::span(buffer).first(100)));
}

TEST_F(ObjectFiles, AFlippedBitOrACutIsCorrupt) {
  auto objects = Objects::create(root);
  ASSERT_OK(objects);
  const ObjectName name(ByteArray<16>{1});
  ASSERT_OK(deposit(*objects, name, document(70000)));
  const fs::path path = objects->path_of(name);
  const Bytes whole = contents(path);
  Bytes buffer(ObjectReader::kSealedChunkBytes);
  flip(path, 64 + 65552 + 10);
  EXPECT_OK(objects->read(name, key, binding)->read_chunk(0, buffer));
  EXPECT_ERROR(ErrorCode::corrupt, objects->read(name, key, binding)->read_chunk(1, buffer));
  for (std::size_t cut : {0u, 63u, 64u, 70u}) {
    overwrite(path, BytesView(whole).first(cut));
    EXPECT_ERROR(ErrorCode::corrupt, objects->read(name, key, binding)) << cut;
  }
  overwrite(path, BytesView(whole).first(64 + 65552));  // at the border of a chunk
  auto cut = objects->read(name, key, binding);
  EXPECT_FALSE(cut && cut->read_chunk(0, buffer));
}

// SPEC STO-10
TEST_F(ObjectFiles, AWriterThatIsDroppedLeavesNothingAndATakenNameIsRefused) {
  auto objects = Objects::create(root);
  ASSERT_OK(objects);
  const ObjectName name(ByteArray<16>{1});
  {
    auto writer = objects->write(name, key, binding);
    ASSERT_OK(writer);
    EXPECT_OK(writer->push(document(100000)));
    EXPECT_EQ(files_under(root), 1u);
    EXPECT_FALSE(fs::exists(objects->path_of(name)));
  }
  EXPECT_EQ(files_under(root), 0u);
  auto first = objects->write(name, key, binding);
  auto second = objects->write(name, key, binding);
  EXPECT_OK(first->push(text("first")));
  EXPECT_OK(second->push(text("second")));
  EXPECT_OK(first->commit());
  EXPECT_ERROR(ErrorCode::conflict, second->commit());
  EXPECT_ERROR(ErrorCode::conflict, objects->write(name, key, binding));
  EXPECT_EQ(read_all(objects->read(name, key, binding).value()), text("first"));
  EXPECT_EQ(files_under(root), 1u);
}

TEST_F(ObjectFiles, AFailedSyncLeavesNoObject) {
  auto objects = Objects::create(root);
  ASSERT_OK(objects);
  const ObjectName name(ByteArray<16>{1});
  for (int working = 0; working < 3; ++working) {
    auto writer = objects->write(name, key, binding);
    EXPECT_OK(writer->push(text("x")));
    fs::remove(objects->path_of(name).parent_path());
    const FailingSync broken(working);
    EXPECT_ERROR(ErrorCode::io, writer->commit());
    EXPECT_EQ(files_under(root), 0u);
  }
}

TEST_F(ObjectFiles, ARemovedObjectIsGoneAndRemovingTwiceIsNoError) {
  auto objects = Objects::create(root);
  ASSERT_OK(objects);
  const ObjectName name(ByteArray<16>{1});
  EXPECT_OK(objects->remove(name));
  ASSERT_OK(deposit(*objects, name, document(10)));
  EXPECT_OK(objects->remove(name));
  EXPECT_ERROR(ErrorCode::not_found, objects->read(name, key, binding));
  EXPECT_OK(objects->remove(name));
}

// SPEC STO-11
TEST_F(ObjectFiles, TheSweepRemovesTemporariesAndWhatNobodyRefersTo) {
  auto objects = Objects::create(root);
  ASSERT_OK(objects);
  std::set<ObjectName> kept;
  for (std::uint8_t i = 1; i <= 6; ++i) {
    const ObjectName name(ByteArray<16>{static_cast<std::uint8_t>(i % 2), i});
    ASSERT_OK(deposit(*objects, name, document(i)));
    if (i <= 4) kept.insert(name);
  }
  overwrite(root / "tmp" / ObjectName(ByteArray<16>{7}).text(), text("half"));
  const auto keep = [&](const ObjectName& name) { return kept.contains(name); };
  auto swept = objects->sweep(keep);
  ASSERT_OK(swept);
  EXPECT_EQ(swept->kept, 4u);
  EXPECT_EQ(swept->temporaries, 1u);
  EXPECT_EQ(swept->unreferenced, 2u);
  EXPECT_EQ(files_under(root), 4u);
  for (const ObjectName& name : kept) EXPECT_OK(objects->read(name, key, binding));

  overwrite(root / "00" / "notes.txt", text("whose?"));
  const fs::path temporary = root / "tmp" / ObjectName(ByteArray<16>{8}).text();
  overwrite(temporary, text("half"));
  EXPECT_ERROR(ErrorCode::invalid, objects->sweep(keep));
  EXPECT_TRUE(fs::exists(temporary)) << "nothing goes until all is understood";
  EXPECT_TRUE(fs::exists(root / "00" / "notes.txt")) << "what is not ours is left alone";
}

TEST_F(ObjectFiles, AFullDiskGivesOutOfSpaceAndTheRoomComesBackAtOnce) {
  const fs::path disk = folder / "disk";
  fs::create_directory(disk);
  if (::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=1m,mode=0700") != 0) {
    GTEST_SKIP() << "needs the right to mount a tmpfs (root), which this run does not have";
  }
  {
    auto objects = Objects::create(disk / "objects");
    ASSERT_OK(objects);
    const ObjectName name(ByteArray<16>{1});
    auto writer = objects->write(name, key, binding);
    ASSERT_OK(writer);
    EXPECT_ERROR(ErrorCode::out_of_space, writer->push(document(3 << 20)));
    EXPECT_EQ(files_under(disk), 0u);
    EXPECT_ERROR(ErrorCode::internal, writer->commit());
    EXPECT_OK(deposit(*objects, name, document(500000)));
  }
  ::umount2(disk.c_str(), MNT_DETACH);
}

TEST_F(ObjectFiles, AFolderThatOthersCanOpenIsRefused) {
  ASSERT_OK(Objects::create(root));
  EXPECT_ERROR(ErrorCode::conflict, Objects::create(root));
  EXPECT_OK(Objects::open(root));
  fs::permissions(root, fs::perms(0755));
  EXPECT_ERROR(ErrorCode::invalid, Objects::open(root));
  EXPECT_ERROR(ErrorCode::not_found, Objects::open(folder / "nowhere"));
}

}  // namespace
}  // namespace flikvakt::store
