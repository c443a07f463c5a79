// The portal: pages for people, served beside the API on the listener for persons. spec/portal.md
#pragma once

#include "gateway/connector_presence.h"
#include "gateway/portal_deposit.h"
#include "gateway/portal_public.h"
#include "gateway/portal_sign_in.h"
#include "gateway/rate_limit.h"

namespace flikvakt::gateway {

class Portal {
public:
  struct Options {
    service::BrowserSessions* sessions = nullptr;  // null: nobody can sign in; outlives the portal
    std::string leave_to = "https://www.smhi.se/";
    std::string client_keys = {};      // key set, by which issuers of ID tokens know this gateway; empty: none
    std::uint64_t smallest_group = 5;  // figures of fewer people are withheld
    std::vector<std::filesystem::path> certificates = {};  // the gateway's own, PEM: health shows until when
    std::string contact = {};       // how to reach who is responsible for the pages; empty: nothing is said
    RatePolicy pages{5, 60};        // of each person, staff member and administrator
    RatePolicy log_pieces{10, 20};  // the same, of their log as a file
    PortalSignIn::Rates sign_in = {};
    AskConnectors connectors = nullptr;
  };
  // `keep_free`: bytes of the disk that deposits must leave.
  Portal(service::Core& core, DepositGate& gate, const Options& options, std::uint64_t keep_free,
         AskWitnessed witnessed);

  // The rules of pages, then those of the API.
  AccessCheck check_before(AccessCheck others) const { return access_.check_before(std::move(others)); }
  void add_to(Router& router);

private:
  Awaitable<Response> signed_by_issuer(Exchange& exchange, service::IssuerReturn answer);

  PortalSite site_;
  PortalAccess access_;
  PortalContext context_;
  PortalPublic public_;
  PortalSignIn sign_in_;
  PortalDeposit deposit_;
  // Who waits for an issuer to sign; by key, staff member or administrator.
  SourceLimit signing_at_issuers_{1'000, 4};
};

}  // namespace flikvakt::gateway
