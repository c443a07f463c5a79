#include "gateway/portal_narrowing.h"

#include <algorithm>

#include "gateway/api_answers.h"
#include "gateway/portal_fullmakt_view.h"
#include "gateway/portal_log.h"
#include "gateway/portal_see.h"
#include "gateway/problem.h"

namespace flikvakt::gateway {
namespace {

constexpr std::uint32_t kReadingsTold = 50;
constexpr int kMostAskings = 4;          // of the log, for one answer
constexpr double kTokensOfAnAsking = 5;  // of the person's rate, but for the first: the answer to a revocation comes

// ---- Simple acts: a question, then what was done.

// Of which row of the person's it is: its name on the page. Empty: none of theirs.
using NameOf = std::function<std::string(const OwnPage&)>;
// The act, from the path alone: what is taken back need not be looked up first.
using ActOf = std::function<json::value(const Exchange&)>;

struct SimpleAct {
  std::string_view path;
  std::string_view words;  // `<words>.title`, .text, .button, .done_title, .done_text
  std::string_view back;
  std::string_view back_words;
  NameOf name;
  ActOf act;
};

Response ask(PortalContext& context, const SimpleAct& simple, const OwnPage& page) {
  const std::string name = simple.name(page);
  if (name.empty()) return refusal();
  const auto text = [&](std::string_view which) {
    return page.names.text(std::string(simple.words) + "." + std::string(which), {{"name", name}});
  };
  return question_page(context, page.visit(),
                       {text("title"),
                        {text("text")},
                        text("button"),
                        true,
                        std::string(simple.back),
                        page.names.text(simple.back_words)});
}

Awaitable<Response> carry_out_simple(PortalContext& context, Exchange& exchange,
                                     std::shared_ptr<const SimpleAct> simple) {
  FormOrPage form = form_or_page(context, exchange);
  if (Response* instead = std::get_if<Response>(&form)) co_return std::move(*instead);
  Awaitable<ResultOrPage> sending = send_act(context, exchange, std::get<Form>(form), simple->act(exchange));
  ResultOrPage sent = co_await std::move(sending);
  if (Response* instead = std::get_if<Response>(&sent)) co_return std::move(*instead);
  const auto& result = std::get<service::CommandResult>(sent);
  if (!result.decision.is_permitted()) co_return act_refused_page(context, exchange, result);
  const Visit& visit = browser_of(exchange).visit();
  const PortalNames names(context.site, visit.language);
  const std::string words(simple->words);
  co_return done_page(context, visit,
                      {names.text(words + ".done_title"),
                       {names.text(words + ".done_text")},
                       std::string(simple->back),
                       names.text(simple->back_words)});
}

void add_simple(PortalContext& context, Router& router, SimpleAct act) {
  auto simple = std::make_shared<const SimpleAct>(std::move(act));
  router
      .add(Method::get, simple->path, AccessRule::person_page, no_body(),
           own_page(context, [&context, simple](const OwnPage& page) { return ask(context, *simple, page); }))
      .add(Method::post, simple->path, AccessRule::person_page, whole_body(),
           [&context, simple](Exchange& e) { return carry_out_simple(context, e, simple); });
}

json::value act_with_id(std::string_view kind, const std::string& id) {
  return json::object{{"kind", kind}, {"id", id}};
}

template <class T, class SomeId>
NameOf named(std::vector<T> policy::Overview::*rows, std::string parameter,
             std::function<std::string(const OwnPage&, const T&)> name) {
  return [=](const OwnPage& page) {
    const T* row = find_among(page.overview.*rows, page.exchange.id<SomeId>(parameter));
    return row ? name(page, *row) : std::string();
  };
}

// ---- Revoking and pausing say more: what was cut, and what had been read.

std::vector<ReadingId> open_under(service::Core& core, const FullmaktId& fullmakt) {
  std::vector<ReadingId> out;
  for (const service::RunningReading& one : core.readings().snapshot()) {
    if (one.permit->fullmakt() == fullmakt) out.push_back(one.permit->reading());
  }
  return out;
}

struct Taken {
  std::string_view kind;   // of the act
  std::string_view words;  // "revoke", "pause"
};

Response ask_to_take(PortalContext& context, Taken taken, const OwnPage& page) {
  const policy::Fullmakt* one = fullmakt_of(page);
  if (!one) return refusal();
  const std::string words(taken.words);
  const std::string who = page.names.recipients(receiving(*one));
  web::Data data;
  put_form(page.visit(), data);
  data.set("since", to_rfc3339(one->terms.valid_from));
  put_fullmakt(page.names, *one, page.overview, page.now, Told::whole, data);
  data.set("heading", page.names.text(words + ".title", {{"who", who}}));
  data.set("explained", page.names.text(words + ".text"));
  data.set("button", page.names.text("see." + words)).set("action", page.visit().path);
  data.show_if(is_over(*one, page.now), "over_already");
  PortalSite::Options options;
  options.title = page.names.text(words + ".title", {{"who", who}});
  return context.site.page(page.visit(), "take", std::move(data), options);
}

// What was read by a fullmakt, as far as it was looked through: the newest first.
struct ReadBefore {
  std::vector<json::value> openings = {};
  bool has_more = false;    // older entries were not looked at
  bool is_unknown = false;  // the log could not be asked
};

// `since`: nothing was read by it before. A filter looks through so many entries an asking (SPEC LOGV-4).
Awaitable<ReadBefore> readings_by(PortalContext& context, const BrowserIdentity& who, FullmaktId id,
                                  std::optional<UtcTime> since) {
  ReadBefore out;
  std::uint64_t below = std::numeric_limits<std::int64_t>::max();
  for (int asked = 0; asked < kMostAskings; ++asked) {
    const auto now = context.core().clock().steady();
    if (asked > 0 && !context.pages.allow(rate_key_of(who), now, kTokensOfAnAsking)) co_return out;
    service::LogQuery query;
    query.limit = kReadingsTold + 1;
    query.below = below;
    query.filter.fullmakt = id;
    query.filter.kind = audit::ActKind::open_reading;  // that one ended is no reading more
    query.filter.from = since;
    static_cast<void>(query.filter.set("outcome", "permitted").has_value());
    Awaitable<LogPage> reading = read_own_log(context, who.person(), std::move(query));
    const LogPage log = co_await std::move(reading);
    if (!*log) {
      out.is_unknown = out.openings.empty();
      out.has_more = true;
      co_return out;
    }
    for (json::value& entry : (*log)->entries) {
      if (out.openings.size() == kReadingsTold) {
        out.has_more = true;
        co_return out;
      }
      out.openings.push_back(std::move(entry));
    }
    out.has_more = (*log)->next.has_value();
    if (!out.has_more) co_return out;
    below = *(*log)->next;
  }
  co_return out;
}

// SPEC PORTAL-93: that nobody had read is said only when nothing was left out.
void put_readings(const PortalNames& names, bool is_swedish, const ReadBefore& before, const FullmaktId& id,
                  web::Data& data) {
  if (before.is_unknown) {
    data.add("unknown_readings");
    return;
  }
  if (!before.openings.empty()) {
    web::Data& list = data.add("readings");
    for (const json::value& value : before.openings) {
      const json::object& entry = value.as_object();
      web::Data& one = list.add("entry");
      put_entry(names, is_swedish, entry, one);
      one.set("when", names.time(parse_rfc3339(entry.at("time").as_string()).value()));
    }
  }
  if (before.has_more) {
    web::Data& more = data.add("more_readings").set("id", id.text());
    more.choose(before.openings.empty(), "none_so_far", "more_of_them");
  }
  data.show_if(before.openings.empty() && !before.has_more, "no_readings");
}

// When the fullmakt began, as the page that asked said it; nothing is looked for before. Without it all is looked
// through.
std::optional<UtcTime> began(const Form& form) {
  const auto since = parse_rfc3339(form.text("since"));
  return since ? std::optional(*since) : std::nullopt;
}

Awaitable<Response> take(PortalContext& context, Exchange& exchange, Taken taken) {
  FormOrPage form = form_or_page(context, exchange);
  if (Response* instead = std::get_if<Response>(&form)) co_return std::move(*instead);
  const auto id = exchange.id<FullmaktId>("fullmakt");
  const std::vector<ReadingId> before = open_under(context.core(), id);
  Awaitable<ResultOrPage> sending =
      send_act(context, exchange, std::get<Form>(form), act_with_id(taken.kind, id.text()));
  ResultOrPage sent = co_await std::move(sending);
  if (Response* instead = std::get_if<Response>(&sent)) co_return std::move(*instead);
  const auto& result = std::get<service::CommandResult>(sent);
  if (!result.decision.is_permitted()) co_return act_refused_page(context, exchange, result);
  const std::vector<ReadingId> left = open_under(context.core(), id);
  const BrowserIdentity& who = browser_of(exchange);
  Awaitable<ReadBefore> looking = readings_by(context, who, id, began(std::get<Form>(form)));
  const ReadBefore read_before = co_await std::move(looking);
  const PortalNames names(context.site, who.visit().language);
  web::Data data;
  data.set("when", names.time(result.time)).set("id", id.text());
  data.set("number", result.entry);
  data.set("explained", names.text(std::string(taken.words) + ".done_text"));
  const std::size_t cut = before.size() - std::min(left.size(), before.size());
  if (cut > 0) data.add("cut").set("text", names.count("take.cut", cut));
  put_readings(names, context.site.words().is_swedish(who.visit().language), read_before, id, data);
  PortalSite::Options options;
  options.title = names.text(std::string(taken.words) + ".done_title");
  co_return context.site.page(who.visit(), "taken", std::move(data), options);
}

void add_taking(PortalContext& context, Router& router, std::string_view path, Taken taken) {
  router
      .add(Method::get, path, AccessRule::person_page, no_body(),
           own_page(context, [&context, taken](const OwnPage& page) { return ask_to_take(context, taken, page); }))
      .add(Method::post, path, AccessRule::person_page, whole_body(),
           [&context, taken](Exchange& e) { return take(context, e, taken); });
}

std::string thumbprint_in(const Exchange& exchange) { return exchange.text("key"); }

}  // namespace

void add_narrowing_pages(PortalContext& context, Router& router) {
  add_taking(context, router, "/me/fullmakter/{fullmakt:id}/revoke", {"revoke_fullmakt", "revoke"});
  add_taking(context, router, "/me/fullmakter/{fullmakt:id}/pause", {"pause_fullmakt", "pause"});
  add_simple(context, router,
             {"/me/requests/{request:id}/decline", "decline", "/me/requests", "menu.requests",
              named<policy::AccessRequest, RequestId>(
                  &policy::Overview::requests, "request",
                  [](const OwnPage& page, const auto& row) { return page.names.recipient(row.terms.recipient); }),
              [](const Exchange& e) { return act_with_id("decline_request", e.text("request")); }});
  add_simple(
      context, router,
      {"/me/cases/{case:id}/close", "close_case", "/me/path", "menu.path",
       named<policy::Case, CaseId>(&policy::Overview::cases, "case",
                                   [](const OwnPage& page, const auto& row) { return page.names.team(row.team); }),
       [](const Exchange& e) { return act_with_id("close_case", e.text("case")); }});
  add_simple(context, router,
             {"/me/representatives/{representative:id}/end", "end_representative", "/me/representatives",
              "more.representatives",
              [](const OwnPage& page) {
                const auto id = page.exchange.id<RepresentativeId>("representative");
                const auto* row = find_among(page.overview.representatives, id);
                if (!row) row = find_among(page.overview.represents, id);
                return row ? page.names.text("representative." + std::string(to_json(row->kind).as_string()))
                           : std::string();
              },
              [](const Exchange& e) { return act_with_id("end_representative", e.text("representative")); }});
  add_simple(context, router,
             {"/me/keys/{key:token}/remove", "remove_key", "/me/keys", "more.keys",
              [](const OwnPage& page) {
                const auto is_it = [&](const policy::DeviceKey& key) {
                  return to_base64url(key.thumbprint) == thumbprint_in(page.exchange);
                };
                const bool is_theirs = std::ranges::any_of(page.overview.keys, is_it);
                return is_theirs ? thumbprint_in(page.exchange).substr(0, 8) : std::string();
              },
              [](const Exchange& e) {
                return json::object{{"kind", "remove_key"}, {"thumbprint", thumbprint_in(e)}};
              }});
  add_simple(context, router,
             {"/me/proposals/{proposal:id}/withdraw", "withdraw", "/me/proposals", "more.proposals",
              named<policy::Proposal, ProposalId>(
                  &policy::Overview::proposals, "proposal",
                  [](const OwnPage& page, const auto&) { return page.names.text("more.proposal"); }),
              [](const Exchange& e) {
                return json::object{{"kind", "withdraw_proposal"}, {"proposal", e.text("proposal")}};
              }});
}

}  // namespace flikvakt::gateway
