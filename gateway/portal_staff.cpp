#include "gateway/portal_staff.h"

#include "crypto/random.h"
#include "gateway/api_answers.h"
#include "gateway/await_command.h"
#include "gateway/portal_signing.h"
#include "gateway/problem.h"
#include "service/handles.h"

namespace flikvakt::gateway {
namespace {

Awaitable<Response> answer(Response response) { co_return response; }

Awaitable<Response> carry_out_as_staff(PortalContext& context, Exchange& exchange, service::Command command,
                                       std::string done, std::string next) {
  const bool is_constant = has_constant_answer(command.act);
  const bool waits = policy::takes_two(command.act);
  const std::string id = command.evidence ? command.evidence->id.text() : std::string();
  std::string key;  // which another registrar has to name
  if (const auto* proposed = get_if<policy::ProposeKey>(&command.act)) key = to_base64url(proposed->thumbprint);
  Awaitable<ResultOrPage> carrying = carry_out(context, exchange, std::move(command));
  ResultOrPage carried = co_await std::move(carrying);
  if (Response* instead = std::get_if<Response>(&carried)) co_return std::move(*instead);
  const auto& result = std::get<service::CommandResult>(carried);
  if (!result.decision.is_permitted()) {
    exchange.set_cause(cause_of(result));
    co_return refusal();
  }
  const StaffPage page = staff_page_of(context, exchange);
  const bool has_words = context.site.words().has(done + ".title") && !local_path(next).empty();
  const std::string words = has_words ? done : "staff.done";
  Done told{page.names.text(words + ".title"),
            {page.names.text(words + ".text")},
            has_words ? next : "/staff",
            page.names.text("staff.go_on")};
  if (waits) told.texts.push_back(page.names.text("staff.waits_for_second", {{"id", id}}));
  if (!key.empty()) told.texts.push_back(page.names.text("desk.key_number", {{"key", key}}));
  Response response = done_page(context, page.visit(), told);
  if (is_constant) response.departure = Departure::on_tick;
  drop_cookie(response, kCeremonyCookie);
  co_return response;
}

// The form as it came, to be sent again if nothing comes of signing it: but for a number, which goes out nowhere, and
// what a passkey or a file was, which serves once.
void keep_what_was_typed(const Exchange& exchange, const Form& form, StaffAct& act) {
  if (!act.again.empty()) return;
  const bool serves_once = form.has("answer") || exchange.request().body.empty();  // a file comes in pieces
  if (serves_once) return;
  act.again = browser_of(exchange).visit().path;
  act.typed = typed_in(form, "number");
}

Response staff_sign_page(PortalContext& context, const Visit& visit, const StaffAct& act) {
  const auto id = crypto::random_id<ActId>();
  const Result<service::SigningCeremony> ceremony =
      context.sessions().begin_signing(*visit.cookie, {id, act.act, {}, {}}, context.site.words().tag(visit.language));
  const std::string instance = instance_of(plain_problem(400));
  if (!ceremony) {
    const bool is_form = ceremony.error().code == ErrorCode::invalid || ceremony.error().code == ErrorCode::malformed;
    return context.site.problem_page(visit, is_form ? 422 : 403, is_form ? "form" : "session", instance);
  }
  web::Data data;
  data.set("token", form_token_of(visit)).set("act", id.text()).set("button", act.button);
  const UtcTime wall = context.core().clock().wall();
  data.set("back", act.next).set("done", act.done);
  data.set("again", act.again).set("typed", act.typed).set("seen_at", to_rfc3339(wall));
  for (const std::string& text : act.paragraphs) data.add("paragraph").set("text", text);
  if (ceremony->passkey_options) data.add("passkey").set("options", json::serialize(*ceremony->passkey_options));
  if (ceremony->url) {
    data.add("e_id").set("url", *ceremony->url);
    const KeptForms::Fields known{
        {"act", id.text()}, {"done", act.done}, {"back", act.next}, {"again", act.again}, {"typed", act.typed}};
    const auto now = context.core().clock().steady();
    context.kept.keep(id, visit.session->id, known, now, now + service::kCeremonyLife);
  }
  data.show_if(ceremony->is_demo, "in_demo");
  PortalSite::Options options;
  options.title = act.title;
  options.script = PageScript::passkey;
  Response response = context.site.page(visit, "staff_sign", std::move(data), options);
  set_cookie(response, kCeremonyCookie, ceremony->cookie.value, service::kCeremonyLife);
  return response;
}

// The act of the ceremony is the one that the page showed (portal_signing.cpp).
Awaitable<Response> finish_as_staff(PortalContext& context, Exchange& exchange, const Form& form,
                                    Result<service::Command> command) {
  command = or_signed_before(context, exchange, form, std::move(command));
  const bool is_it = command && command->evidence && command->evidence->id.text() == form.text("act");
  if (!is_it) {
    exchange.set_cause(command ? "the ceremony of another page" : command.error().message);
    co_return not_signed_page(context.site, browser_of(exchange).visit(), form);
  }
  Awaitable<Response> carrying = carry_out_as_staff(context, exchange, std::move(*command),
                                                    std::string(form.text("done")), std::string(form.text("back")));
  co_return co_await std::move(carrying);
}

Awaitable<Response> signed_by_passkey(PortalContext& context, Exchange& exchange) {
  FormOrPage read = form_or_page(context, exchange);
  if (Response* instead = std::get_if<Response>(&read)) co_return std::move(*instead);
  const Form form = std::get<Form>(std::move(read));
  const Result<service::PasskeyAnswer> given = service::parse_passkey_answer(form.text("answer"));
  Result<service::Command> command = fail(ErrorCode::malformed, "no passkey answered");
  if (given) {
    command = context.sessions().finish_signing(browser_of(exchange).cookie(), ceremony_of(exchange), *given);
  }
  Awaitable<Response> finishing = finish_as_staff(context, exchange, form, std::move(command));
  co_return co_await std::move(finishing);
}

Awaitable<Response> signed_in_demo(PortalContext& context, Exchange& exchange) {
  FormOrPage read = form_or_page(context, exchange);
  if (Response* instead = std::get_if<Response>(&read)) co_return std::move(*instead);
  const Form form = std::get<Form>(std::move(read));
  Result<service::Command> command =
      context.sessions().finish_signing_in_demo(browser_of(exchange).cookie(), ceremony_of(exchange));
  Awaitable<Response> finishing = finish_as_staff(context, exchange, form, std::move(command));
  co_return co_await std::move(finishing);
}

Awaitable<Response> press(PortalContext& context, Exchange& exchange,
                          std::shared_ptr<const std::function<StaffAct(const Exchange&, const Form&)>> act) {
  FormOrPage read = form_or_page(context, exchange);
  if (Response* instead = std::get_if<Response>(&read)) co_return std::move(*instead);
  const Form form = std::get<Form>(std::move(read));
  Awaitable<Response> sending = send_as_staff(context, exchange, form, (*act)(exchange, form));
  co_return co_await std::move(sending);
}

}  // namespace

Awaitable<Response> finish_staff_signing(PortalContext& context, Exchange& exchange, Form form,
                                         service::Command command) {
  Awaitable<Response> carrying = carry_out_as_staff(context, exchange, std::move(command),
                                                    std::string(form.text("done")), std::string(form.text("back")));
  co_return co_await std::move(carrying);
}

Handler one_button(PortalContext& context, std::function<StaffAct(const Exchange&, const Form&)> act) {
  auto kept = std::make_shared<const std::function<StaffAct(const Exchange&, const Form&)>>(std::move(act));
  return [&context, kept](Exchange& exchange) { return press(context, exchange, kept); };
}

StaffPage staff_page_of(PortalContext& context, Exchange& exchange) {
  const BrowserIdentity& who = browser_of(exchange);
  return {who, exchange, PortalNames(context.site, who.visit().language), context.core().clock().wall()};
}

Awaitable<AnswerOrPage> ask_as_staff(PortalContext& context, Exchange& exchange, policy::Act act) {
  const BrowserIdentity& who = browser_of(exchange);
  if (!context.pages.allow(rate_key_of(who), context.core().clock().steady())) co_return too_many_requests();
  Awaitable<service::CommandResult> decision = decide(context.core(), who.staff(), std::move(act));
  service::CommandResult result = co_await std::move(decision);
  if (!result.decision.is_permitted()) co_return read_refused(exchange, result, Tells::nothing);
  co_return std::move(result.answer);
}

Handler staff_page(PortalContext& context, std::function<Response(const StaffPage&)> show) {
  auto kept = std::make_shared<const std::function<Response(const StaffPage&)>>(std::move(show));
  return [&context, kept](Exchange& exchange) { return answer(page_again(context, exchange, *kept)); };
}

Response page_again(PortalContext& context, Exchange& exchange, const std::function<Response(const StaffPage&)>& show) {
  std::optional<Response> too_often = too_many_pages(context, exchange);
  return too_often ? std::move(*too_often) : show(staff_page_of(context, exchange));
}

Awaitable<Response> send_as_staff(PortalContext& context, Exchange& exchange, const Form& form, StaffAct act) {
  const BrowserIdentity& who = browser_of(exchange);
  const Result<bool> needs_signing = service::BrowserSessions::needs_signing(act.act);
  if (!needs_signing) co_return not_sent(context, exchange, needs_signing.error());
  if (*needs_signing) {
    if (std::optional<Response> too_often = too_many_pages(context, exchange)) co_return std::move(*too_often);
    keep_what_was_typed(exchange, form, act);
    co_return staff_sign_page(context, who.visit(), act);
  }
  const Result<ActId> id = ActId::parse(form.text("act"));
  if (!id) co_return not_sent(context, exchange, fail(ErrorCode::malformed, "a form without the id of its act"));
  Result<service::Command> command = context.sessions().command(who.cookie(), {*id, act.act, {}, {}});
  if (!command) co_return not_sent(context, exchange, command.error());
  Awaitable<Response> carrying =
      carry_out_as_staff(context, exchange, std::move(*command), std::move(act.done), std::move(act.next));
  co_return co_await std::move(carrying);
}

void add_staff_signing_pages(PortalContext& context, Router& router) {
  router
      .add(Method::post, "/staff/sign/passkey", AccessRule::staff_page, whole_body(256 * 1024),
           [&context](Exchange& e) { return signed_by_passkey(context, e); })
      .add(Method::post, "/staff/sign/demo", AccessRule::staff_page, whole_body(256 * 1024),
           [&context](Exchange& e) { return signed_in_demo(context, e); });
}

std::string case_label(const CaseId& id) {
  std::string out = id.text().substr(0, 6);
  for (char& c : out) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return out;
}

Result<policy::BlindIndex> person_of_handle(PortalContext& context, const policy::StaffActor& staff,
                                            std::string_view handle) {
  return service::resolve_handle(context.core().keys(), staff.organisation, handle);
}

}  // namespace flikvakt::gateway
