#include "gateway/partition_api.h"

#include "base/json.h"
#include "crypto/random.h"
#include "gateway/api_answers.h"
#include "gateway/await_callback.h"
#include "gateway/await_command.h"
#include "gateway/problem.h"
#include "partition/frame.h"
#include "service/handles.h"

namespace flikvakt::gateway {
namespace {

constexpr std::string_view kFrameType = "application/vnd.flikvakt.partition";

// What is sent: for whom, and how it is divided: by a rule of the sender's organisation, or by hand.
struct PlanRequest {
  std::string person;  // a handle
  std::optional<std::string> media_type;
  std::optional<std::string> document_type;  // of a rule
  std::optional<std::vector<partition::PartRule>> parts;
  std::optional<std::vector<partition::FindingRule>> policy;
  std::optional<std::string> token_seed;
  std::optional<std::int64_t> preview_dpi;
};
BOOST_DESCRIBE_STRUCT(PlanRequest, (), (person, media_type, document_type, parts, policy, token_seed, preview_dpi))

struct Sent {
  policy::BlindIndex person{};
  partition::Order order;
  std::optional<std::string> original;
  std::optional<policy::PlanRule> rule;
  Bytes file;
};

// SPEC API-87: at its pace, and in memory only as far as it has come.
Awaitable<Result<Bytes>> read_body(Exchange& exchange, const Clock& clock) {
  const std::size_t whole = exchange.request().content_length;
  const auto begun = clock.steady();
  Bytes out;
  std::size_t filled = 0;
  while (filled < whole) {
    if (filled == out.size()) out.resize(buffer_for(filled, whole));
    Awaitable<Result<std::size_t>> reading = exchange.read_body(std::span(out).subspan(filled));
    const Result<std::size_t> got = co_await std::move(reading);
    if (!got) co_return got.error();
    if (*got == 0) co_return fail(ErrorCode::io, "the body ended");
    filled += *got;
    const auto taken = std::chrono::duration_cast<std::chrono::seconds>(clock.steady() - begun);
    const auto due = static_cast<std::size_t>(taken.count()) * PartitionApi::kBytesPerSecond;
    if (taken > PartitionApi::kGrace && filled < due) co_return fail(ErrorCode::io, "the file comes too slowly");
  }
  co_return out;
}

// SPEC API-85: the tokens of parts are of this gateway's seed, whatever the sender's.
Result<partition::Order> order_by_hand(const PlanRequest& request) {
  if (!request.media_type || !request.parts) {
    return fail(ErrorCode::invalid, "an order names a `document_type`, or `media_type` and `parts`");
  }
  if (request.media_type->size() > 200) return fail(ErrorCode::invalid, "`media_type`: too long");
  partition::Order order;
  order.media_type = *request.media_type;
  order.parts = *request.parts;
  order.policy = request.policy.value_or(std::vector<partition::FindingRule>());
  order.token_seed = to_base64url(crypto::random_bytes<32>());
  return order;
}

// SPEC PART-63: the whole beside its parts goes only where the person alone opens it.
Result<void> check_whole(service::Core& core, const partition::Order& order) {
  for (const std::string& flik : whole_beside_others(order)) {
    const auto type = core.directory().row<policy::FlikType>(flik);
    if (type && type->only_person.value_or(false)) continue;
    return fail(ErrorCode::invalid, "the whole file beside its parts: only in a flik that nobody but the person opens");
  }
  return {};
}

Result<Sent> read_plan_request(service::Core& core, const policy::StaffActor& staff, const PlanRequest& request) {
  Sent sent;
  sent.person = TRY(service::resolve_handle(core.keys(), staff.organisation, request.person));
  if (request.document_type) {
    if (request.media_type || request.parts || request.policy) {
      return fail(ErrorCode::invalid, "an order by a rule says nothing beside it");
    }
    const auto rule = rule_of(core, staff.organisation, *request.document_type);
    if (!rule) return fail(ErrorCode::invalid, "no rule of that `document_type`");
    sent.order = TRY(order_by(*rule));
    sent.original = rule->original;
    sent.rule = policy::PlanRule{rule->document_type, rule->version};
  } else {
    sent.order = TRY(order_by_hand(request));
    TRY_VOID(check_whole(core, sent.order));
  }
  sent.order.preview_dpi = request.preview_dpi.value_or(0);
  TRY_VOID(partition::check_order(sent.order));
  return sent;
}

Result<Sent> read_sent(service::Core& core, const policy::StaffActor& staff, BytesView whole) {
  if (whole.size() < partition::kFrameHeadBytes) return fail(ErrorCode::malformed, "the frame is cut short");
  const partition::FrameHead head = TRY(partition::read_order_head(whole.first(partition::kFrameHeadBytes)));
  const BytesView rest = whole.subspan(partition::kFrameHeadBytes);
  if (rest.size() != head.json_bytes + head.body_bytes) return fail(ErrorCode::malformed, "the frame is cut short");
  const PlanRequest request = TRY(parse_as<PlanRequest>(as_text(rest.first(head.json_bytes))));
  Sent sent = TRY(read_plan_request(core, staff, request));
  sent.file = to_bytes(rest.subspan(head.json_bytes));
  return sent;
}

}  // namespace

Awaitable<Response> PartitionApi::divide(Exchange& exchange, policy::StaffActor staff) {
  const std::unique_ptr<SourceLimit::Place> place = files_.enter(staff.organisation.text());
  if (!gate_.can_look() || !place || !gate_.has_room(staff.organisation)) {  // SPEC API-87
    exchange.set_cause(!gate_.can_look() ? "no program that divides files" : "too many files at once");
    co_return plain_problem(503);
  }
  if (exchange.request().header("content-type") != kFrameType) {
    co_return not_accepted(exchange, fail(ErrorCode::invalid, "expected Content-Type " + std::string(kFrameType)));
  }
  Awaitable<Result<Bytes>> receiving = read_body(exchange, core_.clock());
  Result<Bytes> body = co_await std::move(receiving);
  if (!body) {  // the peer is gone, or too slow: it is cut
    exchange.set_cause(body.error().message);
    co_return plain_problem(400);
  }
  Result<Sent> read = read_sent(core_, staff, *body);
  if (!read) co_return not_accepted(exchange, read.error());
  body->clear();
  body->shrink_to_fit();
  auto sent = std::make_shared<const Sent>(std::move(*read));
  using Answer = std::shared_ptr<Result<partition::Run>>;
  const OrganisationId organisation = staff.organisation;
  Awaitable<Answer> dividing = await_callback<Answer>([this, sent, organisation](std::function<void(Answer)> done) {
    auto run = [this, sent, done] {
      done(std::make_shared<Result<partition::Run>>(gate_.divide(sent->order, sent->original, sent->file)));
    };
    auto not_now = [done] {
      done(std::make_shared<Result<partition::Run>>(
          fail(ErrorCode::unavailable, "too many files of the organisation wait for the gate")));
    };
    if (!gate_.post(organisation, std::move(run), not_now)) not_now();
  });
  const Answer answer = co_await std::move(dividing);
  if (!*answer) {
    exchange.set_cause(answer->error().message);
    co_return plain_problem(503);
  }
  partition::Run& run = **answer;
  const CameIn file{sent->order.media_type, sent->file.size(), crypto::sha256(sent->file)};
  const policy::DepositPlan plan = plan_of(file, sent->rule, run.outcome);
  Awaitable<service::CommandResult> deciding = decide(core_, staff, policy::PlanDeposit{sent->person, plan});
  const service::CommandResult result = co_await std::move(deciding);
  if (!result.decision.is_permitted()) {
    const bool is_refused = plan.refused && result.decision.reason == policy::Reason::file_refused;
    if (is_refused) co_return file_refused(exchange, *plan.refused);
    co_return read_refused(exchange, result, Tells::nothing);
  }
  keep_open(run.outcome, std::get<policy::OpenFlikar>(result.answer).codes);
  const std::optional<PersonId> person = core_.directory().person_with(sent->person);
  if (person) gate_.remember(staff.organisation, *person, plan_of(file, sent->rule, run.outcome));
  Response response = bytes_response(200, kFrameType, partition::answer_frame(run.outcome));
  response.departure = Departure::on_tick;  // SPEC PART-56
  co_return response;
}

}  // namespace flikvakt::gateway
