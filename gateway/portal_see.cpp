#include "gateway/portal_see.h"

#include <algorithm>

#include "gateway/portal_fullmakt_view.h"
#include "gateway/portal_paging.h"
#include "gateway/portal_signing.h"
#include "gateway/problem.h"

namespace flikvakt::gateway {
namespace {

using policy::Fullmakt;

constexpr std::size_t kFullmakterOnAPage = 12;
constexpr std::size_t kSparrarOnAPage = 12;
constexpr std::size_t kConfirmedShown = 40;  // fullmakter, on the page where they are confirmed

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
    const bool is_active = one->status == policy::FullmaktStatus::active;
    const bool waits = is_active && one->terms.valid_from > now;
    return std::pair(waits ? 1 : is_active ? 0 : 2, -one->terms.valid_to.time_since_epoch().count());
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

// SPEC PORTAL-81: after a restore nothing that was given opens anything before the person says so again. Nobody does it
// for them (REP-6).
bool is_confirmed(const PortalSite& site, const policy::Overview& overview) {
  return overview.person.epoch == site.core().directory().instance().epoch;
}

void put_unconfirmed(const PortalSite& site, const OwnPage& page, web::Data& data) {
  if (is_confirmed(site, page.overview)) return;
  data.add("unconfirmed").choose(page.visit().as.has_value(), "by_them_only", "can_confirm");
}

void put_sparrar(const OwnPage& page, web::Data& data) {
  std::vector<const policy::Sparr*> standing;
  for (const policy::Sparr& one : page.overview.sparrar) {
    if (one.in_force) standing.push_back(&one);
  }
  const Request& request = page.exchange.request();
  const Piece piece = piece_of(request, standing.size(), kSparrarOnAPage, "sparr");
  web::Data& list = data.add(standing.empty() ? "nothing_blocked" : "blocked");
  for (const policy::Sparr* one : in_piece(standing, piece)) {
    put_sparr(page.names, *one, page.overview, Told::in_short, list.add("sparr"));
  }
  put_pages(page.names, request, piece, list, "sparr");
}

Response see(const PortalSite& site, const OwnPage& page) {
  web::Data data;
  put_unconfirmed(site, page, data);
  put_waiting(page, data);
  const std::vector<const Fullmakt*> now_open = standing(page.overview, page.now);
  web::Data& list = data.add(now_open.empty() ? "nothing_open" : "open");
  const Request& request = page.exchange.request();
  const Piece piece = piece_of(request, now_open.size(), kFullmakterOnAPage);
  for (const Fullmakt* one : in_piece(now_open, piece)) {
    put_fullmakt(page.names, *one, page.overview, page.now, Told::in_short, list.add("fullmakt"));
  }
  put_pages(page.names, request, piece, list);
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
  const Request& request = page.exchange.request();
  const Piece piece = piece_of(request, over.size(), kFullmakterOnAPage);
  for (const Fullmakt* one : in_piece(over, piece)) {
    put_fullmakt(page.names, *one, page.overview, page.now, Told::in_short, data.add("fullmakt"));
  }
  put_pages(page.names, request, piece, data);
  return site.page(page.visit(), "ended", std::move(data));
}

Response fullmakt(const PortalSite& site, const OwnPage& page) {
  const Fullmakt* one = fullmakt_of(page);
  if (!one) return refusal();
  web::Data data;
  put_fullmakt(page.names, *one, page.overview, page.now, Told::whole, data);
  data.set("ground", page.names.text("see.ground", {{"secrecy", page.names.secrecy(one->terms.secrecy_consent)},
                                                    {"legal", page.names.legal_ground(one->terms.legal_ground)}}));
  data.set("revision", std::uint64_t{one->revision});
  data.show_if(one->evidence == policy::EvidenceKind::paper, "paper");
  PortalSite::Options options;
  options.title = page.names.recipients(receiving(*one), PortalNames::kFewOfThem);
  return site.page(page.visit(), "fullmakt", std::move(data), options);
}

// SPEC PORTAL-81: what counts again by it, in words.
Response reconfirm(PortalContext& context, const OwnPage& page) {
  if (page.visit().as) return refusal();
  if (is_confirmed(context.site, page.overview)) return see_other("/me");
  ToSign to_sign;
  to_sign.act = json::object{{"kind", "reconfirm"}};
  to_sign.title = page.names.text("reconfirm.title");
  to_sign.button = page.names.text("reconfirm.button");
  to_sign.paragraphs = {page.names.text("reconfirm.text")};
  const std::vector<const Fullmakt*> all = standing(page.overview, page.now);
  const std::size_t shown = std::min(all.size(), kConfirmedShown);
  for (std::size_t i = 0; i < shown; ++i) {
    const policy::FullmaktTerms& terms = all[i]->terms;
    const std::size_t few = PortalNames::kFewOfThem;
    to_sign.paragraphs.push_back(
        page.names.text("reconfirm.one", {{"who", page.names.recipients(receiving(*all[i]), few)},
                                          {"flikar", page.names.flikar(terms.flikar, few)},
                                          {"to", page.names.last_day(terms.valid_to)}}));
  }
  if (shown < all.size()) to_sign.paragraphs.push_back(page.names.count("reconfirm.more", all.size() - shown));
  to_sign.back = "/me";
  return sign_page(context, page.visit(), page.overview, to_sign);
}

}  // namespace

const Fullmakt* fullmakt_of(const OwnPage& page, std::string_view parameter) {
  return find_among(page.overview.fullmakter, page.exchange.id<FullmaktId>(parameter));
}

void add_see_pages(PortalContext& context, Router& router) {
  const PortalSite& site = context.site;
  const auto show = [&](Response (*make)(const PortalSite&, const OwnPage&)) {
    return own_page(context, [&site, make](const OwnPage& page) { return make(site, page); });
  };
  router.add(Method::get, "/me", AccessRule::person_page, no_body(), show(see))
      .add(Method::get, "/me/fullmakter/ended", AccessRule::person_page, no_body(), show(ended))
      .add(Method::get, "/me/fullmakter/{fullmakt:id}", AccessRule::person_page, no_body(), show(fullmakt))
      .add(Method::get, "/me/reconfirm", AccessRule::person_page, no_body(),
           own_page(context, [&context](const OwnPage& page) { return reconfirm(context, page); }));
}

}  // namespace flikvakt::gateway
