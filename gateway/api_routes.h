// Everything that is served, by listener: the routers of organisations, persons (their pages, too) and administrators.
#pragma once

#include "gateway/api_admin.h"
#include "gateway/api_connector.h"
#include "gateway/api_organisation.h"
#include "gateway/api_organisation_log.h"
#include "gateway/api_person.h"
#include "gateway/api_public.h"
#include "gateway/deposit_gate.h"
#include "gateway/portal.h"

namespace flikvakt::gateway {

class ApiRoutes {
public:
  struct Rates {
    RatePolicy organisation;
    RatePolicy person;
    RatePolicy narrowing{5, 50};  // each staff member and each device key
    RatePolicy proofs{20, 100};   // each source
    RatePolicy tiles{200, 2000};
    RatePolicy signed_checkpoints{1, 20};  // each source, of those that may be evidence
  };
  // `keep_free`: bytes of the disk that deposits must leave. `partition_program`: empty: nothing is divided or
  // deposited.
  ApiRoutes(service::Core& core, Rates rates, crypto::TrustStore client_roots, std::uint64_t keep_free,
            AskWitnessed witnessed = nullptr, const Portal::Options& portal = {},
            partition::ChildProgram partition_program = {}, std::optional<partition::Scanner> scanner = {},
            ConnectorOptions connectors = {});
  // Ends what takes long and is answered later: it is answered now, that nothing was decided.
  void break_off();
  // What may run as long as requests may: a child that looks into a file. When their time is over.
  void end_children() { deposit_gate_.break_off(); }
  // When nobody is served any more: waits for jobs that would still answer.
  void finish();

  // nullptr: this gateway has no connectors.
  ConnectorHub* connectors() { return hub_ ? &*hub_ : nullptr; }

  const Router& organisations() const { return organisations_; }
  const Router& persons() const { return persons_; }
  const Router& administrators() const { return administrators_; }

private:
  AskConnectors presence_of(const ConnectorOptions& connectors);

  service::Core& core_;
  PageTimes page_times_;
  Authentication authentication_;
  DepositGate deposit_gate_;
  OrganisationApi organisation_api_;
  OrganisationLogApi organisation_log_api_;
  PersonApi person_api_;
  AdminApi admin_api_;
  PublicApi public_api_;
  std::optional<ConnectorHub> hub_;
  std::optional<ConnectorApi> connector_api_;
  Portal portal_;
  Router organisations_;
  Router persons_;
  Router administrators_;
};

}  // namespace flikvakt::gateway
