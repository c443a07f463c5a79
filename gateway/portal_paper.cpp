#include "gateway/portal_paper.h"

#include <algorithm>

#include "crypto/hash.h"
#include "crypto/random.h"
#include "gateway/portal_deposit.h"
#include "gateway/portal_give_form.h"
#include "gateway/portal_paging.h"
#include "gateway/portal_text.h"
#include "gateway/problem.h"
#include "service/handles.h"

namespace flikvakt::gateway {
namespace {

using policy::FullmaktTemplate;
using policy::TemplateText;

constexpr std::uint64_t kLargestScan = 25 << 20;  // bytes: it is in memory while its hash is taken
constexpr std::uint64_t kRoomBesideScan = 64 * 1024;
constexpr std::size_t kPapersOnAPage = 30;

bool is_offered(const FullmaktTemplate& row, std::uint32_t epoch) {
  return row.standing == policy::Standing::active && row.epoch == epoch && !row.texts.empty();
}

std::optional<FullmaktTemplate> template_in_force(const PortalContext& context, const TemplateId& id) {
  const service::Directory& directory = context.core().directory();
  std::optional<FullmaktTemplate> row = directory.row<FullmaktTemplate>(id);
  if (row && !is_offered(*row, directory.instance().epoch)) row.reset();
  return row;
}

// In the language that the paper is printed in; at first the page's own.
const TemplateText& paper_text(const FullmaktTemplate& one, std::string_view language) {
  const auto found = std::ranges::find(one.texts, language, &TemplateText::language);
  return found == one.texts.end() ? one.texts.front() : *found;
}

// SPEC PORTAL-94: a paper names no kontrakt. Empty: nobody of a provider receives by it.
std::string text_for_providers(const PortalContext& context, const StaffPage& page, const FullmaktTemplate& one) {
  policy::FullmaktTerms terms;
  terms.recipients = one.recipients;
  const auto closed = without_kontrakt(context.core().directory(), {}, terms, page.now);
  return closed.empty() ? std::string()
                        : page.names.text("desk.paper_provider", {{"who", page.names.recipients(closed)}});
}

Response paper_page(PortalContext& context, const StaffPage& page, const FullmaktTemplate& one,
                    const TemplateText& text, std::string_view wrong) {
  web::Data data;
  data.set("id", one.id.text()).set("text", text.text).set("text_lang", text.language).set("name", text.name);
  data.set("days", page.names.count("desk.paper_days", one.days));
  for (const TemplateText& other : one.texts) {
    if (other.language == text.language) continue;
    data.add("other").set("id", one.id.text()).set("text_lang", other.language).set("name", other.name);
  }
  const std::string closed = text_for_providers(context, page, one);
  if (!closed.empty()) data.add("for_provider").set("text", closed);
  if (is_registrar(context.core().directory(), page.staff().staff)) {
    web::Data& form = data.add("registrar");
    put_form(page.visit(), form);
    if (!wrong.empty()) form.add("wrong").set("text", page.names.text(wrong));
  }
  PortalSite::Options options;
  options.status = wrong.empty() ? 200 : 422;
  options.title = text.name;
  return context.site.page(page.visit(), "paper", std::move(data), options);
}

Response show_paper(PortalContext& context, const StaffPage& page) {
  const auto one = template_in_force(context, page.exchange.id<TemplateId>("template"));
  if (!one) return refusal();
  const std::string_view asked = page.exchange.request().query("language");
  const std::string own = context.site.words().tag(page.visit().language);
  return paper_page(context, page, *one, paper_text(*one, asked.empty() ? std::string_view(own) : asked), "");
}

// SPEC TMPL-3: just the terms and a text of the template, from now on.
json::object paper_act(PortalContext& context, const FullmaktTemplate& one, const TemplateText& text,
                       const std::string& handle, BytesView scan) {
  policy::FullmaktTerms terms;
  terms.disclosers = one.disclosers;
  terms.recipients = one.recipients;
  terms.flikar = one.flikar;
  terms.purpose = one.purpose;
  terms.rights = one.rights;
  terms.valid_from = context.core().clock().wall();
  terms.valid_to = terms.valid_from + std::chrono::days(one.days);
  terms.secrecy_consent = one.secrecy_consent;
  terms.legal_ground = one.legal_ground;
  terms.language = text.language;
  terms.text_sha256 = text_hash(text.text);
  return {{"kind", "paper_fullmakt"}, {"id", crypto::random_id<FullmaktId>().text()},
          {"person", handle},         {"terms", to_json(terms)},
          {"text", text.text},        {"scan_sha256", to_base64url(crypto::sha256(scan))},
          {"based_on", one.id.text()}};
}

bool is_scan(const SentForm& sent) {
  const std::string type = media_type_of(sent.file_name, sent.file);
  return type == "application/pdf" || type.starts_with("image/");
}

Awaitable<Response> enter_paper(PortalContext& context, Exchange& exchange) {
  const auto one = template_in_force(context, exchange.id<TemplateId>("template"));
  const bool may = is_registrar(context.core().directory(), browser_of(exchange).staff().staff);
  if (!one || !may) co_return refusal();
  using Read = std::variant<FormWithFile, Response>;
  Awaitable<Read> reading = read_form_with_file(context, exchange);
  Read read = co_await std::move(reading);
  if (Response* instead = std::get_if<Response>(&read)) co_return std::move(*instead);
  const SentForm* const sent = &std::get<FormWithFile>(read).sent;
  const StaffPage page = staff_page_of(context, exchange);
  const TemplateText& text = paper_text(*one, sent->fields.text("language"));
  const Result<std::string> handle =
      service::handle_for(context.core().keys(), page.staff().organisation, std::string(sent->fields.text("number")),
                          context.core().clock());
  if (!handle) co_return paper_page(context, page, *one, text, "people.wrong");
  if (!is_scan(*sent)) co_return paper_page(context, page, *one, text, "desk.wrong_scan");
  StaffAct act;
  act.act = paper_act(context, *one, text, *handle, sent->file);
  act.title = page.names.text("desk.paper_title");
  act.button = page.names.text("desk.paper_enter");
  act.paragraphs = {page.names.text("desk.paper_text"), text.text};
  if (std::string closed = text_for_providers(context, page, *one); !closed.empty()) {
    act.paragraphs.push_back(std::move(closed));
  }
  act.done = "desk.paper_entered";
  act.next = "/staff/desk";
  Awaitable<Response> sending = send_as_staff(context, exchange, sent->fields, std::move(act));
  co_return co_await std::move(sending);
}

}  // namespace

bool is_registrar(const service::Directory& directory, const StaffId& id) {
  const auto staff = directory.row<policy::Staff>(id);
  return staff && staff->roles.contains(policy::StaffRole::registrar);
}

void put_templates_to_print(PortalContext& context, const StaffPage& page, web::Data& data) {
  const std::string language = context.site.words().tag(page.visit().language);
  const service::Directory& directory = context.core().directory();
  const std::uint32_t epoch = directory.instance().epoch;  // before its rows are gone through: it is locked then
  std::vector<std::pair<std::string, std::string>> all;  // names and ids; their texts are long and stay where they are
  static_cast<void>(directory.rows_where<FullmaktTemplate>([&](const FullmaktTemplate& one) {
    if (is_offered(one, epoch)) all.emplace_back(paper_text(one, language).name, one.id.text());
    return false;
  }));
  std::ranges::sort(all);
  const Request& request = page.exchange.request();
  const Piece piece = piece_of(request, all.size(), kPapersOnAPage, "papers");
  for (const auto& [name, id] : in_piece(all, piece)) data.add("template").set("id", id).set("name", name);
  data.show_if(all.empty(), "no_template");
  put_pages(page.names, request, piece, data, "papers", "/staff/desk");
}

void add_paper_pages(PortalContext& context, Router& router) {
  const AccessRule staff = AccessRule::staff_page;
  router
      .add(Method::get, "/staff/desk/paper/{template:id}", staff, no_body(),
           staff_page(context, [&context](const StaffPage& page) { return show_paper(context, page); }))
      .add(Method::post, "/staff/desk/paper/{template:id}", staff, streamed_body(kLargestScan + kRoomBesideScan),
           [&context](Exchange& e) { return enter_paper(context, e); });
}

}  // namespace flikvakt::gateway
