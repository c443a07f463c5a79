#include "service/state_image.h"

#include "crypto/aead.h"

namespace flikvakt::service {
namespace {

constexpr std::uint16_t kTableOfOpenReadings = 43;
constexpr std::uint16_t kTableOfPlaces = 60;

// SPEC LVR-6: written here once more, so that a mistake of the writer's is not inherited.
class ImageReader {
public:
  ImageReader(const KeyRing& keys, Findings& findings) : keys_(keys), findings_(findings), registry_(keys.state()) {}

  Result<void> take(const store::StateRowView& stored) {
    ByteWriter element;
    element.u16(stored.table).u16(static_cast<std::uint16_t>(stored.id.size())).bytes(stored.id);
    element.u64(stored.version).bytes(stored.body);
    digest_.add(element.view());
    if (stored.table == kTableOfOpenReadings) return take_open_readings(stored);
    if (stored.table == kTableOfPlaces) {
      if (const Result<void> taken = take_places(stored); !taken) {
        findings_.add("a row of places: " + taken.error().message);
      }
      return {};
    }
    Result<StoredRow> opened = open(stored);
    if (opened) {
      image_.state.put(opened->row);
      image_.rows.emplace(policy::RowId{stored.table, to_bytes(stored.id)}, std::move(*opened));
    } else if (opened.error().code != ErrorCode::not_found) {
      findings_.add("a state row of table " + std::to_string(stored.table) + ": " + opened.error().message);
    }
    return {};
  }

  StateImage finish() && {
    image_.digest = digest_.digest();
    return std::move(image_);
  }

private:
  // SPEC ROW-7
  Result<void> take_open_readings(const store::StateRowView& stored) {
    const auto binding = crypto::AssociatedData(crypto::labels::kStateRow)
                             .number(stored.table)
                             .field(stored.id)
                             .number(stored.version)
                             .id(PersonId());
    ByteReader body(stored.body);
    const bool is_own = body.u8() == 1 && PersonId(body.array<16>()).is_none();
    const Result<Bytes> plain = registry_.open(binding, body.bytes(body.left()));
    if (!is_own || !plain || plain->empty())
      return findings_.add("a row of open readings does not open"), Result<void>();
    ByteReader key(stored.id);
    std::uint64_t least = key.u64();  // of the next entry
    bool makes_sense = key.done();
    for (ByteReader in(*plain); makes_sense && in.left() > 0;) {
      const std::uint64_t entry = in.u64();
      const PersonId person(in.array<16>());
      makes_sense =
          in.ok() && entry >= least && !person.is_none() && image_.open_readings.emplace(entry, person).second;
      least = entry + 1;
      if (makes_sense) key_of(person);  // counts those who have none
    }
    if (!makes_sense) findings_.add("a row of open readings makes no sense");
    return {};
  }

  // not_found: its owner has no key any more.
  Result<StoredRow> open(const store::StateRowView& stored) {
    ByteReader body(stored.body);
    if (body.u8() != 1) return fail(ErrorCode::corrupt, "unknown form");
    const PersonId owner(body.array<16>());
    if (!body.ok()) return fail(ErrorCode::corrupt, "too short");
    crypto::AeadKey* key = key_of(owner);
    if (!key) return fail(ErrorCode::not_found, "its owner has no key");
    const Bytes plain = TRY(key->open(binding(stored, owner), body.bytes(body.left())));
    StoredRow out{stored.version, {}, std::string(as_text(plain))};
    out.row = TRY(policy::parse_row(stored.table, TRY(parse_json(out.text))));
    const policy::RowId id = policy::row_id(out.row);
    const bool is_itself = id.table == stored.table && std::ranges::equal(id.key, stored.id) &&
                           policy::owner_of(out.row).value_or(PersonId()) == owner &&
                           to_text(policy::row_body(out.row)) == out.text;
    if (!is_itself) return fail(ErrorCode::corrupt, "it lies under another id or owner than it says");
    return out;
  }

  static crypto::AssociatedData binding(const store::StateRowView& stored, const PersonId& owner) {
    return crypto::AssociatedData(crypto::labels::kStateRow)
        .number(stored.table)
        .field(stored.id)
        .number(stored.version)
        .id(owner);
  }

  // SPEC LVR-22
  Result<void> take_places(const store::StateRowView& stored) {
    ByteReader body(stored.body);
    if (body.u8() != 1 || body.array<16>() != ByteArray<16>{}) return fail(ErrorCode::corrupt, "unknown form");
    const Bytes plain = TRY(registry_.open(binding(stored, PersonId()), body.bytes(body.left())));
    ByteReader in(plain);
    if (stored.id.empty()) {
      image_.places.complete_to = in.u64();
      return in.done() ? Result<void>() : fail(ErrorCode::corrupt, "wrong length");
    }
    ByteReader id(stored.id);
    const std::uint32_t group = id.u16();
    if (!id.done() || group >= kPlaceGroups) return fail(ErrorCode::corrupt, "unknown key");
    image_.places.as_of[group] = stored.version;
    for (PersonId last; in.left() > 0;) {
      const PersonId person(in.array<16>());
      const std::uint64_t count = in.u64();
      image_.places.places[person] = {count, in.array<18>()};
      const bool is_here = (person.value()[0] << 8 | person.value()[1]) >> 6 == static_cast<int>(group);
      if (!in.ok() || !is_here || count == 0 || person <= last)
        return fail(ErrorCode::corrupt, "its contents are not of its form");
      last = person;
    }
    return {};
  }

  crypto::AeadKey* key_of(const PersonId& owner) {
    if (owner.is_none()) return &registry_;
    if (image_.owners_without_key.contains(owner)) return nullptr;
    if (auto found = people_.find(owner); found != people_.end()) return &found->second;
    const Result<crypto::PersonKey> key = keys_.person_key(owner);
    if (!key) return image_.owners_without_key.insert(owner), nullptr;
    image_.owners.insert(owner);
    return &people_.emplace(owner, crypto::AeadKey(crypto::derive_person_state_key(*key, owner))).first->second;
  }

  const KeyRing& keys_;
  Findings& findings_;
  crypto::AeadKey registry_;
  std::map<PersonId, crypto::AeadKey> people_;
  crypto::LtHash digest_;
  StateImage image_;
};

}  // namespace

Result<StateImage> read_state_image(const store::Rows& rows, const KeyRing& keys, Findings& findings) {
  ImageReader reader(keys, findings);
  TRY_VOID(rows.for_each_state_row([&](const store::StateRowView& row) { return reader.take(row); }));
  return std::move(reader).finish();
}

}  // namespace flikvakt::service
