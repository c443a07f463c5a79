#include "service/receipts.h"

#include "crypto/random.h"
#include "service/log_proofs.h"
#include "service/others_protection.h"
#include "service/own_log_asking.h"
#include "service/person_entries.h"

namespace flikvakt::service {
namespace {

using Done = std::function<void(Result<json::value>)>;

Error no_entry() { return fail(ErrorCode::not_found, "no entry of which this one gets a receipt"); }

// A checkpoint and what is needed to prove entries under it.
struct Ground {
  std::string note;
  audit::Checkpoint checkpoint;
};

// The checkpoints of one moment. Made before the rows are looked at, so that these hold all that the checkpoints cover.
class Grounds {
public:
  static Result<Grounds> at(Core& core, const std::string& cosigned) {
    const auto known =
        TRY(audit::NoteVerifier::make(core.sequencer().origin(), core.keys().checkpoint_signer().public_key()));
    Grounds out(known);
    const std::string note = core.sequencer().checkpoint();
    out.own_ = {note, TRY(audit::open_checkpoint(note, {&known, 1}))};
    if (cosigned.empty()) return out;
    const auto opened = audit::open_checkpoint(cosigned, {&known, 1});
    if (opened) out.cosigned_ = Ground{cosigned, *opened};
    return out;
  }
  // SPEC RCPT-3. Nothing: no checkpoint covers it yet.
  const Ground* of(std::uint64_t entry) const {
    if (cosigned_ && entry < cosigned_->checkpoint.size) return &*cosigned_;
    return entry < own_.checkpoint.size ? &own_ : nullptr;
  }
  audit::Trusted trusted() const { return {{&known_, 1}, {}}; }

private:
  explicit Grounds(audit::NoteVerifier known) : known_(std::move(known)) {}
  audit::NoteVerifier known_;
  Ground own_;
  std::optional<Ground> cosigned_;
};

// The person who gets receipts of their own log.
struct Owner {
  Owner(Core& core, const store::Rows& rows, const PersonId& person, PersonEntries begun)
      : entries(std::move(begun)), others(core.keys(), rows, person) {}
  static Result<Owner> of(Core& core, const store::Rows& rows, const PersonId& person) {
    return Owner(core, rows, person, TRY(PersonEntries::begin(core, rows, person)));
  }
  PersonEntries entries;
  OthersProtection others;
};

// Over one snapshot of the rows.
class ReceiptMaker {
public:
  ReceiptMaker(Core& core, const store::Rows& rows, Grounds grounds)
      : core_(core), rows_(rows), grounds_(std::move(grounds)), forbund_(core.keys().forbund_log()) {}

  Result<audit::Opened<audit::ActPart>> act(const store::EntryRow& row) {
    return audit::open_act(TRY(audit::decode_leaf(row.leaf)), row.act, forbund_);
  }

