// The person's other acts: referral, keys, re-confirmation, and seeing what is one's own.
#include <algorithm>

#include "policy/effects.h"
#include "policy/life_cycle.h"
#include "policy/membership.h"
#include "policy/person_rules.h"
#include "policy/read_rules.h"
#include "policy/requests.h"
#include "policy/who.h"

namespace flikvakt::policy {
namespace {

template <class T, class Ids>
std::vector<T> collect(const State& state, const Ids& ids) {
  std::vector<T> out;
  for (const auto& id : ids) out.push_back(*state.find<T>(id));
  std::sort(out.begin(), out.end(), [](const T& a, const T& b) { return a.key() < b.key(); });
  return out;
}

std::uint32_t people_now(const State& state, const TeamId& team) {
  std::uint32_t count = 0;
  for (const StaffId& id : state.roster_of(team)) {
    if (!still_stands(state, id)) continue;
    if (may_receive(state, {RecipientKind::team, team.value()}, *state.find<Staff>(id))) ++count;
  }
  return count;
}

// SPEC OVERVIEW-1: teams that could receive now or after resuming, and those of the person's cases.
std::set<TeamId> teams_named(const Overview& overview) {
  std::set<TeamId> out;
  for (const Fullmakt& one : overview.fullmakter) {
    if (one.status != FullmaktStatus::active && one.status != FullmaktStatus::paused) continue;
    for (const Recipient& recipient : one.terms.recipients) {
      if (recipient.kind == RecipientKind::team) out.insert(TeamId(recipient.id));
    }
  }
  for (const Case& one : overview.cases) {
    out.insert(one.team);
    if (one.hand_over) out.insert(*one.hand_over);
  }
  return out;
}

std::vector<TeamView> teams_of(const State& state, const Overview& overview) {
  std::vector<TeamView> out;
  for (const TeamId& id : teams_named(overview)) {
    if (const Team* team = state.find<Team>(id)) {
      out.push_back({id, team->organisation, team->name, people_now(state, id), team->sizes});
    }
  }
  return out;
}

// The newest that the person may answer, and what became of those of late.
std::vector<AccessRequest> requests_to_answer(const State& state, const PersonId& person) {
  std::vector<AccessRequest> out = collect<AccessRequest>(state, state.requests_to(person));
  std::erase_if(out, [&](const AccessRequest& one) { return !is_asked_of(state, one, person); });
  const auto is_before = [](const AccessRequest& a, const AccessRequest& b) {
    const bool a_ended = a.status != RequestStatus::open, b_ended = b.status != RequestStatus::open;
    return std::tuple(a_ended, b.asked, a.id) < std::tuple(b_ended, a.asked, b.id);
  };
  std::ranges::sort(out, is_before);
  if (out.size() > kMostRequestsListed) out.resize(kMostRequestsListed);
  return out;
}

// SPEC OVERVIEW-3
std::vector<Proposal> waiting_for(const State& state, const PersonId& person, UtcTime now) {
  std::vector<Proposal> out;
  for (const auto& [id, proposal] : state.all<Proposal>()) {
    if (proposal.person == person && now < proposal.expires) out.push_back(proposal);
  }
  std::ranges::sort(out, {}, &Proposal::id);
  return out;
}

// SPEC OVERVIEW-5
std::map<SparrId, std::vector<DocumentId>> blocked_versions(const State& state, const Overview& overview) {
  std::map<DocumentId, std::vector<DocumentId>> by_first;
  for (const Document& document : overview.documents)
    by_first[first_version(state, document.id)].push_back(document.id);
  std::map<SparrId, std::vector<DocumentId>> out;
  for (const Sparr& sparr : overview.sparrar) {
    if (sparr.terms.target != SparrTarget::document || !sparr.terms.document) continue;
    const auto found = by_first.find(first_version(state, *sparr.terms.document));
    if (found != by_first.end()) out[sparr.id] = found->second;
  }
  return out;
}

// SPEC OVERVIEW-6: also those that are suspended or removed. Everybody sees the same.
std::vector<OidcIssuer> e_id_issuers(const State& state) {
  std::vector<OidcIssuer> out;
  for (const auto& [code, issuer] : state.all<OidcIssuer>()) {
    if (!issuer.organisation) out.push_back(issuer);
  }
  std::ranges::sort(out, {}, &OidcIssuer::code);
  return out;
}

Overview overview_of(const State& state, const Person& person, UtcTime now) {
  Overview out;
  out.person = person;
  out.fullmakter = collect<Fullmakt>(state, state.fullmakter_of(person.id));
  out.sparrar = collect<Sparr>(state, state.sparrar_of(person.id));
  out.keys = collect<DeviceKey>(state, state.keys_of(person.id));
  out.cases = collect<Case>(state, state.cases_of(person.id));
  out.kontrakt = collect<Kontrakt>(state, state.kontrakt_of(person.id));
  out.representatives = collect<Representative>(state, state.representatives_of(person.id));
  out.represents = collect<Representative>(state, state.represented_by(person.id));
  out.documents = collect<Document>(state, state.documents_of(person.id));
  std::erase_if(out.documents, [&](const Document& document) {
    return document.status != DocumentStatus::sealed || is_withheld(document, now);
  });
  out.requests = requests_to_answer(state, person.id);
  out.teams = teams_of(state, out);
  out.proposals = waiting_for(state, person.id, now);
  for (const Fullmakt& one : out.fullmakter) {
    if (is_in_force(state, one, now)) out.in_force.insert(one.id);
  }
  out.versions = blocked_versions(state, out);
  out.issuers = e_id_issuers(state);
  return out;
}

// SPEC ENROL-5: a key that is not fully trusted may take only itself away.
bool may_remove(const Context& context, const Fingerprint& thumbprint) {
  const PersonActor& actor = std::get<PersonActor>(context.actor);
  return thumbprint == actor.key ||
         person_may_act(context.state, actor, RepresentativePower::consent, context.now()) == Reason::none;
}

// SPEC REP-6: what nobody does for another.
bool is_represented(const Context& context) { return std::get<PersonActor>(context.actor).representative.has_value(); }

}  // namespace

Outcome apply(const Context& context, const RemoveKey& act) {
  Effects effects(context);
  effects.concern_actor();
  const ActingPerson who = narrowing_person(context);
  if (!who.person) return std::move(effects).refuse(who.why, Rule::actor);
  if (is_represented(context)) return std::move(effects).refuse(Reason::not_entitled);
  const DeviceKey* key = context.state.find<DeviceKey>(act.thumbprint);
  if (!key || key->person != who.person->id) return std::move(effects).refuse(Reason::unknown);
  if (!may_remove(context, act.thumbprint)) return std::move(effects).refuse(Reason::not_entitled);
  DeviceKey removed = *key;
  removed.status = DeviceKeyStatus::removed;
  if (key->status != DeviceKeyStatus::removed) effects.put(std::move(removed));
  return std::move(effects).permit();
}

Outcome apply(const Context& context, const Reconfirm&) {
  Effects effects(context);
  effects.concern_actor();
  const ActingPerson who = widening_person(context);
  if (!who.person) return std::move(effects).refuse(who.why, Rule::actor);
  if (is_represented(context)) return std::move(effects).refuse(Reason::not_entitled);
  if (is_reconfirmed(context.state, who.person->id)) return std::move(effects).refuse(Reason::wrong_state);
  effects.change_person(who.person->id, [&](Person& one) { one.epoch = context.epoch(); });
  return std::move(effects).permit();
}

Outcome apply(const Context& context, const ReadOverview&) {
  Effects effects(context);
  effects.concern_actor();
  const ActingPerson who = acting_person(context, RepresentativePower::see);
  if (!who.person) return std::move(effects).refuse(who.why, Rule::actor);
  Overview overview = overview_of(context.state, *who.person, context.now());
  if (is_represented(context)) {  // for whom the person acts is no matter of theirs, nor the number
    overview.represents.clear();
    overview.person.numbers.clear();
  }
  effects.answer(std::move(overview));
  return std::move(effects).permit();
}

Outcome apply(const Context& context, const ReadOwnLog&) {
  Effects effects(context);
  effects.concern_actor();
  const ActingPerson who = acting_person(context, RepresentativePower::see);
  if (!who.person) return std::move(effects).refuse(who.why, Rule::actor);
  return std::move(effects).permit();
}

}  // namespace flikvakt::policy
