#include "gateway/api_answers.h"

#include <charconv>

#include "base/characters.h"
#include "gateway/authentication.h"
#include "gateway/problem.h"

namespace flikvakt::gateway {
namespace {

Response performed(const ActId& id, const policy::Act& act, const service::CommandResult& result, bool waits) {
  json::object body{{"act", id.text()}};
  if (!has_constant_answer(act)) body["entry"] = result.entry;
  body["time"] = to_rfc3339(result.time);
  body["status"] = waits ? "proposed" : "permitted";
  if (waits) body["proposal"] = id.text();
  Response response = json_response(200, json::serialize(body));
  if (has_constant_answer(act)) response.departure = Departure::on_tick;
  return response;
}

bool is_deposit(const policy::Act& act) { return holds_alternative<policy::BeginDeposit>(act); }

}  // namespace

Response with_cause(Exchange& exchange, std::string cause, Response response) {
  exchange.set_cause(std::move(cause));
  return response;
}

bool has_constant_answer(const policy::Act& act) {
  return holds_alternative<policy::ProposeKey>(act) || holds_alternative<policy::PaperNarrowing>(act) ||
         holds_alternative<policy::RequestAccess>(act) || holds_alternative<policy::AskSource>(act) ||
         holds_alternative<policy::RecordDeath>(act) || holds_alternative<policy::ProtectIdentity>(act);
}

std::string cause_of(const service::CommandResult& result) {
  return std::string(to_json(result.status).as_string()) + ", " +
         std::string(to_json(result.decision.reason).as_string());
}

// SPEC API-6
Response not_accepted(Exchange& exchange, const Error& error) {
  exchange.set_cause(error.message);
  switch (error.code) {
    case ErrorCode::malformed:
      return problem(400, "bad-request", "Bad request", error.message);
    case ErrorCode::invalid:
      return problem(422, "unprocessable", "Content not accepted", error.message);
    case ErrorCode::denied:
      return unauthenticated();
    case ErrorCode::out_of_space:
      return plain_problem(507);
    default:
      return plain_problem(503);
  }
}

Response act_refused(policy::Reason reason) {
  const bool is_stale = reason == policy::Reason::state_changed || reason == policy::Reason::already_exists ||
                        reason == policy::Reason::wrong_state;
  Response response = problem(is_stale ? 409 : 422, "act-refused", "Act refused", "The member `reason` says why.");
  json::value body = parse_json(as_text(std::get<Bytes>(response.body))).value();
  body.get_object()["reason"] = to_json(reason);
  response.body = to_bytes(as_bytes(json::serialize(body)));
  return response;
}

Response file_refused(Exchange& exchange, const policy::PlanRefusal& refusal) {
  std::string why = refusal.reason;  // our own words, as the next; where it is stands in `refusal` alone
  if (refusal.finding) why += ", " + *refusal.finding;
  exchange.set_cause("the file is refused: " + refusal.reason);
  Response response = problem(422, "file-refused", "File refused", "The file is refused: " + why + ".");
  json::value body = parse_json(as_text(std::get<Bytes>(response.body))).value();
  body.get_object()["refusal"] = to_json(refusal);
  response.body = to_bytes(as_bytes(json::serialize(body)));
  return response;
}

Response act_answer(Exchange& exchange, const ActId& id, const policy::Act& act, const service::CommandResult& result,
                    Tells tells, bool waits) {
  switch (result.status) {
    case service::CommandStatus::conflict:
      return with_cause(exchange, "another act under the same id", plain_problem(409));
    case service::CommandStatus::expired:
      return with_cause(exchange, "the act has expired",
                        problem(422, "act-expired", "Act expired", "The act's time has passed."));
    case service::CommandStatus::unavailable:  // SPEC API-7
      return with_cause(exchange, "unavailable", plain_problem(is_deposit(act) ? 507 : 503));
    case service::CommandStatus::decided:
    case service::CommandStatus::repeated:
      break;
  }
  if (result.decision.is_permitted()) return performed(id, act, result, waits);
  exchange.set_cause(cause_of(result));
  return tells == Tells::reason ? act_refused(result.decision.reason) : refusal();
}

Response read_refused(Exchange& exchange, const service::CommandResult& result, Tells tells) {
  exchange.set_cause(cause_of(result));
  if (result.status != service::CommandStatus::decided) return plain_problem(503);
  return tells == Tells::reason ? act_refused(result.decision.reason) : refusal();
}

Result<void> check_json_type(const Exchange& exchange) {
  const std::string_view type = exchange.request().header("content-type");
  if (equal_ignoring_case(trim_blanks(type.substr(0, type.find(';'))), "application/json")) return {};
  return fail(ErrorCode::invalid, "expected Content-Type application/json");
}

Result<std::uint64_t> query_number(const Exchange& exchange, std::string_view name,
                                   std::optional<std::uint64_t> otherwise) {
  const std::string_view text = exchange.request().query(name);
  if (text.empty() && otherwise && !exchange.request().target.query.contains(name)) return *otherwise;
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  const bool is_plain = error == std::errc() && end == text.data() + text.size() && text.size() <= 15 &&
                        (text.size() == 1 || text.front() != '0');
  if (text.empty() || !is_plain)
    return fail(ErrorCode::malformed, "`" + std::string(name) + "`: expected a whole number");
  return out;
}

}  // namespace flikvakt::gateway
