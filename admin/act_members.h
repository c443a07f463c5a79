// Members of acts as they are written on the command line. A mistake is told with the option's name before anything is
// sent. What stands in a file: written_file.h.
#pragma once

#include "admin/command.h"
#include "base/json.h"

namespace flikvakt::admin {

// A time is RFC 3339, or a day: when something begins, the day's beginning (UTC); when it ends, the day's end, so that
// it counts to the last. `of`: the option, for the message.
Outcome<std::string> time_of(const std::string& of, const std::string& text);
Outcome<std::string> end_of(const std::string& of, const std::string& text);
// Where a day would not do: a meeting.
Outcome<std::string> moment_of(const std::string& of, const std::string& text);
Outcome<json::array> moments_of(const Arguments& arguments, const std::string& option);
Outcome<std::string> day_of(const std::string& of, const std::string& text);  // 2026-11-22

// "team=ID", "organisation=ID", "unit=ID" or "staff=ID".
Outcome<json::object> recipient_of(const std::string& of, const std::string& text);

json::array array_of(const std::vector<std::string>& texts);
Outcome<json::array> ids_of(const Arguments& arguments, const std::string& option);

// One of the enum's words, which the failure names.
template <class Enum>
Outcome<std::string> word_of(const std::string& of, const std::string& text) {
  const Result<Enum> known = from_json<Enum>(json::value(json::string(text)));
  if (!known) return usage_failure(of + ": " + known.error().message);
  return text;
}

// The id that the act registers something under: --id, or a new one.
Option id_option();
Outcome<std::string> id_for(const Arguments& arguments);

// The scan of a signed paper: its SHA-256 goes along, the scan stays at the desk.
Option scan_option();
Outcome<std::string> scan_of(const Arguments& arguments);

}  // namespace flikvakt::admin
