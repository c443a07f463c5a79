#include "admin/commands.h"
#include "admin/offline.h"
#include "admin/restore_backup.h"
#include "base/files.h"

namespace flikvakt::admin {
namespace {

const Option kBackup = required_option("BACKUP", "DIR", "the backup of rows and documents");
const Option kKeys = required_option("--keys", "DIR", "the backup of the key store, made at the same time or later");

std::vector<Option> with_master_key(std::vector<Option> own) {
  for (Option& shared : master_key_options()) own.push_back(std::move(shared));
  return own;
}

namespace fs = std::filesystem;

// With links and dots resolved as far as they exist, without a slash at the end.
fs::path resolved(const fs::path& written) {
  std::error_code ignored;
  fs::path path = fs::weakly_canonical(fs::absolute(written), ignored);
  return path.has_filename() ? path : path.parent_path();
}

bool is_within(const fs::path& inner, const fs::path& outer) {
  const auto [end, ignored] = std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end());
  return end == outer.end();
}

struct BackupPlaces {
  fs::path rows;
  fs::path keys;
};

// Both before anything is copied: apart from each other and from the data, and not there yet.
Outcome<BackupPlaces> places_of(const Arguments& arguments) {
  const BackupPlaces places{resolved(arguments.text("BACKUP")), resolved(arguments.text("--keys"))};
  const fs::path data = resolved(TRY(data_of(arguments)));
  if (is_within(places.keys, places.rows) || is_within(places.rows, places.keys)) {
    return usage_failure("--keys: expected a place apart from BACKUP, not in it nor around it",
                         "with both and the master key everything can be read");
  }
  for (const fs::path& place : {places.rows, places.keys}) {
    std::error_code ignored;
    if (is_within(place, data))
      return usage_failure("`" + place.string() + "` is in the data directory: a backup there is lost with it");
    if (fs::exists(fs::symlink_status(place, ignored)))
      return Failure(ExitCode::refused, "`" + place.string() + "` is there already: nothing is overwritten");
    if (!fs::is_directory(place.parent_path(), ignored))
      return Failure(ExitCode::refused, "there is no folder `" + place.parent_path().string() + "`");
  }
  return places;
}

// A backup of rows without its keys opens nothing: gone again unless both were made.
class HalfBackup {
public:
  explicit HalfBackup(fs::path folder) : folder_(std::move(folder)) {}
  ~HalfBackup() {
    std::error_code ignored;
    if (!folder_.empty()) fs::remove_all(folder_, ignored);
  }
  HalfBackup(const HalfBackup&) = delete;
  HalfBackup& operator=(const HalfBackup&) = delete;
  void is_whole() { folder_.clear(); }

private:
  fs::path folder_;
};

Outcome<void> create(const Arguments& arguments, const Output& output) {
  const BackupPlaces places = TRY(places_of(arguments));
  Offline instance = TRY(Offline::open(arguments));
  const store::Objects objects = TRY(store::Objects::open(instance.directory().objects()));
  const auto copies =
      arguments.has("--link") ? store::ObjectCopies::linked_where_possible : store::ObjectCopies::always_copied;
  const store::BackupSummary summary =
      TRY(service::back_up(instance.rows(), instance.keys(), objects, places.rows, copies));
  HalfBackup half(places.rows);
  TRY_VOID(instance.refresh());
  TRY_VOID(service::check_missing(instance.rows(), instance.keys(), summary.missing));
  TRY_VOID(store::back_up_key_store(instance.keys().store(), places.keys));
  half.is_whole();
  output.data(json::object{
      {"backup", arguments.text("BACKUP")}, {"keys", arguments.text("--keys")}, {"objects", summary.objects}});
  output.note(
      "keep the two apart: with both and the master key everything can be read. Delete the keys after their retention "
      "(30 days), or what is erased lives on in them");
  return {};
}

// The master key of a backup has no data directory beside it.
Outcome<MasterKeyPlace> place_of(const Arguments& arguments) {
  if (!arguments.has("--credential") && !arguments.has("--master-key")) {
    return usage_failure("expected --master-key FILE (the sealed master key) or --credential");
  }
  return master_key_place(arguments, {});
}

service::RestorePlan plan_of(const Arguments& arguments) {
  service::RestorePlan plan{arguments.text("BACKUP"), arguments.text("--keys"), std::nullopt};
  if (const auto erasures = arguments.find("--erasures")) plan.erasures = *erasures;
  return plan;
}

Outcome<void> verify(const Arguments& arguments, const Output& output) {
  const auto passphrases = Passphrases::from_options(arguments.all("--passphrase-file"));
  const crypto::MasterKey master = TRY(read_master_key(TRY(place_of(arguments)), passphrases));
  const service::BackupContents contents = TRY(open_backup(plan_of(arguments), master));
  output.data(describe(contents));
  if (contents.problems.empty()) return {};
  return Failure(ExitCode::refused, "the backup's log does not verify: " + contents.problems.front());
}

// SPEC BAK-10: nobody forgets the list by leaving out an option.
Outcome<void> check_erasures(const Arguments& arguments) {
  if (arguments.has("--erasures") != arguments.has("--no-erasures")) return {};
  return usage_failure("expected --erasures FILE (`erasures` of the lost data directory) or --no-erasures",
                       "without the list, what was erased since the backup is back");
}

Outcome<void> restore(const Arguments& arguments, const Output& output) {
  TRY_VOID(check_erasures(arguments));
  RestoreOrder order;
  order.plan = plan_of(arguments);
  order.data = TRY(data_of(arguments));
  order.master_key = TRY(place_of(arguments));
  order.origin = arguments.text("--origin");
  order.entries = TRY(arguments.number("--entries", 0));
  for (const std::string& file : arguments.all("--administrator")) order.signers.emplace_back(file);
  order.without = arguments.all("--without");
  output.data(TRY(restore_backup(order, Passphrases::from_options(arguments.all("--passphrase-file")))));
  output.note(
      "all access is closed; narrowing works once it runs. Next: `flikvakt registry reattest acts.json`, strike out "
      "what "
      "was ended since the backup, `flikvakt apply` it with two administrators; then organisations re-attest their "
      "staff, then each person re-confirms (docs/OPERATIONS.md)");
  return {};
}

}  // namespace

