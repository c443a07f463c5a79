#include <fcntl.h>

#include "admin/commands.h"
#include "admin/offline.h"
#include "admin/registry_text.h"
#include "base/files.h"
#include "service/state_image.h"

namespace flikvakt::admin {
namespace {

using policy::Standing;

Outcome<policy::State> read_registry(const Arguments& arguments) {
  const Offline offline = TRY(Offline::open(arguments));
  service::Findings findings;
  service::StateImage image = TRY(service::read_state_image(offline.rows(), offline.keys(), findings));
  const std::vector<std::string> problems = findings.take();
  if (problems.empty()) return std::move(image.state);
  return Failure(ExitCode::refused, "reading the registry: " + problems.front(),
                 "look at it with `flikvakt log verify`");
}

// ---- What is registered. Nothing of a person: of a kontrakt its id and standing only.

json::value shown(const policy::Issuer& issuer) {
  json::value view = to_json(issuer);
  view.get_object().erase("certificate");
  view.get_object()["revoked"] = issuer.revoked.size();
  return view;
}
json::value shown(const policy::OidcIssuer& issuer) {
  json::value view = to_json(issuer);
  view.get_object().erase("ca");
  view.get_object()["keys"] = issuer.keys.size();
  return view;
}
json::value shown(const policy::Kontrakt& kontrakt) {
  return json::object{{"id", kontrakt.id.text()}, {"standing", to_json(kontrakt.standing)}, {"epoch", kontrakt.epoch}};
}
template <class T>
json::value shown(const T& row) {
  return to_json(row);
}

template <class T>
json::array list_of(const policy::State& state) {
  json::array out;
  for (const auto& entry : state.all<T>()) {
    const T& row = entry.second;
    json::value view = shown(row);
    if constexpr (requires { row.epoch; }) view.get_object()["current"] = row.epoch == state.instance().epoch;
    out.push_back(std::move(view));
  }
  return out;
}

Outcome<void> show(const Arguments& arguments, const Output& output) {
  const policy::State state = TRY(read_registry(arguments));
  const json::object registry{{"administrators", list_of<policy::Administrator>(state)},
                              {"issuers", list_of<policy::Issuer>(state)},
                              {"oidc_issuers", list_of<policy::OidcIssuer>(state)},
                              {"organisations", list_of<policy::Organisation>(state)},
                              {"units", list_of<policy::Unit>(state)},
                              {"certificates", list_of<policy::Certificate>(state)},
                              {"assertion_keys", list_of<policy::AssertionKey>(state)},
                              {"staff", list_of<policy::Staff>(state)},
                              {"staff_keys", list_of<policy::StaffKey>(state)},
                              {"teams", list_of<policy::Team>(state)},
                              {"rosters", list_of<policy::RosterEntry>(state)},
                              {"authorisations", list_of<policy::Authorisation>(state)},
                              {"provider_entries", list_of<policy::ProviderEntry>(state)},
                              {"partition_rules", list_of<policy::PartitionRule>(state)},
                              {"kontrakt", list_of<policy::Kontrakt>(state)},
                              {"flik_types", list_of<policy::FlikType>(state)}};
  output.data(registry, registry_text(registry));
  return {};
}

// ---- Drafts of the acts that follow a restore

template <class T>
bool waits(const policy::State& state, const T& row) {
  return row.standing == Standing::active && row.epoch != state.instance().epoch;
}

template <class T>
std::set<typename T::Key> waiting_of(const policy::State& state,
                                     const std::optional<OrganisationId>& organisation = {}) {
  std::set<typename T::Key> out;
  for (const auto& entry : state.all<T>()) {
    const T& row = entry.second;
    if constexpr (requires { row.organisation; }) {
      if (row.organisation != organisation) continue;
    }
    if (waits(state, row)) out.insert(entry.first);
  }
  return out;
}

std::set<StaffId> officers_of(const policy::State& state, const OrganisationId& organisation) {
  std::set<StaffId> out = waiting_of<policy::Staff>(state, organisation);
  std::erase_if(out, [&](const StaffId& id) {
    return !state.find<policy::Staff>(id)->roles.contains(policy::StaffRole::roster_officer);
  });
  return out;
}

// ---- What people know the ids by: `comment` of a draft, which is not sent

std::string words(const policy::Staff& row) { return row.name + ", staff"; }
std::string words(const policy::Organisation& row) { return row.name + ", " + row.number; }
std::string words(const policy::Unit& row) { return row.name + ", unit"; }
std::string words(const policy::Team& row) { return row.name + ", team"; }
std::string words(const policy::Certificate& row) {
  return "certificate " + row.serial + " until " + to_rfc3339(row.valid_to);
}
std::string words(const policy::AssertionKey&) { return "assertion key"; }
std::string words(const policy::Authorisation& row) {
  return "authorisation for " + to_text(to_json(row.areas)) + " until " + to_rfc3339(row.valid_to);
}
std::string words(const policy::Issuer& row) { return row.name + ", issuer"; }
std::string words(const policy::FlikType& row) { return row.name_sv; }

std::string text_of_key(const json::value& key) {
  return key.is_string() ? std::string(key.get_string()) : to_text(key);
}

template <class T>
void explain(json::object& comment, const policy::State& state, const std::set<typename T::Key>& keys) {
  for (const typename T::Key& key : keys) {
    if (const T* row = state.find<T>(key)) comment[text_of_key(to_json(key))] = words(*row);
  }
}

json::value with_comment(const policy::Act& act, json::object comment) {
  json::value out = policy::act_to_json(act);
  out.get_object()["comment"] = std::move(comment);
  return out;
}

json::value draft_of(const policy::State& state, const policy::ReattestOrganisation& act) {
  json::object comment;
  explain<policy::Organisation>(comment, state, {act.organisation});
  explain<policy::Certificate>(comment, state, act.certificates);
  explain<policy::AssertionKey>(comment, state, act.assertion_keys);
  explain<policy::Staff>(comment, state, act.officers);
  explain<policy::Unit>(comment, state, act.units);
  explain<policy::Team>(comment, state, act.teams);
  explain<policy::Authorisation>(comment, state, act.authorisations);
  return with_comment(act, std::move(comment));
}

json::array drafts_for_administrators(const policy::State& state) {
  json::array acts;
  const policy::ReattestCatalogue catalogue{waiting_of<policy::Issuer>(state), waiting_of<policy::FlikType>(state)};
  if (!catalogue.issuers.empty() || !catalogue.flik_types.empty()) {
    json::object comment;
    explain<policy::Issuer>(comment, state, catalogue.issuers);
    explain<policy::FlikType>(comment, state, catalogue.flik_types);
    acts.push_back(with_comment(catalogue, std::move(comment)));
  }
  for (const auto& [id, organisation] : state.all<policy::Organisation>()) {
    if (!waits(state, organisation)) continue;
    acts.push_back(draft_of(
        state, policy::ReattestOrganisation{id, waiting_of<policy::Certificate>(state, id),
                                            waiting_of<policy::AssertionKey>(state, id), officers_of(state, id),
                                            waiting_of<policy::Unit>(state, id), waiting_of<policy::Team>(state, id),
                                            waiting_of<policy::Authorisation>(state, id)}));
  }
  const policy::ReattestKontrakt kontrakt{waiting_of<policy::Kontrakt>(state)};
  if (!kontrakt.kontrakt.empty()) acts.push_back(policy::act_to_json(kontrakt));
  return acts;
}

json::array drafts_for_officer(const policy::State& state, const OrganisationId& organisation) {
  policy::ReattestStaff act;
  act.staff = waiting_of<policy::Staff>(state, organisation);
  for (const auto& [place, entry] : state.all<policy::RosterEntry>()) {
    const policy::Staff* member = state.find<policy::Staff>(entry.staff);
    const bool is_own = member && member->organisation == organisation && entry.is_complete();
    if (is_own && entry.epoch != state.instance().epoch) act.roster.insert({entry.team, entry.staff});
  }
  if (act.staff.empty() && act.roster.empty()) return {};
  json::object comment;
  explain<policy::Staff>(comment, state, act.staff);
  for (const policy::RosterPlace& place : act.roster) explain<policy::Team>(comment, state, {place.team});
  return {with_comment(act, std::move(comment))};
}

Outcome<void> draft(const Arguments& arguments, const Output& output) {
  const policy::State state = TRY(read_registry(arguments));
  json::array acts;
  if (arguments.has("--staff-of")) {
    const OrganisationId organisation = TRY(arguments.id<OrganisationId>("--staff-of"));
    if (!state.find<policy::Organisation>(organisation))
      return Failure(ExitCode::refused, "--staff-of: there is no such organisation",
                     "`flikvakt registry show` lists them");
    acts = drafts_for_officer(state, organisation);
  } else {
    acts = drafts_for_administrators(state);
  }
  if (acts.empty()) {
    output.data(json::object{{"file", nullptr}}, "");
    output.note("nothing waits to be re-attested: no file was made");
    return {};
  }
  const std::filesystem::path file = arguments.text("OUT");
  TRY_VOID(write_new_file(file, as_bytes(pretty_json(json::object{{"acts", std::move(acts)}}))));
  output.data(json::object{{"file", file.string()}});
  output.note("it names all that stood in the backup: strike out what was ended since, then " +
              std::string(arguments.has("--staff-of") ? "the officer sends it with `flikvakt act`"
                                                      : "send it with `flikvakt apply`"));
  return {};
}

std::vector<Option> with_data(std::vector<Option> own) {
  for (Option& shared : master_key_options()) own.push_back(std::move(shared));
  return own;
}

}  // namespace

std::vector<Command> reattest_commands() {
  return {
      {"registry show",
       "Show all that is registered, and whether it counts since the last restore; nothing of a person",
       {"flikvakt registry show --data data --json"},
       with_data({}),
       show,
       "Reads the data directory with the master key, also beside a running gateway."},
      {"registry reattest",
       "Write a draft of the acts that make what is registered count again after a restore",
       {"flikvakt registry reattest acts.json --data data",
        "flikvakt registry reattest staff.json --staff-of ORGANISATION --data data"},
       with_data({required_option("OUT", "FILE", "a new file for the draft"),
                  optional_option("--staff-of", "ID", "for a roster officer of this organisation: staff and rosters")}),
       draft,
       "What was suspended, removed or ended after the backup stands in it again: it must be struck out by hand. Each\n"
       "`comment` says what an id is; it is not sent."},
  };
}

}  // namespace flikvakt::admin
