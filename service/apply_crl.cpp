#include "service/apply_crl.h"

#include <spdlog/spdlog.h>

#include "crypto/x509.h"

namespace flikvakt::service {
namespace {

constexpr auto kPoll = std::chrono::milliseconds(500);

Result<crypto::Crl> read_crl(const std::filesystem::path& path) {
  const Bytes bytes = TRY(read_file(path, crypto::kMaxCrlBytes));
  const bool is_pem = as_text(bytes).starts_with("-----");
  return is_pem ? crypto::Crl::parse_pem(as_text(bytes)) : crypto::Crl::parse_der(bytes);
}

// The registered issuers whose key signed it: names alone prove nothing. Several: a renewed CA keeps name and key.
std::vector<policy::Issuer> signers_of(const crypto::Crl& crl, std::vector<policy::Issuer> issuers) {
  std::erase_if(issuers, [&](const policy::Issuer& issuer) {
    const Result<crypto::Certificate> certificate = crypto::Certificate::parse_der(issuer.certificate);
    return !certificate || !crl.signed_by(*certificate);
  });
  return issuers;
}

Result<void> apply_to(Core& core, const crypto::Crl& crl, const policy::Issuer& issuer) {
  if (issuer.crl_number == crl.number() && issuer.crl_hash == crl.sha256()) return {};
  policy::ApplyCrl act;
  act.issuer = issuer.fingerprint;
  act.number = crl.number();
  act.hash = crl.sha256();
  act.next_update = crl.next_update();
  for (const std::string& serial : crl.revoked_serials()) act.revoked.insert(serial);
  Command command;
  command.actor = policy::SystemActor{};
  command.act = std::move(act);
  const CommandResult result = core.decide(std::move(command));
  if (result.status != CommandStatus::decided) return fail(ErrorCode::unavailable, "the revocation list waits");
  if (result.decision.is_permitted()) return {};
  if (result.decision.reason == policy::Reason::terms_invalid) {
    return fail(ErrorCode::invalid, "the revocation list has more certificates than can be kept: it is not applied");
  }
  return fail(ErrorCode::conflict, "the revocation list has number " + std::to_string(crl.number()) +
                                       ", and one of number " + std::to_string(issuer.crl_number) + " stands");
}

}  // namespace

Result<void> apply_crl_file(Core& core, const std::filesystem::path& path) {
  const crypto::Crl crl = TRY(read_crl(path));
  // SPEC TLS-15
  if (core.clock().wall() < crl.this_update()) {
    return fail(ErrorCode::unavailable, "the revocation list is not valid yet");
  }
  const std::vector<policy::Issuer> issuers = signers_of(crl, core.directory().issuers());
  if (issuers.empty()) return fail(ErrorCode::not_found, "the revocation list is signed by no registered issuer");
  Result<void> out;
  for (const policy::Issuer& issuer : issuers) {
    if (Result<void> applied = apply_to(core, crl, issuer); !applied) out = applied;  // the others get theirs
  }
  return out;
}

CrlWatcher::CrlWatcher(Core& core, std::vector<std::filesystem::path> files)
    : core_(core), files_(std::move(files)), thread_([this] { run(); }) {}

CrlWatcher::~CrlWatcher() { stop(); }

void CrlWatcher::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void CrlWatcher::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    for (const std::filesystem::path& file : files_) look_at(file);
    lock.lock();
    wake_.wait_for(lock, kPoll, [this] { return stopping_; });
  }
}

void CrlWatcher::look_at(const std::filesystem::path& file) {
  std::error_code ec;
  const Seen now{std::filesystem::last_write_time(file, ec), std::filesystem::file_size(file, ec)};
  const auto before = seen_.find(file);
  if (before != seen_.end() && before->second == now) return;
  const Result<void> applied = apply_crl_file(core_, file);
  // A door that is busy, or an issuer that is about to be registered, is asked again.
  const bool again =
      !applied && (applied.error().code == ErrorCode::unavailable || applied.error().code == ErrorCode::not_found);
  if (!again || before == seen_.end()) {
    if (applied)
      spdlog::info("revocation list `{}` is applied", file.filename().string());
    else
      spdlog::warn("revocation list `{}`: {}", file.filename().string(), applied.error().message);
  }
  seen_[file] = again ? Seen{} : now;
}

}  // namespace flikvakt::service
