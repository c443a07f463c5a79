#include "gateway/portal_review.h"

#include <algorithm>

#include "crypto/random.h"
#include "gateway/await_callback.h"
#include "gateway/portal_log.h"
#include "gateway/portal_review_view.h"
#include "gateway/problem.h"

namespace flikvakt::gateway {
namespace {

using service::OrganisationAct;
using service::OrganisationLogFilter;

constexpr std::uint32_t kActsOnAPage = 50;
constexpr std::uint32_t kSampleUnasked = 10;
constexpr double kTokens = 4;  // of the staff member's rate: the log's reader serves people's own logs too
constexpr std::uint64_t kSeeds = 100'000'000;  // eight digits: to be read out to a second reviewer

// Only what a reviewer found something of: that it is to be followed up, or is in order.
std::optional<policy::ReviewFinding> finding_in(const Request& request) {
  if (request.query("found") == "follow_up") return policy::ReviewFinding::follow_up;
  if (request.query("found") == "checked") return policy::ReviewFinding::checked;
  return std::nullopt;
}

// ---- Asking: one at a time, within the staff member's rate, as the own log is (SPEC PORTAL-33)

template <class T>
using Found = std::shared_ptr<Result<T>>;

template <class T>
std::function<void(Result<T>)> handing_on(std::function<void(Found<T>)> done) {
  return [done = std::move(done)](Result<T> found) { done(std::make_shared<Result<T>>(std::move(found))); };
}

// SPEC PORTAL-60
Response not_read(Exchange& exchange, const Error& error) {
  exchange.set_cause(error.message);
  const bool is_refused = error.code == ErrorCode::denied || error.code == ErrorCode::not_found;
  return is_refused ? refusal() : plain_problem(503);
}

using Pages = Found<service::OrganisationLogPage>;

Awaitable<Pages> read_list(PortalContext& context, Exchange& exchange) {
  const policy::StaffActor reviewer = browser_of(exchange).staff();
  const OrganisationLogFilter filter = review_filter_of(context, exchange);
  const std::optional<std::uint64_t> below = review_number_in(exchange.request(), "below");
  Awaitable<Pages> reading =
      await_callback<Pages>([&context, reviewer, filter, below](std::function<void(Pages)> done) {
        service::read_organisation_log(context.core(), reviewer, filter, below, kActsOnAPage,
                                       handing_on<service::OrganisationLogPage>(std::move(done)));
      });
  co_return co_await std::move(reading);
}

std::vector<std::uint64_t> entries_found(const PortalContext& context, const OrganisationId& organisation,
                                         policy::ReviewFinding finding) {
  const service::Directory& directory = context.core().directory();
  const std::uint32_t epoch = directory.instance().epoch;
  const auto is_it = [&](const policy::Review& one) {
    return one.organisation == organisation && one.epoch == epoch && one.finding == finding;
  };
  std::vector<std::uint64_t> out;
  for (const policy::Review& one : directory.rows_where<policy::Review>(is_it)) out.push_back(one.entry);
  std::ranges::sort(out, std::greater<>());
  return out;
}

// SPEC PORTAL-64: acts of which that was found, the newest first.
Awaitable<Pages> read_found(PortalContext& context, Exchange& exchange, policy::ReviewFinding finding) {
  const policy::StaffActor reviewer = browser_of(exchange).staff();
  const OrganisationLogFilter filter = review_filter_of(context, exchange);
  std::vector<std::uint64_t> entries = entries_found(context, reviewer.organisation, finding);
  const std::optional<std::uint64_t> below = review_number_in(exchange.request(), "below");
  if (below) std::erase_if(entries, [&](std::uint64_t entry) { return entry >= *below; });
  const bool is_more = entries.size() > service::kMostOrganisationActs;
  if (is_more) entries.resize(service::kMostOrganisationActs);
  const std::optional<std::uint64_t> last = is_more ? std::optional(entries.back()) : std::nullopt;
  using Acts = Found<std::vector<OrganisationAct>>;
  Awaitable<Acts> reading = await_callback<Acts>([&context, reviewer, filter, entries](std::function<void(Acts)> done) {
    service::read_organisation_acts(context.core(), reviewer, filter, entries,
                                    handing_on<std::vector<OrganisationAct>>(std::move(done)));
  });
  const Acts found = co_await std::move(reading);
  if (!*found) co_return std::make_shared<Result<service::OrganisationLogPage>>(found->error());
  service::OrganisationLogPage out{std::move(**found), last};
  if (out.acts.size() > kActsOnAPage) {
    out.acts.resize(kActsOnAPage);
    out.next = out.acts.back().entry;
  }
  co_return std::make_shared<Result<service::OrganisationLogPage>>(std::move(out));
}

void put_found(const PortalContext& context, const StaffPage& page, web::Data& data) {
  const std::string_view found = page.exchange.request().query("found");
  put_review_choices(
      "found", {{page.names.text("review.follow_up"), "follow_up"}, {page.names.text("review.checked"), "checked"}},
      found, data);
  const std::size_t count = entries_found(context, page.staff().organisation, policy::ReviewFinding::follow_up).size();
  if (count > 0 && found.empty()) data.add("to_follow_up").set("text", page.names.count("review.to_follow_up", count));
}

Awaitable<Response> show_list(PortalContext& context, Exchange& exchange) {
  const std::optional<policy::ReviewFinding> finding = finding_in(exchange.request());
  Awaitable<Pages> reading = finding ? read_found(context, exchange, *finding) : read_list(context, exchange);
  const Pages found = co_await std::move(reading);
  if (!*found) co_return not_read(exchange, found->error());
  const StaffPage page = staff_page_of(context, exchange);
  const service::OrganisationLogPage& shown = **found;
  web::Data data;
  put_found(context, page, data);
  put_review_filters(context, page, data);
  put_reviewed_days(context, page, shown.acts, data);
  data.show_if(shown.acts.empty(), shown.next ? "none_here" : "none");
  if (shown.next) {
    const ReviewMembers more{{"found", std::string(exchange.request().query("found"))},
                             {"below", std::to_string(*shown.next)}};
    data.add("older").set("href", review_address("/staff/review", exchange.request(), more));
  }
  data.set("sample", review_address("/staff/review/sample", exchange.request(), {}));
  co_return context.site.page(page.visit(), "review", std::move(data));
}

service::SampleQuery sample_query_of(const PortalContext& context, const Exchange& exchange) {
  const Request& request = exchange.request();
  service::SampleQuery out;
  out.filter = review_filter_of(context, exchange);
  const ByteArray<8> random = crypto::random_bytes<8>();
  ByteReader bytes(random);
  out.seed = review_number_in(request, "seed").value_or(bytes.u64() % kSeeds);
  const std::uint64_t count = review_number_in(request, "count").value_or(kSampleUnasked);
  out.count = static_cast<std::uint32_t>(std::clamp<std::uint64_t>(count, 1, kActsOnAPage));
  out.end = review_number_in(request, "end");
  out.drawn = std::min(review_number_in(request, "drawn").value_or(0), service::kMostEntriesOfASample - 1);
  return out;
}

Awaitable<Response> show_sample(PortalContext& context, Exchange& exchange) {
  const policy::StaffActor reviewer = browser_of(exchange).staff();
  const service::SampleQuery query = sample_query_of(context, exchange);
  using Samples = Found<service::OrganisationSample>;
  Awaitable<Samples> reading = await_callback<Samples>([&context, reviewer, query](std::function<void(Samples)> done) {
    service::draw_sample(context.core(), reviewer, query, handing_on<service::OrganisationSample>(std::move(done)));
  });
  const Samples found = co_await std::move(reading);
  if (!*found) co_return not_read(exchange, found->error());
  const StaffPage page = staff_page_of(context, exchange);
  const service::OrganisationSample& sample = **found;
  web::Data data;
  put_review_filters(context, page, data);
  for (const OrganisationAct& act : sample.acts) {
    web::Data& shown = data.add("act");
    put_reviewed_act(context, page, act, shown);
    shown.set("clock", page.names.time(act.time));
  }
  const std::string seed = std::to_string(query.seed), count = std::to_string(query.count);
  const std::string end = std::to_string(sample.end);
  data.set("seed", seed).set("count", count).set("end", end).set("first", sample.first);
  data.set("drawn", page.names.count("review.drawn", sample.acts.size()));
  // SPEC PORTAL-62: whoever is given this address draws the same.
  const ReviewMembers same{{"seed", seed},
                           {"count", count},
                           {"end", end},
                           {"drawn", query.drawn > 0 ? std::to_string(query.drawn) : std::string()}};
  data.set("again", review_address("/staff/review/sample", exchange.request(), same));
  data.set("another", review_address("/staff/review/sample", exchange.request(), {{"count", count}}));
  // SPEC PORTAL-62: the same sample goes on, until it would be none any more.
  const bool may_go_on = sample.is_cut && sample.drawn < service::kMostEntriesOfASample;
  if (may_go_on) {
    const ReviewMembers more{{"seed", seed}, {"count", count}, {"end", end}, {"drawn", std::to_string(sample.drawn)}};
    data.add("go_on").set("href", review_address("/staff/review/sample", exchange.request(), more));
  }
  data.show_if(sample.is_cut && !may_go_on, "cut");
  data.show_if(sample.acts.empty(), "none");
  co_return context.site.page(page.visit(), "review_sample", std::move(data));
}

using Acts = Found<OrganisationAct>;
Awaitable<Acts> read_act(PortalContext& context, Exchange& exchange) {
  const policy::StaffActor reviewer = browser_of(exchange).staff();
  const std::uint64_t entry = exchange.number("entry");
  Awaitable<Acts> reading = await_callback<Acts>([&context, reviewer, entry](std::function<void(Acts)> done) {
    service::read_organisation_act(context.core(), reviewer, entry, handing_on<OrganisationAct>(std::move(done)));
  });
  co_return co_await std::move(reading);
}

Awaitable<Response> show_act(PortalContext& context, Exchange& exchange) {
  Awaitable<Acts> reading = read_act(context, exchange);
  const Acts found = co_await std::move(reading);
  if (!*found) co_return not_read(exchange, found->error());
  const StaffPage page = staff_page_of(context, exchange);
  web::Data data;
  put_reviewed_act(context, page, **found, data);
  data.set("clock", page.names.time((*found)->time));
  const bool is_own = (*found)->staff == page.staff().staff;
  data.show_if(is_own, "own");
  if (!is_own) put_form(page.visit(), data.add("may_note").set("entry", (*found)->entry));
  PortalSite::Options options;
  options.title = page.names.text("review_act.title", {{"n", std::to_string((*found)->entry)}});
  co_return context.site.page(page.visit(), "review_act", std::move(data), options);
}

// SPEC PORTAL-63: of an act of the own organisation, and not of one's own.
Awaitable<Response> note(PortalContext& context, Exchange& exchange) {
  FormOrPage read = form_or_page(context, exchange);
  if (Response* instead = std::get_if<Response>(&read)) co_return std::move(*instead);
  const Form form = std::get<Form>(std::move(read));
  Awaitable<Acts> reading = read_act(context, exchange);
  const Acts found = co_await std::move(reading);
  if (!*found) co_return not_read(exchange, found->error());
  if ((*found)->staff == browser_of(exchange).staff().staff) {
    exchange.set_cause("a review of one's own act");
    co_return refusal();
  }
  const std::uint64_t entry = (*found)->entry;
  StaffAct act;
  act.act = json::object{{"kind", "note_review"},
                         {"entry", to_json(entry)},
                         {"finding", form.text("finding") == "follow_up" ? "follow_up" : "checked"},
                         {"note", form.text("write_note")}};
  act.done = "review.done";
  act.next = "/staff/review/" + std::to_string(entry);
  Awaitable<Response> sending = send_as_staff(context, exchange, form, std::move(act));
  co_return co_await std::move(sending);
}

}  // namespace

void add_review_pages(PortalContext& context, Router& router) {
  const AccessRule staff = AccessRule::staff_page;
  router.add(Method::get, "/staff/review", staff, no_body(), in_turn(context, show_list, kTokens))
      .add(Method::get, "/staff/review/sample", staff, no_body(), in_turn(context, show_sample, kTokens))
      .add(Method::get, "/staff/review/{entry:number}", staff, no_body(), in_turn(context, show_act, kTokens))
      .add(Method::post, "/staff/review/{entry:number}", staff, whole_body(), in_turn(context, note, kTokens));
}

}  // namespace flikvakt::gateway
