// The inside of TlsStream. Includes OpenSSL: for crypto/ only.
#pragma once

#include "crypto/memory_bio.h"
#include "crypto/tls_internal.h"
#include "crypto/tls_watchdog.h"

namespace flikvakt::crypto {

struct TlsStream::State {
  State(TcpSocket connected, const ServerContext& context);
  ~State();

  Task<Result<void>> handshake(Deadline deadline);
  Task<Result<std::size_t>> read_some(std::span<std::uint8_t> out, Deadline deadline);
  Result<void> encrypt(std::span<const BytesView> parts);
  Task<Result<void>> flush(Deadline deadline, SendGate* gate);
  Task<void> shutdown(Deadline deadline);
  void abort() noexcept;

  bool append_record(BytesView plaintext);
  Task<Result<void>> fill(Deadline deadline);  // receives at least a byte, or sets pipes.in_closed
  Task<Result<void>> wait_writable(Deadline deadline);
  Result<bool> receive();  // false: nothing is there yet
  void keep_rest();
  // An error that ends this stream's use.
  Error broken(ErrorCode code, std::string message);

  TcpSocket socket;
  MemoryPipes pipes;
  Bytes rest;  // what OpenSSL had not read when the thread's receive buffer went to others
  SslPtr ssl;
  std::shared_ptr<TlsWatchdog> watchdog;
  bool is_broken = false;
};

}  // namespace flikvakt::crypto
