#include "admin/administrator_act.h"

#include "admin/key_file.h"
#include "base/files.h"

namespace flikvakt::admin {
namespace {

// Never from whoever answers: it could name itself like another gateway, and carry there what was signed here.
Outcome<std::string> gateway_name(const Arguments& arguments) {
  if (const auto name = arguments.find("--gateway-name")) return *name;
  if (!arguments.has("--data"))
    return usage_failure("--socket goes with --gateway-name NAME", "`flikvakt init` printed it as `name`");
  const std::filesystem::path file = std::filesystem::path(arguments.text("--data")) / kGatewayNameFile;
  const Result<Bytes> bytes = read_file(file, 1024);
  if (!bytes) return usage_failure("the gateway's name: " + bytes.error().message, "give --gateway-name NAME");
  const std::string_view text = as_text(*bytes);
  return std::string(text.substr(0, text.find('\n')));
}

}  // namespace

Option data_option() {
  return optional_option("--data", "DIR", "the gateway's data directory, whose admin.sock is used");
}
Option socket_option() { return optional_option("--socket", "PATH", "the admin socket, instead of --data"); }
Option gateway_name_option() {
  return optional_option("--gateway-name", "NAME", "what the gateway is called; with --data it is read there");
}
Option administrator_option() {
  return required_option("--administrator", "KEYFILE", "your key (or the recovery key): signs the act");
}
Option second_option() {
  return optional_option("--second", "KEYFILE", "another administrator's key: approves at once");
}

Result<void> write_gateway_name(const std::filesystem::path& data, const std::string& name) {
  return write_new_file(data / kGatewayNameFile, as_bytes(name + "\n"));
}

Outcome<AdminClient> connect_to_gateway(const Arguments& arguments) {
  if (!arguments.has("--socket") && !arguments.has("--data"))
    return usage_failure("expected --data DIR, or --socket PATH with --gateway-name NAME");
  const std::string in_data = (std::filesystem::path(arguments.text("--data")) / "admin.sock").string();
  return AdminClient::connect(arguments.find("--socket").value_or(in_data), TRY(gateway_name(arguments)));
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
  for (const Option& shared :
       {administrator_option(), data_option(), socket_option(), gateway_name_option(), passphrase_option()}) {
    own.push_back(shared);
  }
  const std::string line =
      "flikvakt " + name + (example.empty() ? "" : " " + example) + " --data data --administrator alice.key";
  return {std::move(name), std::move(summary), {line}, std::move(own), std::move(run), ""};
}

}  // namespace flikvakt::admin
