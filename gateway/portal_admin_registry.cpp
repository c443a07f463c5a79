#include "gateway/portal_admin_registry.h"

#include <algorithm>

#include "gateway/problem.h"

namespace flikvakt::gateway {
namespace {

using policy::Authorisation;
using policy::Certificate;
using policy::FullmaktTemplate;
using policy::Organisation;
using policy::RosterEntry;
using policy::Staff;
using policy::Standing;
using policy::Team;
using policy::Unit;

// Those that count first, each group by name.
template <class T>
std::vector<T> by_standing_and_name(std::vector<T> rows) {
  std::ranges::sort(rows, {}, [](const T& row) { return std::pair(row.standing, row.name); });
  return rows;
}

template <class T>
std::vector<T> of_organisation(const service::Directory& directory, const OrganisationId& organisation) {
  std::vector<T> out = directory.rows<T>();
  std::erase_if(out, [&](const T& row) { return row.organisation != organisation; });
  return out;
}

std::string listed(const PortalNames& names, const std::set<std::string>& items) {
  return names.listed(std::vector<std::string>(items.begin(), items.end()));
}

// ---- Organisations

Response organisations(PortalContext& context, const AdministrationPage& page) {
  const service::Directory& directory = context.core().directory();
  web::Data data;
  const std::vector<Organisation> rows = by_standing_and_name(directory.rows<Organisation>());
  for (const Organisation& one : rows) {
    const auto authorised = of_organisation<Authorisation>(directory, one.id);
    const auto now = std::ranges::count_if(authorised, [&](const Authorisation& row) {
      return row.standing == Standing::active && row.valid_from <= page.now && page.now < row.valid_to;
    });
    web::Data& shown = data.add("organisation").set("id", one.id.text()).set("name", one.name);
    shown.set("kind", kind_name(page, one.kind)).set("number", one.number);
    put_standing(page.names, one.standing, shown);
    const bool is_provider = one.kind == policy::OrganisationKind::provider || !authorised.empty();
    if (is_provider) {
      shown.add("authorised")
          .set("count", page.names.count("admin_organisations.authorised", static_cast<std::uint64_t>(now)));
    }
  }
  data.show_if(rows.empty(), "none");
  put_command(page, "administration.do_organisation_add", "organisation add --name NAME --number NUMBER --kind KIND",
              data.add(kPageCommands));
  return context.site.page(page.visit(), "admin_organisations", std::move(data));
}

void put_authorisations(const AdministrationPage& page, std::vector<Authorisation> rows, web::Data& data) {
  std::ranges::sort(rows, std::greater<>(), &Authorisation::valid_to);
  data.show_if(rows.empty(), "no_authorisation");
  for (const Authorisation& one : rows) {
    web::Data& shown = data.add("authorisation").set("areas", listed(page.names, one.areas));
    shown.set("from", page.names.day(one.valid_from)).set("to", page.names.last_day(one.valid_to));
    put_period_standing(page, one.standing, one.valid_from, one.valid_to, shown);
    const bool may_end = one.standing == Standing::active && page.now < one.valid_to;
    if (may_end) put_command(page, "administration.do_end_authorisation", "authorisation end " + one.id.text(), shown);
  }
}

void put_staff(const AdministrationPage& page, const service::Directory& directory, std::vector<Staff> rows,
               web::Data& data) {
  data.show_if(rows.empty(), "no_staff");
  for (const Staff& one : by_standing_and_name(std::move(rows))) {
    web::Data& shown = data.add("staff").set("name", one.name);
    const auto unit = one.unit ? directory.row<Unit>(*one.unit) : std::nullopt;
    if (unit) shown.add("in_unit").set("unit", unit->name);
    for (const policy::StaffRole role : one.roles) {
      shown.add("role").set("text", page.names.text("staff_role." + std::string(to_json(role).as_string())));
    }
    put_standing(page.names, one.standing, shown);
    put_row_commands(page, "staff", one.id.text(), one.standing, shown);
  }
}

void put_units(const AdministrationPage& page, std::vector<Unit> rows, web::Data& data) {
  data.show_if(rows.empty(), "no_unit");
  for (const Unit& one : by_standing_and_name(std::move(rows))) {
    web::Data& shown = data.add("unit").set("name", one.name);
    put_standing(page.names, one.standing, shown);
    put_row_commands(page, "unit", one.id.text(), one.standing, shown);
  }
}

void put_certificates(const AdministrationPage& page, std::vector<Certificate> rows, web::Data& data) {
  std::ranges::sort(rows, std::greater<>(), &Certificate::valid_to);
  data.show_if(rows.empty(), "no_certificate");
  for (const Certificate& one : rows) {
    web::Data& shown = data.add("certificate").set("fingerprint", to_hex(one.fingerprint).substr(0, 16));
    shown.set("until", page.names.time(one.valid_to));
    put_period_standing(page, one.standing, one.valid_from, one.valid_to, shown);
    put_row_commands(page, "certificate", to_hex(one.fingerprint), one.standing, shown);
  }
}

Response organisation(PortalContext& context, const AdministrationPage& page) {
  const service::Directory& directory = context.core().directory();
  const auto id = page.exchange.id<OrganisationId>("organisation");
  const std::optional<Organisation> found = directory.row<Organisation>(id);
  if (!found) return refusal();
  web::Data data;
  data.set("name", found->name).set("kind", kind_name(page, found->kind)).set("number", found->number);
  data.set("id", id.text());
  put_standing(page.names, found->standing, data);
  put_authorisations(page, of_organisation<Authorisation>(directory, id), data);
  put_units(page, of_organisation<Unit>(directory, id), data);
  put_staff(page, directory, of_organisation<Staff>(directory, id), data);
  put_certificates(page, of_organisation<Certificate>(directory, id), data);
  const std::string of = " --organisation " + id.text();
  web::Data& commands = data.add(kPageCommands);
  put_standing_commands(page, "organisation", id.text(), found->standing, commands);
  put_command(page, "administration.do_authorisation_add",
              "authorisation add" + of + " --area AREA --from DATE --to DATE", commands);
  put_command(page, "administration.do_unit_add", "unit add" + of + " --name NAME", commands);
  put_command(page, "administration.do_staff_add", "staff add" + of + " --name NAME --role ROLE", commands);
  PortalSite::Options options;
  options.title = found->name;
  return context.site.page(page.visit(), "admin_organisation", std::move(data), options);
}

// ---- Teams

void put_roster(const AdministrationPage& page, const std::vector<RosterEntry>& all, const TeamId& team,
                web::Data& data) {
  std::vector<RosterEntry> roster = all;
  std::erase_if(roster, [&](const RosterEntry& one) { return one.team != team; });
  std::ranges::sort(roster, {},
                    [&](const RosterEntry& one) { return std::pair(one.role, page.names.staff(one.staff)); });
  data.show_if(roster.empty(), "nobody");
  for (const RosterEntry& one : roster) {
    const std::string_view waits = one.officer ? "teams.waits_for_lead" : "teams.waits_for_officer";
    data.add("entry")
        .set("name", page.names.staff(one.staff))
        .set("role", page.names.text("role." + std::string(to_json(one.role).as_string())))
        .set("state", page.names.text(one.is_complete() ? "teams.complete" : waits))
        .set("state_tone", one.is_complete() ? "tone-go" : "tone-wait");
  }
}

// SPEC PORTAL-41
Response teams(PortalContext& context, const AdministrationPage& page) {
  const service::Directory& directory = context.core().directory();
  web::Data data;
  const std::vector<Team> rows = by_standing_and_name(directory.rows<Team>());
  const std::vector<RosterEntry> all = directory.rows<RosterEntry>();
  for (const Team& one : rows) {
    web::Data& shown = data.add("team").set("id", one.id.text()).set("name", one.name);
    shown.set("organisation", page.names.organisation(one.organisation)).set("lead", page.names.staff(one.lead));
    put_standing(page.names, one.standing, shown);
    shown.show_if(one.standing == Standing::active && !one.accepted_by, "not_accepted");
    put_roster(page, all, one.id, shown);
    put_row_commands(page, "team", one.id.text(), one.standing, shown);
  }
  data.show_if(rows.empty(), "none");
  put_command(page, "administration.do_team_add", "team add --organisation ID --name NAME --lead ID",
              data.add(kPageCommands));
  return context.site.page(page.visit(), "admin_teams", std::move(data));
}

// ---- Templates, and what there is to know of kontrakt

void put_texts(const FullmaktTemplate& one, web::Data& data) {
  for (const policy::TemplateText& text : one.texts) {
    data.add("text").set("language", text.language).set("name", text.name).set("body", text.text);
  }
}

Response templates(PortalContext& context, const AdministrationPage& page) {
  std::vector<FullmaktTemplate> rows = context.core().directory().rows<FullmaktTemplate>();
  std::ranges::sort(rows, {}, [](const FullmaktTemplate& row) { return std::pair(row.standing, row.id); });
  const std::uint32_t epoch = context.core().directory().instance().epoch;
  web::Data data;
  for (const FullmaktTemplate& one : rows) {
    web::Data& shown = data.add("template").set("id", one.id.text());
    shown.set("name", one.texts.empty() ? one.id.text() : one.texts.front().name);
    shown.set("purpose", page.names.purpose(one.purpose)).set("disclosers", page.names.organisations(one.disclosers));
    shown.set("recipients", page.names.recipients(one.recipients)).set("flikar", page.names.flikar(one.flikar));
    shown.set("rights", page.names.rights(one.rights)).set("days", std::uint64_t{one.days});
    shown.set("secrecy", one.secrecy_consent).set("ground", one.legal_ground);
    put_standing(page.names, one.standing, shown);
    shown.show_if(one.standing == Standing::active && one.epoch != epoch, "of_before_a_restore");
    put_texts(one, shown);
    put_row_commands(page, "template", one.id.text(), one.standing, shown);
  }
  data.show_if(rows.empty(), "none");
  web::Data& commands = data.add(kPageCommands);
  put_command(page, "administration.do_template_add", "template add FILE", commands);
  put_command(page, "administration.do_kontrakt_add", "kontrakt add PLAN", commands);
  put_command(page, "administration.do_kontrakt_propose", "kontrakt propose ID PLAN", commands);
  put_command(page, "administration.do_kontrakt_end", "kontrakt end ID", commands);
  return context.site.page(page.visit(), "admin_templates", std::move(data));
}

}  // namespace

void add_admin_registry_pages(PortalContext& context, Router& router) {
  const auto add = [&](std::string_view pattern, Response (*show)(PortalContext&, const AdministrationPage&)) {
    router.add(
        Method::get, pattern, AccessRule::administrator_page, no_body(),
        administration_page(context, [&context, show](const AdministrationPage& page) { return show(context, page); }));
  };
  add("/administration/organisations", organisations);
  add("/administration/organisations/{organisation:id}", organisation);
  add("/administration/teams", teams);
  add("/administration/templates", templates);
}

}  // namespace flikvakt::gateway
