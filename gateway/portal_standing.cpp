#include "gateway/portal_standing.h"

#include "gateway/portal_choices.h"
#include "gateway/portal_fullmakt_view.h"
#include "gateway/portal_give_form.h"
#include "gateway/portal_see.h"
#include "gateway/portal_text.h"
#include "gateway/problem.h"

namespace flikvakt::gateway {
namespace {

// ---- More in a fullmakt that stands

Response extend_page(PortalContext& context, const OwnPage& page, const Form& typed, const std::string& wrong) {
  const policy::Fullmakt* one = fullmakt_of(page);
  if (!one || is_over(*one, page.now)) return refusal();
  web::Data data;
  put_form(page.visit(), data);
  data.set("id", one->id.text()).set("who", page.names.recipients(receiving(*one)));
  data.set("flikar", page.names.flikar(one->terms.flikar)).set("now_until", page.names.last_day(one->terms.valid_to));
  std::set<std::string> more_flikar = flikar_in_use(context.core().directory());
  for (const std::string& code : one->terms.flikar) more_flikar.erase(code);
  put_flikar(page.names, more_flikar, ticked(typed, "flik"), typed, data);
  std::set<OrganisationId> more_disclosers = organisations_in_use(context.core().directory());
  for (const OrganisationId& id : one->terms.disclosers) more_disclosers.erase(id);
  put_disclosers(page.names, more_disclosers, ticked(typed, "discloser"), likely_disclosers(page.overview), typed,
                 data);
  if (!one->terms.rights.contains(policy::Right::deposit)) {
    data.add("may_deposit").show_if(typed.has("right", "deposit"), "deposits");
  }
  if (one->terms.max_readings) {
    data.add("limited").set("now_at_most", *one->terms.max_readings).set("readings", typed.text("readings"));
  }
  data.set("until", typed.text("until"));
  if (!wrong.empty()) data.add("wrong").set("text", page.names.text(wrong));
  PortalSite::Options options;
  options.status = wrong.empty() ? 200 : 422;
  return context.site.page(page.visit(), "extend", std::move(data), options);
}

Response extend_preview(PortalContext& context, const OwnPage& page, const Form& form) {
  const policy::Fullmakt* one = fullmakt_of(page);
  if (!one || is_over(*one, page.now)) return refusal();
  if (is_search(form)) return extend_page(context, page, form, "");
  policy::FullmaktDelta delta;
  delta.flikar = ticked(form, "flik");
  delta.disclosers = ticked_organisations(form, "discloser");
  if (form.has("right", "deposit")) delta.rights.insert(policy::Right::deposit);
  if (one->terms.max_readings && !form.text("readings").empty()) {
    const auto readings = form.number("readings");
    const bool is_more = readings && *readings > *one->terms.max_readings && *readings <= kMostReadings;
    if (!is_more) return extend_page(context, page, form, "extend.wrong_readings");
    delta.max_readings = static_cast<std::uint32_t>(*readings);
  }
  delta.valid_to = end_of_day(form, "until");
  const bool is_a_day = delta.valid_to && *delta.valid_to <= page.now + kLongestGiven;
  if (!form.text("until").empty() && !is_a_day) return extend_page(context, page, form, "give.wrong_until");
  if (delta.valid_to && *delta.valid_to <= one->terms.valid_to) {
    return extend_page(context, page, form, "extend.wrong_until");
  }
  const bool names_something = !delta.flikar.empty() || !delta.disclosers.empty() || !delta.rights.empty() ||
                               delta.valid_to || delta.max_readings;
  if (!names_something) return extend_page(context, page, form, "extend.wrong_nothing");
  const std::string text = komplettering_text(page.names, page.overview, *one, delta);
  ToSign to_sign;
  to_sign.act = json::object{{"kind", "sign_komplettering"},
                             {"fullmakt", one->id.text()},
                             {"previous", to_json(one->signed_sha256)},
                             {"delta", to_json(delta)},
                             {"language", context.site.words().code(page.visit().language)},
                             {"text", text},
                             {"text_sha256", to_json(text_hash(text))}};
  to_sign.title = page.names.text("extend.sign_title");
  to_sign.button = page.names.text("extend.button");
  to_sign.text = text;
  to_sign.paragraphs = {page.names.text("extend.effect")};
  to_sign.back = to_sign.again = "/me/fullmakter/" + one->id.text() + "/extend";
  to_sign.typed = typed_in(form);
  return sign_page(context, page.visit(), page.overview, to_sign);
}

// ---- What is signed as it stands

Response resume(PortalContext& context, const OwnPage& page) {
  const policy::Fullmakt* one = fullmakt_of(page);
  if (!one) return refusal();
  ToSign to_sign;
  to_sign.act = json::object{{"kind", "resume_fullmakt"}, {"id", one->id.text()}};
  to_sign.title = page.names.text("resume.title", {{"who", page.names.recipients(receiving(*one))}});
  to_sign.button = page.names.text("see.resume");
  to_sign.paragraphs = {page.names.text("resume.text", {{"flikar", page.names.flikar(one->terms.flikar)},
                                                        {"to", page.names.last_day(one->terms.valid_to)}})};
  to_sign.back = "/me";
  return sign_page(context, page.visit(), page.overview, to_sign);
}

Response lift(PortalContext& context, const OwnPage& page) {
  const policy::Sparr* one = find_among(page.overview.sparrar, page.exchange.id<SparrId>("sparr"));
  if (!one) return refusal();
  ToSign to_sign;
  to_sign.act = json::object{{"kind", "lift_sparr"}, {"id", one->id.text()}};
  to_sign.title = page.names.text("lift.title");
  to_sign.button = page.names.text("sparr.lift");
  to_sign.paragraphs = lift_paragraphs(page.names, *one, page.overview);
  to_sign.back = "/me";
  return sign_page(context, page.visit(), page.overview, to_sign);
}

Response sign_kontrakt(PortalContext& context, const OwnPage& page) {
  const policy::Kontrakt* one = find_among(page.overview.kontrakt, page.exchange.id<KontraktId>("kontrakt"));
  if (!one || !one->proposed) return refusal();
  ToSign to_sign;
  to_sign.act = json::object{{"kind", "sign_kontrakt"},
                             {"id", one->id.text()},
                             {"version", to_json(one->version + 1)},
                             {"plan", to_json(*one->proposed)}};
  to_sign.title = page.names.text("sign_kontrakt.title");
  to_sign.button = page.names.text("sign_kontrakt.button");
  to_sign.paragraphs = plan_paragraphs(page.names, *one->proposed);
  to_sign.paragraphs.push_back(page.names.text("sign_kontrakt.effect"));
  to_sign.back = "/me/path";
  if (std::optional<Response> part = part_to_read_first(context, page, to_sign)) return std::move(*part);
  return sign_page(context, page.visit(), page.overview, to_sign);
}

Response hand_over(PortalContext& context, const OwnPage& page) {
  const policy::Case* one = find_among(page.overview.cases, page.exchange.id<CaseId>("case"));
  if (!one || !one->hand_over) return refusal();
  ToSign to_sign;
  to_sign.act = json::object{{"kind", "sign_hand_over"}, {"id", one->id.text()}, {"team", one->hand_over->text()}};
  const std::string to = page.names.team(*one->hand_over);
  to_sign.title = page.names.text("hand_over.title", {{"to", to}});
  to_sign.button = page.names.text("hand_over.button");
  to_sign.paragraphs = {page.names.text("hand_over.text", {{"from", page.names.team(one->team)}, {"to", to}})};
  to_sign.back = "/me/path";
  return sign_page(context, page.visit(), page.overview, to_sign);
}

}  // namespace

void add_standing_pages(PortalContext& context, Router& router) {
  const AccessRule person = AccessRule::person_page;
  const auto show = [&](Response (*make)(PortalContext&, const OwnPage&)) {
    return own_page(context, [&context, make](const OwnPage& page) { return make(context, page); });
  };
  router
      .add(Method::get, "/me/fullmakter/{fullmakt:id}/extend", person, no_body(),
           own_page(context, [&context](const OwnPage& page) { return extend_page(context, page, Form(), ""); }))
      .add(Method::post, "/me/fullmakter/{fullmakt:id}/extend", person, whole_body(),
           form_page(context,
                     [&context](const OwnPage& page, const Form& form) { return extend_preview(context, page, form); }))
      .add(Method::get, "/me/fullmakter/{fullmakt:id}/resume", person, no_body(), show(resume))
      .add(Method::get, "/me/sparr/{sparr:id}/lift", person, no_body(), show(lift))
      .add(Method::get, "/me/kontrakt/{kontrakt:id}/sign", person, no_body(), show(sign_kontrakt))
      .add(Method::get, "/me/cases/{case:id}/hand-over", person, no_body(), show(hand_over));
}

}  // namespace flikvakt::gateway
