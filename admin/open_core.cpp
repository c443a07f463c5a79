#include "admin/open_core.h"

namespace flikvakt::admin {

Outcome<crypto::MasterKey> read_master_key(const MasterKeyPlace& place, const Passphrases& passphrases) {
  if (place.source == MasterKeySource::credential) return TRY(crypto::read_master_key_credential());
  const crypto::SecretText passphrase = TRY(passphrases.of_existing(place.file));
  Result<crypto::MasterKey> key = crypto::read_sealed_master_key(place.file, passphrase);
  if (!key) return Failure(ExitCode::refused, "master key `" + place.file.string() + "`: " + key.error().message);
  return std::move(*key);
}

std::vector<Option> master_key_options() {
  return {optional_option("--data", "DIR", "the gateway's data directory"),
          optional_option("--master-key", "FILE", "the sealed master key; default: master-key in the data directory"),
          flag_option("--credential", "the master key is the systemd credential flikvakt-master-key"),
          passphrase_option()};
}

Outcome<std::filesystem::path> data_of(const Arguments& arguments) {
  if (const auto data = arguments.find("--data")) return std::filesystem::path(*data);
  return usage_failure("--data: expected the gateway's data directory");
}

MasterKeyPlace master_key_place(const Arguments& arguments, const std::filesystem::path& data) {
  if (arguments.has("--credential")) return {MasterKeySource::credential, {}};
  return {MasterKeySource::sealed_file, arguments.find("--master-key").value_or((data / "master-key").string())};
}

Outcome<std::unique_ptr<service::Core>> open_core(const std::filesystem::path& data, crypto::MasterKey master,
                                                  const Clock& clock, service::Core::Hooks hooks) {
  store::DataDirectory directory = TRY(store::DataDirectory::open(data));
  Result<std::unique_ptr<service::Core>> core =
      service::Core::open(std::move(directory), std::move(master), clock, std::move(hooks));
  if (core) return std::move(*core);
  if (core.error().code != ErrorCode::corrupt) return core.error();
  return Failure(
      ExitCode::locked, core.error().message,
      "nothing is served and nothing was changed. Find out why with `flikvakt log verify`, or restore a backup "
      "with `flikvakt restore`");
}

}  // namespace flikvakt::admin
