// What the coroutines of one worker have the sequencer do. What they send in one turn of the worker's loop goes there
// together, and what one batch of the sequencer answers comes back together: either thread is woken for a batch, not
// for each command, and batches are larger.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/intrusive/list.hpp>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "gateway/async.h"
#include "service/core.h"

namespace flikvakt::gateway {

// On the worker's thread only. The sequencers outlive the worker's io_context.
class Errands {
public:
  explicit Errands(asio::io_context& context);
  Errands(const Errands&) = delete;
  Errands& operator=(const Errands&) = delete;

  // Of the running coroutine's worker; there as long as its io_context.
  static Awaitable<Errands*> here();

  // The coroutine goes on when the command is decided. When the sequencer dies without an answer, it is destroyed. What
  // changes anybody's rights does not wait for company.
  Awaitable<service::CommandResult> decide(service::Sequencer& sequencer, service::Command command);

  // Nobody waits for the answer.
  void send(service::Sequencer& sequencer, service::Command command) noexcept;  // no memory: the process ends

  // When the loop of this context has ended, and the sequencer still takes commands: a closing that was posted in its
  // last turn must not be lost.
  static void send_what_is_owed(asio::io_context& context);

  // With the io_context: destroys the coroutines that wait, and sends at once what they still owe the log.
  void shut_down();

private:
  using Token = asio::use_awaitable_t<Executor>;
  using Handler = asio::async_result<Token, void()>::handler_type;
  // One that is waited for; part of the frame of the coroutine that waits.
  struct Errand : boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
    std::optional<Handler> handler;
    std::optional<asio::executor_work_guard<Executor>> work;  // the loop has something to wait for
    std::optional<service::CommandResult> result;
  };
  struct Inbox;
  class Reply;

  void begin(service::Sequencer& sequencer, service::Command command, Errand& errand, Handler handler);
  bool may_wait(const service::Command& command) const;
  void flush() noexcept;
  void take_answers();

  asio::io_context& context_;
  service::Sequencer* sequencer_ = nullptr;  // that `leaving_` is for
  std::vector<service::Command> leaving_;
  boost::intrusive::list<Errand, boost::intrusive::constant_time_size<false>> waiting_;
  std::vector<Errand*> answered_;  // kept for its room
  std::shared_ptr<Inbox> inbox_;
  bool is_shut_down_ = false;
};

}  // namespace flikvakt::gateway
