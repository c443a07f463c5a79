#include "admin/open_cosigner.h"

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

}  // namespace

Outcome<std::unique_ptr<LogCosigner>> open_cosigner(service::Core& core, const Config& config) {
  if (config.witness_quorum == 0) return std::unique_ptr<LogCosigner>();
  const WitnessClient::Prove prove = [&core](std::uint64_t from, std::uint64_t to) {
    return service::consistency_proof(core, from, to);
  };
  // SPEC WIT-35: what the log's key did not sign changes nothing, so a witness's words may be shown as they are.
  const auto show = [&core](const std::string& note) { std::ignore = service::judge_shown_checkpoint(core, note); };
  std::vector<std::unique_ptr<WitnessClient>> clients;
  std::vector<audit::CosignatureVerifier> keys;
  for (const WitnessOfLog& witness : config.witnesses) {
    WitnessClient::Parts parts{witness.address, witness.key, TRY(read_ca(witness)), prove};
    parts.show = show;
    clients.push_back(std::make_unique<WitnessClient>(std::move(parts)));
    keys.push_back(witness.key);
  }
  LogCosigner::Options options;
  options.quorum = config.witness_quorum;
  options.interval = std::chrono::seconds(config.witness_interval_seconds);
  options.warn_after = std::chrono::seconds(config.witness_warn_seconds);
  options.refuse_after = std::chrono::seconds(config.witness_refuse_seconds);
  options.file = core.data_directory().root() / "cosigned-checkpoint";
  const auto current = [&core] {
    const service::LogView view = core.sequencer().log_view();
    return CurrentCheckpoint{core.sequencer().checkpoint(view), view.size};
  };
  const audit::NoteVerifier log =
      TRY(audit::NoteVerifier::make(core.sequencer().origin(), core.keys().checkpoint_signer().public_key()));
  const auto doubt = [&core](bool is_doubted) { core.sequencer().doubt_log(is_doubted); };
  const auto witnessed = [&core](UtcTime until) { core.note_witnessed(until); };
  auto opened = LogCosigner::open({{log}, current, prove, core.clock(), doubt, witnessed}, options, std::move(clients),
                                  std::move(keys));
  if (!opened) return explained(opened.error());
  return std::move(*opened);
}

}  // namespace flikvakt::admin
