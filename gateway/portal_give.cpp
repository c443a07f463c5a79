#include "gateway/portal_give.h"
#include "gateway/portal_give_form.h"

#include <algorithm>

#include "crypto/random.h"
#include "gateway/portal_choices.h"
#include "gateway/portal_fullmakt_view.h"
#include "gateway/portal_paging.h"
#include "gateway/portal_see.h"
#include "gateway/portal_sparr.h"
#include "gateway/portal_text.h"
#include "gateway/problem.h"
#include "web/dates.h"

namespace flikvakt::gateway {
namespace {

using policy::FullmaktTerms;
using policy::Recipient;
using policy::RecipientKind;

constexpr std::chrono::days kUsualPeriod{180};
constexpr std::size_t kTemplatesOnAPage = 30;

std::string date_text(UtcTime time) { return to_text(web::swedish_date(time)); }

// ---- Templates: prepared by the coordination body, so that only the signature is left

const policy::TemplateText* text_in(const PortalContext& context, web::Language language,
                                    const policy::FullmaktTemplate& one) {
  const policy::TemplateText* best = one.texts.empty() ? nullptr : &one.texts.front();
  for (const policy::TemplateText& text : one.texts) {
    if (text.language == context.site.words().tag(language)) best = &text;
  }
  return best;
}

bool counts(const PortalContext& context, const policy::FullmaktTemplate& one) {
  return one.standing == policy::Standing::active && one.epoch == context.core().directory().instance().epoch;
}

// What can be chosen from, by name: the texts themselves may be long, and are left where they are.
std::vector<std::pair<std::string, TemplateId>> templates_to_choose(const PortalContext& context, const Visit& visit) {
  const std::uint32_t epoch = context.core().directory().instance().epoch;
  std::vector<std::pair<std::string, TemplateId>> out;
  static_cast<void>(
      context.core().directory().rows_where<policy::FullmaktTemplate>([&](const policy::FullmaktTemplate& one) {
        const bool counts_now = one.standing == policy::Standing::active && one.epoch == epoch;
        const policy::TemplateText* text = counts_now ? text_in(context, visit.language, one) : nullptr;
        if (text) out.emplace_back(text->name, one.id);
        return false;
      }));
  std::ranges::sort(out);
  return out;
}

Response choose(PortalContext& context, const OwnPage& page) {
  const auto all = templates_to_choose(context, page.visit());
  const Request& request = page.exchange.request();
  const Piece piece = piece_of(request, all.size(), kTemplatesOnAPage);
  web::Data data;
  for (const auto& [name, id] : in_piece(all, piece)) {
    const auto one = context.core().directory().row<policy::FullmaktTemplate>(id);
    if (!one) continue;
    data.add("template")
        .set("id", id.text())
        .set("name", name)
        .set("who", page.names.recipients(one->recipients, PortalNames::kFewOfThem))
        .set("flikar", page.names.flikar(one->flikar, PortalNames::kFewOfThem));
  }
  put_pages(page.names, request, piece, data);
  return context.site.page(page.visit(), "give", std::move(data));
}

// Gives the recipients the same already, whatever its words and days.
bool is_the_same(const FullmaktTerms& a, const FullmaktTerms& b) {
  const auto what = [](const FullmaktTerms& one) {
    return std::tie(one.disclosers, one.recipients, one.flikar, one.documents, one.purpose, one.rights, one.kontrakt,
                    one.max_readings);
  };
  return what(a) == what(b);
}

ToSign to_sign_terms(const PortalContext& context, const OwnPage& page, const FullmaktId& id, FullmaktTerms terms,
                     const std::string& text, json::object more) {
  terms.text_sha256 = text_hash(text);
  json::object act{{"kind", "sign_fullmakt"}, {"id", id.text()}, {"terms", to_json(terms)}, {"text", text}};
  for (const auto& [name, value] : more) act[name] = value;
  ToSign out;
  out.act = std::move(act);
  out.title = page.names.text("give.sign_title");
  out.button = page.names.text("give.button");
  out.text = text;
  out.paragraphs = effect_paragraphs(context, page, terms);
  for (const policy::Fullmakt& one : page.overview.fullmakter) {
    const bool counts = one.status == policy::FullmaktStatus::active && one.terms.valid_to > page.now;
    if (!counts || !is_the_same(one.terms, terms)) continue;
    out.paragraphs.push_back(page.names.text("give.same", {{"day", page.names.last_day(one.terms.valid_to)}}));
    break;
  }
  out.back = "/me/give";
  return out;
}

Response from_template(PortalContext& context, const OwnPage& page) {
  const auto one = context.core().directory().row<policy::FullmaktTemplate>(page.exchange.id<TemplateId>("template"));
  const policy::TemplateText* text = one ? text_in(context, page.visit().language, *one) : nullptr;
  if (!one || !counts(context, *one) || !text) return refusal();
  FullmaktTerms terms;
  terms.disclosers = one->disclosers;
  terms.recipients = one->recipients;
  terms.flikar = one->flikar;
  terms.purpose = one->purpose;
  terms.rights = one->rights;
  terms.valid_from = page.now;
  terms.valid_to = page.now + std::chrono::days(one->days);
  terms.kontrakt = kontrakt_for(context.core().directory(), page.overview, terms.recipients, page.now);
  terms.secrecy_consent = one->secrecy_consent;
  terms.legal_ground = one->legal_ground;
  terms.language = text->language;
  ToSign to_sign =
      to_sign_terms(context, page, crypto::random_id<FullmaktId>(), terms, text->text, {{"based_on", one->id.text()}});
  // The prose is the template's; what it is worth is said by the terms (SPEC PORTAL-91).
  to_sign.paragraphs.push_back(page.names.text("give.terms"));
  to_sign.paragraphs.push_back(fullmakt_text(page.names, page.overview, terms));
  return sign_page(context, page.visit(), page.overview, to_sign);
}

// ---- Freely chosen

std::vector<Choice> possible_recipients(const PortalContext& context, const PortalNames& names, const Form& typed) {
  std::vector<Choice> out;
  const service::Directory& directory = context.core().directory();
  const auto put = [&](const auto& rows, RecipientKind kind) {
    for (const auto& row : rows) {
      const Recipient one{kind, row.id.value()};
      if (row.standing != policy::Standing::active) continue;
      const std::string value = to_choice(one);
      out.push_back({names.recipient(one), value, typed.has("recipient", value)});
    }
  };
  put(directory.rows<policy::Team>(), RecipientKind::team);
  put(directory.rows<policy::Organisation>(), RecipientKind::organisation);
  put(directory.rows<policy::Unit>(), RecipientKind::unit);
  return out;
}

void put_documents(const OwnPage& page, const Form& typed, web::Data& data) {
  std::vector<Choice> all;
  for (const policy::Document& one : page.overview.documents) {
    all.push_back({one.facts.title, one.id.text(), typed.has("document", one.id.text())});
  }
  if (all.empty()) return;
  put_choices(page.names, std::move(all), {}, typed.text(field_of_search("document")), "document_choice", "document",
              data.add("documents"));
}

// Who receives something already, asks for it, or has a case: where there are many to choose from, these stand there
// unasked.
std::set<std::string> likely_recipients(const policy::Overview& overview) {
  std::set<std::string> out;
  for (const policy::Case& one : overview.cases) out.insert(to_choice({RecipientKind::team, one.team.value()}));
  for (const policy::AccessRequest& one : overview.requests) out.insert(to_choice(one.terms.recipient));
  for (const policy::Fullmakt& one : overview.fullmakter) {
    for (const Recipient& recipient : one.terms.recipients) out.insert(to_choice(recipient));
  }
  return out;
}

Response give_page(PortalContext& context, const OwnPage& page, const Form& typed, const std::string& wrong) {
  const bool is_new = typed.fields().empty();
  web::Data data;
  put_form(page.visit(), data);
  put_choices(page.names, possible_recipients(context, page.names, typed), likely_recipients(page.overview),
              typed.text(field_of_search("recipient")), "recipient_choice", "recipient", data);
  const service::Directory& directory = context.core().directory();
  put_flikar(page.names, flikar_in_use(directory), ticked(typed, "flik"), typed, data);
  put_documents(page, typed, data);
  const std::set<std::string> likely = likely_disclosers(page.overview);  // ticked from the beginning
  put_disclosers(page.names, organisations_in_use(directory), is_new ? likely : ticked(typed, "discloser"), likely,
                 typed, data);
  for (const std::string_view code : kPurposes) {
    web::Data& choice = data.add("purpose_choice").set("value", code);
    choice.set("name", page.names.purpose_about(std::string(code))).show_if(typed.text("purpose") == code, "chosen");
  }
  data.show_if(is_new || typed.has("right", "read"), "reads");
  data.show_if(typed.has("right", "deposit"), "deposits");
  data.set("until", is_new ? date_text(page.now + kUsualPeriod) : std::string(typed.text("until")));
  data.set("readings", typed.text("readings"));
  if (!wrong.empty()) data.add("wrong").set("text", page.names.text(wrong));
  PortalSite::Options options;
  options.status = wrong.empty() ? 200 : 422;
  return context.site.page(page.visit(), "give_new", std::move(data), options);
}

Response preview(PortalContext& context, const OwnPage& page, const Form& form) {
  if (is_search(form)) return give_page(context, page, form, "");
  GiveForm wanted = read_give_form(form, page.overview, page.now);
  if (!wanted.wrong.empty()) return give_page(context, page, form, wanted.wrong);
  wanted.terms.kontrakt = kontrakt_for(context.core().directory(), page.overview, wanted.terms.recipients, page.now);
  wanted.terms.language = context.site.words().code(page.visit().language);
  const std::string text = fullmakt_text(page.names, page.overview, wanted.terms);
  ToSign to_sign = to_sign_terms(context, page, FullmaktId(id_made_by(form)), wanted.terms, text, {});
  to_sign.again = "/me/give/new";
  to_sign.typed = typed_in(form);
  return sign_page(context, page.visit(), page.overview, to_sign);
}

}  // namespace

void add_give_pages(PortalContext& context, Router& router) {
  const AccessRule person = AccessRule::person_page;
  const auto show = [&](Response (*make)(PortalContext&, const OwnPage&)) {
    return own_page(context, [&context, make](const OwnPage& page) { return make(context, page); });
  };
  router.add(Method::get, "/me/give", person, no_body(), show(choose))
      .add(Method::get, "/me/give/template/{template:id}", person, no_body(), show(from_template))
      .add(Method::get, "/me/give/new", person, no_body(),
           own_page(context, [&context](const OwnPage& page) { return give_page(context, page, Form(), ""); }))
      .add(Method::post, "/me/give/new", person, whole_body(),
           form_page(context,
                     [&context](const OwnPage& page, const Form& form) { return preview(context, page, form); }));
}

}  // namespace flikvakt::gateway
