#include "admin/administrator_act.h"

#include "admin/key_file.h"

namespace flikvakt::admin {

Option data_option() {
  return optional_option("--data", "DIR", "the gateway's data directory, whose admin.sock is used");
}
Option socket_option() { return optional_option("--socket", "PATH", "the admin socket, instead of --data"); }
Option administrator_option() {
  return required_option("--administrator", "KEYFILE", "your key (or the recovery key): signs the act");
}
Option second_option() {
  return optional_option("--second", "KEYFILE", "another administrator's key: approves at once");
}

Outcome<AdminClient> connect_to_gateway(const Arguments& arguments) {
  if (const auto socket = arguments.find("--socket")) return AdminClient::connect(*socket);
  if (const auto data = arguments.find("--data"))
    return AdminClient::connect(std::filesystem::path(*data) / "admin.sock");
  return usage_failure("expected --data DIR or --socket PATH");
}

Outcome<AdministratorKeys> open_administrator_keys(const Arguments& arguments) {
  const auto passphrases = Passphrases::from_options(arguments.all("--passphrase-file"));
  AdministratorKeys keys{TRY(open_key_file(std::filesystem::path(arguments.text("--administrator")), passphrases)), {}};
  if (const auto file = arguments.find("--second")) {
    keys.second = TRY(open_key_file(std::filesystem::path(*file), passphrases));
  }
  return keys;
}

Outcome<void> send_act(const Arguments& arguments, const Output& output, json::object act, const json::object& shown) {
  AdminClient client = TRY(connect_to_gateway(arguments));
  const AdministratorKeys keys = TRY(open_administrator_keys(arguments));
  json::value answer = TRY(client.act(keys.first, keys.second_or_none(), std::move(act)));
  const json::object* object = answer.if_object();
  const json::value* proposal = object ? object->if_contains("proposal") : nullptr;
  const std::string waiting = proposal && !keys.second ? std::string(proposal->as_string()) : "";
  if (object) {
    for (const auto& [name, value] : shown) answer.get_object().emplace(name, value);
  }
  output.data(answer);
  if (!waiting.empty()) {
    output.note("this takes two: another administrator now runs `flikvakt approve " + waiting +
                " --administrator KEYFILE` within 14 days");
  }
  return {};
}

Command administrator_command(std::string name, std::string summary, std::string example, std::vector<Option> own,
                              std::function<Outcome<void>(const Arguments&, const Output&)> run) {
  for (const Option& shared : {administrator_option(), data_option(), socket_option(), passphrase_option()}) {
    own.push_back(shared);
  }
  const std::string line =
      "flikvakt " + name + (example.empty() ? "" : " " + example) + " --data data --administrator alice.key";
  return {std::move(name), std::move(summary), {line}, std::move(own), std::move(run), ""};
}

}  // namespace flikvakt::admin
