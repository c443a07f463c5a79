// The figures of a report as text: CSV (RFC 4180) and charts (SVG 1.1). Pure functions.
#pragma once

#include <string>
#include <vector>

#include "admin/language.h"
#include "base/json.h"
#include "service/figures_shown.h"

namespace flikvakt::admin {

// In the words of spec/figures.md, whatever the language of the charts.
std::string report_csv(const std::vector<service::ShownFigure>& figures);
json::array report_json(const std::vector<service::ShownFigure>& figures);

// One chart for each figure: its kinds as bars side by side, month by month.
struct ReportChart {
  std::string figure;  // as in the CSV
  std::string svg;     // a whole file
};
std::vector<ReportChart> report_charts(const std::vector<service::ShownFigure>& figures, Language language);

}  // namespace flikvakt::admin
