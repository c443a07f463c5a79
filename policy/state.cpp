#include "policy/state.h"

#include <algorithm>

namespace flikvakt::policy {
namespace {

template <class Groups, class Owner>
const auto& group(const Groups& groups, const Owner& owner) {
  static const typename Groups::mapped_type kNone;
  auto found = groups.find(owner);
  return found == groups.end() ? kNone : found->second;
}

// When ExpireDue has something to do with a row; nullopt: never.
template <class T>
std::optional<UtcTime> due_time(const T&) {
  return std::nullopt;
}
std::optional<UtcTime> due_time(const Proposal& row) { return row.expires; }
std::optional<UtcTime> due_time(const Receipt& row) { return row.expires; }
std::optional<UtcTime> due_time(const Deposit& row) { return row.expires; }
std::optional<UtcTime> due_time(const DeviceKey& row) {
  if (row.status != DeviceKeyStatus::proposed) return std::nullopt;
  return row.confirm_before;
}
std::optional<UtcTime> due_time(const Fullmakt& row) {
  const auto status = row.status;
  const bool runs =
      status == FullmaktStatus::active || status == FullmaktStatus::paused || status == FullmaktStatus::exhausted;
  if (!runs) return std::nullopt;
  return row.terms.valid_to;
}
std::optional<UtcTime> due_time(const AccessRequest& row) { return row.expires; }
std::optional<UtcTime> due_time(const SourceRequest& row) { return row.expires; }
std::optional<UtcTime> due_time(const Review& row) { return row.noted + kReviewStays; }
std::optional<UtcTime> due_time(const Sparr& row) { return row.in_force ? row.terms.until : std::nullopt; }
std::optional<UtcTime> due_time(const Kontrakt& row) {
  if (row.standing == Standing::removed || row.parts.empty()) return std::nullopt;
  return std::ranges::max(row.parts, {}, &KontraktPart::valid_to).valid_to;
}

// Staff and units that may receive by a fullmakt which stands.
std::vector<Recipient> named_by(const Fullmakt& row) {
  const bool stands = row.status == FullmaktStatus::active || row.status == FullmaktStatus::paused;
  std::vector<Recipient> out;
  for (const Recipient& one : row.terms.recipients) {
    const bool is_few = one.kind == RecipientKind::staff || one.kind == RecipientKind::unit;
    if (stands && is_few) out.push_back(one);
  }
  return out;
}

std::set<OrganisationId> performing(const Kontrakt& row) {
  std::set<OrganisationId> out;
  if (row.standing != Standing::active) return out;
  for (const KontraktPart& part : row.parts) out.insert(part.provider);
  return out;
}

}  // namespace

// How a row enters and leaves the indexes. `change` is Enter or Leave, so that the two can never name different groups.
struct StateIndexing {
  using Indexes = State::Indexes;

  struct Enter {
    template <class Groups, class Owner, class Member>
    void operator()(Groups& groups, const Owner& owner, const Member& member) const {
      groups[owner].insert(member);
    }
    void at(Indexes& in, UtcTime time, RowId id) const { in.due.emplace(time, std::move(id)); }
  };
  struct Leave {
    template <class Groups, class Owner, class Member>
    void operator()(Groups& groups, const Owner& owner, const Member& member) const {
      auto found = groups.find(owner);
      if (found == groups.end()) return;
      found->second.erase(member);
      if (found->second.empty()) groups.erase(found);
    }
    void at(Indexes& in, UtcTime time, RowId id) const { in.due.erase({time, std::move(id)}); }
  };

