#include "gateway/portal_requests.h"

#include <algorithm>

#include "crypto/random.h"
#include "gateway/portal_fullmakt_view.h"
#include "gateway/portal_give_form.h"
#include "gateway/portal_paging.h"
#include "gateway/portal_text.h"
#include "gateway/problem.h"
#include "web/dates.h"

namespace flikvakt::gateway {
namespace {

using policy::AccessRequest;

constexpr std::size_t kOpenOnAPage = 12;
constexpr std::size_t kOverOnAPage = 40;
constexpr std::size_t kMessageInAList = 400;  // characters
constexpr std::size_t kFlikarInAList = 20;

bool is_open(const AccessRequest& one, UtcTime now) {
  return one.status == policy::RequestStatus::open && one.expires > now;
}

void put_request(const OwnPage& page, const AccessRequest& one, Told told, web::Data& data) {
  const PortalNames& names = page.names;
  const bool is_short = told == Told::in_short;
  data.set("id", one.id.text()).set("who", names.recipient(one.terms.recipient));
  data.set("organisation", names.organisation(one.organisation));
  data.set("message", is_short ? shortened(one.terms.message, kMessageInAList) : one.terms.message);
  data.set("disclosers",
           names.organisations(one.terms.disclosers, is_short ? PortalNames::kFewOfThem : PortalNames::kAllOfThem));
  data.set("purpose", names.purpose_about(one.terms.purpose));
  data.set("may", names.rights(one.terms.rights)).set("until", names.last_day(one.terms.valid_to));
  data.set("asked", names.day(one.asked));
  const std::size_t most = is_short ? kFlikarInAList : PortalNames::kAllOfThem;
  const auto name_of_flik = [&](const std::string& code) { return names.flik(code); };
  for (const std::string& name : names.some_of(one.terms.flikar, most, name_of_flik))
    data.add("flik").set("name", name);
  data.show_if(!one.terms.message.empty(), "has_message");
  data.show_if(one.terms.fullmakt.has_value(), "adds");
  const bool waits = is_open(one, page.now);
  data.set("tone", waits ? "tone-wait" : "tone-off");
  data.set("status", names.text(waits ? "request.open" : "request." + std::string(to_json(one.status).as_string())));
}

void put_requests(const OwnPage& page, const std::vector<const AccessRequest*>& all, std::size_t most,
                  std::string_view pages, web::Data& data) {
  const Request& request = page.exchange.request();
  const Piece piece = piece_of(request, all.size(), most, pages);
  for (const AccessRequest* one : in_piece(all, piece)) put_request(page, *one, Told::in_short, data.add("request"));
  put_pages(page.names, request, piece, data, pages);
}

Response requests(const PortalSite& site, const OwnPage& page) {
  std::vector<const AccessRequest*> open, ended;
  for (const AccessRequest& one : page.overview.requests) {
    (is_open(one, page.now) ? open : ended).push_back(&one);
  }
  web::Data data;
  if (!open.empty()) put_requests(page, open, kOpenOnAPage, "page", data.add("open"));
  if (!ended.empty()) put_requests(page, ended, kOverOnAPage, "over", data.add("over"));
  data.show_if(open.empty(), "none");
  return site.page(page.visit(), "requests", std::move(data));
}

// What was asked for and does not stand already: a komplettering names only what it adds (KOMP-4).
struct Askable {
  std::set<std::string> flikar;
  std::set<OrganisationId> disclosers;
  std::set<policy::Right> rights;
  const policy::Fullmakt* fullmakt = nullptr;  // that it adds to
};

Askable askable(const OwnPage& page, const AccessRequest& one) {
  Askable out{one.terms.flikar, one.terms.disclosers, one.terms.rights};
  if (!one.terms.fullmakt) return out;
  out.fullmakt = find_among(page.overview.fullmakter, *one.terms.fullmakt);
  if (!out.fullmakt) return out;
  const policy::FullmaktTerms& terms = out.fullmakt->terms;
  for (const std::string& code : terms.flikar) out.flikar.erase(code);
  for (const OrganisationId& id : terms.disclosers) out.disclosers.erase(id);
  for (const policy::Right right : terms.rights) out.rights.erase(right);
  return out;
}

std::set<std::string> texts_of_ids(const std::set<OrganisationId>& ids) {
  std::set<std::string> out;
  for (const OrganisationId& id : ids) out.insert(id.text());
  return out;
}

// That it lets read goes without saying, unless it is what would be added.
bool is_asked_whether_to_read(const Askable& asked) {
  return asked.fullmakt && asked.rights.contains(policy::Right::read);
}

void put_rights(const Askable& asked, bool is_new, const Form& typed, web::Data& data) {
  const bool deposits = asked.rights.contains(policy::Right::deposit);
  const bool reads = is_asked_whether_to_read(asked);
  if (!deposits && !reads) return;
  web::Data& may = data.add("rights_asked");
  if (reads) may.add("may_read").show_if(is_new || typed.has("right", "read"), "reads");
  if (deposits) may.add("may_deposit").show_if(is_new || typed.has("right", "deposit"), "deposits");
}

// First everything is ticked: whoever wants to give less unticks it.
Response answer_page(PortalContext& context, const OwnPage& page, const Form& typed, const std::string& wrong) {
  const AccessRequest* one = find_among(page.overview.requests, page.exchange.id<RequestId>("request"));
  if (!one) return refusal();
  const bool is_new = typed.fields().empty();
  const Askable asked = askable(page, *one);
  web::Data data;
  put_form(page.visit(), data);
  put_request(page, *one, Told::whole, data);
  if (is_open(*one, page.now)) {
    web::Data& form = data.add("can_answer");
    if (!asked.flikar.empty()) {
      put_flikar(page.names, asked.flikar, is_new ? asked.flikar : ticked(typed, "flik"), typed, form.add("flikar"));
    }
    if (!asked.disclosers.empty()) {
      put_disclosers(page.names, asked.disclosers, is_new ? texts_of_ids(asked.disclosers) : ticked(typed, "discloser"),
                     {}, typed, form.add("from_whom"));
    }
    put_rights(asked, is_new, typed, form);
    form.set("end", is_new ? to_text(web::swedish_date(one->terms.valid_to - std::chrono::milliseconds(1)))
                           : std::string(typed.text("until")));
    if (!wrong.empty()) form.add("wrong").set("text", page.names.text(wrong));
  }
  PortalSite::Options options;
  options.status = wrong.empty() ? 200 : 422;
  options.title = page.names.text("request.title", {{"who", page.names.recipient(one->terms.recipient)}});
  return context.site.page(page.visit(), "request", std::move(data), options);
}

template <class T>
std::set<T> both(const std::set<T>& a, const std::set<T>& b) {
  std::set<T> out;
  std::ranges::set_intersection(a, b, std::inserter(out, out.end()));
  return out;
}

std::set<policy::Right> granted_rights(const Form& form, const Askable& asked) {
  std::set<policy::Right> out = asked.rights;
  if (!form.has("right", "deposit")) out.erase(policy::Right::deposit);
  if (is_asked_whether_to_read(asked) && !form.has("right", "read")) out.erase(policy::Right::read);
  return out;
}

json::object fullmakt_act(PortalContext& context, const OwnPage& page, const AccessRequest& one, const Form& form,
                          const Askable& asked, UtcTime until, ToSign& to_sign) {
  policy::FullmaktTerms terms;
  terms.recipients = {one.terms.recipient};
  terms.flikar = both(asked.flikar, ticked(form, "flik"));
  terms.disclosers = both(asked.disclosers, ticked_organisations(form, "discloser"));
  terms.rights = granted_rights(form, asked);
  terms.purpose = one.terms.purpose;
  terms.valid_from = page.now;
  terms.valid_to = until;
  terms.case_id = one.terms.case_id;
  terms.kontrakt = kontrakt_for(context.core().directory(), page.overview, terms.recipients, page.now);
  terms.secrecy_consent = kSecrecyConsent;
  terms.legal_ground = kLegalGround;
  terms.language = context.site.words().code(page.visit().language);
  const std::string text = fullmakt_text(page.names, page.overview, terms);
  terms.text_sha256 = text_hash(text);
  to_sign.text = text;
  to_sign.button = page.names.text("give.button");
  to_sign.paragraphs = effect_paragraphs(context, page, terms);
  return {{"kind", "sign_fullmakt"},
          {"id", crypto::random_id<FullmaktId>().text()},
          {"terms", to_json(terms)},
          {"text", text},
          {"request", one.id.text()}};
}

json::object komplettering_act(PortalContext& context, const OwnPage& page, const AccessRequest& one, const Form& form,
                               const Askable& asked, UtcTime until, ToSign& to_sign) {
  policy::FullmaktDelta delta;
  delta.flikar = both(asked.flikar, ticked(form, "flik"));
  delta.disclosers = both(asked.disclosers, ticked_organisations(form, "discloser"));
  delta.rights = granted_rights(form, asked);
  if (until > asked.fullmakt->terms.valid_to) delta.valid_to = until;
  const std::string text = komplettering_text(page.names, page.overview, *asked.fullmakt, delta);
  to_sign.text = text;
  to_sign.button = page.names.text("extend.button");
  to_sign.paragraphs = {page.names.text("extend.effect")};
  return {{"kind", "sign_komplettering"},
          {"fullmakt", asked.fullmakt->id.text()},
          {"previous", to_json(asked.fullmakt->signed_sha256)},
          {"delta", to_json(delta)},
          {"language", context.site.words().code(page.visit().language)},
          {"text", text},
          {"text_sha256", to_json(text_hash(text))},
          {"request", one.id.text()}};
}

Response grant(PortalContext& context, const OwnPage& page, const Form& form) {
  const AccessRequest* one = find_among(page.overview.requests, page.exchange.id<RequestId>("request"));
  if (!one || !is_open(*one, page.now)) return refusal();
  const Askable asked = askable(page, *one);
  if (one->terms.fullmakt && !asked.fullmakt) return refusal();
  const std::optional<UtcTime> day = end_of_day(form, "until");
  if (!day || *day <= page.now) return answer_page(context, page, form, "give.wrong_until");
  const UtcTime until = std::min(*day, one->terms.valid_to);
  const bool gives_flik = !both(asked.flikar, ticked(form, "flik")).empty();
  const bool gives_discloser = !both(asked.disclosers, ticked_organisations(form, "discloser")).empty();
  const bool gives_right = !granted_rights(form, asked).empty();
  const bool lasts_longer = asked.fullmakt && until > asked.fullmakt->terms.valid_to;
  const bool gives_something = asked.fullmakt ? gives_flik || gives_discloser || gives_right || lasts_longer
                                              : gives_flik && gives_discloser && gives_right;
  if (!gives_something) return answer_page(context, page, form, "request.wrong_nothing");
  ToSign to_sign;
  to_sign.act = asked.fullmakt ? komplettering_act(context, page, *one, form, asked, until, to_sign)
                               : fullmakt_act(context, page, *one, form, asked, until, to_sign);
  to_sign.title = page.names.text("request.sign_title", {{"who", page.names.recipient(one->terms.recipient)}});
  to_sign.back = to_sign.again = "/me/requests/" + one->id.text();
  to_sign.typed = typed_in(form);
  return sign_page(context, page.visit(), page.overview, to_sign);
}

}  // namespace

void add_request_pages(PortalContext& context, Router& router) {
  const PortalSite& site = context.site;
  const AccessRule person = AccessRule::person_page;
  router
      .add(Method::get, "/me/requests", person, no_body(),
           own_page(context, [&site](const OwnPage& page) { return requests(site, page); }))
      .add(Method::get, "/me/requests/{request:id}", person, no_body(),
           own_page(context, [&context](const OwnPage& page) { return answer_page(context, page, Form(), ""); }))
      .add(
          Method::post, "/me/requests/{request:id}", person, whole_body(),
          form_page(context, [&context](const OwnPage& page, const Form& form) { return grant(context, page, form); }));
}

}  // namespace flikvakt::gateway
