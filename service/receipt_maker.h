// Makes receipts of log entries over one snapshot of the rows, and checks each as whoever gets it will. Who gets which:
// service/receipts.h. One thread at a time.
#pragma once

#include "audit/receipt.h"
#include "service/core.h"
#include "service/others_protection.h"

namespace flikvakt::service {

// A checkpoint and what is needed to prove entries under it.
struct Ground {
  std::string note;
  audit::Checkpoint checkpoint;
};

// The checkpoints of one moment. Made before the rows are looked at, so that these hold all that the checkpoints cover.
class Grounds {
public:
  static Result<Grounds> at(Core& core, const std::string& cosigned);
  // SPEC RCPT-3. Nothing: no checkpoint covers it yet.
  const Ground* of(std::uint64_t entry) const;
  audit::Trusted trusted() const { return {known_, {}}; }

private:
  std::vector<audit::NoteVerifier> known_;  // every key that the log ever had
  Ground own_;
  std::optional<Ground> cosigned_;
};

// The person who gets receipts of their own log.
struct ReceiptOwner {
  static Result<ReceiptOwner> of(Core& core, const store::Rows& rows, const PersonId& person);
  PersonEntries entries;
  OthersProtection others;
};

class ReceiptMaker {
public:
  ReceiptMaker(Core& core, const store::Rows& rows, Grounds grounds);

  Result<audit::Opened<audit::ActPart>> act(const store::EntryRow& row);
  // `owner`: nullptr: for an organisation, or everybody: with the act part alone. not_found: no checkpoint covers the
  // entry yet. corrupt: a damaged row gives no receipt.
  Result<audit::Receipt> make(const store::EntryRow& row, ReceiptOwner* owner);
  // What the registry's entry of this act part has no room for, with the opener that proves it.
  Result<audit::ShownPart> record(const store::EntryRow& row);

private:
  Result<void> put_parts(const store::EntryRow& row, ReceiptOwner* owner, audit::Receipt& out);

  Core& core_;
  const store::Rows& rows_;
  Grounds grounds_;
  std::optional<audit::Tree> tree_;  // once an entry is found that gets a receipt
  audit::ForbundEntryKeys forbund_;
};

inline Error no_entry() { return fail(ErrorCode::not_found, "no entry of which this one gets a receipt"); }

}  // namespace flikvakt::service
