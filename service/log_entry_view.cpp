#include "service/log_entry_view.h"

#include "policy/person_rules.h"

namespace flikvakt::service {

LogEntryView::LogEntryView(Core& core, const store::Rows& rows, const PersonId& person, PersonEntries& entries,
                           UtcTime now)
    : person_(person),
      directory_(core.directory()),
      rows_(rows),
      sealer_(core.keys()),
      forbund_(core.keys().forbund_log()),
      others_(core.keys(), rows, person),
      entries_(entries),
      now_(now),
      names_staff_since_(core.directory().instance().names_staff_since) {}

// SPEC LOGV-3: by what is cheap to know first; the person part is opened only when the act part fits. Who it was is
// compared last, and only where it is told: else the time that an answer takes would tell it.
Result<std::optional<json::value>> LogEntryView::show(std::uint64_t number, const store::EntryRow& row,
                                                      const LogFilter& filter) {
  Opened entry{row.index, number, TRY(leaf_of(row)), {}, {}, false};
  if (filter.is_too_late(entry.leaf.time) || filter.is_too_early(entry.leaf.time)) return std::nullopt;
  if (row.is_bare()) return filter.is_of_time_alone() ? std::optional(pruned(entry)) : std::nullopt;
  entry.act = TRY(audit::open_act(entry.leaf, row.act, forbund_)).part;
  if (!filter.fits(entry.act)) return std::nullopt;
  entry.about = TRY(audit::open_person(entry.leaf, row.person, entries_.keys())).part;
  if (!filter.fits(entry.about)) return std::nullopt;
  entry.tells_who = others_.tells_who(row.index, entry.act, entry.about);
  if (filter.asks_who() && !(entry.tells_who && filter.fits_who(entry.act, entry.about))) return std::nullopt;
  return std::optional<json::value>(TRY(shown(entry, row)));
}

Result<json::value> LogEntryView::place(const store::EntryRow& row) {
  const audit::Leaf leaf = TRY(leaf_of(row));
  return json::value(json::object{{"entry", row.index}, {"time", to_json(leaf.time)}});
}

Result<audit::Leaf> LogEntryView::leaf_of(const store::EntryRow& row) {
  TRY_VOID(check_place(row.index, row.leaf));
  return audit::decode_leaf(row.leaf);
}

// The parts say nothing of an entry's time and place: those stand in the leaf alone, and the leaf in its tile, once
// that is full. (Start-up has compared the tiles, and the leaves after the last one, with the head.)
Result<void> LogEntryView::check_place(std::uint64_t index, BytesView leaf) {
  if (!size_) size_ = TRY(rows_.entry_count());
  const std::uint64_t number = index / audit::kTileHashes;
  if (number >= *size_ / audit::kTileHashes) return {};
  if (!tile_ || tile_->first != number) tile_.emplace(number, TRY(tiles_of(rows_)(0, number)));
  const std::size_t place = index % audit::kTileHashes;
  const std::vector<audit::MerkleHash>& hashes = tile_->second;
  if (place < hashes.size() && hashes[place] == crypto::leaf_hash(leaf)) return {};
  return fail(ErrorCode::corrupt, "log entry " + std::to_string(index) + " is not the one in its tile");
}

Result<json::value> LogEntryView::shown(const Opened& entry, const store::EntryRow& row) {
  const bool is_own = !entry.about.actor.is_none() && entry.about.actor == entry.about.person;
  const ActWords& words = words_of(entry.act.kind);
  json::object out{{"entry", entry.index},
                   {"number", entry.number},
                   {"time", to_json(entry.leaf.time)},
                   {"kind", audit::name_of(entry.act.kind)},
                   {"group", to_json(words.group)},
                   {"action", json::object{{"sv", words.sv}, {"en", words.en}}},
                   {"outcome", audit::name_of(entry.act.outcome)},
                   {"actor", is_own ? "self" : audit::name_of(entry.act.actor.kind())}};
  if (entry.act.rule != 0) out["rule"] = entry.act.rule;
  if (entry.act.reason != 0) out["reason"] = entry.act.reason;
  put_who(entry, out);
  put_about(entry, out);
  const bool by_key = entry.about.actor == person_ || entry.act.actor.kind() == audit::ActorKind::representative;
  if (by_key) TRY_VOID(name_key(entry.act, row, out));
  return json::value(std::move(out));
}

// SPEC API-130: nobody knows any more what it said.
json::value LogEntryView::pruned(const Opened& entry) {
  return json::object{
      {"entry", entry.index},
      {"number", entry.number},
      {"time", to_json(entry.leaf.time)},
      {"kind", "pruned"},
      {"group", to_json(ActGroup::gateway)},
      {"action", json::object{{"sv", "Gallrad: vad som stod är borta"}, {"en", "Pruned: what it said is gone"}}},
      {"outcome", audit::name_of(audit::Outcome::recorded)},
      {"actor", audit::name_of(audit::ActorKind::system)}};
}

// SPEC LOGV-10, LOGV-11
void LogEntryView::put_who(const Opened& entry, json::object& out) {
  const audit::ActorKind kind = entry.act.actor.kind();
  if (kind == audit::ActorKind::representative) out["representatives"] = roles_of(entry.about.actor);
  if (entry.act.organisation.is_none() || !entry.tells_who) return;
  out["organisation"] = organisation(entry.act.organisation);
  if (kind != audit::ActorKind::staff) return;
  const policy::Staff& who = staff(StaffId(entry.act.actor.id().value()));
  if (who.unit) out["unit"] = json::object{{"id", who.unit->text()}, {"name", unit_name(*who.unit)}};
  // Later than when it was said: what has the same time may have been done before.
  const bool is_named = names_staff_since_ && entry.leaf.time > *names_staff_since_ && !who.name.empty();
  if (is_named) out["staff"] = who.name;
}

void LogEntryView::put_about(const Opened& entry, json::object& out) {
  const audit::PersonPart& about = entry.about;
  if (!about.document.is_none()) {
    out["document"] = about.document.text();
    if (const std::string title = title_of(about.document); !title.empty()) out["title"] = title;
  }
  if (!about.flik.text().empty()) out["flik"] = about.flik.text();
  // SPEC LOGV-12: whoever knows to whom they gave which fullmakt, and for what, would know who it was.
  if (entry.tells_who && !about.purpose.text().empty()) out["purpose"] = about.purpose.text();
  if (entry.tells_who && !about.fullmakt.is_none()) out["fullmakt"] = about.fullmakt.text();
  if (!about.subject.is_none()) out["subject"] = about.subject.text();
  if (about.bytes != 0) out["bytes"] = about.bytes;
}

// SPEC API-79: with which of the keys; an unconfirmed one may be somebody else's.
Result<void> LogEntryView::name_key(const audit::ActPart& act, const store::EntryRow& row, json::object& out) {
  if (act.record == ByteArray<32>{}) return {};
  if (!row.act_record) return fail(ErrorCode::corrupt, "the act record of a log entry is missing");
  const Bytes text = TRY(audit::open_record(act.record, *row.act_record, entries_.keys().record));
  const json::value record = TRY(parse_json(as_text(text)));
  const json::value* actor = record.is_object() ? record.get_object().if_contains("actor") : nullptr;
  const Result<policy::Actor> who = actor ? from_json<policy::Actor>(*actor) : fail(ErrorCode::corrupt, "no actor");
  const auto* person = who ? std::get_if<policy::PersonActor>(&*who) : nullptr;
  if (person) out["key"] = to_json(person->key);
  return {};
}

// SPEC LOGV-13: as in the overview.
std::string LogEntryView::title_of(const DocumentId& id) {
  const std::optional<policy::Document>& own = others_.document(id).own;
  const bool may_know = own && own->status == policy::DocumentStatus::sealed && !is_withheld(*own, now_);
  return may_know ? own->facts.title : std::string();
}

// SPEC API-79: as whom they acted; more than one when the same human being was registered again.
json::array LogEntryView::roles_of(const PersonId& who) const {
  json::array out;
  for (const RepresentativeId& id : directory_.roles(person_, who)) out.push_back(json::string(id.text()));
  return out;
}

const json::object& LogEntryView::organisation(const OrganisationId& id) {
  auto found = organisations_.find(id);
  if (found == organisations_.end()) {
    const auto row = stored_row<policy::Organisation>(rows_, sealer_, id);
    json::object shown{{"id", id.text()}, {"name", row ? row->name : std::string()}};
    if (row && !row->number.empty()) shown["number"] = row->number;
    found = organisations_.emplace(id, std::move(shown)).first;
  }
  return found->second;
}

const policy::Staff& LogEntryView::staff(const StaffId& id) {
  auto found = staff_.find(id);
  if (found == staff_.end()) {
    auto row = stored_row<policy::Staff>(rows_, sealer_, id);
    found = staff_.emplace(id, row ? std::move(*row) : policy::Staff()).first;
  }
  return found->second;
}

const std::string& LogEntryView::unit_name(const UnitId& id) {
  auto found = units_.find(id);
  if (found == units_.end()) {
    const auto row = stored_row<policy::Unit>(rows_, sealer_, id);
    found = units_.emplace(id, row ? row->name : std::string()).first;
  }
  return found->second;
}

}  // namespace flikvakt::service
