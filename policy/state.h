// The whole state as values with the indexes that the rules need. Filled from the state rows at start-up; afterwards
// only the sequencer changes it, through put() and erase(). Not thread-safe: one thread owns it.
#pragma once

#include <tuple>
#include <unordered_map>
#include <unordered_set>

#include "policy/decision.h"

namespace flikvakt::policy {

// Hash of a table key: ids and fingerprints are random, so any eight bytes serve; strings and pairs use what std has.
struct KeyHash {
  template <class Tag>
  std::size_t operator()(const Id<Tag>& id) const {
    return std::hash<Id<Tag>>{}(id);
  }
  std::size_t operator()(const std::string& text) const { return std::hash<std::string>{}(text); }
  template <std::size_t N>
  std::size_t operator()(const ByteArray<N>& bytes) const {
    std::size_t out;
    std::memcpy(&out, bytes.data(), sizeof out);
    return out;
  }
  template <class A, class B>
  std::size_t operator()(const std::pair<A, B>& pair) const {
    return (*this)(pair.first) * 0x9e3779b97f4a7c15u ^ (*this)(pair.second);
  }
};

template <class T>
using Table = std::unordered_map<typename T::Key, T, KeyHash>;

class State {
public:
  State();
  State(const State&);
  State(State&&) noexcept;
  State& operator=(const State&);
  State& operator=(State&&) noexcept;
  ~State();

  // Inserts or replaces; gives back what stood there, so that a batch that aborts can be undone.
  std::optional<Row> put(Row row);
  std::optional<Row> erase(const RowId& id);
  std::optional<Row> row(const RowId& id) const;  // a copy of what stands there

  // nullptr when there is none.
  template <class T>
  const T* find(const typename T::Key& key) const {
    const auto& table = std::get<Table<T>>(tables_);
    auto found = table.find(key);
    return found == table.end() ? nullptr : &found->second;
  }
  template <class T>
  const Table<T>& all() const {
    return std::get<Table<T>>(tables_);
  }

  const Instance& instance() const;  // a default one before init
  const Person* person_by(const BlindIndex& index) const;

  // Ids by person. Empty when there are none.
  const std::unordered_set<FullmaktId>& fullmakter_of(const PersonId& person) const;
  const std::unordered_set<SparrId>& sparrar_of(const PersonId& person) const;
  const std::unordered_set<DocumentId>& documents_of(const PersonId& person) const;
  const std::unordered_set<CaseId>& cases_of(const PersonId& person) const;
  const std::unordered_set<KontraktId>& kontrakt_of(const PersonId& person) const;
  const std::set<Fingerprint>& keys_of(const PersonId& person) const;
  const std::unordered_set<AuthorisationId>& authorisations_of(const OrganisationId& organisation) const;
  const std::unordered_set<StaffId>& roster_of(const TeamId& team) const;  // complete entries or not
  const std::unordered_set<TeamId>& rosters_with(const StaffId& staff) const;
  const std::unordered_set<CaseId>& cases_of_team(const TeamId& team) const;
  const std::unordered_set<RequestId>& requests_to(const PersonId& person) const;
  const std::unordered_set<RequestId>& requests_of(const OrganisationId& organisation) const;
  const std::unordered_set<RequestId>& requests_by(const StaffId& staff) const;
  const std::unordered_set<RequestId>& source_requests_by(const OrganisationId& organisation) const;
  const std::unordered_set<RequestId>& source_requests_at(const OrganisationId& source) const;
  // The earliest change first.
  const std::set<std::pair<UtcTime, Notice::Key>>& notices_of(const OrganisationId& organisation) const;
  const std::set<EraseOrder::Key>& erase_orders_of(const OrganisationId& organisation) const;
  const std::unordered_set<RepresentativeId>& representatives_of(const PersonId& person) const;
  const std::unordered_set<RepresentativeId>& represented_by(const PersonId& person) const;

