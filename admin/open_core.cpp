#include "admin/open_core.h"

#include "base/files.h"

namespace flikvakt::admin {
namespace {

constexpr std::string_view kNewSuffix = ".new";
constexpr std::string_view kCutShort = "a rotation of the master key was cut short";  // SPEC REC-6

std::optional<std::filesystem::path> other_of_the_two(const std::filesystem::path& file) {
  const std::string name = file.string();
  if (name.ends_with(kNewSuffix)) return std::filesystem::path(name.substr(0, name.size() - kNewSuffix.size()));
  std::error_code ignored;
  const std::filesystem::path fresh = new_master_key_beside(file);
  if (std::filesystem::exists(fresh, ignored)) return fresh;
  return std::nullopt;
}

Failure wrong_master_key(const MasterKeyPlace& place, const Error& error) {
  return Failure(ExitCode::refused, error.message, other_master_key_hint(place));
}

Failure data_does_not_fit(const MasterKeyPlace& place, const Error& error) {
  const bool is_wrong_key = error.message.find(kCutShort) != std::string::npos;
  return Failure(ExitCode::locked, error.message,
                 is_wrong_key ? other_master_key_hint(place)
                              : "nothing is served and nothing was changed; delete nothing. Find out why with "
                                "`flikvakt log verify`, or restore a backup with `flikvakt restore`");
}

bool is_damaged_key_store(const std::filesystem::path& file) {
  const auto opened = store::KeyStore::open_copy(file);
  return !opened && (opened.error().code == ErrorCode::corrupt || opened.error().code == ErrorCode::invalid);
}

}  // namespace

std::filesystem::path new_master_key_beside(const std::filesystem::path& file) {
  return file.string() + std::string(kNewSuffix);
}

std::string other_master_key_hint(const MasterKeyPlace& place) {
  const std::string keep = ". Keep every master key until the gateway has started with one of them";
  if (place.source == MasterKeySource::credential)
    return "perhaps the master key was rotated: give the credential that was made after that" + keep;
  const auto other = other_of_the_two(place.file);
  return "a rotation of the master key was perhaps cut short: try " +
         (other ? "`" + other->string() + "`" : "`" + place.file.string() + ".new` or a later copy of it") +
         " (--master-key FILE, or `master_key_file` in the configuration)" + keep;
}

Outcome<crypto::MasterKey> read_master_key(const MasterKeyPlace& place, const Passphrases& passphrases) {
  if (place.source == MasterKeySource::credential) {
    Result<crypto::MasterKey> given = crypto::read_master_key_credential();
    if (given) return std::move(*given);
    return Failure(ExitCode::refused, given.error().message,
                   "systemd hands it to its units alone: `systemd-run --pty -p User=… -p "
                   "LoadCredentialEncrypted=flikvakt-master-key:FILE flikvakt …`");
  }
  const std::string of = "master key: ";
  // Before anybody is asked for a passphrase.
  if (const Result<void> usable = require_private(place.file); !usable) {
    const bool is_missing = usable.error().code == ErrorCode::not_found;
    return Failure(ExitCode::refused, of + usable.error().message,
                   is_missing ? "say where it lies with --master-key FILE (`master_key_file` in the configuration), or "
                                "--credential when it is systemd's; " +
                                    other_master_key_hint(place)
                              : "");
  }
  const crypto::SecretText passphrase = TRY(passphrases.of_existing(place.file));
  Result<crypto::MasterKey> key = crypto::read_sealed_master_key(place.file, passphrase);
  if (key) return std::move(*key);
  const bool may_be_another = other_of_the_two(place.file).has_value();
  return Failure(ExitCode::refused, of + "`" + place.file.string() + "`: " + key.error().message,
                 may_be_another ? other_master_key_hint(place) : "");
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

Outcome<void> check_files(const store::DataDirectory& directory) {
  const std::vector<std::filesystem::path> needed{directory.database(), directory.keys(), directory.head(),
                                                  directory.objects()};
  std::error_code ignored;
  std::vector<std::filesystem::path> missing;
  for (const auto& file : needed) {
    if (!std::filesystem::exists(file, ignored)) missing.push_back(file);
  }
  if (missing.size() == needed.size()) {
    return Failure(ExitCode::refused, "`" + directory.root().string() + "` holds no gateway",
                   "name the data directory that `flikvakt init` or `flikvakt restore` made");
  }
  if (!missing.empty()) {
    return Failure(ExitCode::locked,
                   "the gateway is locked: `" + missing.front().string() + "` is missing beside the rest of its data",
                   "delete nothing and make nothing new here. Put it back from where it went (a disk that is not "
                   "mounted?), or restore a backup with `flikvakt restore`");
  }
  for (const auto& file : {directory.database(), directory.keys(), directory.head(), directory.erasures()}) {
    if (std::filesystem::exists(file, ignored)) TRY_VOID(require_private(file));
  }
  return {};
}

Failure opening_failed(const store::DataDirectory& directory, const MasterKeyPlace& place, const Error& error) {
  if (error.code == ErrorCode::denied) return wrong_master_key(place, error);
  if (error.code == ErrorCode::corrupt) return data_does_not_fit(place, error);
  if (is_damaged_key_store(directory.keys())) {
    return data_does_not_fit(place, fail(ErrorCode::corrupt, "the gateway is locked: `" + directory.keys().string() +
                                                                 "`: " + error.message));
  }
  return error;
}

Outcome<std::unique_ptr<service::Core>> open_core(const std::filesystem::path& data, const MasterKeyPlace& place,
                                                  crypto::MasterKey master, const Clock& clock,
                                                  service::Core::Hooks hooks) {
  store::DataDirectory directory = TRY(store::DataDirectory::open(data));
  TRY_VOID(check_files(directory));
  const store::DataDirectory named = TRY(store::DataDirectory::open_shared(data));
  Result<std::unique_ptr<service::Core>> core =
      service::Core::open(std::move(directory), std::move(master), clock, std::move(hooks));
  if (core) return std::move(*core);
  return opening_failed(named, place, core.error());
}

}  // namespace flikvakt::admin
