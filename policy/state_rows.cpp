#include "policy/state.h"

namespace flikvakt::policy {
namespace {

// SPEC ROW-2: the key bytes of a row.
template <class Tag>
Bytes key_bytes(const Id<Tag>& id) {
  return to_bytes(id.value());
}
template <std::size_t N>
Bytes key_bytes(const ByteArray<N>& value) {
  return to_bytes(value);
}
Bytes key_bytes(const std::string& text) { return to_bytes(as_bytes(text)); }
template <class A, class B>
Bytes key_bytes(const std::pair<A, B>& pair) {
  Bytes out = key_bytes(pair.first);
  const Bytes second = key_bytes(pair.second);
  out.insert(out.end(), second.begin(), second.end());
  return out;
}

}  // namespace

template <class T>
RowId row_id_of(const typename T::Key& key) {
  return {T::kTable, key_bytes(key)};
}

template RowId row_id_of<Organisation>(const Organisation::Key&);
template RowId row_id_of<Unit>(const Unit::Key&);
template RowId row_id_of<Staff>(const Staff::Key&);
template RowId row_id_of<Team>(const Team::Key&);
template RowId row_id_of<RosterEntry>(const RosterEntry::Key&);
template RowId row_id_of<FlikType>(const FlikType::Key&);
template RowId row_id_of<Authorisation>(const Authorisation::Key&);
template RowId row_id_of<Certificate>(const Certificate::Key&);
template RowId row_id_of<Issuer>(const Issuer::Key&);
template RowId row_id_of<AssertionKey>(const AssertionKey::Key&);
template RowId row_id_of<Administrator>(const Administrator::Key&);
template RowId row_id_of<Proposal>(const Proposal::Key&);
template RowId row_id_of<KeyRow>(const KeyRow::Key&);
template RowId row_id_of<Receipt>(const Receipt::Key&);
template RowId row_id_of<Instance>(const Instance::Key&);
template RowId row_id_of<Person>(const Person::Key&);
template RowId row_id_of<BlindIndexRow>(const BlindIndexRow::Key&);
template RowId row_id_of<DeviceKey>(const DeviceKey::Key&);
template RowId row_id_of<Fullmakt>(const Fullmakt::Key&);
template RowId row_id_of<Sparr>(const Sparr::Key&);
template RowId row_id_of<Kontrakt>(const Kontrakt::Key&);
template RowId row_id_of<Case>(const Case::Key&);
template RowId row_id_of<Document>(const Document::Key&);
template RowId row_id_of<Deposit>(const Deposit::Key&);
template RowId row_id_of<Flik>(const Flik::Key&);
template RowId row_id_of<Reading>(const Reading::Key&);
template RowId row_id_of<FullmaktTemplate>(const FullmaktTemplate::Key&);
template RowId row_id_of<AccessRequest>(const AccessRequest::Key&);
template RowId row_id_of<EraseOrder>(const EraseOrder::Key&);
template RowId row_id_of<Notice>(const Notice::Key&);
template RowId row_id_of<Representative>(const Representative::Key&);
template RowId row_id_of<Retention>(const Retention::Key&);
template RowId row_id_of<Pruning>(const Pruning::Key&);
template RowId row_id_of<LogKey>(const LogKey::Key&);
template RowId row_id_of<OidcIssuer>(const OidcIssuer::Key&);
template RowId row_id_of<StaffKey>(const StaffKey::Key&);
template RowId row_id_of<Review>(const Review::Key&);
template RowId row_id_of<ProviderEntry>(const ProviderEntry::Key&);
template RowId row_id_of<Connector>(const Connector::Key&);
template RowId row_id_of<SourceRequest>(const SourceRequest::Key&);
template RowId row_id_of<PartitionRule>(const PartitionRule::Key&);

RowId row_id(const Row& row) {
  return visit([]<class T>(const T& one) { return row_id_of<T>(one.key()); }, row);
}

json::value row_body(const Row& row) {
  return visit([](const auto& one) { return to_json(one); }, row);
}

Result<Row> parse_row(std::uint16_t table, const json::value& body) {
  Result<Row> out = fail(ErrorCode::corrupt, "reading a state row: table " + std::to_string(table) + " is not known");
  auto parse_as_row = [&]<class T>(std::type_identity<T>) {
    if (T::kTable != table) return;
    Result<T> parsed = from_json<T>(body);
    if (parsed)
      out = Row(std::move(*parsed));
    else
      out = fail(ErrorCode::corrupt, "reading a row of table " + std::to_string(table) + ": " + parsed.error().message);
  };
  [&]<class... T>(std::type_identity<boost::variant2::variant<T...>>) {
    (parse_as_row(std::type_identity<T>{}), ...);
  }(std::type_identity<RowVariant>{});
  return out;
}

std::optional<PersonId> owner_of(const Row& row) {
  return visit(
      []<class T>(const T& one) -> std::optional<PersonId> {
        if constexpr (std::is_same_v<T, Person>)
          return one.id;
        else if constexpr (std::is_same_v<T, AccessRequest> || std::is_same_v<T, SourceRequest>)
          return one.person.is_none() ? std::nullopt : std::optional(one.person);
        else if constexpr (requires { one.person; })
          return one.person;
        else
          return std::nullopt;
      },
      row);
}

}  // namespace flikvakt::policy
