// Sending one document: head and first chunk in one flush, every send(2) under the document's gate.
#pragma once

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

// Plaintext of one chunk; scrubbed when dropped.
class ChunkBuffer {
public:
  explicit ChunkBuffer(std::size_t bytes) : bytes_(bytes) {}
  ChunkBuffer(const ChunkBuffer&) = delete;
  ChunkBuffer& operator=(const ChunkBuffer&) = delete;
  ~ChunkBuffer() { crypto::scrub(bytes_); }
  std::span<std::uint8_t> first(std::size_t count) { return std::span(bytes_).first(count); }

private:
  Bytes bytes_;
};

// Answers whether all went out. On anything else the stream was aborted: nothing pending may follow (SPEC HTTP-32).
template <class Stream>
Awaitable<bool> send_document(Stream& stream, std::string head, DocumentBody& body, TransferReport& report,
                              std::chrono::milliseconds write_stall) {
  CountingGate gate(*body.gate);
  ChunkBuffer chunk(static_cast<std::size_t>(std::min<std::uint64_t>(body.total_bytes, kChunkBytes)));
  do {
    const std::uint64_t left = body.total_bytes - report.handed_over;
    std::span<std::uint8_t> plain = chunk.first(static_cast<std::size_t>(std::min<std::uint64_t>(left, kChunkBytes)));
    if (!plain.empty()) {
      Awaitable<Result<std::size_t>> pull = body.source->next(plain);
      const Result<std::size_t> got = co_await std::move(pull);
      if (!got || *got == 0 || *got > plain.size()) break;
      plain = plain.first(*got);
    }
    gate.restart();
    // SPEC HTTP-31
    const Result<void> queued = stream.encrypt({as_bytes(head), BytesView(plain)});
    if (!queued) break;
    head.clear();
    Awaitable<Result<void>> flush = stream.flush(std::chrono::steady_clock::now() + write_stall, &gate);
    const Result<void> flushed = co_await std::move(flush);
    if (!flushed) {
      report.handed_over += std::min(plain.size(), gate.sent());
      if (flushed.error().code == ErrorCode::denied) report.end = TransferEnd::cut;
      break;
    }
    report.handed_over += plain.size();
    if (report.handed_over == body.total_bytes) report.end = TransferEnd::complete;
  } while (report.handed_over < body.total_bytes);
  if (report.end != TransferEnd::complete) stream.abort();
  co_return report.end == TransferEnd::complete;
}

}  // namespace flikvakt::gateway
