// What teams, providers and recipients do, but for documents (commands_partner.cpp) and the desk (commands_desk.cpp).
#include "admin/act_members.h"
#include "admin/commands.h"
#include "admin/staff_act.h"
#include "admin/written_file.h"
#include "base/files.h"
#include "policy/acts.h"

namespace flikvakt::admin {
namespace {

const std::string kLeadOrDeputy = "the team's lead or deputy";

// ---- Requests

Outcome<json::object> recipient_or_own(const Arguments& a) {
  if (const auto recipient = a.find("--recipient")) return recipient_of("--recipient", *recipient);
  return recipient_of("--organisation", "organisation=" + TRY(staff_profile(a)).organisation);
}

// A message to somebody stands in a file: others on the machine see the command line.
Outcome<std::string> message_of(const Arguments& a) {
  if (!a.has("--message-file")) return std::string();
  const Result<Bytes> text = read_file(a.text("--message-file"), 2000);
  if (!text) return usage_failure("--message-file: " + text.error().message, "expected at most 2000 bytes");
  return std::string(as_text(*text));
}

Outcome<json::object> request(const Arguments& a) {
  json::array rights;
  for (const std::string& right : a.has("--right") ? a.all("--right") : std::vector<std::string>{"read"})
    rights.emplace_back(TRY(word_of<policy::Right>("--right", right)));
  if (!a.has("--discloser"))
    return usage_failure("--discloser: expected the id of an organisation whose documents you need");
  if (!a.has("--flik")) return usage_failure("--flik: expected the code of a flik");
  json::object terms{{"recipient", TRY(recipient_or_own(a))}, {"disclosers", TRY(ids_of(a, "--discloser"))},
                     {"flikar", array_of(a.all("--flik"))},   {"purpose", a.text("--purpose")},
                     {"rights", std::move(rights)},           {"valid_to", TRY(end_of("--to", a.text("--to")))},
                     {"message", TRY(message_of(a))}};
  if (a.has("--fullmakt")) terms["fullmakt"] = TRY(a.id<FullmaktId>("--fullmakt")).text();
  if (a.has("--case")) terms["case_id"] = TRY(a.id<CaseId>("--case")).text();
  return json::object{{"terms", std::move(terms)}};
}

void add_requests(std::vector<Command>& out) {
  out.push_back(staff_command(
      {"request add",
       "Ask a person for access, or for more in a fullmakt that stands",
       "request_access",
       "--discloser ID --flik journal --purpose rehab --to 2026-12-31",
       About::person,
       {repeated_option("--discloser", "ID", "an organisation whose documents you need; at least one"),
        repeated_option("--flik", "CODE", "a flik; at least one"), required_option("--purpose", "CODE", "what for"),
        required_option("--to", "TIME", "until when, or the day (UTC) that is its last"),
        repeated_option("--right", "RIGHT", "read (if none is given) or deposit"),
        optional_option("--recipient", "KIND=ID", "team=ID, unit=ID or staff=ID; else your organisation"),
        optional_option("--fullmakt", "ID", "the fullmakt that it would add to"),
        optional_option("--case", "ID", "the case that it is for"),
        optional_option("--message-file", "FILE", "a few words to the person")},
       request,
       "staff who may receive for that recipient",
       {"what comes of it: `flikvakt requests`"},
       Registers::an_id,
       "The answer is the same whatever stood: it does not say who is known here."}));
  out.push_back(staff_command({"request withdraw",
                               "Withdraw a request for access",
                               "withdraw_request",
                               "ID",
                               About::nobody,
                               {required_option("ID", "ID", "as `flikvakt requests` shows it")},
                               by_id("ID", "id"),
                               "staff of the organisation that asked"}));
  out.push_back(staff_command(
      {"relinquish",
       "Give up a fullmakt that lets you receive",
       "relinquish_fullmakt",
       "ID",
       About::nobody,
       {required_option("ID", "ID", "as `flikvakt fullmakter` shows it")},
       by_id("ID", "id"),
       "yourself; a roster officer or registrar for the organisation and its units; a team's lead or deputy"}));
}

// ---- Cases

std::function<Outcome<json::object>(const Arguments&)> case_with_meetings(std::size_t least) {
  return [least](const Arguments& a) -> Outcome<json::object> {
    json::object act = TRY(by_id("ID", "id")(a));
    json::array meetings = TRY(moments_of(a, "--meeting"));
    if (meetings.size() < least) return usage_failure("--meeting: expected at least one time, or --none");
    act["meetings"] = std::move(meetings);
    return act;
  };
}

Outcome<json::object> meetings(const Arguments& a) {
  if (a.has("--none") && a.has("--meeting")) return usage_failure("expected --meeting TIME or --none, not both");
  return case_with_meetings(a.has("--none") ? 0 : 1)(a);
}

Outcome<json::object> hand_over(const Arguments& a) {
  json::object act = TRY(by_id("ID", "id")(a));
  act["team"] = TRY(a.id<TeamId>("--team")).text();
  return act;
}

void add_cases(std::vector<Command>& out) {
  const Option id = required_option("ID", "ID", "the case, as `flikvakt cases` shows it");
  const Option meeting = repeated_option("--meeting", "TIME", "like 2026-12-01T09:00:00Z");
  out.push_back(staff_command({"case accept",
                               "Take up a case that waits",
                               "accept_case",
                               "ID --meeting 2026-12-01T09:00:00Z",
                               About::nobody,
                               {id, meeting},
                               case_with_meetings(0),
                               kLeadOrDeputy}));
  out.push_back(staff_command({"case meetings",
                               "Set the meetings of a case: those given, and no others",
                               "set_meetings",
                               "ID --meeting 2026-12-01T09:00:00Z --meeting 2026-12-15T09:00:00Z",
                               About::nobody,
                               {id, meeting, flag_option("--none", "no meeting at all")},
                               meetings,
                               kLeadOrDeputy}));
  out.push_back(
      staff_command({"case hand-over",
                     "Propose that another team takes a case over",
                     "propose_hand_over",
                     "ID --team ID",
                     About::nobody,
                     {id, required_option("--team", "ID", "the other team")},
                     hand_over,
                     kLeadOrDeputy,
                     {"the other team hears of it when the person has signed: `flikvakt person hand-over`"}}));
  out.push_back(staff_command({"case close",
                               "End a case",
                               "close_case",
                               "ID",
                               About::nobody,
                               {id},
                               by_id("ID", "id"),
                               kLeadOrDeputy + "; the person with `flikvakt person close-case`"}));
}

// ---- Kontrakt and notices

Outcome<json::object> milestone(const Arguments& a) {
  const std::uint64_t number = TRY(a.number("NUMBER", 0));
  if (number == 0) return usage_failure("NUMBER: expected the milestone's place in the plan, 1 for the first");
  const std::string today = to_text(Date(std::chrono::floor<std::chrono::days>(SystemClock().wall())));
  return json::object{{"kontrakt", TRY(a.id<KontraktId>("KONTRAKT")).text()},
                      {"milestone", number - 1},
                      {"reached", TRY(day_of("--reached", a.find("--reached").value_or(today)))}};
}

Outcome<json::object> notice(const Arguments& a) {
  json::object act = TRY(by_id("FULLMAKT", "fullmakt")(a));
  act["changed"] = TRY(moment_of("--changed", a.text("--changed")));
  return act;
}

void add_kontrakt(std::vector<Command>& out) {
  const Option kontrakt = required_option("KONTRAKT", "ID", "id of the kontrakt");
  out.push_back(staff_command(
      {"milestone",
       "Record that a milestone of a kontrakt is reached",
       "reach_milestone",
       "KONTRAKT 1 --reached 2026-11-22",
       About::nobody,
       {kontrakt, required_option("NUMBER", "N", "its place in the plan, 1 for the first"),
        optional_option("--reached", "DATE", "the day; today (UTC) if not given")},
       milestone,
       "staff of a provider whose part runs, or the lead or deputy of a team with a case of the person"}));
  out.push_back(staff_command({"attest-erasure",
                               "Attest that what you held of a person is erased, since a kontrakt ended",
                               "attest_erasure",
                               "KONTRAKT",
                               About::nobody,
                               {required_option("KONTRAKT", "ID", "as `flikvakt erase-orders` shows it")},
                               by_id("KONTRAKT", "kontrakt"),
                               "staff of the provider that was told to erase"}));
  out.push_back(staff_command({"notice acknowledge",
                               "Acknowledge the change of a fullmakt that you relied on",
                               "acknowledge_notice",
                               "FULLMAKT --changed 2026-11-22T06:40:25.123Z",
                               About::nobody,
                               {required_option("FULLMAKT", "ID", "as `flikvakt notices` shows it"),
                                required_option("--changed", "TIME", "its `changed`: a later change stays to be seen")},
                               notice,
                               "staff of the organisation that read under it"}));
}

// ---- Teams

std::function<Outcome<json::object>(const Arguments&)> roster_place(bool with_role) {
  return [with_role](const Arguments& a) -> Outcome<json::object> {
    json::object act{{"team", TRY(a.id<TeamId>("TEAM")).text()}, {"staff", TRY(a.id<StaffId>("MEMBER")).text()}};
    if (with_role) act["role"] = TRY(word_of<policy::TeamRole>("--role", a.find("--role").value_or("member")));
    return act;
  };
}

void add_roster(std::vector<Command>& out) {
  const Option team = required_option("TEAM", "ID", "the team");
  const Option member = required_option("MEMBER", "ID", "the staff member");
  const std::string both = "a roster officer of the member's organisation, and the team's lead or deputy";
  out.push_back(staff_command({"roster accept",
                               "Accept a team of your organisation, and its lead",
                               "accept_team",
                               "TEAM",
                               About::nobody,
                               {team},
                               by_id("TEAM", "team"),
                               "a roster officer of the team's organisation"}));
  out.push_back(
      staff_command({"roster add",
                     "Say that somebody belongs to a team: counts when both have said it",
                     "roster_add",
                     "TEAM MEMBER --role member",
                     About::nobody,
                     {team, member, optional_option("--role", "ROLE", "lead, deputy or member (if not given)")},
                     roster_place(true),
                     both}));
  out.push_back(staff_command({"roster remove",
                               "Take somebody out of a team: their access through it ends at once",
                               "roster_remove",
                               "TEAM MEMBER",
                               About::nobody,
                               {team, member},
                               roster_place(false),
                               "either of the two: " + both}));
}

// ---- Documents of the own organisation

Outcome<json::object> disclosure(const Arguments& a) {
  json::object act = TRY(by_id("DOCUMENT", "document")(a));
  act["recipient"] = a.text("--to");
  act["ground"] = a.text("--ground");
  act["disclosed"] = a.has("--at") ? TRY(time_of("--at", a.text("--at"))) : to_rfc3339(SystemClock().wall());
  return act;
}

void add_documents(std::vector<Command>& out) {
  const Option document = required_option("DOCUMENT", "ID", "the document");
  out.push_back(staff_command({"record-masking",
                               "Record that a document was masked for the others it is about",
                               "record_masking",
                               "DOCUMENT",
                               About::nobody,
                               {document},
                               by_id("DOCUMENT", "document"),
                               "two staff of the document's source"}));
  out.push_back(staff_command({"record-disclosure",
                               "Record a lawful disclosure that was made outside any fullmakt",
                               "record_disclosure",
                               "DOCUMENT --to 'Tingsrätten' --ground osl-10-27",
                               About::nobody,
                               {document, required_option("--to", "NAME", "to whom"),
                                required_option("--ground", "CODE", "the law, 1 to 16 of a-z, 0-9 and hyphen"),
                                optional_option("--at", "TIME", "when, or the day (UTC); now if not given")},
                               disclosure,
                               "staff of the document's source"}));
}

// ---- How the own organisation's files are divided

Outcome<json::object> partition_rule(const Arguments& a) {
  const std::string file = a.text("FILE");
  const json::value written = TRY(read_written(file, a));
  if (!written.is_object()) return usage_failure("`" + file + "`: expected the members of a rule");
  json::object act = written.get_object();
  act.emplace("version", 1);
  act.emplace("findings", json::array());
  if (json::value* parts = act.if_contains("parts"); parts && parts->is_array()) {
    for (json::value& part : parts->get_array()) {
      json::value* takes = part.is_object() ? part.get_object().if_contains("takes") : nullptr;
      if (!takes || !takes->is_array()) continue;
      for (json::value& take : takes->get_array()) {
        if (take.is_object()) take.get_object().emplace("name", "");
      }
    }
  }
  const auto checked = from_json<policy::SetPartitionRule>(json::value(act));
  if (!checked) return usage_failure("`" + file + "`: " + checked.error().message);
  return act;
}

void add_partition_rules(std::vector<Command>& out) {
  out.push_back(staff_command(
      {"partition-rule set",
       "Say how your organisation's files of one type are divided: the whole rule, under its next version",
       "set_partition_rule",
       "journal.toml",
       About::nobody,
       {required_option("FILE", "FILE", "the rule, as TOML or JSON"), ids_option()},
       partition_rule,
       kOneRegistrar,
       {"`GET /v1/catalogue` shows it to your organisation; `document_type` names it when a file is sent to be "
        "divided"},
       Registers::nothing,
       "The file, as TOML:\n\n"
       "  document_type = \"journal\"               # your word for such files, 1 to 16 of a-z, 0-9 and hyphen\n"
       "  version = 1                              # one more than stands; 1 if not given\n"
       "  name = \"Journalutskrift\"\n"
       "  media_type = \"application/pdf\"\n"
       "  # original = \"original\"                 # keep the whole file too, in a flik that only the person opens\n"
       "  [[parts]]                                # none: the rule is taken down\n"
       "  flik = \"journal\"\n"
       "  takes = [{kind = \"bookmark\", name = \"Anteckningar\"}]  # heading, section, template, resources, whole\n"
       "  [[findings]]                             # where it is not the default\n"
       "  finding = \"annotation\"\n"
       "  action = \"refuse\""}));
}

}  // namespace

std::vector<Command> staff_commands() {
  std::vector<Command> out;
  add_requests(out);
  add_cases(out);
  add_kontrakt(out);
  add_roster(out);
  add_documents(out);
  add_partition_rules(out);
  return out;
}

}  // namespace flikvakt::admin
