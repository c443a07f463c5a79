// The receiving half of a session: header blocks and bodies, each with its deadline.
#pragma once

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "gateway/exchange.h"
#include "gateway/framing_guard.h"
#include "gateway/http_session.h"

namespace flikvakt::gateway {

// Bytes received and not yet used. They come in the thread's buffer: a connection that waits holds none. In this order:
// room(), a read into it, filled(), and keep() before the coroutine is suspended again.
// INVARIANT (lent buffer): streams write into what room() gave only in the turn in which they return, and what is
// unread then is kept before the next one.
class InputBuffer {
public:
  BytesView unread() const { return unread_; }
  void consume(std::size_t count) {
    unread_ = unread_.subspan(count);
    if (unread_.empty() && !is_lent_) kept_ = Bytes();
  }

  std::span<std::uint8_t> room() {
    is_lent_ = unread_.empty();
    if (is_lent_) {
      kept_ = Bytes();
      return lent_room();
    }
    if (unread_.data() != kept_.data() || unread_.size() == kept_.size()) {
      Bytes larger(std::min(std::max(2 * unread_.size(), kSmallestKept), kMaxBytes));
      std::copy(unread_.begin(), unread_.end(), larger.begin());
      kept_.swap(larger);
      unread_ = BytesView(kept_).first(unread_.size());
    }
    return std::span(kept_).subspan(unread_.size());
  }
  void filled(std::size_t count) {
    unread_ = is_lent_ ? BytesView(lent_room()).first(count) : BytesView(kept_).first(unread_.size() + count);
  }
  void keep() {
    if (!std::exchange(is_lent_, false) || unread_.empty()) return;
    kept_ = to_bytes(unread_);
    unread_ = kept_;
  }

private:
  static constexpr std::size_t kSmallestKept = 1024;
  // One byte more than a block may have, so that a block that is too large is seen to be.
  static constexpr std::size_t kMaxBytes = kMaxHeadBytes + 1;

  static std::span<std::uint8_t> lent_room() {
    thread_local const auto room = std::make_unique_for_overwrite<std::array<std::uint8_t, kMaxBytes>>();
    return *room;
  }

  Bytes kept_;
  BytesView unread_;
  bool is_lent_ = false;
};

struct ReceivedHead {
  Bytes bytes;                              // complete, or when refused what came of it
  GuardReason refused = GuardReason::none;  // found before the block was complete
};

template <class Stream>
class RequestReader final : public BodyReader {
public:
  RequestReader(Stream& stream, const SessionEnvironment& environment) : stream_(stream), env_(environment) {}

  // The next header block; nothing when the connection ended or was too slow. `patience` is for its first byte.
  Awaitable<std::optional<ReceivedHead>> receive_head(std::chrono::milliseconds patience) {
    std::size_t scanned = 0;
    env_.idle = input_.unread().empty();
    env_.waits = true;
    SteadyTime deadline = in(env_.idle ? patience : env_.limits.header);
    while (true) {
      const HeadScan scan = scan_head(input_.unread(), scanned);
      arrival_ = std::chrono::steady_clock::now();
      ReceivedHead head{{}, scan.reason};
      if (scan.state == HeadScan::State::complete) {
        head.bytes = to_bytes(input_.unread().first(scan.head_bytes));
        input_.consume(scan.head_bytes);
        env_.waits = false;
      } else if (scan.state == HeadScan::State::refused) {
        head.bytes = to_bytes(input_.unread());
      }
      input_.keep();
      if (scan.state != HeadScan::State::incomplete) co_return head;
      scanned = input_.unread().size();
      if (scanned == 0 && env_.draining) co_return std::nullopt;
      Awaitable<Result<std::size_t>> read = stream_.read_some(input_.room(), deadline);
      const Result<std::size_t> got = co_await std::move(read);
      if (!got || *got == 0) {
        const bool slow = !got && got.error().code == ErrorCode::expired && scanned > 0;
        if (slow) env_.tally.count(env_.source, EarlyFailure::slow_header, "header block incomplete");
        co_return std::nullopt;
      }
      input_.filled(*got);
      if (std::exchange(env_.idle, false)) deadline = in(env_.limits.header);
    }
  }

