#include "gateway/portal_everything.h"

#include "base/csv.h"
#include "gateway/api_answers.h"
#include "gateway/form.h"
#include "gateway/json_views.h"
#include "gateway/portal_log.h"
#include "gateway/portal_paging.h"
#include "gateway/problem.h"
#include "gateway/tick.h"

namespace flikvakt::gateway {
namespace {

constexpr std::size_t kDocumentsOnAPage = 50;
constexpr std::uint32_t kPiecesOfLog = 100;  // of kMostLogEntries, in one file
constexpr std::chrono::seconds kLongestWaitForAPiece{1};
constexpr std::string_view kCsvColumns[] = {"number", "time", "what",     "outcome", "why",
                                            "who",    "flik", "document", "purpose"};

Response as_file(Response response, std::string_view name) {
  response.headers.emplace_back("Content-Disposition", "attachment; filename=\"" + std::string(name) + "\"");
  add_security_fields(response);
  return response;
}

Response everything(const PortalSite& site, const OwnPage& page) {
  web::Data data;
  const Request& request = page.exchange.request();
  const Piece piece = piece_of(request, page.overview.documents.size(), kDocumentsOnAPage);
  for (const policy::Document& one : in_piece(page.overview.documents, piece)) {
    data.add("document")
        .set("id", one.id.text())
        .set("title", one.facts.title)
        .set("size", page.names.size(one.facts.size));
  }
  put_pages(page.names, request, piece, data);
  data.show_if(page.overview.documents.empty(), "none");
  return site.page(page.visit(), "everything", std::move(data));
}

Response overview_file(const OwnPage& page) {
  return as_file(json_response(200, json::serialize(overview_view(page.overview))), "flikvakt-oversikt.json");
}

struct WholeLog {
  std::vector<json::value> entries;
  std::uint64_t total = 0;
  json::value begins;
  std::optional<std::uint64_t> next;  // there is more than one file holds: from here on
};

// SPEC PORTAL-82: the first is a page's; each further one waits for its turn. False: it would be too long, so that the
// file ends here.
Awaitable<bool> is_next_piece_due(PortalContext& context, const BrowserIdentity& who) {
  const auto wait =
      context.log_pieces.take_on_credit(rate_key_of(who), context.core().clock().steady(), kLongestWaitForAPiece);
  if (!wait) co_return false;
  Awaitable<void> turn = wait_for(*wait);
  co_await std::move(turn);
  co_return true;
}

// Each piece of it is an asking of its own, so the newest entries are these. nullopt: it cannot be read now.
Awaitable<std::optional<WholeLog>> whole_log(PortalContext& context, Exchange& exchange) {
  const BrowserIdentity& who = browser_of(exchange);
  WholeLog out;
  service::LogQuery query;
  query.limit = service::kMostLogEntries;
  const Result<Form> form = Form::parse("below=" + std::string(exchange.request().query("below")));
  query.below = form ? form->number("below") : std::nullopt;
  if (!query.below) query.below = std::numeric_limits<std::int64_t>::max();
  for (std::uint32_t piece = 0; piece < kPiecesOfLog && query.below; ++piece) {
    bool is_due = piece == 0;
    if (!is_due) {
      Awaitable<bool> due = is_next_piece_due(context, who);
      is_due = co_await std::move(due);
    }
    if (!is_due) break;
    Awaitable<LogPage> reading = read_own_log(context, who.person(), query);
    const LogPage page = co_await std::move(reading);
    if (!*page) co_return std::nullopt;
    if (piece == 0) out.total = (*page)->total;
    if (piece == 0) out.begins = (*page)->begins;
    for (json::value& entry : (*page)->entries) out.entries.push_back(std::move(entry));
    query.below = (*page)->next;
  }
  out.next = query.below;
  co_return out;
}

// The form of log-view.md, `json`, with `next` when there is more: /me/everything/log.json?below= and that number.
Awaitable<Response> log_as_json(PortalContext& context, Exchange& exchange) {
  Awaitable<std::optional<WholeLog>> reading = whole_log(context, exchange);
  std::optional<WholeLog> log = co_await std::move(reading);
  if (!log) co_return plain_problem(503);
  json::object out{{"format", "flikvakt-person-log/1"}, {"gateway", context.core().directory().instance().name}};
  out["begins"] = std::move(log->begins);
  out["total"] = log->total;
  if (log->next) out["next"] = *log->next;
  json::array& entries = (out["entries"] = json::array()).get_array();
  for (json::value& entry : log->entries) entries.push_back(std::move(entry));
  co_return as_file(json_response(200, json::serialize(out)), "flikvakt-logg.json");
}

void put_row(const std::vector<std::string>& cells, std::string& out) {
  for (std::size_t i = 0; i < cells.size(); ++i) {
    std::string cell = web::plain_text(cells[i]);
    std::replace(cell.begin(), cell.end(), '\n', ' ');
    out += (i > 0 ? "," : "") + csv_cell(cell);
  }
  out += "\r\n";
}

// SPEC PORTAL-75
Awaitable<Response> log_as_csv(PortalContext& context, Exchange& exchange) {
  Awaitable<std::optional<WholeLog>> reading = whole_log(context, exchange);
  const std::optional<WholeLog> log = co_await std::move(reading);
  if (!log) co_return plain_problem(503);
  const web::Language language = browser_of(exchange).visit().language;
  const PortalNames names(context.site, language);
  std::string out(kByteOrderMark);
  std::vector<std::string> head;
  for (const std::string_view column : kCsvColumns) head.push_back(names.text("csv." + std::string(column)));
  put_row(head, out);
  const bool is_swedish = context.site.words().is_swedish(language);
  for (const json::value& entry : log->entries) put_row(log_cells(names, is_swedish, entry.as_object()), out);
  if (log->next) {
    const std::string path = "/me/everything/log.csv?below=" + std::to_string(*log->next);
    put_row({names.text("csv.more", {{"path", path}})}, out);
  }
  Response response = bytes_response(200, "text/csv; charset=utf-8", to_bytes(as_bytes(out)));
  co_return as_file(std::move(response), "flikvakt-logg.csv");
}

}  // namespace

void add_everything_pages(PortalContext& context, Router& router) {
  const PortalSite& site = context.site;
  const AccessRule person = AccessRule::person_page;
  router
      .add(Method::get, "/me/everything", person, no_body(),
           own_page(context, [&site](const OwnPage& page) { return everything(site, page); }))
      .add(Method::get, "/me/everything/overview.json", person, no_body(), own_page(context, overview_file))
      .add(Method::get, "/me/everything/log.json", person, no_body(), in_turn(context, log_as_json))
      .add(Method::get, "/me/everything/log.csv", person, no_body(), in_turn(context, log_as_csv));
}

}  // namespace flikvakt::gateway
