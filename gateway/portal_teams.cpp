#include "gateway/portal_teams.h"

#include <algorithm>

#include "gateway/problem.h"

namespace flikvakt::gateway {
namespace {

using policy::RosterEntry;
using policy::Staff;
using policy::Team;

bool is_officer(const std::optional<Staff>& staff) {
  return staff && staff->roles.contains(policy::StaffRole::roster_officer);
}

std::vector<RosterEntry> roster_of(const service::Directory& directory, const TeamId& team) {
  std::vector<RosterEntry> out = directory.rows<RosterEntry>();
  std::erase_if(out, [&](const RosterEntry& one) { return one.team != team; });
  return out;
}

bool leads(const std::vector<RosterEntry>& roster, const StaffId& staff) {
  return std::ranges::any_of(roster, [&](const RosterEntry& one) {
    return one.staff == staff && one.is_complete() && one.role != policy::TeamRole::member;
  });
}

std::string role_word(const PortalNames& names, policy::TeamRole role) {
  return names.text("role." + std::string(to_json(role).as_string()));
}

// Who sees a button can press it: a lead for the team, a roster officer for those of the own organisation.
void put_roster(const PortalContext& context, const StaffPage& page, const Team& team, std::vector<RosterEntry> roster,
                web::Data& data) {
  const service::Directory& directory = context.core().directory();
  const bool is_lead = leads(roster, page.staff().staff);
  const bool speaks = is_officer(directory.row<Staff>(page.staff().staff));
  std::ranges::sort(roster, {},
                    [&](const RosterEntry& one) { return std::pair(one.role, page.names.staff(one.staff)); });
  for (const RosterEntry& one : roster) {
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

// Whom somebody can propose: a lead anybody, an officer those of the own organisation.
void put_candidates(const PortalContext& context, const StaffPage& page, const std::vector<RosterEntry>& roster,
                    bool is_lead, web::Data& data) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const Staff& one : context.core().directory().rows<Staff>()) {
    const bool is_in = std::ranges::any_of(roster, [&](const RosterEntry& entry) { return entry.staff == one.id; });
    const bool is_eligible = is_lead || one.organisation == page.staff().organisation;
    if (!is_in && is_eligible && one.standing == policy::Standing::active) {
      out.emplace_back(page.names.staff(one.id), one.id.text());
    }
  }
  std::ranges::sort(out);
  for (const auto& [name, value] : out) data.add("candidate").set("name", name).set("value", value);
}

Response teams(PortalContext& context, const StaffPage& page) {
  const service::Directory& directory = context.core().directory();
  const std::optional<Staff> staff = directory.row<Staff>(page.staff().staff);
  web::Data data;
  for (const Team& team : teams_seen_by(directory, page.staff().staff)) {
    const std::vector<RosterEntry> roster = roster_of(directory, team.id);
    web::Data& shown = data.add("team").set("id", team.id.text()).set("name", team.name);
    put_form(page.visit(), shown);
    shown.set("organisation", page.names.organisation(team.organisation));
    const bool can_accept = !team.accepted_by && is_officer(staff) && staff->organisation == team.organisation;
    shown.show_if(can_accept, "can_accept");
    put_roster(context, page, team, roster, shown);
    const bool is_lead = leads(roster, page.staff().staff);
    if (is_lead || is_officer(staff)) put_candidates(context, page, roster, is_lead, shown.add("can_add"));
  }
  data.show_if(data.sections().empty(), "none");
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
  out.paragraphs = {
      names.text("teams.sign_text", {{"name", staff ? names.staff(*staff) : std::string()}, {"team", team_name}})};
  return out;
}

}  // namespace

std::vector<Team> teams_seen_by(const service::Directory& directory, const StaffId& staff) {
  const std::optional<Staff> who = directory.row<Staff>(staff);
  std::vector<Team> out;
  for (const Team& team : directory.rows<Team>()) {
    if (team.standing == policy::Standing::removed || !who) continue;
    const std::vector<RosterEntry> roster = roster_of(directory, team.id);
    const bool is_in =
        team.lead == staff || std::ranges::any_of(roster, [&](const RosterEntry& one) { return one.staff == staff; });
    if (is_in || is_officer(who)) out.push_back(team);
  }
  std::ranges::sort(out, {}, &Team::name);
  return out;
}

bool leads_team(const service::Directory& directory, const TeamId& team, const StaffId& staff) {
  return leads(roster_of(directory, team), staff);
}

void add_team_pages(PortalContext& context, Router& router) {
  router
      .add(Method::get, "/staff/teams", AccessRule::staff_page, no_body(),
           staff_page(context, [&context](const StaffPage& page) { return teams(context, page); }))
      .add(Method::post, "/staff/teams/{team:id}", AccessRule::staff_page, whole_body(),
           one_button(context, [&context](const Exchange& e, const Form& form) { return team_act(context, e, form); }));
}

}  // namespace flikvakt::gateway