  template <class Change, class T>
  static void apply(Indexes& in, const T& row) {
    const Change change;
    if constexpr (std::is_same_v<T, Fullmakt>) {
      change(in.fullmakter, row.person, row.id);
      for (const Recipient& one : named_by(row)) change(in.naming, one, row.id);
    }
    if constexpr (std::is_same_v<T, Sparr>) change(in.sparrar, row.person, row.id);
    if constexpr (std::is_same_v<T, Document>) change(in.documents, row.person, row.id);
    if constexpr (std::is_same_v<T, Kontrakt>) {
      change(in.kontrakt, row.person, row.id);
      for (const OrganisationId& one : performing(row)) change(in.kontrakt_with, one, row.id);
    }
    if constexpr (std::is_same_v<T, DeviceKey>) change(in.keys, row.person, row.thumbprint);
    if constexpr (std::is_same_v<T, Authorisation>) change(in.authorisations, row.organisation, row.id);
    if constexpr (std::is_same_v<T, Case>) {
      change(in.cases, row.person, row.id);
      change(in.team_cases, row.team, row.id);
    }
    if constexpr (std::is_same_v<T, AccessRequest>) {
      if (!row.person.is_none()) change(in.requests_to, row.person, row.id);
      change(in.requests_of, row.organisation, row.id);
      change(in.requests_by, row.staff, row.id);
    }
    if constexpr (std::is_same_v<T, SourceRequest>) {
      change(in.source_requests_by, row.organisation, row.id);
      change(in.source_requests_at, row.source, row.id);
    }
    if constexpr (std::is_same_v<T, Notice>) change(in.notices, row.organisation, std::pair(row.changed, row.key()));
    if constexpr (std::is_same_v<T, EraseOrder>) change(in.erase_orders, row.provider, row.key());
    if constexpr (std::is_same_v<T, Representative>) {
      change(in.representatives, row.person, row.id);
      change(in.represented, row.representative, row.id);
    }
    if constexpr (std::is_same_v<T, RosterEntry>) {
      change(in.rosters, row.team, row.staff);
      change(in.teams, row.staff, row.team);
    }
    if (auto time = due_time(row)) change.at(in, *time, row_id_of<T>(row.key()));
  }

  template <class T>
  static std::optional<Row> put(State& state, T row) {
    auto& table = std::get<Table<T>>(state.tables_);
    auto found = table.find(row.key());
    if (found == table.end()) {
      apply<Enter>(state.indexes_, row);
      auto key = row.key();
      table.emplace(std::move(key), std::move(row));
      return std::nullopt;
    }
    apply<Leave>(state.indexes_, found->second);
    apply<Enter>(state.indexes_, row);
    std::swap(found->second, row);
    return Row(std::move(row));
  }

