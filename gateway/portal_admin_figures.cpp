#include "gateway/portal_admin_figures.h"

#include <algorithm>

#include "gateway/portal_paging.h"
#include "gateway/problem.h"
#include "service/figures_chart.h"

namespace flikvakt::gateway {
namespace {

using service::Month;
using service::ShownFigure;

constexpr int kMostMonths = 120;  // SPEC FIG-24
constexpr int kMonthsUnasked = 12;
constexpr std::size_t kRowsOnAPage = 25;  // of the tables; the charts show all months

struct Period {
  Month from;
  Month to;
  std::string query() const { return "?from=" + service::month_text(from) + "&to=" + service::month_text(to); }
};

Month month_in(const Request& request, std::string_view name, Month otherwise) {
  const Result<Month> month = service::parse_month(request.query(name));
  return month ? *month : otherwise;
}

// SPEC FIG-24: months that are over. What makes no sense is what nobody asked for.
Period period_of(const AdministrationPage& page) {
  const Month last = service::month_of(page.now) - std::chrono::months(1);
  Period out{{}, std::min(month_in(page.exchange.request(), "to", last), last)};
  const Month first = out.to - std::chrono::months(kMostMonths - 1);
  out.from = month_in(page.exchange.request(), "from", out.to - std::chrono::months(kMonthsUnasked - 1));
  out.from = std::clamp(out.from, first, out.to);
  return out;
}

service::ChartLanguage language_of(const AdministrationPage& page) {
  return page.is_swedish ? service::ChartLanguage::sv : service::ChartLanguage::en;
}

Result<std::vector<ShownFigure>> read_shown(const PortalContext& context, const Period& period) {
  const auto found = TRY(service::read_figures(context.core().data_directory().root(), context.core().keys()));
  const std::vector<service::MonthFigures> none;
  return service::shown(found ? found->months : none, period.from, period.to, context.smallest_group);
}

// A step of a lead time, or more than the last.
std::string days_text(const PortalNames& names, std::size_t step) {
  const bool is_beyond = step >= service::kLeadDays.size();
  const int days = service::kLeadDays[std::min(step, service::kLeadDays.size() - 1)];
  return names.text(is_beyond ? "figures.days_beyond" : "figures.days_under", {{"n", std::to_string(days)}});
}

std::string value_text(const PortalNames& names, const ShownFigure& one) {
  if (one.as == service::ShownAs::withheld) return names.text("figures.withheld");
  if (one.as == service::ShownAs::not_counted) return names.text("figures.not_counted");
  std::string out = std::to_string(one.events ? *one.events : one.people.value_or(0));
  if (one.median) out += ", " + days_text(names, *one.median);
  return out;
}

// One table a figure: a line a month, then the total; a column a kind. Which lines of how many are shown.
Piece put_table(const AdministrationPage& page, const std::vector<ShownFigure>& figures, std::string_view figure,
                web::Data& data) {
  std::vector<std::string_view> kinds;
  std::map<std::pair<std::optional<Month>, std::string_view>, const ShownFigure*> cells;
  std::vector<std::optional<Month>> months;
  for (const ShownFigure& one : figures) {
    if (one.figure != figure) continue;
    if (std::ranges::find(kinds, one.kind) == kinds.end()) kinds.push_back(one.kind);
    if (std::ranges::find(months, one.month) == months.end()) months.push_back(one.month);
    cells[{one.month, one.kind}] = &one;
  }
  for (const std::string_view kind : kinds) {
    data.add("kind").set("text", std::string(service::kind_title(kind, language_of(page))));
  }
  const Piece piece = piece_of(page.exchange.request(), months.size(), kRowsOnAPage, "months");
  for (const std::optional<Month>& month : in_piece(months, piece)) {
    web::Data& row = data.add("row");
    row.set("month", month ? service::month_text(*month) : page.names.text("figures.total"));
    for (const std::string_view kind : kinds) {
      const auto cell = cells.find({month, kind});
      row.add("cell").set("text", cell == cells.end() ? std::string() : value_text(page.names, *cell->second));
    }
  }
  return piece;
}

std::vector<std::string_view> figures_in(const std::vector<ShownFigure>& shown) {
  std::vector<std::string_view> out;
  for (const ShownFigure& one : shown) {
    if (std::ranges::find(out, one.figure) == out.end()) out.push_back(one.figure);
  }
  return out;
}

bool is_any_counted(const std::vector<ShownFigure>& shown) {
  return std::ranges::any_of(
      shown, [](const ShownFigure& one) { return one.month && one.as != service::ShownAs::not_counted; });
}

Response figures(PortalContext& context, const AdministrationPage& page) {
  const Period period = period_of(page);
  const Result<std::vector<ShownFigure>> shown = read_shown(context, period);
  web::Data data;
  data.set("from", service::month_text(period.from)).set("to", service::month_text(period.to));
  data.set("smallest", std::max(context.smallest_group, service::kPeopleRounded));
  const bool has_any = shown && is_any_counted(*shown);
  if (!has_any) data.add(shown ? "none" : "unreadable");
  if (has_any) {
    Piece longest;
    for (const std::string_view figure : figures_in(*shown)) {
      web::Data& one = data.add("figure").set("code", figure);
      one.set("name", service::figure_title(figure, language_of(page)));
      one.set("chart", "/administration/figures/" + std::string(figure) + period.query());
      const Piece piece = put_table(page, *shown, figure, one);
      if (piece.pieces > longest.pieces) longest = piece;
    }
    put_pages(page.names, page.exchange.request(), longest, data, "months");
  }
  put_unsigned_command(page, "administration.do_report",
                       "report --from " + service::month_text(period.from) + " --to " + service::month_text(period.to),
                       data.add(kPageCommands));
  return context.site.page(page.visit(), "admin_figures", std::move(data));
}

// A picture of ours in a page of ours: `img-src 'self'`.
Response chart(PortalContext& context, const AdministrationPage& page) {
  const Result<std::vector<ShownFigure>> shown = read_shown(context, period_of(page));
  if (!shown || !is_any_counted(*shown)) return plain_problem(404);
  const std::vector<service::FiguresChart> charts = service::figures_charts(*shown, language_of(page));
  const auto found = std::ranges::find(charts, page.exchange.text("figure"), &service::FiguresChart::figure);
  if (found == charts.end()) return plain_problem(404);
  Response response = bytes_response(200, "image/svg+xml", to_bytes(as_bytes(found->svg)));
  response.headers.emplace_back("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox");
  add_security_fields(response);
  return response;
}

}  // namespace

void add_admin_figures_pages(PortalContext& context, Router& router) {
  router
      .add(Method::get, "/administration/figures", AccessRule::administrator_page, no_body(),
           administration_page(context, [&context](const AdministrationPage& page) { return figures(context, page); }))
      .add(Method::get, "/administration/figures/{figure:token}", AccessRule::administrator_page, no_body(),
           administration_page(context, [&context](const AdministrationPage& page) { return chart(context, page); }));
}

}  // namespace flikvakt::gateway
