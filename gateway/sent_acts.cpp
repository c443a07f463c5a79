#include "gateway/sent_acts.h"

namespace flikvakt::gateway {
namespace {

template <class... Kinds>
bool is_one_of(const policy::Act& act) {
  return (std::holds_alternative<Kinds>(act) || ...);
}

}  // namespace

// SPEC API-40
bool staff_may_send(const policy::Act& act) {
  using namespace policy;
  return is_one_of<AcceptTeam, RosterAdd, RosterRemove, ProposeKey, ConfirmKey, PaperFullmakt, PaperNarrowing,
                   PaperReferral, PaperReconfirm, RecordMasking, Approve, ReattestStaff, BeginDeposit, RequestAccess,
                   WithdrawRequest, RelinquishFullmakt, PaperKomplettering, PaperKontrakt, AcceptCase, SetMeetings,
                   ProposeHandOver, CloseCase, ReachMilestone, AttestErasure, AcknowledgeNotice, RecordDeath,
                   CorrectDeath, RecordDisclosure, RegisterRepresentative, EndRepresentative, ProtectIdentity,
                   EndProtection, PaperLiftSparr, PaperHandOver, WithdrawProposal, SetProviderEntry>(act);
}

bool person_may_send(const policy::Act& act) {
  using namespace policy;
  return is_one_of<SignFullmakt, PauseFullmakt, ResumeFullmakt, RevokeFullmakt, SetSparr, LiftSparr, SignReferral,
                   RemoveKey, Reconfirm, SignKomplettering, DeclineRequest, SignKontrakt, SignHandOver, CloseCase,
                   EndRepresentative, Approve, WithdrawProposal, AddKey>(act);
}

// Not rotate_keys, rotate_log_key and retire_log_key: they are for a gateway that is stopped, by commands that make
// keys first. What waits of them for a second is refused when it is approved here (SPEC LKEY-3).
bool administrator_may_send(const policy::Act& act) {
  using namespace policy;
  return is_one_of<RegisterAdministrator, RegisterOrganisation, RegisterIssuer, RegisterCertificate,
                   RegisterAssertionKey, RegisterTeam, RegisterUnit, RegisterStaff, RegisterFlikType,
                   RegisterAuthorisation, EndAuthorisation, RegisterKontrakt, EndKontrakt, Suspend, Remove, Reinstate,
                   AcceptClock, Shred, ReattestOrganisation, ReattestCatalogue, ReattestKontrakt, ReadProposals,
                   Approve, ProposeKontrakt, RegisterTemplate, SetTelling, ListOverdue, WithdrawProposal, SetNaming,
                   SetRetention, PruneLog, SetOidcIssuer, RegisterStaffKey, SetSubject>(act);
}

}  // namespace flikvakt::gateway
