#include "gateway/portal_sessions.h"

#include <algorithm>

#include "gateway/portal_staff.h"
#include "gateway/problem.h"

namespace flikvakt::gateway {
namespace {

// Whose browser it is, as people know it, of what it calls itself: each has the names of others in it, so the order
// counts.
std::string device_text(const PortalNames& names, std::string_view agent) {
  constexpr std::pair<std::string_view, std::string_view> kBrowsers[] = {
      {"Edg", "Edge"},         {"OPR/", "Opera"},     {"SamsungBrowser/", "Samsung Internet"},
      {"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"}, {"CriOS/", "Chrome"},
      {"Chrome/", "Chrome"},   {"Safari/", "Safari"}};
  constexpr std::pair<std::string_view, std::string_view> kSystems[] = {
      {"iPhone", "iPhone"}, {"iPad", "iPad"},       {"Android", "Android"}, {"Windows", "Windows"},
      {"Macintosh", "Mac"}, {"CrOS", "Chromebook"}, {"Linux", "Linux"}};
  const auto named = [&](const auto& known) {
    const auto found =
        std::ranges::find_if(known, [&](const auto& one) { return agent.find(one.first) != agent.npos; });
    return found == std::end(known) ? std::string() : std::string(found->second);
  };
  const std::string browser = named(kBrowsers);
  const std::string system = named(kSystems);
  if (browser.empty() && system.empty()) return names.text("session.unknown");
  if (browser.empty() || system.empty()) return browser + system;
  return names.text("session.on", {{"browser", browser}, {"system", system}});
}

struct SessionPaths {
  std::string_view list;
  std::string_view end;
};
SessionPaths paths_of(const BrowserIdentity& who) {
  return who.visit().is_staff() ? SessionPaths{"/staff/sessions", "/staff/sessions/end"}
                                : SessionPaths{"/me/keys", "/me/sessions/end"};
}

Response show_sessions(PortalContext& context, const StaffPage& page) {
  web::Data data;
  put_form(page.visit(), data);
  put_sessions(context, page.who, page.names, data);
  return context.site.page(page.visit(), "sessions", std::move(data));
}

// SPEC BS-7: one, or without its name all.
Awaitable<Response> end_sessions(PortalContext& context, Exchange& exchange) {
  FormOrPage form = form_or_page(context, exchange);
  if (Response* instead = std::get_if<Response>(&form)) co_return std::move(*instead);
  const BrowserIdentity& who = browser_of(exchange);
  const Result<SessionId> which = SessionId::parse(std::get<Form>(form).text("session"));
  const bool is_this = which && *which == who.session().id;
  if (which && !is_this) {
    context.sessions().end_one(who.cookie(), *which);
    co_return see_other(paths_of(who).list);
  }
  if (is_this) {
    context.sessions().sign_out(who.cookie());
  } else {
    context.sessions().end_all(who.cookie());
  }
  Response response = see_other("/sign-in?why=signed_out");
  drop_cookie(response, kSessionCookie);
  drop_cookie(response, kActsForCookie);
  clear_site_data(response);
  co_return response;
}

}  // namespace

void put_sessions(PortalContext& context, const BrowserIdentity& who, const PortalNames& names, web::Data& data) {
  data.set("end_at", paths_of(who).end);
  for (const service::BrowserSession& one : context.sessions().sessions_like(who.cookie())) {
    web::Data& session = data.add("session").set("id", one.id.text());
    session.set("device", device_text(names, one.device));
    session.set("opened", names.time(one.opened)).set("used", names.time(one.last_used));
    session.show_if(one.id == who.session().id, "this_session");
  }
}

void add_session_pages(PortalContext& context, Router& router) {
  const auto end = [&context](Exchange& e) { return end_sessions(context, e); };
  router
      .add(Method::get, "/staff/sessions", AccessRule::staff_page, no_body(),
           staff_page(context, [&context](const StaffPage& page) { return show_sessions(context, page); }))
      .add(Method::post, "/staff/sessions/end", AccessRule::staff_page, whole_body(), end)
      .add(Method::post, "/me/sessions/end", AccessRule::person_page, whole_body(), end);
}

}  // namespace flikvakt::gateway
