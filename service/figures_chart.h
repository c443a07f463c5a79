// Charts of what may be told of the figures (figures_shown.h): SVG 1.1, for the report's files and the administrators'
// pages; and what figures and kinds are called there. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "service/figures_shown.h"

namespace flikvakt::service {

enum class ChartLanguage { sv, en };

// One chart for each figure: its kinds as bars side by side, month by month.
struct FiguresChart {
  std::string figure;  // as in the CSV
  std::string svg;     // a whole file
};
std::vector<FiguresChart> figures_charts(const std::vector<ShownFigure>& figures, ChartLanguage language);

// The code itself for one that is not known.
std::string_view figure_title(std::string_view figure, ChartLanguage language);
std::string_view kind_title(std::string_view kind, ChartLanguage language);

}  // namespace flikvakt::service
