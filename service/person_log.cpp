#include "service/person_log.h"

#include <map>

namespace flikvakt::service {
namespace {

template <class T>
Result<T> stored_row(const store::Rows& rows, RowSealer& sealer, const typename T::Key& key) {
  const policy::RowId id = policy::row_id_of<T>(key);
  const std::optional<store::StateRow> stored = TRY(rows.state_row(id.table, id.key));
  if (!stored) return fail(ErrorCode::not_found, "a state row is not there");
  policy::Row row = TRY(sealer.open({stored->table, stored->id, stored->version, stored->body}));
  return std::get<T>(std::move(row));
}

// One reading of one person's log, over one snapshot.
class PersonLogReading {
public:
  static Result<PersonLogReading> begin(const KeyRing& keys, const store::Rows& rows, const PersonId& person) {
    RowSealer sealer(keys);
    const auto row = TRY(stored_row<policy::Person>(rows, sealer, person));
    audit::PersonEntryKeys entry_keys(TRY(keys.person_log_key(row.log_key_id)));
    return PersonLogReading(person, keys, rows, std::move(sealer), std::move(entry_keys));
  }

  Result<PersonLogPage> page(std::uint32_t limit, std::uint32_t number) {
    PersonLogPage out;
    size_ = TRY(rows_.entry_count());
    out.total = TRY(count_entries(keys_, rows_));
    const std::uint64_t skipped = std::uint64_t{limit} * (number - 1);
    for (std::uint64_t i = skipped; i < out.total && i < skipped + limit; ++i) {
      out.entries.push_back(TRY(entry(out.total - 1 - i)));
    }
    return out;
  }

private:
  PersonLogReading(const PersonId& person, const KeyRing& keys, const store::Rows& rows, RowSealer sealer,
                   audit::PersonEntryKeys entry_keys)
      : person_(person),
        rows_(rows),
        sealer_(std::move(sealer)),
        forbund_(keys.forbund_log()),
        keys_(std::move(entry_keys)) {}

  Result<json::value> entry(std::uint64_t count) {
    const audit::PersonTag tag = keys_.tag(count);
    store::EntryTag prefix;
    std::copy_n(tag.begin(), prefix.size(), prefix.begin());
    const std::optional<std::uint64_t> index = TRY(rows_.find_tag(prefix));
    if (!index) return fail(ErrorCode::corrupt, "an entry of the person's log is missing");
    const store::EntryRow row = TRY(rows_.entry(*index));
    TRY_VOID(check_place(*index, row.leaf));
    const audit::Leaf leaf = TRY(audit::decode_leaf(row.leaf));
    if (leaf.person_tag != tag) return fail(ErrorCode::corrupt, "an entry of the person's log lies under another tag");
    const audit::ActPart act = TRY(audit::open_act(leaf, row.act, forbund_)).part;
    const audit::PersonPart about = TRY(audit::open_person(leaf, row.person, keys_)).part;
    json::value out = shown(*index, leaf, act, about);
    if (about.actor == person_) TRY_VOID(name_key(act, row, out.get_object()));
    return out;
  }

  // The parts say nothing of an entry's time and place: those stand in the leaf alone, and the leaf in its tile, once
  // that is full. (Start-up has compared the tiles, and the leaves after the last one, with the head.)
  Result<void> check_place(std::uint64_t index, BytesView leaf) {
    const std::uint64_t number = index / audit::kTileHashes;
    if (number >= size_ / audit::kTileHashes) return {};
    auto tile = tiles_.find(number);
    if (tile == tiles_.end()) tile = tiles_.emplace(number, TRY(tiles_of(rows_)(0, number))).first;
    const std::size_t place = index % audit::kTileHashes;
    if (place < tile->second.size() && tile->second[place] == crypto::leaf_hash(leaf)) return {};
    return fail(ErrorCode::corrupt, "log entry " + std::to_string(index) + " is not the one in its tile");
  }

