#include "service/person_log.h"

#include <map>

#include "service/person_entries.h"

namespace flikvakt::service {
namespace {

// One reading of one person's log, over one snapshot.
class PersonLogReading {
public:
  static Result<PersonLogReading> begin(Core& core, const store::Rows& rows, const PersonId& person) {
    return PersonLogReading(person, core, rows, TRY(PersonEntries::begin(core, rows, person)));
  }

  // From the newest entry, which is number `total` - 1, back along the links.
  Result<PersonLogPage> page(std::uint64_t total, std::uint64_t newest, std::uint32_t limit, std::uint32_t number) {
    PersonLogPage out;
    size_ = TRY(rows_.entry_count());
    out.total = total;
    const std::uint64_t skipped = std::uint64_t{limit} * (number - 1);
    if (skipped >= total) return out;
    TRY_VOID(
        entries_.walk({total - 1, newest}, total - 1 - skipped, limit, [&](const store::EntryRow& row) -> Result<void> {
          out.entries.push_back(TRY(entry(row)));
          return {};
        }));
    return out;
  }

private:
  PersonLogReading(const PersonId& person, Core& core, const store::Rows& rows, PersonEntries entries)
      : person_(person),
        directory_(core.directory()),
        rows_(rows),
        sealer_(core.keys()),
        forbund_(core.keys().forbund_log()),
        entries_(std::move(entries)) {}

  Result<json::value> entry(const store::EntryRow& row) {
    TRY_VOID(check_place(row.index, row.leaf));
    const audit::Leaf leaf = TRY(audit::decode_leaf(row.leaf));
    const audit::ActPart act = TRY(audit::open_act(leaf, row.act, forbund_)).part;
    const audit::PersonPart about = TRY(audit::open_person(leaf, row.person, entries_.keys())).part;
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
    const Bytes text = TRY(audit::open_record(act.record, *row.act_record, entries_.keys().record));
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
  PersonEntries entries_;
  std::map<OrganisationId, std::string> names_;
  std::uint64_t size_ = 0;  // of the log
  std::map<std::uint64_t, std::vector<audit::MerkleHash>> tiles_;
};

// `result`: of the act that reads, whose entry is the person's newest then.
Result<PersonLogPage> read_page(Core& core, const PersonId& person, const CommandResult& result, std::uint32_t limit,
                                std::uint32_t page) {
  return core.log_reader().with([&](const store::Reader& rows) -> Result<PersonLogPage> {
    auto reading = TRY(PersonLogReading::begin(core, rows, person));
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
