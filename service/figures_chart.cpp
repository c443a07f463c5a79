#include "service/figures_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

namespace flikvakt::service {
namespace {

struct Words {
  std::string_view code, sv, en;
  std::string_view in(ChartLanguage language) const { return language == ChartLanguage::sv ? sv : en; }
};
constexpr std::array kTitles{
    Words{"people", "Personer", "People"},
    Words{"fullmakter", "Fullmakter som getts", "Fullmakter given"},
    Words{"kompletteringar", "Kompletteringar av fullmakter", "Kompletteringar of fullmakter"},
    Words{"revocations", "Återkallade fullmakter", "Fullmakter revoked"},
    Words{"readings", "Läsningar", "Readings"},
    Words{"referrals", "Remisser", "Referrals"},
    Words{"requests", "Begäran om åtkomst", "Requests for access"},
    Words{"lead_from_referral", "Från remiss till åtkomst: hälften väntade under så många dagar",
          "From referral to access: half waited less than so many days"},
    Words{"lead_from_request", "Från begäran till åtkomst: hälften väntade under så många dagar",
          "From request to access: half waited less than so many days"},
};
constexpr std::array kKinds{
    Words{"all", "alla", "all"},
    Words{"device_key", "med egen nyckel", "with an own key"},
    Words{"paper", "på papper", "on paper"},
    Words{"authority", "myndighet", "authority"},
    Words{"municipality", "kommun", "municipality"},
    Words{"region", "region", "region"},
    Words{"provider", "insatsaktör", "provider"},
    Words{"association", "förening", "association"},
    Words{"forbund", "samordningsförbund", "förbund"},
    Words{"unemployment", "arbetslöshet", "unemployment"},
    Words{"illness", "sjukdom", "illness"},
    Words{"livelihood", "försörjning", "livelihood"},
    Words{"change", "förändring", "change"},
};
constexpr Words kWithheld{"", "visas inte: för få personer", "not shown: too few people"};
constexpr Words kNotCounted{"", "inte räknad", "not counted"};
constexpr Words kAbout{"", "Stapeldiagram, månad för månad. Siffrorna står också i CSV-filen.",
                       "Bar chart, month by month. The numbers are in the CSV file too."};

// Told apart also by people who see few colours (Okabe and Ito, 2008).
constexpr std::array<std::string_view, 6> kColours{"#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7"};

constexpr int kLeft = 60, kTop = 60, kHeight = 220, kBarWidth = 14, kBetweenMonths = 16, kMark = 12, kLegendLine = 20;

std::string_view named(std::span<const Words> words, std::string_view code, ChartLanguage language) {
  const auto found = std::ranges::find(words, code, &Words::code);
  return found == words.end() ? code : found->in(language);
}

// 1, 2 or 5 times a power of ten, so that the axis has some five lines.
std::uint64_t step_of_axis(std::uint64_t highest) {
  for (std::uint64_t power = 1;; power *= 10) {
    for (const std::uint64_t step : {power, 2 * power, 5 * power}) {
      if (highest <= 5 * step) return step;
    }
  }
}

struct Bar {
  ShownAs as = ShownAs::not_counted;
  std::optional<std::uint64_t> value;
};

struct Chart {
  std::string_view figure;
  std::vector<Month> months;
  std::vector<std::string_view> kinds;
  std::map<std::pair<Month, std::string_view>, Bar> bars;
};

bool is_lead(std::string_view figure) { return figure.starts_with("lead_"); }

// What the bar of a lead time shows is the median: where it is not told, neither is the bar.
Bar bar_of(const ShownFigure& one) {
  if (one.as != ShownAs::shown) return {one.as, {}};
  if (is_lead(one.figure)) {
    if (!one.median) return {one.people == 0 ? ShownAs::shown : ShownAs::withheld, {}};
    const std::size_t step = std::min(*one.median, kLeadDays.size() - 1);
    return {ShownAs::shown, static_cast<std::uint64_t>(kLeadDays[step])};
  }
  return {ShownAs::shown, one.events ? one.events : one.people};
}

// Totals over kinds are no bars: the kinds are.
bool is_total(const ShownFigure& one, const std::vector<ShownFigure>& figures) {
  return one.kind == "all" && std::ranges::any_of(figures, [&](const ShownFigure& other) {
           return other.figure == one.figure && other.kind != "all";
         });
}

std::vector<Chart> charts_of(const std::vector<ShownFigure>& figures) {
  std::vector<Chart> out;
  for (const ShownFigure& one : figures) {
    if (!one.month || is_total(one, figures)) continue;
    auto chart = std::ranges::find(out, one.figure, &Chart::figure);
    if (chart == out.end()) chart = out.insert(out.end(), Chart{one.figure, {}, {}, {}});
    if (chart->months.empty() || chart->months.back() != *one.month) chart->months.push_back(*one.month);
    if (std::ranges::find(chart->kinds, one.kind) == chart->kinds.end()) chart->kinds.push_back(one.kind);
    chart->bars[{*one.month, one.kind}] = bar_of(one);
  }
  return out;
}

class Drawing {
public:
  Drawing(const Chart& chart, ChartLanguage language) : chart_(chart), language_(language) {
    for (const auto& [place, bar] : chart.bars) highest_ = std::max(highest_, bar.value.value_or(0));
    step_ = step_of_axis(highest_);
    top_of_axis_ = 5 * step_;
    width_ = std::max(kLeft + static_cast<int>(chart.months.size()) * month_width() + kBetweenMonths, 640);
    legend_ = kTop + kHeight + 40;
  }

