#include "gateway/deposit_content.h"

#include "gateway/api_answers.h"
#include "gateway/await_callback.h"
#include "gateway/await_command.h"
#include "gateway/problem.h"
#include "partition/limits.h"
#include "service/media_type.h"

namespace flikvakt::gateway {
namespace {

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

json::object created_body(const DocumentId& document, std::uint64_t entry, UtcTime time) {
  return {{"document", document.text()}, {"entry", entry}, {"time", to_rfc3339(time)}};
}

// SPEC API-88: what was found and done; and what is sealed, when it is not what came.
Response created(const service::SealOutcome& sealed) {
  json::object body = created_body(sealed.document, sealed.result.entry, sealed.result.time);
  if (!sealed.plan.findings.empty()) body["findings"] = to_json(sealed.plan.findings);
  if (sealed.made) body["sealed"] = to_json(*sealed.made);
  return json_response(201, json::serialize(body));
}

Error gate_is_busy() { return fail(ErrorCode::unavailable, "too many files of the organisation wait for the gate"); }

Result<void> check_head(const Request& request, const policy::DocumentFacts& facts) {
  TRY_VOID(check_announced(facts));
  if (request.content_length != facts.size) return fail(ErrorCode::invalid, "Content-Length is not the announced size");
  if (request.header("content-type") != facts.media_type) {
    return fail(ErrorCode::invalid, "Content-Type is not the announced media type");
  }
  return {};
}

}  // namespace

// SPEC API-88: what the row has of it. What was found stands in the record alone.
json::object sealed_body(const policy::Document& document, std::uint64_t entry) {
  json::object body = created_body(document.id, entry, document.sealed_at);
  const policy::DocumentFacts& facts = document.facts;
  if (document.received) body["sealed"] = to_json(policy::MadeBytes{facts.media_type, facts.size, facts.sha256});
  return body;
}

Result<void> check_announced(const policy::DocumentFacts& facts) {
  if (!service::is_accepted_media_type(facts.media_type)) {
    return fail(ErrorCode::invalid, "documents of the announced media type are not accepted");
  }
  if (facts.size > partition::kMostInputBytes)
    return fail(ErrorCode::invalid, "documents over 64 MiB are not accepted");
  return {};
}

// SPEC API-72: no open deposit of this id. One that was sealed already gives its document again for the same bytes; for
// all else the sequencer makes the refusal's entry.
Awaitable<Response> DepositContent::answer_closed(Exchange& exchange, policy::StaffActor depositor, DepositId id) {
  policy::SealDeposit again;
  again.deposit = id;
  again.document = service::document_of(depositor, id);
  Awaitable<service::CommandResult> decision = decide(core_, depositor, again);
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
  if (hash.finish() != service::received_sha256(sealed)) co_return plain_problem(409);
  co_return json_response(201, json::serialize(sealed_body(sealed, result.entry)));
}

Awaitable<Response> DepositContent::seal(Exchange& exchange, policy::Deposit deposit, service::Upload upload) {
  auto owned = std::make_shared<service::Upload>(std::move(upload));
  auto trouble = std::make_shared<std::optional<Error>>();
  using Outcome = std::shared_ptr<service::SealOutcome>;
  // Looking into a file and making it durable may take long: not on a thread that serves others.
  Awaitable<Outcome> sealing =
      await_callback<Outcome>([this, deposit, owned, trouble](std::function<void(Outcome)> done) {
        auto in_trouble = [trouble, done](Error why) {
          *trouble = std::move(why);
          done(std::make_shared<service::SealOutcome>());
        };
        auto seal = [this, owned, done, in_trouble](const service::ContentGate& gate) {
          auto decided = [done](service::SealOutcome outcome) {
            done(std::make_shared<service::SealOutcome>(std::move(outcome)));
          };
          const Result<void> begun = std::move(*owned).seal(core_, gate, std::move(decided));
          if (!begun) in_trouble(begun.error());
        };
        auto not_now = [in_trouble] { in_trouble(gate_is_busy()); };
        if (!gate_.post_sealing(deposit, std::move(seal), not_now)) not_now();
      });
  const Outcome sealed = co_await std::move(sealing);
  if (*trouble) co_return not_accepted(exchange, **trouble);
  const service::CommandResult& result = sealed->result;
  if (result.decision.is_permitted()) co_return created(*sealed);
  if (result.status != service::CommandStatus::decided) co_return plain_problem(507);
  const bool is_refused = result.decision.reason == policy::Reason::file_refused && sealed->plan.refused;
  if (is_refused) co_return file_refused(exchange, *sealed->plan.refused);
  co_return read_refused(exchange, result, Tells::nothing);
}

Awaitable<Response> DepositContent::fill(Exchange& exchange, policy::StaffActor depositor, policy::Deposit deposit) {
  Result<service::Upload> upload = service::receive(core_, depositor, deposit, keep_free_);
  if (!upload) co_return not_accepted(exchange, upload.error());
  bool is_over = false;
  Awaitable<Result<void>> reading = read_all(exchange, [&](BytesView bytes) -> Result<void> {
    is_over = core_.clock().wall() >= deposit.expires;  // SPEC API-76
    if (is_over) return fail(ErrorCode::expired, "the deposit has expired");
    return upload->push(bytes);
  });
  const Result<void> read = co_await std::move(reading);
  if (is_over) {
    Awaitable<Response> answer = answer_closed(exchange, std::move(depositor), deposit.id);
    co_return co_await std::move(answer);
  }
  if (!read) co_return not_accepted(exchange, read.error());
  Awaitable<Response> sealing = seal(exchange, std::move(deposit), std::move(*upload));
  co_return co_await std::move(sealing);
}

Awaitable<Response> DepositContent::receive(Exchange& exchange, policy::StaffActor depositor) {
  const DepositId id = exchange.id<DepositId>("deposit");
  const std::optional<policy::Deposit> deposit = service::find_deposit(core_, depositor, id);
  if (!deposit) {
    Awaitable<Response> answer = answer_closed(exchange, std::move(depositor), id);
    co_return co_await std::move(answer);
  }
  const Result<void> fits = check_head(exchange.request(), deposit->facts);
  if (!fits) co_return not_accepted(exchange, fits.error());
  const std::unique_ptr<RunningUploads::Place> place = running_.enter(id);
  if (!place) {  // SPEC API-75
    exchange.set_cause("another upload of this deposit runs");
    co_return plain_problem(409);
  }
  if (!gate_.has_room_for(*deposit)) co_return not_accepted(exchange, gate_is_busy());  // before its bytes are read
  Awaitable<Response> filling = fill(exchange, std::move(depositor), *deposit);
  co_return co_await std::move(filling);
}

}  // namespace flikvakt::gateway
