// One function per act: who may, and what follows. evaluate() calls them; each lives in the acts_*.cpp file of its
// area. Acts that take two people are written here as if one sufficed: evaluate() turns the first into a proposal, and
// `approve` applies the waiting act again with `Context::first` set.
#pragma once

#include "policy/evaluate.h"

namespace flikvakt::policy {

struct Context {
  const State& state;
  const Actor& actor;
  const Moment& moment;
  const Prepared& prepared;
  const Proposal* first = nullptr;  // at approval: who proposed

  UtcTime now() const { return moment.now; }
  std::uint32_t epoch() const { return state.instance().epoch; }
};

// acts_registry.cpp
Outcome apply(const Context&, const RegisterAdministrator&);
Outcome apply(const Context&, const RegisterOrganisation&);
Outcome apply(const Context&, const RegisterIssuer&);
Outcome apply(const Context&, const RegisterCertificate&);
Outcome apply(const Context&, const RegisterAssertionKey&);
Outcome apply(const Context&, const RegisterTeam&);
Outcome apply(const Context&, const RegisterUnit&);
Outcome apply(const Context&, const RegisterStaff&);
Outcome apply(const Context&, const RegisterFlikType&);
Outcome apply(const Context&, const SetTelling&);
Outcome apply(const Context&, const SetNaming&);
// acts_kontrakt.cpp
Outcome apply(const Context&, const RegisterAuthorisation&);
Outcome apply(const Context&, const EndAuthorisation&);
Outcome apply(const Context&, const RegisterKontrakt&);
Outcome apply(const Context&, const EndKontrakt&);
Outcome apply(const Context&, const ProposeKontrakt&);
Outcome apply(const Context&, const PaperKontrakt&);
Outcome apply(const Context&, const SignKontrakt&);
Outcome apply(const Context&, const ReachMilestone&);
// acts_erase_orders.cpp
Outcome apply(const Context&, const ListEraseOrders&);
Outcome apply(const Context&, const AttestErasure&);
// acts_cases.cpp
Outcome apply(const Context&, const SignReferral&);
Outcome apply(const Context&, const PaperReferral&);
Outcome apply(const Context&, const ListCases&);
Outcome apply(const Context&, const AcceptCase&);
Outcome apply(const Context&, const SetMeetings&);
Outcome apply(const Context&, const ProposeHandOver&);
Outcome apply(const Context&, const SignHandOver&);
Outcome apply(const Context&, const PaperHandOver&);
Outcome apply(const Context&, const CloseCase&);
// acts_requests.cpp
Outcome apply(const Context&, const RequestAccess&);
Outcome apply(const Context&, const WithdrawRequest&);
Outcome apply(const Context&, const ListRequests&);
Outcome apply(const Context&, const DeclineRequest&);
// acts_source_requests.cpp
Outcome apply(const Context&, const AskSource&);
Outcome apply(const Context&, const ListSourceRequests&);
Outcome apply(const Context&, const DeclineSourceRequest&);
// acts_connectors.cpp
Outcome apply(const Context&, const InviteConnector&);
Outcome apply(const Context&, const EnrolConnector&);
// acts_komplettering.cpp
Outcome apply(const Context&, const SignKomplettering&);
Outcome apply(const Context&, const PaperKomplettering&);
// acts_recipient.cpp
Outcome apply(const Context&, const ListFullmakter&);
Outcome apply(const Context&, const RelinquishFullmakt&);
// acts_people.cpp
Outcome apply(const Context&, const ListPeople&);
// acts_provider_entry.cpp
Outcome apply(const Context&, const SetProviderEntry&);
Outcome apply(const Context&, const SetPartitionRule&);
// acts_templates.cpp
Outcome apply(const Context&, const RegisterTemplate&);
// acts_notices.cpp
Outcome apply(const Context&, const ListNotices&);
Outcome apply(const Context&, const AcknowledgeNotice&);
Outcome apply(const Context&, const ListOverdue&);
// acts_review.cpp
Outcome apply(const Context&, const ReadOrganisationLog&);
Outcome apply(const Context&, const NoteReview&);
// acts_retention.cpp
Outcome apply(const Context&, const SetRetention&);
Outcome apply(const Context&, const PruneLog&);
// acts_death.cpp
Outcome apply(const Context&, const RecordDeath&);
Outcome apply(const Context&, const CorrectDeath&);
// acts_protection.cpp
Outcome apply(const Context&, const ProtectIdentity&);
Outcome apply(const Context&, const EndProtection&);
// acts_representatives.cpp
Outcome apply(const Context&, const RegisterRepresentative&);
Outcome apply(const Context&, const EndRepresentative&);
// acts_standing.cpp
Outcome apply(const Context&, const Suspend&);
Outcome apply(const Context&, const Remove&);
Outcome apply(const Context&, const Reinstate&);
// acts_keys.cpp
Outcome apply(const Context&, const Shred&);
Outcome apply(const Context&, const RotateKeys&);
// acts_log_keys.cpp
Outcome apply(const Context&, const RotateLogKey&);
Outcome apply(const Context&, const RetireLogKey&);
Outcome apply(const Context&, const GiveUpLogKey&);
// acts_restore.cpp
Outcome apply(const Context&, const ReattestOrganisation&);
Outcome apply(const Context&, const ReattestCatalogue&);
Outcome apply(const Context&, const ReattestKontrakt&);
Outcome apply(const Context&, const ReattestStaff&);
Outcome apply(const Context&, const Restore&);
// acts_teams.cpp
Outcome apply(const Context&, const AcceptTeam&);
Outcome apply(const Context&, const RosterAdd&);
Outcome apply(const Context&, const RosterRemove&);
// acts_enrolment.cpp
Outcome apply(const Context&, const ProposeKey&);
Outcome apply(const Context&, const ConfirmKey&);
// acts_credentials.cpp
Outcome apply(const Context&, const SetOidcIssuer&);
Outcome apply(const Context&, const ApplyOidcKeys&);
Outcome apply(const Context&, const EnrolEid&);
Outcome apply(const Context&, const AddKey&);
Outcome apply(const Context&, const RegisterStaffKey&);
Outcome apply(const Context&, const SetSubject&);
// acts_paper.cpp
Outcome apply(const Context&, const PaperFullmakt&);
Outcome apply(const Context&, const PaperNarrowing&);
Outcome apply(const Context&, const PaperReconfirm&);
// acts_approve.cpp
Outcome apply(const Context&, const Approve&);
Outcome apply(const Context&, const WithdrawProposal&);
Outcome apply(const Context&, const ReadProposals&);
// acts_deposit.cpp
Outcome apply(const Context&, const BeginDeposit&);
Outcome apply(const Context&, const SealDeposit&);
Outcome apply(const Context&, const PlanDeposit&);
Outcome apply(const Context&, const RecordMasking&);
Outcome apply(const Context&, const RecordDisclosure&);
// acts_reading.cpp
Outcome apply(const Context&, const OpenReading&);
Outcome apply(const Context&, const ListDocuments&);
Outcome apply(const Context&, const OpenOwnDocument&);
Outcome apply(const Context&, const CloseReading&);
// acts_consent.cpp
Outcome apply(const Context&, const SignFullmakt&);
Outcome apply(const Context&, const PauseFullmakt&);
Outcome apply(const Context&, const ResumeFullmakt&);
Outcome apply(const Context&, const RevokeFullmakt&);
Outcome apply(const Context&, const SetSparr&);
Outcome apply(const Context&, const LiftSparr&);
Outcome apply(const Context&, const PaperLiftSparr&);
// acts_person.cpp
Outcome apply(const Context&, const RemoveKey&);
Outcome apply(const Context&, const Reconfirm&);
Outcome apply(const Context&, const ReadOverview&);
Outcome apply(const Context&, const ReadOwnLog&);
// acts_system.cpp
Outcome apply(const Context&, const AcceptClock&);
Outcome apply(const Context&, const ExpireDue&);
Outcome apply(const Context&, const ApplyCrl&);
Outcome apply(const Context&, const SumFailures&);
Outcome apply(const Context&, const Initialise&);
Outcome apply(const Context&, const Start&);
Outcome apply(const Context&, const Stop&);

}  // namespace flikvakt::policy
