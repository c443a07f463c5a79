// The figures of a report as text: CSV (RFC 4180) and charts (SVG 1.1). Pure functions.
#pragma once

#include <string>
#include <vector>

#include "admin/language.h"
#include "base/json.h"
#include "service/figures_chart.h"

namespace flikvakt::admin {

// In the words of spec/figures.md, whatever the language of the charts.
std::string report_csv(const std::vector<service::ShownFigure>& figures);
json::array report_json(const std::vector<service::ShownFigure>& figures);

using ReportChart = service::FiguresChart;
inline std::vector<ReportChart> report_charts(const std::vector<service::ShownFigure>& figures, Language language) {
  const bool is_swedish = language == Language::sv;
  return service::figures_charts(figures, is_swedish ? service::ChartLanguage::sv : service::ChartLanguage::en);
}

}  // namespace flikvakt::admin
