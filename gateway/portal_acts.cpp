#include "gateway/portal_acts.h"

#include "crypto/random.h"
#include "gateway/api_answers.h"
#include "gateway/await_command.h"
#include "gateway/problem.h"
#include "gateway/tick.h"

namespace flikvakt::gateway {

void put_form(const Visit& visit, web::Data& data) {
  data.set("token", form_token_of(visit));
  data.set("act", crypto::random_id<ActId>().text());
}

FormOrPage form_or_page(PortalContext& context, Exchange& exchange) {
  const Visit& visit = browser_of(exchange).visit();
  Result<Form> form = context.access.form_of(exchange, visit);
  if (!form) return form_refused(exchange, context.site, visit, form.error());
  return std::move(*form);
}

Handler form_page(PortalContext& context, std::function<Response(const OwnPage&, const Form&)> show) {
  auto kept = std::make_shared<const std::function<Response(const OwnPage&, const Form&)>>(std::move(show));
  return own_page(context, [&context, kept](const OwnPage& page) {
    const Result<Form> form = context.access.form_of(page.exchange, page.visit());
    if (form) return (*kept)(page, *form);
    return form_refused(page.exchange, context.site, page.visit(), form.error());
  });
}

Response not_sent(PortalContext& context, Exchange& exchange, const Error& error) {
  exchange.set_cause(error.message);
  const Visit& visit = browser_of(exchange).visit();
  const std::string instance = instance_of(plain_problem(400));
  switch (error.code) {
    case ErrorCode::denied:
      return context.site.problem_page(visit, 403, "session", instance);
    case ErrorCode::conflict:
    case ErrorCode::expired:
      return context.site.problem_page(visit, 409, "stale_form", instance);
    case ErrorCode::malformed:
    case ErrorCode::invalid:
      return context.site.problem_page(visit, 400, "form", instance);
    default:
      return plain_problem(503);
  }
}

void put_form_anew(const Visit& visit, const Form& form, web::Data& data) {
  const std::string_view again = local_path(form.text("again"));
  const Result<Form> typed = Form::parse(form.text("typed"));
  if (again.empty() || !typed || typed->fields().empty()) return;
  web::Data& anew = data.add("anew").set("action", again).set("home", visit.is_staff() ? "/staff" : "/me");
  put_form(visit, anew);
  for (const auto& [name, value] : typed->fields()) {
    if (name != "token" && name != "act") anew.add("field").set("name", name).set("value", value);
  }
}

Response not_signed_page(const PortalSite& site, const Visit& visit, const Form& form, WhyNotSigned why) {
  web::Data data;
  const bool is_over = why == WhyNotSigned::over;
  if (is_over) data.choose(visit.is_staff(), "for_staff", "for_person");
  data.show_if(!is_over, "no_answer");
  data.choose(visit.is_staff(), "to_cases", "to_overview");
  put_form_anew(visit, form, data);
  PortalSite::Options options;
  options.status = is_over ? 409 : 503;
  return site.page(visit, "not_signed", std::move(data), options);
}

Result<service::Command> or_signed_before(PortalContext& context, const Exchange& exchange, const Form& form,
                                          Result<service::Command> command) {
  const Result<ActId> act = ActId::parse(form.text("act"));
  if (command || !act) return command;
  Result<service::Command> before = context.sessions().signed_before(browser_of(exchange).cookie(), *act);
  return before ? std::move(before) : std::move(command);
}

Awaitable<ResultOrPage> carry_out(PortalContext& context, Exchange& exchange, service::Command command) {
  const std::string key = rate_key_of(browser_of(exchange));
  if (policy::direction_of(command.act) == policy::Direction::narrowing) {  // SPEC API-41
    const auto wait = context.narrowing.take_on_credit(key, context.core().clock().steady(), kLongestWait);
    if (!wait) co_return too_many_requests();
    Awaitable<void> turn = wait_for(*wait);
    co_await std::move(turn);
  } else if (!context.pages.allow(key, context.core().clock().steady())) {
    co_return too_many_requests();
  }
  Awaitable<service::CommandResult> decision = decide(context.core(), std::move(command));
  service::CommandResult result = co_await std::move(decision);
  switch (result.status) {
    case service::CommandStatus::decided:
    case service::CommandStatus::repeated:
      co_return std::move(result);
    case service::CommandStatus::conflict:
    case service::CommandStatus::expired:
      co_return not_sent(context, exchange, fail(ErrorCode::conflict, cause_of(result)));
    case service::CommandStatus::unavailable:
      break;
  }
  exchange.set_cause(cause_of(result));
  co_return plain_problem(503);
}

Awaitable<ResultOrPage> send_act(PortalContext& context, Exchange& exchange, const Form& form, json::value act) {
  const BrowserIdentity& who = browser_of(exchange);
  const Result<ActId> id = ActId::parse(form.text("act"));
  if (!id) co_return not_sent(context, exchange, fail(ErrorCode::malformed, "a form without the id of its act"));
  const service::WantedAct wanted{*id, std::move(act), {}, who.visit().as};
  Result<service::Command> command = context.sessions().command(who.cookie(), wanted);
  if (!command) co_return not_sent(context, exchange, command.error());
  Awaitable<ResultOrPage> carrying = carry_out(context, exchange, std::move(*command));
  co_return co_await std::move(carrying);
}

Response act_refused_page(PortalContext& context, Exchange& exchange, const service::CommandResult& result) {
  exchange.set_cause(cause_of(result));
  const Visit& visit = browser_of(exchange).visit();
  const PortalNames names(context.site, visit.language);
  web::Data data;
  data.set("why", names.reason_of_own(result.decision.reason));
  data.show_if(result.decision.reason == policy::Reason::credential_not_valid, "look_at_keys");
  PortalSite::Options options;
  options.status = result.decision.reason == policy::Reason::state_changed ? 409 : 422;
  return context.site.page(visit, "act_refused", std::move(data), options);
}

Response question_page(PortalContext& context, const Visit& visit, const Question& question) {
  web::Data data;
  put_form(visit, data);
  for (const std::string& text : question.texts) data.add("paragraph").set("text", text);
  data.set("button", question.button).set("tone", question.is_taking_away ? "stop" : "");
  data.set("action", visit.path).set("back", question.back).set("back_label", question.back_label);
  PortalSite::Options options;
  options.title = question.title;
  return context.site.page(visit, "question", std::move(data), options);
}

Response done_page(PortalContext& context, const Visit& visit, const Done& done) {
  web::Data data;
  for (const std::string& text : done.texts) data.add("paragraph").set("text", text);
  data.set("next", done.next).set("next_label", done.next_label);
  PortalSite::Options options;
  options.title = done.title;
  return context.site.page(visit, "done", std::move(data), options);
}

}  // namespace flikvakt::gateway
