#include "gateway/portal_see.h"

#include <algorithm>

#include "gateway/portal_fullmakt_view.h"
#include "gateway/problem.h"

namespace flikvakt::gateway {
namespace {

using policy::Fullmakt;

bool is_open(const policy::AccessRequest& request, UtcTime now) {
  return request.status == policy::RequestStatus::open && request.expires > now;
}

// What counts first, then what is to begin, what is paused; the one that lasts longest first.
std::vector<const Fullmakt*> standing(const policy::Overview& overview, UtcTime now) {
  std::vector<const Fullmakt*> out;
  for (const Fullmakt& one : overview.fullmakter) {
    if (!is_over(one, now)) out.push_back(&one);
  }
  const auto rank = [&](const Fullmakt* one) {
    const ShownStatus status = shown_status(*one, now);
    return std::pair(status == ShownStatus::active  ? 0
                     : status == ShownStatus::waits ? 1
                                                    : 2,
                     -one->terms.valid_to.time_since_epoch().count());
  };
  std::ranges::sort(out, {}, rank);
  return out;
}

void put_waiting(const OwnPage& page, web::Data& data) {
  web::Data* list = nullptr;
  const auto put = [&](std::string_view key, std::uint64_t n, std::string_view href) {
    if (n == 0) return;
    if (!list) list = &data.add("waits");
    list->add("waiting").set("text", page.names.count(key, n)).set("href", href);
  };
  const auto count = [](const auto& rows, auto is_it) {
    return static_cast<std::uint64_t>(std::ranges::count_if(rows, is_it));
  };
  put("see.waiting_requests", count(page.overview.requests, [&](const auto& one) { return is_open(one, page.now); }),
      "/me/requests");
  put("see.waiting_kontrakt", count(page.overview.kontrakt, [](const auto& one) { return one.proposed.has_value(); }),
      "/me/path");
  put("see.waiting_hand_over", count(page.overview.cases, [](const auto& one) { return one.hand_over.has_value(); }),
      "/me/path");
  put("see.waiting_proposals", page.overview.proposals.size(), "/me/proposals");
  put("see.waiting_keys",
      count(page.overview.keys, [](const auto& one) { return one.status == policy::DeviceKeyStatus::proposed; }),
      "/me/keys");
}

void put_sparrar(const OwnPage& page, web::Data& data) {
  web::Data* list = nullptr;
  for (const policy::Sparr& one : page.overview.sparrar) {
    if (!one.in_force) continue;
    if (!list) list = &data.add("blocked");
    put_sparr(page.names, one, page.overview, list->add("sparr"));
  }
  data.show_if(!list, "nothing_blocked");
}

Response see(const PortalSite& site, const OwnPage& page) {
  web::Data data;
  put_waiting(page, data);
  const std::vector<const Fullmakt*> now_open = standing(page.overview, page.now);
  web::Data& list = data.add(now_open.empty() ? "nothing_open" : "open");
  for (const Fullmakt* one : now_open) {
    put_fullmakt(page.names, *one, page.overview, page.now, list.add("fullmakt"));
  }
  put_sparrar(page, data);
  const std::size_t ended = page.overview.fullmakter.size() - now_open.size();
  if (ended > 0) data.add("ended").set("text", page.names.count("see.ended", ended));
  if (page.overview.person.alias) data.add("alias").set("name", *page.overview.person.alias);
  return site.page(page.visit(), "see", std::move(data));
}

Response ended(const PortalSite& site, const OwnPage& page) {
  std::vector<const Fullmakt*> over;
  for (const Fullmakt& one : page.overview.fullmakter) {
    if (is_over(one, page.now)) over.push_back(&one);
  }
  std::ranges::sort(over, std::ranges::greater(), [](const Fullmakt* one) { return one->terms.valid_to; });
  web::Data data;
  for (const Fullmakt* one : over) {
    put_fullmakt(page.names, *one, page.overview, page.now, data.add("fullmakt"));
  }
  return site.page(page.visit(), "ended", std::move(data));
}

Response fullmakt(const PortalSite& site, const OwnPage& page) {
  const Fullmakt* one = fullmakt_of(page);
  if (!one) return refusal();
  web::Data data;
  put_fullmakt(page.names, *one, page.overview, page.now, data);
  data.set("ground", page.names.text("see.ground",
                                     {{"secrecy", one->terms.secrecy_consent}, {"legal", one->terms.legal_ground}}));
  data.set("revision", std::uint64_t{one->revision});
  data.show_if(one->evidence == policy::EvidenceKind::paper, "paper");
  PortalSite::Options options;
  options.title = page.names.recipients(receiving(*one));
  return site.page(page.visit(), "fullmakt", std::move(data), options);
}

}  // namespace

const Fullmakt* fullmakt_of(const OwnPage& page, std::string_view parameter) {
  return find_among(page.overview.fullmakter, page.exchange.id<FullmaktId>(parameter));
}

std::size_t waiting_count(const policy::Overview& overview, UtcTime now) {
  return static_cast<std::size_t>(
             std::ranges::count_if(overview.requests, [&](const auto& one) { return is_open(one, now); })) +
         overview.proposals.size();
}

void add_see_pages(PortalContext& context, Router& router) {
  const PortalSite& site = context.site;
  const auto show = [&](Response (*make)(const PortalSite&, const OwnPage&)) {
    return own_page(context, [&site, make](const OwnPage& page) { return make(site, page); });
  };
  router.add(Method::get, "/me", AccessRule::person_page, no_body(), show(see))
      .add(Method::get, "/me/fullmakter/ended", AccessRule::person_page, no_body(), show(ended))
      .add(Method::get, "/me/fullmakter/{fullmakt:id}", AccessRule::person_page, no_body(), show(fullmakt));
}

}  // namespace flikvakt::gateway
