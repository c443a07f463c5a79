// Sending one document: head and first chunk in one flush, every send(2) under the document's gate.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <string>

#include "crypto/secret.h"
#include "crypto/send_gate.h"
#include "gateway/http.h"

namespace flikvakt::gateway {

// Passes the gate on, and counts what was sent since restart().
class CountingGate final : public crypto::SendGate {
public:
  explicit CountingGate(crypto::SendGate& inner) : inner_(inner) {}
  bool enter() noexcept override { return inner_.enter(); }
  void leave(std::size_t sent_bytes) noexcept override {
    inner_.leave(sent_bytes);
    sent_ += sent_bytes;
  }
  void restart() { sent_ = 0; }
  std::size_t sent() const { return sent_; }

private:
  crypto::SendGate& inner_;
  std::size_t sent_ = 0;
};

// Tells on_finished once, whichever way the transfer ends; also when it is destroyed before it began.
class TransferReport {
public:
  explicit TransferReport(DocumentBody& body) : body_(body) {}
  TransferReport(const TransferReport&) = delete;
  TransferReport& operator=(const TransferReport&) = delete;
  ~TransferReport() {
    if (body_.on_finished) body_.on_finished(handed_over, end);
  }
  std::uint64_t handed_over = 0;
  TransferEnd end = TransferEnd::broken;

private:
  DocumentBody& body_;
};

// Room for the plaintext of one chunk; scrubbed when dropped. The memory goes back to the thread, which keeps one: a
// transfer holds it from reading to encrypting only, and no idle byte of it is zeroed first.
class ChunkBuffer {
public:
  ChunkBuffer() : room_(spare_ ? std::move(spare_) : std::make_unique_for_overwrite<Room>()) {}
  ChunkBuffer(const ChunkBuffer&) = delete;
  ChunkBuffer& operator=(const ChunkBuffer&) = delete;
  ~ChunkBuffer() {
    crypto::scrub(std::span(*room_).first(used_));
    spare_ = std::move(room_);
  }
  std::span<std::uint8_t> first(std::size_t count) {
    used_ = std::max(used_, count);
    return std::span(*room_).first(count);
  }

private:
  using Room = std::array<std::uint8_t, kChunkBytes>;
  inline static thread_local std::unique_ptr<Room> spare_;
  std::unique_ptr<Room> room_;
  std::size_t used_ = 0;
};

// The next records of head and document, encrypted and not yet sent: how many bytes of the document they hold. Nothing
// of the plaintext is left here then.
template <class Stream>
Awaitable<Result<std::size_t>> encrypt_next(Stream& stream, std::string_view head, DocumentSource& source,
                                            std::uint64_t left) {
  ChunkBuffer chunk;
  std::span<std::uint8_t> plain = chunk.first(static_cast<std::size_t>(std::min<std::uint64_t>(left, kChunkBytes)));
  if (!plain.empty()) {
    Awaitable<Result<std::size_t>> pull = source.next(plain);
    const Result<std::size_t> got = co_await std::move(pull);
    if (!got) co_return got;
    if (*got == 0 || *got > plain.size()) co_return fail(ErrorCode::corrupt, "the source gave another length");
    plain = plain.first(*got);
  }
  // SPEC HTTP-31
  const Result<void> queued = stream.encrypt({as_bytes(head), BytesView(plain)});
  if (!queued) co_return queued.error();
  co_return plain.size();
}

// Answers whether all went out. On anything else the stream was aborted: nothing pending may follow (SPEC HTTP-32).
template <class Stream>
Awaitable<bool> send_document(Stream& stream, std::string head, DocumentBody& body, TransferReport& report,
                              std::chrono::milliseconds write_stall) {
  CountingGate gate(*body.gate);
  do {
    Awaitable<Result<std::size_t>> encrypt =
        encrypt_next(stream, head, *body.source, body.total_bytes - report.handed_over);
    const Result<std::size_t> encrypted = co_await std::move(encrypt);
    if (!encrypted) break;
    head.clear();
    gate.restart();
    Awaitable<Result<void>> flush = stream.flush(std::chrono::steady_clock::now() + write_stall, &gate);
    const Result<void> flushed = co_await std::move(flush);
    if (!flushed) {
      report.handed_over += std::min(*encrypted, gate.sent());
      if (flushed.error().code == ErrorCode::denied) report.end = TransferEnd::cut;
      break;
    }
    report.handed_over += *encrypted;
    if (report.handed_over == body.total_bytes) report.end = TransferEnd::complete;
  } while (report.handed_over < body.total_bytes);
  if (report.end != TransferEnd::complete) stream.abort();
  co_return report.end == TransferEnd::complete;
}

}  // namespace flikvakt::gateway
