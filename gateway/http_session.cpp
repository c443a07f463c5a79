#include "gateway/http_session.h"

#include <spdlog/spdlog.h>

#include "crypto/tls_stream.h"
#include "gateway/document_transfer.h"
#include "gateway/http_text.h"
#include "gateway/plain_stream.h"
#include "gateway/problem.h"
#include "gateway/request_reader.h"
#include "gateway/tick.h"

namespace flikvakt::gateway {

namespace {

template <class Stream>
class Session {
public:
  Session(Stream& stream, ConnectionContext& context, const SessionEnvironment& environment)
      : stream_(stream), context_(context), env_(environment), reader_(stream, environment) {}

  Awaitable<void> run() {
    std::chrono::milliseconds patience = env_.limits.header;
    AfterAnswer after = AfterAnswer::keep_alive;
    while (after == AfterAnswer::keep_alive) {
      Awaitable<std::optional<ReceivedHead>> receive = reader_.receive_head(patience);
      const std::optional<ReceivedHead> head = co_await std::move(receive);
      if (!head) break;
      Awaitable<AfterAnswer> exchange = serve_one(*head);
      after = co_await std::move(exchange);
      patience = env_.limits.idle;
    }
    Awaitable<void> close = stream_.shutdown(reader_.in(env_.limits.linger));
    co_await std::move(close);
  }

private:
  // Guard, parse, route, body, access and handler, answer.
  Awaitable<AfterAnswer> serve_one(const ReceivedHead& head) {
    GuardVerdict verdict = check_received(head);
    Result<Request> request = parse(head, verdict);
    if (!request) {
      Awaitable<AfterAnswer> refuse = refuse_framing(verdict, head);
      co_return co_await std::move(refuse);
    }
    method_ = request->method;
    after_ = verdict.keep_alive ? AfterAnswer::keep_alive : AfterAnswer::close;
    reader_.begin_body(verdict);
    std::variant<Router::Match, Response> routed = env_.router.match(method_, request->target.segments);
    if (Response* none = std::get_if<Response>(&routed)) {
      Awaitable<AfterAnswer> answer = answer_with(env_.router.dressed(*request, std::move(*none)), nullptr);
      co_return co_await std::move(answer);
    }
    Awaitable<AfterAnswer> endpoint = serve_endpoint(std::get<Router::Match>(std::move(routed)), std::move(*request));
    co_return co_await std::move(endpoint);
  }

  static GuardVerdict check_received(const ReceivedHead& head) {
    if (head.refused == GuardReason::none) return check_head(head.bytes);
    GuardVerdict verdict;
    verdict.status = head.refused == GuardReason::head_too_large ? 431 : 400;
    verdict.reason = head.refused;
    return verdict;
  }

  static Result<Request> parse(const ReceivedHead& head, GuardVerdict& verdict) {
    if (!verdict.accepted()) return fail(ErrorCode::malformed, "framing");
    return parse_request(head.bytes, verdict);
  }

  // SPEC HTTP-17
  Awaitable<AfterAnswer> refuse_framing(const GuardVerdict& verdict, const ReceivedHead& head) {
    const std::string_view why = verdict.accepted() ? "two readers disagree" : to_string(verdict.reason);
    env_.tally.count(env_.source, EarlyFailure::framing, why);
    method_ = Method::get;
    after_ = AfterAnswer::close;
    Response problem = dressed_unread(head, plain_problem(verdict.accepted() ? 400 : verdict.status));
    Awaitable<AfterAnswer> answer = answer_with(std::move(problem), nullptr);
    co_return co_await std::move(answer);
  }

  // SPEC PORTAL-7: who asks for a page gets a page, as far as the first line says what was asked for; nothing else of
  // what was refused is looked at.
  Response dressed_unread(const ReceivedHead& head, Response problem) const {
    const std::string_view text = as_text(head.bytes);
    if (!text.starts_with("GET /") && !text.starts_with("POST /")) return problem;
    const std::string_view path = text.substr(text.find('/') + 1);
    Request asked;
    asked.target.segments.emplace_back(path.substr(0, path.find_first_of("/? \r\n")));
    return env_.router.dressed(asked, std::move(problem));
  }

  Awaitable<AfterAnswer> serve_endpoint(Router::Match match, Request request) {
    const BodyLimit& limit = match.endpoint->body;
    if (request.content_length > limit.max_bytes) {  // SPEC HTTP-16
      after_ = AfterAnswer::close;
      Awaitable<AfterAnswer> answer = answer_with(env_.router.dressed(request, plain_problem(413)), nullptr);
      co_return co_await std::move(answer);
    }
    if (limit.kind == BodyLimit::Kind::whole) {
      Awaitable<bool> receive = reader_.receive_whole(request);
      const bool received = co_await std::move(receive);
      if (!received) {
        stream_.abort();
        co_return AfterAnswer::close;
      }
    }
    Exchange exchange(std::move(request), context_, reader_);
    Awaitable<Response> run = run_handler(std::move(match), exchange);
    Response response = co_await std::move(run);
    response = env_.router.dressed(exchange.request(), std::move(response));
    // SPEC HTTP-24: whether an upload was read before it was refused must not show.
    if (limit.kind == BodyLimit::Kind::streamed && response.status >= 400) after_ = AfterAnswer::close;
    Awaitable<AfterAnswer> answer = answer_with(std::move(response), &exchange);
    co_return co_await std::move(answer);
  }

