// The one product binary. `flikvakt serve` is the gateway: this file makes each of its components, in order, and names
// the concrete ones. Every other command is in commands_*.cpp.
#include <signal.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <exception>
#include <iostream>
#include <mutex>
#include <optional>

#include "admin/command_line.h"
#include "admin/commands.h"
#include "admin/connector_duties.h"
#include "admin/open_core.h"
#include "admin/open_cosigner.h"
#include "admin/open_portal.h"
#include "admin/process.h"
#include "admin/sd_notify.h"
#include "base/files.h"
#include "gateway/connector_hub.h"
#include "gateway/sent_acts.h"
#include "gateway/server.h"
#include "service/apply_crl.h"
#include "service/figures_keeper.h"
#include "service/notice_hook.h"

namespace flikvakt::admin {
namespace {

constexpr std::chrono::milliseconds kAnswerOfLocked{1'000};  // for whoever showed the evidence to be told

// The operational log goes to stderr; systemd's journal keeps it. Nothing personal is ever in it.
void set_up_operational_log() {
  const auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
  if (!may_colour_stderr()) sink->set_color_mode(spdlog::color_mode::never);
  spdlog::set_default_logger(std::make_shared<spdlog::logger>("flikvakt", sink));
  spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %^%l%$ %v", spdlog::pattern_time_type::utc);
}

constexpr std::chrono::milliseconds kAnswerOfConnector{10'000};

Outcome<std::optional<ConnectorCa>> open_connector_ca(const Config& config) {
  if (!config.connectors) return std::optional<ConnectorCa>();
  return std::optional<ConnectorCa>(
      TRY(ConnectorCa::open(*config.connectors, std::chrono::minutes(config.connector_certificate_minutes))));
}

Outcome<gateway::ConnectorOptions> connector_options(const Config& config, const std::optional<ConnectorCa>& ca,
                                                     const Clock& clock) {
  gateway::ConnectorOptions out;
  if (!ca) return out;
  out.seal_keys = ca->seal_keys();
  out.issue = [&ca = *ca, &clock](std::string_view key, const policy::Organisation& organisation,
                                  const policy::Connector& connector) {
    return ca.issue(key, organisation, connector, clock.wall());
  };
  out.issuer_pem = ca->pem();
  out.api_address = config.connector_api;
  const Bytes pem = TRY(read_file(*config.connector_trust, crypto::kMaxTrustBundleBytes));
  out.trust_pem = std::string(as_text(pem));
  if (const auto roots = crypto::TrustStore::parse_pem(out.trust_pem); !roots)
    return usage_failure("connector_trust: " + roots.error().message,
                         "it holds the roots of this gateway's own certificates, and nothing else");
  return out;
}

// Of a connector that dialled in to the server that serves now.
AskConnector asking_connectors(std::atomic<gateway::Server*>& serving) {
  return [&serving](const ConnectorId& connector, const std::string& body) -> Result<std::pair<unsigned, std::string>> {
    gateway::Server* const server = serving.load();
    gateway::ConnectorHub* const hub = server ? server->connectors() : nullptr;
    if (!hub) return fail(ErrorCode::unavailable, "no connectors are served");
    gateway::ConnectorReply reply = TRY(hub->call(connector, "add-checkpoint", body, kAnswerOfConnector));
    return std::pair(static_cast<unsigned>(reply.status), std::move(reply.body));
  };
}

std::unique_ptr<ConnectorDuties> start_duties(service::Core& core, const Config& config,
                                              const std::optional<ConnectorCa>& ca, gateway::Server& server,
                                              const AskConnector& ask) {
  gateway::ConnectorHub* const hub = server.connectors();
  if (!ca || !hub) return nullptr;
  ConnectorDuties::Parts parts;
  parts.present = [hub] {
    std::vector<ConnectorDuties::Duty> out;
    for (const gateway::ConnectorPresence& one : hub->presence()) {
      if (one.is_present && one.status.witness) out.push_back({one.row.id, *one.status.witness});
    }
    return out;
  };
  parts.ask = ask;
  parts.witnessed = [hub](const ConnectorId& connector, std::uint64_t size, UtcTime time) {
    hub->note_witnessed(connector, size, time);
  };
  parts.interval = std::chrono::seconds(config.connector_witness_seconds);
  return std::make_unique<ConnectorDuties>(core, *ca, std::move(parts));
}

// A program that is installed with this one.
std::filesystem::path beside_this_program(std::string_view name) {
  std::error_code error;
  const std::filesystem::path here = std::filesystem::read_symlink("/proc/self/exe", error);
  const std::filesystem::path there = here.parent_path() / name;
  return !error && std::filesystem::exists(there, error) ? there : std::filesystem::path();
}

Outcome<gateway::Server::Options> server_options(const Config& config, const std::filesystem::path& socket,
                                                 service::BrowserSessions* sessions, gateway::AskWitnessed witnessed,
                                                 gateway::ConnectorOptions connectors) {
  gateway::Server::Options options;
  options.api_address = config.listen_api;
  options.portal_address = config.listen_portal;
  options.admin_socket = socket;
  options.api_certificate = config.certificate;
  options.api_key = config.key;
  options.client_roots = config.client_ca;
  options.portal_certificate = config.portal_certificate;
  options.portal_key = config.portal_key;
  options.threads = config.threads;
  options.requests_per_second = config.requests_per_second;
  options.request_burst = config.request_burst;
  options.pages_per_second = config.pages_per_second;
  options.page_burst = config.page_burst;
  options.sign_in_pages_per_second = config.sign_in_pages_per_second;
  options.sign_in_page_burst = config.sign_in_page_burst;
  options.sign_in_failures_per_second = config.sign_in_failures_per_minute / 60.0;
  options.sign_in_failure_burst = config.sign_in_failure_burst;
  options.witnessed = std::move(witnessed);
  options.connectors = std::move(connectors);
  options.browser_sessions = sessions;
  options.portal_leave_to = config.portal_leave_to;
  options.portal_contact = config.portal_contact;
  options.portal_client_keys = TRY(client_keys_of(config));
  options.figures_smallest_group = config.figures_smallest_group;
  options.partition_program = config.partition_program.value_or(beside_this_program("flikvakt-partition"));
  options.malware_scanner = config.malware_scanner;
  return options;
}

// SPEC WIT-33: a core that locks while it is served ends the process, as SIGTERM would, but with another exit code.
class LockedWhileServing {
public:
  void happened(const Error& why) {
    {
      const std::lock_guard lock(mutex_);
      why_ = why;
    }
    ::kill(::getpid(), SIGTERM);  // which every thread has blocked: wait_for_stop() takes it
  }
  std::optional<Error> why() const {
    const std::lock_guard lock(mutex_);
    return why_;
  }

private:
  mutable std::mutex mutex_;
  std::optional<Error> why_;
};

// An address that is taken is named by the key that chose it.
Outcome<std::unique_ptr<gateway::Server>> open_server(service::Core& core, const Config& config,
                                                      gateway::Server::Options options) {
  Result<std::unique_ptr<gateway::Server>> server = gateway::Server::open(core, options);
  if (server) return std::move(*server);
  Failure failure = server.error();
  for (const auto& [key, address] :
       {std::pair("listen_api", config.listen_api), std::pair("listen_portal", config.listen_portal)}) {
    if (failure.message.find("`" + address + "`") == std::string::npos) continue;
    failure.message = std::string(key) + ": " + failure.message;
    failure.next = "`ss -ltnp` shows who listens there; or choose another `" + std::string(key) + "`";
    break;
  }
  return failure;
}

gateway::AskWitnessed asking(const LogCosigner* cosigner) {
  if (!cosigner) return nullptr;
  return [cosigner] {
    const LogCosigner::State state = cosigner->state();
    return gateway::Witnessed{state.note, state.size, state.cosigned, state.is_late, state.is_doubted};
  };
}

// Ends what serves, also when starting fails, in the only order in which nobody answers to somebody who is gone: the
// doors with all that they wait for, then the sequencer, whose hook calls the server.
class Shutdown {
public:
  Shutdown(service::Core& core, gateway::Server& server, std::atomic<gateway::Server*>& serving)
      : core_(core), server_(server), serving_(serving) {
    serving_ = &server;
  }
  ~Shutdown() { now(std::chrono::milliseconds(0)); }
  Shutdown(const Shutdown&) = delete;
  Shutdown& operator=(const Shutdown&) = delete;
  // Once. `grace`: so long running requests may finish.
  void now(std::chrono::milliseconds grace) {
    if (std::exchange(is_over_, true)) return;
    server_.stop(grace);
    core_.sequencer().stop();
    serving_ = nullptr;
  }

private:
  service::Core& core_;
  gateway::Server& server_;
  std::atomic<gateway::Server*>& serving_;
  bool is_over_ = false;
};

Outcome<void> say_ready(const Config& config, const gateway::Server::Ports& ports, const std::filesystem::path& socket,
                        const Output& output) {
  std::cerr << "ready: api " << ports.api << ", portal " << ports.portal << ", admin " << socket.string() << std::endl;
  const json::object ready{
      {"api", ports.api}, {"portal", ports.portal}, {"admin", socket.string()}, {"pid", ::getpid()}};
  output.data(ready, "");
  if (config.ready_file) {
    TRY_VOID(write_file_atomically(*config.ready_file, as_bytes(to_text(ready) + "\n")));
  }
  notify_service_manager("READY=1");
  return {};
}

// Protections that a machine may not grant: said, and gone on without.
void protect_memory() {
  for (const Result<void>& done : {crypto::init_secret_memory(), crypto::forbid_core_dumps()}) {
    if (!done) spdlog::warn("{}", done.error().message);
  }
}

// What the pages for people must say, and only the operator knows: said, and gone on without.
void tell_what_pages_lack(const Config& config) {
  if (!config.portal_origin.empty() && config.portal_contact.empty()) {
    spdlog::warn("`portal_contact` is not set: the page about accessibility says nothing of how to reach anybody");
  }
}

// SPEC HOOK-1
Outcome<void> check_notice_hook(const Config& config) {
  if (config.notice_hook.empty()) return {};
  const Result<void> usable = service::check_program(config.notice_hook.front());
  if (!usable) return usage_failure("notice_hook: " + usable.error().message);
  return {};
}

// SPEC HOOK-12: people must be able to take back also when nobody can be told.
std::unique_ptr<service::NoticeHook> start_notice_hook(service::Core& core, const Config& config) {
  if (config.notice_hook.empty()) return nullptr;
  service::NoticeHook::Options options;
  options.command = config.notice_hook;
  options.quiet = std::chrono::minutes(config.notice_quiet_minutes);
  Result<std::unique_ptr<service::NoticeHook>> started = service::NoticeHook::start(core, std::move(options));
  if (started) return std::move(*started);
  spdlog::error("the notice hook does not run, nobody is told until the next start: {}", started.error().message);
  return nullptr;
}

Outcome<void> serve(const Arguments& arguments, const Output& output) {
  if (arguments.has("--example")) {
    output.data(json::object{{"example", example_config()}}, example_config());
    return {};
  }
  if (!arguments.has("--config"))
    return usage_failure("--config: expected a file", "see one with `flikvakt serve --example`");
  const Config config = TRY(read_config(arguments.text("--config")));
  TRY_VOID(check_notice_hook(config));
  tell_what_pages_lack(config);
  const auto passphrases = Passphrases::from_options(arguments.all("--passphrase-file"));
  const MasterKeyPlace place{config.master_key, config.master_key_file.value_or(config.data / "master-key")};
  crypto::MasterKey master = TRY(read_master_key(place, passphrases));

  const SystemClock clock;
  const sigset_t stop = block_stop_signals();  // before the first thread, which inherits it
  std::atomic<gateway::Server*> serving = nullptr;
  LockedWhileServing locked;
  const service::Core::Hooks hooks{[](const Error& error) { stop_at_once("serve", error); },
                                   [&serving] {
                                     if (gateway::Server* server = serving.load()) server->close_stale_connections();
                                   },
                                   !config.notice_hook.empty(), [&locked](const Error& why) { locked.happened(why); }};
  const std::unique_ptr<service::Core> core = TRY(open_core(config.data, place, std::move(master), clock, hooks));
  const std::filesystem::path socket = core->data_directory().socket();
  const AskConnector ask_connector = asking_connectors(serving);
  const std::optional<ConnectorCa> connector_ca = TRY(open_connector_ca(config));
  const std::unique_ptr<LogCosigner> cosigner = TRY(open_cosigner(*core, config, ask_connector));
  const std::unique_ptr<service::BrowserSessions> sessions =
      TRY(open_browser_sessions(*core, config, {gateway::person_may_send, gateway::staff_may_send}));
  const std::unique_ptr<gateway::Server> server =
      TRY(open_server(*core, config,
                      TRY(server_options(config, socket, sessions.get(), asking(cosigner.get()),
                                         TRY(connector_options(config, connector_ca, clock))))));
  const std::unique_ptr<service::NoticeHook> notice_hook = start_notice_hook(*core, config);
  service::FiguresKeeper figures(*core);
  Shutdown shutdown(*core, *server, serving);
  if (cosigner) cosigner->start();  // first: it says whether documents may be opened (SPEC WIT-24)
  server->start();
  if (connector_ca) TRY_VOID(connector_ca->renew_list(clock.wall()));  // there before it is looked for
  const std::unique_ptr<ConnectorDuties> duties = start_duties(*core, config, connector_ca, *server, ask_connector);
  std::vector<std::filesystem::path> lists = config.crl;
  if (connector_ca) lists.push_back(connector_ca->list());
  service::CrlWatcher crl_watcher(*core, lists);
  TRY_VOID(say_ready(config, server->ports(), socket, output));

  wait_for_stop(stop);
  notify_service_manager("STOPPING=1");
  crl_watcher.stop();
  if (gateway::ConnectorHub* const hub = server->connectors()) hub->break_off();  // nobody waits for an answer
  if (duties) duties->stop();
  if (cosigner) cosigner->stop();
  const std::chrono::milliseconds drain = std::chrono::seconds(config.drain_seconds);
  shutdown.now(locked.why() ? kAnswerOfLocked : drain);
  if (const std::optional<Error> why = locked.why()) {  // asked again: it may have locked while requests finished
    return Failure(
        ExitCode::locked, why->message,
        "nothing is served until this is understood; delete nothing. Keep the evidence, and compare with the "
        "log's witnesses and with everybody who keeps checkpoints");
  }
  return {};
}

}  // namespace
}  // namespace flikvakt::admin

int main(int count, char** words) {
  using namespace flikvakt::admin;
  try {
    set_up_operational_log();
    protect_memory();
    const std::vector<std::string> arguments(words + 1, words + count);
    return run_command_line(arguments, all_commands(serve));
  } catch (const std::exception& error) {
    std::cerr << "flikvakt: stopped by a fault: " << error.what() << std::endl;
    return static_cast<int>(ExitCode::fatal);
  }
}
