// Who sits at the browser, and whether a form came from a page of ours. The proof of it is a BrowserIdentity: only
// PortalAccess makes one. Thread-safe.
#pragma once

#include "gateway/form.h"
#include "gateway/portal_site.h"
#include "gateway/router.h"

namespace flikvakt::gateway {

inline constexpr std::string_view kSessionCookie = "__Host-flikvakt-session";
inline constexpr std::string_view kCeremonyCookie = "__Host-flikvakt-ceremony";
inline constexpr std::string_view kBackCookie = "__Host-flikvakt-back";  // while an issuer is asked
inline constexpr std::string_view kLanguageCookie = "__Host-flikvakt-language";
inline constexpr std::string_view kActsForCookie = "__Host-flikvakt-acts-for";

// Somebody signed in, of the kind that the endpoint asked for.
class BrowserIdentity {
public:
  const Visit& visit() const { return visit_; }
  const service::BrowserSession& session() const { return *visit_.session; }
  const service::SessionCookie& cookie() const { return *visit_.cookie; }
  // Whose rights are used: of a person, those of whom they act for. The kind that the endpoint asked for.
  const policy::PersonActor& person() const { return std::get<policy::PersonActor>(actor_); }
  const policy::StaffActor& staff() const { return std::get<policy::StaffActor>(actor_); }
  const policy::AdministratorActor& administrator() const { return std::get<policy::AdministratorActor>(actor_); }

private:
  friend class PortalAccess;
  BrowserIdentity(Visit visit, policy::Actor actor) : visit_(std::move(visit)), actor_(std::move(actor)) {}
  Visit visit_;
  policy::Actor actor_;
};

class PortalAccess {
public:
  // `sessions`: null: nobody can sign in.
  PortalAccess(const PortalSite& site, service::BrowserSessions* sessions) : site_(site), sessions_(sessions) {}

  service::BrowserSessions* sessions() const { return sessions_; }

  // Answers for the rules of pages; the others are for `others`.
  AccessCheck check_before(AccessCheck others) const;
  // Whoever it is; a session that is over is none.
  Visit visit_of(const Request& request) const;
  // For a page that asks only when it knows what came: as an endpoint's rule would.
  std::optional<Response> require(Exchange& exchange, AccessRule rule) const { return check(exchange, rule); }
  // What machines get, as a page, for requests of pages.
  Dress dress() const;
  // Where the pages are: whoever sent a form too late comes back to the one that it stood on. Outlives the requests.
  void lead_back_by(const Router& router) { router_ = &router; }

  // SPEC PORTAL-11: the form, when it came from a page of this session. malformed; denied.
  Result<Form> form_of(const Exchange& exchange, const Visit& visit) const;
  // Of a form that was read already, as one with a file is.
  Result<void> check_token(const Exchange& exchange, const Visit& visit, const Form& form) const;
  // The form of a page without a session: from this site, as far as the browser says.
  Result<Form> form_before_session(const Exchange& exchange) const;

private:
  std::optional<Response> check(Exchange& exchange, AccessRule rule) const;
  std::string way_back(const Request& request, AccessRule rule) const;
  Response not_signed_in(Exchange& exchange, const Visit& visit, AccessRule rule) const;
  void put_role(std::string_view cookies, Visit& visit) const;
  Result<policy::Actor> actor_of(const Visit& visit) const;

  const PortalSite& site_;
  service::BrowserSessions* const sessions_;
  const Router* router_ = nullptr;
};

inline const BrowserIdentity& browser_of(const Exchange& exchange) { return exchange.identity<BrowserIdentity>(); }

// Of the ceremony that this browser began last; empty: none.
inline service::CeremonyCookie ceremony_of(const Exchange& exchange) {
  return {std::string(cookie_named(exchange.request().header("cookie"), kCeremonyCookie))};
}

// Enough to tell whom somebody acts for from the others: the last four digits of their number (SPEC PORTAL-92).
std::string number_ends_of(const service::Directory& directory, const PersonId& person);

// What a form of this session brings back, for those for whom somebody acts now (SPEC PORTAL-92): a page that was shown
// for one person does nothing for another. Empty without a session.
std::string form_token_of(const Visit& visit);

// The answer to a form that form_of() refused.
// SPEC PORTAL-13: a form of another session of the same browser gets back what was written in it; one of another site
// nothing.
Response form_refused(const Exchange& exchange, const PortalSite& site, const Visit& visit, const Error& error);
Response form_refused(Exchange& exchange, const PortalSite& site, const Visit& visit, const Error& error);
// The same of a form that was read already, as one with a file is.
Response form_refused(Exchange& exchange, const PortalSite& site, const Visit& visit, const Form& form,
                      const Error& error);

}  // namespace flikvakt::gateway
