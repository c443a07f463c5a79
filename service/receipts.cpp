#include "service/receipts.h"

#include "crypto/random.h"
#include "service/log_proofs.h"
#include "service/own_log_asking.h"
#include "service/person_entries.h"
#include "service/receipt_maker.h"

namespace flikvakt::service {
namespace {

using Done = std::function<void(Result<json::value>)>;

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
    ReceiptOwner owner = TRY(ReceiptOwner::of(core, rows, person));
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
    ReceiptOwner owner = TRY(ReceiptOwner::of(core, rows, person));
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
