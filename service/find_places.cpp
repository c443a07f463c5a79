#include "service/find_places.h"

#include <future>
#include <thread>

#include "service/log_reader.h"

namespace flikvakt::service {
namespace {

using Tail = std::unordered_map<audit::PersonTag, std::uint64_t, policy::KeyHash>;  // index by tag
using Found = std::vector<std::pair<PersonId, Places::Place>>;

Error locked(std::string why) { return fail(ErrorCode::corrupt, "the gateway is locked: " + std::move(why)); }

// The newest entries, from the first that the stored places may lack. That they are those of the log is shown by the
// root over what is before them and themselves.
Result<Tail> read_tail(const Durable& durable, const audit::Head& head, std::uint64_t from) {
  Tail out;
  const std::uint64_t tile_begins = from - from % audit::kTileHashes;
  audit::Tree tree = TRY(audit::Tree::restore(tile_begins, {}, tiles_of(durable.rows)));
  TRY_VOID(durable.rows.for_each_entry(tile_begins, head.size, [&](const store::EntryRowView& entry) -> Result<void> {
    tree.append(crypto::leaf_hash(entry.leaf));
    if (entry.index >= from) out.emplace(TRY(audit::decode_leaf(entry.leaf)).person_tag, entry.index);
    return {};
  }));
  if (tree.pending_root() != head.root) return locked("the newest entries are not those that the head says");
  return out;
}

// What the log has of one person beyond the place that is known.
Result<std::optional<Places::Place>> later_place(const KeyRing& keys, const std::string& origin,
                                                 const policy::Person& person, const Places::Place* known,
                                                 const Tail& tail) {
  const crypto::PersonLogKey key = TRY(keys.person_log_key(person.log_key_id));
  const audit::PersonTagKey tags(key);
  Places::Place out = known ? *known : Places::Place{};
  auto found = tail.find(tags.tag(out.count));
  if (found == tail.end()) return std::optional<Places::Place>();
  const audit::PersonChainKey chain(key, origin);
  audit::ChainEnd end = chain.open_end(out.count, out.end);
  for (; found != tail.end(); found = tail.find(tags.tag(out.count))) {
    if (out.count > 0 && found->second <= end.newest) return fail(ErrorCode::corrupt, "its tags are in disorder");
    out.end = chain.append(end, found->second).sealed;
    out.count = end.count;
  }
  return std::optional(out);
}

Result<Found> later_places(const Durable& durable, const Recovered& recovered,
                           std::span<const policy::Person* const> people, const Tail& tail) {
  Found out;
  for (const policy::Person* person : people) {
    const Places::Place* known = recovered.places.find(person->id);
    auto place = later_place(durable.keys, recovered.origin, *person, known, tail);
    if (!place) return locked("the log entries of a person: " + place.error().message);
    if (*place) out.emplace_back(person->id, **place);
  }
  return out;
}

// Everybody's next tag is looked for. On all cores: a key to unwrap and two hashes each.
Result<Found> find_later_places(const Durable& durable, const Recovered& recovered, const Tail& tail) {
  std::vector<const policy::Person*> people;
  for (const auto& [id, person] : recovered.state.all<policy::Person>()) people.push_back(&person);
  const std::size_t share = people.size() / std::max(1u, std::thread::hardware_concurrency()) + 1;
  std::vector<std::future<Result<Found>>> parts;
  for (std::size_t from = 0; from < people.size(); from += share) {
    const auto part = std::span(people).subspan(from, std::min(share, people.size() - from));
    parts.push_back(std::async(std::launch::async, [&, part] { return later_places(durable, recovered, part, tail); }));
  }
  Found out;
  for (std::future<Result<Found>>& part : parts) {
    Found found = TRY(part.get());
    out.insert(out.end(), found.begin(), found.end());
  }
  return out;
}

}  // namespace

Result<void> find_places(const Durable& durable, const audit::Head& head, Recovered& recovered) {
  Places& places = recovered.places;
  bool is_of_nobody = false;
  places.for_each([&](const PersonId& person, const Places::Place&) {
    is_of_nobody |= recovered.state.find<policy::Person>(person) == nullptr;
  });
  if (is_of_nobody) return locked("there is a place of somebody who is not there");
  const std::uint64_t from = places.complete_to();
  if (from > head.size) return locked("places are of more entries than there are");
  Found found;
  if (from < head.size) {
    const Tail tail = TRY(read_tail(durable, head, from));
    found = TRY(find_later_places(durable, recovered, tail));
  }
  places.start(found, head.size);
  return {};
}

}  // namespace flikvakt::service
