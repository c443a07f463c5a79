#include "gateway/server.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "base/files.h"
#include "gateway/api_routes.h"
#include "gateway/http_server.h"
#include "service/sent_act.h"

namespace flikvakt::gateway {
namespace {

Limits limits_of(const Server::Options& options) {
  Limits limits;
  limits.max_connections = options.max_connections;
  limits.max_connections_per_source = options.max_connections_per_source;
  return limits;
}

ApiRoutes::Rates rates_of(const Server::Options& options) {
  ApiRoutes::Rates rates;
  rates.organisation = {options.requests_per_second, options.request_burst};
  rates.person = {options.person_requests_per_second, options.person_request_burst};
  rates.narrowing = {options.narrowing_per_second, options.narrowing_burst};
  rates.proofs = {options.proofs_per_second, options.proof_burst};
  rates.tiles = {options.tiles_per_second, options.tile_burst};
  rates.signed_checkpoints = {options.checkpoints_per_second, options.checkpoint_burst};
  return rates;
}

Portal::Options portal_options(const Server::Options& options) {
  Portal::Options out{options.browser_sessions,
                      options.portal_leave_to,
                      options.portal_client_keys,
                      options.figures_smallest_group,
                      {},
                      options.portal_contact,
                      {options.pages_per_second, options.page_burst},
                      {options.log_pieces_per_second, options.log_piece_burst},
                      {{options.sign_in_pages_per_second, options.sign_in_page_burst},
                       {options.sign_in_failures_per_second, options.sign_in_failure_burst}}};
  if (!options.portal_address.empty()) out.certificates.push_back(options.portal_certificate);
  const bool has_another = !options.api_address.empty() && options.api_certificate != options.portal_certificate;
  if (has_another) out.certificates.push_back(options.api_certificate);
  return out;
}

Result<crypto::TrustStore> read_roots(const Server::Options& options) {
  if (options.api_address.empty()) return crypto::TrustStore();
  const Bytes pem = TRY(read_file(options.client_roots, crypto::kMaxTrustBundleBytes));
  crypto::TrustStore roots = TRY(crypto::TrustStore::parse_pem(as_text(pem)));
  if (!options.connectors.issuer_pem.empty())
    TRY_VOID(roots.add(TRY(crypto::Certificate::parse_pem(options.connectors.issuer_pem))));
  return roots;
}

// SPEC HTTP-46
void log_failures(service::Core& core, const FailureSum& sum) {
  policy::SumFailures act{sum.source};
  for (const auto& [failure, count] : sum.counts) {
    switch (failure) {
      case EarlyFailure::framing:
        act.framing += count;
        break;
      case EarlyFailure::handshake:
      case EarlyFailure::too_many_connections:
        act.handshake += count;
        break;
      case EarlyFailure::slow_header:
      case EarlyFailure::slow_body:
        act.slow += count;
        break;
      case EarlyFailure::access:
        act.access += count;
        break;
    }
  }
  service::Command command;
  command.actor = policy::SystemActor{};
  command.act = std::move(act);
  service::perform(core, std::move(command), [](const service::CommandResult&) {});
}

}  // namespace

struct Server::State {
  State(service::Core& open_core, const Options& options, const crypto::TrustStore& roots,
        std::optional<partition::Scanner> scanner)
      : core(open_core),
        routes(open_core, rates_of(options), roots, options.keep_free_bytes, options.witnessed, portal_options(options),
               partition::ChildProgram{options.partition_program, {}, options.partition_wall}, std::move(scanner),
               options.connectors),
        http(options.threads, [this](const FailureSum& sum) { log_failures(core, sum); }) {
    http.before_cut([this] { routes.end_children(); });
  }

  // SPEC API-4
  bool is_stale(const ConnectionFacts& facts, UtcTime now) const {
    if (!facts.certificate_fingerprint) return false;
    const service::Directory& directory = core.directory();
    return !directory.is_certificate_good(*facts.certificate_fingerprint, now) ||
           std::ranges::any_of(
               facts.path, [&](const PathLink& link) { return !directory.is_clear(link.issuer, link.serial, now); });
  }

  Result<void> listen(const Options& options, const crypto::TrustStore& roots) {
    const Limits limits = limits_of(options);
    if (!options.api_address.empty()) {
      crypto::ServerContext context =
          TRY(crypto::ServerContext::for_organisations(options.api_certificate, options.api_key, roots));
      ports.api = TRY(http.listen_tls("api", options.api_address, std::move(context), routes.organisations(), limits));
    }
    if (!options.portal_address.empty()) {
      crypto::ServerContext context =
          TRY(crypto::ServerContext::for_persons(options.portal_certificate, options.portal_key));
      ports.portal =
          TRY(http.listen_tls("portal", options.portal_address, std::move(context), routes.persons(), limits));
    }
    if (!options.admin_socket.empty()) {
      TRY_VOID(http.listen_unix("admin", options.admin_socket, routes.administrators(), limits));
    }
    return {};
  }

  service::Core& core;
  ApiRoutes routes;
  Ports ports;
  HttpServer http;  // last: its threads use the routes
};

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}
Server::~Server() { stop(std::chrono::milliseconds(0)); }

Result<std::unique_ptr<Server>> Server::open(service::Core& core, const Options& options) {
  const crypto::TrustStore roots = TRY(read_roots(options));
  std::optional<partition::Scanner> scanner;
  if (!options.malware_scanner.empty()) scanner = TRY(partition::Scanner::at(options.malware_scanner));
  auto state = std::make_unique<State>(core, options, roots, std::move(scanner));
  TRY_VOID(state->listen(options, roots));
  return std::unique_ptr<Server>(new Server(std::move(state)));
}

void Server::start() { state_->http.start(); }
void Server::stop(std::chrono::milliseconds grace) {
  state_->routes.break_off();  // else they would wait for it as long as they may
  state_->http.stop(grace);
  state_->routes.finish();  // before the connections that are waited for are destroyed
}
ConnectorHub* Server::connectors() { return state_->routes.connectors(); }
Server::Ports Server::ports() const { return state_->ports; }

std::size_t Server::close_stale_connections() {
  const UtcTime now = state_->core.clock().wall();
  const std::size_t closed = state_->http.connections().close_matching(
      [&](const ConnectionFacts& facts) { return state_->is_stale(facts, now); });
  if (closed > 0) spdlog::info("{} connections closed: their certificate no longer counts", closed);
  // Those that wait for an answer that is sealed came without a certificate of their connection.
  if (ConnectorHub* const hub = state_->routes.connectors()) hub->end_stale();
  return closed;
}

}  // namespace flikvakt::gateway
