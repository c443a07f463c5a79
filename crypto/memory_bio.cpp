#include "crypto/memory_bio.h"

#include <algorithm>
#include <cstring>

namespace flikvakt::crypto {
namespace {

MemoryPipes& pipes_of(BIO* bio) { return *static_cast<MemoryPipes*>(BIO_get_data(bio)); }

int read_pipe(BIO* bio, char* out, std::size_t wanted, std::size_t* got) {
  MemoryPipes& pipes = pipes_of(bio);
  BIO_clear_retry_flags(bio);
  const std::size_t count = std::min(wanted, pipes.in.size());
  *got = count;
  if (count == 0) {
    if (!pipes.in_closed) BIO_set_retry_read(bio);
    return 0;
  }
  std::memcpy(out, pipes.in.data(), count);
  pipes.in = pipes.in.subspan(count);
  return 1;
}

int write_pipe(BIO* bio, const char* data, std::size_t size, std::size_t* written) {
  MemoryPipes& pipes = pipes_of(bio);
  BIO_clear_retry_flags(bio);
  if (pipes.out_pending() + size > pipes.out_limit) return 0;
  if (pipes.out.capacity() == 0) take_spare_buffer(pipes.out);
  // As the bytes that they are, so that it is one memmove: a loop over chars took 2.3 µs for 4 KiB, 30 for 64.
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(data);
  pipes.out.insert(pipes.out.end(), bytes, bytes + size);
  *written = size;
  return 1;
}

long control(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_FLUSH) return 1;
  if (command == BIO_CTRL_EOF) return pipes_of(bio).in_closed ? 1 : 0;
  return 0;
}

BIO_METHOD* make_method() {
  BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "flikvakt pipes");
  if (method == nullptr) return nullptr;
  BIO_meth_set_read_ex(method, &read_pipe);
  BIO_meth_set_write_ex(method, &write_pipe);
  BIO_meth_set_ctrl(method, &control);
  return method;
}

constexpr std::size_t kSpareBuffers = 16;
constexpr std::size_t kSpareBytes = 96 * 1024;  // a 64 KiB chunk, its records' overhead, and a head
thread_local std::vector<Bytes> spare_buffers;

}  // namespace

Bio make_memory_bio(MemoryPipes& pipes) {
  static BIO_METHOD* const method = make_method();
  Bio bio{method != nullptr ? BIO_new(method) : nullptr};
  if (bio == nullptr) throw std::bad_alloc();
  BIO_set_data(bio.get(), &pipes);
  BIO_set_init(bio.get(), 1);
  return bio;
}

void take_spare_buffer(Bytes& buffer) {
  if (spare_buffers.empty()) {
    buffer.reserve(kSpareBytes);
    return;
  }
  buffer.swap(spare_buffers.back());
  spare_buffers.pop_back();
}

void give_back_buffer(Bytes& buffer) {
  Bytes done;
  done.swap(buffer);
  done.clear();
  if (done.capacity() > 0 && done.capacity() <= 2 * kSpareBytes && spare_buffers.size() < kSpareBuffers) {
    spare_buffers.push_back(std::move(done));
  }
}

}  // namespace flikvakt::crypto
