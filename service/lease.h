// The right to go on sending one opened document. Network threads bracket every send(2) with enter() and leave(); the
// sequencer cuts. INVARIANT (no late send): when cut() has returned, no send under this lease is in flight and none
// will begin. That is what lets a revocation be acknowledged (P2). What the kernel holds by then is bounded by the
// socket's send buffer (spec/tls.md).
#pragma once

#include <atomic>
#include <cstdint>

#include "crypto/send_gate.h"

namespace flikvakt::service {

class Lease final : public crypto::SendGate {
public:
  [[nodiscard]] bool enter() noexcept override {
    // Announce first, look second; cut() does the opposite. With sequentially consistent order one of the two sees the
    // other, so no send slips between check and use.
    in_flight_.fetch_add(1, std::memory_order_seq_cst);
    if (!cut_.load(std::memory_order_seq_cst)) return true;
    end_of_send();
    return false;
  }
  void leave(std::size_t sent_bytes) noexcept override {
    sent_bytes_.fetch_add(sent_bytes, std::memory_order_relaxed);
    end_of_send();
  }

  // From any thread; waits for sends in flight. They are non-blocking system calls, so the wait is microseconds.
  void cut() noexcept {
    cut_.store(true, std::memory_order_seq_cst);
    for (int running = in_flight_.load(std::memory_order_seq_cst); running != 0;
         running = in_flight_.load(std::memory_order_seq_cst)) {
      in_flight_.wait(running, std::memory_order_seq_cst);
    }
  }

  bool is_cut() const noexcept { return cut_.load(std::memory_order_acquire); }
  // TLS record bytes that went to the kernel, over all transfers of the reading.
  std::uint64_t sent_bytes() const noexcept { return sent_bytes_.load(std::memory_order_acquire); }

private:
  void end_of_send() noexcept {
    in_flight_.fetch_sub(1, std::memory_order_seq_cst);
    if (cut_.load(std::memory_order_seq_cst)) in_flight_.notify_all();
  }

  std::atomic<int> in_flight_{0};
  std::atomic<bool> cut_{false};
  std::atomic<std::uint64_t> sent_bytes_{0};
};

}  // namespace flikvakt::service
