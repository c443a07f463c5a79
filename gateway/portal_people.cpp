#include "gateway/portal_people.h"

#include <algorithm>

#include "gateway/api_answers.h"
#include "gateway/await_command.h"
#include "gateway/document_body.h"
#include "gateway/portal_asking.h"
#include "gateway/portal_documents.h"
#include "gateway/portal_paging.h"
#include "gateway/portal_teams.h"
#include "gateway/problem.h"
#include "policy/terms.h"
#include "service/handles.h"

namespace flikvakt::gateway {
namespace {

using policy::Document;
using policy::Fullmakt;

constexpr std::size_t kDocumentsOnAPage = 40;
constexpr std::size_t kFullmakterOnAPage = 20;
constexpr std::size_t kMostPurposes = 30;       // to choose from
constexpr std::size_t kFlikarOfAFullmakt = 10;  // in a list

// ---- Which person: by number, which is in no address

Response ask_number(PortalContext& context, const Visit& visit, bool is_wrong) {
  web::Data data;
  put_form(visit, data);
  data.show_if(is_wrong, "wrong");
  PortalSite::Options options;
  options.status = is_wrong ? 422 : 200;
  return context.site.page(visit, "people", std::move(data), options);
}

// SPEC API-50: every valid number has a handle, known here or not.
Awaitable<Response> find_person(PortalContext& context, Exchange& exchange) {
  FormOrPage read = form_or_page(context, exchange);
  if (Response* instead = std::get_if<Response>(&read)) co_return std::move(*instead);
  const BrowserIdentity& who = browser_of(exchange);
  const std::string number(std::get<Form>(read).text("number"));
  const Result<std::string> handle =
      service::handle_for(context.core().keys(), who.staff().organisation, number, context.core().clock());
  if (!handle) {
    co_return page_again(context, exchange,
                         [&](const StaffPage& page) { return ask_number(context, page.visit(), true); });
  }
  co_return see_other("/staff/people/" + *handle);
}

// ---- What is open

// Of the fullmakter by which this staff member receives: the purposes, those that let read first. One that only lets
// their organisation disclose shows them nothing.
std::vector<std::string> purposes_of(PortalContext& context, const StaffPage& page,
                                     const std::vector<Fullmakt>& fullmakter) {
  const std::set<policy::Recipient> mine = receives_as(context, page);
  std::vector<std::string> out;
  for (const Fullmakt& one : fullmakter) {
    if (!receives_by(mine, one)) continue;
    const bool reads = one.terms.rights.contains(policy::Right::read);
    const auto known = std::ranges::find(out, one.terms.purpose);
    if (known == out.end()) out.insert(reads ? out.begin() : out.end(), one.terms.purpose);
  }
  return out;
}

// Who may give it up (RELINQ-2) is offered it; nobody else is sent into a refusal.
bool speaks_for(const service::Directory& directory, const policy::Recipient& recipient, const policy::Staff& staff) {
  const bool speaks =
      staff.roles.contains(policy::StaffRole::roster_officer) || staff.roles.contains(policy::StaffRole::registrar);
  switch (recipient.kind) {
    case policy::RecipientKind::staff:
      return StaffId(recipient.id) == staff.id;
    case policy::RecipientKind::organisation:
      return speaks && OrganisationId(recipient.id) == staff.organisation;
    case policy::RecipientKind::unit: {
      const auto unit = directory.row<policy::Unit>(UnitId(recipient.id));
      return speaks && unit && unit->organisation == staff.organisation;
    }
    case policy::RecipientKind::team:
      return leads_team(directory, TeamId(recipient.id), staff.id);
  }
  return false;
}

void put_fullmakter(PortalContext& context, const StaffPage& page, const std::string& handle,
                    const std::vector<Fullmakt>& fullmakter, web::Data& data) {
  const service::Directory& directory = context.core().directory();
  const std::optional<policy::Staff> staff = directory.row<policy::Staff>(page.staff().staff);
  const std::set<policy::Recipient> mine = receives_as(context, page);
  const Request& request = page.exchange.request();
  const Piece piece = piece_of(request, fullmakter.size(), kFullmakterOnAPage, "fullmakter");
  web::Data& list = data.add("fullmakter");
  put_pages(page.names, request, piece, list, "fullmakter");
  for (const Fullmakt& one : in_piece(fullmakter, piece)) {
    const policy::FullmaktTerms& terms = one.terms;
    const bool is_own = terms.disclosers.contains(page.staff().organisation);
    web::Data& shown = list.add("fullmakt").set("id", one.id.text()).set("handle", handle);
    shown.set("may", page.names.rights(terms.rights)).set("purpose", page.names.purpose(terms.purpose));
    shown.set("flikar", page.names.flikar(terms.flikar, kFlikarOfAFullmakt));
    shown.set("until", page.names.last_day(terms.valid_to));
    const bool is_active = one.status == policy::FullmaktStatus::active && terms.valid_from <= page.now;
    shown.set("tone", is_active ? "tone-go" : "tone-wait");
    shown.set("status", page.names.text(is_active ? "status.active" : "person.not_now"));
    shown.show_if(is_own, "discloses").show_if(terms.kontrakt.has_value(), "needs_kontrakt");
    shown.show_if(receives_by(mine, one), "receives");
    const bool may_give_up = staff && std::ranges::any_of(terms.recipients, [&](const policy::Recipient& recipient) {
                               return speaks_for(directory, recipient, *staff);
                             });
    shown.show_if(may_give_up, "can_give_up");
    if (terms.max_readings) {
      shown.add("limit").set(
          "left",
          page.names.count("see.readings_left", *terms.max_readings - std::min(one.readings, *terms.max_readings)));
    }
  }
}

void put_documents(const StaffPage& page, const std::string& handle, const std::string& purpose,
                   const policy::Listing& listing, web::Data& data) {
  std::map<std::string, std::vector<const Document*>> flikar;
  for (const policy::DocumentView& one : listing.documents) {
    flikar[one.document.facts.flik].push_back(&one.document);
  }
  if (flikar.empty()) {
    data.add("nothing_open");
    return;
  }
  const std::string asked(page.exchange.request().query("flik"));
  const std::string chosen = flikar.contains(asked) ? asked : flikar.begin()->first;
  web::Data& tabs = data.add("tabs");
  for (const auto& [code, found] : flikar) {
    web::Data& tab = tabs.add("flik").set("code", code).set("name", page.names.flik(code));
    tab.set("handle", handle).set("purpose", purpose).set("count", std::uint64_t{found.size()});
    tab.show_if(code == chosen, "here");
  }
  std::vector<const Document*>& shown = flikar[chosen];
  std::ranges::sort(shown, std::ranges::greater(),
                    [](const Document* one) { return std::chrono::sys_days(one->facts.date); });
  const Request& request = page.exchange.request();
  const Piece piece = piece_of(request, shown.size(), kDocumentsOnAPage);
  put_pages(page.names, request, piece, tabs);
  for (const Document* one : in_piece(shown, piece)) {
    web::Data& row = tabs.add("document").set("id", one->id.text()).set("title", one->facts.title);
    row.set("handle", handle).set("purpose", purpose).set("date", page.names.day(one->facts.date));
    row.set("type", page.names.media_type(one->facts.media_type)).set("size", page.names.size(one->facts.size));
    if (!one->source.is_none()) row.add("source").set("name", page.names.organisation(one->source));
    if (!one->facts.author.empty()) row.add("author").set("name", one->facts.author);
    row.choose(may_be_shown(one->facts.media_type), "can_show", "only_saved");
  }
  tabs.set("flik_name", page.names.flik(chosen));
}

// SPEC API-54, API-101: an unknown person looks like one with nothing to see, by time too.
Awaitable<Response> person(PortalContext& context, Exchange& exchange) {
  const BrowserIdentity& who = browser_of(exchange);
  const std::string handle = exchange.text("handle");
  const Result<policy::BlindIndex> index = person_of_handle(context, who.staff(), handle);
  if (!index) co_return refusal();
  Awaitable<AnswerOrPage> asking = ask_as_staff(context, exchange, policy::ListFullmakter{*index});
  AnswerOrPage fullmakter = co_await std::move(asking);
  if (Response* instead = std::get_if<Response>(&fullmakter)) co_return std::move(*instead);
  const auto& open = std::get<std::vector<Fullmakt>>(std::get<policy::Answer>(fullmakter));
  const StaffPage page = staff_page_of(context, exchange);
  const std::vector<std::string> purposes = purposes_of(context, page, open);
  const std::string asked(exchange.request().query("purpose"));
  const bool is_asked = policy::is_code(asked);
  const std::string purpose = is_asked ? asked : purposes.empty() ? std::string("none") : purposes.front();
  Awaitable<AnswerOrPage> listing_documents = ask_as_staff(context, exchange, policy::ListDocuments{*index, purpose});
  AnswerOrPage listed = co_await std::move(listing_documents);
  if (Response* instead = std::get_if<Response>(&listed)) co_return std::move(*instead);
  const auto& listing = std::get<policy::Listing>(std::get<policy::Answer>(listed));
  web::Data data;
  data.set("handle", handle).set("short_handle", handle.substr(0, 6));
  if (listing.alias) data.add("alias").set("name", *listing.alias);
  data.show_if(listing.more_blocked, "more_blocked");
  if (purposes.size() > 1) {
    web::Data& choices = data.add("purposes");
    for (const std::string& one : std::span(purposes).first(std::min(purposes.size(), kMostPurposes))) {
      choices.add("choice")
          .set("handle", handle)
          .set("value", one)
          .set("name", page.names.purpose(one))
          .show_if(one == purpose, "here");
    }
  }
  put_documents(page, handle, purpose, listing, data);
  put_fullmakter(context, page, handle, open, data);
  data.show_if(open.empty(), "no_fullmakt");
  PortalSite::Options options;
  options.title = page.names.text("person.title");
  Response response = context.site.page(page.visit(), "person", std::move(data), options);
  response.departure = Departure::on_tick;
  co_return response;
}

// ---- A document: the page shows it in a frame, and only the frame opens it

Response viewer(PortalContext& context, const StaffPage& page) {
  const std::string purpose(page.exchange.request().query("purpose"));
  if (!policy::is_code(purpose)) return refusal();
  web::Data data;
  data.set("id", page.exchange.text("document")).set("handle", page.exchange.text("handle")).set("purpose", purpose);
  PortalSite::Options options;
  options.frame = PageFrame::document;
  return context.site.page(page.visit(), "viewer", std::move(data), options);
}

// SPEC PORTAL-5. The whole document, whatever range is asked for: each asking is an opening of its own.
Awaitable<Response> content(PortalContext& context, Exchange& exchange) {
  const BrowserIdentity& who = browser_of(exchange);
  if (!context.pages.allow(rate_key_of(who), context.core().clock().steady())) co_return too_many_requests();
  const std::string purpose(exchange.request().query("purpose"));
  if (!policy::is_code(purpose)) co_return refusal();
  Awaitable<service::OpenResult> open =
      open_document(context.core(), who.staff(), exchange.id<DocumentId>("document"), purpose);
  service::OpenResult result = co_await std::move(open);
  if (!result.opened) co_return read_refused(exchange, result.refused, Tells::nothing);
  Awaitable<Errands*> find = Errands::here();
  Errands* const errands = co_await std::move(find);
  const policy::DocumentFacts facts = result.opened->permit->document().facts;
  const DocumentUse use = exchange.request().query("use") == "save" ? DocumentUse::saved : DocumentUse::shown;
  co_return for_browser(document_response(context.core(), *errands, std::move(*result.opened), ""), facts.media_type,
                        file_name_of(facts.title, facts.media_type), use);
}

}  // namespace

void add_people_pages(PortalContext& context, Router& router) {
  const AccessRule staff = AccessRule::staff_page;
  router
      .add(Method::get, "/staff/people", staff, no_body(),
           staff_page(context, [&context](const StaffPage& page) { return ask_number(context, page.visit(), false); }))
      .add(Method::post, "/staff/people", staff, whole_body(),
           [&context](Exchange& e) { return find_person(context, e); })
      .add(Method::get, "/staff/people/{handle:token}", staff, no_body(),
           [&context](Exchange& e) { return person(context, e); })
      .add(Method::get, "/staff/people/{handle:token}/documents/{document:id}", staff, no_body(),
           staff_page(context, [&context](const StaffPage& page) { return viewer(context, page); }))
      .add(Method::get, "/staff/documents/{document:id}/content", staff, no_body(),
           [&context](Exchange& e) { return content(context, e); });
}

}  // namespace flikvakt::gateway
