// A person's own log as files for others to read: spec/log-view.md says what is in each. Text of others (names, titles)
// can neither break a line nor become a formula or a command in any of them. Pure.
#pragma once

#include "admin/person_log.h"

namespace flikvakt::admin {

std::string log_as_json(const FetchedLog& log);                        // one object
std::string log_as_json_lines(const FetchedLog& log);                  // what it is, then an entry a line
std::string log_as_csv(const FetchedLog& log, const LogNames& names);  // RFC 4180, UTF-8 with its mark
// FindUsageResponse of the Estonian data tracker's usage protocol, version 2.
std::string log_as_usage(const FetchedLog& log, const LogNames& names);
// A4, Helvetica, Windows-1252. Errors: internal, when the library cannot.
Result<std::string> log_as_pdf(const FetchedLog& log, const LogNames& names);

}  // namespace flikvakt::admin