  void begin_body(const GuardVerdict& verdict) {
    left_ = verdict.content_length;
    expects_continue_ = verdict.expects_continue && left_ > 0;
    received_ = 0;
    waited_ = {};
  }
  bool body_is_read() const { return left_ == 0; }
  // When the last byte of the request that was asked for had come: of the header block, or of the body.
  SteadyTime arrival() const { return arrival_; }

  Awaitable<Result<std::size_t>> read_body(std::span<std::uint8_t> out) override {
    out = out.first(static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), left_)));
    if (out.empty()) co_return std::size_t{0};
    const BytesView ready = input_.unread();
    if (!ready.empty()) {
      const std::size_t count = std::min(ready.size(), out.size());
      std::copy_n(ready.begin(), count, out.begin());
      input_.consume(count);
      count_received(count);
      co_return count;
    }
    if (std::exchange(expects_continue_, false)) {
      const Result<void> queued = stream_.encrypt({as_bytes("HTTP/1.1 100 Continue\r\n\r\n")});
      if (!queued) co_return queued.error();
      Awaitable<Result<void>> flush = stream_.flush(in(env_.limits.write_stall), nullptr);
      const Result<void> sent = co_await std::move(flush);
      if (!sent) co_return sent.error();
    }
    Awaitable<Result<std::size_t>> receive = receive_body(out);
    Result<std::size_t> got = co_await std::move(receive);
    co_return got;
  }

  Awaitable<bool> receive_whole(Request& request) {
    std::size_t filled = 0;
    env_.waits = true;
    while (filled < request.content_length) {
      if (filled == request.body.size()) request.body.resize(buffer_for(filled, request.content_length));
      Awaitable<Result<std::size_t>> read = read_body(std::span(request.body).subspan(filled));
      const Result<std::size_t> got = co_await std::move(read);
      if (!got) co_return false;
      filled += *got;
    }
    env_.waits = false;
    co_return true;
  }

  static SteadyTime in(std::chrono::milliseconds time) { return std::chrono::steady_clock::now() + time; }

private:
  // SPEC HTTP-18: only time spent waiting counts against the peer, not time that the handler takes.
  Awaitable<Result<std::size_t>> receive_body(std::span<std::uint8_t> out) {
    const auto earned = std::chrono::milliseconds(received_ * 1000 / env_.limits.body_bytes_per_second);
    const SteadyTime began = std::chrono::steady_clock::now();
    const std::chrono::steady_clock::duration patience = env_.limits.body_patience + earned - waited_;
    const SteadyTime deadline = began + std::min<std::chrono::steady_clock::duration>(patience, env_.limits.body_stall);
    Awaitable<Result<std::size_t>> read = stream_.read_some(out, deadline);
    const Result<std::size_t> got = co_await std::move(read);
    waited_ += std::chrono::steady_clock::now() - began;
    if (!got && got.error().code == ErrorCode::expired) {
      env_.tally.count(env_.source, EarlyFailure::slow_body, "body incomplete");
    }
    if (!got) co_return got.error();
    if (*got == 0) co_return fail(ErrorCode::io, "the peer ended within the body");
    count_received(*got);
    co_return *got;
  }

  void count_received(std::size_t count) {
    left_ -= count;
    received_ += count;
    arrival_ = std::chrono::steady_clock::now();  // SPEC HTTP-23
  }

  Stream& stream_;
  const SessionEnvironment& env_;
  InputBuffer input_;
  std::uint64_t left_ = 0;
  std::uint64_t received_ = 0;
  std::chrono::steady_clock::duration waited_{};  // within this body
  bool expects_continue_ = false;
  SteadyTime arrival_{};
};

}  // namespace flikvakt::gateway
