#include "service/log_walk.h"

#include <algorithm>

#include "crypto/hash.h"

namespace flikvakt::service {
namespace {

using crypto::Hash256;

constexpr std::size_t kTileHashes = 256;  // SPEC CHK-8

Hash256 parent(const Hash256& left, const Hash256& right) { return crypto::sha256(ByteArray<1>{0x01}, left, right); }

Hash256 root_of(std::span<const Hash256> hashes) {  // of a full tile: a power of two
  if (hashes.size() == 1) return hashes.front();
  const std::size_t half = hashes.size() / 2;
  return parent(root_of(hashes.first(half)), root_of(hashes.subspan(half)));
}

std::uint64_t first_bytes(const audit::PersonTag& tag) { return ByteReader(tag).u64(); }

// The same act, whichever of its entries says so.
bool is_same(audit::ActPart a, const audit::ActPart& b) {
  a.record = b.record;
  return a == b;
}

}  // namespace

Result<OrderedPruning> read_pruning(const store::Rows& rows, const policy::Pruning& ordered) {
  OrderedPruning out;
  out.size = ordered.size;
  out.kept = TRY(policy::EntrySet::decode(ordered.kept));
  out.before = std::min(ordered.before, ordered.decided - policy::kLeastRetention);
  const std::optional<Bytes> cursor = TRY(rows.meta(store::kPrunedTo));
  ByteReader in(cursor ? BytesView(*cursor) : BytesView());
  const std::uint64_t of = in.u64();
  const std::uint64_t done_to = in.u64();
  if (in.done() && of == ordered.size) out.done_to = done_to;
  return out;
}

void Findings::add(std::string what) {
  if (kept_.size() < kMost)
    kept_.push_back(std::move(what));
  else
    ++left_out_;
}

std::vector<std::string> Findings::take() {
  if (left_out_ > 0) kept_.push_back("and " + std::to_string(left_out_) + " more");
  return std::move(kept_);
}

void PlainTree::add(BytesView leaf) {
  Hash256 hash = crypto::sha256(ByteArray<1>{0x00}, leaf);
  for (std::uint64_t left = size_; left % 2 == 1; left /= 2) {
    hash = parent(perfect_.back(), hash);
    perfect_.pop_back();
  }
  perfect_.push_back(hash);
  ++size_;
}

Hash256 PlainTree::root() const {
  if (perfect_.empty()) return crypto::sha256();
  Hash256 out = perfect_.back();
  for (auto left = perfect_.rbegin() + 1; left != perfect_.rend(); ++left) out = parent(*left, out);
  return out;
}

LogWalk::LogWalk(const store::Rows& rows, const KeyRing& keys, const std::string& origin, const StoredPlaces& places,
                 Findings& findings)
    : rows_(rows), findings_(findings), forbund_(keys.forbund_log()), keys_(keys), origin_(origin), places_(places) {
  // Each group says what was so at its own time, or has not changed until all were complete.
  for (std::uint32_t group = 0; group < kPlaceGroups; ++group) {
    const auto at = places_.as_of.find(group);
    groups_due_.emplace(std::max(at == places_.as_of.end() ? 0 : at->second, places_.complete_to), group);
  }
}

Result<void> LogWalk::know(const PersonId& person, const KeyId& log_key) {
  Result<crypto::PersonLogKey> key = keys_.person_log_key(log_key);
  if (!key) return key.error();
  const auto info = crypto::AssociatedData(crypto::labels::kLogChainKey).field(as_bytes(origin_));
  auto [known, fresh] = people_.emplace(
      person, Known{audit::PersonEntryKeys(*key), crypto::hkdf_sha256(key->expose(), {}, info.encoded()), 0, {}, {}});
  if (fresh) expected_.emplace(known->second.keys.tag(0), person);
  return {};
}

Result<void> LogWalk::walk(const std::function<void(LoggedAct)>& act,
                           const std::function<void(const PlainTree&)>& at_size) {
  on_act_ = &act;
  const std::uint64_t count = TRY(rows_.entry_count());
  TRY_VOID(rows_.for_each_entry(0, count, [&](const store::EntryRowView& row) -> Result<void> {
    if (stop_ == row.index) end_act();
    at_size(tree_);
    check_places();
    return read(row);
  }));
  if (stop_ == tree_.size()) end_act();
  at_size(tree_);
  check_places();
  if (!groups_due_.empty()) findings_.add("a row of places is of more entries than there are");
  end_act();
  check_ends();
  return {};
}

Result<void> LogWalk::walk_to(std::uint64_t size, const std::function<void(LoggedAct)>& act,
                              const std::function<Result<void>()>& between) {
  constexpr std::uint64_t kEntriesAtOnce = 16'384;
  on_act_ = &act;
  while (tree_.size() < size) {
    const std::uint64_t end = std::min(size, tree_.size() + kEntriesAtOnce);
    TRY_VOID(rows_.for_each_entry(tree_.size(), end, [&](const store::EntryRowView& row) { return read(row); }));
    if (tree_.size() < end) return fail(ErrorCode::corrupt, "the log ends before entry " + std::to_string(size));
    if (end < size) TRY_VOID(between());
  }
  end_act();
  return {};
}

// SPEC LVR-2
Result<void> LogWalk::read(const store::EntryRowView& row) {
  const std::uint64_t index = row.index;
  tree_.add(row.leaf);
  TRY_VOID(check_tiles(crypto::sha256(ByteArray<1>{0x00}, row.leaf)));
  const Result<audit::Leaf> leaf = audit::decode_leaf(row.leaf);
  if (!leaf) return findings_.at(index, leaf.error().message), Result<void>();
  if (leaf->time < last_time_) findings_.at(index, "its time is before that of the entry before");  // SPEC LVR-3
  last_time_ = leaf->time;
  if (latest_ && leaf->time > *latest_) {  // SPEC LVR-3
    findings_.at(index, "its time is more than a day ahead of the clock here");
    latest_.reset();  // said once
  }
  PersonId id;
  Known* person = person_of(leaf->person_tag, id);
  if (person)
    check_link(row, *person);
  else
    ++closed_;
  if (row.is_bare()) return check_bare(index, leaf->time);
  check_whole(index);
  if (row.act.size() != audit::kActCiphertextBytes || row.person.size() != audit::kPersonCiphertextBytes) {
    findings_.at(index, "a part is not of the size that all have");
  }
  if (crypto::sha256(row.person) != leaf->person_ciphertext_hash) {
    findings_.at(index, "its person part is not the one that the leaf speaks of");
  }
  const auto act = audit::open_act(*leaf, row.act, forbund_);
  if (!act) return findings_.at(index, "its act part: " + act.error().message), Result<void>();

  audit::Leaf rebuilt = *leaf;
  rebuilt.act_commitment = audit::commit_to(act->opener, act->part);
  rebuilt.act_ciphertext_hash = crypto::sha256(row.act);
  OpenedEntry entry{index, {}, {}, false};
  if (person) {
    const auto about = audit::open_person(*leaf, row.person, person->keys);
    if (!about) return findings_.at(index, "its person part: " + about.error().message), Result<void>();
    if (about->part.person != id) findings_.at(index, "it carries another person's tag");
    rebuilt.person_commitment = audit::commit_to(about->opener, about->part);
    entry.about = about->part;
  }
  if (!std::ranges::equal(audit::encode_leaf(rebuilt), row.leaf)) {
    findings_.at(index, "its leaf is not made of its parts");
  }
  TRY_VOID(open_record(entry, act->part, person));
  join(std::move(entry), act->part, leaf->time);
  return {};
}

// SPEC LVR-4: the tags of a person's entries come in order, none left out.
LogWalk::Known* LogWalk::person_of(const audit::PersonTag& tag, PersonId& id) {
  auto found = expected_.find(tag);
  if (found == expected_.end()) return of_nobody_.push_back(first_bytes(tag)), nullptr;
  id = found->second;
  expected_.erase(found);
  Known& person = people_.at(id);
  ++person.next;
  expected_.emplace(person.keys.tag(person.next), id);
  return &person;
}

// SPEC LVR-21: the links are told once more here, from the entries themselves.
void LogWalk::check_link(const store::EntryRowView& row, Known& person) {
  const std::uint64_t number = person.next - 1;  // of this entry
  std::map<std::uint64_t, std::uint64_t>& indexes = person.indexes;
  const auto index_of = [&](std::uint64_t stride) {
    return number % stride == 0 && number >= stride ? indexes.at(number - stride) : 0;
  };
  const std::uint64_t further = number % 4096 == 0 ? index_of(4096) : index_of(64);
  ByteWriter plain;
  const auto write = [&](std::uint64_t one) {
    plain.u16(static_cast<std::uint16_t>(one >> 32)).u32(static_cast<std::uint32_t>(one));
  };
  write(index_of(1));
  write(further);
  if (number > 0 && (number - 1) % 64 != 0) indexes.erase(number - 1);
  if (number % 4096 == 0) std::erase_if(indexes, [&](const auto& one) { return one.first % 4096 != 0; });
  indexes[number] = row.index;
  write(row.index);
  write(indexes.at(number - number % 64));
  write(indexes.at(number - number % 4096));
  ByteWriter counted;
  const Hash256 mask = crypto::hmac_sha256(person.chain_key.expose(), counted.u64(number).view());
  Bytes masked = plain.view();
  for (std::size_t i = 0; i < masked.size(); ++i) masked[i] ^= mask[i];
  const BytesView link = BytesView(masked).first(12);
  if (!std::ranges::equal(link, row.link)) findings_.at(row.index, "its link does not lead to the entry before");
  std::ranges::copy(BytesView(masked).subspan(12), person.end.begin());
}

// SPEC LVR-22
void LogWalk::check_places() {
  const auto [begin, end] = groups_due_.equal_range(tree_.size());
  for (auto due = begin; due != end; ++due) check_group(due->second);
  groups_due_.erase(begin, end);
}

void LogWalk::check_group(std::uint32_t group) {
  const auto is_in = [&](const PersonId& id) { return (id.value()[0] << 8 | id.value()[1]) >> 6 == int(group); };
  ByteArray<16> lowest{static_cast<std::uint8_t>(group >> 2), static_cast<std::uint8_t>(group << 6)};
  for (auto at = people_.lower_bound(PersonId(lowest)); at != people_.end() && is_in(at->first); ++at) {
    const auto place = places_.places.find(at->first);
    const bool is_stored = place != places_.places.end();
    const Known& person = at->second;
    if (is_stored ? place->second.count == person.next && place->second.end == person.end : person.next == 0) continue;
    findings_.add("a person's place is not where their newest entry was when it was stored");
  }
}

// SPEC LVR-23
Result<void> LogWalk::check_bare(std::uint64_t index, UtcTime time) {
  ++pruned_;
  const bool is_ordered =
      pruning_ && index < pruning_->size && time < pruning_->before && !pruning_->kept.contains(index);
  if (!is_ordered) findings_.at(index, "its parts are missing, and no pruning ordered that");
  if (TRY(rows_.act_record(index))) findings_.at(index, "its parts are missing, and its act record is there");
  return {};
}

// SPEC LVR-24
void LogWalk::check_whole(std::uint64_t index) {
  const bool is_late = pruning_ && index < pruning_->done_to && !pruning_->kept.contains(index);
  if (is_late) findings_.at(index, "it was to be pruned, and is whole");
}

// SPEC LVR-5
Result<void> LogWalk::open_record(OpenedEntry& entry, const audit::ActPart& act, Known* person) {
  const std::optional<Bytes> stored = TRY(rows_.act_record(entry.index));
  const bool is_named = act.record != ByteArray<32>{};
  if (!stored && !is_named) return {};
  if (!stored) return findings_.at(entry.index, "its act record is missing"), Result<void>();
  if (!is_named) return findings_.at(entry.index, "it has an act record that it does not speak of"), Result<void>();
  const Result<Bytes> text = audit::open_record(act.record, *stored, person ? person->keys.record : forbund_.record);
  if (!text && !person) {  // an erased person's, or a changed one: whoever knows of erasures decides
    entry.is_record_closed = true;
    last_closed_record_ = entry.index;
    return {};
  }
  if (!text) return findings_.at(entry.index, "its act record: " + text.error().message), Result<void>();
  const Result<json::value> value = parse_json(as_text(*text));
  if (value && value->is_object())
    entry.record = value->get_object();
  else
    findings_.at(entry.index, "its act record is no JSON object");
  return {};
}

// Entries of one act follow each other; a person is in it once.
void LogWalk::join(OpenedEntry entry, const audit::ActPart& act, UtcTime time) {
  auto belongs = [&] {
    if (current_.entries.empty() || !is_same(current_.act, act) || current_.time != time) return false;
    return std::ranges::none_of(current_.entries, [&](const OpenedEntry& other) {
      if (!entry.about || !other.about) return false;
      return other.about->person == entry.about->person || other.about->actor != entry.about->actor;
    });
  };
  if (!belongs()) {
    end_act();
    current_ = LoggedAct{entry.index, time, act, {}};
  }
  current_.entries.push_back(std::move(entry));
}

void LogWalk::end_act() {
  if (!current_.entries.empty()) (*on_act_)(std::move(current_));
  current_ = {};
}

// SPEC LVR-1: what proofs are made from is checked too.
Result<void> LogWalk::check_tiles(const Hash256& leaf_hash) {
  Hash256 hash = leaf_hash;
  for (std::size_t level = 0;; ++level) {
    if (tiles_.size() == level) {
      tiles_.emplace_back();
      tile_numbers_.push_back(0);
    }
    std::vector<Hash256>& tile = tiles_[level];
    tile.push_back(hash);
    if (tile.size() < kTileHashes) return {};
    const std::optional<Bytes> stored = TRY(rows_.tile(static_cast<std::uint8_t>(level), tile_numbers_[level]++));
    Bytes expected;
    for (const Hash256& one : tile) expected.insert(expected.end(), one.begin(), one.end());
    if (!stored || *stored != expected) findings_.add("a tile of the log is not made of its entries");
    hash = root_of(tile);
    tile.clear();
  }
}

void LogWalk::check_ends() {
  constexpr std::uint64_t kLookAhead = 16;
  std::ranges::sort(of_nobody_);
  for (const auto& [id, person] : people_) {
    for (std::uint64_t ahead = 1; ahead <= kLookAhead; ++ahead) {
      const audit::PersonTag later = person.keys.tag(person.next + ahead);
      if (!std::ranges::binary_search(of_nobody_, first_bytes(later))) continue;
      findings_.add("entry " + std::to_string(person.next) + " of a person is missing, though later ones are there");
      break;
    }
  }
}

}  // namespace flikvakt::service
