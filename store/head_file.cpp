#include "store/head_file.h"

#include <fcntl.h>

#include <optional>

#include "crypto/hash.h"

namespace flikvakt::store {
namespace {

constexpr std::size_t kHeadSlotBytes = 4096;
constexpr std::string_view kMagic = "FLIKHEAD";
using Slot = ByteArray<kHeadSlotBytes>;

struct Content {
  std::uint64_t sequence = 0;
  Bytes note;
};

// SPEC HDF-2: magic 8, sequence 8, length 4, reserved 12, SHA-256 32 over everything else, note, zeros.
crypto::Hash256 hash_of(const Slot& slot) {
  return crypto::sha256(BytesView(slot).first(32), BytesView(slot).subspan(64));
}

Slot encode(std::uint64_t sequence, BytesView note) {
  ByteWriter writer;
  writer.text(kMagic).u64(sequence).u32(static_cast<std::uint32_t>(note.size()));
  Slot slot{};
  std::copy(writer.view().begin(), writer.view().end(), slot.begin());
  std::copy(note.begin(), note.end(), slot.begin() + 64);
  const crypto::Hash256 hash = hash_of(slot);
  std::copy(hash.begin(), hash.end(), slot.begin() + 32);
  return slot;
}

std::optional<Content> decode(const Slot& slot) {
  ByteReader reader(slot);
  const BytesView magic = reader.bytes(kMagic.size());
  const std::uint64_t sequence = reader.u64();
  const std::uint32_t length = reader.u32();
  reader.bytes(12);
  if (as_text(magic) != kMagic || sequence == 0 || length > kMaxHeadNoteBytes) return std::nullopt;
  if (reader.array<32>() != hash_of(slot)) return std::nullopt;
  return Content{sequence, to_bytes(BytesView(slot).subspan(64, length))};
}

std::uint64_t offset_of(std::uint64_t sequence) { return sequence % 2 * kHeadSlotBytes; }  // SPEC HDF-3

}  // namespace

Result<HeadFile> HeadFile::create(const std::filesystem::path& path, BytesView note) {
  if (std::filesystem::exists(path)) {
    return fail(ErrorCode::conflict, "`" + path.filename().string() + "` is there already: nothing is overwritten");
  }
  if (note.size() > kMaxHeadNoteBytes) return fail(ErrorCode::invalid, "the head note is too long for its slot");
  Bytes both(2 * kHeadSlotBytes);
  const Slot first = encode(1, note);
  std::copy(first.begin(), first.end(), both.begin() + static_cast<std::ptrdiff_t>(offset_of(1)));
  TRY_VOID(write_file_atomically(path, both));
  return open(path);
}

Result<HeadFile> HeadFile::open(const std::filesystem::path& path) {
  FileDescriptor file = TRY(open_file(path, O_RDWR));
  std::optional<Content> newest;
  for (std::uint64_t place : {0, 1}) {
    Slot slot;
    const Result<void> whole = read_exactly(file.get(), place * kHeadSlotBytes, slot);
    if (!whole) return fail(whole.error().code, "reading the head file: " + whole.error().message);
    std::optional<Content> content = decode(slot);
    if (!content) continue;  // torn, or never written
    if (offset_of(content->sequence) != place * kHeadSlotBytes) {
      return fail(ErrorCode::corrupt, "a slot of the head file is in the other one's place");
    }
    if (!newest || content->sequence > newest->sequence) newest = std::move(content);
  }
  if (!newest) return fail(ErrorCode::corrupt, "no slot of the head file is whole");
  return HeadFile(std::move(file), newest->sequence, std::move(newest->note));
}

Result<void> HeadFile::write(BytesView note) {
  if (note.size() > kMaxHeadNoteBytes) return fail(ErrorCode::invalid, "the head note is too long for its slot");
  TRY_VOID(write_exactly(file_.get(), offset_of(sequence_ + 1), encode(sequence_ + 1, note)));
  TRY_VOID(sync_file(file_.get()));
  ++sequence_;
  note_ = to_bytes(note);
  return {};
}

}  // namespace flikvakt::store
