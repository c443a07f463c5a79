#include "tests/service/rows_dump.h"

#include <algorithm>

#include "audit/checkpoint.h"
#include "crypto/lthash.h"
#include "crypto/merkle.h"

namespace flikvakt::service::test {

Dump dump(const store::Rows& rows) {
  Dump out;
  rows.for_each_state_row([&](const store::StateRowView& row) -> Result<void> {
        out.rows.push_back({row.table, to_bytes(row.id), row.version, to_bytes(row.body)});
        return {};
      })
      .value();
  const std::uint64_t count = rows.entry_count().value();
  for (std::uint64_t i = 0; i < count; ++i) out.entries.push_back(rows.entry(i).value());
  for (const std::string_view name : {store::kHeadNote, store::kPrunedTo}) {
    if (const auto value = rows.meta(name).value()) out.meta[std::string(name)] = *value;
  }
  for (std::uint8_t level = 0; level < 3; ++level) {
    for (std::uint64_t number = 0;; ++number) {
      const auto tile = rows.tile(level, number).value();
      if (!tile) break;
      out.tiles[{level, number}] = *tile;
    }
  }
  return out;
}

void write(const Dump& dump, const std::filesystem::path& path, const crypto::DatabaseKey& key) {
  std::filesystem::remove(path);
  store::Database database = store::Database::create(path, key).value();
  store::Transaction transaction = database.begin().value();
  for (const store::StateRow& row : dump.rows) transaction.put_state(row).value();
  for (const store::EntryRow& entry : dump.entries) transaction.append_entry(entry).value();
  for (const auto& [at, hashes] : dump.tiles) {
    transaction.put_tile(static_cast<std::uint8_t>(at.first), at.second, hashes).value();
  }
  for (const auto& [name, value] : dump.meta) transaction.set_meta(name, value).value();
  if (transaction.commit().outcome != store::CommitOutcome::committed) throw std::runtime_error("writing a dump");
}

std::unique_ptr<LogSigners> signers_of(const Dump& dump, const KeyRing& keys, const std::string& origin) {
  RowSealer sealer(keys);
  std::vector<policy::LogKey> log_keys;
  for (const store::StateRow& row : dump.rows) {
    if (row.table != policy::LogKey::kTable) continue;
    const Result<policy::Row> opened = sealer.open({row.table, row.id, row.version, row.body});
    if (opened) log_keys.push_back(get<policy::LogKey>(*opened));
  }
  if (log_keys.empty()) log_keys.push_back(keys.first_log_key().value());  // of a dump without its row
  return LogSigners::load(keys, LogKeys(std::move(log_keys)), origin).value();
}

void sign_anew(Dump& dump, const KeyRing& keys, std::unique_ptr<LogSigners> signers) {
  const std::string_view old = as_text(dump.meta["head"]);
  const std::string line(old.substr(0, old.find('\n')));
  const std::string origin = line.substr(0, line.size() - audit::kHeadSuffix.size());
  crypto::LtHash digest;
  for (const store::StateRow& row : dump.rows) {
    digest.add(digest_element(row.table, row.id, row.version, row.body));
  }
  crypto::Frontier tree;
  Bytes tile;
  dump.tiles.clear();
  for (std::size_t i = 0; i < dump.entries.size(); ++i) {
    dump.entries[i].index = i;
    const crypto::MerkleHash hash = crypto::leaf_hash(dump.entries[i].leaf);
    tree.append(hash);
    tile.insert(tile.end(), hash.begin(), hash.end());
    if (tile.size() < 256 * 32) continue;
    dump.tiles[{0, i / 256}] = tile;  // tests stay below 65536 entries
    tile.clear();
  }
  const audit::Head head{origin, dump.entries.size(), tree.root(), digest.digest()};
  if (!signers) signers = signers_of(dump, keys, origin);
  dump.meta["head"] = to_bytes(as_bytes(audit::sign_head(head, signers->head()).value()));
}

void change_entry(Dump& dump, const KeyRing& keys, std::uint64_t index, const EntryChange& change) {
  store::EntryRow& row = dump.entries.at(index);
  audit::ForbundEntryKeys forbund(keys.forbund_log());
  const audit::Leaf leaf = audit::decode_leaf(row.leaf).value();
  audit::ActPart act = audit::open_act(leaf, row.act, forbund).value().part;
  std::optional<audit::PersonPart> about;
  std::optional<audit::PersonEntryKeys> person;
  if (change.person_log_key) {
    person.emplace(keys.person_log_key(*change.person_log_key).value());
    about = audit::open_person(leaf, row.person, *person).value().part;
  }
  UtcTime time = leaf.time;
  change.change(time, act, about);
  std::optional<audit::AboutPerson> told;
  if (about) told.emplace(audit::AboutPerson{*about, *person, change.count});
  const audit::SealedEntry sealed = audit::seal_entry(time, act, told, forbund);
  row.leaf = to_bytes(sealed.leaf);
  row.act = to_bytes(sealed.act);
  row.person = to_bytes(sealed.person);
}

std::vector<std::uint64_t> entries_of(const Dump& dump, const KeyRing& keys, audit::ActKind kind,
                                      audit::Outcome outcome) {
  audit::ForbundEntryKeys forbund(keys.forbund_log());
  std::vector<std::uint64_t> out;
  for (const store::EntryRow& row : dump.entries) {
    if (row.is_bare()) continue;
    const audit::Leaf leaf = audit::decode_leaf(row.leaf).value();
    const audit::ActPart act = audit::open_act(leaf, row.act, forbund).value().part;
    if (act.kind == kind && act.outcome == outcome) out.push_back(row.index);
  }
  return out;
}

KeyId log_key_of(const Dump& dump, const KeyRing& keys, const PersonId& person) {
  RowSealer sealer(keys);
  for (const store::StateRow& row : dump.rows) {
    if (row.table != policy::Person::kTable || !std::ranges::equal(row.id, person.value())) continue;
    return get<policy::Person>(sealer.open({row.table, row.id, row.version, row.body}).value()).log_key_id;
  }
  throw std::runtime_error("there is no such person");
}

std::optional<std::uint64_t> count_of(const Dump& dump, const KeyRing& keys, const KeyId& person_log_key,
                                      std::uint64_t index) {
  const audit::PersonEntryKeys person(keys.person_log_key(person_log_key).value());
  const audit::PersonTag tag = audit::decode_leaf(dump.entries.at(index).leaf).value().person_tag;
  for (std::uint64_t count = 0; count < dump.entries.size(); ++count) {
    if (person.tag(count) == tag) return count;
  }
  return std::nullopt;
}

Dump with_person_record(Dump dump, const KeyRing& keys, std::uint64_t index, const KeyId& person_log_key,
                        const std::function<void(json::object&)>& edit) {
  audit::PersonEntryKeys person(keys.person_log_key(person_log_key).value());
  audit::ForbundEntryKeys forbund(keys.forbund_log());
  store::EntryRow& entry = dump.entries.at(index);
  const audit::ActPart act = audit::open_act(audit::decode_leaf(entry.leaf).value(), entry.act, forbund).value().part;
  const Bytes text = audit::open_record(act.record, entry.act_record.value(), person.record).value();
  json::object record = parse_json(as_text(text)).value().get_object();
  edit(record);
  const audit::SealedRecord sealed = audit::seal_record(as_bytes(json::serialize(record)), person.record);
  entry.act_record = sealed.ciphertext;
  const std::uint64_t count = count_of(dump, keys, person_log_key, index).value();
  change_entry(
      dump, keys, index,
      {[&](UtcTime&, audit::ActPart& part, auto&) { part.record = sealed.commitment; }, person_log_key, count});
  return dump;
}

json::object registry_record(const Dump& dump, const KeyRing& keys, std::uint64_t index) {
  audit::ForbundEntryKeys forbund(keys.forbund_log());
  const store::EntryRow& entry = dump.entries.at(index);
  const audit::Leaf leaf = audit::decode_leaf(entry.leaf).value();
  const audit::ActPart act = audit::open_act(leaf, entry.act, forbund).value().part;
  const Bytes text = audit::open_record(act.record, entry.act_record.value(), forbund.record).value();
  return parse_json(as_text(text)).value().get_object();
}

Dump with_registry_record(Dump dump, const KeyRing& keys, std::uint64_t index,
                          const std::function<void(json::object&)>& edit) {
  json::object record = registry_record(dump, keys, index);
  edit(record);
  audit::ForbundEntryKeys forbund(keys.forbund_log());
  const audit::SealedRecord sealed = audit::seal_record(as_bytes(json::serialize(record)), forbund.record);
  dump.entries.at(index).act_record = sealed.ciphertext;
  change_entry(dump, keys, index,
               {[&](UtcTime&, audit::ActPart& part, auto&) { part.record = sealed.commitment; }, {}, 0});
  return dump;
}

}  // namespace flikvakt::service::test
