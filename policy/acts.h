// Everything that can be asked of the gateway, as values. An act's kKind is its name in the API, in the log
// (audit::ActKind) and here. Staff name a person by blind index (`person`): at the door it was a handle.
//
// spec/acts.md lists for each act who may do it, what it changes and whether it narrows or widens access.
#pragma once

#include <boost/variant2/variant.hpp>

#include "base/overloaded.h"
#include "policy/acts_of_administrators.h"
#include "policy/acts_of_gateway.h"
#include "policy/acts_of_person.h"
#include "policy/acts_of_staff.h"

namespace flikvakt::policy {

using ActVariant = boost::variant2::variant<
    RegisterAdministrator, RegisterOrganisation, RegisterIssuer, RegisterCertificate, RegisterAssertionKey,
    RegisterTeam, RegisterUnit, RegisterStaff, RegisterFlikType, RegisterAuthorisation, EndAuthorisation,
    RegisterKontrakt, EndKontrakt, Suspend, Remove, Reinstate, AcceptClock, Shred, RotateKeys, ReattestOrganisation,
    ReattestCatalogue, ReattestKontrakt, ReadProposals, AcceptTeam, RosterAdd, RosterRemove, ProposeKey, ConfirmKey,
    PaperFullmakt, PaperNarrowing, PaperReferral, PaperReconfirm, RecordMasking, Approve, ReattestStaff, BeginDeposit,
    SealDeposit, OpenReading, ListDocuments, ListCases, SignFullmakt, PauseFullmakt, ResumeFullmakt, RevokeFullmakt,
    SetSparr, LiftSparr, SignReferral, RemoveKey, Reconfirm, ReadOverview, ReadOwnLog, OpenOwnDocument, CloseReading,
    ExpireDue, ApplyCrl, SumFailures, Initialise, Restore, Start, Stop, ProposeKontrakt, RegisterTemplate, SetTelling,
    ListOverdue, PaperKomplettering, PaperKontrakt, RequestAccess, WithdrawRequest, ListRequests, ListFullmakter,
    RelinquishFullmakt, AcceptCase, SetMeetings, ProposeHandOver, CloseCase, ReachMilestone, ListEraseOrders,
    AttestErasure, ListNotices, AcknowledgeNotice, RecordDeath, CorrectDeath, RecordDisclosure, RegisterRepresentative,
    EndRepresentative, SignKomplettering, DeclineRequest, SignKontrakt, SignHandOver, ProtectIdentity, EndProtection,
    PaperLiftSparr, PaperHandOver, WithdrawProposal, SetNaming, SetRetention, PruneLog, RotateLogKey, RetireLogKey,
    GiveUpLogKey, SetOidcIssuer, ApplyOidcKeys, EnrolEid, AddKey, RegisterStaffKey, SetSubject, ReadOrganisationLog,
    NoteReview, SetProviderEntry, ListPeople, InviteConnector, EnrolConnector, AskSource, ListSourceRequests,
    DeclineSourceRequest, SetPartitionRule, PlanDeposit>;

// Any one of them. A class of its own, so that the long variant is copied and destroyed in one place (values.cpp)
// instead of in every file that hands an act on. Of Boost, whose long variants compile in half the time of those of
// std; visit, get_if and holds_alternative find it by their argument.
struct Act : ActVariant {
  Act();
  Act(const Act&);
  Act(Act&&) noexcept;
  Act& operator=(const Act&);
  Act& operator=(Act&&) noexcept;
  ~Act();
  explicit Act(ActVariant&& variant);
  template <class T>
  requires kIsAlternative<std::remove_cvref_t<T>, ActVariant> Act(T&& one)
      : ActVariant(boost::variant2::in_place_type_t<std::remove_cvref_t<T>>(), std::forward<T>(one)) {}
};

// {"kind": "revoke_fullmakt", …}. Compiled once, in act_codec.cpp: the variant is long.
json::value act_to_json(const Act& act);
Result<Act> parse_act(const json::value& value);
Result<Act> parse_proposal(const Proposal& proposal);  // the act that waits
std::string_view kind_of(const Act& act);
bool is_act_kind(std::string_view kind);

}  // namespace flikvakt::policy
