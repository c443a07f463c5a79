#include "admin/report_text.h"

namespace flikvakt::admin {
namespace {

using service::Coverage;
using service::ShownAs;
using service::ShownFigure;

constexpr std::string_view kHeader =
    "month,figure,kind,status,events,people,median_under_days,ninth_decile_under_days,coverage\r\n";

std::string_view word(ShownAs as) {
  switch (as) {
    case ShownAs::shown:
      return "shown";
    case ShownAs::withheld:
      return "withheld";
    case ShownAs::not_counted:
      return "not_counted";
  }
  return "";
}

std::string_view word(Coverage coverage) {
  switch (coverage) {
    case Coverage::whole:
      return "whole";
    case Coverage::log_began:
      return "log_began";
    case Coverage::restored:
      return "restored";
  }
  return "";
}

std::string days(std::size_t step) {
  if (step < service::kLeadDays.size()) return std::to_string(service::kLeadDays[step]);
  return std::to_string(service::kLeadDays.back()) + "+";
}

std::string month_of(const ShownFigure& one) { return one.month ? service::month_text(*one.month) : "total"; }

std::string number(const std::optional<std::uint64_t>& value) { return value ? std::to_string(*value) : ""; }
std::string step(const std::optional<std::size_t>& value) { return value ? days(*value) : ""; }

}  // namespace

// SPEC FIG-30: no field holds a comma, a quote or a line break, so none is quoted.
std::string report_csv(const std::vector<ShownFigure>& figures) {
  std::string out(kHeader);
  for (const ShownFigure& one : figures) {
    for (const std::string& field :
         {month_of(one), std::string(one.figure), std::string(one.kind), std::string(word(one.as)), number(one.events),
          number(one.people), step(one.median), step(one.ninth_decile)}) {
      out += field + ",";
    }
    if (one.month && one.as != ShownAs::not_counted) out += word(one.coverage);
    out += "\r\n";
  }
  return out;
}

json::array report_json(const std::vector<ShownFigure>& figures) {
  json::array out;
  for (const ShownFigure& one : figures) {
    json::object row{{"month", month_of(one)}, {"figure", one.figure}, {"kind", one.kind}, {"status", word(one.as)}};
    if (one.events) row["events"] = *one.events;
    if (one.people) row["people"] = *one.people;
    if (one.median) row["median_under_days"] = days(*one.median);
    if (one.ninth_decile) row["ninth_decile_under_days"] = days(*one.ninth_decile);
    if (one.month && one.as != ShownAs::not_counted) row["coverage"] = word(one.coverage);
    out.push_back(std::move(row));
  }
  return out;
}

}  // namespace flikvakt::admin
