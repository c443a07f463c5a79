// How a report looks: CSV and charts.
#include "admin/report_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "admin/config.h"

namespace flikvakt::admin {
namespace {

using service::Month;
using service::MonthFigures;
using testing::HasSubstr;
using testing::Not;

const Month kFirst = std::chrono::year(2026) / std::chrono::month(1);
const Month kSecond = std::chrono::year(2026) / std::chrono::month(2);

// January: of readings many by the region, four people's by a provider; a lead time that 60 people had. February is not
// counted.
std::vector<service::ShownFigure> figures() {
  MonthFigures one;
  one.month = kFirst;
  one.coverage = service::Coverage::restored;
  one.cells[service::cell_of("people", "all")] = {73, 73};
  one.cells[service::cell_of("readings", "region")] = {4711, 61};
  one.cells[service::cell_of("readings", "provider")] = {813, 4};
  one.leads[0].cell = {66, 60};
  one.leads[0].people[4] = 50;
  one.leads[0].people[10] = 10;
  return service::shown({one}, kFirst, kSecond, 5);
}

// SPEC FIG-30
TEST(ReportCsv, HasALineForEachFigureAndNothingOfWhatIsWithheld) {
  const std::string csv = report_csv(figures());
  EXPECT_TRUE(
      csv.starts_with("month,figure,kind,status,events,people,median_under_days,ninth_decile_under_days,coverage\r\n"
                      "2026-01,people,all,shown,,70,,,restored\r\n"
                      "2026-01,fullmakter,device_key,shown,0,0,,,restored\r\n"));
  EXPECT_THAT(csv, HasSubstr("\r\n2026-01,readings,region,shown,4711,60,,,restored\r\n"));
  EXPECT_THAT(csv, HasSubstr("\r\n2026-01,readings,provider,withheld,,,,,restored\r\n"));
  EXPECT_THAT(csv, HasSubstr("\r\n2026-01,readings,all,withheld,,,,,restored\r\n"));
  EXPECT_THAT(csv, HasSubstr("\r\n2026-01,lead_from_referral,all,shown,66,60,14,365+,restored\r\n"));
  EXPECT_THAT(csv, HasSubstr("\r\n2026-02,people,all,not_counted,,,,,\r\n"));
  EXPECT_THAT(csv, HasSubstr("\r\ntotal,readings,region,not_counted,,,,,\r\n"));
  for (const char* secret : {"813", "73", "61,", "5524"}) EXPECT_THAT(csv, Not(HasSubstr(secret)));
  std::size_t lines = 0;
  for (std::size_t at = 0; (at = csv.find("\r\n", at)) != std::string::npos; at += 2) ++lines;
  const std::size_t of_month = service::kCells.size() + service::kLeads.size() + 6;  // six figures have a total
  EXPECT_EQ(lines, 1 + 3 * of_month - 1) << "people are not added over months";
}

TEST(ReportJson, SaysTheSame) {
  const json::array rows = report_json(figures());
  EXPECT_EQ(rows.at(0), (json::value{{"month", "2026-01"},
                                     {"figure", "people"},
                                     {"kind", "all"},
                                     {"status", "shown"},
                                     {"people", 70},
                                     {"coverage", "restored"}}));
  EXPECT_THAT(json::serialize(rows), Not(HasSubstr("813")));
}

// SPEC FIG-31
TEST(ReportCharts, MarkWhatIsWithheldOrNotCountedAndTellNothingOfIt) {
  const std::vector<ReportChart> charts = report_charts(figures(), Language::sv);
  EXPECT_EQ(charts.size(), 9u);
  const auto count = [](const std::string& text, std::string_view what) {
    std::size_t out = 0;
    for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += what.size()) ++out;
    return out;
  };
  for (const ReportChart& chart : charts) {
    EXPECT_THAT(chart.svg, HasSubstr("<title id=\"title\">"));
    EXPECT_THAT(chart.svg, HasSubstr(">2026-01</text>"));
    EXPECT_THAT(chart.svg, HasSubstr(">2026-02</text>"));
    EXPECT_THAT(chart.svg, Not(HasSubstr("script")));
    for (const char* secret : {"813", "4711", "73"}) EXPECT_THAT(chart.svg, Not(HasSubstr(std::string(">") + secret)));
    if (chart.figure != "readings") continue;
    EXPECT_THAT(chart.svg, HasSubstr("Läsningar"));
    EXPECT_EQ(count(chart.svg, "url(#withheld)"), 2u) << "the provider's bar, and the legend";
    EXPECT_EQ(count(chart.svg, ">?</text>"), 6u + 1) << "the bars of February, and the legend";
    EXPECT_THAT(chart.svg, HasSubstr(">5000</text>")) << "the axis reaches beyond the highest bar";
  }
  EXPECT_THAT(report_charts(figures(), Language::en)[4].svg, HasSubstr("Readings"));
}

TEST(ReportCharts, ALeadTimeWithoutAMedianIsMarked) {
  MonthFigures one;
  one.month = kFirst;
  one.leads[1].cell = {9, 9};
  one.leads[1].people[0] = 9;
  const auto charts = report_charts(service::shown({one}, kFirst, kFirst, 5), Language::sv);
  const std::string& svg = charts[8].svg;
  const std::size_t bar = svg.find("url(#withheld)");
  ASSERT_NE(bar, std::string::npos);
  EXPECT_NE(svg.find("url(#withheld)", bar + 1), std::string::npos) << "the bar, and the legend";
  EXPECT_EQ(charts[8].figure, "lead_from_request");
}

// SPEC FIG-20
TEST(Config, TheSmallestGroupOfAReportIsFiveOrMore) {
  const std::string good =
      "data = \"data\"\nlisten_api = \"127.0.0.1:0\"\nlisten_portal = \"127.0.0.1:0\"\ncertificate = \"c\"\n"
      "key = \"k\"\nclient_ca = \"ca\"\n";
  EXPECT_EQ(parse_config(good, "flikvakt.toml")->figures_smallest_group, 5u);
  EXPECT_EQ(parse_config(good + "figures_smallest_group = 10\n", "flikvakt.toml")->figures_smallest_group, 10u);
  for (const char* bad : {"4", "0", "-5", "\"5\"", "5.5"}) {
    const auto parsed = parse_config(good + "figures_smallest_group = " + bad + "\n", "flikvakt.toml");
    ASSERT_FALSE(parsed) << bad;
    EXPECT_EQ(parsed.error().exit, ExitCode::usage);
    EXPECT_THAT(parsed.error().message, HasSubstr("figures_smallest_group"));
  }
}

}  // namespace
}  // namespace flikvakt::admin
