// A person's own log as a client has it (spec/log-view.md): what is asked for, all of it fetched while it grows, and
// its entries as lines of text that people read. What the exports are made of. A client belongs to one thread; the rest
// are values.
#pragma once

#include "admin/language.h"
#include "admin/person_client.h"

namespace flikvakt::admin {

// The filters that the options name, as fields of a query: "", or "from=…&outcome=refused". A usage failure: a time
// that is none. What else is wrong the gateway says.
std::vector<Option> log_filter_options();
Outcome<std::string> log_filters(const Arguments& arguments);

struct FetchedLog {
  std::string gateway;                // its name
  std::string filters;                // as they were asked for; empty: all
  std::uint64_t total = 0;            // entries of the person when the first piece was asked for, that asking included
  json::value begins;                 // {entry, time} of the person's first; null: it cannot be read
  std::vector<json::object> entries;  // newest first
};

// Of the newest entry, else of where the log begins; empty: nothing says.
std::string newest_time(const FetchedLog& log);

// To the end. What the log gains meanwhile is not in it. A failure when the pieces do not fit together, or, without
// filters, an entry is missing.
Outcome<FetchedLog> fetch_log(PersonClient& client, const std::string& filters);
// What of it does not depend on a connection: `ask(query)` gives a page as GET /v1/me/log does.
Outcome<FetchedLog> fetch_log(const std::function<Result<json::value>(const std::string& query)>& ask,
                              const std::string& filters);

// Names behind codes and ids: of the catalogue, and of the overview's fullmakter. Both as the gateway answers them.
class LogNames {
public:
  LogNames(const json::value& catalogue, const json::value& overview, Language language);
  std::string flik(const std::string& code) const;    // "Journal"; the code when there is none
  std::string fullmakt(const std::string& id) const;  // "rehab, 2026-12-01–2027-06-01"; empty when there is none
  Language language() const { return language_; }

private:
  Language language_;
  std::map<std::string, std::string> flikar_, fullmakter_;
};

// One entry in words. Nothing in it moves a cursor or turns text.
struct LogLine {
  std::string number, entry, time, action, outcome, why;
  std::string who, organisation, unit, staff;
  std::string flik, title, document, purpose, fullmakt, fullmakt_id, bytes;
};
LogLine log_line(const json::object& entry, const LogNames& names);

}  // namespace flikvakt::admin
