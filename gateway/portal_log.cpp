#include "gateway/portal_log.h"

#include <algorithm>

#include "gateway/await_callback.h"
#include "gateway/portal_choices.h"
#include "gateway/portal_follow.h"
#include "gateway/problem.h"
#include "gateway/provider_search.h"
#include "gateway/receipt_answers.h"
#include "service/receipts.h"
#include "web/dates.h"

namespace flikvakt::gateway {
namespace {

constexpr std::uint32_t kEntriesOnAPage = 40;
constexpr double kFilterTokens = 5;  // of the person's rate, as at the API's door
// What the page may be asked to show, beside `readings`, which it shows unasked.
constexpr std::string_view kShown[] = {"readings", "refused",  "all",  "documents",     "consent", "requests",
                                       "cases",    "kontrakt", "keys", "circumstances", "own"};

std::string text_of(const json::object& object, std::string_view name) {
  const json::value* found = object.if_contains(name);
  return found && found->is_string() ? std::string(found->get_string()) : std::string();
}

std::string name_of(const json::object& object, std::string_view member) {
  const json::value* found = object.if_contains(member);
  return found && found->is_object() ? text_of(found->get_object(), "name") : std::string();
}

policy::Reason reason_of(const json::object& entry) {
  const json::value* number = entry.if_contains("reason");
  boost::system::error_code none;
  return static_cast<policy::Reason>(number ? number->to_number<std::uint16_t>(none) : 0);
}

std::string who_of(const PortalNames& names, const json::object& entry) {
  const std::string actor = text_of(entry, "actor");
  if (actor != "staff") return names.text("log.actor_" + actor);
  const std::string organisation = name_of(entry, "organisation");
  if (organisation.empty()) return names.text("log.actor_staff");
  std::string out = organisation;
  if (const std::string unit = name_of(entry, "unit"); !unit.empty()) out += ", " + unit;
  if (const std::string staff = text_of(entry, "staff"); !staff.empty()) out += ": " + staff;
  return out;
}

std::string why_of(const PortalNames& names, const json::object& entry) {
  const bool is_own = text_of(entry, "actor") == "self";
  return is_own ? names.reason_of_own(reason_of(entry)) : names.reason(reason_of(entry));
}

std::string_view shown_in(const Request& request) {
  const std::string_view asked = request.query("show");
  const auto found = std::ranges::find(kShown, asked);
  return found == std::end(kShown) ? kShown[0] : *found;
}

// A day of the query: from its beginning, by Swedish time, or to its end.
std::optional<UtcTime> day_in(const Request& request, std::string_view name, std::chrono::days more) {
  const Result<Date> date = parse_date(request.query(name));
  if (!date || !date->ok()) return std::nullopt;
  return web::from_swedish_time(std::chrono::local_days(*date) + more);
}

// The organisation that is chosen, or the only one that is looked for by name. Empty: any.
std::string organisation_in(const PortalContext& context, const Request& request) {
  if (!request.query("organisation").empty()) return std::string(request.query("organisation"));
  const std::vector<std::string> words = folded_words(request.query(field_of_search("organisation")));
  if (words.empty()) return {};
  const auto is_found = [&](const policy::Organisation& one) {
    return one.standing != policy::Standing::removed && has_words(one.name, words);
  };
  const auto found = context.core().directory().rows_where<policy::Organisation>(is_found);
  return found.size() == 1 ? found.front().id.text() : std::string();
}

// What somebody wrote by hand and makes no sense filters nothing: the page shows what it filters by.
service::LogQuery query_of(const PortalContext& context, const Request& request) {
  service::LogQuery out;
  out.limit = kEntriesOnAPage;
  out.below = std::numeric_limits<std::int64_t>::max();
  const std::string_view shown = shown_in(request);
  if (shown == "refused") {
    static_cast<void>(out.filter.set("outcome", "refused").has_value());
  } else if (shown != "all") {
    out.filter.group = service::act_group_named(shown);
  }
  for (const std::string_view name : {"flik", "document", "fullmakt"}) {
    if (!request.query(name).empty()) static_cast<void>(out.filter.set(name, request.query(name)).has_value());
  }
  const std::string organisation = organisation_in(context, request);
  if (!organisation.empty()) static_cast<void>(out.filter.set("organisation", organisation).has_value());
  out.filter.from = day_in(request, "from", std::chrono::days(0));
  out.filter.to = day_in(request, "to", std::chrono::days(1));
  if (const auto form = Form::parse("below=" + std::string(request.query("below")))) {
    out.below = form->number("below").value_or(*out.below);
  }
  return out;
}

// Nothing is left out but what is no reading?
bool asks_for_all_readings(const Request& request, const service::LogFilter& filter) {
  const bool has_more = filter.from || filter.to || filter.organisation || filter.flik || filter.document ||
                        filter.fullmakt || !request.query("below").empty();
  return shown_in(request) == "readings" && !has_more;
}

std::string next_page(const Request& request, std::uint64_t below) {
  std::string out = "/me/log?below=" + std::to_string(below);
  for (const auto& [name, value] : request.target.query) {
    const bool is_kept = name != "below" && name != "follow" && name != "since";
    if (is_kept && !value.empty()) out += "&" + percent_encoded(name) + "=" + percent_encoded(value);
  }
  return out;
}

template <class Row, class Id, class Name>
std::vector<Choice> choices_of(const std::vector<Row>& rows, std::string_view chosen, Id id, Name name) {
  std::vector<Choice> out;
  for (const Row& row : rows) {
    if (row.standing != policy::Standing::removed) out.push_back({name(row), id(row), id(row) == chosen});
  }
  return out;
}

void put_filters(const PortalContext& context, const PortalNames& names, const Request& request, web::Data& data) {
  const std::string_view shown = shown_in(request);
  for (const std::string_view one : kShown) {
    web::Data& choice = data.add("show").set("value", one).set("name", names.text("log.show_" + std::string(one)));
    choice.show_if(one == shown, "chosen");
  }
  const service::Directory& directory = context.core().directory();
  put_choices(names,
              choices_of(
                  directory.rows<policy::Organisation>(), organisation_in(context, request),
                  [](const policy::Organisation& row) { return row.id.text(); },
                  [](const policy::Organisation& row) { return row.name; }),
              {}, request.query(field_of_search("organisation")), "organisation", "organisation", data);
  put_choices(names,
              choices_of(
                  directory.rows<policy::FlikType>(), request.query("flik"),
                  [](const policy::FlikType& row) { return row.code; },
                  [&names](const policy::FlikType& row) { return names.flik(row.code); }),
              {}, request.query(field_of_search("flik")), "flik_choice", "flik", data);
  data.set("from", request.query("from")).set("to", request.query("to"));
  for (const std::string_view name : {"document", "fullmakt"}) {
    if (request.query(name).empty()) continue;
    data.add("only")
        .set("name", name)
        .set("value", request.query(name))
        .set("text", names.text("log.only_" + std::string(name)));
  }
}

// That a reading ended is told with everything else, but not between the readings: each would stand there twice.
bool is_left_out(const Request& request, const json::object& entry) {
  return shown_in(request) == "readings" && text_of(entry, "kind") == "close_reading";
}

struct Lines {
  std::size_t shown = 0;
  std::size_t fresh = 0;  // of them: to whoever follows the log
};
Lines put_days(const PortalNames& names, bool is_swedish, const Request& request,
               const std::vector<json::value>& entries, const std::optional<Following>& following, web::Data& data) {
  Lines out;
  std::string last;
  web::Data* day = nullptr;
  for (const json::value& value : entries) {
    const json::object& entry = value.as_object();
    if (is_left_out(request, entry)) continue;
    const UtcTime time = parse_rfc3339(text_of(entry, "time")).value();
    if (const std::string text = names.day(time); text != last) {
      day = &data.add("day").set("day", text);
      last = text;
    }
    web::Data& shown = day->add("entry");
    put_entry(names, is_swedish, entry, shown);
    const bool is_fresh = following && time > following->since;
    shown.show_if(is_fresh, "fresh");
    ++out.shown;
    if (is_fresh) ++out.fresh;
  }
  return out;
}

// SPEC PORTAL-74: how to begin, or that it goes on and how it ends.
void put_following(const PortalNames& names, const Request& request, const std::optional<Following>& following,
                   UtcTime now, std::size_t fresh, web::Data& data) {
  const std::string anew = follow_path(request, {kFollowTimes, now});
  if (!following) {
    if (request.query("below").empty()) data.add("can_follow").set("href", anew);
    return;
  }
  web::Data& shown = data.add(following->left > 0 ? "follows" : "followed");
  shown.set("href", following->left > 0 ? path_without_following(request) : anew);
  shown.set("fresh_text", names.count("log.fresh_lines", fresh));
}

bool is_within_rate(PortalContext& context, const BrowserIdentity& who, double tokens = 1) {
  return context.pages.allow(rate_key_of(who), context.core().clock().steady(), tokens);
}

Awaitable<Response> take_turn(PortalContext& context, ShowLog show, double tokens, Exchange& exchange) {
  const BrowserIdentity& who = browser_of(exchange);
  if (!is_within_rate(context, who, tokens)) co_return too_many_requests();
  const OwnTurn turn(context.turns, rate_key_of(who));
  if (!turn.is_free()) co_return too_many_requests();
  Awaitable<Response> showing = show(context, exchange);
  Response response = co_await std::move(showing);
  co_return response;
}

Awaitable<Response> show_log(PortalContext& context, Exchange& exchange) {
  const BrowserIdentity& who = browser_of(exchange);
  service::LogQuery query = query_of(context, exchange.request());
  if (!query.filter.is_empty() && !is_within_rate(context, who, kFilterTokens - 1)) co_return too_many_requests();
  const bool is_of_all_readings = asks_for_all_readings(exchange.request(), query.filter);
  Awaitable<LogPage> reading = read_own_log(context, who.person(), std::move(query));
  const LogPage page = co_await std::move(reading);
  if (!*page) {
    exchange.set_cause(page->error().message);
    co_return page->error().code == ErrorCode::denied ? refusal() : plain_problem(503);
  }
  const PortalNames names(context.site, who.visit().language);
  web::Data data;
  put_filters(context, names, exchange.request(), data);
  const Request& request = exchange.request();
  const std::optional<Following> following = following_in(request);
  const Lines lines = put_days(names, context.site.words().is_swedish(who.visit().language), request, (*page)->entries,
                               following, data);
  put_following(names, request, following, context.core().clock().wall(), lines.fresh, data);
  // SPEC PORTAL-96: that nobody has read follows from nothing but all of the readings.
  const std::string_view nothing = (*page)->next ? "none_here" : is_of_all_readings ? "none" : "none_fits";
  data.show_if(lines.shown == 0, nothing);
  if ((*page)->next) data.add("older").set("href", next_page(exchange.request(), *(*page)->next));
  data.set("shown", names.count("log.shown", lines.shown));
  data.set("total", names.count("log.total", (*page)->total));
  if ((*page)->begins.is_object()) {
    const UtcTime begins = parse_rfc3339(text_of((*page)->begins.get_object(), "time")).value();
    data.add("begins").set("day", names.day(begins));
  }
  PortalSite::Options options;
  if (lines.fresh > 0) options.title = names.count("log.fresh_title", lines.fresh);
  Response response = context.site.page(who.visit(), "log", std::move(data), options);
  if (following) ask_anew(response, request, *following);
  co_return response;
}

// SPEC API-110
Awaitable<Response> receipt(PortalContext& context, Exchange& exchange) {
  const policy::PersonActor person = browser_of(exchange).person();
  const std::uint64_t entry = exchange.number("entry");
  Awaitable<Receipts> reading = await_callback<Receipts>([&context, person, entry](std::function<void(Receipts)> done) {
    service::person_receipt(context.core(), person, entry, cosigned_note(context.witnessed), handing_to(done));
  });
  const Receipts found = co_await std::move(reading);
  Response response = receipt_response(exchange, *found);
  if (response.status == 200) {
    response.headers.emplace_back("Content-Disposition",
                                  "attachment; filename=\"kvitto-" + std::to_string(entry) + ".json\"");
    add_security_fields(response);
  }
  co_return response;
}

}  // namespace

Awaitable<LogPage> read_own_log(PortalContext& context, policy::PersonActor person, service::LogQuery query) {
  Awaitable<LogPage> reading =
      await_callback<LogPage>([&context, person, query = std::move(query)](std::function<void(LogPage)> done) {
        service::read_own_log(context.core(), person, query, [done](Result<service::PersonLogPage> found) {
          done(std::make_shared<Result<service::PersonLogPage>>(std::move(found)));
        });
      });
  co_return co_await std::move(reading);
}

void put_entry(const PortalNames& names, bool is_swedish, const json::object& entry, web::Data& data) {
  const std::string outcome = text_of(entry, "outcome");
  const json::object& action = entry.at("action").as_object();
  data.set("what", text_of(action, is_swedish ? "sv" : "en")).set("who", who_of(names, entry));
  data.set("clock", names.clock(parse_rfc3339(text_of(entry, "time")).value()));
  data.set("tone", outcome == "refused" ? "tone-stop" : text_of(entry, "actor") == "self" ? "tone-off" : "");
  data.set("number", json::serialize(entry.at("entry")));
  if (outcome == "refused") data.add("refused").set("why", why_of(names, entry));
  if (const std::string title = text_of(entry, "title"); !title.empty()) {
    data.add("title").set("name", title).set("document", text_of(entry, "document"));
  }
  if (const std::string flik = text_of(entry, "flik"); !flik.empty()) data.add("in_flik").set("name", names.flik(flik));
  if (const std::string purpose = text_of(entry, "purpose"); !purpose.empty()) {
    data.add("for").set("name", names.purpose(purpose));
  }
  if (const std::string fullmakt = text_of(entry, "fullmakt"); !fullmakt.empty()) {
    data.add("by_fullmakt").set("id", fullmakt);
  }
}

std::vector<std::string> log_cells(const PortalNames& names, bool is_swedish, const json::object& entry) {
  const bool is_refused = text_of(entry, "outcome") == "refused";
  const std::string flik = text_of(entry, "flik"), purpose = text_of(entry, "purpose");
  return {json::serialize(entry.at("entry")),
          names.time(parse_rfc3339(text_of(entry, "time")).value()),
          text_of(entry.at("action").as_object(), is_swedish ? "sv" : "en"),
          names.text(is_refused ? "log.refused" : "csv.done"),
          is_refused ? why_of(names, entry) : std::string(),
          who_of(names, entry),
          flik.empty() ? flik : names.flik(flik),
          text_of(entry, "title"),
          purpose.empty() ? purpose : names.purpose(purpose)};
}

Handler in_turn(PortalContext& context, ShowLog show, double tokens) {
  return [&context, show, tokens](Exchange& exchange) { return take_turn(context, show, tokens, exchange); };
}

void add_log_pages(PortalContext& context, Router& router) {
  const AccessRule person = AccessRule::person_page;
  router.add(Method::get, "/me/log", person, no_body(), in_turn(context, show_log))
      .add(Method::get, "/me/log/{entry:number}/receipt", person, no_body(), in_turn(context, receipt));
}

}  // namespace flikvakt::gateway
