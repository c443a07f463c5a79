#include "gateway/portal_documents.h"

#include <algorithm>

#include "base/media_types.h"
#include "gateway/api_answers.h"
#include "gateway/await_command.h"
#include "gateway/document_body.h"
#include "gateway/portal_paging.h"
#include "gateway/problem.h"

namespace flikvakt::gateway {
namespace {

using policy::Document;

constexpr std::size_t kDocumentsOnAPage = 50;
constexpr std::size_t kLettersOfAbout = 200;  // of what a flik is for
constexpr std::size_t kLongestName = 120;     // bytes of a title, as the name of a file

// No letter is cut in two.
std::string_view beginning_of(std::string_view text, std::size_t most) {
  std::size_t end = std::min(text.size(), most);
  while (end > 0 && end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

void put_document(const PortalNames& names, const Document& document, web::Data& data) {
  data.set("id", document.id.text()).set("title", document.facts.title);
  data.set("source", names.organisation(document.source)).set("author", document.facts.author);
  data.set("date", names.day(document.facts.date)).set("deposited", names.day(document.sealed_at));
  data.set("type", names.media_type(document.facts.media_type)).set("size", names.size(document.facts.size));
  data.show_if(document.version > 1, "newer");
  data.show_if(!document.facts.other_subjects.empty(), "others");
  data.show_if(may_be_shown(document.facts.media_type), "can_show");
}

// Flik by flik, in each the newest first; what was replaced stays.
Response documents(const PortalSite& site, const OwnPage& page) {
  std::vector<const Document*> all;
  for (const Document& one : page.overview.documents) all.push_back(&one);
  std::ranges::stable_sort(all, {}, [](const Document* one) {
    return std::pair(std::string_view(one->facts.flik), -std::chrono::sys_days(one->facts.date).time_since_epoch());
  });
  const Request& request = page.exchange.request();
  const Piece piece = piece_of(request, all.size(), kDocumentsOnAPage);
  web::Data data;
  web::Data* flik = nullptr;
  std::string_view last;
  for (const Document* one : in_piece(all, piece)) {
    const std::string& code = one->facts.flik;
    if (!flik || code != last) {
      flik = &data.add("flik").set("code", code).set("name", page.names.flik(code));
      flik->set("about", shortened(page.names.flik_about(code), kLettersOfAbout));
      last = code;
    }
    put_document(page.names, *one, flik->add("document"));
  }
  put_pages(page.names, request, piece, data);
  data.show_if(all.empty(), "none");
  return site.page(page.visit(), "documents", std::move(data));
}

Response document(const PortalSite& site, const OwnPage& page) {
  const Document* one = find_among(page.overview.documents, page.exchange.id<DocumentId>("document"));
  if (!one) return refusal();
  web::Data data;
  put_document(page.names, *one, data);
  data.set("flik", page.names.flik(one->facts.flik));
  PortalSite::Options options;
  options.title = one->facts.title;
  if (may_be_shown(one->facts.media_type)) options.frame = PageFrame::document;
  return site.page(page.visit(), "document", std::move(data), options);
}

// SPEC API-63, PORTAL-5. The whole document, whatever range is asked for: each asking is an opening of its own.
Awaitable<Response> content(PortalContext& context, Exchange& exchange) {
  const BrowserIdentity& who = browser_of(exchange);
  if (!context.pages.allow(rate_key_of(who), context.core().clock().steady())) co_return too_many_requests();
  Awaitable<service::OpenResult> open =
      open_own_document(context.core(), who.person(), exchange.id<DocumentId>("document"));
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

std::string file_name_of(std::string_view title, std::string_view media_type) {
  std::string name = web::plain_text(beginning_of(title, kLongestName));
  const std::string_view ending = ending_of_media_type(media_type);
  if (!name.ends_with(ending)) name += ending;
  for (char& c : name) {
    if (c == '/' || c == '\\' || c == '\n') c = ' ';
  }
  return name;
}

void add_document_pages(PortalContext& context, Router& router) {
  const PortalSite& site = context.site;
  router
      .add(Method::get, "/me/documents", AccessRule::person_page, no_body(),
           own_page(context, [&site](const OwnPage& page) { return documents(site, page); }))
      .add(Method::get, "/me/documents/{document:id}", AccessRule::person_page, no_body(),
           own_page(context, [&site](const OwnPage& page) { return document(site, page); }))
      .add(Method::get, "/me/documents/{document:id}/content", AccessRule::person_page, no_body(),
           [&context](Exchange& e) { return content(context, e); });
}

}  // namespace flikvakt::gateway
