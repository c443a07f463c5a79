#include "admin/restore_backup.h"

#include <algorithm>

#include "admin/administrator_act.h"
#include "admin/fingerprint.h"
#include "admin/key_file.h"
#include "admin/new_data_directory.h"
#include "base/files.h"

namespace flikvakt::admin {
namespace {

Outcome<void> check_contents(const service::BackupContents& contents, const RestoreOrder& order) {
  if (!contents.problems.empty()) {
    return Failure(ExitCode::refused, "the backup's log does not verify: " + contents.problems.front(),
                   "take another backup");
  }
  if (contents.entries == order.entries) return {};
  return Failure(
      ExitCode::refused,
      "the backup has " + std::to_string(contents.entries) + " entries, not " + std::to_string(order.entries),
      "look at it with `flikvakt backup verify`, compare the thumbprints, and give --entries as it says");
}

Outcome<std::set<AdministratorId>> left_out(const RestoreOrder& order, const service::BackupContents& contents) {
  std::set<AdministratorId> out;
  for (const std::string& thumbprint : order.without) {
    const crypto::Hash256 wanted = TRY(parse_fingerprint("--without", thumbprint));
    const auto found = std::ranges::find_if(contents.administrators,
                                            [&](const policy::Administrator& one) { return one.thumbprint == wanted; });
    if (found == contents.administrators.end())
      return usage_failure("--without: `" + thumbprint + "` is the thumbprint of no administrator of the backup",
                           "`flikvakt backup verify` shows them");
    out.insert(found->id);
  }
  return out;
}

Outcome<service::JointAct> sign_restore(const RestoreOrder& order, const service::BackupContents& contents,
                                        const Passphrases& passphrases, UtcTime now) {
  if (order.signers.size() < 2) return usage_failure("restoring takes two administrators: give --administrator twice");
  const std::set<AdministratorId> without = TRY(left_out(order, contents));
  service::JointAct joint{service::restore_act(contents, order.origin, without, now), {}};
  for (const std::filesystem::path& file : order.signers) {
    const crypto::SigningKey key = TRY(open_key_file(file, passphrases));
    joint.signatures.push_back(TRY(service::sign_joint(joint.act, key)));
  }
  return joint;
}

// The restored gateway is opened with the same master key: its sealed file comes along.
Outcome<void> bring_master_key(const std::optional<Bytes>& sealed, const std::filesystem::path& data) {
  if (sealed) TRY_VOID(write_new_file(data / "master-key", *sealed));
  return {};
}

}  // namespace

json::value describe(const service::BackupContents& contents) {
  json::array administrators;
  for (const policy::Administrator& one : contents.administrators) {
    administrators.push_back(
        json::object{{"name", one.name}, {"kind", to_json(one.kind)}, {"thumbprint", to_base64url(one.thumbprint)}});
  }
  return json::object{{"name", contents.instance.name},
                      {"origin", contents.instance.origin},
                      {"entries", contents.entries},
                      {"last_entry", to_rfc3339(contents.last_entry)},
                      {"administrators", std::move(administrators)},
                      {"problems", json::array(contents.problems.begin(), contents.problems.end())}};
}

Outcome<service::BackupContents> open_backup(const service::RestorePlan& plan, const crypto::MasterKey& master) {
  Result<service::BackupContents> contents = service::inspect_backup(plan, master);
  if (contents) return std::move(*contents);
  if (contents.error().code != ErrorCode::denied) return contents.error();
  return Failure(ExitCode::refused, contents.error().message,
                 "a backup opens only with the master key of its time: if that was rotated since, with the "
                 "`master-key.old-DATE` that the rotation left");
}

Outcome<json::value> restore_backup(const RestoreOrder& order, const Passphrases& passphrases) {
  const SystemClock clock;
  crypto::MasterKey master = TRY(read_master_key(order.master_key, passphrases));
  const service::BackupContents contents = TRY(open_backup(order.plan, master));
  TRY_VOID(check_contents(contents, order));
  std::optional<Bytes> sealed;
  if (order.master_key.source == MasterKeySource::sealed_file)
    sealed = TRY(read_file(order.master_key.file, crypto::kSealedFileBytes));
  const service::JointAct act = TRY(sign_restore(order, contents, passphrases, clock.wall()));

  NewDataDirectory directory = TRY(NewDataDirectory::create(order.data));
  std::optional<Error> fatal;
  const service::Core::Hooks hooks{[&](const Error& error) { fatal = error; }, [] {}};
  const auto core = TRY(service::restore(directory.take(), std::move(master), order.plan, act, clock, hooks));
  if (fatal) return Failure(ExitCode::fatal, fatal->message, "nothing was kept: begin anew");
  TRY_VOID(bring_master_key(sealed, order.data));
  TRY_VOID(write_gateway_name(order.data, contents.instance.name));
  directory.keep();
  const service::LogKeys log_keys = core->log_keys();
  const policy::LogKey* log_key = log_keys.current();
  const auto verifier = service::log_key_verifier(order.origin, log_key ? log_key->checkpoint_key : ByteArray<32>{});
  return json::value(json::object{{"data", order.data.string()},
                                  {"origin", core->directory().instance().origin},
                                  {"log_key", verifier ? verifier->text() : ""},
                                  {"epoch", core->directory().instance().epoch},
                                  {"restored_entries", contents.entries}});
}

}  // namespace flikvakt::admin
