// The gateway as one thing: its listeners, what they serve, and their life. Built on an open core, by main.
//
//   std::unique_ptr<Server> server = Server::open(core, options).value();
//   server->start();  …  server->stop(std::chrono::seconds(20));
//
// The core's hook on_narrowed must call close_stale_connections(), which is what ends connections of suspended
// organisations and revoked certificates; from any thread. The core outlives the server.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "base/result.h"
#include "gateway/connector_options.h"
#include "gateway/witnessed.h"

namespace flikvakt::service {
class BrowserSessions;
class Core;
}  // namespace flikvakt::service

namespace flikvakt::gateway {

class ConnectorHub;

class Server {
public:
  struct Options {
    // "[::]:8443"; port 0 lets the system choose; empty: this listener is not opened.
    std::string api_address;
    std::string portal_address;
    std::filesystem::path admin_socket;  // empty: none

    std::filesystem::path api_certificate;  // PEM chain, leaf first
    std::filesystem::path api_key;          // PEM, not readable by others
    std::filesystem::path client_roots;     // PEM: whose client certificates the handshake lets in
    std::filesystem::path portal_certificate;
    std::filesystem::path portal_key;

    std::size_t threads = 2;
    std::size_t max_connections = 4096;  // each listener
    std::size_t max_connections_per_source = 256;
    double requests_per_second = 50;  // each organisation, beyond the burst; but not of narrowing acts
    double request_burst = 200;
    double person_requests_per_second = 5;  // each person
    double person_request_burst = 40;
    double narrowing_per_second = 5;  // each staff member and each device key
    double narrowing_burst = 50;
    double pages_per_second = 5;  // each person, staff member and administrator, of the portal
    double page_burst = 60;
    double sign_in_pages_per_second = 20;  // each source, of pages before anybody is signed in
    double sign_in_page_burst = 400;
    double sign_in_failures_per_second = 0.5;  // each source, of what failed at signing in
    double sign_in_failure_burst = 60;
    double log_pieces_per_second = 10;  // each person, of their log as a file: pieces of 100 entries
    double log_piece_burst = 20;
    double proofs_per_second = 20;      // each source, of the log's proofs
    double proof_burst = 100;           // tiles that are not full count as proofs
    double checkpoints_per_second = 1;  // each source, shown under the log's own key and not shown lately
    double checkpoint_burst = 20;
    double tiles_per_second = 200;  // each source, of full tiles
    double tile_burst = 2000;
    AskWitnessed witnessed;
    service::BrowserSessions* browser_sessions = nullptr;      // of the portal's pages; null: nobody signs in there
    std::string portal_leave_to = "https://www.smhi.se/";      // where "leave this page" leads
    std::string portal_contact = {};                           // who answers for the pages, and where; as text
    std::string portal_client_keys;                            // key set, for issuers of ID tokens; empty: none
    std::uint64_t figures_smallest_group = 5;                  // of the administrators' pages
    ConnectorOptions connectors;                               // none: no connectors
    std::uint64_t keep_free_bytes = std::uint64_t{256} << 20;  // of the disk: deposits that would take them get 507
    std::filesystem::path partition_program;      // `flikvakt-partition`; empty: no file is divided, none deposited
    std::string malware_scanner;                  // clamd, as partition/scanner.h has it; empty: nobody is asked
    std::chrono::milliseconds partition_wall{0};  // for one file; 0: as long as spec/partition.md lets it
  };
  struct Ports {
    std::uint16_t api = 0;  // 0: not opened
    std::uint16_t portal = 0;
  };

  // Listens, but serves nobody before start(). Errors: those of TLS and of HttpServer.
  static Result<std::unique_ptr<Server>> open(service::Core& core, const Options& options);
  ~Server();  // as stop(0)
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  void start();
  void stop(std::chrono::milliseconds grace);  // running requests may finish for so long
  Ports ports() const;

  // nullptr: this gateway has none. As long as the server.
  ConnectorHub* connectors();

  // Ends every connection whose certificate no longer counts. Returns how many. Thread-safe; does not wait.
  std::size_t close_stale_connections();

private:
  struct State;
  explicit Server(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace flikvakt::gateway