  // SPEC API-79: with which of the keys; an unconfirmed one may be somebody else's.
  Result<void> name_key(const audit::ActPart& act, const store::EntryRow& row, json::object& out) {
    if (act.record == ByteArray<32>{}) return {};
    if (!row.act_record) return fail(ErrorCode::corrupt, "the act record of a log entry is missing");
    const Bytes text = TRY(audit::open_record(act.record, *row.act_record, keys_.record));
    const json::value record = TRY(parse_json(as_text(text)));
    const json::value* actor = record.is_object() ? record.get_object().if_contains("actor") : nullptr;
    const Result<policy::Actor> who = actor ? from_json<policy::Actor>(*actor) : fail(ErrorCode::corrupt, "no actor");
    const auto* person = who ? std::get_if<policy::PersonActor>(&*who) : nullptr;
    if (person) out["key"] = to_json(person->key);
    return {};
  }

  json::value shown(std::uint64_t index, const audit::Leaf& leaf, const audit::ActPart& act,
                    const audit::PersonPart& about) {
    const bool is_own = !about.actor.is_none() && about.actor == about.person;
    json::object out{{"entry", index},
                     {"time", to_json(leaf.time)},
                     {"kind", audit::name_of(act.kind)},
                     {"outcome", audit::name_of(act.outcome)},
                     {"actor", is_own ? "self" : audit::name_of(act.actor.kind())}};
    if (act.rule != 0) out["rule"] = act.rule;
    if (act.reason != 0) out["reason"] = act.reason;
    if (!act.organisation.is_none()) out["organisation"] = organisation(act.organisation);
    if (!about.document.is_none()) out["document"] = about.document.text();
    if (!about.flik.text().empty()) out["flik"] = about.flik.text();
    if (!about.purpose.text().empty()) out["purpose"] = about.purpose.text();
    if (!about.fullmakt.is_none()) out["fullmakt"] = about.fullmakt.text();
    if (!about.subject.is_none()) out["subject"] = about.subject.text();
    if (about.bytes != 0) out["bytes"] = about.bytes;
    return out;
  }

  json::value organisation(const OrganisationId& id) {
    auto found = names_.find(id);
    if (found == names_.end()) {
      Result<policy::Organisation> row = stored_row<policy::Organisation>(rows_, sealer_, id);
      found = names_.emplace(id, row ? row->name : std::string()).first;
    }
    return json::object{{"id", id.text()}, {"name", found->second}};
  }

  const PersonId person_;
  const store::Rows& rows_;
  RowSealer sealer_;
  audit::ForbundEntryKeys forbund_;
  audit::PersonEntryKeys keys_;
  std::map<OrganisationId, std::string> names_;
  std::uint64_t size_ = 0;  // of the log
  std::map<std::uint64_t, std::vector<audit::MerkleHash>> tiles_;
};

Result<PersonLogPage> read_page(Core& core, const PersonId& person, std::uint32_t limit, std::uint32_t page) {
  return core.log_reader().with([&](const store::Reader& rows) -> Result<PersonLogPage> {
    return TRY(PersonLogReading::begin(core.keys(), rows, person)).page(limit, page);
  });
}

}  // namespace

void read_own_log(Core& core, const policy::PersonActor& person, std::uint32_t limit, std::uint32_t page,
                  std::function<void(Result<PersonLogPage>)> done) {
  if (limit == 0 || limit > kMostLogEntries || page == 0) {
    return done(fail(ErrorCode::invalid, "a page has 1 to 100 entries and counts from 1"));
  }
  Command command;
  command.actor = person;
  command.act = policy::ReadOwnLog{};
  command.done = [&core, id = person.person, limit, page, done = std::move(done)](CommandResult result) {
    if (result.status == CommandStatus::unavailable) {
      return done(fail(ErrorCode::unavailable, "the log cannot be read now"));
    }
    if (!result.decision.is_permitted()) return done(fail(ErrorCode::denied, "this key may not read the log"));
    core.log_reader().post([&core, id, limit, page, done] { done(read_page(core, id, limit, page)); });
  };
  core.sequencer().submit(std::move(command));
}

}  // namespace flikvakt::service
