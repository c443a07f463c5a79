// From outcomes to answers, in one place, so that two handlers cannot say the same thing differently.
#pragma once

#include "gateway/exchange.h"
#include "service/command.h"

namespace flikvakt::gateway {

// Trouble with what was sent, before any decision: 400, 422, 401 (denied), 503 or 507. It tells only the form.
Response not_accepted(Exchange& exchange, const Error& error);

// Organisations learn "no" and nothing else (P6); persons and administrators learn the reason.
enum class Tells { nothing, reason };

// SPEC API-42: what the answer to such an act tells would tell who is known here. It says the same always, and leaves
// on the tick, at every door.
bool has_constant_answer(const policy::Act& act);

// The answer to a state-changing act. waits: it was only proposed.
Response act_answer(Exchange& exchange, const ActId& id, const policy::Act& act, const service::CommandResult& result,
                    Tells tells, bool waits);

// What no read may say otherwise: refused (as `tells` allows) or, when nothing could be decided, 503.
Response read_refused(Exchange& exchange, const service::CommandResult& result, Tells tells);

// A problem with one member more: {"reason": "state_changed"}.
Response act_refused(policy::Reason reason);

// SPEC API-86: told to the depositor, whose own file it is.
Response file_refused(Exchange& exchange, const policy::PlanRefusal& refusal);

// The same response, with its cause for the operational log.
Response with_cause(Exchange& exchange, std::string cause, Response response);
// The reason in the operational log's words.
std::string cause_of(const service::CommandResult& result);

// A strict JSON body. malformed; invalid for another Content-Type.
template <class T>
Result<T> read_json(const Exchange& exchange);
Result<void> check_json_type(const Exchange& exchange);

// A query parameter that is a decimal number without leading zero. malformed; absent: `otherwise`.
Result<std::uint64_t> query_number(const Exchange& exchange, std::string_view name,
                                   std::optional<std::uint64_t> otherwise);

template <class T>
Result<T> read_json(const Exchange& exchange) {
  TRY_VOID(check_json_type(exchange));
  return parse_as<T>(as_text(exchange.request().body));
}

}  // namespace flikvakt::gateway
