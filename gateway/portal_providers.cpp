#include "gateway/portal_providers.h"

#include <algorithm>

#include "gateway/portal_choices.h"
#include "gateway/portal_give_form.h"
#include "gateway/portal_paging.h"
#include "gateway/portal_path.h"
#include "gateway/problem.h"
#include "gateway/provider_search.h"
#include "policy/terms.h"

namespace flikvakt::gateway {
namespace {

using policy::ProviderText;

constexpr std::size_t kOnAPage = 20;
constexpr std::size_t kShownOfEach = 160;  // characters of what it offers, in a list
constexpr std::size_t kAreasOfEach = 6;    // in a list; all stand on its own page

// The answers of an entry, as a form and a page name them.
struct AnswerOf {
  std::string_view name;
  std::string ProviderText::*member;
};
constexpr AnswerOf kAnswers[] = {{"offers", &ProviderText::offers},
                                 {"for_whom", &ProviderText::for_whom},
                                 {"steps", &ProviderText::steps},
                                 {"place", &ProviderText::place},
                                 {"contact", &ProviderText::contact}};

// One page of the catalogue, whoever looks at it.
struct CataloguePage {
  const BrowserIdentity& who;
  const Exchange& exchange;
  const PortalNames names;
  const UtcTime now;

  const Visit& visit() const { return who.visit(); }
  std::string base() const { return visit().is_staff() ? "/staff/providers" : "/me/providers"; }
  NameOfArea name_of_area() const {
    return [this](const std::string& area) { return names.area(area); };
  }
};

using ShowCatalogue = std::function<Response(const CataloguePage&)>;

Awaitable<Response> show_page(PortalContext& context, Exchange& exchange, std::shared_ptr<const ShowCatalogue> show) {
  const BrowserIdentity& who = browser_of(exchange);
  if (!context.pages.allow(rate_key_of(who), context.core().clock().steady())) co_return too_many_requests();
  const CataloguePage page{who, exchange, PortalNames(context.site, who.visit().language),
                           context.core().clock().wall()};
  co_return (*show)(page);
}

Handler catalogue_page(PortalContext& context, ShowCatalogue show) {
  auto kept = std::make_shared<const ShowCatalogue>(std::move(show));
  return [&context, kept](Exchange& exchange) { return show_page(context, exchange, kept); };
}

// In the page's language if it is there; else as it was written first, and the page says in which.
const ProviderText& text_for(const PortalContext& context, const Visit& visit, const policy::ProviderEntry& entry) {
  const std::string tag = context.site.words().tag(visit.language);
  const auto found = std::ranges::find(entry.texts, tag, &ProviderText::language);
  return found == entry.texts.end() ? entry.texts.front() : *found;
}

// ---- Searching

void put_found(const PortalContext& context, const CataloguePage& page, const FoundProvider& one, web::Data& data) {
  const ProviderText& text = text_for(context, page.visit(), one.entry);
  const std::vector<std::string> begin = wrapped(web::plain_text(text.offers), kShownOfEach);
  data.set("href", page.base() + "/" + one.entry.organisation.text()).set("name", one.name);
  data.set("text_lang", text.language).set("offers", begin.front() + (begin.size() > 1 ? "…" : ""));
  std::size_t left = kAreasOfEach;
  for (const std::string& area : one.entry.areas) {
    if (left-- == 0) {
      data.add("area").set("area_name", "…");
      break;
    }
    data.add("area").set("area_name", page.names.area(area));
  }
}

void put_question(const CataloguePage& page, const ProviderCatalogue& catalogue, const ProviderQuestion& question,
                  web::Data& data) {
  data.set("action", page.base()).set("q", question.words);
  std::vector<Choice> areas;
  for (const std::string& area : catalogue.areas()) {
    areas.push_back({page.names.area(area), area, area == question.area});
  }
  const std::string words = web::plain_text(page.exchange.request().query(field_of_search("area")));
  put_choices(page.names, std::move(areas), {}, words, "area_choice", "area", data);
}

bool writes_for_provider(const PortalContext& context, const Visit& visit);

Response search(PortalContext& context, const CataloguePage& page) {
  const ProviderCatalogue catalogue(context.core().directory(), page.now);
  const Request& request = page.exchange.request();
  const ProviderQuestion question{web::plain_text(request.query("q")), std::string(request.query("area"))};
  web::Data data;
  put_question(page, catalogue, question, data);
  if (writes_for_provider(context, page.visit())) data.add("writes");
  const bool is_long = question.words.size() > kLongestQuestion;
  PortalSite::Options options;
  options.status = is_long ? 422 : 200;
  if (is_long) {
    data.add("wrong");
    return context.site.page(page.visit(), "providers", std::move(data), options);
  }
  const std::vector<FoundProvider> found = catalogue.find(question, page.name_of_area());
  data.add("count").set("text", page.names.count("providers.count", found.size()));
  const Piece piece = piece_of(request, found.size(), kOnAPage);
  web::Data* list = found.empty() ? nullptr : &data.add("list");
  for (const FoundProvider& one : in_piece(found, piece)) put_found(context, page, one, list->add("provider"));
  put_pages(page.names, request, piece, data);
  return context.site.page(page.visit(), "providers", std::move(data), options);
}

// ---- One of them

Response provider(PortalContext& context, const CataloguePage& page) {
  const ProviderCatalogue catalogue(context.core().directory(), page.now);
  const auto found = catalogue.find(page.exchange.id<OrganisationId>("provider"));
  if (!found) return refusal();
  const ProviderText& text = text_for(context, page.visit(), found->entry);
  web::Data data;
  data.set("back", page.base()).set("text_lang", text.language);
  data.set("written", page.names.day(found->entry.written));
  for (const std::string& area : found->entry.areas) data.add("area").set("area_name", page.names.area(area));
  for (const AnswerOf& one : kAnswers) {
    const std::string& answer = text.*one.member;
    if (answer.empty()) continue;
    const std::string heading = page.names.text("providers." + std::string(one.name));
    data.add("answer").set("heading", heading).set("text", answer);
  }
  data.show_if(page.visit().is_person(), "for_person");
  PortalSite::Options options;
  options.title = found->name;
  return context.site.page(page.visit(), "provider", std::move(data), options);
}

// ---- The provider's own

// SPEC PROV-8: who speaks for a provider. The rules say so again when something is sent.
bool writes_for_provider(const PortalContext& context, const Visit& visit) {
  if (!visit.is_staff()) return false;
  const auto& actor = std::get<policy::StaffActor>(visit.session->actor);
  const service::Directory& directory = context.core().directory();
  const auto staff = directory.row<policy::Staff>(actor.staff);
  const auto organisation = directory.row<policy::Organisation>(actor.organisation);
  const bool speaks = staff && (staff->roles.contains(policy::StaffRole::roster_officer) ||
                                staff->roles.contains(policy::StaffRole::registrar));
  return speaks && organisation && organisation->kind == policy::OrganisationKind::provider;
}

std::string field_of(std::string_view language,
                     std::string_view answer) {  // what is written, for a page that came late
  return "write_" + std::string(language) + "_" + std::string(answer);
}

// What stands, as if it had just been written.
std::map<std::string, std::string> written_in(const policy::ProviderEntry& entry) {
  std::map<std::string, std::string> out;
  for (const ProviderText& text : entry.texts) {
    for (const AnswerOf& one : kAnswers) out[field_of(text.language, one.name)] = text.*one.member;
  }
  return out;
}

void put_answers(const StaffPage& page, const std::map<std::string, std::string>& written, web::Data& data) {
  for (const std::string_view language : kEntryLanguages) {
    web::Data& text = data.add("text").set("text_lang", language);
    text.set("language_name", page.names.text("providers.in_" + std::string(language)));
    for (const AnswerOf& one : kAnswers) {
      const std::string field = field_of(language, one.name);
      const auto found = written.find(field);
      web::Data& answer = text.add("answer").set("field", field);
      answer.set("heading", page.names.text("providers." + std::string(one.name)));
      answer.set("hint", page.names.text("providers.hint_" + std::string(one.name)));
      answer.set("written", found == written.end() ? std::string() : found->second);
    }
  }
}

Response own_page_of(PortalContext& context, const StaffPage& page, const Form& typed, const std::string& wrong) {
  if (!writes_for_provider(context, page.visit())) return refusal();
  const service::Directory& directory = context.core().directory();
  const OrganisationId own = page.staff().organisation;
  const auto entry = directory.row<policy::ProviderEntry>(own);
  const bool is_new = typed.fields().empty();
  std::map<std::string, std::string> written;
  if (is_new && entry) written = written_in(*entry);
  for (const auto& [name, value] : typed.fields()) written[name] = value;
  const std::set<std::string> chosen = is_new && entry ? entry->areas : ticked(typed, "area");
  web::Data data;
  put_form(page.visit(), data);
  put_answers(page, written, data);
  for (const std::string& area : ProviderCatalogue::areas_to_choose(directory, own, page.now)) {
    web::Data& choice = data.add("area_choice").set("value", area).set("name", page.names.area(area));
    choice.show_if(chosen.contains(area), "chosen");
  }
  const bool is_closed = entry && entry->standing != policy::Standing::active;
  data.show_if(is_closed, "closed").show_if(!is_closed, "open");
  if (ProviderCatalogue(directory, page.now).find(own)) data.add("shown").set("href", "/staff/providers/" + own.text());
  if (!wrong.empty()) data.add("wrong").set("text", page.names.text(wrong));
  PortalSite::Options options;
  options.status = wrong.empty() ? 200 : 422;
  return context.site.page(page.visit(), "provider_own", std::move(data), options);
}

// What was written by another door in a language that this form has not.
void keep_other_languages(const PortalContext& context, const StaffPage& page, policy::SetProviderEntry& wanted) {
  const auto entry = context.core().directory().row<policy::ProviderEntry>(page.staff().organisation);
  if (!entry) return;
  for (const ProviderText& text : entry->texts) {
    const bool is_here = std::ranges::find(kEntryLanguages, text.language) != std::end(kEntryLanguages);
    if (!is_here) wanted.texts.push_back(text);
  }
}

Awaitable<Response> write_own(PortalContext& context, Exchange& exchange) {
  FormOrPage read = form_or_page(context, exchange);
  if (Response* instead = std::get_if<Response>(&read)) co_return std::move(*instead);
  const Form form = std::get<Form>(std::move(read));
  const StaffPage page = staff_page_of(context, exchange);
  if (!writes_for_provider(context, page.visit())) co_return refusal();
  StaffAct act;
  act.done = "providers.taken_down";
  act.next = "/staff/providers/own";
  policy::SetProviderEntry wanted;
  if (form.text("what") != "take_down") {
    const std::set<std::string> areas =
        ProviderCatalogue::areas_to_choose(context.core().directory(), page.staff().organisation, page.now);
    EntryForm filled = read_entry_form(form, areas);
    if (!filled.wrong.empty()) {
      co_return page_again(context, exchange,
                           [&](const StaffPage& one) { return own_page_of(context, one, form, filled.wrong); });
    }
    wanted = std::move(filled.act);
    keep_other_languages(context, page, wanted);
    act.done = "providers.saved";
  }
  act.act = policy::act_to_json(policy::Act(std::move(wanted))).as_object();
  Awaitable<Response> sending = send_as_staff(context, exchange, form, std::move(act));
  co_return co_await std::move(sending);
}

// What is shown is what was written: nothing that moves a cursor or turns text around is taken (SPEC PROV-9).
std::string wrong_with(const ProviderText& text) {
  for (const AnswerOf& one : kAnswers) {
    const std::string& answer = text.*one.member;
    if (answer.size() > policy::kLongestAnswer) return "providers.wrong_long";
    if (!policy::is_text(answer, policy::kLongestAnswer)) return "providers.wrong_signs";
  }
  return text.offers.empty() ? "providers.wrong_offers" : "";
}

std::string_view trimmed(std::string_view text) {
  const std::size_t from = text.find_first_not_of(" \t\n");
  return from == std::string_view::npos ? std::string_view()
                                        : text.substr(from, text.find_last_not_of(" \t\n") - from + 1);
}

}  // namespace

EntryForm read_entry_form(const Form& form, const std::set<std::string>& areas_to_choose) {
  EntryForm out;
  out.act.areas = ticked(form, "area");
  for (const std::string_view language : kEntryLanguages) {
    ProviderText text;
    text.language = std::string(language);
    bool is_empty = true;
    for (const AnswerOf& one : kAnswers) {
      text.*one.member = std::string(trimmed(form.text(field_of(language, one.name))));
      is_empty = is_empty && (text.*one.member).empty();
    }
    if (is_empty) continue;
    if (std::string wrong = wrong_with(text); !wrong.empty()) return {{}, std::move(wrong)};
    out.act.texts.push_back(std::move(text));
  }
  if (out.act.texts.empty()) return {{}, "providers.wrong_offers"};
  const bool are_areas = !out.act.areas.empty() && std::ranges::includes(areas_to_choose, out.act.areas);
  if (!are_areas) return {{}, "providers.wrong_areas"};
  return out;
}

void add_provider_pages(PortalContext& context, Router& router) {
  const auto show = [&](Response (*make)(PortalContext&, const CataloguePage&)) {
    return catalogue_page(context, [&context, make](const CataloguePage& page) { return make(context, page); });
  };
  router.add(Method::get, "/me/providers", AccessRule::person_page, no_body(), show(search))
      .add(Method::get, "/me/providers/{provider:id}", AccessRule::person_page, no_body(), show(provider))
      .add(Method::get, "/staff/providers", AccessRule::staff_page, no_body(), show(search))
      .add(Method::get, "/staff/providers/{provider:id}", AccessRule::staff_page, no_body(), show(provider))
      .add(Method::get, "/staff/providers/own", AccessRule::staff_page, no_body(),
           staff_page(context, [&context](const StaffPage& page) { return own_page_of(context, page, Form(), ""); }))
      .add(Method::post, "/staff/providers/own", AccessRule::staff_page, whole_body(128 * 1024),
           [&context](Exchange& e) { return write_own(context, e); });
}

}  // namespace flikvakt::gateway
