#include <algorithm>

#include "admin/commands.h"
#include "admin/fhir.h"
#include "admin/json_text.h"
#include "admin/log_exports.h"
#include "admin/new_file.h"
#include "admin/own_log_file.h"
#include "admin/person_options.h"
#include "admin/reasons.h"

namespace flikvakt::admin {
namespace {

Outcome<void> keep_export(const Arguments& arguments, const Output& output, const std::string& text,
                          json::object said) {
  const std::string out = arguments.text("--out");
  TRY_VOID(keep_new_file("--out", out, as_bytes(text)));
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
  const LogNames names(TRY(client.catalogue()), overview, TRY(read_language(arguments)));
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
  TRY(read_language(arguments));
  TRY_VOID(check_free("--out", arguments.find("--out")));
  const std::string filters = TRY(log_filters(arguments));
  PersonClient client = TRY(connect_as_person(arguments));
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
  PersonClient client = TRY(connect_as_person(arguments));
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
  const Language language = TRY(read_language(arguments));
  TRY_VOID(check_free("--out", arguments.find("--out")));
  PersonClient client = TRY(connect_as_person(arguments));
  const json::value overview = TRY(client.overview());
  const FhirPerson person = fhir_person(client, arguments, overview);
  const json::object bundle = consents_as_fhir(overview, TRY(client.catalogue()), person, language);
  const std::size_t count = rows_of(overview, "fullmakter").size() + rows_of(overview, "sparrar").size();
  return keep_export(arguments, output, pretty_json(bundle) + "\n", {{"consents", count}});
}

Outcome<void> receipt(const Arguments& arguments, const Output& output) {
  const std::uint64_t entry = TRY(arguments.number("ENTRY", 0));
  PersonClient client = TRY(connect_as_person(arguments));
  return keep_proof(arguments, output, to_text(TRY(client.receipt(entry))) + "\n");
}

Outcome<void> prove_log(const Arguments& arguments, const Output& output) {
  PersonClient client = TRY(connect_as_person(arguments));
  return keep_proof(arguments, output, TRY(fetch_own_log_file(client)));
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
  out.push_back(language_option("csv, pdf, usage and fhir"));
  out.push_back(with_number_option());
  return out;
}

}  // namespace

std::vector<Command> person_log_commands() {
  return {
      {"person log",
       "Show who read or tried to read what is yours, newest first; or write it to a file",
       {"flikvakt person log --profile me.toml --limit 50",
        "flikvakt person log --profile me.toml --group readings --outcome refused --from 2026-11-01",
        "flikvakt person log --profile me.toml --export pdf --out log.pdf"},
       with_person_connection(log_options()),
       own_log,
       "Files: json and jsonl (as the gateway answers), csv, pdf, usage (the usage protocol of the Estonian data "
       "tracker), fhir (a Bundle\nof AuditEvents). Each holds the whole log, or what the filters leave; a new file, "
       "for you alone. That you read it is in the log."},
      {"person consents",
       "Write your fullmakter and Sparrar as FHIR Consents",
       {"flikvakt person consents --profile me.toml --out consents.json"},
       with_person_connection({required_option("--out", "FILE", "a new file"), language_option("the names of flikar"),
                               with_number_option()}),
       consents,
       "What they open is decided by the gateway alone: the file says what you have signed."},
      {"person receipt",
       "Fetch the receipt of an entry of your log: a reading, what you signed, what you took back",
       {"flikvakt person receipt ENTRY --profile me.toml --out reading.receipt"},
       with_person_connection({required_option("ENTRY", "N", "as `flikvakt person log` shows it"),
                               required_option("--out", "FILE", "a new file")}),
       receipt,
       "Whoever you give the file to can check it without asking anybody: `flikvakt verify-receipt`. It shows what the "
       "entry says of you."},
      {"person prove-log",
       "Fetch the proof that your log is whole: all that concerns you up to now, and no entry left out",
       {"flikvakt person prove-log --profile me.toml --out own-log.json"},
       with_person_connection({required_option("--out", "FILE", "a new file")}, Represents::no),
       prove_log,
       "Check it with `flikvakt verify-receipt`. Keep the file to yourself: it holds a key that finds your entries, "
       "later ones too,\nin an export of the log. Only with your own key: who represents you gets single receipts "
       "(`person receipt --as ID`)."},
  };
}

}  // namespace flikvakt::admin
