#include "admin/commands.h"
#include "admin/found_instance.h"
#include "admin/key_file.h"
#include "base/files.h"
#include "certs/dev_pki.h"

namespace flikvakt::admin {
namespace {

Outcome<Stretching> stretching_of(const Arguments& arguments) {
  const std::string written = arguments.text("--argon2");
  if (written.empty() || written == "normal") return Stretching::normal;
  if (written == "fast") return Stretching::fast;
  return usage_failure("--argon2: expected `normal` or `fast`");
}

Option argon2_option() {
  return optional_option("--argon2", "normal|fast",
                         "how hard a passphrase is to guess; fast is weaker, for demonstrations");
}

json::object public_facts(const crypto::PublicKey& key) { return {{"jwk", key.to_jwk()}, {"thumbprint", key_id(key)}}; }

Outcome<void> key_new(const Arguments& arguments, const Output& output) {
  const crypto::SealedKind kind = TRY(parse_key_kind(arguments.text("--kind")));
  const std::filesystem::path file = arguments.text("FILE");
  const auto passphrases = Passphrases::from_options(arguments.all("--passphrase-file"));
  const crypto::SigningKey key = TRY(make_key_file(kind, file, passphrases, TRY(stretching_of(arguments))));
  output.data(public_facts(key.public_key()));
  output.note("made " + file.string() + ". Keep it and its passphrase apart; neither can be made again");
  return {};
}

Outcome<void> key_show(const Arguments& arguments, const Output& output) {
  const auto passphrases = Passphrases::from_options(arguments.all("--passphrase-file"));
  const crypto::SigningKey key = TRY(open_key_file(std::filesystem::path(arguments.text("FILE")), passphrases));
  const json::value jwk = key.public_key().to_jwk();
  if (const auto file = arguments.find("--jwk")) TRY_VOID(write_new_file(*file, as_bytes(to_text(jwk) + "\n")));
  output.data(public_facts(key.public_key()));
  return {};
}

// "Alice=alice.key"
Outcome<Founder> parse_founder(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == text.npos || equals == 0 || equals + 1 == text.size()) {
    return usage_failure("--administrator: expected NAME=KEYFILE, like Alice=alice.key");
  }
  return Founder{text.substr(0, equals), text.substr(equals + 1)};
}

Outcome<void> init(const Arguments& arguments, const Output& output) {
  Founding founding;
  founding.data = arguments.text("--data");
  founding.name = arguments.text("--name");
  founding.origin = arguments.text("--origin");
  for (const std::string& text : arguments.all("--administrator"))
    founding.administrators.push_back(TRY(parse_founder(text)));
  founding.recovery = arguments.text("--recovery");
  founding.use_credential = arguments.has("--credential");
  founding.stretching = TRY(stretching_of(arguments));
  const auto passphrases = Passphrases::from_options(arguments.all("--passphrase-file"));
  output.data(TRY(found_instance(founding, passphrases)));
  output.note("made " + founding.data.string() +
              ". Lay the recovery key away offline, save the log's key, then write a "
              "configuration (`flikvakt serve --example`) and run `flikvakt serve --config FILE`");
  return {};
}

// The key that signs staff assertions, and its public half to register. Tells its thumbprint.
Outcome<std::string> write_assertion_key(const std::filesystem::path& key_file, const std::filesystem::path& jwk_file) {
  const crypto::SigningKey key = crypto::SigningKey::generate(crypto::KeyAlgorithm::ed25519);
  const crypto::SecretText pem = key.to_pem();
  TRY_VOID(write_new_file(key_file, as_bytes(pem.expose())));
  TRY_VOID(write_new_file(jwk_file, as_bytes(to_text(key.public_key().to_jwk()) + "\n")));
  return key_id(key.public_key());
}

// In the forms that `certificate`, `pki revoke` and the like take.
json::object issued_facts(const certs::IssuedIdentity& issued) {
  return {{"certificate", issued.certificate.string()},
          {"key", issued.key.string()},
          {"fingerprint", to_hex(issued.leaf.sha256_fingerprint())},
          {"serial", issued.leaf.serial_hex()}};
}

// A certificate that is registered would be gone without a word.
Outcome<void> check_new_label(const std::filesystem::path& folder, const std::string& label) {
  std::error_code ignored;
  if (!std::filesystem::exists(folder / (label + ".pem"), ignored)) return {};
  return Failure(ExitCode::refused,
                 "`" + (folder / (label + ".pem")).string() + "` exists already: nothing is issued anew",
                 "take another label, or move its files away first");
}

struct ClientName {
  std::string label;
  std::string name;
  std::string number;
};
// "label=Name of the organisation=number"
Outcome<ClientName> parse_client(const std::string& text) {
  const std::size_t first = text.find('=');
  const std::size_t last = text.rfind('=');
  if (first == text.npos || first == last)
    return usage_failure("--client: expected LABEL=NAME=NUMBER, like region=Region Ett=232100-0001");
  return ClientName{text.substr(0, first), text.substr(first + 1, last - first - 1), text.substr(last + 1)};
}

Outcome<json::object> issue_client(const certs::DevPki& pki, const ClientName& client, UtcTime now) {
  const auto issued = TRY(pki.issue_client(client.label, client.name, client.number, now));
  const std::string staff_key = issued.key.parent_path() / (client.label + "-staff.key");
  const std::string staff_jwk = issued.key.parent_path() / (client.label + "-staff.jwk");
  json::object out = issued_facts(issued);
  out["assertion_thumbprint"] = TRY(write_assertion_key(staff_key, staff_jwk));
  out["assertion_key"] = staff_key;
  out["assertion_jwk"] = staff_jwk;
  return out;
}

struct PkiOrder {
  std::vector<std::string> server_names;  // empty: no server certificate
  std::vector<ClientName> clients;
};

// Everything is checked before anything is issued.
Outcome<PkiOrder> pki_order(const Arguments& arguments, const std::filesystem::path& folder, bool is_new) {
  PkiOrder order{arguments.all("--server-name"), {}};
  if (order.server_names.empty() && is_new) order.server_names = {"localhost", "127.0.0.1", "::1"};
  if (!order.server_names.empty()) TRY_VOID(check_new_label(folder, "server"));
  for (const std::string& text : arguments.all("--client")) {
    order.clients.push_back(TRY(parse_client(text)));
    TRY_VOID(check_new_label(folder, order.clients.back().label));
  }
  return order;
}

Outcome<void> pki_dev(const Arguments& arguments, const Output& output) {
  const std::filesystem::path folder = arguments.text("DIR");
  const UtcTime now = SystemClock().wall();
  const bool exists = std::filesystem::exists(folder / "ca.pem");
  const PkiOrder order = TRY(pki_order(arguments, folder, !exists));
  const certs::DevPki pki = exists ? TRY(certs::DevPki::open(folder)) : TRY(certs::DevPki::create(folder, now));
  json::object issued;
  if (!order.server_names.empty())
    issued.emplace("server", issued_facts(TRY(pki.issue_server("server", order.server_names, now))));
  for (const ClientName& client : order.clients) issued.emplace(client.label, TRY(issue_client(pki, client, now)));
  output.data(json::object{{"ca", pki.ca_path().string()},
                           {"ca_fingerprint", to_hex(pki.ca().certificate().sha256_fingerprint())},
                           {"crl", pki.crl_path().string()},
                           {"issued", std::move(issued)}});
  output.note("for development only: the CA's key lies unencrypted in " + folder.string());
  return {};
}

Outcome<void> pki_revoke(const Arguments& arguments, const Output& output) {
  const certs::DevPki pki = TRY(certs::DevPki::open(arguments.text("DIR")));
  const crypto::Crl before = TRY(pki.crl());
  std::vector<std::string> serials = before.revoked_serials();
  for (const std::string& serial : arguments.all("--serial")) serials.push_back(serial);
  const UtcTime now = SystemClock().wall();
  const crypto::Crl after = TRY(pki.write_crl(serials, before.number() + 1, now, now + std::chrono::days(30)));
  output.data(json::object{{"crl", pki.crl_path().string()}, {"number", after.number()}, {"revoked", serials.size()}});
  return {};
}

Command init_command() {
  return {"init",
          "Make a new gateway: its keys, its log, its first two administrators",
          {"flikvakt init --data data --name flikvakt-example --origin flikvakt.example/log \\",
           "    --administrator Alice=alice.key --administrator Bo=bo.key --recovery recovery.key"},
          {required_option("--data", "DIR", "a new or empty directory"),
           required_option("--name", "NAME", "the gateway's name, which every signed act is addressed to"),
           required_option("--origin", "ORIGIN", "the log's name, like flikvakt.example/log; never reused"),
           repeated_option("--administrator", "NAME=KEYFILE", "two or more; each signs the first entry"),
           required_option("--recovery", "KEYFILE", "stands in for a lost administrator; keep it offline"),
           flag_option("--credential", "the master key is the systemd credential flikvakt-master-key"), argon2_option(),
           passphrase_option()},
          init,
          "The master key is made here and sealed by a passphrase into DIR/master-key, unless --credential is given.\n"
          "Make the other key files first, each by its owner: `flikvakt key new --kind administrator FILE`."};
}

}  // namespace

