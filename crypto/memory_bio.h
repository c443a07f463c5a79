// The two ends that OpenSSL sees instead of a socket: received bytes wait in `in`, records to be sent gather in `out`.
// Includes OpenSSL: for crypto/ only.
#pragma once

#include "base/bytes.h"
#include "crypto/x509_internal.h"

namespace flikvakt::crypto {

struct MemoryPipes {
  BytesView in;            // received and not yet read by OpenSSL; whoever receives keeps the bytes
  bool in_closed = false;  // the peer's end of file was received
  Bytes out;               // out[out_begin, end) is to be sent
  std::size_t out_begin = 0;
  std::size_t out_limit = 0;  // a write that would make more than this wait fails

  std::size_t out_pending() const { return out.size() - out_begin; }
  void drop_out() { out.clear(), out_begin = 0; }
};

// A BIO over `pipes`, which must outlive it.
Bio make_memory_bio(MemoryPipes& pipes);

// Write buffers are kept per thread, not per connection: an idle connection holds none.
void take_spare_buffer(Bytes& buffer);
void give_back_buffer(Bytes& buffer);

}  // namespace flikvakt::crypto
