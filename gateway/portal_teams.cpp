#include "gateway/portal_teams.h"

#include <algorithm>

#include "gateway/portal_choices.h"
#include "gateway/portal_paging.h"
#include "gateway/problem.h"
#include "gateway/provider_search.h"

namespace flikvakt::gateway {
namespace {

using policy::RosterEntry;
using policy::Staff;
using policy::Team;

// A page holds some teams with few people or one with many: a team counts as much as ten people do.
constexpr std::size_t kWeightOfATeam = 10;
constexpr std::size_t kPeopleOnAPage = 25;

bool is_officer(const std::optional<Staff>& staff) {
  return staff && staff->roles.contains(policy::StaffRole::roster_officer);
}

using Rosters = std::map<TeamId, std::vector<RosterEntry>>;

Rosters rosters_of(const service::Directory& directory, const std::vector<Team>& teams) {
  Rosters out;
  for (const Team& team : teams) out[team.id];
  const auto is_asked_for = [&](const RosterEntry& one) { return out.contains(one.team); };
  for (RosterEntry& one : directory.rows_where<RosterEntry>(is_asked_for)) out[one.team].push_back(std::move(one));
  return out;
}

bool leads(const RosterEntry& entry) { return entry.is_complete() && entry.role != policy::TeamRole::member; }

std::string role_word(const PortalNames& names, policy::TeamRole role) {
  return names.text("role." + std::string(to_json(role).as_string()));
}

// Who sees a button can press it: a lead for the team, a roster officer for those of the own organisation.
void put_roster(const PortalContext& context, const StaffPage& page, const Team& team, bool is_lead,
                std::vector<RosterEntry> roster, web::Data& data) {
  const service::Directory& directory = context.core().directory();
  const bool speaks = is_officer(directory.row<Staff>(page.staff().staff));
  std::ranges::sort(roster, {},
                    [&](const RosterEntry& one) { return std::pair(one.role, page.names.staff(one.staff)); });
  const Request& request = page.exchange.request();
  const Piece piece = piece_of(request, roster.size(), kPeopleOnAPage, "people");
  put_pages(page.names, request, piece, data, "people");
  for (const RosterEntry& one : in_piece(roster, piece)) {
    web::Data& row = data.add("entry").set("team_id", team.id.text()).set("staff", one.staff.text());
    put_form(page.visit(), row);
    row.set("name", page.names.staff(one.staff)).set("role", role_word(page.names, one.role));
    row.set("role_code", std::string(to_json(one.role).as_string()));
    row.set("tone", one.is_complete() ? "tone-go" : "tone-wait");
    const std::string_view waits = one.officer ? "teams.waits_for_lead" : "teams.waits_for_officer";
    row.set("status", page.names.text(one.is_complete() ? "teams.complete" : waits));
    const std::optional<Staff> who = directory.row<Staff>(one.staff);
    const bool is_theirs = speaks && who && who->organisation == page.staff().organisation;
    row.show_if(!one.is_complete() && (one.officer ? is_lead : is_theirs), "can_complete");
    row.show_if(one.role != policy::TeamRole::lead && (is_lead || is_theirs), "can_remove");
  }
}

// Whom somebody can propose: a lead anybody, an officer those of the own organisation. Of many only those are looked up
// whom a search finds: there may be tens of thousands.
ShownChoices candidates(const service::Directory& directory, const StaffPage& page,
                        const std::vector<RosterEntry>& roster, bool is_lead, std::string_view words) {
  std::set<StaffId> in_team;
  for (const RosterEntry& one : roster) in_team.insert(one.staff);
  const auto is_eligible = [&](const Staff& one) {
    return one.standing == policy::Standing::active && !in_team.contains(one.id) &&
           (is_lead || one.organisation == page.staff().organisation);
  };
  std::size_t eligible = 0;
  static_cast<void>(directory.rows_where<Staff>([&](const Staff& one) {
    eligible += is_eligible(one) ? 1u : 0u;
    return false;
  }));
  const bool are_few = eligible <= kMostChoices;
  const std::vector<std::string> wanted = folded_words(words);
  std::vector<Choice> found;
  if (are_few || !wanted.empty()) {
    std::size_t count = 0;
    const auto is_found = [&](const Staff& one) {
      return count < kMostChoices && is_eligible(one) && (are_few || has_words(one.name, wanted)) && ++count > 0;
    };
    for (const Staff& one : directory.rows_where<Staff>(is_found)) {
      found.push_back({page.names.staff(one.id), one.id.text(), false});
    }
  }
  std::ranges::sort(found);
  const bool finds_none = !wanted.empty() && found.empty();
  const std::size_t left = eligible - found.size();
  return {std::move(found), left, finds_none};
}

void put_candidates(const service::Directory& directory, const StaffPage& page, const Team& team,
                    const std::vector<RosterEntry>& roster, bool is_lead, web::Data& data) {
  const std::string_view words = page.exchange.request().query(field_of_search("staff"));
  const ShownChoices choices = candidates(directory, page, roster, is_lead, words);
  if (choices.left > 0) put_search(page.names, "staff", words, choices, team.id.text(), data);
  if (choices.shown.empty()) return;
  web::Data& form = data.add("add_form");
  for (const Choice& one : choices.shown) form.add("candidate").set("name", one.name).set("value", one.value);
}

Response teams(PortalContext& context, const StaffPage& page) {
  const service::Directory& directory = context.core().directory();
  const std::optional<Staff> staff = directory.row<Staff>(page.staff().staff);
  const Request& request = page.exchange.request();
  std::vector<Team> seen = teams_seen_by(directory, page.staff().staff);
  // Where somebody looks for people, for one team.
  const Result<TeamId> asked = TeamId::parse(request.query("team"));
  if (asked) std::erase_if(seen, [&](const Team& team) { return team.id != *asked; });
  const Rosters rosters = rosters_of(directory, seen);
  std::vector<std::size_t> weights;
  for (const Team& team : seen) weights.push_back(kWeightOfATeam + rosters.at(team.id).size());
  const Piece piece = piece_by_weight(request, weights, kWeightOfATeam + kPeopleOnAPage);
  web::Data data;
  for (const Team& team : in_piece(seen, piece)) {
    const std::vector<RosterEntry>& roster = rosters.at(team.id);
    web::Data& shown = data.add("team").set("id", team.id.text()).set("name", team.name);
    put_form(page.visit(), shown);
    shown.set("organisation", page.names.organisation(team.organisation));
    const bool can_accept = !team.accepted_by && is_officer(staff) && staff->organisation == team.organisation;
    shown.show_if(can_accept, "can_accept");
    const bool is_lead = leads_team(directory, team.id, page.staff().staff);
    put_roster(context, page, team, is_lead, roster, shown.add("roster"));
    if (is_lead || is_officer(staff)) put_candidates(directory, page, team, roster, is_lead, shown.add("can_add"));
  }
  data.show_if(seen.empty(), "none");
  put_pages(page.names, request, piece, data.add("all_pages"));
  return context.site.page(page.visit(), "teams", std::move(data));
}

StaffAct team_act(PortalContext& context, const Exchange& exchange, const Form& form) {
  const std::string team = exchange.text("team");
  const std::string_view what = form.text("what");
  const PortalNames names(context.site, browser_of(exchange).visit().language);
  StaffAct out;
  out.done = what == "remove" ? "teams.done" : what == "accept" ? "teams.accepted" : "teams.added";
  out.next = "/staff/teams";
  if (what == "accept") {
    out.act = {{"kind", "accept_team"}, {"team", team}};
  } else {
    out.act = {
        {"kind", what == "remove" ? "roster_remove" : "roster_add"}, {"team", team}, {"staff", form.text("staff")}};
    if (what != "remove") out.act["role"] = form.text("role") == "deputy" ? "deputy" : "member";
  }
  const Result<StaffId> staff = StaffId::parse(form.text("staff"));
  const Result<TeamId> id = TeamId::parse(team);
  const std::string team_name = id ? names.team(*id) : std::string();
  if (what == "accept") {
    out.title = names.text("teams.accept_title", {{"team", team_name}});
    out.button = names.text("teams.accept");
    out.paragraphs = {names.text("teams.accept_text")};
    return out;
  }
  out.title = names.text("teams.sign_title");
  out.button = names.text("teams.add");
  const bool is_deputy = form.text("role") == "deputy";
  out.paragraphs = {names.text("teams.sign_text", {{"name", staff ? names.staff(*staff) : std::string()},
                                                   {"team", team_name},
                                                   {"role", role_word(names, is_deputy ? policy::TeamRole::deputy
                                                                                       : policy::TeamRole::member)}})};
  if (is_deputy) out.paragraphs.push_back(names.text("teams.sign_deputy"));
  return out;
}

}  // namespace

std::vector<Team> teams_seen_by(const service::Directory& directory, const StaffId& staff) {
  const std::optional<Staff> who = directory.row<Staff>(staff);
  if (!who) return {};
  std::set<TeamId> own;
  const auto is_own = [&](const RosterEntry& one) { return one.staff == staff; };
  for (const RosterEntry& one : directory.rows_where<RosterEntry>(is_own)) own.insert(one.team);
  const bool sees_all = is_officer(who);
  const auto is_seen = [&](const Team& team) {
    return team.standing != policy::Standing::removed && (sees_all || team.lead == staff || own.contains(team.id));
  };
  std::vector<Team> out = directory.rows_where<Team>(is_seen);
  std::ranges::sort(out, {}, [](const Team& team) { return std::pair(team.name, team.id); });
  return out;
}

bool leads_team(const service::Directory& directory, const TeamId& team, const StaffId& staff) {
  const std::optional<RosterEntry> entry = directory.row<RosterEntry>({team, staff});
  return entry && leads(*entry);
}

void add_team_pages(PortalContext& context, Router& router) {
  router
      .add(Method::get, "/staff/teams", AccessRule::staff_page, no_body(),
           staff_page(context, [&context](const StaffPage& page) { return teams(context, page); }))
      .add(Method::post, "/staff/teams/{team:id}", AccessRule::staff_page, whole_body(),
           one_button(context, [&context](const Exchange& e, const Form& form) { return team_act(context, e, form); }));
}

}  // namespace flikvakt::gateway
