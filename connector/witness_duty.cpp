#include "connector/witness_duty.h"

#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace flikvakt::connector {
namespace {

Outcome<crypto::SigningKey> key_of(const Config& config, Identity& identity) {
  if (identity.file().witness_key) {
    Result<crypto::SigningKey> key = crypto::SigningKey::from_pem(*identity.file().witness_key);
    if (key) return std::move(*key);
    return trouble(ExitCode::fault, "the key of the witness is damaged: " + key.error().message);
  }
  crypto::SigningKey key = crypto::SigningKey::generate(crypto::KeyAlgorithm::ed25519);
  IdentityFile file = identity.file();
  file.witness_key = std::string(key.to_pem().expose());
  Outcome<Identity> with_key = Identity::from(std::move(file));
  if (!with_key) return with_key.error();
  const Outcome<void> saved = with_key->save(config.state);
  if (!saved) return saved.error();
  identity = std::move(*with_key);
  return key;
}

}  // namespace

Outcome<std::unique_ptr<WitnessDuty>> WitnessDuty::open(const Config& config, Identity& identity, const Clock& clock,
                                                        std::function<void(const std::string&)> on_fork) {
  Outcome<crypto::SigningKey> key = key_of(config, identity);
  if (!key) return key.error();
  const bool is_new = !std::filesystem::exists(config.state / "witness");
  const std::filesystem::path folder = config.state / "witness";
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
    return trouble(ExitCode::disk, os_error("making", folder).message);
  witness::Witness::Keys keys;
  for (const std::string& text : identity.file().log_keys) {
    const Result<audit::NoteVerifier> verifier = audit::NoteVerifier::parse(text);
    if (!verifier) return trouble(ExitCode::fault, "a key of the log is damaged: " + verifier.error().message);
    keys[verifier->name()].signing.push_back(*verifier);
  }
  std::unique_ptr<WitnessDuty> out(new WitnessDuty(std::move(*key)));
  Result<audit::CosignatureSigner> signer = audit::CosignatureSigner::make(config.witness, out->key_);
  if (!signer) return trouble(ExitCode::usage, "witness: " + signer.error().message);
  out->key_text_ = signer->verifier().text();
  // SPEC WIT-13: records that are gone do not begin anew by themselves.
  if (is_new) {
    const auto begun = witness::Witness::begin(folder, keys);
    if (!begun) return disk_trouble(begun.error());
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
    if (one.is_stopped)
      return trouble(
          ExitCode::log_forked,
          "the log `" + one.origin + "` has forked: keep the state folder, and tell the log's other witnesses");
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
