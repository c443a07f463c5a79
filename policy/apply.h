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
// acts_kontrakt.cpp
Outcome apply(const Context&, const RegisterAuthorisation&);
Outcome apply(const Context&, const EndAuthorisation&);
Outcome apply(const Context&, const RegisterKontrakt&);
Outcome apply(const Context&, const EndKontrakt&);
// acts_standing.cpp
Outcome apply(const Context&, const Suspend&);
Outcome apply(const Context&, const Remove&);
Outcome apply(const Context&, const Reinstate&);
// acts_keys.cpp
Outcome apply(const Context&, const Shred&);
Outcome apply(const Context&, const RotateKeys&);
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
Outcome apply(const Context&, const ListCases&);
// acts_enrolment.cpp
Outcome apply(const Context&, const ProposeKey&);
Outcome apply(const Context&, const ConfirmKey&);
// acts_paper.cpp
Outcome apply(const Context&, const PaperFullmakt&);
Outcome apply(const Context&, const PaperNarrowing&);
Outcome apply(const Context&, const PaperReferral&);
Outcome apply(const Context&, const PaperReconfirm&);
// acts_approve.cpp
Outcome apply(const Context&, const Approve&);
Outcome apply(const Context&, const ReadProposals&);
// acts_deposit.cpp
Outcome apply(const Context&, const BeginDeposit&);
Outcome apply(const Context&, const SealDeposit&);
Outcome apply(const Context&, const RecordMasking&);
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
// acts_person.cpp
Outcome apply(const Context&, const SignReferral&);
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
