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
  static Result<PersonLogReading> begin(const KeyRing& keys, const Directory& directory, const store::Rows& rows,
                                        const std::string& origin, const PersonId& person) {
    RowSealer sealer(keys);
    const auto row = TRY(stored_row<policy::Person>(rows, sealer, person));
    const crypto::PersonLogKey key = TRY(keys.person_log_key(row.log_key_id));
    return PersonLogReading(person, keys, directory, rows, std::move(sealer), key, origin);
  }

  // From the newest entry, which is number `total` - 1, back along the links.
  Result<PersonLogPage> page(std::uint64_t total, std::uint64_t newest, std::uint32_t limit, std::uint32_t number) {
    PersonLogPage out;
    size_ = TRY(rows_.entry_count());
    out.total = total;
    const std::uint64_t skipped = std::uint64_t{limit} * (number - 1);
    if (skipped >= total) return out;
    const std::uint64_t first = total - 1 - skipped;
    Place at{total - 1, newest};
    store::EntryRow row = TRY(row_at(at));
    while (at.number > first) TRY_VOID(go_back(at, row, first));
    for (;;) {
      out.entries.push_back(TRY(entry(row)));
      if (out.entries.size() == limit || at.number == 0) return out;
      TRY_VOID(go_back(at, row, at.number - 1));
    }
  }

private:
  PersonLogReading(const PersonId& person, const KeyRing& keys, const Directory& directory, const store::Rows& rows,
                   RowSealer sealer, const crypto::PersonLogKey& key, const std::string& origin)
      : person_(person),
        directory_(directory),
        rows_(rows),
        sealer_(std::move(sealer)),
        forbund_(keys.forbund_log()),
        keys_(key),
        chain_(key, origin) {}

  struct Place {
    std::uint64_t number = 0;  // of the person's entries
    std::uint64_t index = 0;   // of the log's
  };

  // SPEC CHN-5
  Result<store::EntryRow> row_at(const Place& place) {
    Result<store::EntryRow> row = rows_.entry(place.index);
    if (!row && row.error().code != ErrorCode::not_found) return row.error();
    const auto leaf = row ? audit::decode_leaf(row->leaf) : Result<audit::Leaf>(row.error());
    if (leaf && leaf->person_tag == keys_.tag(place.number)) return row;
    return fail(ErrorCode::corrupt,
                "a link leads to log entry " + std::to_string(place.index) + ", which is another's");
  }

  Result<void> go_back(Place& at, store::EntryRow& row, std::uint64_t wanted) {
    const audit::OpenedLink link = chain_.open(at.number, row.link);
    const audit::Step step = audit::step_back(at.number, wanted);
    at = {step.number, step.is_further ? link.further : link.previous};
    row = TRY(row_at(at));
    return {};
  }

  Result<json::value> entry(const store::EntryRow& row) {
    TRY_VOID(check_place(row.index, row.leaf));
    const audit::Leaf leaf = TRY(audit::decode_leaf(row.leaf));
    const audit::ActPart act = TRY(audit::open_act(leaf, row.act, forbund_)).part;
    const audit::PersonPart about = TRY(audit::open_person(leaf, row.person, keys_)).part;
    json::value out = shown(row.index, leaf, act, about);
    const bool by_key = about.actor == person_ || act.actor.kind() == audit::ActorKind::representative;
    if (by_key) TRY_VOID(name_key(act, row, out.get_object()));
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
    if (act.actor.kind() == audit::ActorKind::representative) out["representatives"] = roles_of(about.actor);
    if (about.bytes != 0) out["bytes"] = about.bytes;
    return out;
  }

  // SPEC API-79: as whom they acted; more than one when the same human being was registered again.
  json::array roles_of(const PersonId& who) const {
    json::array out;
    for (const RepresentativeId& id : directory_.roles(person_, who)) out.push_back(json::string(id.text()));
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
  const Directory& directory_;
  const store::Rows& rows_;
  RowSealer sealer_;
  audit::ForbundEntryKeys forbund_;
  audit::PersonEntryKeys keys_;
  audit::PersonChainKey chain_;
  std::map<OrganisationId, std::string> names_;
  std::uint64_t size_ = 0;  // of the log
  std::map<std::uint64_t, std::vector<audit::MerkleHash>> tiles_;
};

// `result`: of the act that reads, whose entry is the person's newest then.
Result<PersonLogPage> read_page(Core& core, const PersonId& person, const CommandResult& result, std::uint32_t limit,
                                std::uint32_t page) {
  return core.log_reader().with([&](const store::Reader& rows) -> Result<PersonLogPage> {
    auto reading = TRY(PersonLogReading::begin(core.keys(), core.directory(), rows, core.sequencer().origin(), person));
    return reading.page(result.person_entries, result.entry, limit, page);
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
    core.log_reader().post([&core, id, result, limit, page, done] { done(read_page(core, id, result, limit, page)); });
  };
  core.sequencer().submit(std::move(command));
}

}  // namespace flikvakt::service