std::vector<Command> backup_commands() {
  return {
      {"backup create",
       "Copy rows and documents to one place, and the wrapped keys to another",
       {"flikvakt backup create /mnt/a/2026-11-22 --keys /mnt/b/2026-11-22 --data data"},
       with_master_key({required_option("BACKUP", "DIR", "a directory that does not exist yet"),
                        required_option("--keys", "DIR", "another, elsewhere, kept for a short time only"),
                        flag_option("--link", "documents as hard links where the disk allows it: no second copy")}),
       create,
       "Works beside a running gateway, on the rows as of one moment."},
      {"backup verify",
       "Check every file of a backup, and its log",
       {"flikvakt backup verify /mnt/a/2026-11-22 --keys /mnt/b/2026-11-22 --master-key master-key"},
       with_master_key({kBackup, kKeys}),
       verify,
       ""},
      {"restore",
       "Make a gateway from a backup: a new log that begins with two administrators' signatures",
       {"flikvakt restore /mnt/a/2026-11-22 --keys /mnt/b/2026-11-22 --master-key master-key --data new-data \\",
        "    --origin tresjoarna.example/log2 --entries 4711 --erasures lost/erasures \\",
        "    --administrator alice.key --administrator bo.key"},
       with_master_key(
           {kBackup, kKeys, required_option("--origin", "ORIGIN", "name of the new log, never used before"),
            required_option("--entries", "N", "how many entries the backup has, as `backup verify` says"),
            repeated_option("--administrator", "KEYFILE", "two administrators of the backup (or the recovery key)"),
            repeated_option("--without", "THUMBPRINT", "an administrator of the backup who is none any more"),
            optional_option("--erasures", "FILE", "`erasures` of the lost data directory: erased again"),
            flag_option("--no-erasures", "nothing was erased since the backup, or the list is lost")}),
       restore,
       "See docs/OPERATIONS.md for what follows a restore."},
  };
}

}  // namespace flikvakt::admin
