#include "gateway/api_admin.h"

#include <algorithm>

#include "gateway/api_answers.h"
#include "gateway/api_requests.h"
#include "gateway/await_callback.h"
#include "gateway/await_command.h"
#include "gateway/json_views.h"
#include "gateway/metrics.h"
#include "gateway/metrics_text.h"
#include "gateway/problem.h"
#include "gateway/sent_acts.h"
#include "service/browser_session.h"
#include "service/log_key_statement.h"

namespace flikvakt::gateway {
namespace {

// The förbund's own namespace of handles.
const OrganisationId kForbund;

Result<service::Command> command_of(service::Core& core, const SignedAct<AdministratorIdentity>& act) {
  service::Command command = TRY(service::make_command(core, act.who.actor(), act.sent, act.evidence, kForbund));
  if (!administrator_may_send(command.act)) return fail(ErrorCode::invalid, "`act`: not an act of an administrator");
  return command;
}

// SPEC BS-30: an act that the administrator signed, and nothing that their browser could do.
Result<service::Command> invitation_of(service::Core& core, const service::BrowserSessions* sessions,
                                       const SignedAct<AdministratorIdentity>& act) {
  if (!sessions) return fail(ErrorCode::invalid, "nobody signs in to pages of this gateway: it has no portal_origin");
  service::Command command = TRY(command_of(core, act));
  const auto* reads = get_if<policy::ReadProposals>(&command.act);
  if (!reads || reads->proposal) return fail(ErrorCode::invalid, "`act`: expected read_proposals, of all that wait");
  return command;
}

// SPEC HOOK-14
json::object notice_hook_status(service::Core& core, std::uint64_t log_size) {
  const service::FollowedLog* followed = core.followed_log();
  if (followed == nullptr) return {{"on", false}};
  json::object out{{"on", true}, {"behind", log_size - std::min(log_size, followed->followed_to.load())}};
  if (followed->is_stopped) out["stopped"] = true;
  return out;
}

// SPEC API-83
json::object witnesses_status(const AskWitnessed& witnessed) {
  if (!witnessed) return {{"on", false}};
  const Witnessed now = witnessed();
  return {{"on", true}, {"cosigned", cosigned_view(now)}, {"late", now.is_late}, {"readings", readings_view(now)}};
}

// SPEC RET-8
Response not_prepared(Exchange& exchange, const Error& why) {
  exchange.set_cause(why.message);
  return problem(503, "unavailable", "Unavailable",
                 "Nothing was decided: the log is being read for the approval of another pruning, or the gateway "
                 "stops. Try again later.");
}

}  // namespace

void AdminApi::add_to(Router& router) {
  const AccessRule socket = AccessRule::admin_socket;
  router.add(Method::post, "/v1/acts", socket, whole_body(), [this](Exchange& e) { return act(e); })
      .add(Method::post, "/v1/handles", socket, whole_body(), [this](Exchange& e) { return make_handle(e); })
      .add(Method::post, "/v1/portal-invitations", socket, whole_body(), [this](Exchange& e) { return invite(e); })
      .add(Method::get, "/v1/status", socket, no_body(), [this](Exchange& e) { return status(e); })
      .add(Method::get, "/v1/metrics", socket, no_body(), [this](Exchange& e) { return metrics(e); });
}

Awaitable<Response> AdminApi::act(Exchange& exchange) {
  const Result<SignedRequest> request = read_json<SignedRequest>(exchange);
  if (!request) co_return not_accepted(exchange, request.error());
  const Result<SignedAct<AdministratorIdentity>> signed_act = authentication_.administrator_act(request->jws);
  if (!signed_act) co_return not_accepted(exchange, signed_act.error());
  exchange.set_identity(signed_act->who);
  Result<service::Command> command = command_of(core_, *signed_act);
  if (!command) co_return not_accepted(exchange, command.error());
  const policy::Act act = command->act;
  if (service::takes_long_to_prepare(core_, *command)) {
    using Prepared = Result<service::Command>;
    Awaitable<Prepared> preparing =
        await_callback<Prepared>([this, unprepared = *command](std::function<void(Prepared)> done) {
          service::prepare_at_length(core_, unprepared, std::move(done));
        });
    command = co_await std::move(preparing);
    if (!command) co_return not_prepared(exchange, command.error());
  }
  Awaitable<service::CommandResult> decision = decide(core_, std::move(*command));
  const service::CommandResult result = co_await std::move(decision);
  // SPEC API-82: a repeat of the same signed act shows nothing again.
  if (const auto* found = std::get_if<std::vector<policy::Proposal>>(&result.answer)) {
    co_return json_response(200, json::serialize(proposals_view(core_, *found, kForbund)));
  }
  if (const auto* counts = std::get_if<std::vector<policy::OverdueCount>>(&result.answer)) {  // SPEC API-103
    co_return json_response(200, json::serialize(overdue_view(*counts)));
  }
  co_return act_answer(exchange, signed_act->sent.id, act, result, Tells::reason, policy::takes_two(act));
}

// SPEC BS-30, API-82: a repeat of the same signed act opens nothing.
Awaitable<Response> AdminApi::invite(Exchange& exchange) {
  const Result<SignedRequest> request = read_json<SignedRequest>(exchange);
  if (!request) co_return not_accepted(exchange, request.error());
  const Result<SignedAct<AdministratorIdentity>> signed_act = authentication_.administrator_act(request->jws);
  if (!signed_act) co_return not_accepted(exchange, signed_act.error());
  exchange.set_identity(signed_act->who);
  Result<service::Command> command = invitation_of(core_, sessions_, *signed_act);
  if (!command) co_return not_accepted(exchange, command.error());
  const policy::Act act = command->act;
  Awaitable<service::CommandResult> decision = decide(core_, std::move(*command));
  const service::CommandResult result = co_await std::move(decision);
  if (result.status == service::CommandStatus::repeated) {
    exchange.set_cause("a signed act that was used before");
    co_return plain_problem(409);
  }
  const auto* found = std::get_if<std::vector<policy::Proposal>>(&result.answer);
  if (!found) co_return act_answer(exchange, signed_act->sent.id, act, result, Tells::reason, false);
  const UtcTime now = core_.clock().wall();
  const service::SignInCode code =
      sessions_->invite(signed_act->who.actor(), {result.time, proposals_of_nobody(core_, *found)});
  co_return json_response(
      200, json::serialize(json::object{{"address", sessions_->place().origin + "/sign-in/administrator"},
                                        {"code", code.value},
                                        {"expires", to_rfc3339(now + service::kCeremonyLife)}}));
}

Awaitable<Response> AdminApi::make_handle(Exchange& exchange) {
  co_return gateway::make_handle(core_, exchange, kForbund);
}

// SPEC API-81: counts and times only, and what a pruning must name.
Awaitable<Response> AdminApi::status(Exchange&) {
  const service::LogView log = core_.sequencer().log_view();
  const service::Directory::KeyCounts keys = core_.directory().key_counts();
  const json::object body{
      {"instance", core_.directory().instance().name},
      {"log", json::object{{"size", log.size},
                           {"last_entry", to_rfc3339(log.last_entry)},
                           {"checkpoint", core_.sequencer().checkpoint(log)}}},
      {"clock", json::object{{"now", to_rfc3339(core_.clock().wall())}, {"doubt", to_json(log.doubt)}}},
      {"open_readings", core_.readings().size()},
      {"keys", json::object{{"active", keys.active}, {"shredded", keys.shredded}}},
      {"notice_hook", notice_hook_status(core_, log.size)},
      {"witnesses", witnesses_status(witnessed_)},
      {"retention", core_.directory().retention()},
      {"log_keys", service::log_key_status(core_.log_keys(), core_.sequencer().origin())}};
  co_return json_response(200, json::serialize(body));
}

// SPEC MET-1
Awaitable<Response> AdminApi::metrics(Exchange&) {
  co_return bytes_response(200, MetricsText::kContentType,
                           to_bytes(as_bytes(metrics_of(core_, witnessed_, pages_, connectors_))));
}

}  // namespace flikvakt::gateway