  // To a person, or (nullptr) to an organisation. What is given out was checked as whoever gets it will check it: a
  // damaged row gives no receipt.
  Result<audit::Receipt> make(const store::EntryRow& row, Owner* owner) {
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

private:
  // SPEC RCPT-17: with its opener a part is told whole or not at all.
  Result<void> put_parts(const store::EntryRow& row, Owner* owner, audit::Receipt& out) {
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

  Core& core_;
  const store::Rows& rows_;
  Grounds grounds_;
  std::optional<audit::Tree> tree_;  // once an entry is found that gets a receipt
  audit::ForbundEntryKeys forbund_;
};

template <class Read>
Result<json::value> at_one_moment(Core& core, const std::string& cosigned, Read&& read) {
  Grounds grounds = TRY(Grounds::at(core, cosigned));
  return core.log_reader().with([&](const store::Reader& rows) -> Result<json::value> {
    ReceiptMaker maker(core, rows, std::move(grounds));
    return read(rows, maker);
  });
}

// An entry is a person's when their keys open it. Nobody tells by the answer which of the other entries there are.
bool is_tag_of(const audit::PersonEntryKeys& keys, const audit::PersonTag& tag, std::uint64_t count) {
  for (std::uint64_t number = 0; number < count; ++number) {
    if (keys.tag(number) == tag) return true;
  }
  return false;
}

// `count`: of the person's entries. Of a pruned one the tag alone says whose it was.
Result<json::value> person_receipt_of(Core& core, const PersonId& person, std::uint64_t entry, std::uint64_t count,
                                      const std::string& cosigned) {
  return at_one_moment(core, cosigned, [&](const store::Rows& rows, ReceiptMaker& maker) -> Result<json::value> {
    Owner owner = TRY(Owner::of(core, rows, person));
    audit::PersonEntryKeys& keys = owner.entries.keys();
    if (entry >= TRY(rows.entry_count())) return no_entry();
    const store::EntryRow row = TRY(rows.entry(entry));
    const audit::Leaf leaf = TRY(audit::decode_leaf(row.leaf));
    const bool is_theirs = row.is_bare() ? is_tag_of(keys, leaf.person_tag, count)
                                         : audit::open_person(leaf, row.person, keys).has_value();
    if (!is_theirs) return no_entry();
    return to_json(TRY(maker.make(row, &owner)));
  });
}

Result<ByteArray<32>> tag_key_of(Core& core, const store::Rows& rows, const PersonId& person) {
  RowSealer sealer(core.keys());
  const auto row = TRY(stored_row<policy::Person>(rows, sealer, person));
  return audit::disclose_tag_key(TRY(core.keys().person_log_key(row.log_key_id)));
}

// `read`: of the act that reads, whose entry is the person's newest then.
Result<json::value> own_log_receipts_of(Core& core, const PersonId& person, const CommandResult& read,
                                        const OwnLogPiece& piece, const std::string& cosigned) {
  const std::uint64_t total = read.person_entries;
  const std::uint64_t end = std::min(piece.below.value_or(total), total);
  return at_one_moment(core, cosigned, [&](const store::Rows& rows, ReceiptMaker& maker) -> Result<json::value> {
    json::array receipts;
    Owner owner = TRY(Owner::of(core, rows, person));
    if (end > 0) {
      TRY_VOID(owner.entries.walk({total - 1, read.entry}, end - 1, piece.limit,
                                  [&](const store::EntryRow& row) -> Result<void> {
                                    receipts.push_back(to_json(TRY(maker.make(row, &owner))));
                                    return {};
                                  }));
    }
    return json::object{{"total", total},
                        {"below", end},
                        {"tag_key", to_base64url(TRY(tag_key_of(core, rows, person)))},
                        {"receipts", std::move(receipts)}};
  });
}

}  // namespace

void person_receipt(Core& core, const policy::PersonActor& person, std::uint64_t entry, std::string cosigned,
                    Done done) {
  // SPEC RCPT-7: reading of receipts is reading of the log.
  after_own_log_is_read<json::value>(
      core, person, std::nullopt, std::move(done),
      [&core, id = person.person, entry, cosigned = std::move(cosigned)](const CommandResult& read) {
        return person_receipt_of(core, id, entry, read.person_entries, cosigned);
      });
}

void own_log_receipts(Core& core, const policy::PersonActor& person, OwnLogPiece piece, std::string cosigned,
                      Done done) {
  if (person.representative) return done(fail(ErrorCode::denied, "the tag key is the person's alone"));
  std::optional<audit::Asking> asked;
  if (piece.asking) asked = {*piece.asking, crypto::random_id<AskingId>()};
  after_own_log_is_read<json::value>(
      core, person, asked ? std::optional(audit::act_of(*asked)) : std::nullopt, std::move(done),
      [&core, id = person.person, piece, asked,
       cosigned = std::move(cosigned)](const CommandResult& read) -> Result<json::value> {
        json::value out = TRY(own_log_receipts_of(core, id, read, piece, cosigned));
        if (asked) out.as_object()["salt"] = asked->salt.text();
        return out;
      });
}

// SPEC RCPT-6
bool is_receipt_kind(audit::ActKind kind) {
  switch (kind) {
    case audit::ActKind::open_reading:
    case audit::ActKind::seal_deposit:
    case audit::ActKind::paper_fullmakt:
    case audit::ActKind::paper_komplettering:
    case audit::ActKind::paper_kontrakt:
    case audit::ActKind::paper_reconfirm:
    case audit::ActKind::paper_referral:
    case audit::ActKind::paper_lift_sparr:
    case audit::ActKind::paper_hand_over:
    case audit::ActKind::relinquish_fullmakt:
    case audit::ActKind::attest_erasure:
    case audit::ActKind::acknowledge_notice:
    case audit::ActKind::approve:
      return true;
    default:
      return false;
  }
}

namespace {

// Acts are pruned whole: a bare entry is of another one.
Result<bool> begins_after(ReceiptMaker& maker, const store::EntryRow& before, const audit::ActPart& act) {
  if (before.is_bare()) return true;
  return TRY(maker.act(before)).part.act != act.act;
}

}  // namespace

// SPEC RCPT-6: only the act's first entry, which staff are told of: how many persons an act concerned is not told.
Result<json::value> organisation_receipt(Core& core, const OrganisationId& organisation, std::uint64_t entry,
                                         const std::string& cosigned) {
  return at_one_moment(core, cosigned, [&](const store::Rows& rows, ReceiptMaker& maker) -> Result<json::value> {
    if (entry >= TRY(rows.entry_count())) return no_entry();
    const store::EntryRow row = TRY(rows.entry(entry));
    if (row.is_bare()) return no_entry();  // SPEC RCPT-16: what says whose it was is gone
    const audit::ActPart act = TRY(maker.act(row)).part;
    const bool is_theirs = act.organisation == organisation && act.actor.kind() == audit::ActorKind::staff &&
                           act.outcome == audit::Outcome::permitted && is_receipt_kind(act.kind);
    if (!is_theirs) return no_entry();
    const bool is_first = entry == 0 || TRY(begins_after(maker, TRY(rows.entry(entry - 1)), act));
    if (!is_first) return no_entry();
    return to_json(TRY(maker.make(row, nullptr)));
  });
}

}  // namespace flikvakt::service
