// The life of an access request, and what the person gives in answer to one. It gives nothing by itself.
// spec/fullmakt.md has the table of its states.
#pragma once

#include "policy/effects.h"

namespace flikvakt::policy {

inline constexpr std::size_t kMostRequests = 200;        // of one staff member, ended ones included
inline constexpr std::size_t kMostRequestsListed = 200;  // in one list
inline constexpr std::size_t kMostDisclosersAsked = 20;
inline constexpr std::size_t kLongestMessage = 2000;  // bytes

// May the person see and answer it? Not when it names a fullmakt or case that is not the person's: it was refused in
// all but the answer.
bool is_asked_of(const State& state, const AccessRequest& request, const PersonId& person);

Reason check_asked(const State& state, const RequestTerms& asked, UtcTime now);

struct Answering {
  const Fullmakt& result;  // as it will stand
  FullmaktTerms given;     // what the act gives: a whole fullmakt, or only what a komplettering adds
  std::optional<FullmaktId> completes;
};
// Reason::none: no request is answered, or what is given does not go beyond this one, which ends granted.
Reason answer_request(const Context& context, Effects& effects, const std::optional<RequestId>& id,
                      const Answering& answer);

// The request ended so: its row stays for a while, for those who asked.
AccessRequest ended(const Context& context, AccessRequest request, RequestStatus how);
// Heta linjen waits under the same id for what becomes of the request: it goes on to the source when the fullmakt as it
// will stand covers it, else it ends as the request did.
void follow_request(const Context& context, Effects& effects, const AccessRequest& ended, const Fullmakt* result);
void lapse_source_request(const Context& context, Effects& effects, const SourceRequest& request);
void withdraw_source_request(const Context& context, Effects& effects, const SourceRequest& request);
// Was it asked by heta linjen? Whoever asked is told of it there, and nowhere that there is a request for access, too.
bool goes_to_source(const State& state, const RequestId& id);

// SPEC CONN-41: may the source know of it now? Asked each time that it would be shown: what closes it is not written
// into its row.
bool is_open_to_source(const State& state, const SourceRequest& request, UtcTime now);
// All that the source may know of now, the one that was opened first first; of the same organisation about the same
// flik of the same person the first alone.
std::vector<SourceRequest> open_to_source(const State& state, const OrganisationId& source, UtcTime now);
// A document was sealed: it answers what its source was asked for.
void answer_source_requests(const Context& context, Effects& effects, const Document& document);

// Its time has come: an open one lapses, an ended one goes.
void lapse_request(const Context& context, Effects& effects, const AccessRequest& request);

}  // namespace flikvakt::policy
