#include "service/receipt_maker.h"

namespace flikvakt::service {

Result<Grounds> Grounds::at(Core& core, const std::string& cosigned) {
  Grounds out;
  out.known_ = TRY(core.log_keys().verifiers(core.sequencer().origin()));
  out.own_.note = core.sequencer().checkpoint();
  out.own_.checkpoint = TRY(audit::open_checkpoint(out.own_.note, out.known_));
  if (cosigned.empty()) return out;
  const auto opened = audit::open_checkpoint(cosigned, out.known_);
  if (opened) out.cosigned_ = Ground{cosigned, *opened};
  return out;
}

const Ground* Grounds::of(std::uint64_t entry) const {
  if (cosigned_ && entry < cosigned_->checkpoint.size) return &*cosigned_;
  return entry < own_.checkpoint.size ? &own_ : nullptr;
}

Result<ReceiptOwner> ReceiptOwner::of(Core& core, const store::Rows& rows, const PersonId& person) {
  PersonEntries entries = TRY(PersonEntries::begin(core, rows, person));
  return ReceiptOwner{std::move(entries), OthersProtection(core.keys(), rows, person)};
}

ReceiptMaker::ReceiptMaker(Core& core, const store::Rows& rows, Grounds grounds)
    : core_(core), rows_(rows), grounds_(std::move(grounds)), forbund_(core.keys().forbund_log()) {}

Result<audit::Opened<audit::ActPart>> ReceiptMaker::act(const store::EntryRow& row) {
  return audit::open_act(TRY(audit::decode_leaf(row.leaf)), row.act, forbund_);
}

// What is given out was checked as whoever gets it will check it: a damaged row gives no receipt.
Result<audit::Receipt> ReceiptMaker::make(const store::EntryRow& row, ReceiptOwner* owner) {
  const Ground* const ground = grounds_.of(row.index);
  if (!ground) return no_entry();
  if (!tree_) tree_ = TRY(core_.log_tree().of(rows_));
  audit::LogProof proof;
  proof.index = row.index;
  proof.hashes = TRY(tree_->inclusion_proof(row.index, ground->checkpoint.size, tiles_of(rows_)));
  proof.checkpoint = ground->note;
  audit::Receipt out;
  out.format = audit::kReceiptFormat;
  out.leaf = to_hex(row.leaf);
  out.proof = audit::write_log_proof(proof);
  if (!row.is_bare()) TRY_VOID(put_parts(row, owner, out));  // SPEC RCPT-15
  const auto checked = audit::check_receipt(out, grounds_.trusted());
  if (!checked)
    return fail(ErrorCode::corrupt, "log entry " + std::to_string(row.index) + ": " + checked.error().message);
  return out;
}

// SPEC RCPT-17: with its opener a part is told whole or not at all.
Result<void> ReceiptMaker::put_parts(const store::EntryRow& row, ReceiptOwner* owner, audit::Receipt& out) {
  const auto did = TRY(act(row));
  if (owner) {
    const auto leaf = TRY(audit::decode_leaf(row.leaf));
    const auto about = TRY(audit::open_person(leaf, row.person, owner->entries.keys()));
    if (!owner->others.tells_who(row.index, did.part, about.part)) {
      out.withheld = true;
      return {};
    }
    out.person = audit::shown(about);
  }
  out.act = audit::shown(did);
  return {};
}

Result<audit::ShownPart> ReceiptMaker::record(const store::EntryRow& row) {
  if (!row.act_record) return fail(ErrorCode::not_found, "the entry has no act record");
  const audit::ActPart part = TRY(act(row)).part;
  const audit::OpenedRecord opened = TRY(audit::open_record_to_show(part.record, *row.act_record, forbund_.record));
  return audit::ShownPart{opened.opener, to_hex(opened.plaintext)};
}

}  // namespace flikvakt::service
