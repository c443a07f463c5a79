// Receipts of log entries (spec/receipt.md), made from the durable rows: for the person whom an entry concerns, and for
// the organisation whose staff did it. Each is checked here before anybody gets it. Thread-safe.
#pragma once

#include "audit/receipt.h"
#include "service/core.h"

namespace flikvakt::service {

// `cosigned`: the newest checkpoint that enough witnesses cosigned, or nothing. It is the one in the receipt if it
// covers the entry, else the log's own newest is.
//
// To a person, of any entry that concerns them, with both parts. Decided and logged first (read_own_log). Errors:
// denied, not_found (unknown or another's), unavailable; corrupt, io. `done` comes once, on any thread.
void person_receipt(Core& core, const policy::PersonActor& person, std::uint64_t entry, std::string cosigned,
                    std::function<void(Result<json::value>)> done);

// To an organisation, with the act part alone, of what its staff did and the organisation was told of: see
// is_receipt_kind(). Blocks for some hundred reads. not_found: all else.
Result<json::value> organisation_receipt(Core& core, const OrganisationId& organisation, std::uint64_t entry,
                                         const std::string& cosigned);
// Whether what an act of this kind came to, and which entry it has, is told to staff anyhow: else a receipt would tell
// who is known here (P6).
bool is_receipt_kind(audit::ActKind kind);

// A piece of the proof that an own log is whole: receipts of the person's entries number below - 1, below - 2 …, newest
// first; `below` none: of the newest, which is this very asking. {total, tag_key, receipts}, and {salt} when the asking
// has an id (audit::Asking). As person_receipt; only for the person's own key, not for who represents them: whoever has
// the tag key keeps it.
struct OwnLogPiece {
  std::optional<std::uint64_t> below;
  std::uint32_t limit = 0;
  std::optional<AskingId> asking;
};
void own_log_receipts(Core& core, const policy::PersonActor& person, OwnLogPiece piece, std::string cosigned,
                      std::function<void(Result<json::value>)> done);

}  // namespace flikvakt::service
