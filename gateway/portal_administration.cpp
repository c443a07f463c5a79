#include "gateway/portal_administration.h"

#include "gateway/portal_admin_health.h"
#include "gateway/problem.h"
#include "service/figures_chart.h"

namespace flikvakt::gateway {
namespace {

Awaitable<Response> show_page(PortalContext& context, Exchange& exchange,
                              std::shared_ptr<const ShowAdministration> show) {
  const BrowserIdentity& who = browser_of(exchange);
  if (!context.pages.allow(rate_key_of(who), context.core().clock().steady())) co_return too_many_requests();
  const web::Language language = who.visit().language;
  const AdministrationPage page{who, exchange, PortalNames(context.site, language), context.core().clock().wall(),
                                context.site.words().is_swedish(language)};
  co_return (*show)(page);
}

std::string administrator_name(const service::Directory& directory, const policy::AdministratorActor& who) {
  const auto row = directory.row<policy::Administrator>(who.administrator);
  return row ? row->name : std::string();
}

Response start(PortalContext& context, const AdministrationPage& page) {
  web::Data data;
  data.set("name", administrator_name(context.core().directory(), page.who.administrator()));
  const std::size_t waiting = page.seen().proposals.size();
  data.set("waiting", page.names.count("administration.waiting", waiting));
  data.set("waiting_tone", waiting == 0 ? "tone-go" : "tone-wait").set("read", page.names.time(page.seen().read));
  std::size_t troubles = 0;
  for (const HealthCheck& check : health_checks(context, page)) {
    if (check.tone.empty() || check.tone == "tone-go") continue;
    ++troubles;
    data.add("trouble").set("name", check.name).set("value", check.value).set("tone", check.tone);
  }
  data.show_if(troubles == 0, "healthy");
  return context.site.page(page.visit(), "administration", std::move(data));
}

}  // namespace

Handler administration_page(PortalContext& context, ShowAdministration show) {
  auto kept = std::make_shared<const ShowAdministration>(std::move(show));
  return [&context, kept](Exchange& exchange) { return show_page(context, exchange, kept); };
}

void put_command(const AdministrationPage& page, std::string_view key, std::string_view line, web::Data& data) {
  const std::string whole = "flikvakt " + std::string(line) + " --data DATA --administrator KEYFILE";
  data.add("command").set("what", page.names.text(key)).set("line", whole);
}

void put_unsigned_command(const AdministrationPage& page, std::string_view key, std::string_view line,
                          web::Data& data) {
  data.add("command").set("what", page.names.text(key)).set("line", "flikvakt " + std::string(line) + " --data DATA");
}

void put_standing_commands(const AdministrationPage& page, std::string_view words, const std::string& id,
                           policy::Standing standing, web::Data& data) {
  const std::string line(words);
  if (standing == policy::Standing::active)
    put_command(page, "administration.do_suspend", line + " suspend " + id, data);
  if (standing == policy::Standing::suspended)
    put_command(page, "administration.do_reinstate", line + " reinstate " + id, data);
  if (standing != policy::Standing::removed)
    put_command(page, "administration.do_remove", line + " remove " + id, data);
}

void put_row_commands(const AdministrationPage& page, std::string_view words, const std::string& id,
                      policy::Standing standing, web::Data& row) {
  if (standing == policy::Standing::removed) return;
  put_standing_commands(page, words, id, standing, row.add("row_commands"));
}

void put_standing(const PortalNames& names, policy::Standing standing, web::Data& data) {
  data.set("standing", names.text("standing." + std::string(to_json(standing).as_string())));
  data.set("tone", standing == policy::Standing::active      ? "tone-go"
                   : standing == policy::Standing::suspended ? "tone-wait"
                                                             : "tone-off");
}

void put_period_standing(const AdministrationPage& page, policy::Standing standing, UtcTime from, UtcTime to,
                         web::Data& data) {
  if (standing != policy::Standing::active) return put_standing(page.names, standing, data);
  const bool is_over = page.now >= to;
  const bool is_next = page.now < from;
  data.set("standing", page.names.text(is_over   ? "administration.period_over"
                                       : is_next ? "administration.period_next"
                                                 : "administration.period_now"));
  data.set("tone", is_over ? "tone-off" : is_next ? "tone-wait" : "tone-go");
}

std::string kind_name(const AdministrationPage& page, policy::OrganisationKind kind) {
  const json::value code = to_json(kind);
  const auto language = page.is_swedish ? service::ChartLanguage::sv : service::ChartLanguage::en;
  return std::string(service::kind_title(std::string_view(code.get_string()), language));
}

void add_administration_pages(PortalContext& context, Router& router) {
  router.add(Method::get, "/administration", AccessRule::administrator_page, no_body(),
             administration_page(context, [&context](const AdministrationPage& page) { return start(context, page); }));
}

}  // namespace flikvakt::gateway
