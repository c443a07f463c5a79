#include "gateway/api_routes.h"

#include <future>

namespace flikvakt::gateway {

namespace {

Portal::Options with_presence(Portal::Options options, AskConnectors connectors) {
  options.connectors = std::move(connectors);
  return options;
}

}  // namespace

AskConnectors ApiRoutes::presence_of(const ConnectorOptions& connectors) {
  if (connectors.seal_keys.empty()) return nullptr;
  return [this] { return hub_ ? hub_->presence() : std::vector<ConnectorPresence>(); };
}

ApiRoutes::ApiRoutes(service::Core& core, Rates rates, crypto::TrustStore client_roots, std::uint64_t keep_free,
                     AskWitnessed witnessed, const Portal::Options& portal, partition::ChildProgram partition_program,
                     std::optional<partition::Scanner> scanner, ConnectorOptions connectors)
    : core_(core),
      authentication_(core, std::move(client_roots)),
      deposit_gate_(core.clock(), std::move(partition_program), std::move(scanner)),
      organisation_api_(core, deposit_gate_, rates.organisation, rates.narrowing, keep_free, witnessed),
      organisation_log_api_(core),
      person_api_(core, authentication_, rates.person, rates.narrowing, witnessed),
      admin_api_(core, authentication_, witnessed, portal.sessions, page_times_, presence_of(connectors)),
      public_api_(core, rates.proofs, rates.tiles, rates.signed_checkpoints, witnessed),
      portal_(core, deposit_gate_, with_presence(portal, presence_of(connectors)), keep_free, std::move(witnessed)),
      organisations_(authentication_.access_check(), authentication_.answer_check()),
      persons_(portal_.check_before(authentication_.access_check()), authentication_.answer_check()),
      administrators_(authentication_.access_check(), authentication_.answer_check()) {
  organisation_api_.add_to(organisations_);
  public_api_.add_to(organisations_);
  person_api_.add_to(persons_);
  public_api_.add_to(persons_);
  portal_.add_to(persons_);
  persons_.time_pages(page_times_);
  admin_api_.add_to(administrators_);
  if (connectors.seal_keys.empty()) return;
  hub_.emplace(core);
  connector_api_.emplace(core, authentication_, *hub_, std::move(connectors));
  connector_api_->add_to_organisations(organisations_);
  organisation_log_api_.add_to(organisations_);
  connector_api_->add_to_persons(persons_, organisations_);
  connector_api_->add_to_administrators(administrators_);
}

void ApiRoutes::break_off() {
  core_.log_walker().close();
  if (hub_) hub_->break_off();
}

void ApiRoutes::finish() {
  deposit_gate_.finish();
  organisation_api_.finish();
  break_off();
  // The log reader takes its jobs in order, so this one is the last that was posted from here.
  std::promise<void> read;
  core_.log_reader().post([&read] { read.set_value(); });
  read.get_future().wait();
}

}  // namespace flikvakt::gateway