std::vector<Command> set_up_commands() {
  return {
      {"key new",
       "Make a signing key in a file sealed by a passphrase",
       {"flikvakt key new --kind administrator alice.key"},
       {required_option("FILE", "FILE", "the file to make"),
        required_option("--kind", "KIND", "administrator, recovery, or device (of a person)"), argon2_option(),
        passphrase_option()},
       key_new,
       ""},
      {"key show",
       "Show the public half of a key file: JWK and thumbprint",
       {"flikvakt key show alice.key"},
       {required_option("FILE", "FILE", "the key file"),
        optional_option("--jwk", "OUT", "a new file: write the JWK there too"), passphrase_option()},
       key_show,
       ""},
      init_command(),
      {"pki dev",
       "Make a development CA, a server certificate and client certificates",
       {"flikvakt pki dev pki --client 'region=Region Ett=232100-0001'"},
       {required_option("DIR", "DIR", "a new folder, or one that this command made"),
        repeated_option("--client", "LABEL=NAME=NUMBER", "client certificate and assertion key of an organisation"),
        repeated_option("--server-name", "NAME", "names of the server certificate; default: this machine")},
       pki_dev,
       ""},
      {"pki revoke",
       "Put certificates on the revocation list of a development CA",
       {"flikvakt pki revoke pki --serial 0a1b2c"},
       {required_option("DIR", "DIR", "the folder of `pki dev`"), repeated_option("--serial", "HEX", "serial number")},
       pki_revoke,
       ""},
  };
}

}  // namespace flikvakt::admin
