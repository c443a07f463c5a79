#include "admin/act_members.h"
#include "admin/administrator_act.h"
#include "admin/commands.h"
#include "admin/fingerprint.h"
#include "admin/personnummer_input.h"
#include "admin/written_file.h"
#include "base/files.h"
#include "crypto/random.h"
#include "policy/acts_of_administrators.h"

namespace flikvakt::admin {
namespace {

const Option kSecond = second_option();
const Option kId = id_option();

// An act that registers something under an id: the id is chosen here and shown.
using Fields = std::function<Outcome<json::object>(const Arguments&)>;
auto register_with_id(std::string kind, Fields fields) {
  return [kind = std::move(kind), fields = std::move(fields)](const Arguments& arguments,
                                                              const Output& output) -> Outcome<void> {
    json::object act = TRY(fields(arguments));
    const std::string id = TRY(id_for(arguments));
    act["kind"] = kind;
    act["id"] = id;
    return send_act(arguments, output, std::move(act), {{"id", id}});
  };
}
auto register_as(std::string kind, Fields fields) {
  return [kind = std::move(kind), fields = std::move(fields)](const Arguments& arguments,
                                                              const Output& output) -> Outcome<void> {
    json::object act = TRY(fields(arguments));
    act["kind"] = kind;
    return send_act(arguments, output, std::move(act));
  };
}

Outcome<json::object> organisation(const Arguments& a) {
  return json::object{
      {"name", a.text("--name")}, {"number", a.text("--number")}, {"organisation_kind", a.text("--kind")}};
}
Outcome<json::object> unit(const Arguments& a) {
  return json::object{{"organisation", a.text("--organisation")}, {"name", a.text("--name")}};
}
Outcome<json::object> staff(const Arguments& a) {
  json::object out{
      {"organisation", a.text("--organisation")}, {"name", a.text("--name")}, {"roles", array_of(a.all("--role"))}};
  if (const auto of = a.find("--unit")) out["unit"] = *of;
  return out;
}
Outcome<json::object> team(const Arguments& a) {
  return json::object{
      {"organisation", a.text("--organisation")}, {"name", a.text("--name")}, {"lead", a.text("--lead")}};
}
// ---- What is known by its SHA-256: shown in the form that the other commands take

std::string hex_of(const json::object& act, std::string_view member) {
  const Result<Bytes> hash = from_base64url(act.at(member).as_string());
  return hash ? to_hex(*hash) : std::string();
}

auto register_certificate_as(std::string kind, Fields fields) {
  return [kind = std::move(kind), fields = std::move(fields)](const Arguments& arguments,
                                                              const Output& output) -> Outcome<void> {
    json::object act = TRY(fields(arguments));
    act["kind"] = kind;
    const json::object shown{{"fingerprint", hex_of(act, "fingerprint")}};
    return send_act(arguments, output, std::move(act), shown);
  };
}

Outcome<json::object> certificate(const Arguments& a) {
  json::object out = TRY(certificate_fields(a.text("CERT"), a.text("--issuer")));
  out["organisation"] = a.text("--organisation");
  return out;
}
Outcome<json::object> issuer(const Arguments& a) { return issuer_fields(a.text("CA")); }
Outcome<json::object> assertion_key(const Arguments& a) {
  json::object out = TRY(key_fields(a.text("KEY")));
  out["organisation"] = a.text("--organisation");
  return out;
}
Outcome<void> assertion_key_add(const Arguments& arguments, const Output& output) {
  json::object act = TRY(assertion_key(arguments));
  act["kind"] = "register_assertion_key";
  const json::object shown{{"thumbprint", act.at("thumbprint")}};
  return send_act(arguments, output, std::move(act), shown);
}
Outcome<json::object> flik_type(const Arguments& a) {
  json::object out{{"code", a.text("CODE")},
                   {"name_sv", a.text("--swedish")},
                   {"name_en", a.text("--english")},
                   {"description", a.text("--description")},
                   {"sensitivity", a.find("--sensitivity").value_or("sensitive")}};
  if (a.has("--only-person")) out["only_person"] = true;
  return out;
}
Outcome<json::object> authorisation(const Arguments& a) {
  return json::object{{"organisation", a.text("--organisation")},
                      {"areas", array_of(a.all("--area"))},
                      {"valid_from", TRY(time_of("--from", a.text("--from")))},
                      {"valid_to", TRY(end_of("--to", a.text("--to")))}};
}
Outcome<json::object> administrator(const Arguments& a) {
  json::object out = TRY(key_fields(a.text("KEY")));
  out["name"] = a.text("--name");
  return out;
}

// What the file leaves out is read; a mistake in it is told before anything is sent.
Outcome<json::object> fullmakt_template(const Arguments& a) {
  const std::string file = a.text("FILE");
  json::value written = TRY(read_written(file, a));
  if (!written.is_object()) return usage_failure("`" + file + "`: expected the members of a template");
  json::object act = written.get_object();
  act.emplace("rights", json::array{"read"});
  json::object whole = act;
  whole["id"] = crypto::random_id<TemplateId>().text();
  const auto checked = from_json<policy::RegisterTemplate>(json::value(whole));
  if (!checked) return usage_failure("`" + file + "`: " + checked.error().message);
  return act;
}

constexpr std::size_t kLargestRoots = 32u << 10;

// What `file` says, as members of the act; a mistake in it is told before anything is sent.
template <class T>
Outcome<json::object> members_in(const std::string& file, const Arguments& a, const json::object& beside) {
  const json::value written = TRY(read_written(file, a));
  if (!written.is_object()) return usage_failure("`" + file + "`: expected members of " + std::string(T::kKind));
  json::object act = written.get_object();
  for (const auto& [name, value] : beside) act[name] = value;
  const auto checked = from_json<T>(json::value(act));
  if (!checked) return usage_failure("`" + file + "`: " + checked.error().message);
  return act;
}

Outcome<json::object> oidc_issuer(const Arguments& a) {
  const Result<Bytes> roots = read_file(a.text("--ca"), kLargestRoots);
  if (!roots) return usage_failure("--ca: " + roots.error().message);
  return members_in<policy::SetOidcIssuer>(a.text("FILE"), a, {{"ca", std::string(as_text(*roots))}});
}
Outcome<json::object> staff_key(const Arguments& a) {
  return members_in<policy::RegisterStaffKey>(a.text("FILE"), a, {{"staff", a.text("--staff")}});
}
Outcome<json::object> subject(const Arguments& a) {
  json::object out{{"staff", a.text("ID")}};
  if (const auto of = a.find("--subject")) out["subject"] = *of;
  return out;
}

// A kontrakt is written as a file; whose it is comes from standard input, never from the command line.
Outcome<void> kontrakt_add(const Arguments& arguments, const Output& output) {
  json::object act = TRY(read_plan(arguments.text("PLAN"), arguments));
  const std::string number = TRY(read_number(arguments));
  AdminClient client = TRY(connect_to_gateway(arguments));
  act["person"] = TRY(client.handle_of(number));
  act["kind"] = "register_kontrakt";
  const std::string id = TRY(id_for(arguments));
  act["id"] = id;
  return send_act(arguments, output, std::move(act), {{"id", id}});
}

Outcome<void> kontrakt_propose(const Arguments& arguments, const Output& output) {
  json::object plan = TRY(read_plan(arguments.text("PLAN"), arguments));
  const std::string id = TRY(arguments.id<KontraktId>("ID")).text();
  return send_act(arguments, output, {{"kind", "propose_kontrakt"}, {"id", id}, {"plan", std::move(plan)}});
}

// What is proposed is not done: it waits for another administrator.
std::string summary_of(const Applied& applied) {
  std::vector<std::string> waiting;
  for (const json::value& answer : applied.answers) {
    const json::value* proposal = answer.is_object() ? answer.get_object().if_contains("proposal") : nullptr;
    const json::value* status = answer.is_object() ? answer.get_object().if_contains("status") : nullptr;
    if (proposal && proposal->is_string() && status && *status == "proposed")
      waiting.emplace_back(proposal->get_string());
  }
  std::string out = std::to_string(applied.answers.size() - waiting.size()) + " done";
  if (waiting.empty()) return out;
  out += ", " + std::to_string(waiting.size()) + (waiting.size() == 1 ? " waits" : " wait") +
         " for another administrator, within 14 days:";
  for (const std::string& id : waiting) out += "\n  flikvakt approve " + id + " --administrator KEYFILE";
  return out;
}

Outcome<void> apply(const Arguments& arguments, const Output& output) {
  AdminClient client = TRY(connect_to_gateway(arguments));
  const auto from = TRY(arguments.number("--from", 1));
  const ApplyOptions options{arguments.text("FILE"), arguments.text("--ids"), from};
  if (options.from == 0) return usage_failure("--from: expected a number from 1");
  const AdministratorKeys keys = TRY(open_administrator_keys(arguments));
  const Applied applied = TRY(apply_file(client, keys.first, keys.second_or_none(), options));
  output.data(json::object{{"ids", applied.symbols.to_json()},
                           {"acts", json::array(applied.answers.begin(), applied.answers.end())}},
              as_plain_text(applied.symbols.to_json()));
  output.note(summary_of(applied));
  return {};
}

Outcome<void> overdue(const Arguments& arguments, const Output& output) {
  AdminClient client = TRY(connect_to_gateway(arguments));
  const AdministratorKeys keys = TRY(open_administrator_keys(arguments));
  output.data(TRY(client.act(keys.first, json::object{{"kind", "list_overdue"}})));
  return {};
}

Outcome<void> status(const Arguments& arguments, const Output& output) {
  AdminClient client = TRY(connect_to_gateway(arguments));
  output.data(TRY(client.status()));
  return {};
}

Outcome<void> metrics(const Arguments& arguments, const Output& output) {
  AdminClient client = TRY(connect_to_gateway(arguments));
  const std::string text = TRY(client.metrics());
  output.data(json::object{{"metrics", text}}, text);
  return {};
}

bool is_hash(const std::string& noun) {
  return noun == "certificate" || noun == "issuer" || noun == "assertion_key" || noun == "staff_key";
}
bool is_code(const std::string& noun) { return noun == "flik_type" || noun == "oidc_issuer"; }

// suspend, remove (one administrator) and reinstate (two), for any noun of the registry.
void add_standing(std::vector<Command>& out, const std::string& words, const std::string& noun,
                  const std::string& what) {
  const std::string argument = is_code(noun) ? "CODE" : is_hash(noun) ? "FINGERPRINT" : "ID";
  const auto act = [noun, argument](std::string kind) {
    return register_as(std::move(kind), [noun, argument](const Arguments& a) -> Outcome<json::object> {
      const std::string id =
          is_hash(noun) ? to_hex(TRY(parse_fingerprint(argument, a.text(argument)))) : a.text(argument);
      return json::object{{"noun", noun}, {"id", id}};
    });
  };
  const Option id = required_option(argument, argument, what);
  out.push_back(administrator_command(words + " suspend", "Suspend it: access through it ends at once", argument, {id},
                                      act("suspend")));
  out.push_back(administrator_command(words + " remove", "Remove it for good: access through it ends at once", argument,
                                      {id}, act("remove")));
  out.push_back(administrator_command(words + " reinstate", "Undo a suspension (takes two)",
                                      argument + " --second bo.key", {id, kSecond}, act("reinstate")));
}

void add_organisations(std::vector<Command>& out) {
  const Option of = required_option("--organisation", "ID", "the organisation it belongs to");
  const Option name = required_option("--name", "NAME", "its name");
  out.push_back(administrator_command(
      "organisation add", "Register an organisation (takes two)",
      "--name 'Region Ett' --number 232100-0001 --kind region --second bo.key",
      {name, required_option("--number", "NUMBER", "organisationsnummer, as in its certificates"),
       required_option("--kind", "KIND", "authority, municipality, region, provider, association or forbund"), kId,
       kSecond},
      register_with_id("register_organisation", organisation)));
  add_standing(out, "organisation", "organisation", "id of the organisation");
  out.push_back(administrator_command("unit add", "Register a unit of an organisation",
                                      "--organisation ID --name 'Vårdcentralen'", {of, name, kId},
                                      register_with_id("register_unit", unit)));
  add_standing(out, "unit", "unit", "id of the unit");
  out.push_back(administrator_command(
      "staff add", "Register a member of staff", "--organisation ID --name 'Kim Ek' --role registrar",
      {of, name, optional_option("--unit", "ID", "the unit they work in"),
       repeated_option("--role", "ROLE", "roster_officer, registrar or log_reviewer"), kId},
      register_with_id("register_staff", staff)));
  add_standing(out, "staff", "staff", "id of the staff member");
  out.push_back(administrator_command("team add", "Register a Konsultation team and its lead (takes two)",
                                      "--organisation ID --name 'Konsultation Norr' --lead ID --second bo.key",
                                      {of, name, required_option("--lead", "ID", "staff who leads it"), kId, kSecond},
                                      register_with_id("register_team", team)));
  add_standing(out, "team", "team", "id of the team");
}

void add_credentials(std::vector<Command>& out) {
  const Option of = required_option("--organisation", "ID", "whose it is");
  out.push_back(administrator_command("issuer add", "Accept a certificate authority of organisations (takes two)",
                                      "ca.pem --second bo.key",
                                      {required_option("CA", "FILE", "its certificate (PEM)"), kSecond},
                                      register_certificate_as("register_issuer", issuer)));
  add_standing(out, "issuer", "issuer", "SHA-256 of the certificate, in hex or base64url, as `registry show` has it");
  out.push_back(administrator_command("certificate add", "Register a client certificate of an organisation (takes two)",
                                      "region.pem --issuer ca.pem --organisation ID --second bo.key",
                                      {required_option("CERT", "FILE", "the certificate (PEM)"),
                                       required_option("--issuer", "FILE", "the CA that issued it (PEM)"), of, kSecond},
                                      register_certificate_as("register_certificate", certificate)));
  add_standing(out, "certificate", "certificate",
               "SHA-256 of the certificate, in hex or base64url, as `registry show` has it");
  out.push_back(administrator_command(
      "assertion-key add", "Register the key that signs an organisation's staff assertions (takes two)",
      "region-staff.pub.pem --organisation ID --second bo.key",
      {required_option("KEY", "FILE", "public key: PEM or JWK"), of, kSecond}, assertion_key_add));
  add_standing(out, "connector", "connector", "id of the connector: its certificates and its key go with it");
  add_standing(out, "assertion-key", "assertion_key",
               "thumbprint of the key, in hex or base64url, as `registry show` has it");
  out.push_back(administrator_command("administrator add", "Register an administrator (takes two)",
                                      "carol.jwk --name Carol --second bo.key",
                                      {required_option("KEY", "FILE", "public key: JWK of `flikvakt key show --jwk`"),
                                       required_option("--name", "NAME", "their name"), kId, kSecond},
                                      register_with_id("register_administrator", administrator)));
  add_standing(out, "administrator", "administrator", "id of the administrator");
}

// How people and staff come by browser (spec/oidc.md, spec/webauthn.md).
void add_sign_in(std::vector<Command>& out) {
  Command set = administrator_command(
      "oidc-issuer set", "Accept an issuer of ID tokens, or change where it is found (takes two)",
      "e-id.toml --ca roots.pem --second bo.key",
      {required_option("FILE", "FILE", "the issuer, as TOML or JSON"),
       required_option("--ca", "FILE", "the roots that its servers are under (PEM)"), ids_option(), kSecond},
      register_as("set_oidc_issuer", oidc_issuer));
  set.notes =
      "The file, as TOML:\n\n"
      "  code = \"e-id\"                           # ours\n"
      "  name = \"Exempel e-legitimation\"         # as people see it\n"
      "  issuer = \"https://issuer.example\"       # `iss` of its tokens\n"
      "  client_id = \"flikvakt\"                  # what we are there\n"
      "  acr = [\"http://id.elegnamnden.se/loa/1.0/loa3\"]\n"
      "  # organisation = \"ID\"                   # whose staff it vouches for, instead of persons\n"
      "  # staff_claim = \"employeeHsaId\"         # then: the claim that says who\n"
      "  authorization_endpoint = \"https://issuer.example/auth\"\n"
      "  token_endpoint = \"https://issuer.example/token\"\n"
      "  jwks_uri = \"https://issuer.example/jwks\"\n\n"
      "Every person sees in their overview which issuers there are and when they last changed.";
  out.push_back(std::move(set));
  add_standing(out, "oidc-issuer", "oidc_issuer", "code of the issuer of ID tokens");
  out.push_back(administrator_command(
      "staff-key add", "Register a passkey of a staff member (takes two)", "passkey.json --staff ID --second bo.key",
      {required_option("FILE", "FILE", "what the portal gave when the passkey was made: thumbprint, jwk, passkey"),
       required_option("--staff", "ID", "whose it is"), ids_option(), kSecond},
      register_as("register_staff_key", staff_key)));
  add_standing(out, "staff-key", "staff_key",
               "thumbprint of the passkey, in hex or base64url, as `registry show` has it");
  out.push_back(administrator_command(
      "staff subject", "Say who a staff member is to their organisation's issuer of ID tokens",
      "ID --subject SE2120000000-1A2B",
      {required_option("ID", "ID", "id of the staff member"),
       optional_option("--subject", "VALUE", "what the issuer's claim says; if not given: nobody any more")},
      register_as("set_subject", subject)));
}

void add_catalogue(std::vector<Command>& out) {
  out.push_back(administrator_command(
      "flik-type add", "Add a kind of flik to the catalogue",
      "journal --swedish Journal --english 'Medical record' --description '…'",
      {required_option("CODE", "CODE", "1 to 16 of a-z, 0-9 and hyphen"),
       required_option("--swedish", "NAME", "name in Swedish"), required_option("--english", "NAME", "name in English"),
       required_option("--description", "TEXT", "in plain words, for the person"),
       optional_option("--sensitivity", "LEVEL", "ordinary, sensitive (default) or highly_sensitive"),
       flag_option("--only-person", "for good: nobody but the person opens what is in it, whatever a fullmakt says")},
      register_as("register_flik_type", flik_type)));
  add_standing(out, "flik-type", "flik_type", "code of the flik type");
  out.push_back(administrator_command(
      "flik-type telling", "Say whether recipients may hear that a Sparr blocks more in this flik (takes two)",
      "journal --tell yes --second bo.key",
      {required_option("CODE", "CODE", "code of the flik type"), required_option("--tell", "YES|NO", "yes or no"),
       kSecond},
      register_as("set_telling", [](const Arguments& a) -> Outcome<json::object> {
        const std::string tell = a.text("--tell");
        if (tell != "yes" && tell != "no") return usage_failure("--tell: expected yes or no");
        return json::object{{"code", a.text("CODE")}, {"tells_blocked", tell == "yes"}};
      })));
  out.push_back(administrator_command(
      "log naming", "Say whether a person's own log names the staff who acted, from now on (takes two)",
      "--staff yes --second bo.key", {required_option("--staff", "YES|NO", "yes or no"), kSecond},
      register_as("set_naming", [](const Arguments& a) -> Outcome<json::object> {
        const std::string named = a.text("--staff");
        if (named != "yes" && named != "no") return usage_failure("--staff: expected yes or no");
        return json::object{{"names_staff", named == "yes"}};
      })));
  const auto end = [](std::string kind) {
    return register_as(std::move(kind), [](const Arguments& a) -> Outcome<json::object> {
      return json::object{{"id", a.text("ID")}};
    });
  };
  out.push_back(administrator_command(
      "authorisation add", "Record that a provider is authorised for areas",
      "--organisation ID --area coaching --from 2026-01-01 --to 2026-12-31",
      {required_option("--organisation", "ID", "the provider"), repeated_option("--area", "AREA", "an area of work"),
       required_option("--from", "TIME", "when it begins, or the day (UTC)"),
       required_option("--to", "TIME", "when it ends, or the day (UTC) that is its last"), kId},
      register_with_id("register_authorisation", authorisation)));
  out.push_back(administrator_command("authorisation end", "End an authorisation: the provider's access ends at once",
                                      "ID", {required_option("ID", "ID", "id of the authorisation")},
                                      end("end_authorisation")));
  add_standing(out, "provider-entry", "provider_entry", "id of the provider whose entry in the catalogue it is");
  out.push_back(administrator_command("kontrakt end", "End a kontrakt: access through it ends at once", "ID",
                                      {required_option("ID", "ID", "id of the kontrakt")}, end("end_kontrakt")));
}

void add_templates(std::vector<Command>& out) {
  Command add = administrator_command(
      "template add", "Register a fullmakt that people sign as it is printed (takes two)",
      "meeting.toml --second bo.key",
      {required_option("FILE", "FILE", "the template, as TOML or JSON"), ids_option(), kId, kSecond},
      register_with_id("register_template", fullmakt_template));
  add.notes =
      "The file, as TOML:\n\n"
      "  purpose = \"konsultation\"\n"
      "  disclosers = [\"ID of an organisation\"]\n"
      "  recipients = [\"team=ID\"]                 # or organisation=, unit=, staff=\n"
      "  flikar = [\"journal\"]\n"
      "  rights = [\"read\"]                        # if not given; or also \"deposit\"\n"
      "  days = 365                               # the longest that one may be valid\n"
      "  secrecy_consent = \"osl-10-1\"\n"
      "  legal_ground = \"gdpr-6-1-e\"\n"
      "  [[texts]]                                # one for each language\n"
      "  language = \"sv\"\n"
      "  name = \"Inför mötet\"\n"
      "  text_file = \"meeting.sv.txt\"            # or text = \"…\": word for word what is signed";
  out.push_back(std::move(add));
  add_standing(out, "template", "fullmakt_template", "id of the template");
}

void add_kontrakt(std::vector<Command>& out) {
  const Option plan =
      required_option("PLAN", "FILE", "the plan, as TOML or JSON; of JSON also only the array of parts");
  const std::string notes =
      "The plan, as TOML:\n\n"
      "  goals = \"Tillbaka i arbete på halvtid\"\n"
      "  [[milestones]]                           # delmål\n"
      "  text = \"Praktikplats funnen\"\n"
      "  due = 2027-01-31\n"
      "  [[parts]]\n"
      "  insats = \"Jobbsökarstöd\"\n"
      "  provider = \"ID of the provider\"\n"
      "  area = \"karriar\"                         # one that the provider is authorised for\n"
      "  valid_from = 2026-12-01                  # the beginning of the day (UTC), or a time\n"
      "  valid_to = 2027-05-31                    # the end of the day (UTC), or a time\n"
      "  goals = \"En anställning\"\n"
      "  ceiling = 40000                          # whole kronor; may be left out";
  Command add = administrator_command(
      "kontrakt add", "Register a person's kontrakt; the personnummer is read from standard input",
      "plan.toml < number.txt", {plan, number_file_option(), ids_option(), kId}, kontrakt_add);
  add.notes = notes;
  out.push_back(std::move(add));
  Command propose = administrator_command(
      "kontrakt propose", "Propose the next version of a kontrakt: it runs when the person has signed it",
      "ID plan.toml", {required_option("ID", "ID", "id of the kontrakt"), plan, ids_option()}, kontrakt_propose);
  propose.notes = "It is the whole new plan. A milestone whose text stays the same stays reached.\n" + notes;
  out.push_back(std::move(propose));
}

void add_rest(std::vector<Command>& out) {
  out.push_back(administrator_command("overdue", "Count what organisations have not acknowledged or erased in time", "",
                                      {}, overdue));
  out.push_back(administrator_command("clock accept", "Confirm the machine's clock after the gateway doubted it", "",
                                      {}, register_as("accept_clock", [](const Arguments&) -> Outcome<json::object> {
                                        return json::object{{"wall", to_rfc3339(SystemClock().wall())}};
                                      })));
  out.push_back(
      {"apply",
       "Carry out the acts of a file, in order, with both administrators' keys",
       {"flikvakt apply setup.json --ids ids.json --administrator alice.key --second bo.key --data data"},
       {required_option("FILE", "FILE", "{\"acts\": [ … ]}, see docs/OPERATIONS.md"), administrator_option(), kSecond,
        optional_option("--ids", "FILE", "keeps the ids of symbols like \"$region\" between runs"),
        optional_option("--from", "N", "begin with this act (1 is the first)"), data_option(), socket_option(),
        gateway_name_option(), passphrase_option()},
       apply,
       "Ids may be symbols: every \"$region\" is the same new id. Stops at the first refusal and says how to go on."});
  out.push_back({"status",
                 "Show the state of the running gateway; no personal data",
                 {"flikvakt status --data data"},
                 {data_option(), socket_option(), gateway_name_option()},
                 status,
                 ""});
  out.push_back({"metrics",
                 "Print figures of the running gateway for a monitor (Prometheus' text format); no personal data",
                 {"flikvakt metrics --data data"},
                 {data_option(), socket_option(), gateway_name_option()},
                 metrics,
                 ""});
}

}  // namespace

std::vector<Command> registry_commands() {
  std::vector<Command> out;
  add_organisations(out);
  add_credentials(out);
  add_sign_in(out);
  add_catalogue(out);
  add_templates(out);
  add_kontrakt(out);
  add_rest(out);
  return out;
}

}  // namespace flikvakt::admin
