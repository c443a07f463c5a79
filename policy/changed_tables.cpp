#include "policy/changed_tables.h"

#include <map>

namespace flikvakt::policy {
namespace {

using boost::mp11::mp_all_of;
using boost::mp11::mp_bind_front;
using boost::mp11::mp_copy_if;
using boost::mp11::mp_count_if_q;
using boost::mp11::mp_for_each;
using boost::mp11::mp_identity;
using boost::mp11::mp_list;
using boost::mp11::mp_rename;
using boost::mp11::mp_transform;

template <class...>
struct Of {};
template <class...>
struct Puts {};
template <class...>
struct Erases {};
template <class Acts, class Put, class Erased = Erases<>>
struct Line {};

// A fullmakt changes: who relied on it gets a notice, and the person's consent version grows.
using Consent = Puts<Fullmakt, Notice, Person>;
using Answered = Puts<Fullmakt, Notice, Person, AccessRequest, SourceRequest>;

template <class T>
using IsOfAPerson = std::bool_constant < requires(const T& row) {
  row.person;
}
> ;
template <class... Rows>
using AllOfAPerson = mp_rename<mp_copy_if<mp_list<Rows...>, IsOfAPerson>, Erases>;
template <class>
struct EveryRow;
template <class... Rows>
struct EveryRow<boost::variant2::variant<Rows...>> {
  using AsPuts = Puts<Rows...>;
  using OfAPerson = AllOfAPerson<Rows...>;
};
// SPEC ACT-31: and what is theirs by another name.
template <class... Rows>
Erases<Rows..., Person, Receipt> with_the_person(Erases<Rows...>);
using AllOfThePerson = decltype(with_the_person(EveryRow<RowVariant>::OfAPerson{}));

// One line for acts that change the same. Reading, Receipt and KeyRow stand in no record (SPEC ACR-4); they are here
// because they change too. Receipts of acts that were sent are not: the sequencer writes these.
// clang-format off
using Table = mp_list<
    Line<Of<ReadProposals, ListDocuments, ListCases, ListRequests, ListFullmakter, ListEraseOrders, ListNotices,
            ListPeople, ListOverdue, ListSourceRequests, PlanDeposit, ReadOverview, ReadOwnLog, ReadOrganisationLog, RecordDisclosure, AcceptClock, SumFailures, Start, Stop>,
         Puts<>>,
    // The registry
    Line<Of<RegisterAdministrator>, Puts<Administrator>>,
    Line<Of<RegisterOrganisation>, Puts<Organisation>>,
    Line<Of<RegisterIssuer, ApplyCrl>, Puts<Issuer>>,
    Line<Of<RegisterCertificate>, Puts<Certificate>>,
    Line<Of<RegisterAssertionKey>, Puts<AssertionKey>>,
    Line<Of<RegisterTeam>, Puts<Team>>,
    Line<Of<RegisterUnit>, Puts<Unit>>,
    Line<Of<RegisterStaff, SetSubject>, Puts<Staff>>,
    Line<Of<RegisterStaffKey>, Puts<StaffKey>>,
    Line<Of<SetOidcIssuer, ApplyOidcKeys>, Puts<OidcIssuer>>,
    Line<Of<RegisterFlikType, SetTelling>, Puts<FlikType>>,
    Line<Of<RegisterTemplate>, Puts<FullmaktTemplate>>,
    Line<Of<SetNaming>, Puts<Instance>>,
    Line<Of<SetProviderEntry>, Puts<ProviderEntry>>,
    Line<Of<SetPartitionRule>, Puts<PartitionRule>>,
    Line<Of<RegisterAuthorisation, EndAuthorisation>, Puts<Authorisation>>,
    Line<Of<Suspend, Remove, Reinstate>, Puts<Organisation, Unit, Staff, Team, FlikType, Certificate, Issuer,
                                              AssertionKey, Administrator, FullmaktTemplate, OidcIssuer,
                                              StaffKey, ProviderEntry, Connector>>,
    Line<Of<InviteConnector>, Puts<Connector>>,
    Line<Of<EnrolConnector>, Puts<Connector, Certificate, AssertionKey>>,
    Line<Of<ReattestOrganisation>, Puts<Organisation, Certificate, AssertionKey, Staff, Unit, Team, Authorisation>>,
    Line<Of<ReattestCatalogue>, Puts<Issuer, FlikType>>,
    Line<Of<ReattestStaff>, Puts<Staff, RosterEntry>>,
    Line<Of<AcceptTeam, RosterAdd>, Puts<Team, RosterEntry>>,
    Line<Of<RosterRemove>, Puts<Team>, Erases<RosterEntry>>,
    // People and what they give
    Line<Of<ProposeKey, EnrolEid>, Puts<KeyRow, Person, BlindIndexRow, DeviceKey>>,
    Line<Of<ConfirmKey, AddKey, RemoveKey>, Puts<DeviceKey>>,
    Line<Of<Reconfirm, PaperReconfirm, RecordDeath, CorrectDeath, ProtectIdentity, EndProtection>, Puts<Person>>,
    Line<Of<RegisterRepresentative, EndRepresentative>, Puts<Representative, Person>>,
    Line<Of<SignFullmakt, PaperFullmakt, SignKomplettering, PaperKomplettering>, Answered>,
    Line<Of<PauseFullmakt, RevokeFullmakt>, Consent, Erases<Proposal>>,
    Line<Of<ResumeFullmakt, RelinquishFullmakt>, Consent>,
    Line<Of<SetSparr, LiftSparr, PaperLiftSparr>, Puts<Sparr, Person>>,
    Line<Of<PaperNarrowing>, Puts<Fullmakt, Notice, Person, Sparr, Representative>>,
    Line<Of<RequestAccess>, Puts<AccessRequest>>,
    Line<Of<AskSource, WithdrawRequest, DeclineRequest>, Puts<AccessRequest, SourceRequest>>,
    Line<Of<DeclineSourceRequest>, Puts<SourceRequest>>,
    Line<Of<AcknowledgeNotice>, Puts<>, Erases<Notice>>,
    Line<Of<WithdrawProposal>, Puts<>, Erases<Proposal>>,
    // Cases, kontrakt, documents
    Line<Of<SignReferral, PaperReferral, AcceptCase, SetMeetings, ProposeHandOver, SignHandOver, PaperHandOver,
            CloseCase>,
         Puts<Case>>,
    Line<Of<RegisterKontrakt, ProposeKontrakt, ReachMilestone, ReattestKontrakt>, Puts<Kontrakt>>,
    Line<Of<EndKontrakt>, Puts<Kontrakt, EraseOrder>>,
    Line<Of<SignKontrakt, PaperKontrakt>, Puts<Kontrakt, EraseOrder, Person>, Erases<EraseOrder>>,
    Line<Of<AttestErasure>, Puts<>, Erases<EraseOrder>>,
    Line<Of<BeginDeposit>, Puts<Deposit>>,
    Line<Of<SealDeposit>, Puts<KeyRow, Flik, Document, SourceRequest>, Erases<Deposit>>,
    Line<Of<RecordMasking>, Puts<Document>>,
    Line<Of<OpenReading>, Puts<Reading, Fullmakt, Notice, Person>>,
    Line<Of<OpenOwnDocument>, Puts<Reading>>,
    Line<Of<CloseReading>, Puts<>, Erases<Reading>>,
    // The gateway
    Line<Of<ExpireDue>,
         Puts<Fullmakt, Notice, Person, DeviceKey, Sparr, Kontrakt, EraseOrder, AccessRequest, SourceRequest>,
         Erases<AccessRequest, SourceRequest, Deposit, Proposal, Receipt, Review>>,
    Line<Of<Shred>, Puts<Document, KeyRow>, AllOfThePerson>,
    Line<Of<NoteReview>, Puts<Review>>,
    Line<Of<RotateKeys>, Puts<KeyRow>>,
    Line<Of<RotateLogKey, RetireLogKey, GiveUpLogKey>, Puts<LogKey, KeyRow>>,
    Line<Of<SetRetention>, Puts<Retention>>,
    Line<Of<PruneLog>, Puts<Pruning>>,
    Line<Of<Initialise>, Puts<Instance, Administrator, KeyRow, LogKey>>,
    Line<Of<Restore>, EveryRow<RowVariant>::AsPuts, Erases<Proposal, Reading, Pruning>>,
    Line<Of<Approve>, Puts<>, Erases<Proposal>>>;  // and what waited: below
// clang-format on

template <class T, class L>
struct Names;
template <class T, class... Acts, class Put, class Erased>
struct Names<T, Line<Of<Acts...>, Put, Erased>> : std::bool_constant<(std::is_same_v<T, Acts> || ...)> {};
template <class T>
using IsNamedOnce = std::bool_constant<mp_count_if_q<Table, mp_bind_front<Names, T>>::value == 1>;
static_assert(mp_all_of<mp_rename<ActVariant, mp_list>, IsNamedOnce>::value,
              "each act stands in one line of the table: say which rows it changes");

template <class T>
constexpr bool waits_when_joint =
    std::is_same_v<T, SignFullmakt> || std::is_same_v<T, SignKomplettering> || std::is_same_v<T, SignKontrakt> ||
    std::is_same_v<T, SignHandOver> || std::is_same_v<T, SignReferral> || std::is_same_v<T, ResumeFullmakt> ||
    std::is_same_v<T, LiftSparr>;

using ByKind = std::map<std::string_view, ChangedTables>;

template <class... Acts, class... Put, class... Erased>
void enter(ByKind& out, Line<Of<Acts...>, Puts<Put...>, Erases<Erased...>>) {
  const ChangedTables tables{{Put::kTable...}, {Erased::kTable...}};
  ((out[Acts::kKind] = tables), ...);
}

ByKind read_table() {
  ByKind out;
  mp_for_each<Table>([&](auto line) { enter(out, line); });
  ChangedTables& approved = out[Approve::kKind];
  for (const auto& [kind, tables] : out) {
    if (!kind_may_wait(kind)) continue;
    approved.puts.insert(tables.puts.begin(), tables.puts.end());
    approved.erases.insert(tables.erases.begin(), tables.erases.end());
  }
  return out;
}

}  // namespace

const ChangedTables& tables_changed_by(std::string_view kind) {
  static const ByKind kByKind = read_table();
  static const ChangedTables kNothing;
  const auto found = kByKind.find(kind);
  return found == kByKind.end() ? kNothing : found->second;
}

bool is_counted_passkey(const Row& row, const Actor& actor) {
  const auto* person = std::get_if<PersonActor>(&actor);
  const auto* key = get_if<DeviceKey>(&row);
  if (!person || !key || !person->sign_count || person->representative) return false;
  return key->passkey && key->thumbprint == person->key;
}

bool kind_may_wait(std::string_view kind) {
  bool found = kind_takes_two(kind);
  mp_for_each<mp_transform<mp_identity, ActVariant>>(
      [&]<class T>(T) { found = found || (waits_when_joint<typename T::type> && kind == T::type::kKind); });
  return found;
}

}  // namespace flikvakt::policy
