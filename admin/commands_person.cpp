#include <algorithm>

#include "admin/ask_for_yes.h"
#include "admin/commands.h"
#include "admin/document_file.h"
#include "admin/fingerprint.h"
#include "admin/json_text.h"
#include "admin/person_options.h"
#include "admin/proposal_words.h"
#include "admin/sparr_terms.h"
#include "base/files.h"
#include "crypto/canonical_json.h"
#include "crypto/hash.h"
#include "crypto/random.h"

namespace flikvakt::admin {
namespace {

Outcome<void> me(const Arguments& arguments, const Output& output) {
  PersonClient client = TRY(connect_as_person(arguments));
  output.data(TRY(client.overview()));
  return {};
}

Outcome<void> fetch_document(const Arguments& arguments, const Output& output) {
  PersonClient client = TRY(connect_as_person(arguments));
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
  PersonClient client = TRY(connect_as_person(arguments));
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
  PersonClient client = TRY(connect_as_person(arguments));
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
  PersonClient client = TRY(connect_as_person(arguments));
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
  PersonClient client = TRY(connect_as_person(arguments));
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
  PersonClient client = TRY(connect_as_person(arguments));
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
  PersonClient client = TRY(connect_as_person(arguments));
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
          with_person_connection(std::move(own)),
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
  return {std::move(name), std::move(summary), {example}, with_person_connection(std::move(own)),
          std::move(run),  std::move(notes)};
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
       with_person_connection({}),
       me,
       ""},
      {"person fetch",
       "Download a document of your own",
       {"flikvakt person fetch DOCUMENT --profile me.toml --out journal.pdf"},
       with_person_connection({optional_option("DOCUMENT", "ID", "id of the document"),
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
       with_person_connection(sparr_command_options()),
       sparr,
       "The file: {\"terms\": {\"target\": \"flik\", \"flik\": \"journal\", \"everyone\": true, "
       "\"recipients\": []}}"},
      by_id_command("person lift", "Lift a Sparr", "lift_sparr", true),
      {"person reconfirm",
       "After a restore: say that what you have given counts again",
       {"flikvakt person reconfirm --profile me.toml"},
       with_person_connection(
           {optional_option("--seen-version", "N", "consent version you saw; asked for when not given")}),
       reconfirm,
       "Look first: `flikvakt person me`. What you took back after the backup was made stands in it again: revoke it "
       "anew.\n"
       "Your key must have been proposed and confirmed anew."},
      {"person remove-key",
       "Take a key of yours away: it opens nothing any more",
       {"flikvakt person remove-key THUMBPRINT --profile me.toml"},
       with_person_connection({required_option("THUMBPRINT", "THUMBPRINT", "as `flikvakt person me` shows it")}),
       remove_key,
       ""},
      by_id_command("person close-case", "End a case", "close_case", false),
      {"person hand-over",
       "Let another team take over a case, as your team proposed",
       {"flikvakt person hand-over ID --team ID --profile me.toml"},
       with_person_connection(
           {required_option("ID", "ID", "the case"), required_option("--team", "ID", "the new team"),
            optional_option("--seen-version", "N", "consent version you saw; asked for when not given")}),
       hand_over,
       ""},
      {"person approve",
       "As one of two guardians: look at what the other one signed, and sign it too",
       {"flikvakt person approve PROPOSAL --as ID --profile me.toml"},
       with_person_connection({required_option("PROPOSAL", "ID", "as `flikvakt person me --as ID` shows it"),
                               flag_option("--yes", "do not ask: you have looked at it before")}),
       approve,
       "Whoever is registered to act jointly for somebody opens nothing alone; taking back needs nobody else."},
      {"person withdraw",
       "Take back what waits for a second: a paper in your name, or what one of two guardians signed",
       {"flikvakt person withdraw PROPOSAL --profile me.toml"},
       with_person_connection({required_option("PROPOSAL", "ID", "as `flikvakt person me` shows it")}),
       withdraw,
       ""},
      {"person sign-kontrakt",
       "Look at the next version of your kontrakt, and sign it",
       {"flikvakt person sign-kontrakt ID --profile me.toml",
        "flikvakt person sign-kontrakt ID --plan SHA256 --profile me.toml"},
       with_person_connection({required_option("ID", "ID", "the kontrakt"),
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
