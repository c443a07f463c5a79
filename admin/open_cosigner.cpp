#include "admin/open_cosigner.h"

#include <spdlog/spdlog.h>

#include "base/files.h"
#include "crypto/x509.h"
#include "service/log_proofs.h"
#include "service/shown_checkpoint.h"

namespace flikvakt::admin {
namespace {

Outcome<std::string> read_ca(const WitnessOfLog& witness) {
  if (witness.ca.empty()) return std::string();
  const Bytes pem = TRY(read_file(witness.ca, crypto::kMaxTrustBundleBytes));
  return std::string(as_text(pem));
}

Failure explained(const Error& error) {
  if (error.code != ErrorCode::conflict) return error;
  return Failure(ExitCode::locked, error.message,
                 "do not delete anything: the log was rolled back or rewritten. Compare with the log's witnesses");
}

WitnessClient::Prove prover_of(service::Core& core) {
  return [&core](std::uint64_t from, std::uint64_t to) { return service::consistency_proof(core, from, to); };
}

}  // namespace

Outcome<std::unique_ptr<WitnessClient>> open_witness(service::Core& core, const WitnessOfLog& witness,
                                                     const AskConnector& ask) {
  const std::string ca = TRY(read_ca(witness));
  WitnessClient::Parts parts{witness.address, witness.key, ca, prover_of(core)};
  // SPEC WIT-35: what no key of the log signed changes nothing, so a witness's words may be shown as they are.
  parts.show = [&core](const std::string& note) {
    const auto verdict = service::judge_shown_checkpoint(core, note);
    if (!verdict) spdlog::error("what a witness showed could not be compared: {}", verdict.error().message);
  };
  if (witness.connector) {
    if (!ask) return usage_failure("witness: a connector is asked only by the gateway that it dialled in to");
    parts.ask = [ask, connector = *witness.connector](const std::string& body) { return ask(connector, body); };
  }
  return std::make_unique<WitnessClient>(std::move(parts));
}

Outcome<std::unique_ptr<LogCosigner>> open_cosigner(service::Core& core, const Config& config, AskConnector ask) {
  if (config.witness_quorum == 0) return std::unique_ptr<LogCosigner>();
  std::vector<std::unique_ptr<WitnessClient>> clients;
  std::vector<audit::CosignatureVerifier> keys;
  for (const WitnessOfLog& witness : config.witnesses) {
    clients.push_back(TRY(open_witness(core, witness, ask)));
    keys.push_back(witness.key);
  }
  LogCosigner::Options options;
  options.quorum = config.witness_quorum;
  options.interval = std::chrono::seconds(config.witness_interval_seconds);
  options.warn_after = std::chrono::seconds(config.witness_warn_seconds);
  options.refuse_after = std::chrono::seconds(config.witness_refuse_seconds);
  options.file = core.data_directory().cosigned_checkpoint();
  const auto current = [&core] {
    const service::LogView view = core.sequencer().log_view();
    return CurrentCheckpoint{core.sequencer().checkpoint(view), view.size};
  };
  core.set_quorum({keys, config.witness_quorum});
  const service::LogKeys log_keys = core.log_keys();
  auto known = TRY(log_keys.verifiers(core.sequencer().origin()));
  auto signing = TRY(log_keys.signing_verifiers(core.sequencer().origin()));
  const auto doubt = [&core](bool is_doubted) { core.sequencer().doubt_log(is_doubted); };
  const auto witnessed = [&core](UtcTime until) { core.note_witnessed(until); };
  auto opened = LogCosigner::open(
      {std::move(known), std::move(signing), current, prover_of(core), core.clock(), doubt, witnessed}, options,
      std::move(clients), std::move(keys));
  if (!opened) return explained(opened.error());
  return std::move(*opened);
}

}  // namespace flikvakt::admin
