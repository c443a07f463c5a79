#include <limits>

#include "admin/administrator_act.h"
#include "admin/commands.h"
#include "admin/key_file.h"
#include "admin/offline.h"
#include "admin/personnummer_input.h"
#include "admin/rotate_log_key.h"
#include "admin/rotate_master_key.h"
#include "service/keys_admin.h"

namespace flikvakt::admin {
namespace {

constexpr std::uint64_t kRetentionDays = 30;  // of backups of the key store, unless said otherwise

Outcome<void> status(const Arguments& arguments, const Output& output) {
  const std::uint64_t retention = TRY(arguments.number("--retention-days", kRetentionDays));
  if (retention > 3650) return usage_failure("--retention-days: expected at most 3650");
  const Offline offline = TRY(Offline::open(arguments));
  const std::chrono::days days(static_cast<int>(retention));
  output.data(to_json(TRY(service::keys_status(offline.rows(), offline.keys(), days))));
  return {};
}

Outcome<void> rotate(const Arguments& arguments, const Output& output) {
  const std::filesystem::path data = TRY(data_of(arguments));
  const auto passphrases = Passphrases::from_options(arguments.all("--passphrase-file"));
  const crypto::SigningKey key =
      TRY(open_key_file(std::filesystem::path(arguments.text("--administrator")), passphrases));
  const MasterKeyPlace place = master_key_place(arguments, data);
  const RotationFiles files = TRY(rotation_files(place, SystemClock().wall()));
  output.note("the old master key will stay as " + files.old.string() +
              ": backups of the keys made before open only with it");
  TRY_VOID(rotate_master_key(data, place, files, key, passphrases));
  output.data(json::object{{"master_key", files.current.string()}, {"old_master_key", files.old.string()}});
  output.note("the gateway starts with " + files.current.string() +
              " from now on. Make a new backup (`flikvakt backup " +
              "create`) and a new copy of the master key. Keep " + files.old.string() +
              " as long as backups made before, apart from them");
  return {};
}

// The data directory and its master key, and the witnesses, as the configuration names them or the options do.
struct Asked {
  LogKeyPlace place;
  std::vector<WitnessOfLog> witnesses;
};

Outcome<Asked> read_asked(const Arguments& arguments) {
  Arguments options = arguments;
  Asked out;
  if (arguments.has("--config")) {
    const Config config = TRY(read_config(arguments.text("--config")));
    options = TRY(with_config(arguments, config));
    if (config.witness_quorum > 0) out.witnesses = config.witnesses;
  }
  out.place.data = TRY(data_of(options));
  out.place.master = master_key_place(options, out.place.data);
  return out;
}

Outcome<void> rotate_log(const Arguments& arguments, const Output& output) {
  const Asked asked = TRY(read_asked(arguments));
  const auto passphrases = Passphrases::from_options(arguments.all("--passphrase-file"));
  const AdministratorKeys keys = TRY(open_administrator_keys(arguments));
  const bool is_compromised = arguments.has("--compromised");
  const WhyReplaced why = is_compromised ? WhyReplaced::compromised : WhyReplaced::in_good_time;
  output.data(TRY(rotate_log_key(asked.place, why, keys, passphrases)));
  output.note(is_compromised
                  ? "from now on the newest key alone signs. Reviewers take it in and the one before out. Witnesses "
                    "have the one before in `former_keys`, and take the newest into `logs`: until a quorum has it "
                    "nothing is cosigned"
                  : "both keys sign now. Give the newest to every witness and everybody who verifies, beside the one "
                    "before; in 30 days at the earliest `flikvakt keys retire-log-key`");
  output.note("make a new backup of the keys (`flikvakt backup create`)");
  return {};
}

Outcome<std::optional<std::uint32_t>> generation_named(const Arguments& arguments) {
  if (!arguments.has("--generation")) return std::optional<std::uint32_t>();
  const std::uint64_t number = TRY(arguments.number("--generation", 0));
  if (number == 0 || number > std::numeric_limits<std::uint32_t>::max())
    return usage_failure("--generation: expected 1, 2, 3 …, as `flikvakt status` shows them");
  return std::optional(static_cast<std::uint32_t>(number));
}

Outcome<void> give_up_log(const Arguments& arguments, const Output& output) {
  if (!arguments.has("--second"))
    return usage_failure("--second: expected another administrator's key: what is said of a key that leaked takes two");
  const std::optional<std::uint32_t> generation = TRY(generation_named(arguments));
  const Asked asked = TRY(read_asked(arguments));
  const auto passphrases = Passphrases::from_options(arguments.all("--passphrase-file"));
  const AdministratorKeys keys = TRY(open_administrator_keys(arguments));
  output.data(TRY(give_up_log_key(asked.place, generation, keys, passphrases)));
  output.note(
      "what this key signed locks nothing any more, and proves nothing without a quorum of witnesses. Witnesses and "
      "reviewers must be told, and take it out: `/v1/log/keys` says so too");
  return {};
}

Outcome<void> retire_log(const Arguments& arguments, const Output& output) {
  if (arguments.has("--compromised")) return give_up_log(arguments, output);
  for (const char* option : {"--second", "--generation"}) {
    if (arguments.has(option))
      return usage_failure(std::string(option) +
                           ": only with --compromised: in good time one administrator retires "
                           "the key that is retiring");
  }
  const Asked asked = TRY(read_asked(arguments));
  std::error_code ignored;
  const bool was_witnessed = std::filesystem::exists(asked.place.data / "cosigned-checkpoint", ignored);
  if (was_witnessed && !arguments.has("--config"))
    return usage_failure(
        "--config: expected the gateway's configuration: its witnesses are asked whether they know "
        "the newer key",
        "one that does not would cosign nothing any more");
  const auto passphrases = Passphrases::from_options(arguments.all("--passphrase-file"));
  const crypto::SigningKey key =
      TRY(open_key_file(std::filesystem::path(arguments.text("--administrator")), passphrases));
  output.data(TRY(retire_log_key(asked.place, key, asked.witnesses, passphrases)));
  output.note(
      "the newest key alone signs. Witnesses take the one before out of their configuration; reviewers keep it "
      "for what they saved");
  return {};
}

Outcome<void> shred_document(const Arguments& arguments, const Output& output) {
  return send_act(arguments, output, {{"kind", "shred"}, {"scope", "document"}, {"document", arguments.text("ID")}});
}

Outcome<void> shred_of_person(const Arguments& arguments, const Output& output, json::object act) {
  const std::string number = TRY(read_number(arguments));
  AdminClient client = TRY(connect_to_gateway(arguments));
  act["person"] = TRY(client.handle_of(number));
  return send_act(arguments, output, std::move(act));
}

Outcome<void> shred_flik(const Arguments& arguments, const Output& output) {
  return shred_of_person(arguments, output, {{"kind", "shred"}, {"scope", "flik"}, {"flik", arguments.text("CODE")}});
}

Outcome<void> shred_person(const Arguments& arguments, const Output& output) {
  return shred_of_person(arguments, output, {{"kind", "shred"}, {"scope", "person"}});
}

std::vector<Option> log_key_options(std::vector<Option> own) {
  own.push_back(
      optional_option("--config", "FILE", "the gateway's configuration, instead of --data and the master key"));
  own.push_back(administrator_option());
  for (Option& shared : master_key_options()) own.push_back(std::move(shared));
  return own;
}

std::vector<Command> log_key_commands() {
  return {
      {"keys rotate-log-key",
       "Give the log a new key, which two administrators announce in it",
       {"flikvakt keys rotate-log-key --config flikvakt.toml --administrator alice.key --second bo.key"},
       log_key_options({required_option("--second", "KEYFILE", "another administrator's key: approves at once"),
                        flag_option("--compromised", "the key that is replaced is in other hands: no overlap")}),
       rotate_log,
       "For a gateway that is stopped. Both keys sign until `keys retire-log-key`, so that nobody must change over at "
       "a\ncertain hour. With --compromised tell the witnesses first, by telephone: each moves\nthe key to its "
       "`former_keys` at once."},
      {"keys retire-log-key",
       "End the overlap: the newest key of the log alone signs. Or give an older key up as compromised",
       {"flikvakt keys retire-log-key --config flikvakt.toml --administrator alice.key",
        "flikvakt keys retire-log-key --compromised --generation 1 --config flikvakt.toml --administrator alice.key "
        "--second bo.key"},
       log_key_options(
           {flag_option("--compromised",
                        "it is in other hands: at once, whoever does not know the newer (takes two administrators)"),
            optional_option("--generation", "N", "with --compromised: that one, also when it is retired already"),
            optional_option("--second", "KEYFILE", "with --compromised: another administrator's key")}),
       retire_log,
       "For a gateway that is stopped, 30 days after the newer key was announced. Asks each witness whether it knows "
       "that\none; `flikvakt status` shows from when on. With --compromised what the older key signed is no evidence "
       "against the log\nany more, unless a quorum of witnesses cosigned it."}};
}

}  // namespace

std::vector<Command> keys_commands() {
  std::vector<Option> for_status = master_key_options();
  for_status.push_back(optional_option("--retention-days", "N", "how long backups of the key store are kept (30)"));
  std::vector<Option> for_rotation = master_key_options();
  for_rotation.push_back(administrator_option());
  std::vector<Command> out{
      {"keys status",
       "Count the gateway's keys, and say when the last erasure is complete in backups",
       {"flikvakt keys status --data data"},
       std::move(for_status),
       status,
       "Works beside a running gateway, on the rows as of one moment."},
      {"keys rotate",
       "Put every key under a new master key",
       {"flikvakt keys rotate --data data --administrator alice.key"},
       std::move(for_rotation),
       rotate,
       "For a gateway that is stopped. The new master key is sealed beside the old one, as FILE.new, "
       "and takes its name\nwhen everything is done; the old one stays as FILE.old-DATE, for "
       "backups made before. After an\ninterruption the one of the two that starts the gateway "
       "counts."}};
  for (Command& command : log_key_commands()) out.push_back(std::move(command));
  out.push_back(
      administrator_command("keys shred-document", "Erase a document for ever (takes two)", "ID --second bo.key",
                            {required_option("ID", "ID", "id of the document"), second_option()}, shred_document));
  out.push_back(administrator_command(
      "keys shred-flik", "Erase a person's flik for ever (takes two)", "CODE --second bo.key --number-file number.txt",
      {required_option("CODE", "CODE", "flik type"), second_option(), number_file_option()}, shred_flik));
  out.push_back(administrator_command("keys shred-person", "Erase everything of a person for ever (takes two)",
                                      "--second bo.key --number-file number.txt",
                                      {second_option(), number_file_option()}, shred_person));
  return out;
}

}  // namespace flikvakt::admin
