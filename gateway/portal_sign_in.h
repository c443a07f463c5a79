// How people and staff come in and go out: by passkey, through an issuer, and as one of the demo's people where the
// demo made the data; and administrators, with a code. What proves it is service/browser_session.h's business.
// Thread-safe once on_signed() and add_to() were called, which is before anybody is served.
#pragma once

#include "gateway/portal_access.h"
#include "gateway/source_limit.h"
#include "gateway/source_rate.h"

namespace flikvakt::gateway {

class PortalSignIn {
public:
  // What an issuer sent back that belongs to an act which waits to be signed.
  using OnSigned = std::function<Awaitable<Response>(Exchange&, service::IssuerReturn)>;

  // Of each source (SPEC PORTAL-103).
  struct Rates {
    RatePolicy pages{20, 400};     // that are shown before anybody is signed in, and four for each way to an issuer
    RatePolicy failures{0.5, 60};  // what failed: ten where an issuer was asked for nothing
  };
  PortalSignIn(const PortalSite& site, const PortalAccess& access, const Rates& rates)
      : site_(site), access_(access), pages_(rates.pages), failures_(rates.failures) {}
  void on_signed(OnSigned then) { on_signed_ = std::move(then); }
  void on_staff_signed_out(std::function<void(const StaffId&)> then) { on_staff_signed_out_ = std::move(then); }
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

  Response page(const Visit& visit, std::string_view why, std::string_view back, unsigned status = 200);
  Response work_key_page(const Visit& visit, bool has_failed);
  Response code_page(const Visit& visit, bool has_failed) const;
  Response failed(Exchange& exchange, const Visit& visit, const Error& error, std::string_view back);
  Response let_in(const service::OpenedSession& opened, std::string_view back) const;
  // SPEC PORTAL-103
  bool asks_too_often(Exchange& exchange, double pages = 1);
  bool fails_too_often(Exchange& exchange);
  void charge_failure(Exchange& exchange, double failures = 1);
  service::BrowserSessions& sessions() const { return *access_.sessions(); }

  const PortalSite& site_;
  const PortalAccess& access_;
  OnSigned on_signed_;
  std::function<void(const StaffId&)> on_staff_signed_out_;
  SourceRate pages_;
  SourceRate failures_;
  // Who waits for an issuer to sign in: of one source, and of one network, so many.
  SourceLimit at_issuers_{kMostAtIssuers, kMostOfSourceAtIssuers};
  SourceLimit networks_at_issuers_{kMostAtIssuers, 4 * kMostOfSourceAtIssuers};

  static constexpr std::size_t kMostAtIssuers = 1'000;  // more wait for no issuer: service/job_threads.h
  static constexpr std::size_t kMostOfSourceAtIssuers = 8;
};

std::string_view home_of(const service::BrowserSession& session);  // "/me", "/staff", "/administration"
// What the browser calls itself, for the list of sessions.
std::string device_of(const Exchange& exchange);

}  // namespace flikvakt::gateway
