#include "service/row_seal.h"

namespace flikvakt::service {
namespace {

constexpr std::uint8_t kBodyVersion = 1;
constexpr std::size_t kBodyHead = 1 + 16;  // version, owner (zeros: the registry)

crypto::AssociatedData binding(std::uint16_t table, BytesView id, std::uint64_t version, const PersonId& owner) {
  return crypto::AssociatedData(crypto::labels::kStateRow).number(table).field(id).number(version).id(owner);
}

Result<policy::Row> row_from(std::uint16_t table, BytesView id, std::string_view text) {
  policy::Row out = TRY(policy::parse_row(table, TRY(parse_json(text))));
  const policy::RowId own = policy::row_id(out);
  if (own.table != table || !std::ranges::equal(own.key, id)) {
    return fail(ErrorCode::corrupt, "a state row lies under another row's id");
  }
  return out;
}

// A row that start-up cannot read, or reads as another, would lock the gateway: such a one is never made durable.
Result<void> check_readable(const policy::RowId& id, const std::string& text) {
  const Result<policy::Row> again = row_from(id.table, id.key, text);
  if (again && to_text(policy::row_body(*again)) == text) return {};
  return fail(ErrorCode::internal, "a row of table " + std::to_string(id.table) + " could not be read back");
}

}  // namespace

Result<std::optional<PersonId>> sealed_owner(BytesView body) {
  ByteReader reader(body);
  if (reader.u8() != kBodyVersion) return fail(ErrorCode::corrupt, "a state row has an unknown form");
  const PersonId owner(reader.array<16>());
  if (!reader.ok()) return fail(ErrorCode::corrupt, "a state row is too short");
  return owner.is_none() ? std::nullopt : std::optional(owner);
}

Bytes digest_element(std::uint16_t table, BytesView id, std::uint64_t version, BytesView body) {
  ByteWriter out;
  out.u16(table).u16(static_cast<std::uint16_t>(id.size())).bytes(id).u64(version).bytes(body);
  return std::move(out).take();
}

Result<crypto::AeadKey*> RowSealer::key_of(const std::optional<PersonId>& owner) {
  if (!owner) return &registry_;
  if (auto found = by_person_.find(*owner); found != by_person_.end()) {
    recent_.splice(recent_.begin(), recent_, found->second);
    return &found->second->key;
  }
  const crypto::PersonKey person_key = TRY(keys_.person_key(*owner));
  recent_.push_front({*owner, crypto::AeadKey(crypto::derive_person_state_key(person_key, *owner))});
  by_person_[*owner] = recent_.begin();
  if (recent_.size() > kept_people_) {
    by_person_.erase(recent_.back().person);
    recent_.pop_back();
  }
  return &recent_.front().key;
}

void RowSealer::forget(const PersonId& person) {
  auto found = by_person_.find(person);
  if (found == by_person_.end()) return;
  recent_.erase(found->second);
  by_person_.erase(found);
}

Result<store::StateRow> RowSealer::seal(const policy::Row& row, std::uint64_t version) {
  const policy::RowId id = policy::row_id(row);
  const std::optional<PersonId> owner = policy::owner_of(row);
  crypto::AeadKey* key = TRY(key_of(owner));
  const std::string text = to_text(policy::row_body(row));
  TRY_VOID(check_readable(id, text));

  return seal_under(*key, owner.value_or(PersonId()), id.table, id.key, version, as_bytes(text));
}

store::StateRow RowSealer::seal_own(std::uint16_t table, Bytes id, std::uint64_t version, BytesView plaintext) {
  return seal_under(registry_, PersonId(), table, std::move(id), version, plaintext);
}

store::StateRow RowSealer::seal_under(crypto::AeadKey& key, const PersonId& owner_or_none, std::uint16_t table,
                                      Bytes id, std::uint64_t version, BytesView plaintext) {
  store::StateRow out{table, std::move(id), version, {}};
  out.body.resize(kBodyHead + plaintext.size() + crypto::kSealOverheadBytes);
  out.body[0] = kBodyVersion;
  std::copy(owner_or_none.value().begin(), owner_or_none.value().end(), out.body.begin() + 1);
  key.seal_into(binding(table, out.id, version, owner_or_none), plaintext, std::span(out.body).subspan(kBodyHead));
  return out;
}

Result<Bytes> RowSealer::open_own(const store::StateRowView& row) {
  if (TRY(sealed_owner(row.body))) return fail(ErrorCode::corrupt, "a row of the gateway's own has an owner");
  return registry_.open(binding(row.table, row.id, row.version, PersonId()), row.body.subspan(kBodyHead));
}

Result<policy::Row> RowSealer::open(const store::StateRowView& row) {
  const std::optional<PersonId> owner = TRY(sealed_owner(row.body));
  crypto::AeadKey* key = TRY(key_of(owner));
  const crypto::AssociatedData ad = binding(row.table, row.id, row.version, owner.value_or(PersonId()));
  const Bytes text = TRY(key->open(ad, row.body.subspan(kBodyHead)));
  return row_from(row.table, row.id, as_text(text));
}

}  // namespace flikvakt::service
