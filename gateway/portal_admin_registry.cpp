#include "gateway/portal_admin_registry.h"

#include <algorithm>

#include "gateway/portal_paging.h"
#include "gateway/problem.h"
#include "gateway/provider_search.h"

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

constexpr std::size_t kOrganisationsOnAPage = 60;
constexpr std::size_t kRowsOnAPage = 15;  // of one organisation, of each kind: each has its commands
constexpr std::size_t kWeightOfATeam = 10, kPeopleOnAPage = 80;
constexpr std::size_t kTemplatesOnAPage = 6;
constexpr std::size_t kAreasInAList = 12;
constexpr std::size_t kTextInAList = 300;  // characters of a template's text

// Those that count first, each group by name.
template <class T>
std::vector<T> by_standing_and_name(std::vector<T> rows) {
  std::ranges::sort(rows, {}, [](const T& row) { return std::tie(row.standing, row.name, row.id); });
  return rows;
}

template <class T>
std::vector<T> of_organisation(const service::Directory& directory, const OrganisationId& organisation) {
  return directory.rows_where<T>([&](const T& row) { return row.organisation == organisation; });
}

// The rows that this page shows, under `list`, which gets the ways to the others; `name`: of the piece in the query.
template <class T>
std::vector<T> on_page(const AdministrationPage& page, const std::vector<T>& rows, std::string_view name,
                       web::Data& list) {
  const Request& request = page.exchange.request();
  const Piece piece = piece_of(request, rows.size(), kRowsOnAPage, name);
  put_pages(page.names, request, piece, list, name);
  const std::span<const T> shown = in_piece(rows, piece);
  return {shown.begin(), shown.end()};
}

std::string listed(const PortalNames& names, const std::set<std::string>& items) {
  return names.listed(names.some_of(items, kAreasInAList, [](const std::string& area) { return area; }));
}

// ---- Organisations

// By name or number, where they are many.
std::vector<Organisation> organisations_found(const service::Directory& directory, std::string_view words) {
  const std::vector<std::string> wanted = folded_words(words);
  return by_standing_and_name(directory.rows_where<Organisation>(
      [&](const Organisation& one) { return wanted.empty() || has_words(one.name + " " + one.number, wanted); }));
}

std::map<OrganisationId, std::vector<Authorisation>> authorisations_of(const service::Directory& directory,
                                                                       std::span<const Organisation> of) {
  std::map<OrganisationId, std::vector<Authorisation>> out;
  for (const Organisation& one : of) out[one.id];
  const auto is_asked_for = [&](const Authorisation& row) { return out.contains(row.organisation); };
  for (Authorisation& row : directory.rows_where<Authorisation>(is_asked_for))
    out[row.organisation].push_back(std::move(row));
  return out;
}

