#include "gateway/deposit_content.h"

#include "crypto/random.h"
#include "gateway/api_answers.h"
#include "gateway/await_callback.h"
#include "gateway/await_command.h"
#include "gateway/problem.h"

namespace flikvakt::gateway {
namespace {

struct Sealed {
  service::CommandResult result;
  DocumentId document;
};

// Reads the body to its end. `take` gets each piece. An error of the connection is io.
Awaitable<Result<void>> read_all(Exchange& exchange, std::function<Result<void>(BytesView)> take) {
  Bytes piece(kChunkBytes);
  for (;;) {
    Awaitable<Result<std::size_t>> read = exchange.read_body(piece);
    const Result<std::size_t> got = co_await std::move(read);
    if (!got) co_return got.error();
    if (*got == 0) co_return Result<void>();
    const Result<void> taken = take(BytesView(piece).first(*got));
    if (!taken) co_return taken.error();
  }
}

Response created(const DocumentId& document, std::uint64_t entry, UtcTime time) {
  const json::object body{{"document", document.text()}, {"entry", entry}, {"time", to_rfc3339(time)}};
  return json_response(201, json::serialize(body));
}

// SPEC API-71: told to the depositor, since it is the depositor's own deposit.
Result<void> check_head(const Request& request, const policy::DocumentFacts& facts) {
  if (request.content_length != facts.size) return fail(ErrorCode::invalid, "Content-Length is not the announced size");
  if (request.header("content-type") != facts.media_type) {
    return fail(ErrorCode::invalid, "Content-Type is not the announced media type");
  }
  return {};
}

// SPEC API-72: no open deposit of this id. One that was sealed already gives its document again for the same bytes; for
// all else the sequencer makes the refusal's entry.
Awaitable<Response> answer_without_deposit(service::Core& core, Exchange& exchange, policy::StaffActor depositor,
                                           DepositId id) {
  policy::SealDeposit again;
  again.deposit = id;
  again.document = service::document_of(depositor, id);
  Awaitable<service::CommandResult> decision = decide(core, depositor, again);
  const service::CommandResult result = co_await std::move(decision);
  if (!result.decision.is_permitted()) {
    const bool is_decided = result.status == service::CommandStatus::decided;
    if (!is_decided) co_return plain_problem(507);
    co_return read_refused(exchange, result, Tells::nothing);
  }
  const policy::Document& sealed = std::get<policy::DocumentView>(result.answer).document;
  crypto::Sha256 hash;
  Awaitable<Result<void>> reading = read_all(exchange, [&hash](BytesView bytes) -> Result<void> {
    hash.update(bytes);
    return {};
  });
  const Result<void> read = co_await std::move(reading);
  if (!read) co_return not_accepted(exchange, read.error());
  if (hash.finish() != sealed.facts.sha256) co_return plain_problem(409);
  co_return created(sealed.id, result.entry, sealed.sealed_at);
}

Awaitable<Response> seal(service::Core& core, Exchange& exchange, service::Upload upload) {
  auto owned = std::make_shared<service::Upload>(std::move(upload));
  auto trouble = std::make_shared<std::optional<Error>>();
  Awaitable<Sealed> sealing = await_callback<Sealed>([&core, owned, trouble](std::function<void(Sealed)> done) {
    auto decided = [done](service::CommandResult result, DocumentId document) { done({std::move(result), document}); };
    Result<void> begun = std::move(*owned).seal(core, std::move(decided));
    if (begun) return;
    *trouble = begun.error();
    done({});
  });
  const Sealed sealed = co_await std::move(sealing);
  if (*trouble) co_return not_accepted(exchange, **trouble);
  if (sealed.result.decision.is_permitted()) {
    co_return created(sealed.document, sealed.result.entry, sealed.result.time);
  }
  if (sealed.result.status != service::CommandStatus::decided) co_return plain_problem(507);
  co_return read_refused(exchange, sealed.result, Tells::nothing);
}

}  // namespace

Awaitable<Response> receive_deposit(service::Core& core, Exchange& exchange, policy::StaffActor depositor) {
  const DepositId id = exchange.id<DepositId>("deposit");
  const std::optional<policy::Deposit> deposit = service::find_deposit(core, depositor, id);
  if (!deposit) {
    Awaitable<Response> answer = answer_without_deposit(core, exchange, depositor, id);
    co_return co_await std::move(answer);
  }
  const Result<void> fits = check_head(exchange.request(), deposit->facts);
  if (!fits) co_return not_accepted(exchange, fits.error());
  Result<service::Upload> upload = service::receive(core, depositor, *deposit);
  if (!upload) co_return not_accepted(exchange, upload.error());
  service::Upload* receiving = &*upload;
  Awaitable<Result<void>> reading = read_all(exchange, [receiving](BytesView bytes) { return receiving->push(bytes); });
  const Result<void> read = co_await std::move(reading);
  if (!read) co_return not_accepted(exchange, read.error());
  Awaitable<Response> sealing = seal(core, exchange, std::move(*upload));
  co_return co_await std::move(sealing);
}

}  // namespace flikvakt::gateway
