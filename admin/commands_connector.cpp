// Connectors (spec/connector.md): the folder that a gateway has them with, invitations, who is there.
#include "admin/administrator_act.h"
#include "admin/commands.h"
#include "admin/connector_ca.h"
#include "admin/new_file.h"
#include "crypto/hash.h"
#include "crypto/random.h"

namespace flikvakt::admin {
namespace {

constexpr std::string_view kCodePrefix = "fvk1-";
constexpr std::size_t kSecretBytes = 20;
constexpr std::chrono::hours kValidUnasked{72};

// "90s", "15m", "3h", "7d".
Outcome<std::chrono::seconds> duration_of(const std::string& text) {
  const auto wrong = [&] { return usage_failure("--valid: expected a time like 90s, 15m, 3h or 7d, at most 14d"); };
  if (text.size() < 2 || text.size() > 8) return wrong();
  std::int64_t count = 0;
  for (const char c : text.substr(0, text.size() - 1)) {
    if (c < '0' || c > '9') return wrong();
    count = count * 10 + (c - '0');
  }
  const std::map<char, std::int64_t> units{{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86'400}};
  const auto unit = units.find(text.back());
  if (unit == units.end() || count == 0) return wrong();
  const std::chrono::seconds out{count * unit->second};
  return out <= std::chrono::days(14) ? Outcome<std::chrono::seconds>(out) : wrong();
}

Outcome<Bytes> seal_key_of(AdminClient& client) {
  const json::value answer = TRY(client.ask("/v1/seal-keys"));
  const json::value* keys = answer.is_object() ? answer.get_object().if_contains("keys") : nullptr;
  if (!keys || !keys->is_array() || keys->get_array().empty() || !keys->get_array().front().is_string())
    return Failure(ExitCode::refused, "the gateway has no connectors",
                   "`flikvakt connector init FOLDER`, then `connectors = \"FOLDER\"` in its configuration");
  return TRY(from_base64url(keys->get_array().front().get_string()));
}

// SPEC CONN-4: who has the code knows the connector's id, a secret, and by its pin the one gateway to show it to.
std::string code_text(const ConnectorId& id, BytesView secret, BytesView seal_key) {
  return std::string(kCodePrefix) +
         to_base64url(ByteWriter().bytes(id.value()).bytes(secret).bytes(crypto::sha256(seal_key)).view());
}

Outcome<void> enrol(const Arguments& arguments, const Output& output) {
  const std::chrono::seconds valid =
      arguments.has("--valid") ? TRY(duration_of(arguments.text("--valid"))) : std::chrono::seconds(kValidUnasked);
  const ConnectorId id =
      arguments.has("--connector") ? TRY(arguments.id<ConnectorId>("--connector")) : crypto::random_id<ConnectorId>();
  AdminClient client = TRY(connect_to_gateway(arguments));
  const Bytes seal_key = TRY(seal_key_of(client));
  const auto secret = crypto::random_bytes<kSecretBytes>();
  const std::string code = code_text(id, secret, seal_key);
  const std::string file = arguments.text("--code-file");
  if (!file.empty()) TRY_VOID(write_new_file(file, as_bytes(code + "\n")));
  json::object act{{"kind", "invite_connector"},
                   {"id", id.text()},
                   {"organisation", arguments.text("--organisation")},
                   {"staff", arguments.text("--staff")},
                   {"name", arguments.text("--name")},
                   {"end_to_end", arguments.has("--end-to-end")},
                   {"code", to_base64url(crypto::sha256(secret))},
                   {"code_expires", to_rfc3339(SystemClock().wall() + valid)}};
  json::object shown{{"id", id.text()}};
  if (file.empty()) shown["code"] = code;
  TRY_VOID(send_act(arguments, output, std::move(act), shown));
  output.note(
      "give the code to the partner's IT over a channel that you trust; it counts once. There: "
      "`flikvakt-connector enrol --config connector.toml --code-file FILE`");
  return {};
}

Outcome<void> init(const Arguments& arguments, const Output& output) {
  const std::filesystem::path folder(arguments.text("FOLDER"));
  const std::string name = arguments.find("--name").value_or("Flikvakt connectors");
  TRY_VOID(ConnectorCa::init(folder, name, SystemClock().wall()));
  output.data(json::object{{"folder", folder.string()}}, folder.string());
  output.note("now `flikvakt issuer add " + (folder / "ca.pem").string() +
              "` (two administrators), and `connectors = \"" + folder.string() +
              "\"` with `connector_trust` in the gateway's configuration");
  return {};
}

Outcome<void> list(const Arguments& arguments, const Output& output) {
  AdminClient client = TRY(connect_to_gateway(arguments));
  output.data(TRY(client.ask("/v1/connectors")));
  return {};
}

}  // namespace

std::vector<Command> connector_commands() {
  std::vector<Command> out;
  out.push_back({"connector init",
                 "Make the folder that a gateway has connectors with: their CA and the keys they seal for",
                 {"flikvakt connector init connectors"},
                 {required_option("FOLDER", "DIR", "where; it must not be there yet"),
                  optional_option("--name", "NAME", "of the CA, in the certificates")},
                 init,
                 "The CA's key opens nothing by itself: a certificate counts once it is in the log."});
  out.push_back({"connector list",
                 "Show the connectors: who is there, what waits with them, when they last cosigned; no personal data",
                 {"flikvakt connector list --data data"},
                 {data_option(), socket_option(), gateway_name_option()},
                 list,
                 ""});
  out.push_back(administrator_command(
      "organisation enrol", "Invite a connector of an organisation, with a code that counts once (takes two)",
      "--organisation ID --staff ID --name 'Region Ett, driftsal A' --second bo.key",
      {required_option("--organisation", "ID", "whose connector it is"),
       required_option("--staff", "ID", "the member of its staff in whose name it deposits and answers"),
       required_option("--name", "NAME", "what it is called, by the organisation and its place"),
       optional_option("--connector", "ID", "one that is there already: it enrols anew"),
       flag_option("--end-to-end", "it may come by sealed messages, where a proxy opens TLS"),
       optional_option("--valid", "TIME", "how long the code counts: 90s, 15m, 3h, 7d (72h)"),
       optional_option("--code-file", "FILE", "write the code there instead of showing it"), second_option()},
      enrol));
  return out;
}

}  // namespace flikvakt::admin
