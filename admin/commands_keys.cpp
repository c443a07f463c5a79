#include "admin/administrator_act.h"
#include "admin/commands.h"
#include "admin/key_file.h"
#include "admin/open_core.h"
#include "admin/personnummer_input.h"
#include "admin/rotate_master_key.h"
#include "service/keys_admin.h"

namespace flikvakt::admin {
namespace {

constexpr std::uint64_t kRetentionDays = 30;  // of backups of the key store, unless said otherwise

Outcome<void> status(const Arguments& arguments, const Output& output) {
  const std::filesystem::path data = TRY(data_of(arguments));
  const std::uint64_t retention = TRY(arguments.number("--retention-days", kRetentionDays));
  if (retention > 3650) return usage_failure("--retention-days: expected at most 3650");
  const auto passphrases = Passphrases::from_options(arguments.all("--passphrase-file"));
  crypto::MasterKey master = TRY(read_master_key(master_key_place(arguments, data), passphrases));
  const SystemClock clock;
  std::optional<Error> fatal;
  const service::Core::Hooks hooks{[&](const Error& error) { fatal = error; }, [] {}};
  const auto core = TRY(open_core(data, std::move(master), clock, hooks));
  output.data(to_json(TRY(service::keys_status(*core, std::chrono::days(static_cast<int>(retention))))));
  return {};
}

Outcome<void> rotate(const Arguments& arguments, const Output& output) {
  const std::filesystem::path data = TRY(data_of(arguments));
  const auto passphrases = Passphrases::from_options(arguments.all("--passphrase-file"));
  const crypto::SigningKey key =
      TRY(open_key_file(std::filesystem::path(arguments.text("--administrator")), passphrases));
  TRY_VOID(rotate_master_key(data, master_key_place(arguments, data), key, passphrases));
  output.data(json::object{{"master_key", (data / "master-key").string()}});
  output.note(
      "the old master key opens nothing any more but backups of the key store made before: keep it as long as those");
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

}  // namespace

std::vector<Command> keys_commands() {
  std::vector<Option> for_status = master_key_options();
  for_status.push_back(optional_option("--retention-days", "N", "how long backups of the key store are kept (30)"));
  std::vector<Option> for_rotation = master_key_options();
  for_rotation.push_back(administrator_option());
  std::vector<Command> out{{"keys status",
                            "Count the gateway's keys, and say when the last erasure is complete in backups",
                            {"flikvakt keys status --data data"},
                            std::move(for_status),
                            status,
                            "For a gateway that is stopped; `flikvakt status` counts the keys of a running one."},
                           {"keys rotate",
                            "Put every key under a new master key",
                            {"flikvakt keys rotate --data data --administrator alice.key"},
                            std::move(for_rotation),
                            rotate,
                            "For a gateway that is stopped. The new master key is sealed into DIR/master-key.new "
                            "first, and takes the place of\n"
                            "DIR/master-key when everything is done. After an interruption the one of the two that "
                            "starts the gateway counts."}};
  out.push_back(administrator_command(
      "keys shred-flik", "Erase a person's flik for ever (takes two)", "CODE --second bo.key --number-file number.txt",
      {required_option("CODE", "CODE", "flik type"), second_option(), number_file_option()}, shred_flik));
  out.push_back(administrator_command("keys shred-person", "Erase everything of a person for ever (takes two)",
                                      "--second bo.key --number-file number.txt",
                                      {second_option(), number_file_option()}, shred_person));
  return out;
}

}  // namespace flikvakt::admin
