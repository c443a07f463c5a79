#include "gateway/portal_own.h"

#include "crypto/random.h"
#include "gateway/api_answers.h"
#include "gateway/await_command.h"
#include "gateway/portal_acts.h"
#include "gateway/problem.h"

namespace flikvakt::gateway {
namespace {

Awaitable<Response> show_own(PortalContext& context, Exchange& exchange, const ShowOwn& show) {
  Awaitable<OverviewOrPage> asking = own_overview(context, exchange);
  OverviewOrPage found = co_await std::move(asking);
  if (Response* instead = std::get_if<Response>(&found)) co_return std::move(*instead);
  const BrowserIdentity& who = browser_of(exchange);
  const OwnPage page{who, std::get<policy::Overview>(found), exchange, PortalNames(context.site, who.visit().language),
                     context.core().clock().wall()};
  co_return show(page);
}

}  // namespace

std::string rate_key_of(const BrowserIdentity& who) {
  const policy::Actor& actor = who.session().actor;
  if (const auto* person = std::get_if<policy::PersonActor>(&actor)) return to_hex(person->key);
  if (const auto* staff = std::get_if<policy::StaffActor>(&actor)) return staff->staff.text();
  return std::get<policy::AdministratorActor>(actor).administrator.text();
}

std::optional<Response> too_many_pages(PortalContext& context, const Exchange& exchange) {
  const bool may = context.pages.allow(rate_key_of(browser_of(exchange)), context.core().clock().steady());
  return may ? std::nullopt : std::optional(too_many_requests());
}

Handler own_page(PortalContext& context, ShowOwn show) {
  auto kept = std::make_shared<const ShowOwn>(std::move(show));
  return [&context, kept](Exchange& exchange) { return show_own(context, exchange, *kept); };
}

Awaitable<OverviewOrPage> own_overview(PortalContext& context, Exchange& exchange) {
  const BrowserIdentity& who = browser_of(exchange);
  if (!context.pages.allow(rate_key_of(who), context.core().clock().steady())) co_return too_many_requests();
  Awaitable<service::CommandResult> decision = decide(context.core(), who.person(), policy::ReadOverview{});
  service::CommandResult result = co_await std::move(decision);
  if (result.decision.is_permitted()) co_return std::get<policy::Overview>(std::move(result.answer));
  exchange.set_cause(cause_of(result));
  if (result.status != service::CommandStatus::decided) co_return plain_problem(503);
  // A key that is not confirmed yet can take back, and see nothing (SPEC ENROL-1); nor do some others.
  web::Data data;
  const PortalNames names(context.site, who.visit().language);
  const bool is_unconfirmed = result.decision.reason == policy::Reason::actor_not_active;
  data.choose(is_unconfirmed, "unconfirmed", "other").set("why", names.reason_of_own(result.decision.reason));
  put_form(who.visit(), data);
  data.set("new_id", crypto::random_id<SparrId>().text());
  PortalSite::Options options;
  options.status = 403;
  options.title = names.text(is_unconfirmed ? "own_closed.title" : "own_closed.other_title");
  co_return context.site.page(who.visit(), "own_closed", std::move(data), options);
}

}  // namespace flikvakt::gateway
