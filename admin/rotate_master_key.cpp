#include "admin/rotate_master_key.h"

#include "admin/signed_act.h"
#include "base/files.h"
#include "service/keys_admin.h"
#include "service/sent_act.h"

namespace flikvakt::admin {
namespace {

// As it would have come through the admin socket.
Outcome<service::Command> order(service::Core& core, const crypto::SigningKey& key) {
  const auto known = core.directory().administrator_key(key.public_key().thumbprint());
  if (!known) return Failure(ExitCode::refused, "this key is no administrator's");
  const ActEnvelope envelope =
      wrap_act(json::object{{"kind", "rotate_keys"}}, core.directory().instance().name, core.clock().wall());
  const json::value body = TRY(sign_act(key, kAdminActType, envelope.body));
  const auto sent = TRY(from_json<service::SentAct>(envelope.body));
  Bytes evidence = to_bytes(as_bytes(body.at("jws").as_string()));
  return TRY(
      service::make_command(core, policy::AdministratorActor{known->administrator}, sent, std::move(evidence), {}));
}

}  // namespace

Outcome<void> rotate_master_key(const std::filesystem::path& data, const MasterKeyPlace& old,
                                const crypto::SigningKey& administrator, const Passphrases& passphrases) {
  if (old.source == MasterKeySource::credential) {
    return Failure(ExitCode::refused, "the master key is a systemd credential, which only systemd can seal",
                   "put it into a sealed file for the rotation, and make a new credential afterwards");
  }
  const std::filesystem::path new_file = data / "master-key.new";
  if (std::filesystem::exists(new_file)) {
    return Failure(
        ExitCode::refused, "`" + new_file.string() + "` is there: an earlier rotation was interrupted",
        "start the gateway with it (`master_key_file`): if that works, move it to master-key; else remove it");
  }
  const SystemClock clock;
  std::optional<Error> fatal;
  const service::Core::Hooks hooks{[&](const Error& error) { fatal = error; }, [] {}};
  auto core = TRY(open_core(data, TRY(read_master_key(old, passphrases)), clock, hooks));
  service::Command ordered = TRY(order(*core, administrator));

  const crypto::SecretText passphrase = TRY(passphrases.of_new(new_file));
  const crypto::MasterKey fresh = crypto::MasterKey::random();
  TRY_VOID(crypto::write_sealed_master_key(new_file, fresh, passphrase));
  const Result<void> rotated = service::rotate_master_key(std::move(core), fresh, std::move(ordered));
  if (fatal) return Failure(ExitCode::fatal, fatal->message, "start the gateway: start-up finds out which key counts");
  if (!rotated && rotated.error().code == ErrorCode::denied) std::filesystem::remove(new_file);
  if (!rotated) return rotated.error();

  std::filesystem::rename(new_file, old.file);
  TRY_VOID(sync_directory(old.file.parent_path()));
  return {};
}

}  // namespace flikvakt::admin
