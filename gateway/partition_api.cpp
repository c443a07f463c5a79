#include "gateway/partition_api.h"

#include <boost/asio/post.hpp>

#include "base/json.h"
#include "crypto/random.h"
#include "gateway/api_answers.h"
#include "gateway/await_callback.h"
#include "gateway/problem.h"
#include "gateway/waiting_place.h"
#include "partition/frame.h"

namespace flikvakt::gateway {
namespace {

constexpr std::string_view kFrameType = "application/vnd.flikvakt.partition";

struct Sent {
  partition::Order order;
  Bytes file;
};

Awaitable<Result<Bytes>> read_body(Exchange& exchange) {
  Bytes out(exchange.request().content_length);
  std::size_t filled = 0;
  while (filled < out.size()) {
    Awaitable<Result<std::size_t>> reading = exchange.read_body(std::span(out).subspan(filled));
    const Result<std::size_t> got = co_await std::move(reading);
    if (!got) co_return got.error();
    if (*got == 0) co_return fail(ErrorCode::io, "the body ended");
    filled += *got;
  }
  co_return out;
}

// SPEC API-85: the tokens of parts are of this gateway's seed, whatever the sender's.
Result<Sent> read_order(Bytes body) {
  if (body.size() < partition::kFrameHeadBytes) return fail(ErrorCode::malformed, "the frame is cut short");
  const BytesView whole = body;
  const partition::FrameHead head = TRY(partition::read_order_head(whole.first(partition::kFrameHeadBytes)));
  const BytesView rest = whole.subspan(partition::kFrameHeadBytes);
  if (rest.size() != head.json_bytes + head.body_bytes) return fail(ErrorCode::malformed, "the frame is cut short");
  Sent sent;
  sent.order = TRY(parse_as<partition::Order>(as_text(rest.first(head.json_bytes))));
  sent.order.token_seed = to_base64url(crypto::random_bytes<32>());
  TRY_VOID(partition::check_order(sent.order));
  sent.file = to_bytes(rest.subspan(head.json_bytes));
  return sent;
}

// SPEC API-86: told to the depositor, whose own file it is.
Response refused(Exchange& exchange, const partition::Run& run) {
  const partition::Refusal& refusal = *run.outcome.report.refusal;
  exchange.set_cause("a file was not divided: " + std::string(to_json(refusal.reason).get_string()) +
                     (run.cause.empty() ? "" : ", " + run.cause));
  Response response = problem(422, "file-refused", "File refused", "The member `refusal` says why.");
  json::value body = parse_json(as_text(std::get<Bytes>(response.body))).value();
  body.get_object()["refusal"] = to_json(refusal);
  response.body = to_bytes(as_bytes(json::serialize(body)));
  return response;
}

}  // namespace

Awaitable<Response> PartitionApi::divide(Exchange& exchange) {
  const WaitingPlace place(running_);
  if (program_.path.empty() || place.is_beyond(kMostAtOnce)) {  // SPEC API-87
    exchange.set_cause(program_.path.empty() ? "no program that divides files" : "too many files at once");
    co_return plain_problem(503);
  }
  if (exchange.request().header("content-type") != kFrameType) {
    co_return not_accepted(exchange, fail(ErrorCode::invalid, "expected Content-Type " + std::string(kFrameType)));
  }
  Awaitable<Result<Bytes>> receiving = read_body(exchange);
  Result<Bytes> body = co_await std::move(receiving);
  if (!body) co_return plain_problem(400);  // the peer is gone, or too slow: it is cut
  Result<Sent> read = read_order(std::move(*body));
  if (!read) co_return not_accepted(exchange, read.error());
  auto sent = std::make_shared<const Sent>(std::move(*read));
  using Answer = std::shared_ptr<Result<partition::Run>>;
  Awaitable<Answer> dividing = await_callback<Answer>([this, sent](std::function<void(Answer)> done) {
    boost::asio::post(waiting_, [this, sent, done] {
      done(std::make_shared<Result<partition::Run>>(partition::run_child(program_, sent->order, sent->file)));
    });
  });
  const Answer answer = co_await std::move(dividing);
  if (!*answer) {
    exchange.set_cause(answer->error().message);
    co_return plain_problem(503);
  }
  const partition::Run& run = **answer;
  if (run.outcome.report.refusal) co_return refused(exchange, run);
  co_return bytes_response(200, kFrameType, partition::answer_frame(run.outcome));
}

}  // namespace flikvakt::gateway
