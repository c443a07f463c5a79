#include "service/figures_entry.h"

#include <algorithm>
#include <boost/describe/enum_to_string.hpp>

#include "service/handles.h"
#include "service/row_seal.h"

namespace flikvakt::service {
namespace {

using audit::ActKind;
using audit::ActorKind;

bool is_of_staff(const audit::ActPart& act) { return act.actor.kind() == ActorKind::staff; }
bool is_of_person(const audit::ActPart& act) {
  return act.actor.kind() == ActorKind::person || act.actor.kind() == ActorKind::representative;
}

// SPEC FIG-6
bool counts(const audit::ActPart& act) {
  return act.outcome == audit::Outcome::permitted && (is_of_staff(act) || is_of_person(act));
}

// SPEC FIG-11: staff are answered in one way whatever stands, so what they did counts in one way.
bool has_constant_answer(ActKind kind) { return kind == ActKind::request_access || kind == ActKind::paper_narrowing; }

bool refers(ActKind kind) { return kind == ActKind::sign_referral || kind == ActKind::paper_referral; }

bool has_telling_record(ActKind kind) {
  return has_constant_answer(kind) || refers(kind) || kind == ActKind::sign_fullmakt ||
         kind == ActKind::sign_komplettering || kind == ActKind::revoke_fullmakt || kind == ActKind::approve;
}

// In `people`: not whoever anybody among staff can name.
bool shows_a_person(const audit::ActPart& act) {
  return is_of_person(act) || act.kind == ActKind::open_reading || act.kind == ActKind::approve ||
         act.kind == ActKind::paper_referral;
}

std::string_view how(const audit::ActPart& act) { return is_of_staff(act) ? "paper" : "device_key"; }

template <class Enum>
std::string_view name_of_value(Enum value) {
  return boost::describe::enum_to_string(value, "");
}

Somebody somebody(const PersonId& person) { return Somebody(person.value()); }
Somebody somebody(std::string_view number) {
  const crypto::Hash256 hash = crypto::sha256(as_bytes(number));
  return Somebody(*to_array<16>(BytesView(hash).first(16)));
}

Error in_entry(std::uint64_t index, const Error& error) {
  return fail(error.code, "log entry " + std::to_string(index) + ": " + error.message);
}

Result<json::value> member(const json::object& of, std::string_view name) {
  const json::value* found = of.if_contains(name);
  if (!found) return fail(ErrorCode::corrupt, "an act record has no `" + std::string(name) + "`");
  return *found;
}

Result<json::value> member(const json::value& of, std::string_view name) {
  if (!of.is_object()) return fail(ErrorCode::corrupt, "an act record is not of its form");
  return member(of.get_object(), name);
}

}  // namespace

Result<FiguresEntry> FiguresReader::entry_of(const store::EntryRow& row) {
  FiguresEntry out;
  out.index = row.index;
  out.link = row.link;
  out.leaf = TRY(audit::decode_leaf(row.leaf));
  out.is_pruned = row.is_bare();
  if (out.is_pruned) return out;
  auto act = audit::open_act(out.leaf, row.act, forbund_);
  if (!act) return in_entry(row.index, act.error());
  out.act = std::move(act->part);
  out.is_counted = counts(out.act);
  if (out.is_counted && has_telling_record(out.act.kind)) out.record = row.act_record;
  return out;
}

Result<std::vector<FiguresEntry>> FiguresReader::read(std::uint64_t from, std::uint64_t to) {
  std::vector<FiguresEntry> out;
  TRY_VOID(core_.log_reader().with([&](const store::Reader& rows) -> Result<void> {
    TRY_VOID(rows.for_each_entry(from, to, [&](const store::EntryRowView& row) -> Result<void> {
      store::EntryRow entry{row.index, to_bytes(row.leaf), TRY(to_array<12>(row.link)), to_bytes(row.act), {}, {}};
      out.push_back(TRY(entry_of(entry)));
      return {};
    }));
    for (FiguresEntry& entry : out) {
      if (entry.is_counted && has_telling_record(entry.act.kind)) entry.record = TRY(rows.act_record(entry.index));
    }
    return {};
  }));
  return out;
}

// nullopt: erased.
Result<std::optional<FiguresReader::PersonKeys>> FiguresReader::keys_of(const PersonId& person) const {
  const auto known = core_.directory().person(person);
  if (!known) return std::optional<PersonKeys>();
  const auto key = core_.keys().person_log_key(known->log_key);
  if (!key && key.error().code == ErrorCode::not_found) return std::optional<PersonKeys>();
  if (!key) return key.error();
  return std::optional<PersonKeys>(
      PersonKeys{audit::PersonEntryKeys(*key), audit::PersonChainKey(*key, core_.sequencer().origin())});
}

// SPEC FIG-7: of which kind the organisation is whose staff did it.
Result<std::size_t> FiguresReader::cell_of_staff(std::string_view figure, const OrganisationId& organisation) {
  auto found = kinds_.find(organisation);
  if (found == kinds_.end()) {
    const auto row = TRY(core_.log_reader().with([&](const store::Reader& rows) {
      RowSealer sealer(core_.keys());
      return stored_row<policy::Organisation>(rows, sealer, organisation);
    }));
    found = kinds_.emplace(organisation, row.kind).first;
  }
  return cell_of(figure, name_of_value(found->second));
}

Result<json::object> FiguresReader::record_of(const FiguresEntry& entry, crypto::AeadKey& key) {
  const Bytes text = TRY(audit::open_record(entry.act.record, *entry.record, key));
  json::value record = TRY(parse_json(as_text(text)));
  if (!record.is_object()) return fail(ErrorCode::corrupt, "an act record is no JSON object");
  return std::move(record.get_object());
}

// A fullmakt that this act signed names the hash of this act's evidence; one that it only resumed or ended, another's.
Result<FiguresReader::Changed> FiguresReader::changed(const FiguresEntry& entry, const json::object& record) {
  Changed out;
  const json::value* evidence = record.if_contains("evidence");
  const std::optional<crypto::Hash256> signed_sha256 =
      evidence ? std::optional(crypto::sha256(TRY(from_json<Bytes>(*evidence)))) : std::nullopt;
  const json::value puts = TRY(member(record, "puts"));
  if (!puts.is_array()) return fail(ErrorCode::corrupt, "an act record is not of its form");
  for (const json::value& put : puts.get_array()) {
    const auto table = TRY(from_json<std::uint16_t>(TRY(member(put, "table"))));
    const policy::Row row = TRY(policy::parse_row(table, TRY(member(put, "row"))));
    if (const auto* fullmakt = get_if<policy::Fullmakt>(&row)) {
      if (fullmakt->signed_sha256 == signed_sha256) {
        (fullmakt->revision == 1 ? out.given : out.completed).push_back(*fullmakt);
      } else if (fullmakt->status == policy::FullmaktStatus::revoked && entry.act.kind == ActKind::revoke_fullmakt) {
        ++out.revoked;
      }
    } else if (const auto* request = get_if<policy::AccessRequest>(&row)) {
      const bool is_granted = request->status == policy::RequestStatus::granted ||
                              request->status == policy::RequestStatus::granted_in_part;
      if (is_granted) out.granted.push_back(*request);
    } else if (const auto* referral = get_if<policy::Case>(&row); referral && refers(entry.act.kind)) {
      out.referred = *referral;
    }
  }
  return out;
}

// SPEC FIG-9: back along the person's entries to the referral, unless a fullmakt that names the case comes before, or
// something that is pruned, which may have been either.
Result<std::optional<UtcTime>> FiguresReader::referral_before(const FiguresEntry& access, const CaseId& id,
                                                              std::uint64_t number, PersonKeys& keys) {
  std::optional<UtcTime> referred;
  store::EntryLink link = access.link;
  bool is_done = number == 0;
  while (!is_done) {
    TRY_VOID(ask(keep_on_));
    TRY_VOID(core_.log_reader().with([&](const store::Reader& rows) -> Result<void> {
      for (std::uint64_t i = 0; i < kEntriesAtOnce && !is_done; ++i) {
        const std::uint64_t index = keys.chain.open(number, link).previous;
        const FiguresEntry before = TRY(entry_of(TRY(rows.entry(index))));
        --number;
        if (before.leaf.person_tag != keys.entries.tag(number)) {  // SPEC CHN-5
          return fail(ErrorCode::corrupt, "a link leads to log entry " + std::to_string(index) + ", another's");
        }
        Changed changes;
        if (before.record) changes = TRY(changed(before, TRY(record_of(before, keys.entries.record))));
        const bool is_earlier = std::ranges::any_of(
            changes.given, [&](const policy::Fullmakt& one) { return one.terms.case_id == std::optional(id); });
        if (changes.referred && changes.referred->id == id) referred = before.leaf.time;
        link = before.link;
        is_done = number == 0 || is_earlier || referred || before.is_pruned;
      }
      return {};
    }));
  }
  return referred;
}

// SPEC FIG-11: the number is the one that was named, whether anybody here has it or not. A handle that is none names
// nobody.
Result<void> FiguresReader::tally_of_number(const FiguresEntry& entry, PersonKeys* keys, MonthTally& tally) {
  const auto record = record_of(entry, keys ? keys->entries.record : forbund_.record);
  if (!record && !keys) return {};  // of somebody who was erased
  if (!record) return record.error();
  const Bytes evidence = TRY(from_json<Bytes>(TRY(member(*record, "evidence"))));
  const json::value act = TRY(member(TRY(parse_json(as_text(evidence))), "act"));
  const json::value handle = TRY(member(act, "person"));
  if (!handle.is_string()) return fail(ErrorCode::corrupt, "an act record is not of its form");
  const Result<std::string> number = number_behind(core_.keys(), entry.act.organisation, handle.get_string());
  if (!number) return {};
  const bool is_request = entry.act.kind == ActKind::request_access;
  const std::size_t cell =
      is_request ? TRY(cell_of_staff("requests", entry.act.organisation)) : cell_of("revocations", "paper");
  tally.count(cell, somebody(*number), entry.act.act);
  return {};
}

Result<void> FiguresReader::tally_changes(const FiguresEntry& entry, const WhoseEntry::Whose& whose, PersonKeys& keys,
                                          MonthTally& tally) {
  const Changed changes = TRY(changed(entry, TRY(record_of(entry, keys.entries.record))));
  const Somebody person = somebody(whose.person);
  const auto count = [&](std::string_view figure, std::string_view kind, std::uint64_t events) {
    if (events > 0) tally.count(cell_of(figure, kind), person, entry.act.act, events);
  };
  count("fullmakter", how(entry.act), changes.given.size());
  count("kompletteringar", how(entry.act), changes.completed.size());
  count("revocations", "device_key", changes.revoked);
  if (changes.referred) count("referrals", name_of_value(changes.referred->focus), 1);
  for (const policy::AccessRequest& request : changes.granted) {
    tally.lead(Lead::from_request, person, entry.leaf.time - request.asked);
  }
  for (const policy::Fullmakt& fullmakt : changes.given) {
    if (!fullmakt.terms.case_id) continue;
    const auto referred = TRY(referral_before(entry, *fullmakt.terms.case_id, whose.number, keys));
    if (referred) tally.lead(Lead::from_referral, person, entry.leaf.time - *referred);
  }
  return {};
}

Result<void> FiguresReader::tally_of_person(const FiguresEntry& entry, const WhoseEntry::Whose& whose,
                                            MonthTally& tally) {
  if (shows_a_person(entry.act)) tally.count_person(somebody(whose.person));
  if (entry.act.kind == ActKind::open_reading) {
    tally.count(TRY(cell_of_staff("readings", entry.act.organisation)), somebody(whose.person), entry.act.act);
  }
  return {};
}

Result<void> FiguresReader::tally(const FiguresEntry& entry, const std::optional<WhoseEntry::Whose>& whose,
                                  MonthTally& tally) {
  std::optional<PersonKeys> keys;
  if (whose && entry.record) keys = TRY(keys_of(whose->person));
  const bool is_known = whose && (keys || (!entry.record && core_.directory().person(whose->person)));
  if (is_known) TRY_VOID(tally_of_person(entry, *whose, tally));
  if (!entry.record) return {};
  Result<void> done;
  if (has_constant_answer(entry.act.kind)) {
    done = tally_of_number(entry, keys ? &*keys : nullptr, tally);
  } else if (keys) {
    done = tally_changes(entry, *whose, *keys, tally);
  }
  return done ? done : in_entry(entry.index, done.error());
}

}  // namespace flikvakt::service
