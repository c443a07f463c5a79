// "Who has read": the own log as a page, refused attempts too, with filters and receipts (spec/log-view.md).
#pragma once

#include "gateway/portal_own.h"
#include "service/person_log.h"

namespace flikvakt::gateway {

void add_log_pages(PortalContext& context, Router& router);

// What reads the log: within the rate of whoever asks, of which it takes so many tokens, and one at a time, as at the
// API's door (SPEC API-5).
using ShowLog = Awaitable<Response> (*)(PortalContext&, Exchange&);
Handler in_turn(PortalContext& context, ShowLog show, double tokens = 1);

// One answer to asking for the own log, which is decided and logged first.
using LogPage = std::shared_ptr<Result<service::PersonLogPage>>;
Awaitable<LogPage> read_own_log(PortalContext& context, policy::PersonActor person, service::LogQuery query);

// An entry (LogEntry in gateway/openapi.json) as a page shows it: "what", "who", "about", "clock", "why", tone.
void put_entry(const PortalNames& names, bool is_swedish, const json::object& entry, web::Data& data);
// The same as cells of a table: number, time, what, outcome, why, who, flik, document, purpose.
std::vector<std::string> log_cells(const PortalNames& names, bool is_swedish, const json::object& entry);

}  // namespace flikvakt::gateway
