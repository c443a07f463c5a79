#include "gateway/sent_acts.h"

namespace flikvakt::gateway {
namespace {

template <class... Kinds>
bool is_one_of(const policy::Act& act) {
  return (holds_alternative<Kinds>(act) || ...);
}

// By commands that make keys first, or change which of them sign.
bool is_for_stopped_gateway(const policy::Act& act) {
  using namespace policy;
  return is_one_of<RotateKeys, RotateLogKey, RetireLogKey, GiveUpLogKey>(act);
}

// What an approval repeats is what it approves, or it is refused (SPEC ACT-47).
bool approves_for_stopped_gateway(const policy::Act& act) {
  const auto* approval = get_if<policy::Approve>(&act);
  if (!approval) return false;
  const Result<policy::Act> repeated = policy::parse_act(approval->act);
  return repeated && is_for_stopped_gateway(*repeated);
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
                   EndProtection, PaperLiftSparr, PaperHandOver, WithdrawProposal, NoteReview, SetProviderEntry,
                   AskSource, DeclineSourceRequest, SetPartitionRule>(act);
}

bool person_may_send(const policy::Act& act) {
  using namespace policy;
  return is_one_of<SignFullmakt, PauseFullmakt, ResumeFullmakt, RevokeFullmakt, SetSparr, LiftSparr, SignReferral,
                   RemoveKey, Reconfirm, SignKomplettering, DeclineRequest, SignKontrakt, SignHandOver, CloseCase,
                   EndRepresentative, Approve, WithdrawProposal, AddKey>(act);
}

// SPEC LKEY-3, LKEY-14: what is for a gateway that is stopped is neither ordered nor approved here.
bool administrator_may_send(const policy::Act& act) {
  using namespace policy;
  if (approves_for_stopped_gateway(act)) return false;
  return is_one_of<RegisterAdministrator, RegisterOrganisation, RegisterIssuer, RegisterCertificate,
                   RegisterAssertionKey, RegisterTeam, RegisterUnit, RegisterStaff, RegisterFlikType,
                   RegisterAuthorisation, EndAuthorisation, RegisterKontrakt, EndKontrakt, Suspend, Remove, Reinstate,
                   AcceptClock, Shred, ReattestOrganisation, ReattestCatalogue, ReattestKontrakt, ReadProposals,
                   Approve, ProposeKontrakt, RegisterTemplate, SetTelling, ListOverdue, WithdrawProposal, SetNaming,
                   SetRetention, PruneLog, SetOidcIssuer, RegisterStaffKey, SetSubject, InviteConnector>(act);
}

}  // namespace flikvakt::gateway
