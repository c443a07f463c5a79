// Documents at rest: one file per object, objects/xx/<32 hex digits>, where xx are the first two digits; the contents
// are an envelope (spec/envelope.md). Names are random and say nothing. Memory use does not depend on the size.
// Not covered: which objects exist, their sizes and times show to whoever sees the disk. Layout: spec/store.md.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "base/files.h"
#include "crypto/envelope.h"
#include "crypto/hash.h"

namespace flikvakt::store {

// A document on its way in. Until commit() nothing is there under its name; the destructor removes the temporary file.
// One thread. After an error every later call fails too.
class ObjectWriter {
public:
  ObjectWriter(ObjectWriter&&) noexcept;
  ObjectWriter& operator=(ObjectWriter&&) = delete;
  ~ObjectWriter();

  Result<void> push(BytesView plaintext);  // pieces of any size; out_of_space: nothing is left behind

  struct Stored {
    ObjectName name;
    std::uint64_t plaintext_bytes = 0;
    std::uint64_t object_bytes = 0;  // of the file
    crypto::Hash256 plaintext_sha256{};
  };
  Result<Stored> commit();  // durable under its name when it returns; once

private:
  friend class Objects;
  struct Impl;
  explicit ObjectWriter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Random access to one document. One thread.
class ObjectReader {
public:
  std::uint64_t plaintext_bytes() const { return envelope_.plaintext_bytes(); }  // compare it with the document's row
  std::uint32_t chunk_count() const { return envelope_.chunk_count(); }
  crypto::EnvelopeChunk chunk(std::uint32_t index) const { return envelope_.chunk(index); }
  Result<crypto::EnvelopeRange> range(std::uint64_t offset, std::uint64_t length) const {
    return envelope_.range(offset, length);
  }

  // Reads and decrypts in place; returns the plaintext at the beginning of `out`. `out` holds at least
  // chunk(index).sealed_bytes (at most kSealedChunkBytes). corrupt: damaged, or the file was cut; invalid: no such
  // chunk, or `out` is too small.
  static constexpr std::size_t kSealedChunkBytes = crypto::kEnvelopeChunkBytes + 16;
  Result<std::span<std::uint8_t>> read_chunk(std::uint32_t index, std::span<std::uint8_t> out);
  // The same with a buffer of its own for what lies in the file; `out` is of chunk(index).plaintext_bytes.
  Result<void> read_chunk(std::uint32_t index, std::span<std::uint8_t> sealed, std::span<std::uint8_t> out);

private:
  friend class OpenObject;
  ObjectReader(std::shared_ptr<const FileDescriptor> file, crypto::EnvelopeReader envelope)
      : file_(std::move(file)), envelope_(std::move(envelope)) {}
  std::shared_ptr<const FileDescriptor> file_;
  crypto::EnvelopeReader envelope_;
};

// One document's file and key, made ready; readers are made of it on any thread, and share the file.
class OpenObject {
public:
  ObjectReader reader() const { return {file_, envelope_.reader()}; }

private:
  friend class Objects;
  OpenObject(FileDescriptor file, crypto::PreparedEnvelope envelope)
      : file_(std::make_shared<const FileDescriptor>(std::move(file))), envelope_(std::move(envelope)) {}
  std::shared_ptr<const FileDescriptor> file_;
  crypto::PreparedEnvelope envelope_;
};

// The folder of all objects. Thread-safe: it holds only the path.
class Objects {
public:
  static Result<Objects> create(const std::filesystem::path& root);  // conflict: it exists
  static Result<Objects> open(const std::filesystem::path& root);    // not_found; invalid: others can open it

  std::filesystem::path path_of(const ObjectName& name) const;

  // conflict: the name is taken (found at commit() too).
  Result<ObjectWriter> write(const ObjectName& name, const crypto::DocumentKey& key,
                             const crypto::EnvelopeBinding& binding) const;
  // not_found; corrupt: the file's header or size is no envelope's. A wrong key shows at the first chunk.
  Result<OpenObject> open_object(const ObjectName& name, const crypto::DocumentKey& key,
                                 const crypto::EnvelopeBinding& binding) const;
  Result<ObjectReader> read(const ObjectName& name, const crypto::DocumentKey& key,
                            const crypto::EnvelopeBinding& binding) const;
  Result<void> remove(const ObjectName& name) const;  // durable; one that is gone is no error

  struct Swept {
    std::uint64_t kept = 0;
    std::uint64_t temporaries = 0;
    std::uint64_t unreferenced = 0;
  };
  // At start-up, before any writer: removes temporaries and every object that `keep` does not know. invalid: something
  // there is not named like an object; then nothing is removed.
  Result<Swept> sweep(const std::function<bool(const ObjectName&)>& keep) const;

private:
  explicit Objects(std::filesystem::path root) : root_(std::move(root)) {}
  std::filesystem::path root_;
};

}  // namespace flikvakt::store
