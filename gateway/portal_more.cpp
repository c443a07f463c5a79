#include "gateway/portal_more.h"

#include <algorithm>

#include "gateway/portal_paging.h"
#include "gateway/portal_sessions.h"
#include "gateway/portal_text.h"
#include "gateway/problem.h"

namespace flikvakt::gateway {
namespace {

constexpr std::size_t kOnAPage = 20;  // of any list here

std::string word_of(const json::value& name) { return std::string(name.as_string()); }

Response more(const PortalSite& site, const OwnPage& page) {
  web::Data data;
  if (!page.overview.person.numbers.empty()) {
    std::string number = page.overview.person.numbers.back();
    if (number.size() == 12) number.insert(8, "-");
    data.add("number").set("number", number);
  }
  if (!page.overview.proposals.empty()) {
    data.add("proposals").set("text", page.names.count("see.waiting_proposals", page.overview.proposals.size()));
  }
  return site.page(page.visit(), "more", std::move(data));
}

// ---- Representatives

bool counts(const policy::Representative& one, UtcTime now) {
  return one.standing == policy::Standing::active && one.valid_from <= now && now < one.valid_to;
}

void put_representative(const OwnPage& page, const policy::Representative& one, web::Data& data) {
  const PortalNames& names = page.names;
  data.set("id", one.id.text()).set("kind", names.text("representative." + word_of(to_json(one.kind))));
  data.set("powers", powers_text(names, one.powers));
  data.set("period",
           names.text("path.period", {{"from", names.day(one.valid_from)}, {"to", names.last_day(one.valid_to)}}));
  data.show_if(one.jointly.value_or(false), "jointly");
  data.show_if(counts(one, page.now), "counts");
  data.set("status", names.text(counts(one, page.now) ? "representative.counts" : "representative.over"));
  data.set("tone", counts(one, page.now) ? "tone-go" : "tone-off");
}

Response representatives(const PortalSite& site, const OwnPage& page) {
  web::Data data;
  const Request& request = page.exchange.request();
  const Piece mine = piece_of(request, page.overview.representatives.size(), kOnAPage);
  web::Data& own = data.add("own");
  for (const auto& one : in_piece(page.overview.representatives, mine)) put_representative(page, one, own.add("mine"));
  put_pages(page.names, request, mine, own);
  data.show_if(page.overview.representatives.empty(), "none");
  const Piece piece = piece_of(request, page.overview.represents.size(), kOnAPage, "others");
  web::Data& others = data.add("others");
  for (const auto& one : in_piece(page.overview.represents, piece)) {
    web::Data& other = others.add("other");
    put_representative(page, one, other);
    other.set("ends", number_ends_of(site.core().directory(), one.person));
    put_form(page.visit(), other);
  }
  put_pages(page.names, request, piece, others, "others");
  return site.page(page.visit(), "representatives", std::move(data));
}

// For whom the next pages are: a registration that the browser remembers, and each page asks about anew.
Awaitable<Response> act_for(PortalContext& context, Exchange& exchange) {
  FormOrPage form = form_or_page(context, exchange);
  if (Response* instead = std::get_if<Response>(&form)) co_return std::move(*instead);
  const BrowserIdentity& who = browser_of(exchange);
  const auto id = exchange.id<RepresentativeId>("representative");
  const Result<policy::PersonActor> other = context.sessions().as_representative(who.session(), id);
  if (!other) {
    exchange.set_cause(other.error().message);
    co_return refusal();
  }
  Response response = see_other("/me");
  set_cookie(response, kActsForCookie, id.text());
  co_return response;
}

Awaitable<Response> act_for_oneself(Exchange&) {
  Response response = see_other("/me");
  drop_cookie(response, kActsForCookie);
  co_return response;
}

// ---- Keys

void put_key(const OwnPage& page, const policy::DeviceKey& key, web::Data& data) {
  const std::string thumbprint = to_base64url(key.thumbprint);
  data.set("thumbprint", thumbprint).set("short_name", thumbprint.substr(0, 8));
  data.set("kind", page.names.text("key." + word_of(to_json(policy::kind_of(key)))));
  data.set("by", key.proposed_by_organisation.is_none() ? page.names.text("key.by_yourself")
                                                        : page.names.organisation(key.proposed_by_organisation));
  const bool waits = key.status == policy::DeviceKeyStatus::proposed;
  const bool is_gone = key.status == policy::DeviceKeyStatus::removed;
  data.set("status", page.names.text(waits ? "key.waits" : is_gone ? "key.removed" : "key.active"));
  data.set("tone", waits ? "tone-wait" : is_gone ? "tone-off" : "tone-go");
  data.show_if(!is_gone, "can_remove");
  const auto* actor = std::get_if<policy::PersonActor>(&page.who.session().actor);
  data.show_if(actor && actor->key == key.thumbprint, "this_one");
}

Response keys(PortalContext& context, const OwnPage& page) {
  web::Data data;
  put_form(page.visit(), data);
  // What counts first: what was removed stays for ever.
  std::vector<const policy::DeviceKey*> all;
  for (const policy::DeviceKey& key : page.overview.keys) all.push_back(&key);
  std::ranges::stable_sort(all, {}, [](const auto* key) { return key->status == policy::DeviceKeyStatus::removed; });
  const Request& request = page.exchange.request();
  const Piece piece = piece_of(request, all.size(), kOnAPage);
  for (const policy::DeviceKey* key : in_piece(all, piece)) put_key(page, *key, data.add("key"));
  put_pages(page.names, request, piece, data);
  put_sessions(context, page.who, page.names, data);
  return context.site.page(page.visit(), "keys", std::move(data));
}

// ---- What waits in one's name

Response proposals(const PortalSite& site, const OwnPage& page) {
  web::Data data;
  const Request& request = page.exchange.request();
  const Piece piece = piece_of(request, page.overview.proposals.size(), kOnAPage);
  put_pages(page.names, request, piece, data);
  for (const policy::Proposal& one : in_piece(page.overview.proposals, piece)) {
    const Result<json::value> act = parse_json(one.act);
    const json::value* kind = act && act->is_object() ? act->get_object().if_contains("kind") : nullptr;
    const std::string key = "proposal." + (kind ? word_of(*kind) : std::string());
    web::Data& shown = data.add("proposal").set("id", one.id.text());
    shown.set("what", page.names.text(site.words().has(key) ? key : "proposal.other"));
    shown.set("by", one.organisation ? page.names.organisation(*one.organisation)
                                     : page.names.text("proposal.by_representative"));
    shown.set("expires", page.names.time(one.expires));
    shown.show_if(page.visit().as.has_value() && one.role.has_value(), "can_approve");
  }
  data.show_if(page.overview.proposals.empty(), "none");
  return site.page(page.visit(), "proposals", std::move(data));
}

}  // namespace

void add_more_pages(PortalContext& context, Router& router) {
  const PortalSite& site = context.site;
  const auto show = [&](Response (*make)(const PortalSite&, const OwnPage&)) {
    return own_page(context, [&site, make](const OwnPage& page) { return make(site, page); });
  };
  const AccessRule person = AccessRule::person_page;
  router.add(Method::get, "/me/more", person, no_body(), show(more))
      .add(Method::get, "/me/representatives", person, no_body(), show(representatives))
      .add(Method::post, "/me/as/{representative:id}", person, whole_body(),
           [&context](Exchange& e) { return act_for(context, e); })
      .add(Method::get, "/me/as/self", person, no_body(), act_for_oneself)
      .add(Method::get, "/me/keys", person, no_body(),
           own_page(context, [&context](const OwnPage& page) { return keys(context, page); }))
      .add(Method::get, "/me/proposals", person, no_body(), show(proposals));
}

}  // namespace flikvakt::gateway
