#include "gateway/errands.h"

#include <boost/asio/execution_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <utility>

namespace flikvakt::gateway {
namespace {

// Made when a worker's io_context is first asked for it, and shut down with the context.
class ErrandsOfContext final : public asio::execution_context::service {
public:
  inline static asio::execution_context::id id;
  explicit ErrandsOfContext(asio::io_context& context) : service(context), errands(context) {}
  Errands errands;

private:
  void shutdown() override { errands.shut_down(); }
};

}  // namespace

// What has been answered. An errand is written to only under this lock and while the worker is there: its frame is
// destroyed by the worker alone, which closes the inbox first.
// In a delivery put() only gathers; its end announces.
struct Errands::Inbox final : service::Mailbox {
  explicit Inbox(Errands& owner) : worker(&owner) {}

  void put(Errand& errand, std::optional<service::CommandResult> result) {
    const std::lock_guard lock(mutex);
    if (worker == nullptr) return;
    errand.result = std::move(result);
    answered.push_back(&errand);
    if (answered.size() == 1 && !in_delivery) announce();
  }
  void begin_delivery() noexcept override {
    const std::lock_guard lock(mutex);
    in_delivery = true;
  }
  void end_delivery() noexcept override {
    const std::lock_guard lock(mutex);
    in_delivery = false;
    if (worker != nullptr && !answered.empty()) announce();
  }
  void close() {
    const std::lock_guard lock(mutex);
    worker = nullptr;
  }

  std::mutex mutex;
  Errands* worker;
  std::vector<Errand*> answered;
  bool in_delivery = false;

private:
  void announce() {
    asio::post(worker->context_, [owner = worker] { owner->take_answers(); });
  }
};

// The sequencer's end of one errand. Dropped without an answer, it says so.
class Errands::Reply {
public:
  Reply(std::shared_ptr<Inbox> inbox, Errand& errand) : inbox_(std::move(inbox)), errand_(&errand) {}
  Reply(const Reply&) = delete;
  Reply& operator=(const Reply&) = delete;
  ~Reply() { give(std::nullopt); }
  void give(std::optional<service::CommandResult> result) {
    if (Errand* errand = std::exchange(errand_, nullptr)) inbox_->put(*errand, std::move(result));
  }

private:
  std::shared_ptr<Inbox> inbox_;
  Errand* errand_;
};

Errands::Errands(asio::io_context& context) : context_(context), inbox_(std::make_shared<Inbox>(*this)) {}

Awaitable<Errands*> Errands::here() {
  const Executor executor = co_await asio::this_coro::executor_t{};
  co_return &asio::use_service<ErrandsOfContext>(executor.context()).errands;
}

Awaitable<service::CommandResult> Errands::decide(service::Sequencer& sequencer, service::Command command) {
  Errand errand;
  Token token;
  auto initiate = [&](Handler handler) { begin(sequencer, std::move(command), errand, std::move(handler)); };
  auto answer = asio::async_initiate<Token, void()>(std::move(initiate), token);
  co_await std::move(answer);
  co_return *std::move(errand.result);
}

void Errands::begin(service::Sequencer& sequencer, service::Command command, Errand& errand, Handler handler) {
  errand.handler.emplace(std::move(handler));
  errand.work.emplace(context_.get_executor());
  waiting_.push_back(errand);
  command.mailbox = inbox_;
  command.done = [reply = std::make_shared<Reply>(inbox_, errand)](service::CommandResult result) {
    reply->give(std::move(result));
  };
  send(sequencer, std::move(command));
}

// Only reads and what the gateway owes the log wait for company: an act must not be overtaken by a later one of its own
// actor that came in on another worker.
bool Errands::may_wait(const service::Command& command) const {
  const bool is_act = command.evidence || policy::direction_of(command.act) == policy::Direction::narrowing;
  return !is_act && !is_shut_down_;
}

void Errands::send(service::Sequencer& sequencer, service::Command command) noexcept {
  if (sequencer_ != &sequencer) flush();
  sequencer_ = &sequencer;
  const bool is_urgent = !may_wait(command);
  leaving_.push_back(std::move(command));
  if (is_urgent) return flush();
  // Behind everything that is ready now: what those coroutines send goes with it.
  if (leaving_.size() == 1) asio::post(context_, [this] { flush(); });
}

void Errands::send_what_is_owed(asio::io_context& context) {
  if (asio::has_service<ErrandsOfContext>(context)) asio::use_service<ErrandsOfContext>(context).errands.flush();
}

void Errands::flush() noexcept {
  if (!leaving_.empty()) sequencer_->submit(std::exchange(leaving_, {}));
}

void Errands::take_answers() {
  {
    const std::lock_guard lock(inbox_->mutex);
    answered_.swap(inbox_->answered);
  }
  for (Errand* errand : answered_) {
    // Out of the frame, which ends with it: at once when there is no answer, else when the coroutine is done.
    Handler handler = *std::move(errand->handler);
    errand->unlink();
    if (errand->result) std::move(handler)();
  }
  answered_.clear();
}

void Errands::shut_down() {
  is_shut_down_ = true;
  inbox_->close();
  while (!waiting_.empty()) {
    const Handler handler = *std::move(waiting_.front().handler);
    waiting_.pop_front();
  }
  flush();
}

}  // namespace flikvakt::gateway
