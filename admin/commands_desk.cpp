// The registrar's desk: keys, and what becomes of the person. Papers: commands_paper.cpp. The second of two:
// commands_desk_approve.cpp.
#include "admin/act_file.h"
#include "admin/act_members.h"
#include "admin/commands.h"
#include "admin/fingerprint.h"
#include "admin/staff_act.h"
#include "policy/person.h"

namespace flikvakt::admin {
namespace {

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
       About::person,
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
                     About::person,
                     {required_option("THUMBPRINT", "THUMBPRINT", "as the person's own `flikvakt key show` shows it")},
                     confirmed_key,
                     "a registrar of another organisation than the one that proposed it"}));
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
                               About::person,
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
                               About::person,
                               {},
                               no_members,
                               kTwoRegistrars}));
  out.push_back(staff_command({"desk protect-identity",
                               "Protect an identity: others see the alias, and nothing that locates",
                               "protect_identity",
                               "--alias 'Kim Berg'",
                               About::person,
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
                               About::person,
                               {},
                               no_members,
                               kTwoRegistrars}));
}

Outcome<json::object> representative(const Arguments& a) {
  if (!a.has("--power")) return usage_failure("--power: expected see or consent");
  json::array powers;
  for (const std::string& power : a.all("--power"))
    powers.emplace_back(TRY(word_of<policy::RepresentativePower>("--power", power)));
  json::object act{
      {"representative_kind", TRY(word_of<policy::RepresentativeKind>("--kind", a.text("--kind")))},
      {"powers", std::move(powers)},
      {"valid_from", a.has("--from") ? TRY(time_of("--from", a.text("--from"))) : to_rfc3339(SystemClock().wall())},
      {"valid_to", TRY(end_of("--to", a.text("--to")))}};
  if (a.has("--jointly")) act["jointly"] = true;
  return act;
}

void add_representatives(std::vector<Command>& out) {
  out.push_back(staff_command(
      {"desk add-representative",
       "Register who acts for the person, with an own key",
       "register_representative",
       "--kind god_man --power see --power consent --to 2027-12-01",
       About::person_and_representative,
       {required_option("--kind", "KIND", "guardian, god_man, forvaltare or ombud"),
        repeated_option("--power", "POWER", "see or consent; at least one. Taking access away needs none of them"),
        flag_option("--jointly", "one of two guardians: what opens anything takes both"),
        optional_option("--from", "TIME", "when it begins, or the day (UTC); now if not given"),
        required_option("--to", "TIME", "when it ends, or the day (UTC) that is its last")},
       representative,
       kTwoRegistrars,
       {"for the papers of both: representative {id}"},
       Registers::an_id}));
  out.push_back(staff_command(
      {"desk end-representative",
       "End what somebody may do for a person",
       "end_representative",
       "ID",
       About::nobody,
       {required_option("ID", "ID", "as it was shown when it was added, and as `flikvakt person me` shows it")},
       by_id("ID", "id"),
       "a registrar; the person and the representative themselves with `flikvakt person "
       "end-representative`"}));
}

}  // namespace

std::vector<Command> desk_commands() {
  std::vector<Command> out;
  add_keys(out);
  add_circumstances(out);
  add_representatives(out);
  return out;
}

}  // namespace flikvakt::admin
