#include "connector/witness_duty.h"

#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "witness/log_record.h"

namespace flikvakt::connector {
namespace {

// Durable first.
Outcome<void> change(const Config& config, Identity& identity, IdentityFile file) {
  Outcome<Identity> changed = Identity::from(std::move(file));
  if (!changed) return changed.error();
  const Outcome<void> saved = changed->save(config.state);
  if (!saved) return saved.error();
  identity = std::move(*changed);
  return {};
}

Outcome<crypto::SigningKey> key_of(const Config& config, Identity& identity) {
  if (identity.file().witness_key) {
    Result<crypto::SigningKey> key = crypto::SigningKey::from_pem(*identity.file().witness_key);
    if (key) return std::move(*key);
    return trouble(ExitCode::fault, "the key of the witness is damaged: " + key.error().message);
  }
  crypto::SigningKey key = crypto::SigningKey::generate(crypto::KeyAlgorithm::ed25519);
  IdentityFile file = identity.file();
  file.witness_key = std::string(key.to_pem().expose());
  const Outcome<void> changed = change(config, identity, std::move(file));
  if (!changed) return changed.error();
  return key;
}

Outcome<std::vector<audit::NoteVerifier>> verifiers_of(const std::vector<std::string>& keys,
                                                       const std::string& origin) {
  std::vector<audit::NoteVerifier> out;
  for (const std::string& text : keys) {
    const Result<audit::NoteVerifier> verifier = audit::NoteVerifier::parse(text);
    if (!verifier) return trouble(ExitCode::fault, "a key of the log is damaged: " + verifier.error().message);
    if (verifier->name() != origin) return trouble(ExitCode::fault, "a key of the log is another log's");
    out.push_back(*verifier);
  }
  return out;
}

// SPEC WIT-39, CONN-53
Outcome<witness::KeysOfLog> keys_of_log(const IdentityFile& file) {
  Outcome<std::vector<audit::NoteVerifier>> signing = verifiers_of(file.log_keys, file.origin);
  if (!signing) return signing.error();
  Outcome<std::vector<audit::NoteVerifier>> former = verifiers_of(file.former_log_keys, file.origin);
  if (!former) return former.error();
  return witness::KeysOfLog{std::move(*signing), std::move(*former)};
}

Trouble forked(const std::string& origin) {
  return trouble(ExitCode::log_forked,
                 "the log `" + origin + "` has forked: keep the state folder, and tell the log's other witnesses");
}

bool may_begin(const IdentityFile& file) { return file.witness_begins == file.origin; }

}  // namespace

Outcome<void> WitnessDuty::look(const Config& config, const Identity& identity) {
  const IdentityFile& file = identity.file();
  const Outcome<witness::KeysOfLog> keys = keys_of_log(file);
  if (!keys) return keys.error();
  const Result<witness::LogRecord> record =
      witness::LogRecord::open(config.state / "witness", file.origin, keys->all());
  if (record && record->is_stopped()) return forked(file.origin);
  if (record || (record.error().code == ErrorCode::not_found && may_begin(file))) return {};
  return trouble(ExitCode::fault, record.error().message);
}

Outcome<std::unique_ptr<WitnessDuty>> WitnessDuty::open(const Config& config, Identity& identity, const Clock& clock,
                                                        std::function<void(const std::string&)> on_fork) {
  Outcome<crypto::SigningKey> key = key_of(config, identity);
  if (!key) return key.error();
  const std::filesystem::path folder = config.state / "witness";
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
    return trouble(ExitCode::disk, os_error("making", folder).message);
  const std::string origin = identity.file().origin;
  Outcome<witness::KeysOfLog> of_log = keys_of_log(identity.file());
  if (!of_log) return of_log.error();
  const witness::Witness::Keys keys{{origin, std::move(*of_log)}};
  std::unique_ptr<WitnessDuty> out(new WitnessDuty(std::move(*key)));
  Result<audit::CosignatureSigner> signer = audit::CosignatureSigner::make(config.witness, out->key_);
  if (!signer) return trouble(ExitCode::usage, "witness: " + signer.error().message);
  out->key_text_ = signer->verifier().text();
  // SPEC WIT-13, CONN-54: records that are gone do not begin anew by themselves. One that is there stays as it is.
  if (may_begin(identity.file())) {
    const auto begun = witness::Witness::begin(folder, keys);
    if (!begun) return disk_trouble(begun.error());
    IdentityFile file = identity.file();
    file.witness_begins.reset();
    const Outcome<void> changed = change(config, identity, std::move(file));
    if (!changed) return changed.error();
  }
  const witness::Witness::Hooks hooks{[on_fork](const std::string& line) {
                                        spdlog::critical("ALARM: {}", line);
                                        on_fork(line);
                                      },
                                      [](const Error& error) {
                                        spdlog::critical("the witness stops: {}", error.message);
                                        ::_exit(static_cast<int>(ExitCode::disk));
                                      }};
  auto opened = witness::Witness::open(folder, keys, std::move(*signer), clock, hooks);
  if (!opened) return trouble(ExitCode::fault, "the witness: " + opened.error().message);
  out->witness_ = std::move(*opened);
  for (const witness::Witness::Status& one : out->witness_->status()) {
    if (one.is_stopped) return forked(one.origin);
  }
  return out;
}

WitnessDuty::Reply WitnessDuty::add_checkpoint(std::string_view body) {
  const witness::Answer answer = witness_->add_checkpoint(body);
  switch (answer.kind) {
    case witness::Answer::Kind::cosigned:
      return {200, answer.cosignatures};
    case witness::Answer::Kind::malformed:
      return {400, ""};
    case witness::Answer::Kind::unknown_log:
      return {404, ""};
    case witness::Answer::Kind::not_signed:
      return {403, ""};
    case witness::Answer::Kind::conflict:
      return {409, std::to_string(answer.size) + "\n"};
    case witness::Answer::Kind::not_proven:
      return {422, ""};
    case witness::Answer::Kind::stopped: {
      json::object problem{{"type", "https://flikvakt.se/problem/log-stopped"},
                           {"checkpoints", json::array(answer.contradicting.begin(), answer.contradicting.end())}};
      return {403, json::serialize(problem)};
    }
    case witness::Answer::Kind::unavailable:
      break;
  }
  return {503, ""};
}

}  // namespace flikvakt::connector
