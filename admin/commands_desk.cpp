// The registrar's desk: what staff do for a person who is there, or on the person's paper.
#include "admin/act_file.h"
#include "admin/act_members.h"
#include "admin/ask_for_yes.h"
#include "admin/commands.h"
#include "admin/fingerprint.h"
#include "admin/proposal_words.h"
#include "admin/sparr_terms.h"
#include "admin/staff_act.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "policy/person.h"

namespace flikvakt::admin {
namespace {

Outcome<json::object> nothing_more(const Arguments&) { return json::object(); }

// ---- Keys

Outcome<json::object> proposed_key(const Arguments& a) { return key_fields(a.text("KEY")); }

Outcome<json::object> confirmed_key(const Arguments& a) {
  return json::object{{"thumbprint", to_base64url(TRY(parse_fingerprint("THUMBPRINT", a.text("THUMBPRINT"))))}};
}

void add_keys(std::vector<Command>& out) {
  out.push_back(staff_command(
      {"desk propose-key",
       "Say that a key is this person's: enrols who is new here",
       "propose_key",
       "person.jwk",
       Names::person,
       {required_option("KEY", "FILE", "the public key: JWK of `flikvakt key show --jwk`, or PEM")},
       proposed_key,
       kOneRegistrar,
       {"until it is confirmed the key can only take access away. A registrar of another organisation now runs "
        "`flikvakt desk confirm-key {thumbprint}` within 14 days, after comparing it with the person's own"}}));
  out.push_back(
      staff_command({"desk confirm-key",
                     "Confirm a key that a registrar of another organisation proposed",
                     "confirm_key",
                     "THUMBPRINT",
                     Names::person,
                     {required_option("THUMBPRINT", "THUMBPRINT", "as the person's own `flikvakt key show` shows it")},
                     confirmed_key,
                     "a registrar of another organisation than the one that proposed it"}));
}

// ---- Papers

std::optional<std::string> text_member(const json::object& object, std::string_view name) {
  const json::value* found = object.if_contains(name);
  if (!found || !found->is_string()) return std::nullopt;
  return std::string(found->get_string());
}

Outcome<json::object> written_object(const Arguments& a, const std::string& argument) {
  json::value written = TRY(read_written(a.text(argument), a));
  if (!written.is_object()) return usage_failure("`" + a.text(argument) + "`: expected an object");
  return std::move(written.get_object());
}

// The scan and the request, which every fullmakt on paper may have.
Outcome<void> add_paper(const Arguments& a, json::object& act) {
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
  const json::value catalogue = TRY(client.catalogue());
  const json::value* templates = catalogue.is_object() ? catalogue.get_object().if_contains("templates") : nullptr;
  for (const json::value& one : templates && templates->is_array() ? templates->get_array() : json::array()) {
    if (one.is_object() && text_member(one.get_object(), "id") == id) return one.get_object();
  }
  return Failure(ExitCode::refused, "there is no template `" + id + "` that may be signed now: nothing was sent");
}

Outcome<json::object> text_in(const json::object& found, const std::string& language) {
  std::string known;
  for (const json::value& one : found.at("texts").as_array()) {
    if (one.at("language") == json::value(json::string(language))) return one.as_object();
    known += (known.empty() ? "" : ", ") + std::string(one.at("language").as_string());
  }
  return usage_failure("--language: the template has no text in `" + language + "`, only in " + known);
}

// SPEC TMPL-3: just the terms and a text of the template, from now on.
Outcome<void> fill_from_template(const Arguments& a, PartnerClient& client, json::object& act) {
  if (!a.has("--template")) return {};
  const json::object found = TRY(find_template(client, a.text("--template")));
  const json::object text = TRY(text_in(found, a.find("--language").value_or("sv")));
  const auto longest = found.at("days").to_number<std::uint64_t>();
  const std::uint64_t days = TRY(a.number("--days", longest));
  if (days == 0 || days > longest)
    return usage_failure("--days: expected 1 to " + std::to_string(longest) + ", as the template has it");
  const UtcTime now = std::chrono::floor<std::chrono::seconds>(SystemClock().wall());
  json::object terms{{"documents", json::array()},
                     {"valid_from", to_rfc3339(now)},
                     {"valid_to", to_rfc3339(now + std::chrono::days(days))},
                     {"language", text.at("language")}};
  for (const std::string_view name :
       {"disclosers", "recipients", "flikar", "purpose", "rights", "secrecy_consent", "legal_ground"})
    terms[name] = found.at(name);
  act["text"] = text.at("text");
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
  const json::value listing = TRY(client.fullmakter(std::string(act.at("person").as_string())));
  const json::value* rows = listing.is_object() ? listing.get_object().if_contains("fullmakter") : nullptr;
  for (const json::value& row : rows && rows->is_array() ? rows->get_array() : json::array()) {
    if (row.is_object() && row.get_object().if_contains("id") && row.at("id") == act.at("fullmakt"))
      act["previous"] = row.at("signed_sha256");
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
  json::object act{{"revoke", TRY(ids_of(a, "--revoke"))}, {"revoke_all", a.has("--all")}};
  if (says_sparr(a)) {
    act["sparr_terms"] = TRY(sparr_terms(a));
    act["sparr"] = crypto::random_id<SparrId>().text();
  }
  if (a.has("--end-representatives")) act["end_representatives"] = true;
  if (act.at("revoke").get_array().empty() && act.size() == 2 && !a.has("--all"))
    return usage_failure("expected what to take away: --revoke ID, --all, a Sparr, or --end-representatives");
  return act;
}

Outcome<void> check_narrowing(const Arguments& a, PartnerClient& client, json::object&) {
  if (const auto flik = a.find("--flik")) return check_flik(TRY(client.catalogue()), *flik);
  return {};
}

Outcome<json::object> paper_referral(const Arguments& a) {
  json::object act{{"team", TRY(a.id<TeamId>("--team")).text()},
                   {"focus", TRY(word_of<policy::CaseFocus>("--focus", a.text("--focus")))},
                   {"meetings", TRY(times_of(a, "--meeting"))}};
  if (const auto triage = a.find("--triage")) act["triage"] = TRY(day_of("--triage", *triage));
  return act;
}

std::vector<Option> narrowing_options() {
  std::vector<Option> out{repeated_option("--revoke", "ID", "a fullmakt"), flag_option("--all", "every fullmakt"),
                          flag_option("--end-representatives", "nobody acts for the person any more")};
  for (Option& option : sparr_options()) out.push_back(std::move(option));
  return out;
}

void add_fullmakter(std::vector<Command>& out) {
  const Option request = optional_option("--request", "ID", "the request for access that it answers");
  out.push_back(staff_command(
      {"desk paper-fullmakt",
       "Record a fullmakt that the person signed on paper",
       "paper_fullmakt",
       "--template ID --days 180 --scan scan.pdf",
       Names::person,
       {optional_option("FILE", "FILE", "terms and text, as TOML or JSON, when it is from no template"),
        optional_option("--template", "ID", "the template that it was printed from"),
        optional_option("--days", "N", "with --template: valid so long from now; the template's longest if not given"),
        optional_option("--language", "CODE", "with --template: of the text that was signed (sv)"), scan_option(),
        request, ids_option()},
       paper_fullmakt,
       kTwoRegistrars,
       {"for the person's paper: fullmakt {id}"},
       Registers::an_id,
       "The file: {\"terms\": {…}, \"text_file\": \"shown.txt\"}; members in spec/acts.md. Keep the scan: its hash is "
       "in the log.",
       complete_fullmakt}));
  out.push_back(staff_command(
      {"desk paper-complete",
       "Record more in a fullmakt that stands, signed on paper",
       "paper_komplettering",
       "FULLMAKT more.toml --scan scan.pdf",
       Names::person,
       {required_option("FULLMAKT", "ID", "the fullmakt that it adds to"),
        required_option("FILE", "FILE", "the difference and its text, as TOML or JSON"), scan_option(), request,
        ids_option()},
       paper_komplettering,
       kTwoRegistrars,
       {},
       Registers::nothing,
       "The file: {\"delta\": {…}, \"language\": \"sv\", \"text_file\": \"shown.txt\"}; members in spec/acts.md.",
       complete_komplettering}));
  out.push_back(
      staff_command({"desk paper-kontrakt",
                     "Record the next version of a kontrakt, signed on paper",
                     "paper_kontrakt",
                     "ID plan.toml --version 2 --scan scan.pdf",
                     Names::person,
                     {required_option("ID", "ID", "the kontrakt"),
                      required_option("PLAN", "FILE", "the plan, word for word what the administrator proposed"),
                      required_option("--version", "N", "the number that the plan gets"), scan_option(), ids_option()},
                     paper_kontrakt,
                     kTwoRegistrars}));
}

void add_narrowing(std::vector<Command>& out) {
  out.push_back(staff_command({"desk paper-narrowing",
                               "Take access away on the person's word, at once",
                               "paper_narrowing",
                               "--all --flik journal --until 2026-12-01",
                               Names::person,
                               narrowing_options(),
                               paper_narrowing,
                               "any staff member",
                               {"for the person's paper: Sparr {sparr}"},
                               Registers::nothing,
                               "The answer is the same whatever stood: it does not say who is known here.",
                               check_narrowing}));
  out.push_back(staff_command({"desk referral",
                               "Record a referral to a Konsultation team, signed on paper",
                               "paper_referral",
                               "--team ID --focus illness --meeting 2026-12-01T09:00:00Z",
                               Names::person,
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
                               Names::person,
                               {},
                               nothing_more,
                               kTwoRegistrars}));
}

// ---- The person's circumstances

Outcome<json::object> death(const Arguments& a) { return json::object{{"died", TRY(day_of("DATE", a.text("DATE")))}}; }

Outcome<json::object> protection(const Arguments& a) {
  if (a.text("--alias").empty()) return usage_failure("--alias: expected the name that others shall see");
  return json::object{{"alias", a.text("--alias")}};
}

void add_circumstances(std::vector<Command>& out) {
  out.push_back(staff_command({"desk record-death",
                               "Record that the person has died: all access ends at once",
                               "record_death",
                               "2026-11-22",
                               Names::person,
                               {required_option("DATE", "DATE", "the day, like 2026-11-22")},
                               death,
                               kOneRegistrar,
                               {"if it was wrong: `flikvakt desk correct-death`, by registrars of two organisations"},
                               Registers::nothing,
                               "The answer is the same whatever stood: it does not say who is known here."}));
  out.push_back(staff_command({"desk correct-death",
                               "Take back a recorded death that was wrong",
                               "correct_death",
                               "",
                               Names::person,
                               {},
                               nothing_more,
                               kTwoRegistrars}));
  out.push_back(staff_command({"desk protect-identity",
                               "Protect an identity: others see the alias, and nothing that locates",
                               "protect_identity",
                               "--alias 'Kim Berg'",
                               Names::person,
                               {required_option("--alias", "NAME", "the name that others see")},
                               protection,
                               kOneRegistrar,
                               {"who acts for the person and may see goes on seeing: ask whether one must be ended"},
                               Registers::nothing,
                               "The answer is the same whatever stood: it does not say who is known here."}));
  out.push_back(staff_command({"desk end-protection",
                               "End the protection of an identity",
                               "end_protection",
                               "",
                               Names::person,
                               {},
                               nothing_more,
                               kTwoRegistrars}));
}

Outcome<json::object> representative(const Arguments& a) {
  if (!a.has("--power")) return usage_failure("--power: expected see or consent");
  json::array powers;
  for (const std::string& power : a.all("--power"))
    powers.emplace_back(TRY(word_of<policy::RepresentativePower>("--power", power)));
  return json::object{
      {"representative_kind", TRY(word_of<policy::RepresentativeKind>("--kind", a.text("--kind")))},
      {"powers", std::move(powers)},
      {"valid_from", a.has("--from") ? TRY(time_of("--from", a.text("--from"))) : to_rfc3339(SystemClock().wall())},
      {"valid_to", TRY(time_of("--to", a.text("--to")))}};
}

void add_representatives(std::vector<Command>& out) {
  out.push_back(staff_command(
      {"desk add-representative",
       "Register who acts for the person, with an own key",
       "register_representative",
       "--kind god_man --power see --power consent --to 2027-12-01",
       Names::person_and_representative,
       {required_option("--kind", "KIND", "guardian, god_man, forvaltare or ombud"),
        repeated_option("--power", "POWER", "see or consent; at least one. Taking access away needs none of them"),
        optional_option("--from", "TIME", "when it begins; now if not given"),
        required_option("--to", "TIME", "when it ends, or the beginning of that day (UTC)")},
       representative,
       kTwoRegistrars,
       {"for the papers of both: representative {id}"},
       Registers::an_id}));
  out.push_back(staff_command(
      {"desk end-representative",
       "End what somebody may do for a person",
       "end_representative",
       "ID",
       Names::nobody,
       {required_option("ID", "ID", "as it was shown when it was added, and as `flikvakt person me` shows it")},
       by_id("ID", "id"),
       "a registrar; the person and the representative themselves with `flikvakt person "
       "end-representative`"}));
}

// ---- What another proposed

Outcome<json::object> waiting_proposal(PartnerClient& client, const std::string& id) {
  const Result<json::value> shown = client.get_list("/v1/proposals/" + id);
  if (!shown) {
    Failure failure = shown.error();
    if (shown.error().code == ErrorCode::denied)
      failure.next =
          "it waits no more, or is not for you: its second is a registrar of another organisation, of a "
          "masking a colleague";
    return failure;
  }
  const json::value* found = shown->is_object() ? shown->get_object().if_contains("proposals") : nullptr;
  if (!found || !found->is_array() || found->get_array().size() != 1 || !found->get_array()[0].is_object())
    return Failure(ExitCode::refused, "the gateway does not say what waits");
  return found->get_array()[0].get_object();
}

Outcome<void> show_proposal(const Arguments& a, const Output& output) {
  const std::string id = TRY(a.id<ProposalId>("PROPOSAL")).text();
  PartnerClient client = TRY(connect_as_staff(a));
  const json::object waiting = TRY(waiting_proposal(client, id));
  output.data(waiting, proposal_in_words(waiting, TRY(client.catalogue())));
  return {};
}

// A handle tells a human nothing: whom it is about is checked by the number on the second registrar's own paper.
Outcome<void> check_people(const Arguments& a, PartnerClient& client, const json::object& act) {
  std::vector<std::pair<std::string, std::string>> expected;  // whose, handle
  for (const std::string& name : {std::string("person"), std::string("representative")}) {
    if (const auto handle = text_member(act, name)) expected.emplace_back("the " + name, *handle);
  }
  std::vector<std::string> whose;
  for (const auto& [who, handle] : expected) {
    if (who == "the person" && a.has("--person")) {
      if (a.text("--person") != handle)
        return Failure(ExitCode::refused, "it is about another person: nothing was approved");
    } else {
      whose.push_back(who);
    }
  }
  const std::vector<std::string> numbers = TRY(read_numbers(a, whose));
  for (std::size_t i = 0; i < whose.size(); ++i) {
    const std::string handle = TRY(client.handle_of(numbers[i]));
    if (std::ranges::find(expected, std::pair(whose[i], handle)) == expected.end())
      return Failure(ExitCode::refused, whose[i] + " that it names has another number: nothing was approved",
                     "compare the papers; of somebody with several numbers the newest counts");
  }
  return {};
}

Outcome<void> check_scan(const Arguments& a, const json::object& act) {
  const auto proposed = text_member(act, "scan_sha256");
  if (!a.has("--scan")) return {};
  if (!proposed) return usage_failure("--scan: what waits has no paper");
  if (TRY(scan_of(a)) != *proposed)
    return Failure(ExitCode::refused, "--scan: this is not the scan that was proposed: nothing was approved");
  return {};
}

Outcome<void> approve(const Arguments& a, const Output& output) {
  const std::string id = TRY(a.id<ProposalId>("PROPOSAL")).text();
  PartnerClient client = TRY(connect_as_staff(a));
  const json::object waiting = TRY(waiting_proposal(client, id));
  const json::object& act = waiting.at("act").as_object();
  output.note(proposal_in_words(waiting, TRY(client.catalogue())));
  TRY_VOID(check_people(a, client, act));
  TRY_VOID(check_scan(a, act));
  if (!a.has("--yes")) TRY_VOID(ask_for_yes("flikvakt desk proposal " + id));
  const Result<json::value> answer = client.act(json::object{{"kind", "approve"}, {"proposal", id}, {"act", act}});
  if (!answer) {
    Failure failure = answer.error();
    if (answer.error().code == ErrorCode::denied)
      failure.next =
          "nothing was approved; the gateway gives no reason. The second is somebody else than the first, "
          "and neither may the person have changed anything since: then it is proposed anew";
    return failure;
  }
  output.data(*answer);
  return {};
}

void add_proposals(std::vector<Command>& out) {
  const Option proposal = required_option("PROPOSAL", "ID", "id of the proposal, as it was told to the first");
  out.push_back({"desk proposal",
                 "Look at what another registrar proposed and waits for a second",
                 {"flikvakt desk proposal PROPOSAL --profile partner.toml"},
                 with_staff_connection({proposal}),
                 show_proposal,
                 "That you looked is in the person's log."});
  out.push_back(
      {"desk approve",
       "Look at what another registrar proposed, and approve it",
       {"flikvakt desk approve PROPOSAL --scan scan.pdf --profile partner.toml < number.txt"},
       with_staff_connection({proposal, person_option(), number_file_option(),
                              optional_option("--scan", "FILE", "approve only what has this very scan"),
                              flag_option("--yes", "do not ask: you have looked at it before")}),
       approve,
       "The personnummer on your paper is read from standard input: what was proposed for another is not approved. "
       "Where\nsomebody is to act for the person, the representative's follows on the next line. A masking needs "
       "none."});
}

}  // namespace

std::vector<Command> desk_commands() {
  std::vector<Command> out;
  add_keys(out);
  add_fullmakter(out);
  add_narrowing(out);
  add_circumstances(out);
  add_representatives(out);
  add_proposals(out);
  return out;
}

}  // namespace flikvakt::admin