  template <class T>
  static std::optional<Row> erase(State& state, typename Table<T>::iterator found) {
    apply<Leave>(state.indexes_, found->second);
    Row old = std::move(found->second);
    std::get<Table<T>>(state.tables_).erase(found);
    return old;
  }
};

std::optional<Row> State::put(Row row) {
  return visit([this](auto& one) { return StateIndexing::put(*this, std::move(one)); }, row);
}

namespace {

// The inverse of state_rows.cpp's key bytes.
template <class Tag>
bool read_key(BytesView bytes, Id<Tag>& out) {
  ByteReader in(bytes);
  out = Id<Tag>(in.array<16>());
  return in.done();
}
template <std::size_t N>
bool read_key(BytesView bytes, ByteArray<N>& out) {
  ByteReader in(bytes);
  out = in.array<N>();
  return in.done();
}
bool read_key(BytesView bytes, std::string& out) {
  out = as_text(bytes);
  return true;
}
template <class A, class B>
bool read_key(BytesView bytes, std::pair<A, B>& out) {
  return bytes.size() >= 16 && read_key(bytes.first(16), out.first) && read_key(bytes.subspan(16), out.second);
}

}  // namespace

std::optional<Row> State::erase(const RowId& id) {
  std::optional<Row> out;
  auto erase_from = [&]<class T>(std::type_identity<T>) {
    if (T::kTable != id.table) return;
    typename T::Key key;
    if (!read_key(id.key, key)) return;
    auto& table = std::get<Table<T>>(tables_);
    if (auto found = table.find(key); found != table.end()) out = StateIndexing::erase<T>(*this, found);
  };
  [&]<class... T>(std::type_identity<boost::variant2::variant<T...>>) {
    (erase_from(std::type_identity<T>{}), ...);
  }(std::type_identity<RowVariant>{});
  return out;
}

std::optional<Row> State::row(const RowId& id) const {
  std::optional<Row> out;
  auto look_in = [&]<class T>(std::type_identity<T>) {
    typename T::Key key;
    if (T::kTable != id.table || !read_key(id.key, key)) return;
    if (const T* found = find<T>(key)) out = *found;
  };
  [&]<class... T>(std::type_identity<boost::variant2::variant<T...>>) {
    (look_in(std::type_identity<T>{}), ...);
  }(std::type_identity<RowVariant>{});
  return out;
}

const Instance& State::instance() const {
  static const Instance kNone;
  const Instance* found = find<Instance>("instance");
  return found ? *found : kNone;
}

const Person* State::person_by(const BlindIndex& index) const {
  const BlindIndexRow* row = find<BlindIndexRow>(index);
  return row ? find<Person>(row->person) : nullptr;
}

const std::unordered_set<FullmaktId>& State::fullmakter_of(const PersonId& person) const {
  return group(indexes_.fullmakter, person);
}
const std::unordered_set<SparrId>& State::sparrar_of(const PersonId& person) const {
  return group(indexes_.sparrar, person);
}
const std::unordered_set<DocumentId>& State::documents_of(const PersonId& person) const {
  return group(indexes_.documents, person);
}
const std::unordered_set<CaseId>& State::cases_of(const PersonId& person) const {
  return group(indexes_.cases, person);
}
const std::unordered_set<KontraktId>& State::kontrakt_of(const PersonId& person) const {
  return group(indexes_.kontrakt, person);
}
const std::set<Fingerprint>& State::keys_of(const PersonId& person) const { return group(indexes_.keys, person); }
const std::unordered_set<AuthorisationId>& State::authorisations_of(const OrganisationId& organisation) const {
  return group(indexes_.authorisations, organisation);
}
const std::unordered_set<StaffId>& State::roster_of(const TeamId& team) const { return group(indexes_.rosters, team); }
const std::unordered_set<TeamId>& State::rosters_with(const StaffId& staff) const {
  return group(indexes_.teams, staff);
}
const std::unordered_set<CaseId>& State::cases_of_team(const TeamId& team) const {
  return group(indexes_.team_cases, team);
}

const std::unordered_set<RequestId>& State::requests_to(const PersonId& person) const {
  return group(indexes_.requests_to, person);
}
const std::unordered_set<RequestId>& State::requests_of(const OrganisationId& organisation) const {
  return group(indexes_.requests_of, organisation);
}
const std::unordered_set<RequestId>& State::requests_by(const StaffId& staff) const {
  return group(indexes_.requests_by, staff);
}
const std::unordered_set<RequestId>& State::source_requests_by(const OrganisationId& organisation) const {
  return group(indexes_.source_requests_by, organisation);
}
const std::unordered_set<RequestId>& State::source_requests_at(const OrganisationId& source) const {
  return group(indexes_.source_requests_at, source);
}
const std::set<std::pair<UtcTime, Notice::Key>>& State::notices_of(const OrganisationId& organisation) const {
  return group(indexes_.notices, organisation);
}
const std::set<EraseOrder::Key>& State::erase_orders_of(const OrganisationId& organisation) const {
  return group(indexes_.erase_orders, organisation);
}
const std::unordered_set<RepresentativeId>& State::representatives_of(const PersonId& person) const {
  return group(indexes_.representatives, person);
}
const std::unordered_set<RepresentativeId>& State::represented_by(const PersonId& person) const {
  return group(indexes_.represented, person);
}

const std::unordered_set<FullmaktId>& State::fullmakter_naming(const Recipient& recipient) const {
  return group(indexes_.naming, recipient);
}
const std::unordered_set<KontraktId>& State::kontrakt_with(const OrganisationId& provider) const {
  return group(indexes_.kontrakt_with, provider);
}

std::optional<UtcTime> State::next_due() const {
  if (indexes_.due.empty()) return std::nullopt;
  return indexes_.due.begin()->first;
}

std::vector<RowId> State::due(UtcTime now, std::size_t limit) const {
  std::vector<RowId> out;
  for (const auto& [time, id] : indexes_.due) {
    if (time > now || out.size() == limit) break;
    out.push_back(id);
  }
  return out;
}

bool same_state(const State& a, const State& b) {
  bool same = a.indexes_ == b.indexes_;
  auto compare = [&](const auto& left, const auto& right) {
    same = same && left.size() == right.size();
    for (const auto& [key, row] : left) {
      auto found = right.find(key);
      same = same && found != right.end() && row_body(Row(row)) == row_body(Row(found->second));
    }
  };
  [&]<std::size_t... I>(std::index_sequence<I...>) { (compare(std::get<I>(a.tables_), std::get<I>(b.tables_)), ...); }
  (std::make_index_sequence<std::tuple_size_v<decltype(a.tables_)>>{});
  return same;
}

}  // namespace flikvakt::policy
