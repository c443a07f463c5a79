#include "admin/log_exports.h"

#include "admin/json_text.h"
#include "base/csv.h"

namespace flikvakt::admin {
namespace {

constexpr std::string_view kFormat = "flikvakt-person-log/1";

json::object head_of(const FetchedLog& log) {
  return {{"format", kFormat},      {"gateway", log.gateway}, {"begins", log.begins},
          {"filters", log.filters}, {"total", log.total},     {"entries", log.entries.size()}};
}

struct Column {
  std::string_view sv, en;
  std::string LogLine::*member;
};
constexpr Column kColumns[] = {{"nummer", "number", &LogLine::number},
                               {"tid (UTC)", "time (UTC)", &LogLine::time},
                               {"handling", "act", &LogLine::action},
                               {"utfall", "outcome", &LogLine::outcome},
                               {"skäl", "reason", &LogLine::why},
                               {"vem", "who", &LogLine::who},
                               {"organisation", "organisation", &LogLine::organisation},
                               {"enhet", "unit", &LogLine::unit},
                               {"medarbetare", "staff", &LogLine::staff},
                               {"flik", "flik", &LogLine::flik},
                               {"dokument", "document", &LogLine::title},
                               {"dokumentets id", "document id", &LogLine::document},
                               {"ändamål", "purpose", &LogLine::purpose},
                               {"fullmakt", "fullmakt", &LogLine::fullmakt},
                               {"fullmaktens id", "fullmakt id", &LogLine::fullmakt_id},
                               {"byte", "bytes", &LogLine::bytes},
                               {"loggpost", "log entry", &LogLine::entry}};

json::object usage(const json::object& entry, const FetchedLog& log, const LogNames& names) {
  const LogLine line = log_line(entry, names);
  const json::object& organisation = entry.at("organisation").get_object();
  std::string action = line.action + " (" + line.outcome + ")";
  if (!line.purpose.empty()) action += ": " + line.purpose;
  return {{"logtime", line.time},
          {"action", action},
          {"receiverCode", text_of(organisation, "number")},
          {"receiverName", line.organisation},
          {"receiverSystem", log.gateway}};
}

}  // namespace

std::string log_as_json(const FetchedLog& log) {
  json::object out = head_of(log);
  json::array entries;
  for (const json::object& entry : log.entries) entries.push_back(entry);
  out["entries"] = std::move(entries);
  return pretty_json(out) + "\n";
}

std::string log_as_json_lines(const FetchedLog& log) {
  std::string out = to_text(head_of(log)) + "\n";
  for (const json::object& entry : log.entries) out += to_text(entry) + "\n";
  return out;
}

// SPEC LOGV-24
std::string log_as_csv(const FetchedLog& log, const LogNames& names) {
  const bool swedish = names.language() == Language::sv;
  std::string out(kByteOrderMark);
  const auto row = [&](const auto& cell) {
    for (const Column& column : kColumns) {
      if (&column != kColumns) out += ',';
      out += csv_cell(on_one_line(cell(column)));
    }
    out += "\r\n";
  };
  row([&](const Column& column) { return std::string(swedish ? column.sv : column.en); });
  for (const json::object& entry : log.entries) {
    const LogLine line = log_line(entry, names);
    row([&](const Column& column) { return line.*column.member; });
  }
  return out;
}

// SPEC LOGV-26: of what has no receiver the protocol has no form.
std::string log_as_usage(const FetchedLog& log, const LogNames& names) {
  json::array usages;
  for (const json::object& entry : log.entries) {
    const json::value* organisation = entry.if_contains("organisation");
    if (organisation && organisation->is_object()) usages.push_back(usage(entry, log, names));
  }
  const std::size_t count = usages.size();
  return pretty_json(json::object{{"totalUsages", count}, {"usages", std::move(usages)}}) + "\n";
}

}  // namespace flikvakt::admin
