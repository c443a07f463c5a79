#include "gateway/http_server.h"

#include <spdlog/spdlog.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <list>

#include "gateway/http_session.h"
#include "gateway/listener.h"
#include "gateway/running_count.h"
#include "gateway/worker.h"

namespace flikvakt::gateway {

namespace {

using Timer =
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;
using crypto::TcpSocket;
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable_t<Executor>{});
constexpr std::chrono::milliseconds kAcceptPause{100};  // when the process has no descriptor left
constexpr std::chrono::seconds kTallyPeriod{60};
constexpr std::chrono::seconds kCutPatience{5};  // for connections to notice that they were cut

std::string source_text(const TcpSocket& socket) {
  boost::system::error_code error;
  const auto remote = socket.remote_endpoint(error);
  return error ? std::string("gone") : source_of(remote.address().to_string());
}
std::string source_text(const PlainSocket& socket) {
  const std::string remote = remote_of(socket);
  return source_of(remote.substr(0, remote.rfind(':')));
}

crypto::TlsStream make_stream(const Listener& listener, TcpSocket socket) { return {std::move(socket), *listener.tls}; }
PlainStream make_stream(const Listener&, PlainSocket socket) { return PlainStream(std::move(socket)); }

std::optional<ByteArray<32>> fingerprint_of(const crypto::TlsStream& stream) {
  const std::optional<crypto::Certificate> leaf = stream.peer_certificate();
  return leaf ? std::optional(leaf->sha256_fingerprint()) : std::nullopt;
}
std::optional<ByteArray<32>> fingerprint_of(const PlainStream&) { return std::nullopt; }

// What a handler may know of the peer; written once, when the connection is ready for requests. The stream outlives it.
void describe(ConnectionContext& context, const crypto::TlsStream& stream) {
  context.remote = stream.remote_address();
  context.peer_chain = [&stream] { return stream.peer_chain(); };
  Result<Bytes> binding = stream.export_keying_material(crypto::kChannelBindingLabel, crypto::kChannelBindingBytes);
  if (binding) context.channel_binding = *std::move(binding);
}
void describe(ConnectionContext& context, const PlainStream& stream) {
  context.remote = stream.remote_address();
  context.unix_peer = stream.peer();
  if (!context.unix_peer) return;
  spdlog::info("connection {} on {}: process {}, user {}", context.number(), context.listener, context.unix_peer->pid,
               context.unix_peer->uid);
}

}  // namespace

struct HttpServer::State {
  State(std::size_t threads, FailureTally::Report report)
      : tally([](const std::string& line) { spdlog::warn("{}", line); }, std::move(report)) {
    for (std::size_t i = 0; i < std::max<std::size_t>(threads, 1); ++i) workers.emplace_back();
  }

  // What coroutines refer to comes before the workers, which destroy coroutines.
  SystemClock clock;
  FailureTally tally;
  ConnectionRegistry registry;
  RunningCount running;
  std::list<Listener> listeners;
  std::list<Worker> workers;  // the first one accepts
  std::size_t accepted = 0;
  bool is_running = false;
  bool is_stopped = false;
  std::function<void()> before_cut;

  Result<std::uint16_t> listen(std::string name, const asio::ip::tcp::endpoint& endpoint,
                               std::optional<crypto::ServerContext> tls, const Router& router, Limits limits) {
    crypto::TcpAcceptor acceptor = TRY(open_tcp_acceptor(workers.front().context(), endpoint));
    boost::system::error_code error;
    const std::uint16_t port = acceptor.local_endpoint(error).port();
    Listener& listener = listeners.emplace_back(std::move(name), router, limits);
    listener.tls = std::move(tls);
    listener.tcp_acceptor.emplace(std::move(acceptor));
    return port;
  }

  Worker& choose_worker() {
    auto chosen = workers.begin();
    std::advance(chosen, accepted++ % workers.size());
    return *chosen;
  }

  static void spawn(asio::io_context& context, Awaitable<void> coroutine) {
    asio::co_spawn(context, std::move(coroutine), [](std::exception_ptr fault) {
      if (!fault) return;
      try {
        std::rethrow_exception(fault);
      } catch (const std::exception& e) {
        spdlog::error("a connection failed: {}", e.what());
      }
    });
  }

