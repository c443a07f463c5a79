// A fullmakt, a Sparr and a request as a page shows them. Pure, but for the names.
#pragma once

#include "gateway/portal_names.h"

namespace flikvakt::gateway {

// How a fullmakt stands now: its time may have come before the gateway has said so, and after a restore it opens
// nothing before the person has re-confirmed (`unconfirmed`; SPEC OVERVIEW-4). `not_now`: nor after a death.
enum class ShownStatus {
  waits,
  active,
  unconfirmed,
  not_now,
  paused,
  exhausted,
  expired,
  revoked,
  relinquished,
  superseded
};
BOOST_DESCRIBE_ENUM(ShownStatus, waits, active, unconfirmed, not_now, paused, exhausted, expired, revoked, relinquished,
                    superseded)
// `overview`: in which it is.
ShownStatus shown_status(const policy::Fullmakt& fullmakt, const policy::Overview& overview, UtcTime now);
bool is_over(const policy::Fullmakt& fullmakt, UtcTime now);  // it opens nothing, and never will again

// Fills "tone", "status", "who", "may", "purpose", "from", "until", "disclosers", the lists "flik" and "single", and
// sections for what can be done. `in_short`: of long lists the beginning, where a page of its own has the rest.
enum class Told { whole, in_short };
void put_fullmakt(const PortalNames& names, const policy::Fullmakt& fullmakt, const policy::Overview& overview,
                  UtcTime now, Told told, web::Data& data);
// Who receives, without those that gave it up.
std::set<policy::Recipient> receiving(const policy::Fullmakt& fullmakt);

// The same of a Sparr, which has no page of its own but the one where it is lifted.
void put_sparr(const PortalNames& names, const policy::Sparr& sparr, const policy::Overview& overview, Told told,
               web::Data& data);
// What is signed when it is lifted: of what, against whom and until when it is.
std::vector<std::string> lift_paragraphs(const PortalNames& names, const policy::Sparr& sparr,
                                         const policy::Overview& overview);

std::string title_of(const policy::Overview& overview, const DocumentId& id);  // empty: none of the person's

}  // namespace flikvakt::gateway
