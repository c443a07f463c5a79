// What the rules answer: a verdict with its reason, the rows that change, and what the log must say.
#pragma once

#include <boost/variant2/variant.hpp>

#include "policy/acts.h"

namespace flikvakt::policy {

enum class Verdict { permitted, refused };
BOOST_DESCRIBE_ENUM(Verdict, permitted, refused)

// The rules of spec/decision-rules.md by their numbers. `none`: the act has no such rule, or nothing refused it.
enum class Rule : std::uint8_t {
  none = 0,
  actor = 1,
  document = 2,
  sparr = 3,
  fullmakt = 4,
  provider = 5,
  other_subjects = 6,
  use_limit = 7
};
BOOST_DESCRIBE_ENUM(Rule, none, actor, document, sparr, fullmakt, provider, other_subjects, use_limit)

// Why. Numbers are stable (they are in the log). Only those entitled to know are ever told.
enum class Reason : std::uint16_t {
  none = 0,
  // actor
  actor_unknown = 1,
  actor_not_active = 2,
  credential_not_valid = 3,
  not_entitled = 4,
  same_person = 5,
  same_organisation = 6,
  only_recipients = 7,
  not_reattested = 8,
  not_reconfirmed = 9,
  // object
  unknown = 20,
  already_exists = 21,
  not_in_force = 22,
  wrong_state = 23,
  expired = 24,
  other_person = 25,
  other_act = 26,
  file_refused = 27,
  // terms
  terms_invalid = 40,
  period_invalid = 41,
  recipient_unknown = 42,
  flik_unknown = 43,
  state_changed = 44,
  // reading
  blocked = 60,
  no_fullmakt = 61,
  provider_not_authorised = 62,
  kontrakt_not_running = 63,
  others_not_consented = 64,
  used_up = 65,
  withheld = 66,
  only_person = 67,
  // gateway
  clock_doubt = 80,
  error = 81,
  log_not_witnessed = 82,
  // consent
  person_died = 100,
  not_asked_for = 101,
  other_text = 102,
};
BOOST_DESCRIBE_ENUM(Reason, none, actor_unknown, actor_not_active, credential_not_valid, not_entitled, same_person,
                    same_organisation, only_recipients, not_reattested, not_reconfirmed, unknown, already_exists,
                    not_in_force, wrong_state, expired, other_person, other_act, file_refused, terms_invalid,
                    period_invalid, recipient_unknown, flik_unknown, state_changed, blocked, no_fullmakt,
                    provider_not_authorised, kontrakt_not_running, others_not_consented, used_up, withheld, only_person,
                    clock_doubt, error, log_not_witnessed, person_died, not_asked_for, other_text)

struct [[nodiscard]] Decision {
  Verdict verdict = Verdict::refused;
  Rule rule = Rule::none;  // the lowest-numbered rule that failed
  Reason reason = Reason::error;
  std::optional<FullmaktId> fullmakt;  // the one that decided a permit