  template <class Acceptor>
  Awaitable<void> accept_loop(Listener& listener, Acceptor& acceptor) {
    while (acceptor.is_open()) {
      Worker& worker = choose_worker();
      auto accept = acceptor.async_accept(worker.context(), kAwait);
      auto accepted_one = co_await std::move(accept);
      if (!acceptor.is_open()) break;
      if (!std::get<0>(accepted_one)) {
        take(listener, worker, std::move(std::get<1>(accepted_one)));
        continue;
      }
      if (std::get<0>(accepted_one) == asio::error::connection_aborted) continue;  // the peer's doing
      Timer pause(workers.front().context().get_executor(), kAcceptPause);
      auto wait = pause.async_wait(kAwait);
      co_await std::move(wait);
    }
  }

  void take(Listener& listener, Worker& worker, TcpSocket socket) {
    if (listener.tls) return admit(listener, worker, std::move(socket));
    boost::system::error_code ignored;
    socket.set_option(asio::ip::tcp::no_delay(true), ignored);
    admit(listener, worker, PlainSocket(std::move(socket)));
  }
  void take(Listener& listener, Worker& worker, UnixSocket socket) {
    admit(listener, worker, PlainSocket(std::move(socket)));
  }

  // SPEC HTTP-41: over a limit the connection is closed before it costs a handshake.
  template <class Socket>
  void admit(Listener& listener, Worker& worker, Socket socket) {
    std::string source = source_text(socket);
    std::unique_ptr<SourceLimit::Place> place = listener.places.enter(source);
    if (!place) place = displace(listener, source);
    if (!place) {
      tally.count(source, EarlyFailure::too_many_connections, listener.name);
      return;
    }
    spawn(worker.context(), serve(listener, worker, std::move(socket), std::move(source), std::move(place),
                                  RunningCount::Token(running)));
  }

  // SPEC HTTP-47: who fills a listener keeps nobody out.
  std::unique_ptr<SourceLimit::Place> displace(Listener& listener, const std::string& source) {
    SourceLimit::Displacing found = listener.places.enter_for_another(source);
    if (found.place) cut_waiting(workers.begin(), listener, found.source);
    return std::move(found.place);
  }

  // One connection, on the first worker that has one.
  void cut_waiting(std::list<Worker>::iterator worker, const Listener& listener, const std::string& source) {
    if (worker == workers.end()) return;
    asio::post(worker->context(), [this, worker, &listener, source] {
      if (!worker->cut_waiting(&listener, source)) cut_waiting(std::next(worker), listener, source);
    });
  }

  Awaitable<bool> begin(const Listener& listener, crypto::TlsStream& stream, const std::string& source) {
    auto handshake = stream.handshake(std::chrono::steady_clock::now() + listener.limits.handshake);
    const Result<void> done = co_await std::move(handshake);
    if (!done) tally.count(source, EarlyFailure::handshake, done.error().message);
    co_return done.has_value();
  }
  Awaitable<bool> begin(const Listener&, PlainStream&, const std::string&) { co_return true; }

  template <class Socket>
  Awaitable<void> serve(Listener& listener, Worker& worker, Socket socket, std::string source,
                        [[maybe_unused]] std::unique_ptr<SourceLimit::Place> place,
                        [[maybe_unused]] RunningCount::Token token) {
    auto stream = make_stream(listener, std::move(socket));
    LiveConnection live;
    live.abort = [&stream] { stream.abort(); };
    live.listener = &listener;
    live.source = source;
    const Worker::Membership membership(worker, live);
    if (worker.draining()) co_return;
    Awaitable<bool> open = begin(listener, stream, source);
    const bool is_open = co_await std::move(open);
    if (!is_open) co_return;
    const std::optional<ByteArray<32>> fingerprint = fingerprint_of(stream);
    const auto entry = registry.add(facts_of(listener, stream, fingerprint),
                                    [&worker](ConnectionNumber number) { worker.cut(number); });
    live.number = entry->number();
    ConnectionContext context(registry, entry->number());
    context.certificate_fingerprint = fingerprint;
    context.listener = listener.name;
    context.source = source;
    describe(context, stream);
    const SessionEnvironment environment{listener.router, listener.limits,   tally,     clock,
                                         source,          worker.draining(), live.idle, live.waits};
    Awaitable<void> session = serve_connection(stream, context, environment);
    co_await std::move(session);
  }

