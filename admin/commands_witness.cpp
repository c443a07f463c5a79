#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <iostream>

#include "admin/commands.h"
#include "admin/process.h"
#include "admin/sd_notify.h"
#include "admin/witness_config.h"
#include "base/files.h"
#include "base/json.h"
#include "witness/server.h"

namespace flikvakt::admin {
namespace {

constexpr std::chrono::seconds kGrace{5};

Outcome<crypto::SigningKey> read_key(const std::filesystem::path& file) {
  TRY_VOID(require_private(file));
  Bytes pem = TRY(read_file(file, 64 * 1024));
  Result<crypto::SigningKey> key = crypto::SigningKey::from_pem(as_text(pem));
  crypto::scrub(pem);
  if (key && key->algorithm() == crypto::KeyAlgorithm::ed25519) return std::move(*key);
  return Failure(ExitCode::refused, "`" + file.string() + "`: expected an Ed25519 key in PEM",
                 "make one with `flikvakt witness --init`");
}

// The one that is there, or a new one.
Outcome<crypto::SigningKey> make_key(const std::filesystem::path& file) {
  crypto::SigningKey key = crypto::SigningKey::generate(crypto::KeyAlgorithm::ed25519);
  const crypto::SecretText pem = key.to_pem();
  const Result<void> written = write_new_file(file, as_bytes(pem.expose()));
  if (written) return key;
  if (written.error().code != ErrorCode::conflict) return written.error();
  return read_key(file);
}

// On purpose and by hand: what a witness has seen must not begin anew by itself.
Outcome<void> set_up(const WitnessConfig& config, const Output& output) {
  if (::mkdir(config.data.c_str(), 0700) != 0 && errno != EEXIST) return os_error("making", config.data);
  TRY_VOID(sync_directory(folder_of(config.data)));
  const crypto::SigningKey key = TRY(make_key(config.key));
  const auto signer = TRY(audit::CosignatureSigner::make(config.name, key));
  const std::vector<std::string> begun = TRY(witness::Witness::begin(config.data, config.logs));
  const std::string text = signer.verifier().text();
  output.data(json::object{{"key", text}, {"begun", json::array(begun.begin(), begun.end())}}, text + "\n");
  for (const std::string& origin : begun) output.note("begun: " + origin);
  output.note("tell the logs this key, then run `flikvakt witness --config FILE`");
  return {};
}

// SPEC WIT-13
Outcome<std::unique_ptr<witness::Witness>> open_witness(const WitnessConfig& config, const crypto::SigningKey& key,
                                                        const Clock& clock) {
  const witness::Witness::Hooks hooks{[](const std::string& line) { spdlog::critical("ALARM: {}", line); },
                                      [](const Error& error) { stop_at_once("witness", error); }};
  auto opened = witness::Witness::open(config.data, config.logs, TRY(audit::CosignatureSigner::make(config.name, key)),
                                       clock, hooks);
  if (opened) return std::move(*opened);
  Failure failure = opened.error();
  if (opened.error().code != ErrorCode::not_found) return failure;
  failure.next =
      "a log that is new here begins with `flikvakt witness --init`. If the records are lost: ask the log's "
      "other witnesses first, since it could show you another history now";
  return failure;
}

Outcome<void> say_ready(const WitnessConfig& config, std::uint16_t port, const Output& output) {
  std::cerr << "ready: witness " << port << std::endl;
  const json::object ready{{"witness", port}, {"pid", ::getpid()}};
  output.data(ready, "");
  if (config.ready_file) TRY_VOID(write_file_atomically(*config.ready_file, as_bytes(to_text(ready) + "\n")));
  notify_service_manager("READY=1");
  return {};
}

// SPEC WIT-14: said again to whoever looks at how it ended.
Outcome<void> judge_end(witness::Witness& opened) {
  for (const witness::Witness::Status& log : opened.status()) {
    if (!log.is_stopped) continue;
    return Failure(ExitCode::locked, "the log `" + log.origin + "` has forked",
                   "keep the evidence beside its record, and show it to the log's other witnesses");
  }
  return {};
}

Outcome<void> serve(const WitnessConfig& config, const Output& output) {
  const crypto::SigningKey key = TRY(read_key(config.key));
  const SystemClock clock;
  const sigset_t stop = block_stop_signals();  // before the first thread, which inherits it
  const std::unique_ptr<witness::Witness> opened = TRY(open_witness(config, key, clock));
  const auto server =
      TRY(witness::WitnessServer::open(*opened, {config.listen, config.certificate, config.certificate_key}));
  server->start();
  TRY_VOID(say_ready(config, server->port(), output));
  wait_for_stop(stop);
  notify_service_manager("STOPPING=1");
  server->stop(kGrace);
  return judge_end(*opened);
}

Outcome<void> run(const Arguments& arguments, const Output& output) {
  if (arguments.has("--example")) {
    output.data(json::object{{"example", example_witness_config()}}, example_witness_config());
    return {};
  }
  if (!arguments.has("--config"))
    return usage_failure("--config: expected a file", "see one with `flikvakt witness --example`");
  const WitnessConfig config = TRY(read_witness_config(arguments.text("--config")));
  return arguments.has("--init") ? set_up(config, output) : serve(config, output);
}

}  // namespace

std::vector<Command> witness_commands() {
  return {{"witness",
           "Run a witness of logs until SIGTERM: it cosigns checkpoints that extend what it saw",
           {"flikvakt witness --example > witness.toml", "flikvakt witness --config witness.toml --init",
            "flikvakt witness --config witness.toml"},
           {optional_option("--config", "FILE", "the configuration (TOML)"),
            flag_option("--init", "make the key, and begin the record of each log that has none; serve nothing"),
            flag_option("--example", "print a configuration with every key")},
           run,
           "Run it on another machine than the gateway, by another organisation. Prints one line that begins with\n"
           "`ready:` to stderr when it serves; with --json also the port to stdout. `GET /health` says 503 when a log\n"
           "has forked; so does exit code 4. Exit code 3: it could not know what reached the disk."}};
}

}  // namespace flikvakt::admin
