#include "gateway/portal_access.h"

#include <algorithm>

#include "base/characters.h"
#include "crypto/hash.h"
#include "gateway/problem.h"

namespace flikvakt::gateway {
namespace {

std::string path_of(const Target& target) {
  std::string out;
  for (const std::string& segment : target.segments) out += "/" + segment;
  if (out.empty()) out = "/";
  char before = '?';
  for (const auto& [name, value] : target.query) {
    out += before + percent_encoded(name) + "=" + percent_encoded(value);
    before = '&';
  }
  return out;
}

// What is below these is for machines: no page is shown instead.
bool is_for_machines(const Request& request) {
  return !request.target.segments.empty() &&
         (request.target.segments.front() == "v1" || request.target.segments.front() == "static");
}

// SPEC PORTAL-11: what the browser itself says of where a form was sent from. Without a word it may be an old one.
bool is_from_elsewhere(const Request& request) {
  const std::string_view site = request.header("sec-fetch-site");
  if (!site.empty()) return site != "same-origin" && site != "none";
  const std::string_view origin = request.header("origin");
  if (origin.empty() || origin == "null") return false;
  return origin != "https://" + std::string(request.header("host"));
}

bool is_of(const Visit& visit, AccessRule rule) {
  if (rule == AccessRule::person_page) return visit.is_person();
  return rule == AccessRule::administrator_page ? visit.is_administrator() : visit.is_staff();
}

bool is_same(std::string_view a, std::string_view b) {  // in a time that does not depend on where they differ
  return crypto::sha256(as_bytes(a)) == crypto::sha256(as_bytes(b));
}

Result<Form> read_form(const Exchange& exchange) {
  const std::string_view type = exchange.request().header("content-type");
  if (!equal_ignoring_case(trim_blanks(type.substr(0, type.find(';'))), "application/x-www-form-urlencoded")) {
    return fail(ErrorCode::malformed, "not a form");
  }
  return Form::parse(as_text(exchange.request().body));
}

// What people type in a field of one line, and what it is called there. What is long has a name that begins with
// `write_`; choices and files have to be made again.
constexpr std::pair<std::string_view, std::string_view> kTyped[] = {{"title", "deposit.document_title"},
                                                                    {"author", "deposit.author"},
                                                                    {"date", "deposit.date"},
                                                                    {"until", "give.until"},
                                                                    {"from", "log.from"},
                                                                    {"to", "log.to"},
                                                                    {"triage", "path.triage"},
                                                                    {"reached", "mine.reached_on"},
                                                                    {"meeting", "case.meeting"},
                                                                    {"readings", "give.readings"},
                                                                    {"proposal", "desk.proposal"}};

// What somebody wrote in a form of ours that comes too late. Nothing of one from another site.
void put_written(const Exchange& exchange, const PortalSite& site, const Visit& visit, const Form& form,
                 web::Data& data) {
  if (is_from_elsewhere(exchange.request())) return;
  for (const auto& [name, value] : form.fields()) {
    if (value.empty()) continue;
    const auto typed = std::ranges::find(kTyped, name, &std::pair<std::string_view, std::string_view>::first);
    const bool is_long = name.starts_with("write_");
    if (!is_long && typed == std::end(kTyped)) continue;
    const std::string_view key = is_long ? "too_late.written" : typed->second;
    data.add("written").set("label", site.text(visit, key)).set("text", value);
  }
  data.show_if(!data.sections().empty(), "choices");
}

}  // namespace

Visit PortalAccess::visit_of(const Request& request) const {
  Visit visit;
  visit.path = path_of(request.target);
  const std::string_view cookies = request.header("cookie");
  const auto chosen = site_.words().find(cookie_named(cookies, kLanguageCookie));
  visit.language = chosen ? *chosen : site_.words().best_of(request.header("accept-language"));
  const std::string_view cookie = cookie_named(cookies, kSessionCookie);
  if (!sessions_ || cookie.empty()) return visit;
  visit.cookie = service::SessionCookie{std::string(cookie)};
  visit.session = sessions_->find(*visit.cookie);
  if (visit.is_person()) put_role(cookies, visit);
  return visit;
}

// A registration that does not stand any more: for themselves again, and the page says so. A form that was shown before
// brings another token.
void PortalAccess::put_role(std::string_view cookies, Visit& visit) const {
  const Result<RepresentativeId> as = RepresentativeId::parse(cookie_named(cookies, kActsForCookie));
  if (!as) return;
  const Result<policy::PersonActor> other = sessions_->as_representative(*visit.session, *as);
  visit.as_is_over = !other;
  if (!other) return;
  visit.as = *as;
  visit.number_ends = number_ends_of(site_.core().directory(), other->person);
}

Result<policy::Actor> PortalAccess::actor_of(const Visit& visit) const {
  if (!visit.as) return visit.session->actor;
  return policy::Actor(TRY(sessions_->as_representative(*visit.session, *visit.as)));
}

AccessCheck PortalAccess::check_before(AccessCheck others) const {
  return [this, others = std::move(others)](Exchange& exchange, AccessRule rule) -> Awaitable<std::optional<Response>> {
    const bool is_page =
        rule == AccessRule::person_page || rule == AccessRule::staff_page || rule == AccessRule::administrator_page;
    Awaitable<std::optional<Response>> ask = others(exchange, is_page ? AccessRule::public_info : rule);
    std::optional<Response> instead = co_await std::move(ask);
    if (instead || !is_page) co_return instead;
    co_return check(exchange, rule);
  };
}

// SPEC PORTAL-13
std::optional<Response> PortalAccess::check(Exchange& exchange, AccessRule rule) const {
  Visit visit = visit_of(exchange.request());
  if (!visit.session) return not_signed_in(exchange, visit, rule);
  if (!is_of(visit, rule)) {
    exchange.set_cause("signed in, but not as who may see this page");
    return refusal();
  }
  Result<policy::Actor> actor = actor_of(visit);
  if (!actor) return refusal();
  exchange.set_identity(BrowserIdentity(std::move(visit), std::move(*actor)));
  return std::nullopt;
}

// The page that the form stood on, where one is at its path; else where such people begin.
std::string PortalAccess::way_back(const Request& request, AccessRule rule) const {
  const std::vector<std::string>& segments = request.target.segments;
  const auto found =
      router_ ? router_->match(Method::get, segments) : std::variant<Router::Match, Response>(Response());
  const auto* page = std::get_if<Router::Match>(&found);
  if (page && page->endpoint->access == rule) return path_of({segments, {}});
  return rule == AccessRule::person_page ? "/me" : "/staff";
}

// Who asked for a page signs in and comes back to it; who sent a form too late sees what they had written.
Response PortalAccess::not_signed_in(Exchange& exchange, const Visit& visit, AccessRule rule) const {
  exchange.set_cause("no session");
  if (exchange.request().method == Method::get) {
    if (rule == AccessRule::administrator_page) return see_other("/sign-in/administrator");
    const std::string why = visit.cookie ? "expired" : "needed";
    return see_other("/sign-in?why=" + why + "&back=" + percent_encoded(visit.path));
  }
  web::Data data;
  data.set("sign_in", "/sign-in?back=" + percent_encoded(way_back(exchange.request(), rule)));
  if (const Result<Form> form = read_form(exchange)) put_written(exchange, site_, visit, *form, data);
  PortalSite::Options options;
  options.status = 403;
  return site_.page(visit, "too_late", std::move(data), options);
}

Result<Form> PortalAccess::form_before_session(const Exchange& exchange) const {
  if (is_from_elsewhere(exchange.request())) return fail(ErrorCode::denied, "a form from another site");
  return read_form(exchange);
}

Result<void> PortalAccess::check_token(const Exchange& exchange, const Visit& visit, const Form& form) const {
  if (is_from_elsewhere(exchange.request())) return fail(ErrorCode::denied, "a form from another site");
  const bool is_ours = visit.session && is_same(form.text("token"), form_token_of(visit));
  if (!is_ours) return fail(ErrorCode::denied, "a form of another session, or for another person");
  return {};
}

Result<Form> PortalAccess::form_of(const Exchange& exchange, const Visit& visit) const {
  Form form = TRY(form_before_session(exchange));
  TRY_VOID(check_token(exchange, visit, form));
  return form;
}

Dress PortalAccess::dress() const {
  return [this](const Request& request, Response response) {
    if (is_for_machines(request) || instance_of(response).empty()) return response;
    const bool is_document = !request.target.segments.empty() && request.target.segments.back() == "content";
    const Visit visit = visit_of(request);
    return is_document ? site_.framed_problem(visit, std::move(response)) : site_.as_page(visit, std::move(response));
  };
}

std::string number_ends_of(const service::Directory& directory, const PersonId& person) {
  constexpr std::size_t kDigitsTold = 4;
  const std::string number = directory.newest_number(person).value_or("");
  return number.substr(number.size() - std::min(number.size(), kDigitsTold));
}

std::string form_token_of(const Visit& visit) {
  if (!visit.session) return {};
  if (!visit.as) return visit.session->form_token;
  return to_base64url(crypto::sha256(as_bytes("flikvakt/v1/form-for\n"), as_bytes(visit.session->form_token),
                                     as_bytes(visit.as->text())));
}

namespace {

Response refused_page(const Exchange& exchange, const PortalSite& site, const Visit& visit, const Result<Form>& form,
                      const Error& error) {
  if (error.code != ErrorCode::denied) return site.problem_page(visit, 400, "form", instance_of(plain_problem(400)));
  web::Data data;
  if (form) put_written(exchange, site, visit, *form, data);
  if (data.sections().empty()) return site.problem_page(visit, 403, "stale_form", instance_of(plain_problem(400)));
  PortalSite::Options options;
  options.status = 403;
  return site.page(visit, "stale_form", std::move(data), options);
}

}  // namespace

Response form_refused(const Exchange& exchange, const PortalSite& site, const Visit& visit, const Error& error) {
  return refused_page(exchange, site, visit, read_form(exchange), error);
}

Response form_refused(Exchange& exchange, const PortalSite& site, const Visit& visit, const Error& error) {
  exchange.set_cause(error.message);
  return form_refused(std::as_const(exchange), site, visit, error);
}

Response form_refused(Exchange& exchange, const PortalSite& site, const Visit& visit, const Form& form,
                      const Error& error) {
  exchange.set_cause(error.message);
  return refused_page(exchange, site, visit, form, error);
}

}  // namespace flikvakt::gateway
