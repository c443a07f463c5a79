// `flikvakt-connector`: what a partner's IT installs behind its firewall. spec/connector.md
#include <signal.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <utility>

#include "base/files.h"
#include "connector/agent.h"
#include "connector/doctor.h"
#include "connector/local_api.h"
#include "connector/siem_stream.h"
#include "crypto/secret.h"

namespace flikvakt::connector {
namespace {

int ended(const Trouble& why) {
  std::cerr << "flikvakt-connector: " << why.message << std::endl;
  return static_cast<int>(why.exit);
}

void set_up_log() {
  const auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
  if (::isatty(2) == 0 || std::getenv("NO_COLOR") != nullptr) sink->set_color_mode(spdlog::color_mode::never);
  spdlog::set_default_logger(std::make_shared<spdlog::logger>("flikvakt-connector", sink));
  spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %^%l%$ %v", spdlog::pattern_time_type::utc);
  spdlog::flush_on(spdlog::level::info);
}

// From a file, or standard input: never from the command line, which others can see.
Outcome<std::string> read_code(const std::string& file) {
  if (file.empty() || file == "-") {
    std::string line;
    if (::isatty(0) != 0) std::cerr << "the code, as the administrators gave it: " << std::flush;
    std::getline(std::cin, line);
    return line;
  }
  const Result<void> is_private = require_private(file);
  const Result<Bytes> bytes = is_private ? read_file(file, 4096) : is_private.error();
  if (!bytes) return trouble(ExitCode::usage, "--code-file: " + bytes.error().message);
  return std::string(as_text(*bytes));
}

// SPEC CONN-6: a code of an enrolment that is there already is not looked at.
int run_enrol(const std::string& file, const std::string& code_file, bool anew) {
  const Outcome<Config> config = read_config(file);
  if (!config) return ended(config.error());
  if (const Outcome<void> state = open_state(config->state); !state) return ended(state.error());
  Outcome<Identity> standing = Identity::load(config->state);
  if (standing && !anew) {
    std::cerr << "flikvakt-connector: enrolled already, as " << standing->file().name << ", until "
              << to_rfc3339(standing->valid_to()) << "; the code was not used (--anew enrols again)" << std::endl;
    return 0;
  }
  const Outcome<FileDescriptor> lock = lock_state(config->state);  // one that runs writes its own identity
  if (!lock) return ended(lock.error());
  if (standing) standing = Identity::load(config->state);
  const Outcome<std::string> code = read_code(code_file);
  if (!code) return ended(code.error());
  Outcome<IdentityFile> enrolled = enrol(*config, *code);
  if (!enrolled) return ended(enrolled.error());
  if (standing) carry_over(standing->file(), *enrolled);
  const Outcome<Identity> identity = Identity::from(std::move(*enrolled));
  if (!identity) return ended(identity.error());
  if (const Outcome<void> saved = identity->save(config->state); !saved) return ended(saved.error());
  forget_enrolling(*config);
  std::cout << json::serialize(json::object{{"connector", identity->file().connector.text()},
                                            {"name", identity->file().name},
                                            {"gateway", identity->file().gateway},
                                            {"end_to_end", identity->file().end_to_end},
                                            {"valid_to", to_rfc3339(identity->valid_to())}})
            << std::endl;
  std::cerr << "flikvakt-connector: enrolled; the code is used up. Next: `flikvakt-connector run --config " << file
            << "`" << std::endl;
  return 0;
}

int run_agent(const std::string& file) {
  set_up_log();
  const Outcome<Config> config = read_config(file);
  if (!config) return ended(config.error());
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // before the first thread
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGIO, SIG_IGN);  // somebody opens a file just while it is asked whether anybody has: that ends nobody
  Outcome<std::unique_ptr<Agent>> agent = Agent::open(*config);
  if (!agent) return ended(agent.error());
  std::atomic<bool> is_over = false;
  std::thread waiting([&] {
    while (!is_over) {
      const timespec patience{0, 200'000'000};
      if (::sigtimedwait(&signals, nullptr, &patience) > 0) (*agent)->stop();
    }
  });
  const Outcome<void> ran = (*agent)->run();
  is_over = true;
  waiting.join();
  return ran ? 0 : ended(ran.error());
}

int run_doctor(const std::string& file, bool as_machine_reads, const std::string& language) {
  const Outcome<Config> config = read_config(file);
  if (!config) return ended(config.error());
  const Diagnosis diagnosis = diagnose(*config);
  const char* lang = std::getenv("LANG");
  const bool is_swedish =
      language.empty() ? lang != nullptr && std::string_view(lang).starts_with("sv") : language == "sv";
  if (as_machine_reads)
    std::cout << json::serialize(json_of(diagnosis)) << std::endl;
  else
    std::cout << text_of(diagnosis, is_swedish ? Language::swedish : Language::english) << std::flush;
  return static_cast<int>(diagnosis.exit);
}

// What is here, without asking anybody.
int run_status(const std::string& file) {
  const Outcome<Config> config = read_config(file);
  if (!config) return ended(config.error());
  const Outcome<Identity> identity = Identity::load(config->state);
  if (!identity) return ended(identity.error());
  json::object out{{"connector", identity->file().connector.text()},
                   {"name", identity->file().name},
                   {"gateway", identity->file().gateway},
                   {"organisation", identity->file().organisation.text()},
                   {"staff", identity->file().staff.text()},
                   {"end_to_end", identity->file().end_to_end},
                   {"certificate", to_hex(identity->fingerprint())},
                   {"valid_to", to_rfc3339(identity->valid_to())},
                   {"renewed_at", to_rfc3339(identity->renew_at())}};
  std::int64_t queued = 0;  // counted, not opened: a connector may be running on it
  std::error_code error;
  for (const auto& one : std::filesystem::directory_iterator(config->state / "outbox", error)) {
    if (one.path().extension() == ".json") ++queued;
  }
  out["queued"] = queued;
  if (!config->witness.empty() && identity->file().witness_key) {
    const Result<crypto::SigningKey> key = crypto::SigningKey::from_pem(*identity->file().witness_key);
    const auto signer =
        key ? audit::CosignatureSigner::make(config->witness, *key) : Result<audit::CosignatureSigner>(key.error());
    if (signer) out["witness"] = signer->verifier().text();
  }
  std::cout << json::serialize(out) << std::endl;
  return identity->valid_to() > SystemClock().wall() ? 0 : static_cast<int>(ExitCode::certificate_expired);
}

// Steps from one word to the other: a letter more, less, or another.
std::size_t distance(std::string_view from, std::string_view to) {
  std::vector<std::size_t> row(to.size() + 1);
  for (std::size_t i = 0; i < row.size(); ++i) row[i] = i;
  for (std::size_t i = 0; i < from.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < to.size(); ++j) {
      const std::size_t above = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, above + 1, diagonal + (from[i] == to[j] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row.back();
}

// What was perhaps meant by the first word, when that is no command. Empty: it is one, or an option.
std::string unknown_command(const CLI::App& app, int count, char** words) {
  const std::string_view given = count > 1 ? std::string_view(words[1]) : std::string_view();
  if (given.empty() || given.starts_with('-')) return {};
  std::string nearest;
  for (const CLI::App* one : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (one->get_name() == given) return {};
    if (nearest.empty() || distance(given, one->get_name()) < distance(given, nearest)) nearest = one->get_name();
  }
  const bool is_near = distance(given, nearest) <= 1 + nearest.size() / 3;
  return "`" + std::string(given) + "` is no command" + (is_near ? ": did you mean `" + nearest + "`?" : "") +
         " (`flikvakt-connector --help` shows them all)";
}

int main_of(int count, char** words) {
  (void)crypto::init_secret_memory();
  (void)crypto::forbid_core_dumps();
  CLI::App app(
      "Connects an organisation to a Flikvakt gateway. It only dials out.\n\n"
      "Examples:\n"
      "  flikvakt-connector example > connector.toml\n"
      "  flikvakt-connector enrol --config connector.toml --code-file code.txt\n"
      "  flikvakt-connector doctor --config connector.toml\n"
      "  flikvakt-connector run --config connector.toml\n\n"
      "Exit codes: 0 fine, 1 a fault of ours, 2 configuration or command line, 10 name, 11 route, 12 proxy, 13 proxy "
      "login, 14 not the gateway's "
      "certificate,\n"
      "15 clock, 16 not enrolled, 17 certificate expired, 18 removed or suspended, 19 code wrong or used, 20 code "
      "expired,\n"
      "21 end-to-end mode on one side alone, 22 the log forked, 23 disk, 24 something answers in the gateway's place,\n"
      "25 the gateway cannot answer now.");
  app.require_subcommand(0, 1);
  std::string config = "connector.toml", code_file, language;
  bool anew = false, as_json_text = false;
  const auto with_config = [&](CLI::App* command) {
    command->add_option("--config", config, "the configuration (TOML)")->capture_default_str();
    return command;
  };
  CLI::App* const example = app.add_subcommand("example", "Print a configuration with every key");
  CLI::App* const enrolling =
      with_config(app.add_subcommand("enrol", "Enrol with the code that the administrators gave"));
  enrolling->add_option("--code-file", code_file,
                        "the file with the code, mode 0600; else it is read from standard input");
  enrolling->add_flag("--anew", anew, "though an enrolment is there: what it had counts no more");
  CLI::App* const running = with_config(app.add_subcommand("run", "Run until SIGTERM"));
  CLI::App* const doctor = with_config(app.add_subcommand("doctor", "Say what works on the way to the gateway"));
  doctor->add_flag("--json", as_json_text, "for programs");
  doctor->add_option("--lang", language, "sv or en")->check(CLI::IsMember({"sv", "en"}));
  CLI::App* const status = with_config(app.add_subcommand("status", "Show what is here; asks nobody"));
  if (const std::string wrong = unknown_command(app, count, words); !wrong.empty())
    return ended(trouble(ExitCode::usage, wrong));
  try {
    app.parse(count, words);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : static_cast<int>(ExitCode::usage);
  }
  if (example->parsed()) {
    std::cout << example_config();
    return 0;
  }
  if (enrolling->parsed()) return run_enrol(config, code_file, anew);
  if (running->parsed()) return run_agent(config);
  if (doctor->parsed()) return run_doctor(config, as_json_text, language);
  if (status->parsed()) return run_status(config);
  std::cout << app.help();
  return 0;
}

}  // namespace
}  // namespace flikvakt::connector

int main(int count, char** words) {
  try {
    return flikvakt::connector::main_of(count, words);
  } catch (const std::exception& error) {
    std::cerr << "flikvakt-connector: stopped by a fault: " << error.what() << std::endl;
    return static_cast<int>(flikvakt::connector::ExitCode::fault);
  }
}
