#include "gateway/api_organisation_log.h"

#include <algorithm>

#include "gateway/api_answers.h"
#include "gateway/authentication.h"
#include "gateway/await_callback.h"
#include "gateway/problem.h"
#include "service/organisation_log.h"

namespace flikvakt::gateway {
namespace {

struct LogPlace {
  std::optional<std::uint64_t> below;
  std::optional<std::uint64_t> above;
};

Result<LogPlace> log_place(const Exchange& exchange) {
  LogPlace out;
  const auto is_given = [&](std::string_view name) { return !exchange.request().query(name).empty(); };
  if (is_given("below") && is_given("above")) return fail(ErrorCode::malformed, "`below` and `above`: one of them");
  if (is_given("below")) out.below = TRY(query_number(exchange, "below", std::nullopt));
  if (is_given("above")) out.above = TRY(query_number(exchange, "above", std::nullopt));
  return out;
}

json::object act_view(const service::OrganisationAct& act) {
  json::object out{{"entry", static_cast<std::int64_t>(act.entry)},
                   {"time", to_rfc3339(act.time)},
                   {"kind", audit::name_of(act.kind)},
                   {"staff", act.staff.text()}};
  if (act.outcome) out["outcome"] = audit::name_of(*act.outcome);
  return out;
}

}  // namespace

void OrganisationLogApi::add_to(Router& router) {
  router.add(Method::get, "/v1/organisation-log", AccessRule::staff_assertion, no_body(),
             [this](Exchange& e) { return read_log(e); });
}

// SPEC CONN-60: a log reviewer's act, as the page is: decided and logged.
Awaitable<Response> OrganisationLogApi::read_log(Exchange& exchange) {
  const policy::StaffActor reviewer = exchange.identity<StaffIdentity>().actor();
  const Result<std::uint64_t> limit = query_number(exchange, "limit", service::kMostOrganisationActs);
  if (!limit) co_return not_accepted(exchange, limit.error());
  const Result<LogPlace> place = log_place(exchange);
  if (!place) co_return not_accepted(exchange, place.error());
  if (!reads_.allow(reviewer.organisation.text(), core_.clock().steady())) co_return too_many_requests();
  using Page = std::shared_ptr<Result<service::OrganisationLogPage>>;
  const auto count = static_cast<std::uint32_t>(std::min<std::uint64_t>(*limit, service::kMostOrganisationActs));
  Awaitable<Page> reading = await_callback<Page>([this, reviewer, at = *place, count](std::function<void(Page)> done) {
    const auto give = [done](Result<service::OrganisationLogPage> page) {
      done(std::make_shared<Result<service::OrganisationLogPage>>(std::move(page)));
    };
    if (at.above) return service::follow_organisation_log(core_, reviewer, *at.above, count, give);
    service::read_organisation_log(core_, reviewer, {}, at.below, count, give);
  });
  const Page page = co_await std::move(reading);
  if (!*page) {
    if ((*page).error().code == ErrorCode::denied) co_return with_cause(exchange, page->error().message, refusal());
    co_return not_accepted(exchange, page->error());
  }
  json::array acts;
  for (const service::OrganisationAct& act : (*page)->acts) acts.push_back(act_view(act));
  json::object out{{"acts", std::move(acts)}, {"origin", core_.sequencer().origin()}};
  if ((*page)->next) out["next"] = static_cast<std::int64_t>(*(*page)->next);
  co_return json_response(200, json::serialize(out));
}

}  // namespace flikvakt::gateway
