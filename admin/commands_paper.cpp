// The registrar's desk: what a person signed on paper, or says by word of mouth.
#include "admin/act_members.h"
#include "admin/commands.h"
#include "admin/json_text.h"
#include "admin/sparr_terms.h"
#include "admin/staff_act.h"
#include "admin/written_file.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "policy/person.h"

namespace flikvakt::admin {
namespace {

Outcome<json::object> written_object(const Arguments& a, const std::string& argument) {
  json::value written = TRY(read_written(a.text(argument), a));
  if (!written.is_object()) return usage_failure("`" + a.text(argument) + "`: expected an object");
  return std::move(written.get_object());
}

// The days of `terms` or `delta`; the scan and the request, which every fullmakt on paper may have.
Outcome<void> add_paper(const Arguments& a, json::object& act) {
  for (const std::string_view name : {"terms", "delta"}) {
    if (json::value* written = act.if_contains(name); written && written->is_object())
      TRY_VOID(complete_period(written->get_object(), a.text("FILE")));
  }
  act["scan_sha256"] = TRY(scan_of(a));
  if (a.has("--request")) act["request"] = TRY(a.id<RequestId>("--request")).text();
  return {};
}

// With a template the terms are looked up when the gateway is reached.
Outcome<json::object> paper_fullmakt(const Arguments& a) {
  if (a.has("FILE") == a.has("--template"))
    return usage_failure("expected FILE, or --template ID for a paper that was printed from a template");
  json::object act;
  if (a.has("--template")) {
    act["based_on"] = TRY(a.id<TemplateId>("--template")).text();
    TRY_VOID(a.number("--days", 0));
  } else {
    if (a.has("--days") || a.has("--language")) return usage_failure("--days and --language go with --template");
    act = TRY(written_object(a, "FILE"));
    if (!act.contains("terms") || !act.contains("text"))
      return usage_failure("`" + a.text("FILE") + "`: expected `terms`, and `text` or `text_file`");
  }
  TRY_VOID(add_paper(a, act));
  return act;
}

Outcome<json::object> find_template(PartnerClient& client, const std::string& id) {
  for (const json::object& one : rows_of(TRY(client.catalogue()), "templates")) {
    if (text_of(one, "id") == id) return one;
  }
  return Failure(ExitCode::refused, "there is no template `" + id + "` that may be signed now: nothing was sent");
}

Outcome<json::object> text_in(const json::object& found, const std::string& language) {
  std::string known;
  for (const json::object& one : rows_of(found, "texts")) {
    if (text_of(one, "language") == language) return one;
    known += (known.empty() ? "" : ", ") + text_of(one, "language");
  }
  return usage_failure("--language: the template has no text in `" + language + "`, only in " + known);
}

// SPEC TMPL-3: just the terms and a text of the template, from now on.
Outcome<void> fill_from_template(const Arguments& a, PartnerClient& client, json::object& act) {
  if (!a.has("--template")) return {};
  const json::object found = TRY(find_template(client, a.text("--template")));
  const std::string language = a.find("--language").value_or("sv");
  const json::object text = TRY(text_in(found, language));
  const std::uint64_t longest = TRY(needed_count(found, "days"));
  const std::uint64_t days = TRY(a.number("--days", longest));
  if (days == 0 || days > longest)
    return usage_failure("--days: expected 1 to " + std::to_string(longest) + ", as the template has it");
  const UtcTime now = std::chrono::floor<std::chrono::seconds>(SystemClock().wall());
  json::object terms{{"documents", json::array()},
                     {"valid_from", to_rfc3339(now)},
                     {"valid_to", to_rfc3339(now + std::chrono::days(days))},
                     {"language", language}};
  for (const std::string_view name :
       {"disclosers", "recipients", "flikar", "purpose", "rights", "secrecy_consent", "legal_ground"})
    terms[name] = TRY(needed_member(found, name));
  act["text"] = TRY(needed_member(text, "text"));
  act["terms"] = std::move(terms);
  return {};
}

void add_text_hash(json::object& act, json::object& where) {
  const auto text = text_member(act, "text");
  if (text) where["text_sha256"] = to_base64url(crypto::sha256(as_bytes(*text)));
}

Outcome<void> complete_fullmakt(const Arguments& a, PartnerClient& client, json::object& act) {
  TRY_VOID(fill_from_template(a, client, act));
  if (json::value* terms = act.if_contains("terms"); terms && terms->is_object())
    add_text_hash(act, terms->get_object());
  return {};
}

Outcome<json::object> paper_komplettering(const Arguments& a) {
  json::object act = TRY(written_object(a, "FILE"));
  act["fullmakt"] = TRY(a.id<FullmaktId>("FULLMAKT")).text();
  for (const std::string_view name : {"delta", "language", "text"}) {
    if (!act.contains(name)) return usage_failure("`" + a.text("FILE") + "`: expected `" + std::string(name) + "`");
  }
  TRY_VOID(add_paper(a, act));
  add_text_hash(act, act);
  return act;
}

// What it changes is what stands now, when this registrar may see it; else the file says it.
Outcome<void> complete_komplettering(const Arguments&, PartnerClient& client, json::object& act) {
  if (act.contains("previous")) return {};
  const json::value listing = TRY(client.fullmakter(text_of(act, "person")));
  for (const json::object& row : rows_of(listing, "fullmakter")) {
    if (text_of(row, "id") == text_of(act, "fullmakt")) act["previous"] = TRY(needed_member(row, "signed_sha256"));
  }
  if (act.contains("previous")) return {};
  return Failure(ExitCode::refused, "`flikvakt fullmakter` does not show you this fullmakt: nothing was sent",
                 "write its `signed_sha256`, which the person and its recipients see, into the file as `previous`");
}

Outcome<json::object> paper_kontrakt(const Arguments& a) {
  const std::uint64_t version = TRY(a.number("--version", 0));
  if (version < 2) return usage_failure("--version: expected the number that the plan gets, from 2");
  return json::object{{"id", TRY(a.id<KontraktId>("ID")).text()},
                      {"version", version},
                      {"plan", TRY(read_plan(a.text("PLAN"), a))},
                      {"scan_sha256", TRY(scan_of(a))}};
}

Outcome<json::object> paper_narrowing(const Arguments& a) {
  json::object act{{"revoke", TRY(ids_of(a, "--revoke"))}, {"revoke_all", a.has("--revoke-all")}};
  if (says_sparr(a)) {
    act["sparr_terms"] = TRY(sparr_terms(a, SystemClock().wall()));
    act["sparr"] = crypto::random_id<SparrId>().text();
  }
  if (a.has("--end-representatives")) act["end_representatives"] = true;
  if (act.at("revoke").get_array().empty() && act.size() == 2 && !a.has("--revoke-all"))
    return usage_failure("expected what to take away: --revoke ID, --revoke-all, a Sparr, or --end-representatives");
  return act;
}

std::string narrowing_in_words(const json::object& act) {
  std::vector<std::string> parts;
  const std::size_t some = act.at("revoke").get_array().size();
  if (act.at("revoke_all") == true)
    parts.emplace_back("every fullmakt is revoked, for good");
  else if (some > 0)
    parts.push_back(std::to_string(some) + (some == 1 ? " fullmakt is" : " fullmakter are") + " revoked, for good");
  if (const json::value* terms = act.if_contains("sparr_terms")) parts.push_back(sparr_in_words(terms->get_object()));
  if (act.contains("end_representatives")) parts.emplace_back("nobody acts for the person any more");
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : "; ") + part;
  return out;
}

// A misspelt flik is told at once. Without the catalogue it is sent as it is: taking away waits for nothing.
Outcome<void> check_narrowing(const Arguments& a, PartnerClient& client, json::object&) {
  const auto flik = a.find("--flik");
  if (!flik) return {};
  const Result<json::value> catalogue = client.catalogue();
  return catalogue ? check_flik(*catalogue, *flik) : Outcome<void>();
}

Outcome<json::object> paper_referral(const Arguments& a) {
  json::object act{{"team", TRY(a.id<TeamId>("--team")).text()},
                   {"focus", TRY(word_of<policy::CaseFocus>("--focus", a.text("--focus")))},
                   {"meetings", TRY(moments_of(a, "--meeting"))}};
  if (const auto triage = a.find("--triage")) act["triage"] = TRY(day_of("--triage", *triage));
  return act;
}

Outcome<json::object> paper_lift(const Arguments& a) {
  return json::object{{"id", TRY(a.id<SparrId>("ID")).text()}, {"scan_sha256", TRY(scan_of(a))}};
}

Outcome<json::object> paper_hand_over(const Arguments& a) {
  return json::object{{"id", TRY(a.id<CaseId>("ID")).text()},
                      {"team", TRY(a.id<TeamId>("--team")).text()},
                      {"scan_sha256", TRY(scan_of(a))}};
}

std::vector<Option> narrowing_options() {
  std::vector<Option> out{repeated_option("--revoke", "ID", "revoke a fullmakt, for good"),
                          flag_option("--revoke-all", "revoke every fullmakt, for good"),
                          flag_option("--end-representatives", "nobody acts for the person any more")};
  for (Option& option : sparr_options("a Sparr: ")) out.push_back(std::move(option));
  return out;
}

void add_fullmakter(std::vector<Command>& out) {
  const Option request = optional_option("--request", "ID", "the request for access that it answers");
  out.push_back(staff_command(
      {"desk paper-fullmakt",
       "Record a fullmakt that the person signed on paper",
       "paper_fullmakt",
       "--template ID --days 180 --scan scan.pdf",
       About::person,
       {optional_option("FILE", "FILE", "terms and text, as TOML or JSON, when it is from no template"),
        optional_option("--template", "ID", "the template that it was printed from"),
        optional_option("--days", "N", "with --template: valid so long from now; the template's longest if not given"),
        optional_option("--language", "CODE", "with --template: of the text that was signed (sv)"), scan_option(),
        request, ids_option()},
       paper_fullmakt,
       kTwoRegistrars,
       {"for the person's paper: fullmakt {id}"},
       Registers::an_id,
       "The file of a paper that is from no template, as TOML:\n\n" + kWrittenFullmakt +
           "\nMembers: paper_fullmakt in spec/acts.schema.json. Keep the scan: its hash is in the log.",
       complete_fullmakt}));
  out.push_back(staff_command(
      {"desk paper-komplettering",
       "Record more in a fullmakt that stands, signed on paper",
       "paper_komplettering",
       "FULLMAKT more.toml --scan scan.pdf",
       About::person,
       {required_option("FULLMAKT", "ID", "the fullmakt that it adds to"),
        required_option("FILE", "FILE", "the difference and its text, as TOML or JSON"), scan_option(), request,
        ids_option()},
       paper_komplettering,
       kTwoRegistrars,
       {},
       Registers::nothing,
       "The file, as TOML:\n\n" + kWrittenKomplettering + "\nMembers: paper_komplettering in spec/acts.schema.json.",
       complete_komplettering}));
  out.push_back(
      staff_command({"desk paper-kontrakt",
                     "Record the next version of a kontrakt, signed on paper",
                     "paper_kontrakt",
                     "ID plan.toml --version 2 --scan scan.pdf",
                     About::person,
                     {required_option("ID", "ID", "the kontrakt"),
                      required_option("PLAN", "FILE", "the plan, word for word what the administrator proposed"),
                      required_option("--version", "N", "the number that the plan gets"), scan_option(), ids_option()},
                     paper_kontrakt,
                     kTwoRegistrars}));
}

void add_narrowing(std::vector<Command>& out) {
  out.push_back(staff_command({"desk paper-narrowing",
                               "Take access away on the person's word, spoken or on paper, at once",
                               "paper_narrowing",
                               "--revoke-all",
                               About::person,
                               narrowing_options(),
                               paper_narrowing,
                               "any staff member",
                               {"for the person's paper: Sparr {sparr}"},
                               Registers::nothing,
                               "The person's word is enough: there need be no paper, and none is scanned.\n"
                               "The answer is the same whatever stood: it does not say who is known here.",
                               check_narrowing,
                               {"--flik journal --until 2026-12-01"},
                               narrowing_in_words}));
  out.push_back(staff_command({"desk referral",
                               "Record a referral to a Konsultation team, signed on paper",
                               "paper_referral",
                               "--team ID --focus illness --meeting 2026-12-01T09:00:00Z",
                               About::person,
                               {required_option("--team", "ID", "the team"),
                                required_option("--focus", "FOCUS", "unemployment, illness, livelihood or change"),
                                repeated_option("--meeting", "TIME", "like 2026-12-01T09:00:00Z"),
                                optional_option("--triage", "DATE", "day of the first assessment")},
                               paper_referral,
                               kOneRegistrar,
                               {"for the person's paper: case {id}"},
                               Registers::an_id}));
  out.push_back(staff_command({"desk reconfirm",
                               "After a restore: record on paper that what the person gave counts again",
                               "paper_reconfirm",
                               "",
                               About::person,
                               {},
                               no_members,
                               kTwoRegistrars}));
}

void add_sparr_and_case(std::vector<Command>& out) {
  out.push_back(staff_command({"desk paper-lift",
                               "Record on paper that a Sparr is lifted",
                               "paper_lift_sparr",
                               "ID --scan scan.pdf",
                               About::person,
                               {required_option("ID", "ID", "the Sparr, as its paper says"), scan_option()},
                               paper_lift,
                               kTwoRegistrars}));
  out.push_back(staff_command({"desk paper-hand-over",
                               "Record on paper that another team takes a case over, as its team proposed",
                               "paper_hand_over",
                               "ID --team ID --scan scan.pdf",
                               About::person,
                               {required_option("ID", "ID", "the case, as its paper says"),
                                required_option("--team", "ID", "the new team"), scan_option()},
                               paper_hand_over,
                               kTwoRegistrars}));
}

}  // namespace

std::vector<Command> paper_commands() {
  std::vector<Command> out;
  add_fullmakter(out);
  add_narrowing(out);
  add_sparr_and_case(out);
  return out;
}

}  // namespace flikvakt::admin
