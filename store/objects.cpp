#include "store/objects.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <optional>

#include "crypto/random.h"

namespace flikvakt::store {
namespace {

namespace fs = std::filesystem;

fs::path folder_of_temporaries(const fs::path& root) { return root / "tmp"; }

// Makes a folder if it is missing; says whether it did.
Result<bool> make_folder(const fs::path& path) {
  if (::mkdir(path.c_str(), 0700) == 0) return true;
  if (errno == EEXIST) return false;
  return os_error("creating", path);
}

Result<void> remove_file(const fs::path& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return os_error("removing", path);
  return {};
}

}  // namespace

struct ObjectWriter::Impl {
  fs::path root, target, temporary;
  FileDescriptor file;
  std::uint64_t written_bytes = 0;
  Stored stored;
  crypto::Sha256 hash;
  std::optional<crypto::EnvelopeWriter> envelope;

  ~Impl() {
    if (!temporary.empty()) ::unlink(temporary.c_str());
  }
  Result<void> append(BytesView piece) {
    TRY_VOID(write_exactly(file.get(), written_bytes, piece));
    written_bytes += piece.size();
    return {};
  }
};

ObjectWriter::ObjectWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ObjectWriter::ObjectWriter(ObjectWriter&&) noexcept = default;
ObjectWriter::~ObjectWriter() = default;

Result<void> ObjectWriter::push(BytesView plaintext) {
  if (!impl_) return fail(ErrorCode::internal, "the object writer is closed");
  Result<void> done = impl_->envelope->push(plaintext);
  if (!done) {
    impl_.reset();  // the room is given back at once, not when the caller lets go
    return done;
  }
  impl_->hash.update(plaintext);
  return {};
}

// SPEC STO-10: whole and durable under its name, or not there.
Result<ObjectWriter::Stored> ObjectWriter::commit() {
  if (!impl_) return fail(ErrorCode::internal, "the object writer is closed");
  std::unique_ptr<Impl> impl = std::move(impl_);
  impl->stored.plaintext_bytes = TRY(impl->envelope->finish());
  impl->stored.plaintext_sha256 = impl->hash.finish();
  impl->stored.object_bytes = impl->written_bytes;
  if (::fsync(impl->file.get()) != 0) return os_error("syncing", impl->temporary);

  const fs::path folder = impl->target.parent_path();
  if (TRY(make_folder(folder))) TRY_VOID(sync_directory(impl->root));
  // link() refuses a name that is taken; rename() would replace it.
  if (::link(impl->temporary.c_str(), impl->target.c_str()) != 0) {
    if (errno == EEXIST) return fail(ErrorCode::conflict, "there is an object of this name already");
    return os_error("naming", impl->target);
  }
  Result<void> durable = sync_directory(folder);
  if (!durable) {
    ::unlink(impl->target.c_str());
    return durable.error();
  }
  return impl->stored;
}

Result<std::span<std::uint8_t>> ObjectReader::read_chunk(std::uint32_t index, std::span<std::uint8_t> out) {
  if (index >= chunk_count()) return fail(ErrorCode::invalid, "the document has no such chunk");
  if (out.size() < chunk(index).sealed_bytes) return fail(ErrorCode::invalid, "the buffer is smaller than the chunk");
  const std::span<std::uint8_t> plaintext = out.first(chunk(index).plaintext_bytes);
  TRY_VOID(read_chunk(index, out, plaintext));
  return plaintext;
}

Result<void> ObjectReader::read_chunk(std::uint32_t index, std::span<std::uint8_t> sealed,
                                      std::span<std::uint8_t> out) {
  if (index >= chunk_count()) return fail(ErrorCode::invalid, "the document has no such chunk");
  const crypto::EnvelopeChunk place = chunk(index);
  if (sealed.size() < place.sealed_bytes) return fail(ErrorCode::invalid, "the buffer is smaller than the chunk");
  const std::span<std::uint8_t> stored = sealed.first(place.sealed_bytes);
  TRY_VOID(read_exactly(file_->get(), place.object_offset, stored));
  return envelope_.open_chunk(index, stored, out);
}

Result<Objects> Objects::create(const fs::path& root) {
  if (!TRY(make_folder(root))) {
    return fail(ErrorCode::conflict, "`" + root.filename().string() + "` is there already: nothing is overwritten");
  }
  TRY(make_folder(folder_of_temporaries(root)));
  TRY_VOID(sync_directory(root));
  TRY_VOID(sync_directory(root.parent_path()));
  return Objects(root);
}

Result<Objects> Objects::open(const fs::path& root) {
  TRY_VOID(require_private(root));
  TRY_VOID(require_private(folder_of_temporaries(root)));
  return Objects(root);
}

fs::path Objects::path_of(const ObjectName& name) const {
  const std::string text = name.text();
  return root_ / text.substr(0, 2) / text;
}

Result<ObjectWriter> Objects::write(const ObjectName& name, const crypto::DocumentKey& key,
                                    const crypto::EnvelopeBinding& binding) const {
  auto impl = std::make_unique<ObjectWriter::Impl>();
  impl->root = root_;
  impl->target = path_of(name);
  if (fs::exists(impl->target)) return fail(ErrorCode::conflict, "there is an object of this name already");
  const fs::path temporary = folder_of_temporaries(root_) / crypto::random_id<ObjectName>().text();
  impl->file = TRY(open_file(temporary, O_RDWR | O_CREAT | O_EXCL));
  impl->temporary = temporary;
  impl->stored.name = name;
  impl->envelope.emplace(key, binding, [raw = impl.get()](BytesView piece) { return raw->append(piece); });
  return ObjectWriter(std::move(impl));
}

Result<ObjectReader> Objects::read(const ObjectName& name, const crypto::DocumentKey& key,
                                   const crypto::EnvelopeBinding& binding) const {
  return TRY(open_object(name, key, binding)).reader();
}

Result<OpenObject> Objects::open_object(const ObjectName& name, const crypto::DocumentKey& key,
                                        const crypto::EnvelopeBinding& binding) const {
  FileDescriptor file = TRY(open_file(path_of(name), O_RDONLY | O_NONBLOCK));  // no pipe in its place holds a thread
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return os_error("looking at", path_of(name));
  ByteArray<crypto::kEnvelopeHeaderBytes> header;
  TRY_VOID(read_exactly(file.get(), 0, header));
  Result<crypto::PreparedEnvelope> envelope =
      crypto::PreparedEnvelope::open(key, binding, header, static_cast<std::uint64_t>(info.st_size));
  if (!envelope) return fail(ErrorCode::corrupt, "object `" + name.text() + "`: " + envelope.error().message);
  return OpenObject(std::move(file), std::move(*envelope));
}

Result<void> Objects::remove(const ObjectName& name) const {
  const fs::path path = path_of(name);
  std::error_code ec;
  if (!fs::exists(path.parent_path(), ec)) return {};
  TRY_VOID(remove_file(path));
  return sync_directory(path.parent_path());
}

}  // namespace flikvakt::store
