#include "gateway/portal_public.h"

#include "gateway/problem.h"

namespace flikvakt::gateway {
namespace {

constexpr std::chrono::seconds kLanguageStays = std::chrono::days(365);

}  // namespace

void PortalPublic::add_to(Router& router) {
  const AccessRule anyone = AccessRule::public_info;
  router.add(Method::get, "/explain", anyone, no_body(), [this](Exchange& e) { return explain(e); })
      .add(Method::get, "/accessibility", anyone, no_body(), [this](Exchange& e) { return accessibility(e); })
      .add(Method::get, "/language/{language:code}", anyone, no_body(),
           [this](Exchange& e) { return choose_language(e); })
      .add(Method::get, "/leave", anyone, no_body(), [this](Exchange& e) { return leave(e); })
      .add(Method::get, "/sign-in/keys", anyone, no_body(), [this](Exchange& e) { return client_keys(e); })
      .add(Method::get, "/static/{file:rest}", anyone, no_body(), [this](Exchange& e) { return static_file(e); });
}

Awaitable<Response> PortalPublic::explain(Exchange& exchange) {
  co_return site_.page(access_.visit_of(exchange.request()), "explain", web::Data());
}

Awaitable<Response> PortalPublic::accessibility(Exchange& exchange) {
  const Visit visit = access_.visit_of(exchange.request());
  web::Data data;
  data.set("name", site_.keeper_name(visit));
  if (!options_.contact.empty()) data.add("contact").set("text", options_.contact);
  co_return site_.page(visit, "accessibility", std::move(data));
}

Awaitable<Response> PortalPublic::choose_language(Exchange& exchange) {
  const std::string_view back = local_path(exchange.request().query("back"));
  Response response = see_other(back.empty() ? "/" : back);
  const auto language = site_.words().find(exchange.text("language"));
  if (language) set_cookie(response, kLanguageCookie, site_.words().code(*language), kLanguageStays);
  co_return response;
}

// SPEC PORTAL-14: with GET, since it must work from anywhere at once; SameSite lets no other site end a session by a
// picture.
Awaitable<Response> PortalPublic::leave(Exchange& exchange) {
  const Visit visit = access_.visit_of(exchange.request());
  if (visit.cookie && access_.sessions()) access_.sessions()->sign_out(*visit.cookie);
  Response response = see_other(options_.leave_to);
  drop_cookie(response, kSessionCookie);
  drop_cookie(response, kActsForCookie);
  clear_site_data(response);
  co_return response;
}

// SPEC PORTAL-16
Awaitable<Response> PortalPublic::client_keys(Exchange&) {
  if (options_.client_keys.empty()) co_return plain_problem(404);
  Response response = bytes_response(200, "application/jwk-set+json", to_bytes(as_bytes(options_.client_keys)));
  add_security_fields(response);
  co_return response;
}

// SPEC PORTAL-4
Awaitable<Response> PortalPublic::static_file(Exchange& exchange) {
  const std::string path = "/static/" + exchange.text("file");
  for (const PortalSite::StaticFile* file : {&site_.style(), &site_.icon(), &site_.script()}) {
    if (file->path != path) continue;
    Response response = bytes_response(200, file->content_type, to_bytes(as_bytes(file->text)));
    response.caching = Caching::forever;
    add_security_fields(response);
    co_return response;
  }
  co_return plain_problem(404);
}

}  // namespace flikvakt::gateway
