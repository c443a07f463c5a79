#include <algorithm>

#include "admin/ask_for_yes.h"
#include "admin/commands.h"
#include "admin/document_file.h"
#include "admin/fhir.h"
#include "admin/fingerprint.h"
#include "admin/json_text.h"
#include "admin/key_file.h"
#include "admin/log_exports.h"
#include "admin/new_file.h"
#include "admin/own_log_file.h"
#include "admin/person_client.h"
#include "admin/proposal_words.h"
#include "admin/reasons.h"
#include "admin/sparr_terms.h"
#include "base/files.h"
#include "crypto/canonical_json.h"
#include "crypto/hash.h"
#include "crypto/random.h"

namespace flikvakt::admin {
namespace {

std::vector<Option> with_connection(std::vector<Option> own) {
  const std::vector<Option> shared = {
      optional_option("--profile", "FILE", "TOML file with the options below (server, ca, device_key, …)"),
      optional_option("--server", "HOST:PORT", "the portal of the gateway"),
      optional_option("--server-name", "NAME", "name in its certificate, when it is not the host"),
      optional_option("--ca", "FILE", "the certificate authority to trust (PEM)"),
      optional_option("--gateway-name", "NAME", "what the gateway is called; its administrators tell"),
      optional_option("--device-key", "FILE", "your key, made with `flikvakt key new --kind device`"),
      optional_option("--as", "ID", "act as somebody's representative; `flikvakt person me` shows the id"),
      passphrase_option(),
  };
  own.insert(own.end(), shared.begin(), shared.end());
  return own;
}

Outcome<PersonClient> connect(const Arguments& arguments) {
  Profile profile = TRY(profile_of(arguments));
  profile.certificate.clear();  // a person has none
  profile.key.clear();
  if (profile.device_key.empty())
    return usage_failure("--device-key: expected your key file", "make one with `flikvakt key new --kind device FILE`");
  const auto passphrases = Passphrases::from_options(arguments.all("--passphrase-file"));
  crypto::SigningKey key = TRY(open_key_file(crypto::SealedKind::device_key_seed, profile.device_key, passphrases));
  return PersonClient::connect(profile, std::move(key), arguments.text("--as"));
}

Outcome<void> me(const Arguments& arguments, const Output& output) {
  PersonClient client = TRY(connect(arguments));
  output.data(TRY(client.overview()));
  return {};
}

Outcome<Language> language_of(const Arguments& arguments) {
  const std::string given = arguments.find("--language").value_or("sv");
  if (given != "sv" && given != "en") return usage_failure("--language: expected sv or en");
  return given == "sv" ? Language::sv : Language::en;
}

Outcome<void> keep_export(const Arguments& arguments, const Output& output, const std::string& text,
                          json::object said) {
  const std::string out = arguments.text("--out");
  const Result<void> written = write_new_file(out, as_bytes(text));
  if (!written) return Failure(ExitCode::refused, "--out: " + written.error().message, "choose another name");
  said["out"] = out;
  said["bytes"] = text.size();
  output.data(said);
  return {};
}

// The number of the person's own stands in a file only when it is asked for.
FhirPerson fhir_person(PersonClient& client, const Arguments& arguments, const json::value& overview) {
  FhirPerson out{client.gateway_name(), client.pseudonym(), {}};
  const json::value* numbers = overview.is_object() ? overview.get_object().if_contains("numbers") : nullptr;
  if (arguments.has("--with-number") && numbers) {
    const auto read = from_json<std::vector<std::string>>(*numbers);
    if (read) out.numbers = *read;
  }
  return out;
}

Outcome<std::string> log_in_form(const std::string& form, PersonClient& client, const Arguments& arguments,
                                 const FetchedLog& log) {
  if (form == "json") return log_as_json(log);
  if (form == "jsonl") return log_as_json_lines(log);
  const json::value overview = TRY(client.overview());
  const LogNames names(TRY(client.catalogue()), overview, TRY(language_of(arguments)));
  if (form == "csv") return log_as_csv(log, names);
  if (form == "usage") return log_as_usage(log, names);
  if (form == "pdf") return TRY(log_as_pdf(log, names));
  const FhirPerson person = fhir_person(client, arguments, overview);
  return pretty_json(log_as_fhir(log, names, person, TRY(profile_of(arguments)).server)) + "\n";
}

constexpr std::string_view kForms[] = {"json", "jsonl", "csv", "pdf", "usage", "fhir"};

Outcome<void> export_own_log(const Arguments& arguments, const Output& output) {
  const std::string form = arguments.text("--export");
  if (std::ranges::find(kForms, form) == std::end(kForms))
    return usage_failure("--export: expected json, jsonl, csv, pdf, usage or fhir");
  if (!arguments.has("--out")) return usage_failure("--export goes with --out FILE");
  if (arguments.has("--limit") || arguments.has("--page") || arguments.has("--below"))
    return usage_failure("--export takes the whole log, or what the filters leave: no --limit, --page or --below");
  TRY(language_of(arguments));
  TRY_VOID(check_free("--out", arguments.find("--out")));
  const std::string filters = TRY(log_filters(arguments));
  PersonClient client = TRY(connect(arguments));
  const FetchedLog log = TRY(fetch_log(client, filters));
  const std::string text = TRY(log_in_form(form, client, arguments, log));
  return keep_export(arguments, output, text,
                     {{"entries", log.entries.size()}, {"total", log.total}, {"begins", log.begins}});
}

Outcome<void> own_log(const Arguments& arguments, const Output& output) {
  if (arguments.has("--export")) return export_own_log(arguments, output);
  if (arguments.has("--out")) return usage_failure("--out goes with --export");
  std::string query = "limit=" + std::to_string(TRY(arguments.number("--limit", 20)));
  for (const std::string name : {"page", "below"}) {
    if (arguments.has("--" + name)) query += "&" + name + "=" + std::to_string(TRY(arguments.number("--" + name, 1)));
  }
  const std::string filters = TRY(log_filters(arguments));
  if (!filters.empty()) query += "&" + filters;
  PersonClient client = TRY(connect(arguments));
  const json::value page = TRY(client.log(query));
  output.data(page, as_plain_text(with_words(page)));
  if (!page.is_object()) return {};
  const json::value* begins = page.get_object().if_contains("begins");
  output.note(begins ? "the log begins at " + on_one_line(text_of(*begins, "time"))
                     : "where the log begins cannot be read: tell the förbund");
  if (page.get_object().contains("next"))
    output.note("what is older: the same with --below " + std::to_string(TRY(needed_count(page.get_object(), "next"))));
  return {};
}

Outcome<void> consents(const Arguments& arguments, const Output& output) {
  TRY_VOID(check_free("--out", arguments.find("--out")));
  PersonClient client = TRY(connect(arguments));
  const json::value overview = TRY(client.overview());
  const FhirPerson person = fhir_person(client, arguments, overview);
  const json::object bundle = consents_as_fhir(overview, TRY(client.catalogue()), person);
  const std::size_t count = rows_of(overview, "fullmakter").size() + rows_of(overview, "sparrar").size();
  return keep_export(arguments, output, pretty_json(bundle) + "\n", {{"consents", count}});
}

Outcome<void> keep_proof(const Arguments& arguments, const Output& output, const std::string& text) {
  const std::string out = arguments.text("--out");
  const Result<void> written = write_new_file(out, as_bytes(text));
  if (!written) return Failure(ExitCode::refused, "--out: " + written.error().message, "choose another name");
  output.data(json::object{{"out", out}, {"bytes", text.size()}});
  output.note("check it: flikvakt verify-receipt " + out + " --log-key KEY");
  return {};
}

Outcome<void> receipt(const Arguments& arguments, const Output& output) {
  const std::uint64_t entry = TRY(arguments.number("ENTRY", 0));
  PersonClient client = TRY(connect(arguments));
  return keep_proof(arguments, output, to_text(TRY(client.receipt(entry))) + "\n");
}

Outcome<void> prove_log(const Arguments& arguments, const Output& output) {
  PersonClient client = TRY(connect(arguments));
  return keep_proof(arguments, output, TRY(fetch_own_log_file(client)));
}

Outcome<void> fetch_document(const Arguments& arguments, const Output& output) {
  PersonClient client = TRY(connect(arguments));
  const FetchOrder order{arguments.text("DOCUMENT"), arguments.text("--reading"), "", arguments.text("--range")};
  return fetch_to_file(order, arguments.text("--out"), output,
                       [&](const FetchOrder& asked, const FetchSink& sink) { return client.fetch(asked, sink); });
}

// The id of what was signed or set is chosen here: `revoke` and `lift` ask for it. What waits says for whom.
void show(const Output& output, json::value answer, const json::object& act) {
  if (const auto id = text_member(act, "id"); id && answer.is_object()) answer.get_object().emplace("id", *id);
  output.data(answer);
  if (text_of(answer, "status") != "proposed") return;
  output.note(
      "nothing has changed yet, this takes two who act jointly: the other one looks at it with `flikvakt person "
      "me --as ID`,\nand signs it with `flikvakt person approve " +
      text_of(answer, "proposal") + " --as ID`, within 14 days");
}

// The version seen is what --seen-version says, or what the person's overview shows now.
Outcome<void> widen(const Arguments& arguments, const Output& output, json::object act) {
  PersonClient client = TRY(connect(arguments));
  std::uint64_t seen = 0;
  if (arguments.has("--seen-version")) {
    seen = TRY(arguments.number("--seen-version", 0));
  } else {
    seen = TRY(consent_version(TRY(client.overview())));
  }
  show(output, TRY(client.act(act, seen)), act);
  return {};
}

Outcome<void> narrow(const Arguments& arguments, const Output& output, json::object act) {
  PersonClient client = TRY(connect(arguments));
  show(output, TRY(client.act(act)), act);
  return {};
}

// One act from a file, symbols and text expanded.
Outcome<json::object> act_of(const Arguments& arguments, const std::string& kind) {
  const std::filesystem::path file = arguments.text("FILE");
  std::vector<json::value> acts = TRY(read_act_file(file));
  if (acts.size() != 1 || !acts[0].is_object()) return usage_failure("`" + file.string() + "`: expected one act");
  acts[0].get_object().emplace("kind", kind);
  Symbols symbols = TRY(Symbols::read(arguments.text("--ids")));
  const Expander expander{symbols, file.parent_path(), [](const std::string&) -> Result<std::string> {
                            return fail(ErrorCode::invalid, "an act of a person names nobody else by number");
                          }};
  json::object act = TRY(expand_act(acts[0], expander));
  if (!act.contains("id")) act["id"] = crypto::random_id<ActId>().text();
  if (arguments.has("--ids")) TRY_VOID(symbols.write(arguments.text("--ids")));
  return act;
}

Outcome<void> sign(const Arguments& arguments, const Output& output) {
  return widen(arguments, output, TRY(act_of(arguments, "sign_fullmakt")));
}
// Against everyone it needs no file.
Outcome<json::object> sparr_act(const Arguments& arguments) {
  if (arguments.has("FILE") && says_sparr(arguments))
    return usage_failure("expected FILE alone, or options that say what to block",
                         "an end may stand in the file too: \"until\": \"2026-12-01T00:00:00Z\"");
  if (arguments.has("FILE")) return act_of(arguments, "set_sparr");
  if (!says_sparr(arguments))
    return usage_failure("expected FILE, or one of --flik, --document, --dated and --everything");
  return json::object{{"kind", "set_sparr"},
                      {"id", crypto::random_id<ActId>().text()},
                      {"terms", TRY(sparr_terms(arguments, SystemClock().wall()))}};
}

Outcome<void> sparr(const Arguments& arguments, const Output& output) {
  const json::object act = TRY(sparr_act(arguments));
  PersonClient client = TRY(connect(arguments));
  const json::value* terms = act.if_contains("terms");
  if (const std::string flik = terms ? text_of(*terms, "flik") : ""; !flik.empty())
    TRY_VOID(check_flik(TRY(client.catalogue()), flik));
  show(output, TRY(client.act(act)), act);
  return {};
}

Outcome<void> reconfirm(const Arguments& arguments, const Output& output) {
  return widen(arguments, output, {{"kind", "reconfirm"}});
}
Outcome<void> remove_key(const Arguments& arguments, const Output& output) {
  const std::string thumbprint = to_base64url(TRY(parse_fingerprint("THUMBPRINT", arguments.text("THUMBPRINT"))));
  return narrow(arguments, output, {{"kind", "remove_key"}, {"thumbprint", thumbprint}});
}
Outcome<void> refer(const Arguments& arguments, const Output& output) {
  return narrow(arguments, output, TRY(act_of(arguments, "sign_referral")));
}

// The row of that id in a list of the overview.
Outcome<json::object> own_row(const json::value& overview, std::string_view list, const std::string& id) {
  for (const json::object& row : rows_of(overview, list)) {
    if (text_of(row, "id") == id) return row;
  }
  return Failure(ExitCode::refused, "`" + id + "` is not among your " + std::string(list),
                 "`flikvakt person me` shows them");
}

// What it changes is what the overview shows now, so that only the difference needs to be written down.
Outcome<void> complete(const Arguments& arguments, const Output& output) {
  json::object act = TRY(act_of(arguments, "sign_komplettering"));
  act.erase("id");
  PersonClient client = TRY(connect(arguments));
  const json::value overview = TRY(client.overview());
  const std::uint64_t stands = TRY(consent_version(overview));
  const std::uint64_t seen = TRY(arguments.number("--seen-version", stands));
  const std::string fullmakt = text_of(act, "fullmakt");
  if (fullmakt.empty()) return usage_failure("the file lacks `fullmakt`, the id of the one it adds to");
  const json::object standing = TRY(own_row(overview, "fullmakter", fullmakt));
  act.emplace("previous", TRY(needed_member(standing, "signed_sha256")));
  show(output, TRY(client.act(act, seen)), act);
  return {};
}

// The plan is shown with its hash, and signed only when that hash is given: a plan that was put in its place meanwhile
// is another one.
Outcome<void> sign_kontrakt(const Arguments& arguments, const Output& output) {
  PersonClient client = TRY(connect(arguments));
  const json::value overview = TRY(client.overview());
  const std::string id = arguments.text("ID");
  const json::object kontrakt = TRY(own_row(overview, "kontrakt", id));
  const json::value* plan = kontrakt.if_contains("proposed");
  if (!plan) return Failure(ExitCode::refused, "no new version of this kontrakt is proposed");
  const std::string hash = to_hex(crypto::sha256(as_bytes(crypto::canonical(*plan))));
  if (!arguments.has("--plan")) {
    output.data(json::object{{"plan", *plan}, {"sha256", hash}});
    output.note("to sign this plan: flikvakt person sign-kontrakt " + id + " --plan " + hash);
    return {};
  }
  if (arguments.text("--plan") != hash) {
    return Failure(ExitCode::refused, "the plan that is proposed now is not the one you looked at: nothing was signed",
                   "look again: `flikvakt person sign-kontrakt " + id + "`");
  }
  const std::uint64_t version = TRY(needed_count(kontrakt, "version")) + 1;
  const json::object act{{"kind", "sign_kontrakt"}, {"id", id}, {"version", version}, {"plan", *plan}};
  show(output, TRY(client.act(act, TRY(consent_version(overview)))), act);
  return {};
}

Outcome<void> hand_over(const Arguments& arguments, const Output& output) {
  return widen(arguments, output,
               {{"kind", "sign_hand_over"}, {"id", arguments.text("ID")}, {"team", arguments.text("--team")}});
}

// What stands now under the id that the act names, so that nobody signs a number.
Outcome<std::string> named_row(const json::value& overview, const json::object& act) {
  struct Named {
    std::string_view kind, list, member;
  };
  constexpr Named kNamed[] = {{"resume_fullmakt", "fullmakter", "id"},
                              {"sign_komplettering", "fullmakter", "fullmakt"},
                              {"lift_sparr", "sparrar", "id"},
                              {"sign_kontrakt", "kontrakt", "id"},
                              {"sign_hand_over", "cases", "id"}};
  const std::string kind = text_member(act, "kind").value_or("");
  const auto found = std::ranges::find(kNamed, kind, &Named::kind);
  if (found == std::end(kNamed)) return std::string();
  return as_plain_text(json::value(TRY(own_row(overview, found->list, text_member(act, found->member).value_or("")))));
}

// Of two guardians who act jointly: what the other one signed, looked at and signed too.
Outcome<void> approve(const Arguments& arguments, const Output& output) {
  PersonClient client = TRY(connect(arguments));
  const json::value overview = TRY(client.overview());
  const std::string id = arguments.text("PROPOSAL");
  const json::object waiting = TRY(own_row(overview, "proposals", id));
  output.note(proposal_in_words(waiting, TRY(client.catalogue())));
  const std::string row = TRY(named_row(overview, waiting.at("act").as_object()));
  if (!row.empty()) output.note("about what stands now:\n" + row);
  if (!arguments.has("--yes")) TRY_VOID(ask_for_yes("flikvakt person me"));
  const json::object act{{"kind", "approve"}, {"proposal", id}, {"act", TRY(needed_object(waiting, "act"))}};
  show(output, TRY(client.act(act, TRY(consent_version(overview)))), act);
  return {};
}

Outcome<void> withdraw(const Arguments& arguments, const Output& output) {
  return narrow(arguments, output, {{"kind", "withdraw_proposal"}, {"proposal", arguments.text("PROPOSAL")}});
}

json::object act_on_id(std::string_view kind, const Arguments& arguments) {
  return {{"kind", kind}, {"id", arguments.text("ID")}};
}

Command by_id_command(std::string name, std::string summary, std::string_view kind, bool widens) {
  std::vector<Option> own{required_option("ID", "ID", "32 hex digits, as `flikvakt person me` shows them")};
  if (widens)
    own.push_back(optional_option("--seen-version", "N", "consent version you saw; asked for when not given"));
  const std::string example = "flikvakt " + name + " ID --profile me.toml";
  return {std::move(name),
          std::move(summary),
          {example},
          with_connection(std::move(own)),
          [kind, widens](const Arguments& arguments, const Output& output) {
            return widens ? widen(arguments, output, act_on_id(kind, arguments))
                          : narrow(arguments, output, act_on_id(kind, arguments));
          },
          ""};
}

constexpr std::string_view kWrittenTerms =
    "The file:\n\n"
    "  {\"terms\": {\"disclosers\": [\"ID of an organisation\"],\n"
    "             \"recipients\": [{\"kind\": \"team\", \"id\": \"ID\"}], \"flikar\": [\"journal\"], \"documents\": "
    "[],\n"
    "             \"purpose\": \"rehab\", \"rights\": [\"read\"], \"valid_from\": \"2026-12-01T00:00:00Z\",\n"
    "             \"valid_to\": \"2027-06-01T00:00:00Z\", \"secrecy_consent\": \"osl-10-1\",\n"
    "             \"legal_ground\": \"gdpr-6-1-e\", \"language\": \"sv\"},\n"
    "   \"text_file\": \"shown.txt\"}\n\n"
    "What `text_file` holds is signed word for word. ";
constexpr std::string_view kWrittenDelta =
    "The file:\n\n"
    "  {\"fullmakt\": \"ID\", \"language\": \"sv\", \"text_file\": \"shown.txt\",\n"
    "   \"delta\": {\"disclosers\": [], \"recipients\": [], \"flikar\": [\"plan\"], \"documents\": [], \"rights\": "
    "[]}}\n\n"
    "What `text_file` holds is signed word for word; ";

enum class Widens { no, yes };

Command from_file(std::string name, std::string summary, std::string notes, Widens widens,
                  std::function<Outcome<void>(const Arguments&, const Output&)> run) {
  const std::string example = "flikvakt " + name + " act.json --profile me.toml";
  std::vector<Option> own{required_option("FILE", "FILE", "the act's members as JSON"),
                          optional_option("--ids", "FILE", "ids of symbols like \"$region\"")};
  if (widens == Widens::yes)
    own.push_back(optional_option("--seen-version", "N", "consent version you saw; asked for when not given"));
  return {std::move(name), std::move(summary), {example}, with_connection(std::move(own)),
          std::move(run),  std::move(notes)};
}

Option with_number_option() {
  return flag_option("--with-number",
                     "fhir: name you by your personnummer; else nobody sees from the file who you are");
}

std::vector<Option> log_options() {
  std::vector<Option> out{optional_option("--limit", "N", "entries on a page (20)"),
                          optional_option("--page", "N", "from 1; not with filters"),
                          optional_option("--below", "N", "entries number N - 1 and older")};
  for (Option& option : log_filter_options()) out.push_back(std::move(option));
  out.push_back(optional_option("--export", "FORM", "json, jsonl, csv, pdf, usage or fhir"));
  out.push_back(optional_option("--out", "FILE", "with --export: a new file"));
  out.push_back(optional_option("--language", "sv|en", "of csv, pdf, usage and fhir (sv)"));
  out.push_back(with_number_option());
  return out;
}

std::vector<Option> sparr_command_options() {
  std::vector<Option> out{optional_option("FILE", "FILE", "the act's members as JSON, for a Sparr of another kind"),
                          optional_option("--ids", "FILE", "ids of symbols like \"$region\"")};
  for (Option& option : sparr_options()) out.push_back(std::move(option));
  return out;
}

}  // namespace

std::vector<Command> person_commands() {
  return {
      {"person me",
       "Show your fullmakter, Sparrar, requests, cases, kontrakt, teams, representatives, keys and documents",
       {"flikvakt person me --profile me.toml"},
       with_connection({}),
       me,
       ""},
      {"person log",
       "Show who read or tried to read what is yours, newest first; or write it to a file",
       {"flikvakt person log --profile me.toml --limit 50",
        "flikvakt person log --profile me.toml --group readings --outcome refused --from 2026-11-01",
        "flikvakt person log --profile me.toml --export pdf --out log.pdf"},
       with_connection(log_options()),
       own_log,
       "Files: json and jsonl (as the gateway answers), csv, pdf, usage (the usage protocol of the Estonian data "
       "tracker), fhir (a Bundle\nof AuditEvents). Each holds the whole log, or what the filters leave; a new file, "
       "for you alone. That you read it is in the log."},
      {"person consents",
       "Write your fullmakter and Sparrar as FHIR Consents",
       {"flikvakt person consents --profile me.toml --out consents.json"},
       with_connection({required_option("--out", "FILE", "a new file"), with_number_option()}),
       consents,
       "What they open is decided by the gateway alone: the file says what you have signed."},
      {"person receipt",
       "Fetch the receipt of an entry of your log: a reading, what you signed, what you took back",
       {"flikvakt person receipt ENTRY --profile me.toml --out reading.receipt"},
       with_connection({required_option("ENTRY", "N", "as `flikvakt person log` shows it"),
                        required_option("--out", "FILE", "a new file")}),
       receipt,
       "Whoever you give the file to can check it without asking anybody: `flikvakt verify-receipt`. It shows what the "
       "entry says of you."},
      {"person prove-log",
       "Fetch the proof that your log is whole: all that concerns you up to now, and no entry left out",
       {"flikvakt person prove-log --profile me.toml --out own-log.json"},
       with_connection({required_option("--out", "FILE", "a new file")}),
       prove_log,
       "Check it with `flikvakt verify-receipt`. Keep the file to yourself: it holds a key that finds your entries, "
       "later "
       "ones too, in an export of the log."},
      {"person fetch",
       "Download a document of your own",
       {"flikvakt person fetch DOCUMENT --profile me.toml --out journal.pdf"},
       with_connection({optional_option("DOCUMENT", "ID", "id of the document"),
                        optional_option("--reading", "ID", "go on with a reading that broke off"),
                        optional_option("--range", "FIRST-LAST", "only these bytes"),
                        optional_option("--out", "FILE", "where to write; else stdout")}),
       fetch_document,
       ""},
      from_file("person sign", "Sign a fullmakt",
                std::string(kWrittenTerms) + "Members: sign_fullmakt in spec/acts.schema.json.", Widens::yes, sign),
      from_file(
          "person complete", "Add to a fullmakt that stands: only the difference is signed",
          std::string(kWrittenDelta) + "`previous` is looked up. Members: sign_komplettering in spec/acts.schema.json.",
          Widens::yes, complete),
      by_id_command("person decline", "Say no to a request for access; what stands stays as it is", "decline_request",
                    false),
      by_id_command("person pause", "Pause a fullmakt: access under it ends at once", "pause_fullmakt", false),
      by_id_command("person resume", "Resume a paused fullmakt", "resume_fullmakt", true),
      by_id_command("person revoke", "Take a fullmakt back: access under it ends at once", "revoke_fullmakt", false),
      {"person sparr",
       "Set a Sparr: it beats every fullmakt",
       {"flikvakt person sparr --flik journal --profile me.toml",
        "flikvakt person sparr --everything --until 2026-12-01 --profile me.toml",
        "flikvakt person sparr act.json --profile me.toml"},
       with_connection(sparr_command_options()),
       sparr,
       "The file: {\"terms\": {\"target\": \"flik\", \"flik\": \"journal\", \"everyone\": true, "
       "\"recipients\": []}}"},
      by_id_command("person lift", "Lift a Sparr", "lift_sparr", true),
      {"person reconfirm",
       "After a restore: say that what you have given counts again",
       {"flikvakt person reconfirm --profile me.toml"},
       with_connection({optional_option("--seen-version", "N", "consent version you saw; asked for when not given")}),
       reconfirm,
       "Look first: `flikvakt person me`. What you took back after the backup was made stands in it again: revoke it "
       "anew.\n"
       "Your key must have been proposed and confirmed anew."},
      {"person remove-key",
       "Take a key of yours away: it opens nothing any more",
       {"flikvakt person remove-key THUMBPRINT --profile me.toml"},
       with_connection({required_option("THUMBPRINT", "THUMBPRINT", "as `flikvakt person me` shows it")}),
       remove_key,
       ""},
      by_id_command("person close-case", "End a case", "close_case", false),
      {"person hand-over",
       "Let another team take over a case, as your team proposed",
       {"flikvakt person hand-over ID --team ID --profile me.toml"},
       with_connection({required_option("ID", "ID", "the case"), required_option("--team", "ID", "the new team"),
                        optional_option("--seen-version", "N", "consent version you saw; asked for when not given")}),
       hand_over,
       ""},
      {"person approve",
       "As one of two guardians: look at what the other one signed, and sign it too",
       {"flikvakt person approve PROPOSAL --as ID --profile me.toml"},
       with_connection({required_option("PROPOSAL", "ID", "as `flikvakt person me --as ID` shows it"),
                        flag_option("--yes", "do not ask: you have looked at it before")}),
       approve,
       "Whoever is registered to act jointly for somebody opens nothing alone; taking back needs nobody else."},
      {"person withdraw",
       "Take back what waits for a second: a paper in your name, or what one of two guardians signed",
       {"flikvakt person withdraw PROPOSAL --profile me.toml"},
       with_connection({required_option("PROPOSAL", "ID", "as `flikvakt person me` shows it")}),
       withdraw,
       ""},
      {"person sign-kontrakt",
       "Look at the next version of your kontrakt, and sign it",
       {"flikvakt person sign-kontrakt ID --profile me.toml",
        "flikvakt person sign-kontrakt ID --plan SHA256 --profile me.toml"},
       with_connection({required_option("ID", "ID", "the kontrakt"),
                        optional_option("--plan", "SHA256", "sign the plan that was shown with this hash")}),
       sign_kontrakt,
       ""},
      by_id_command("person end-representative", "End what a representative may do for you, or you for another",
                    "end_representative", false),
      from_file("person refer", "Sign a referral to a Konsultation team",
                "The file: {\"team\": …, \"focus\": \"illness\", \"meetings\": []}", Widens::no, refer),
  };
}

}  // namespace flikvakt::admin
