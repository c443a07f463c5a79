#include "gateway/portal_sign_in.h"

#include <algorithm>
#include <array>

#include "base/characters.h"
#include "gateway/api_answers.h"
#include "gateway/await_callback.h"
#include "gateway/await_command.h"
#include "gateway/json_views.h"
#include "gateway/problem.h"

namespace flikvakt::gateway {
namespace {

using service::BrowserSessions;

constexpr std::uint64_t kLargestAnswer =
    96 * 1024;                        // bytes of a form with an authenticator's, which has 64 KiB at most
constexpr double kJunkAtIssuer = 10;  // failures: an issuer was asked, and for nothing

// Where to go after it: not to a page of the other kind of people.
std::string_view way_back(const service::BrowserSession& session, std::string_view back) {
  const std::string_view path = local_path(back);
  const std::string_view home = home_of(session);
  const auto is_of_somebody = [&](std::string_view start) { return path.starts_with(start); };
  const bool fits =
      is_of_somebody(home) || std::ranges::none_of(std::array{"/me", "/staff", "/administration"}, is_of_somebody);
  return path.empty() || path == "/" || !fits ? home : path;
}

void put_issuers(const PortalSite& site, const Visit& visit, const BrowserSessions& sessions, std::string_view back,
                 web::Data& data) {
  web::Data* staff = nullptr;
  for (const service::IssuerChoice& one : sessions.issuers()) {
    const bool is_for_staff = one.organisation.has_value();
    if (is_for_staff && !staff) staff = &data.add("organisations");
    web::Data& choice = is_for_staff ? staff->add("organisation") : data.add("e_id");
    choice.set("code", one.code).set("back", back);
    choice.set("label", site.text(visit, is_for_staff ? "sign_in.at_staff" : "sign_in.at", {{"name", one.name}}));
  }
}

// An organisation's own issuer, not that of an e-ID.
bool is_of_staff(const BrowserSessions& sessions, std::string_view code) {
  return std::ranges::any_of(sessions.issuers(),
                             [&](const auto& one) { return one.code == code && one.organisation.has_value(); });
}

void put_demo(const PortalSite& site, const Visit& visit, const BrowserSessions& sessions, std::string_view back,
              web::Data& data) {
  const std::vector<service::DemoPerson>& people = sessions.demo_people();
  if (people.empty()) return;
  web::Data& section = data.add("people");
  for (std::size_t number = 0; number < people.size(); ++number) {
    const service::DemoPerson& one = people[number];
    section.add("person")
        .set("name", one.name)
        .set("about", site.words().is_swedish(visit.language) ? one.about_sv : one.about_en)
        .set("number", std::uint64_t{number})
        .set("back", back)
        .set("label", site.text(visit, "sign_in.demo_as", {{"name", one.name}}));
  }
}

}  // namespace

std::string_view home_of(const service::BrowserSession& session) {
  if (std::holds_alternative<policy::AdministratorActor>(session.actor)) return "/administration";
  return std::holds_alternative<policy::StaffActor>(session.actor) ? "/staff" : "/me";
}

std::string device_of(const Exchange& exchange) {
  return std::string(exchange.request().header("user-agent").substr(0, 200));
}

void PortalSignIn::add_to(Router& router) {
  const AccessRule anyone = AccessRule::public_info;
  router.add(Method::get, "/", anyone, no_body(), [this](Exchange& e) { return start(e); })
      .add(Method::get, "/sign-in", anyone, no_body(), [this](Exchange& e) { return choose_way(e); });
  if (!access_.sessions()) return;
  router
      .add(Method::post, "/sign-in/passkey", anyone, whole_body(kLargestAnswer),
           [this](Exchange& e) { return by_passkey(e); })
      .add(Method::post, "/sign-in/issuer", anyone, whole_body(), [this](Exchange& e) { return to_issuer(e); })
      .add(Method::get, "/sign-in/return/{issuer:code}", anyone, no_body(),
           [this](Exchange& e) { return from_issuer(e); })
      .add(Method::post, "/sign-in/demo", anyone, whole_body(), [this](Exchange& e) { return as_demo(e); })
      .add(Method::get, "/sign-in/administrator", anyone, no_body(), [this](Exchange& e) { return ask_for_code(e); })
      .add(Method::post, "/sign-in/administrator", anyone, whole_body(), [this](Exchange& e) { return by_code(e); })
      .add(Method::get, "/sign-in/work-key", anyone, no_body(), [this](Exchange& e) { return offer_work_key(e); })
      .add(Method::post, "/sign-in/work-key", anyone, whole_body(kLargestAnswer),
           [this](Exchange& e) { return made_work_key(e); })
      .add(Method::post, "/sign-out", anyone, whole_body(), [this](Exchange& e) { return sign_out(e); });
}

Awaitable<Response> PortalSignIn::start(Exchange& exchange) {
  const Visit visit = access_.visit_of(exchange.request());
  co_return see_other(visit.session ? home_of(*visit.session) : "/sign-in");
}

Response PortalSignIn::page(const Visit& visit, std::string_view why, std::string_view back, unsigned status) {
  web::Data data;
  const std::string key = "sign_in.why_" + std::string(why);
  if (!why.empty() && site_.words().has(key)) data.add("why").set("text", site_.text(visit, key));
  BrowserSessions* const sessions = access_.sessions();
  PortalSite::Options options;
  options.status = status;
  options.script = PageScript::passkey;
  if (!sessions) return site_.page(visit, "sign_in", std::move(data), options);
  put_issuers(site_, visit, *sessions, back, data);
  put_demo(site_, visit, *sessions, back, data);
  data.add("administrators");
  const service::PasskeyCeremony ceremony = sessions->begin_sign_in();
  data.add("passkey").set("options", json::serialize(ceremony.options)).set("back", back);
  Response response = site_.page(visit, "sign_in", std::move(data), options);
  set_cookie(response, kCeremonyCookie, ceremony.cookie.value, service::kCeremonyLife);
  return response;
}

Awaitable<Response> PortalSignIn::choose_way(Exchange& exchange) {
  const Visit visit = access_.visit_of(exchange.request());
  const std::string back(local_path(exchange.request().query("back")));
  if (visit.session) co_return see_other(way_back(*visit.session, back));
  if (asks_too_often(exchange)) co_return too_many_requests();
  co_return page(visit, exchange.request().query("why"), back);
}

bool PortalSignIn::asks_too_often(Exchange& exchange, double pages) {
  return !pages_.allow(exchange.connection().source, site_.core().clock().steady(), pages);
}

bool PortalSignIn::fails_too_often(Exchange& exchange) {
  return !failures_.has_left(exchange.connection().source, site_.core().clock().steady());
}

void PortalSignIn::charge_failure(Exchange& exchange, double failures) {
  failures_.charge(exchange.connection().source, site_.core().clock().steady(), failures);
}

Response PortalSignIn::let_in(const service::OpenedSession& opened, std::string_view back) const {
  Response response = see_other(way_back(opened.session, back));
  set_cookie(response, kSessionCookie, opened.cookie.value);
  drop_cookie(response, kCeremonyCookie);
  drop_cookie(response, kActsForCookie);
  return response;
}

// SPEC PORTAL-15: one answer, whoever it was and whatever was wrong.
Response PortalSignIn::failed(Exchange& exchange, const Visit& visit, const Error& error, std::string_view back) {
  exchange.set_cause(error.message);
  charge_failure(exchange);
  const bool is_unavailable = error.code == ErrorCode::unavailable;
  Response response = page(visit, is_unavailable ? "unavailable" : "failed", back, is_unavailable ? 503 : 422);
  response.departure = Departure::on_tick;
  return response;
}

Awaitable<Response> PortalSignIn::by_passkey(Exchange& exchange) {
  const Visit visit = access_.visit_of(exchange.request());
  const Result<Form> form = access_.form_before_session(exchange);
  if (!form) co_return form_refused(exchange, site_, visit, form.error());
  if (fails_too_often(exchange)) co_return too_many_requests();
  const std::string back(form->text("back"));
  const service::CeremonyCookie ceremony{
      std::string(cookie_named(exchange.request().header("cookie"), kCeremonyCookie))};
  const Result<service::PasskeyAnswer> answer = service::parse_passkey_answer(form->text("answer"));
  if (!answer) co_return failed(exchange, visit, answer.error(), back);
  const Result<service::OpenedSession> opened = sessions().sign_in(ceremony, *answer, device_of(exchange));
  if (!opened) co_return failed(exchange, visit, opened.error(), back);
  co_return let_in(*opened, back);
}

// The answer to a form may not lead to another site (`form-action`), so a page does.
Awaitable<Response> PortalSignIn::to_issuer(Exchange& exchange) {
  const Visit visit = access_.visit_of(exchange.request());
  const Result<Form> form = access_.form_before_session(exchange);
  if (!form) co_return form_refused(exchange, site_, visit, form.error());
  if (fails_too_often(exchange) || asks_too_often(exchange, 4)) co_return too_many_requests();
  const Result<service::IssuerCeremony> ceremony =
      sessions().begin_sign_in_at(std::string(form->text("issuer")), site_.words().tag(visit.language));
  if (!ceremony) co_return failed(exchange, visit, ceremony.error(), form->text("back"));
  web::Data data;
  const bool is_for_staff = is_of_staff(sessions(), form->text("issuer"));
  data.set("url", ceremony->url).choose(is_for_staff, "staff", "person");
  PortalSite::Options options;
  options.title = site_.text(visit, is_for_staff ? "to_issuer.staff_title" : "to_issuer.title");
  Response response = site_.page(visit, "to_issuer", std::move(data), options);
  set_cookie(response, kCeremonyCookie, ceremony->cookie.value, service::kCeremonyLife);
  set_cookie(response, kBackCookie, percent_encoded(local_path(form->text("back"))), service::kCeremonyLife);
  co_return response;
}

Awaitable<Response> PortalSignIn::as_demo(Exchange& exchange) {
  const Visit visit = access_.visit_of(exchange.request());
  const Result<Form> form = access_.form_before_session(exchange);
  if (!form) co_return form_refused(exchange, site_, visit, form.error());
  const std::uint64_t place = form->number("number").value_or(sessions().demo_people().size());
  if (place >= sessions().demo_people().size()) co_return plain_problem(404);
  if (sessions().demo_people()[place].administrator) {
    Awaitable<Response> coming = as_demo_administrator(exchange, place);
    co_return co_await std::move(coming);
  }
  const Result<service::OpenedSession> opened = sessions().sign_in_as_demo(place, device_of(exchange));
  if (!opened) co_return failed(exchange, visit, opened.error(), form->text("back"));
  co_return let_in(*opened, form->text("back"));
}

// As `flikvakt portal` and the page of the code would have it, in one click.
Awaitable<Response> PortalSignIn::as_demo_administrator(Exchange& exchange, std::size_t number) {
  const Visit visit = access_.visit_of(exchange.request());
  Result<service::Command> command = sessions().demo_reading(number);
  if (!command) co_return failed(exchange, visit, command.error(), "");
  const auto actor = std::get<policy::AdministratorActor>(command->actor);
  Awaitable<service::CommandResult> decision = decide(site_.core(), std::move(*command));
  const service::CommandResult result = co_await std::move(decision);
  const auto* found = std::get_if<std::vector<policy::Proposal>>(&result.answer);
  if (!found) co_return failed(exchange, visit, fail(ErrorCode::denied, cause_of(result)), "");
  const service::SignInCode code = sessions().invite(actor, {result.time, proposals_of_nobody(site_.core(), *found)});
  const Result<service::OpenedSession> opened = sessions().sign_in_invited(code, device_of(exchange));
  if (!opened) co_return failed(exchange, visit, opened.error(), "");
  co_return let_in(*opened, "");
}

// ---- Administrators: with the code that `flikvakt portal` printed

Response PortalSignIn::code_page(const Visit& visit, bool has_failed) const {
  web::Data data;
  data.show_if(has_failed, "failed");
  PortalSite::Options options;
  options.status = has_failed ? 422 : 200;
  return site_.page(visit, "sign_in_code", std::move(data), options);
}

Awaitable<Response> PortalSignIn::ask_for_code(Exchange& exchange) {
  const Visit visit = access_.visit_of(exchange.request());
  if (visit.session) co_return see_other(home_of(*visit.session));
  co_return code_page(visit, false);
}

Awaitable<Response> PortalSignIn::by_code(Exchange& exchange) {
  const Visit visit = access_.visit_of(exchange.request());
  const Result<Form> form = access_.form_before_session(exchange);
  if (!form) co_return form_refused(exchange, site_, visit, form.error());
  if (fails_too_often(exchange)) co_return too_many_requests();
  const service::SignInCode code{std::string(trim_blanks(form->text("code")))};
  const Result<service::OpenedSession> opened = sessions().sign_in_invited(code, device_of(exchange));
  if (opened) co_return let_in(*opened, "");
  exchange.set_cause(opened.error().message);
  charge_failure(exchange);
  Response response = code_page(visit, true);
  response.departure = Departure::on_tick;
  co_return response;
}

// ---- Staff whose organisation has no issuer: a passkey is made here, and two administrators register it (STKEY-1)

Response PortalSignIn::work_key_page(const Visit& visit, bool has_failed) {
  const service::PasskeyCeremony ceremony = sessions().begin_new_passkey(site_.text(visit, "work_key.name"));
  web::Data data;
  data.set("options", json::serialize(ceremony.options)).show_if(has_failed, "failed");
  PortalSite::Options options;
  options.status = has_failed ? 422 : 200;
  options.script = PageScript::passkey;
  Response response = site_.page(visit, "work_key", std::move(data), options);
  set_cookie(response, kCeremonyCookie, ceremony.cookie.value, service::kCeremonyLife);
  return response;
}

Awaitable<Response> PortalSignIn::offer_work_key(Exchange& exchange) {
  if (asks_too_often(exchange)) co_return too_many_requests();
  co_return work_key_page(access_.visit_of(exchange.request()), false);
}

// SPEC PORTAL-17: it opens nothing, and nothing is kept of it.
Awaitable<Response> PortalSignIn::made_work_key(Exchange& exchange) {
  const Visit visit = access_.visit_of(exchange.request());
  const Result<Form> form = access_.form_before_session(exchange);
  if (!form) co_return form_refused(exchange, site_, visit, form.error());
  if (fails_too_often(exchange)) co_return too_many_requests();
  const service::CeremonyCookie ceremony{
      std::string(cookie_named(exchange.request().header("cookie"), kCeremonyCookie))};
  const Result<service::NewPasskeyAnswer> answer = service::parse_new_passkey_answer(form->text("answer"));
  const Result<service::NewPasskey> made =
      answer ? sessions().finish_new_passkey(ceremony, *answer) : Result<service::NewPasskey>(answer.error());
  if (!made) {
    exchange.set_cause(made.error().message);
    charge_failure(exchange);
    co_return work_key_page(visit, true);
  }
  web::Data data;
  data.set("thumbprint", to_base64url(made->thumbprint));
  data.set("file", json::serialize(json::object{{"thumbprint", to_base64url(made->thumbprint)},
                                                {"jwk", made->jwk},
                                                {"passkey", to_json(made->passkey)}}));
  Response response = site_.page(visit, "work_key_made", std::move(data));
  drop_cookie(response, kCeremonyCookie);
  co_return response;
}

Awaitable<Response> PortalSignIn::from_issuer(Exchange& exchange) {
  const Request& request = exchange.request();
  const Visit visit = access_.visit_of(request);
  const std::string_view cookies = request.header("cookie");
  service::IssuerReturn answer{{std::string(cookie_named(cookies, kCeremonyCookie))},
                               std::string(request.query("state")),
                               std::string(request.query("code")),
                               std::string(request.query("error")),
                               std::string(request.query("iss")),
                               exchange.text("issuer")};
  const std::optional<BrowserSessions::Errand> errand = sessions().errand_of(answer.state);
  // Who is signed in and comes back again, or with nothing that was begun here, is not asked to sign in.
  const bool signs = errand == BrowserSessions::Errand::signing || (visit.session && !errand);
  if (signs && on_signed_) {
    Awaitable<Response> signing = on_signed_(exchange, std::move(answer));
    co_return co_await std::move(signing);
  }
  // SPEC PORTAL-103: who was sent there from this very browser comes back in any case; nobody else costs an issuer
  // much.
  const bool is_awaited = sessions().is_awaited(answer);
  if (!is_awaited && fails_too_often(exchange)) co_return too_many_requests();
  const std::string source = exchange.connection().source, network = network_of(source);
  const auto place = at_issuers_.enter(source);
  const auto network_place = network.empty() ? nullptr : networks_at_issuers_.enter(network);
  if (!place || (!network.empty() && !network_place)) co_return too_many_requests();
  using Opened = std::shared_ptr<Result<service::OpenedSession>>;
  const std::string device = device_of(exchange);
  Awaitable<Opened> asking = await_callback<Opened>([this, answer, device](std::function<void(Opened)> done) {
    sessions().sign_in_by_issuer(answer, device, [done](Result<service::OpenedSession> opened) {
      done(std::make_shared<Result<service::OpenedSession>>(std::move(opened)));
    });
  });
  const Opened opened = co_await std::move(asking);
  const Result<Form> back = Form::parse("back=" + std::string(cookie_named(cookies, kBackCookie)));
  if (!*opened) {
    const bool is_junk = is_awaited && opened->error().code == ErrorCode::denied && !answer.code.empty();
    if (is_junk) charge_failure(exchange, kJunkAtIssuer - 1);
    co_return failed(exchange, visit, opened->error(), back ? back->text("back") : "");
  }
  Response response = let_in(**opened, back ? back->text("back") : "");
  drop_cookie(response, kBackCookie);
  co_return response;
}

// SPEC PORTAL-12
Awaitable<Response> PortalSignIn::sign_out(Exchange& exchange) {
  Visit visit = access_.visit_of(exchange.request());
  visit.as.reset();  // whoever it was for: the menu's form is the session's
  const Result<Form> form = access_.form_of(exchange, visit);
  if (!form && visit.session) co_return form_refused(exchange, site_, visit, form.error());
  if (visit.cookie) sessions().sign_out(*visit.cookie);
  if (visit.is_staff() && on_staff_signed_out_)
    on_staff_signed_out_(std::get<policy::StaffActor>(visit.session->actor).staff);
  Response response = see_other("/sign-in?why=signed_out");
  drop_cookie(response, kSessionCookie);
  drop_cookie(response, kActsForCookie);
  clear_site_data(response);
  co_return response;
}

}  // namespace flikvakt::gateway
