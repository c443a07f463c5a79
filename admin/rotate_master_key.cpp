#include "admin/rotate_master_key.h"

#include "admin/offline_act.h"
#include "base/files.h"
#include "service/keys_admin.h"

namespace flikvakt::admin {
namespace {

// The name stays taken all the while: first the old key gets its second name, then the new one takes the first.
Outcome<void> take_over(const RotationFiles& files) {
  std::error_code error;
  std::filesystem::create_hard_link(files.current, files.old, error);
  if (error) std::filesystem::rename(files.current, files.old, error);  // a disk without links
  if (!error) std::filesystem::rename(files.fresh, files.current, error);
  if (!error && sync_directory(folder_of(files.current))) return {};
  return Failure(
      ExitCode::refused,
      "the gateway's keys lie under the new master key, but it could not be given its name: " + error.message(),
      "the new master key is `" + files.fresh.string() + "`: start the gateway with it (`master_key_file`); " +
          "keep the old one, `" + files.current.string() + "` or `" + files.old.string() +
          "`, for backups made before");
}

}  // namespace

Outcome<RotationFiles> rotation_files(const MasterKeyPlace& place, UtcTime now) {
  if (place.source == MasterKeySource::credential) {
    return Failure(ExitCode::refused, "the master key is a systemd credential, which only systemd can seal",
                   "put it into a sealed file for the rotation, and make a new credential afterwards");
  }
  const std::string time = to_rfc3339(now);  // 2026-11-22T10:15:30.000Z
  RotationFiles files{place.file, new_master_key_beside(place.file),
                      place.file.string() + ".old-" + time.substr(0, 10)};
  std::error_code ignored;
  if (std::filesystem::exists(files.old, ignored))
    files.old += "T" + time.substr(11, 2) + time.substr(14, 2) + time.substr(17, 2);
  if (std::filesystem::exists(files.old, ignored))
    return Failure(ExitCode::refused, "`" + files.old.string() + "` exists already: a key is never replaced");
  if (!std::filesystem::exists(files.fresh, ignored)) return files;
  return Failure(
      ExitCode::refused, "`" + files.fresh.string() + "` is there: a rotation of the master key was perhaps cut short",
      "start the gateway with either of the two (`master_key_file`): the one with which it starts counts. If "
      "that is the new one, give both their names: `mv " +
          files.current.string() + " " + files.old.string() + " && mv " + files.fresh.string() + " " +
          files.current.string() + "`; else move the new one aside. Keep both");
}

Outcome<void> rotate_master_key(const std::filesystem::path& data, const MasterKeyPlace& place,
                                const RotationFiles& files, const crypto::SigningKey& administrator,
                                const Passphrases& passphrases) {
  const SystemClock clock;
  std::optional<Error> fatal;
  const service::Core::Hooks hooks{[&](const Error& error) { fatal = error; }, [] {}};
  auto core = TRY(open_core(data, place, TRY(read_master_key(place, passphrases)), clock, hooks));
  OfflineAct ordered = TRY(offline_act(*core, administrator, json::object{{"kind", "rotate_keys"}}));

  const crypto::SecretText passphrase = TRY(passphrases.of_new(files.fresh));
  const crypto::MasterKey fresh = crypto::MasterKey::random();
  TRY_VOID(crypto::write_sealed_master_key(files.fresh, fresh, passphrase));
  const Result<void> rotated = service::rotate_master_key(std::move(core), fresh, std::move(ordered.command));
  if (fatal) return Failure(ExitCode::fatal, fatal->message, other_master_key_hint(place));
  if (!rotated && rotated.error().code == ErrorCode::denied) {
    std::error_code ignored;
    std::filesystem::remove(files.fresh, ignored);  // nothing lies under it
    return rotated.error();
  }
  if (!rotated) return Failure(ExitCode::refused, rotated.error().message, other_master_key_hint(place));
  return take_over(files);
}

}  // namespace flikvakt::admin
