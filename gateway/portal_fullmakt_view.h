// A fullmakt, a Sparr and a request as a page shows them. Pure, but for the names.
#pragma once

#include "gateway/portal_names.h"

namespace flikvakt::gateway {

// How a fullmakt stands now: its time may have come before the gateway has said so.
enum class ShownStatus { waits, active, paused, exhausted, expired, revoked, relinquished, superseded };
BOOST_DESCRIBE_ENUM(ShownStatus, waits, active, paused, exhausted, expired, revoked, relinquished, superseded)
ShownStatus shown_status(const policy::Fullmakt& fullmakt, UtcTime now);
bool is_over(const policy::Fullmakt& fullmakt, UtcTime now);  // it opens nothing, and never will again

// Fills "tone", "status", "who", "may", "purpose", "from", "until", "disclosers", the lists "flik" and "document", and
// sections for what can be done.
void put_fullmakt(const PortalNames& names, const policy::Fullmakt& fullmakt, const policy::Overview& overview,
                  UtcTime now, web::Data& data);
// Who receives, without those that gave it up.
std::set<policy::Recipient> receiving(const policy::Fullmakt& fullmakt);

void put_sparr(const PortalNames& names, const policy::Sparr& sparr, const policy::Overview& overview, web::Data& data);

std::string title_of(const policy::Overview& overview, const DocumentId& id);  // empty: none of the person's

}  // namespace flikvakt::gateway