  template <class Stream>
  static ConnectionFacts facts_of(const Listener& listener, const Stream& stream,
                                  const std::optional<ByteArray<32>>& fingerprint) {
    ConnectionFacts facts;
    facts.listener = listener.name;
    facts.certificate_fingerprint = fingerprint;
    facts.remote = stream.remote_address();
    return facts;
  }

  Awaitable<void> write_tally() {
    Timer timer(workers.front().context().get_executor());
    while (true) {
      timer.expires_after(kTallyPeriod);
      auto wait = timer.async_wait(kAwait);
      co_await std::move(wait);
      tally.write_and_clear();
    }
  }

  void start() {
    is_running = true;
    asio::io_context& first = workers.front().context();
    for (Listener& listener : listeners) {
      if (listener.tcp_acceptor) spawn(first, accept_loop(listener, *listener.tcp_acceptor));
      if (listener.unix_acceptor) spawn(first, accept_loop(listener, *listener.unix_acceptor));
    }
    spawn(first, write_tally());
    for (Worker& worker : workers) worker.start();
  }

  // SPEC HTTP-42
  void stop(std::chrono::milliseconds grace) {
    if (std::exchange(is_stopped, true)) return;
    if (is_running) {
      asio::post(workers.front().context(), [this] {
        for (Listener& listener : listeners) listener.close();
      });
      for (Worker& worker : workers) worker.drain();
      if (!running.wait_for_none(grace)) {
        if (before_cut) before_cut();
        for (Worker& worker : workers) worker.cut_all();
        if (!running.wait_for_none(kCutPatience)) spdlog::error("handlers still ran when the gateway stopped");
      }
    }
    for (Worker& worker : workers) worker.join();
    for (Listener& listener : listeners) {
      listener.close();
      listener.tcp_acceptor.reset();
      listener.unix_acceptor.reset();
    }
    tally.write_and_clear();
  }
};

HttpServer::HttpServer(std::size_t threads, FailureTally::Report report)
    : state_(std::make_unique<State>(threads, std::move(report))) {}

HttpServer::~HttpServer() { stop(std::chrono::milliseconds(0)); }

Result<std::uint16_t> HttpServer::listen_tls(std::string name, std::string_view address, crypto::ServerContext context,
                                             const Router& router, Limits limits) {
  return state_->listen(std::move(name), TRY(parse_address(address)), std::move(context), router, limits);
}

// SPEC HTTP-48
Result<std::uint16_t> HttpServer::listen_plain(std::string name, std::string_view address, const Router& router,
                                               Limits limits) {
  const asio::ip::tcp::endpoint endpoint = TRY(parse_address(address));
  if (!endpoint.address().is_loopback()) {
    return fail(ErrorCode::invalid,
                "listening on `" + std::string(address) + "`: without TLS only on a loopback address");
  }
  return state_->listen(std::move(name), endpoint, std::nullopt, router, limits);
}

Result<void> HttpServer::listen_unix(std::string name, const std::filesystem::path& path, const Router& router,
                                     Limits limits) {
  UnixAcceptor acceptor = TRY(open_unix_acceptor(state_->workers.front().context(), path));
  Listener& listener = state_->listeners.emplace_back(std::move(name), router, limits);
  listener.unix_acceptor.emplace(std::move(acceptor));
  listener.unix_path = path;
  return {};
}

void HttpServer::before_cut(std::function<void()> then) { state_->before_cut = std::move(then); }
void HttpServer::start() { state_->start(); }

void HttpServer::stop(std::chrono::milliseconds grace) { state_->stop(grace); }

ConnectionRegistry& HttpServer::connections() { return state_->registry; }

}  // namespace flikvakt::gateway
