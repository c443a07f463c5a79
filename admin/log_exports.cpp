#include "admin/log_exports.h"

#include "admin/json_text.h"
#include "base/utf8.h"

namespace flikvakt::admin {
namespace {

constexpr std::string_view kFormat = "flikvakt-person-log/1";
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

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

// What spreadsheets take for the beginning of a formula, in its wide forms too.
bool begins_formula(char32_t code) {
  constexpr std::u32string_view kBegin = U"=+-@\u2212\uff1d\uff0b\uff0d\uff20";
  return kBegin.find(code) != std::u32string_view::npos;
}

// Where a spreadsheet may think that another cell begins: which one depends on its language.
bool separates_cells(char32_t code) { return code == ';' || code == '\t' || code == '|'; }

// With an apostrophe wherever a formula would begin: in front, and behind what may separate cells.
std::string without_formulas(std::string_view text) {
  std::string out;
  bool is_in_front = true, may_begin = true;
  for (std::string_view rest = text; !rest.empty();) {
    const Character next = first_character(rest).value_or(Character{0xfffd, 1});
    if (may_begin && begins_formula(next.code)) out.insert(is_in_front ? 0 : out.size(), "'");
    out += rest.substr(0, next.bytes);
    rest.remove_prefix(next.bytes);
    const bool is_separator = separates_cells(next.code);
    const bool is_passed_over = next.code == ' ' || next.code == '"';
    is_in_front = is_in_front && !is_separator;
    may_begin = is_separator || (may_begin && is_passed_over);
  }
  return out;
}

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
std::string csv_cell(const std::string& text) {
  const std::string safe = without_formulas(on_one_line(text));
  if (safe.find_first_of("\",") == std::string::npos) return safe;
  std::string out = "\"";
  for (const char c : safe) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

std::string log_as_csv(const FetchedLog& log, const LogNames& names) {
  const bool swedish = names.language() == Language::sv;
  std::string out(kByteOrderMark);
  const auto row = [&](const auto& cell) {
    for (const Column& column : kColumns) {
      if (&column != kColumns) out += ',';
      out += csv_cell(cell(column));
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