  static Decision permit(std::optional<FullmaktId> by = {}) {
    return {Verdict::permitted, Rule::none, Reason::none, by};
  }
  static Decision refuse(Reason why, Rule rule = Rule::none) { return {Verdict::refused, rule, why, {}}; }
  bool is_permitted() const { return verdict == Verdict::permitted; }
};

using RowVariant = boost::variant2::variant<
    Organisation, Unit, Staff, Team, RosterEntry, FlikType, Authorisation, Certificate, Issuer, AssertionKey,
    Administrator, Proposal, KeyRow, Receipt, Instance, Person, BlindIndexRow, DeviceKey, Fullmakt, Sparr, Kontrakt,
    Case, Document, Deposit, Flik, Reading, FullmaktTemplate, AccessRequest, EraseOrder, Notice, Representative,
    Retention, Pruning, LogKey, OidcIssuer, StaffKey, Review, ProviderEntry, Connector, SourceRequest, PartitionRule>;

// Any one row; a class of its own for the reason that Act is one.
struct Row : RowVariant {
  Row();
  Row(const Row&);
  Row(Row&&) noexcept;
  Row& operator=(const Row&);
  Row& operator=(Row&&) noexcept;
  ~Row();
  template <class T>
  requires kIsAlternative<std::remove_cvref_t<T>, RowVariant> Row(T&& one)
      : RowVariant(boost::variant2::in_place_type_t<std::remove_cvref_t<T>>(), std::forward<T>(one)) {}
};

// Table number and key bytes (spec/state-rows.md) of a row that goes away.
struct RowId {
  std::uint16_t table = 0;
  Bytes key;
  friend auto operator<=>(const RowId&, const RowId&) = default;
};

// One person that the act concerns: one log entry under that person's log key.
struct Concern {
  PersonId person;
  std::optional<PersonId> actor;  // when a person acted
  std::optional<FullmaktId> fullmakt;
  std::optional<DocumentId> document;
  ByteArray<16> subject{};  // reading, sparr, case, kontrakt, deposit … that the act names
  std::string flik;
  std::string purpose;
  std::uint64_t bytes = 0;
};

// Answers that carry data. What an act answers beyond "done".
struct DocumentView {  // an opened or listed document
  Document document;
  std::optional<FullmaktId> fullmakt;
};
struct Listing {
  std::vector<DocumentView> documents;
  bool more_blocked = false;         // a Sparr hides more, in a flik that says so
  std::optional<std::string> alias;  // of a person with protected identity
};
struct OpenFlikar {  // in which a staff member may deposit
  std::set<std::string> codes;
};
struct CaseView {  // as its team sees it
  Case row;
  std::optional<std::string> alias;  // of a person with protected identity
};
// Somebody who opened something to a staff member, as that one may know them.
struct PersonView {
  PersonId person;
  std::optional<std::string> alias;  // of a person with protected identity
  std::vector<Fullmakt> fullmakter;  // by which the staff member may receive
  std::vector<Case> cases;           // of the teams that the staff member belongs to
  std::vector<Kontrakt> kontrakt;    // with what of it they may see; nothing that is proposed, no ceiling
  std::set<KontraktId> can_reach;    // of these: whose milestones they may mark
};
struct PeopleList {
  std::vector<PersonView> people;  // who has what ends first comes first
  bool more = false;               // there are more than one list holds
};
// A team as a person sees it: how many, not who.
struct TeamView {
  TeamId id;
  OrganisationId organisation;
  std::string name;
  std::uint32_t people = 0;  // who could receive now what is opened to the team
  std::vector<TeamSize> sizes;
};
struct OverdueCount {
  OrganisationId organisation;
  std::uint64_t notices = 0;
  std::uint64_t erase_orders = 0;
  UtcTime oldest;  // when the first of them was due
};
struct Overview {
  Person person;
  std::vector<Fullmakt> fullmakter;
  std::vector<Sparr> sparrar;
  std::vector<DeviceKey> keys;
  std::vector<Case> cases;
  std::vector<Kontrakt> kontrakt;
  std::vector<Document> documents;  // without those withheld
  std::vector<AccessRequest> requests;
  std::vector<TeamView> teams;                  // that a fullmakt or a case of the person names
  std::vector<Representative> representatives;  // who may act for the person
  std::vector<Representative> represents;       // for whom the person may act
  std::vector<Proposal> proposals;              // that concern the person and wait for the second of two
  std::set<FullmaktId> in_force;                // of the fullmakter: those under which something could be opened now
  std::map<SparrId, std::vector<DocumentId>> versions;  // of the documents: those that a Sparr on one of them blocks
  std::vector<OidcIssuer> issuers;                      // of e-ID: each could vouch for the person (P8)
};
using Answer =
    std::variant<std::monostate, DocumentView, Listing, std::vector<CaseView>, Overview, std::vector<Proposal>,
                 std::vector<Fullmakt>, std::vector<AccessRequest>, std::vector<EraseOrder>, std::vector<Notice>,
                 std::vector<OverdueCount>, PeopleList, std::vector<SourceRequest>, OpenFlikar>;

// Everything that follows from one act. Nothing of it has happened yet.
struct [[nodiscard]] Outcome {
  Decision decision;
  std::vector<Row> puts;
  std::vector<RowId> erases;
  std::vector<Concern> concerns;  // empty: the act concerns no known person
  std::vector<KeyId> shreds;      // wrapped keys to destroy once the rows are durable
  Answer answer;

  Outcome();
  Outcome(const Outcome&);
  Outcome(Outcome&&) noexcept;
  Outcome& operator=(const Outcome&);
  Outcome& operator=(Outcome&&) noexcept;
  ~Outcome();
};

}  // namespace flikvakt::policy
