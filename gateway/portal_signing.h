// The step in which the individual signs: the page that shows what is signed and offers the ways to do it, and what
// follows when it was. The act waits with the ceremony (service/browser_session.h), not in the page: what is signed is
// what was shown. Thread-safe: what is kept meanwhile is in PortalContext::kept.
#pragma once

#include "gateway/portal_acts.h"

namespace flikvakt::gateway {

// What somebody is about to sign.
struct ToSign {
  json::object act;  // with its kind
  std::string title;
  std::string button;                   // names the act: "Ge fullmakt"
  std::string text;                     // exactly what is signed; empty: the paragraphs say it
  std::vector<std::string> paragraphs;  // what it means
  std::string back;                     // a path
  std::string again;                    // the path of the form that it came from; empty: none
  std::string typed;                    // what was filled in there, as it came
  std::string earlier = {};             // where the part before stands, of what is too long for one page
};
// What is too long for one page is read part by part, and signed on the last one: the page of the part that is asked
// for, or nullopt when it is the last, which `to_sign` then holds.
std::optional<Response> part_to_read_first(PortalContext& context, const OwnPage& page, ToSign& to_sign);
// Begins a ceremony over the act, for the consent version of the overview.
Response sign_page(PortalContext& context, const Visit& visit, const policy::Overview& overview, const ToSign& to_sign);

// The fields of a form, as it came, but for one: to be filled in again.
std::string typed_in(const Form& form, std::string_view without = {});

// Of what a form makes: the same form with the same choices makes the same thing, so that whoever sends it again
// because the network was lost, and signs again, is told that it is there already (SPEC PORTAL-84).
ByteArray<16> id_made_by(const Form& form);

void add_signing_pages(PortalContext& context, Router& router);
// What an issuer sent back.
Awaitable<Response> finish_by_issuer(PortalContext& context, Exchange& exchange, service::IssuerReturn answer);

}  // namespace flikvakt::gateway
