// How people and staff come in and go out: by passkey, through an issuer, and as one of the demo's people where the
// demo made the data; and administrators, with a code. What proves it is service/browser_session.h's business.
// Thread-safe once on_signed() and add_to() were called, which is before anybody is served.
#pragma once

#include "gateway/portal_access.h"
#include "gateway/rate_limit.h"

namespace flikvakt::gateway {

class PortalSignIn {
public:
  // What an issuer sent back that belongs to an act which waits to be signed.
  using OnSigned = std::function<Awaitable<Response>(Exchange&, service::IssuerReturn)>;

  PortalSignIn(const PortalSite& site, const PortalAccess& access)
      : site_(site), access_(access), limiter_({0.5, 20}) {}
  void on_signed(OnSigned then) { on_signed_ = std::move(then); }
  void add_to(Router& router);

private:
  Awaitable<Response> start(Exchange& exchange);
  Awaitable<Response> choose_way(Exchange& exchange);
  Awaitable<Response> by_passkey(Exchange& exchange);
  Awaitable<Response> to_issuer(Exchange& exchange);
  Awaitable<Response> from_issuer(Exchange& exchange);
  Awaitable<Response> as_demo(Exchange& exchange);
  Awaitable<Response> as_demo_administrator(Exchange& exchange, std::size_t number);
  Awaitable<Response> ask_for_code(Exchange& exchange);
  Awaitable<Response> by_code(Exchange& exchange);
  Awaitable<Response> offer_work_key(Exchange& exchange);
  Awaitable<Response> made_work_key(Exchange& exchange);
  Awaitable<Response> sign_out(Exchange& exchange);

  Response page(const Visit& visit, std::string_view why, std::string_view back);
  Response work_key_page(const Visit& visit, bool has_failed);
  Response code_page(const Visit& visit, bool has_failed) const;
  Response failed(Exchange& exchange, const Visit& visit, const Error& error, std::string_view back);
  Response let_in(const service::OpenedSession& opened, std::string_view back) const;
  bool is_too_fast(Exchange& exchange);
  service::BrowserSessions& sessions() const { return *access_.sessions(); }

  const PortalSite& site_;
  const PortalAccess& access_;
  OnSigned on_signed_;
  RateLimiter limiter_;  // by source: attempts
};

std::string_view home_of(const service::BrowserSession& session);  // "/me", "/staff", "/administration"
// What the browser calls itself, for the list of sessions.
std::string device_of(const Exchange& exchange);

}  // namespace flikvakt::gateway
