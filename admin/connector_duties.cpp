#include "admin/connector_duties.h"

#include <spdlog/spdlog.h>

#include <system_error>

#include "service/log_proofs.h"
#include "service/shown_checkpoint.h"

namespace flikvakt::admin {

ConnectorDuties::ConnectorDuties(service::Core& core, const ConnectorCa& ca, Parts parts)
    : core_(core), ca_(ca), parts_(std::move(parts)), thread_([this] { run(); }) {}

void ConnectorDuties::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const auto& [key, client] : clients_) client->cancel();
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void ConnectorDuties::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    if (const Result<void> renewed = ca_.renew_list(core_.clock().wall()); !renewed)
      spdlog::error("the revocation list of connectors is not renewed: {}", renewed.error().message);
    round();
    lock.lock();
    wake_.wait_for(lock, parts_.interval, [this] { return stopping_; });
  }
}

// SPEC CONN-50: some at a time, so that one that is slow holds up few others.
void ConnectorDuties::round() {
  const std::vector<Duty> duties = parts_.present();
  if (duties.empty()) return;
  const service::LogView view = core_.sequencer().log_view();
  const std::string note = core_.sequencer().checkpoint(view);
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < duties.size(); i = next++) {
      {
        const std::lock_guard lock(mutex_);
        if (stopping_) return;
      }
      ask_one(duties[i], note, view.size);
    }
  };
  std::vector<std::thread> threads;
  try {
    for (std::size_t i = 1; i < std::min(kThreads, duties.size()); ++i) threads.emplace_back(work);
  } catch (const std::system_error& error) {  // no more of them are to be had: it takes longer
    spdlog::warn("connectors are asked to cosign by {} at a time: {}", threads.size() + 1, error.what());
  }
  work();
  for (std::thread& thread : threads) thread.join();
}

void ConnectorDuties::ask_one(const Duty& duty, const std::string& note, std::uint64_t size) {
  std::shared_ptr<WitnessClient> client;
  {
    const std::lock_guard lock(mutex_);
    auto& kept = clients_[{duty.connector, duty.key}];
    if (!kept) {
      Result<audit::CosignatureVerifier> key = audit::CosignatureVerifier::parse(duty.key);
      if (!key) {
        clients_.erase({duty.connector, duty.key});
        return spdlog::warn("connector {} names no key of a witness", duty.connector.text());
      }
      WitnessClient::Parts parts{WitnessAddress(), std::move(*key), {}, [this](std::uint64_t from, std::uint64_t to) {
                                   return service::consistency_proof(core_, from, to);
                                 }};
      parts.ask = [this, connector = duty.connector](const std::string& body) { return parts_.ask(connector, body); };
      parts.show = [this](const std::string& shown) {  // SPEC WIT-35
        const auto verdict = service::judge_shown_checkpoint(core_, shown);
        if (!verdict) spdlog::error("what a connector showed could not be compared: {}", verdict.error().message);
      };
      kept = std::make_shared<WitnessClient>(std::move(parts));
    }
    client = kept;
  }
  const UtcTime now = core_.clock().wall();
  const Result<audit::NoteSignature> signature = client->cosign(note, size, now);
  if (signature) return parts_.witnessed(duty.connector, size, now);
  if (signature.error().code == ErrorCode::conflict)
    spdlog::error("ALARM connector {}: {}", duty.connector.text(), signature.error().message);
  else
    spdlog::info("connector {} did not cosign: {}", duty.connector.text(), signature.error().message);
}

}  // namespace flikvakt::admin