  std::string draw() {
    const int height = legend_ + kLegendLine * static_cast<int>(chart_.kinds.size() + 2);
    const std::string_view title = named(kTitles, chart_.figure, language_);
    out_ = fmt::format(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" role=\"img\" "
        "aria-labelledby=\"title about\" font-family=\"sans-serif\" font-size=\"12\">\n"
        "<title id=\"title\">{2}</title>\n<desc id=\"about\">{3}</desc>\n"
        "<defs><pattern id=\"withheld\" width=\"4\" height=\"4\" patternUnits=\"userSpaceOnUse\">"
        "<path d=\"M0 4 L4 0\" stroke=\"#444444\" stroke-width=\"1\"/></pattern></defs>\n"
        "<rect width=\"{0}\" height=\"{1}\" fill=\"#ffffff\"/>\n",
        width_, height, title, kAbout.in(language_));
    text(kLeft, 30, "start", title, " font-size=\"16\"");
    draw_axis();
    for (std::size_t i = 0; i < chart_.months.size(); ++i) draw_month(i);
    draw_legend();
    out_ += "</svg>\n";
    return std::move(out_);
  }

private:
  int month_width() const {
    return kBarWidth * std::max<int>(3, static_cast<int>(chart_.kinds.size())) + kBetweenMonths;
  }
  int height_of(std::uint64_t value) const {
    return static_cast<int>(value * static_cast<std::uint64_t>(kHeight) / top_of_axis_);
  }

  void text(int x, int y, std::string_view anchor, std::string_view words, std::string_view more = "") {
    out_ += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"{}\"{}>{}</text>\n", x, y, anchor, more, words);
  }

  void draw_axis() {
    for (std::uint64_t value = 0; value <= top_of_axis_; value += step_) {
      const int y = kTop + kHeight - height_of(value);
      out_ += fmt::format("<path d=\"M{} {} H{}\" stroke=\"#cccccc\"/>\n", kLeft, y, width_ - kBetweenMonths);
      text(kLeft - 8, y + 4, "end", std::to_string(value));
    }
  }

  void draw_month(std::size_t number) {
    const Month month = chart_.months[number];
    const int x = kLeft + kBetweenMonths / 2 + static_cast<int>(number) * month_width();
    for (std::size_t i = 0; i < chart_.kinds.size(); ++i) {
      draw_bar(chart_.bars.at({month, chart_.kinds[i]}), x + static_cast<int>(i) * kBarWidth, i);
    }
    text(x + (month_width() - kBetweenMonths) / 2, kTop + kHeight + 18, "middle", month_text(month));
  }

  void draw_bar(const Bar& bar, int x, std::size_t kind) {
    if (bar.as == ShownAs::not_counted) return text(x + kBarWidth / 2, kTop + kHeight - 4, "middle", "?");
    if (bar.as == ShownAs::withheld) return draw_withheld(x, kTop + kHeight - kMark);
    const int height = height_of(bar.value.value_or(0));
    out_ += fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{}\"/>\n", x,
                        kTop + kHeight - height, kBarWidth - 2, height, kColours[kind % kColours.size()]);
  }

  void draw_withheld(int x, int y) {
    out_ +=
        fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"url(#withheld)\" stroke=\"#444444\"/>\n",
                    x, y, kBarWidth - 2, kMark);
  }

  void draw_legend() {
    int y = legend_;
    for (std::size_t i = 0; i < chart_.kinds.size(); ++i, y += kLegendLine) {
      out_ += fmt::format("<rect x=\"{}\" y=\"{}\" width=\"12\" height=\"12\" fill=\"{}\"/>\n", kLeft, y - 10,
                          kColours[i % kColours.size()]);
      text(kLeft + 20, y, "start", named(kKinds, chart_.kinds[i], language_));
    }
    draw_withheld(kLeft, y - 10);
    text(kLeft + 20, y, "start", kWithheld.in(language_));
    text(kLeft + 6, y + kLegendLine, "middle", "?");
    text(kLeft + 20, y + kLegendLine, "start", kNotCounted.in(language_));
  }

  const Chart& chart_;
  const ChartLanguage language_;
  std::uint64_t highest_ = 1;
  std::uint64_t step_ = 1;
  std::uint64_t top_of_axis_ = 5;
  int width_ = 0;
  int legend_ = 0;
  std::string out_;
};

}  // namespace

// SPEC FIG-31: every word in it is one of ours, with nothing that XML would read as markup.
std::vector<FiguresChart> figures_charts(const std::vector<ShownFigure>& figures, ChartLanguage language) {
  std::vector<FiguresChart> out;
  const std::vector<Chart> charts = charts_of(figures);
  for (const Chart& chart : charts) out.push_back({std::string(chart.figure), Drawing(chart, language).draw()});
  return out;
}

std::string_view figure_title(std::string_view figure, ChartLanguage language) {
  return named(kTitles, figure, language);
}
std::string_view kind_title(std::string_view kind, ChartLanguage language) { return named(kKinds, kind, language); }

}  // namespace flikvakt::service