  // Nothing that a handler throws leaves this function: the client gets a code and an id, the log the cause.
  Awaitable<Response> run_handler(Router::Match match, Exchange& exchange) {
    const std::string& pattern = match.endpoint->pattern;
    std::string fault;
    try {
      Awaitable<Response> run = env_.router.run(std::move(match), exchange);
      Response response = co_await std::move(run);
      fault = fault_of(response);
      if (fault.empty()) co_return response;
    } catch (const std::exception& e) {
      fault = e.what();
    } catch (...) {
      fault = "an exception of no known type";
    }
    exchange.set_cause(pattern + ": " + fault);
    co_return plain_problem(500);
  }

  static std::string fault_of(Response& response) {
    DocumentBody* document = std::get_if<DocumentBody>(&response.body);
    try {
      check_response_fields(response);
      // INVARIANT (no byte without the gate)
      if (!document || (document->gate && document->source)) return {};
      throw std::logic_error("a document without gate or source");
    } catch (const std::logic_error& e) {
      if (document) TransferReport unsent(*document);
      return e.what();
    }
  }

  Awaitable<AfterAnswer> answer_with(Response response, const Exchange* exchange) {
    DocumentBody* document = std::get_if<DocumentBody>(&response.body);
    std::optional<TransferReport> report;
    if (document) report.emplace(*document);
    log_problem(response, exchange);
    if (response.departure == Departure::on_tick) {
      Awaitable<void> tick = wait_for_tick(reader_.arrival(), env_.limits.refusal_tick);
      co_await std::move(tick);
    }
    if (!reader_.body_is_read() || env_.draining) after_ = AfterAnswer::close;
    const std::uint64_t content = document ? document->total_bytes : std::get<Bytes>(response.body).size();
    std::string head = make_response_head(response, content, after_, env_.clock.wall());
    bool sent = false;
    if (document) {
      Awaitable<bool> send = send_document(stream_, std::move(head), *document, *report, env_.limits.write_stall);
      sent = co_await std::move(send);
    } else {
      const bool without_body = method_ == Method::head || response.status == 204 || response.status == 304;
      Awaitable<bool> send = send_bytes(std::move(head), without_body ? BytesView() : std::get<Bytes>(response.body));
      sent = co_await std::move(send);
    }
    co_return sent ? after_ : AfterAnswer::close;
  }

  Awaitable<bool> send_bytes(std::string head, BytesView body) {
    do {
      const BytesView piece = body.first(std::min(body.size(), kChunkBytes));
      body = body.subspan(piece.size());
      const Result<void> queued = stream_.encrypt({as_bytes(head), piece});
      head.clear();
      if (!queued) co_return false;
      Awaitable<Result<void>> flush = stream_.flush(reader_.in(env_.limits.write_stall), nullptr);
      env_.waits = true;  // for its peer to read: it may give way (SPEC HTTP-47)
      const Result<void> flushed = co_await std::move(flush);
      env_.waits = false;
      if (!flushed) co_return false;
    } while (!body.empty());
    co_return true;
  }

  // SPEC HTTP-40: a line of its own only for whoever has authenticated, or for a fault of ours. A page that says no in
  // words of its own has a cause, and no instance: that an issuer is down is no fault of ours.
  void log_problem(const Response& response, const Exchange* exchange) {
    std::string instance = instance_of(response);
    const bool is_page = instance.empty() && exchange && !exchange->cause().empty() && response.status != 303;
    if (is_page) instance = "a page";
    if (instance.empty() || !exchange) return;
    if (response.status >= 500 && !is_page) {
      spdlog::error("{} {} connection {}: {}", response.status, instance, context_.number(), exchange->cause());
    } else if (exchange->has_identity()) {
      spdlog::info("{} {} connection {}: {}", response.status, instance, context_.number(), exchange->cause());
    } else {
      env_.tally.count(env_.source, EarlyFailure::access, instance + " " + exchange->cause());
    }
  }

  Stream& stream_;
  ConnectionContext& context_;
  const SessionEnvironment& env_;
  RequestReader<Stream> reader_;
  // Of the running exchange:
  Method method_ = Method::get;
  AfterAnswer after_ = AfterAnswer::keep_alive;
};

}  // namespace

template <class Stream>
Awaitable<void> serve_connection(Stream& stream, ConnectionContext& context, SessionEnvironment environment) {
  Session<Stream> session(stream, context, environment);
  Awaitable<void> run = session.run();
  co_await std::move(run);
}

template Awaitable<void> serve_connection(crypto::TlsStream&, ConnectionContext&, SessionEnvironment);
template Awaitable<void> serve_connection(PlainStream&, ConnectionContext&, SessionEnvironment);

}  // namespace flikvakt::gateway