Response organisations(PortalContext& context, const AdministrationPage& page) {
  const service::Directory& directory = context.core().directory();
  web::Data data;
  const Request& request = page.exchange.request();
  const std::string words = web::plain_text(request.query("q").substr(0, kLongestQuestion));
  const std::vector<Organisation> rows = organisations_found(directory, words);
  const Piece piece = piece_of(request, rows.size(), kOrganisationsOnAPage);
  put_pages(page.names, request, piece, data);
  if (piece.pieces > 1 || !words.empty()) {
    data.add("search").set("q", words).set("count", page.names.count("admin_organisations.count", rows.size()));
  }
  const std::map<OrganisationId, std::vector<Authorisation>> all = authorisations_of(directory, in_piece(rows, piece));
  for (const Organisation& one : in_piece(rows, piece)) {
    const std::vector<Authorisation>& authorised = all.at(one.id);
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
  web::Data& list = data.add("authorisations");
  for (const Authorisation& one : on_page(page, rows, "authorisations", list)) {
    web::Data& shown = list.add("authorisation").set("areas", listed(page.names, one.areas));
    shown.set("from", page.names.day(one.valid_from)).set("to", page.names.last_day(one.valid_to));
    put_period_standing(page, one.standing, one.valid_from, one.valid_to, shown);
    const bool may_end = one.standing == Standing::active && page.now < one.valid_to;
    if (may_end) put_command(page, "administration.do_end_authorisation", "authorisation end " + one.id.text(), shown);
  }
}

void put_staff(const AdministrationPage& page, const service::Directory& directory, std::vector<Staff> rows,
               web::Data& data) {
  data.show_if(rows.empty(), "no_staff");
  web::Data& list = data.add("all_staff");
  for (const Staff& one : on_page(page, by_standing_and_name(std::move(rows)), "staff", list)) {
    web::Data& shown = list.add("staff").set("name", one.name);
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
  web::Data& list = data.add("units");
  for (const Unit& one : on_page(page, by_standing_and_name(std::move(rows)), "units", list)) {
    web::Data& shown = list.add("unit").set("name", one.name);
    put_standing(page.names, one.standing, shown);
    put_row_commands(page, "unit", one.id.text(), one.standing, shown);
  }
}

void put_certificates(const AdministrationPage& page, std::vector<Certificate> rows, web::Data& data) {
  std::ranges::sort(rows, std::greater<>(), &Certificate::valid_to);
  data.show_if(rows.empty(), "no_certificate");
  web::Data& list = data.add("certificates");
  for (const Certificate& one : on_page(page, rows, "certificates", list)) {
    web::Data& shown = list.add("certificate").set("fingerprint", to_hex(one.fingerprint).substr(0, 16));
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

void put_roster(const AdministrationPage& page, std::vector<RosterEntry> roster, web::Data& data) {
  std::ranges::sort(roster, {},
                    [&](const RosterEntry& one) { return std::pair(one.role, page.names.staff(one.staff)); });
  data.show_if(roster.empty(), "nobody");
  const Request& request = page.exchange.request();
  const Piece piece = piece_of(request, roster.size(), kPeopleOnAPage, "people");
  web::Data& list = data.add("roster");
  put_pages(page.names, request, piece, list, "people");
  for (const RosterEntry& one : in_piece(roster, piece)) {
    const std::string_view waits = one.officer ? "teams.waits_for_lead" : "teams.waits_for_officer";
    list.add("entry")
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
  std::map<TeamId, std::vector<RosterEntry>> rosters;
  for (RosterEntry& one : directory.rows<RosterEntry>()) rosters[one.team].push_back(std::move(one));
  std::vector<std::size_t> weights;
  for (const Team& one : rows) weights.push_back(kWeightOfATeam + rosters[one.id].size());
  const Request& request = page.exchange.request();
  const Piece piece = piece_by_weight(request, weights, kWeightOfATeam + kPeopleOnAPage);
  put_pages(page.names, request, piece, data.add("all_pages"));
  for (const Team& one : in_piece(rows, piece)) {
    web::Data& shown = data.add("team").set("id", one.id.text()).set("name", one.name);
    shown.set("organisation", page.names.organisation(one.organisation)).set("lead", page.names.staff(one.lead));
    put_standing(page.names, one.standing, shown);
    shown.show_if(one.standing == Standing::active && !one.accepted_by, "not_accepted");
    put_roster(page, rosters[one.id], shown);
    put_row_commands(page, "team", one.id.text(), one.standing, shown);
  }
  data.show_if(rows.empty(), "none");
  put_command(page, "administration.do_team_add", "team add --organisation ID --name NAME --lead ID",
              data.add(kPageCommands));
  return context.site.page(page.visit(), "admin_teams", std::move(data));
}

// ---- Templates, and what there is to know of kontrakt

std::string name_of(const FullmaktTemplate& one) { return one.texts.empty() ? one.id.text() : one.texts.front().name; }

void put_terms(const PortalContext& context, const AdministrationPage& page, const FullmaktTemplate& one,
               std::size_t most, web::Data& data) {
  data.set("id", one.id.text()).set("name", name_of(one)).set("purpose", page.names.purpose(one.purpose));
  data.set("disclosers", page.names.organisations(one.disclosers, most));
  data.set("recipients", page.names.recipients(one.recipients, most))
      .set("flikar", page.names.flikar(one.flikar, most));
  data.set("rights", page.names.rights(one.rights)).set("days", std::uint64_t{one.days});
  data.set("secrecy", one.secrecy_consent).set("ground", one.legal_ground);
  put_standing(page.names, one.standing, data);
  const bool is_old = one.standing == Standing::active && one.epoch != context.core().directory().instance().epoch;
  data.show_if(is_old, "of_before_a_restore");
}

Response templates(PortalContext& context, const AdministrationPage& page) {
  const service::Directory& directory = context.core().directory();
  // By their ids alone first: their texts may be long.
  std::vector<std::pair<Standing, TemplateId>> rows;
  static_cast<void>(directory.rows_where<FullmaktTemplate>([&](const FullmaktTemplate& row) {
    rows.emplace_back(row.standing, row.id);
    return false;
  }));
  std::ranges::sort(rows);
  const Request& request = page.exchange.request();
  const Piece piece = piece_of(request, rows.size(), kTemplatesOnAPage);
  web::Data data;
  put_pages(page.names, request, piece, data);
  for (const auto& [standing, id] : in_piece(rows, piece)) {
    const std::optional<FullmaktTemplate> one = directory.row<FullmaktTemplate>(id);
    if (!one) continue;
    web::Data& shown = data.add("template");
    put_terms(context, page, *one, PortalNames::kFewOfThem, shown);
    for (const policy::TemplateText& text : one->texts) {
      const std::string body = shortened(text.text, kTextInAList);
      web::Data& in_list = shown.add("text").set("language", text.language).set("name", text.name).set("body", body);
      if (body != text.text) in_list.add("cut").set("id", one->id.text());
    }
    put_row_commands(page, "template", one->id.text(), one->standing, shown);
  }
  data.show_if(rows.empty(), "none");
  web::Data& commands = data.add(kPageCommands);
  put_command(page, "administration.do_template_add", "template add FILE", commands);
  put_command(page, "administration.do_kontrakt_add", "kontrakt add PLAN", commands);
  put_command(page, "administration.do_kontrakt_propose", "kontrakt propose ID PLAN", commands);
  put_command(page, "administration.do_kontrakt_end", "kontrakt end ID", commands);
  return context.site.page(page.visit(), "admin_templates", std::move(data));
}

// One template in its whole words, a language at a time: SPEC PORTAL-80.
Response one_template(PortalContext& context, const AdministrationPage& page) {
  const auto one = context.core().directory().row<FullmaktTemplate>(page.exchange.id<TemplateId>("template"));
  if (!one) return refusal();
  const Request& request = page.exchange.request();
  web::Data data;
  put_terms(context, page, *one, PortalNames::kAllOfThem, data);
  const Piece piece = piece_of(request, one->texts.size(), 1, "text");
  for (const policy::TemplateText& text : in_piece(one->texts, piece)) {
    data.add("text").set("language", text.language).set("name", text.name).set("body", text.text);
  }
  put_pages(page.names, request, piece, data, "text");
  PortalSite::Options options;
  options.title = name_of(*one);
  return context.site.page(page.visit(), "admin_template", std::move(data), options);
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
  add("/administration/templates/{template:id}", one_template);
}

}  // namespace flikvakt::gateway