  // Fullmakter, active or paused, that name a staff member or unit; of what names teams and organisations there is no
  // list: cases are a team's, and an organisation may have everybody's.
  const std::unordered_set<FullmaktId>& fullmakter_naming(const Recipient& recipient) const;
  // Active ones in which the provider has a part.
  const std::unordered_set<KontraktId>& kontrakt_with(const OrganisationId& provider) const;

  // The same rows and the same indexes? For tests of undo: bodies are compared as JSON, so it is slow.
  friend bool same_state(const State& a, const State& b);

  // Earliest time at which ExpireDue would do something; nullopt: never.
  std::optional<UtcTime> next_due() const;
  // Rows whose time has come at `now`, earliest first, at most `limit`.
  std::vector<RowId> due(UtcTime now, std::size_t limit) const;

private:
  template <class Owner, class Member>
  using Grouped = std::unordered_map<Owner, std::unordered_set<Member>>;
  friend struct StateIndexing;  // state.cpp

  // INVARIANT (indexes): a function of tables_ alone; put() and erase() keep it so, and drop groups that become empty.
  struct Indexes {
    Grouped<PersonId, FullmaktId> fullmakter;
    Grouped<PersonId, SparrId> sparrar;
    Grouped<PersonId, DocumentId> documents;
    Grouped<PersonId, CaseId> cases;
    Grouped<PersonId, KontraktId> kontrakt;
    std::unordered_map<PersonId, std::set<Fingerprint>> keys;
    Grouped<OrganisationId, AuthorisationId> authorisations;
    Grouped<TeamId, StaffId> rosters;
    Grouped<StaffId, TeamId> teams;
    Grouped<TeamId, CaseId> team_cases;
    Grouped<PersonId, RequestId> requests_to;
    Grouped<OrganisationId, RequestId> requests_of;
    Grouped<StaffId, RequestId> requests_by;
    Grouped<OrganisationId, RequestId> source_requests_by;
    Grouped<OrganisationId, RequestId> source_requests_at;
    std::unordered_map<OrganisationId, std::set<std::pair<UtcTime, Notice::Key>>> notices;
    std::unordered_map<OrganisationId, std::set<EraseOrder::Key>> erase_orders;
    Grouped<PersonId, RepresentativeId> representatives;
    Grouped<PersonId, RepresentativeId> represented;
    std::map<Recipient, std::unordered_set<FullmaktId>> naming;
    Grouped<OrganisationId, KontraktId> kontrakt_with;
    std::set<std::pair<UtcTime, RowId>> due;
    friend bool operator==(const Indexes&, const Indexes&) = default;
  };
  Indexes indexes_;
  std::tuple<Table<Organisation>, Table<Unit>, Table<Staff>, Table<Team>, Table<RosterEntry>, Table<FlikType>,
             Table<Authorisation>, Table<Certificate>, Table<Issuer>, Table<AssertionKey>, Table<Administrator>,
             Table<Proposal>, Table<KeyRow>, Table<Receipt>, Table<Instance>, Table<Person>, Table<BlindIndexRow>,
             Table<DeviceKey>, Table<Fullmakt>, Table<Sparr>, Table<Kontrakt>, Table<Case>, Table<Document>,
             Table<Deposit>, Table<Flik>, Table<Reading>, Table<FullmaktTemplate>, Table<AccessRequest>,
             Table<EraseOrder>, Table<Notice>, Table<Representative>, Table<Retention>, Table<Pruning>, Table<LogKey>,
             Table<OidcIssuer>, Table<StaffKey>, Table<Review>, Table<ProviderEntry>, Table<Connector>,
             Table<SourceRequest>, Table<PartitionRule>>
      tables_;
};

// Row ↔ (table, key, JSON body). The one place that knows table numbers and key bytes; spec/state-rows.md.
RowId row_id(const Row& row);
template <class T>
RowId row_id_of(const typename T::Key& key);  // instantiated in state_rows.cpp for every row type
json::value row_body(const Row& row);
Result<Row> parse_row(std::uint16_t table, const json::value& body);
// Whose keys seal this row: the person it concerns, or none for the registry.
std::optional<PersonId> owner_of(const Row& row);

}  // namespace flikvakt::policy
