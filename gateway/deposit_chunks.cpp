// Deposits that come in pieces. Each piece says where it begins; the answer says how far the gateway has got, so that
// whoever was cut off goes on from there.
#include "gateway/api_answers.h"
#include "gateway/await_command.h"
#include "gateway/deposit_content.h"
#include "gateway/problem.h"

namespace flikvakt::gateway {
namespace {

Response received_so_far(std::uint64_t received) {
  return json_response(200, json::serialize(json::object{{"received", static_cast<std::int64_t>(received)}}));
}

// Gives the upload back when the coroutine ends, however it does, unless it is over.
class Held {
public:
  Held(PartialUploads& uploads, const Clock& clock, DepositId deposit, std::unique_ptr<PartialUpload> upload)
      : uploads_(uploads), clock_(clock), deposit_(deposit), upload_(std::move(upload)) {}
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  ~Held() {
    if (upload_)
      uploads_.give_back(deposit_, std::move(upload_), clock_.steady());
    else
      uploads_.forget(deposit_);
  }
  PartialUpload& operator*() { return *upload_; }
  PartialUpload* operator->() { return upload_.get(); }
  service::Upload finish() {
    service::Upload out = std::move(upload_->upload);
    upload_.reset();
    return out;
  }
  void drop() { upload_.reset(); }

private:
  PartialUploads& uploads_;
  const Clock& clock_;
  const DepositId deposit_;
  std::unique_ptr<PartialUpload> upload_;
};

}  // namespace

// No open deposit of this id: sealed already, which is said with its hash, so that whoever was cut off knows what
// became of it; or the refusal, with its log entry.
Awaitable<Response> DepositContent::answer_sealed(Exchange& exchange, policy::StaffActor depositor, DepositId id) {
  policy::SealDeposit again;
  again.deposit = id;
  again.document = service::document_of(depositor, id);
  Awaitable<service::CommandResult> decision = decide(core_, depositor, again);
  const service::CommandResult result = co_await std::move(decision);
  if (!result.decision.is_permitted()) {
    if (result.status != service::CommandStatus::decided) co_return plain_problem(507);
    co_return read_refused(exchange, result, Tells::nothing);
  }
  const policy::Document& sealed = std::get<policy::DocumentView>(result.answer).document;
  json::object body = sealed_body(sealed, result.entry);
  body["sha256"] = to_base64url(service::received_sha256(sealed));
  co_return json_response(201, json::serialize(body));
}

// SPEC CONN-30
Awaitable<Response> DepositContent::chunks(Exchange& exchange, policy::StaffActor depositor) {
  const DepositId id = exchange.id<DepositId>("deposit");
  if (!service::find_deposit(core_, depositor, id)) {
    Awaitable<Response> answer = answer_sealed(exchange, std::move(depositor), id);
    co_return co_await std::move(answer);
  }
  std::uint64_t received = 0;
  partial_.state(id, received);
  co_return received_so_far(received);
}

// SPEC CONN-31 to CONN-33
Awaitable<Response> DepositContent::receive_chunk(Exchange& exchange, policy::StaffActor depositor) {
  const DepositId id = exchange.id<DepositId>("deposit");
  const std::uint64_t offset = exchange.number("offset");
  const std::optional<policy::Deposit> deposit = service::find_deposit(core_, depositor, id);
  if (!deposit) {
    Awaitable<Response> answer = answer_sealed(exchange, std::move(depositor), id);
    co_return co_await std::move(answer);
  }
  const Result<void> announced = check_announced(deposit->facts);  // SPEC API-77
  if (!announced) co_return not_accepted(exchange, announced.error());
  const Bytes& piece = exchange.request().body;
  if (piece.empty() && deposit->facts.size > 0)
    co_return not_accepted(exchange, fail(ErrorCode::invalid, "a piece without bytes"));
  std::uint64_t received = 0;
  PartialUploads::State state = partial_.state(id, received);
  if (state == PartialUploads::State::none) {
    if (offset != 0) co_return received_so_far(0);  // begun anew, or never
    if (!partial_.begin(id, deposit->source, core_.clock().steady())) {
      exchange.set_cause("too many uploads, or this one is begun");
      co_return plain_problem(503);
    }
    Result<service::Upload> upload = service::receive(core_, depositor, *deposit, keep_free_);
    if (!upload) {
      partial_.forget(id);
      co_return not_accepted(exchange, upload.error());
    }
    partial_.give_back(id, std::make_unique<PartialUpload>(std::move(*upload)), core_.clock().steady());
  }
  std::unique_ptr<PartialUpload> taken = partial_.take(id);
  if (!taken) {
    exchange.set_cause("another piece of this deposit is being taken");
    co_return plain_problem(409);
  }
  const std::unique_ptr<RunningUploads::Place> place = running_.enter(id);
  Held held(partial_, core_.clock(), id, std::move(taken));
  if (!place) {  // SPEC API-75
    exchange.set_cause("another upload of this deposit runs");
    co_return plain_problem(409);
  }
  if (offset != held->received) co_return received_so_far(held->received);
  if (core_.clock().wall() >= deposit->expires) {  // SPEC API-76
    held.drop();
    Awaitable<Response> answer = answer_sealed(exchange, std::move(depositor), id);
    co_return co_await std::move(answer);
  }
  const bool is_last = held->received + piece.size() >= deposit->facts.size;
  if (is_last && !gate_.has_room_for(*deposit)) {  // what came stays; the last piece is sent again
    exchange.set_cause("too many files of the organisation wait for the gate");
    co_return plain_problem(503);
  }
  const Result<void> pushed = held->upload.push(piece);
  if (!pushed) {
    held.drop();
    co_return not_accepted(exchange, pushed.error());
  }
  held->received += piece.size();
  if (!is_last) co_return received_so_far(held->received);
  Awaitable<Response> sealing = seal(exchange, *deposit, held.finish());
  co_return co_await std::move(sealing);
}

}  // namespace flikvakt::gateway
