// Files of the data directory: head file, key store, list of erasures, and the wraps of keys. What a disk hands back is
// not always what was written; whatever it is, it is refused or read, never guessed at.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <filesystem>

#include "base/files.h"
#include "crypto/hash.h"
#include "crypto/key_wrap.h"
#include "service/erasures.h"
#include "store/backup.h"
#include "store/head_file.h"
#include "store/key_slot.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/targets.h"

namespace flikvakt::fuzz {
namespace {

using namespace flikvakt::store;

// One file in memory that is written anew for each input.
class ScratchFile {
public:
  ScratchFile() : fd_(::memfd_create("fuzz", 0)) { claim(fd_ >= 0, "a file in memory"); }
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;
  ~ScratchFile() { ::close(fd_); }
  std::filesystem::path hold(BytesView bytes) const {
    claim(::ftruncate(fd_, 0) == 0, "emptying it");
    claim(write_exactly(fd_, 0, bytes).has_value(), "writing it");
    return "/proc/self/fd/" + std::to_string(fd_);
  }

private:
  int fd_;
};

const ScratchFile& scratch() {
  static const ScratchFile file;
  return file;
}

constexpr std::size_t kHeadSlot = 4096;

// Two slots of what the input says, each hash put right when the input asks for it.
Bytes head_file_of(BytesView in) {
  ByteReader reader(in);
  Bytes file(2 * kHeadSlot);
  for (std::size_t slot : {0u, 1u}) {
    const std::span<std::uint8_t> bytes = std::span(file).subspan(slot * kHeadSlot, kHeadSlot);
    const std::uint8_t how = reader.u8();
    const std::uint64_t sequence = how & 1 ? reader.u64() : reader.u8();
    const std::uint32_t length = how & 2 ? reader.u32() : reader.u16() % 64;
    const Bytes front = ByteWriter().text("FLIKHEAD").u64(sequence).u32(length).view();
    std::ranges::copy(front, bytes.begin());
    const BytesView note = reader.bytes(std::min<std::size_t>(reader.left(), 40));
    std::ranges::copy(note, bytes.begin() + 64);
    const auto hash = crypto::sha256(BytesView(bytes).first(32), BytesView(bytes).subspan(64));
    if (how & 4) std::ranges::copy(hash, bytes.begin() + 32);
  }
  return file;
}

void check_head_file(BytesView in) {
  (void)HeadFile::open(scratch().hold(in));
  const Bytes bytes = head_file_of(in);
  auto file = HeadFile::open(scratch().hold(bytes));
  if (!file) return;
  claim(file->sequence() > 0 && file->note().size() <= kMaxHeadNoteBytes, "a slot that counts has a number and a note");
  const BytesView slot = BytesView(bytes).subspan(file->sequence() % 2 * kHeadSlot + 64, file->note().size());
  claim(std::ranges::equal(file->note(), slot), "the note is of the slot where its number belongs");
}

// Slots of 5 bytes of input each: kind, and what a key in it is called; then bytes that are changed.
void check_key_store(BytesView in) {
  if (in.size() < 8) return;
  ByteReader reader(in);
  const std::uint32_t place = reader.u32();
  const std::uint8_t how = reader.u8();
  Bytes file = to_bytes(encode_header());
  std::size_t live = 0;
  std::set<std::pair<std::uint8_t, std::uint8_t>> seen;
  for (std::uint64_t number = 1; reader.left() >= 3 && number < 40; ++number) {
    KeySlot slot;
    const std::uint8_t kind = reader.u8();
    const std::uint8_t name = reader.u8();
    slot.id = KeyId(ByteArray<16>{name, 1});
    slot.version = reader.u8();
    if (kind % 4 == 0 || !seen.emplace(name, slot.version).second) {
      file.resize(file.size() + kSlotBytes);
      continue;
    }
    const SlotBytes bytes = encode_slot(number, slot);
    claim(decode_slot(number, bytes) == slot, "a slot comes back");
    claim(!decode_slot(number + 1, bytes), "not in another place");
    file.insert(file.end(), bytes.begin(), bytes.end());
    ++live;
  }
  const auto whole = KeyStore::open_copy(scratch().hold(file));
  claim(whole && whole->size() == live, "every key that was written is there");
  if (how == 0) return;
  file[place % file.size()] ^= how;
  const auto damaged = KeyStore::open_copy(scratch().hold(file));
  claim(!damaged || damaged->size() <= live, "no key appears");
  const auto cut = KeyStore::open_copy(scratch().hold(BytesView(file).first(place % file.size())));
  claim(!cut || cut->size() <= live, "no key appears");
}

void check_wrap(BytesView in) {
  using crypto::FlikKey;
  using crypto::PersonKey;
  ByteReader reader(in);
  const std::uint8_t place = reader.u8();
  const std::uint8_t how = reader.u8();
  const crypto::WrapBinding binding{KeyId(reader.array<16>()), KeyId(reader.array<16>()), reader.u32()};
  const PersonKey parent = fixed_secret<PersonKey>(4);
  claim(!crypto::unwrap<FlikKey>(parent, reader.bytes(reader.left()), binding), "nobody but the key's holder wraps");
  crypto::WrappedKey wrap = crypto::wrap(parent, fixed_secret<FlikKey>(5), binding);
  claim(crypto::unwrap<FlikKey>(parent, wrap, binding).has_value(), "a wrapped key unwraps");
  claim(!crypto::unwrap<FlikKey>(parent, wrap, {binding.key, binding.parent, binding.version + 1}),
        "not in another version");
  claim(!crypto::unwrap<FlikKey>(parent, wrap, {binding.parent, binding.key, binding.version}) ||
            binding.parent == binding.key,
        "not as another key");
  if (how == 0) return;
  wrap[place % wrap.size()] ^= how;
  claim(!crypto::unwrap<FlikKey>(parent, wrap, binding), "a changed byte is found");
}

void check_erasures(BytesView in) {
  const auto keys = service::read_erasures(scratch().hold(in));
  const std::size_t lines = static_cast<std::size_t>(std::ranges::count(in, '\n'));
  if (keys) claim(keys->size() <= lines, "a line names a key");
}

// A backup of one file whose manifest is the input, alone or behind the right line.
struct Backup {
  std::filesystem::path folder;
  std::string right;
  Backup() {
    std::string name = (std::filesystem::temp_directory_path() / "flikvakt-fuzz-XXXXXX").string();
    folder = ::mkdtemp(name.data());
    claim(write_file_atomically(folder / "keys", as_bytes("keys")).has_value(), "a file");
    right = to_hex(crypto::sha256(as_bytes("keys"))) + "  keys\n";
  }
  ~Backup() { std::filesystem::remove_all(folder); }
  bool verifies(std::string_view manifest) const {
    const FileDescriptor file = open_file(folder / "MANIFEST", O_WRONLY | O_CREAT | O_TRUNC).value();
    claim(write_exactly(file.get(), 0, as_bytes(manifest)).has_value(), "a manifest");
    return verify_backup(folder).has_value();
  }
};

void check_manifest(std::string_view text) {
  static const Backup backup;
  claim(backup.verifies(backup.right), "the manifest that was written verifies");
  claim(!backup.verifies(text) || text.starts_with(backup.right), "no other manifest does");
  if (!text.empty() && text.find("  keys\n") == text.npos) {
    claim(!backup.verifies(backup.right + std::string(text)), "a manifest names nothing that is missing");
  }
}

}  // namespace

void store(BytesView in) {
  switch (choose(in, 5)) {
    case 0:
      return check_head_file(in);
    case 1:
      return check_key_store(in);
    case 2:
      return check_wrap(in);
    case 3:
      return check_erasures(in);
    default:
      return check_manifest(as_text(in));
  }
}

}  // namespace flikvakt::fuzz
