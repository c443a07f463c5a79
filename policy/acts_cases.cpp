// Cases: a person and a team, with a focus and times to meet. It waits for the team, is taken up, may go to another
// team, and is closed. A case opens nothing by itself.
#include <algorithm>

#include "policy/enrolment.h"
#include "policy/membership.h"
#include "policy/read_rules.h"
#include "policy/terms.h"
#include "policy/who.h"

namespace flikvakt::policy {
namespace {

constexpr std::size_t kMostMeetings = 50;
constexpr std::size_t kEarlierTeamsKept = 50;

// SPEC CASE-4: what is stored can be read again, and a mistyped year is found here.
Reason check_meetings(const std::vector<UtcTime>& meetings, UtcTime now) {
  if (meetings.size() > kMostMeetings) return Reason::terms_invalid;
  const bool are_near = std::ranges::all_of(meetings, [&](UtcTime time) { return is_near(time, now); });
  return are_near ? Reason::none : Reason::period_invalid;
}

Reason check_referral(const Context& context, const Case& fresh) {
  if (!find_working(context.state, fresh.team)) return Reason::recipient_unknown;
  if (fresh.id.is_none()) return Reason::terms_invalid;
  if (context.state.find<Case>(fresh.id)) return Reason::already_exists;
  const bool is_referrer_known =
      !fresh.referred_by || is_active(context.state, {RecipientKind::organisation, fresh.referred_by->value()});
  if (!is_referrer_known) return Reason::unknown;
  if (fresh.triage && !is_near(*fresh.triage, context.now())) return Reason::period_invalid;
  return check_meetings(fresh.meetings, context.now());
}

Reason open_case(const Context& context, Effects& effects, Case fresh) {
  effects.concern(fresh.person).subject = subject_of(fresh.id);
  const Reason why = check_referral(context, fresh);
  if (why != Reason::none) return why;
  fresh.opened = context.now();
  fresh.waiting_since = context.now();
  effects.put(std::move(fresh));
  return Reason::none;
}

// The case that a lead or deputy of its team may work on now.
struct LedCase {
  Reason why = Reason::none;
  Rule rule = Rule::none;
  const Case* found = nullptr;  // set exactly when the reason is none
};

// SPEC CASE-5
LedCase find_led(const Context& context, Effects& effects, const CaseId& id) {
  const Case* found = context.state.find<Case>(id);
  if (found) effects.concern(found->person).subject = subject_of(id);
  const ActingStaff who = acting_staff(context);
  if (!who.staff) return {who.why, Rule::actor, nullptr};
  if (!found) return {Reason::unknown, Rule::none, nullptr};
  const bool may = find_working(context.state, found->team) && leads_now(context.state, found->team, who.staff->id);
  if (!may) return {Reason::not_entitled, Rule::none, nullptr};
  const Reason giver = check_giver(context.state, found->person);
  if (giver != Reason::none) return {giver, Rule::none, nullptr};
  return {Reason::none, Rule::none, found};
}

// Those that wait first, the longest wait first; then those that are open.
bool is_listed_before(const Case& a, const Case& b) {
  const bool a_waits = a.status == CaseStatus::waiting;
  const bool b_waits = b.status == CaseStatus::waiting;
  if (a_waits != b_waits) return a_waits;
  if (a_waits && a.waiting_since != b.waiting_since) return a.waiting_since < b.waiting_since;
  return a.id < b.id;
}

}  // namespace

Outcome apply(const Context& context, const SignReferral& act) {
  Effects effects(context);
  effects.concern_actor();
  const ActingPerson who = acting_person(context);
  if (!who.person) return std::move(effects).refuse(who.why, Rule::actor);
  Case fresh;
  fresh.id = act.id;
  fresh.person = who.person->id;
  fresh.team = act.team;
  fresh.focus = act.focus;
  fresh.meetings = act.meetings;
  fresh.evidence = evidence_of(context);
  fresh.referred_by = act.referred_by;
  fresh.triage = act.triage;
  const Reason why = open_case(context, effects, std::move(fresh));
  return why == Reason::none ? std::move(effects).permit() : std::move(effects).refuse(why);
}

Outcome apply(const Context& context, const PaperReferral& act) {
  Effects effects(context);
  const Person* person = effects.concern(act.person);
  const ActingStaff who = acting_registrar(context);
  if (!who.staff) return std::move(effects).refuse(who.why, Rule::actor);
  if (!person) return std::move(effects).refuse(Reason::unknown);
  Case fresh;
  fresh.id = act.id;
  fresh.person = person->id;
  fresh.team = act.team;
  fresh.focus = act.focus;
  fresh.meetings = act.meetings;
  fresh.evidence = EvidenceKind::paper;
  fresh.referred_by = who.staff->organisation;
  fresh.triage = act.triage;
  const Reason why = open_case(context, effects, std::move(fresh));
  return why == Reason::none ? std::move(effects).permit() : std::move(effects).refuse(why);
}

// SPEC CASE-3, CASE-10: the cases of the teams one belongs to now; it tells names, it opens nothing.
Outcome apply(const Context& context, const ListCases&) {
  const ActingStaff who = acting_staff(context);
  if (!who.staff) return refused(who.why, Rule::actor);
  Effects effects(context);
  std::vector<CaseView> found;
  for (const TeamId& team : context.state.rosters_with(who.staff->id)) {
    if (!may_receive(context.state, {RecipientKind::team, team.value()}, *who.staff)) continue;
    for (const CaseId& id : context.state.cases_of_team(team)) {
      const Case& one = *context.state.find<Case>(id);
      if (one.status == CaseStatus::closed || check_giver(context.state, one.person) != Reason::none) continue;
      effects.concern(one.person).subject = subject_of(id);
      found.push_back({one, context.state.find<Person>(one.person)->alias});
      if (found.back().alias) found.back().row.referred_by.reset();  // SPEC PROT-3
    }
  }
  std::ranges::sort(found, is_listed_before, &CaseView::row);
  effects.answer(std::move(found));
  return std::move(effects).permit();
}

Outcome apply(const Context& context, const AcceptCase& act) {
  Effects effects(context);
  const LedCase led = find_led(context, effects, act.id);
  if (!led.found) return std::move(effects).refuse(led.why, led.rule);
  if (led.found->status != CaseStatus::waiting) return std::move(effects).refuse(Reason::wrong_state);
  const Reason why = check_meetings(act.meetings, context.now());
  if (why != Reason::none) return std::move(effects).refuse(why);
  Case accepted = *led.found;
  accepted.status = CaseStatus::open;
  if (!act.meetings.empty()) accepted.meetings = act.meetings;
  effects.put(std::move(accepted));
  return std::move(effects).permit();
}

Outcome apply(const Context& context, const SetMeetings& act) {
  Effects effects(context);
  const LedCase led = find_led(context, effects, act.id);
  if (!led.found) return std::move(effects).refuse(led.why, led.rule);
  if (led.found->status == CaseStatus::closed) return std::move(effects).refuse(Reason::wrong_state);
  const Reason why = check_meetings(act.meetings, context.now());
  if (why != Reason::none) return std::move(effects).refuse(why);
  Case changed = *led.found;
  changed.meetings = act.meetings;
  effects.put(std::move(changed));
  return std::move(effects).permit();
}

// SPEC CASE-7: it only waits for the person; the other team hears nothing of it.
Outcome apply(const Context& context, const ProposeHandOver& act) {
  Effects effects(context);
  const LedCase led = find_led(context, effects, act.id);
  if (!led.found) return std::move(effects).refuse(led.why, led.rule);
  if (led.found->status == CaseStatus::closed) return std::move(effects).refuse(Reason::wrong_state);
  if (act.team == led.found->team) return std::move(effects).refuse(Reason::terms_invalid);
  if (!find_working(context.state, act.team)) return std::move(effects).refuse(Reason::recipient_unknown);
  Case proposed = *led.found;
  proposed.hand_over = act.team;
  effects.put(std::move(proposed));
  return std::move(effects).permit();
}

namespace {

Case handed_over(Case one, UtcTime now) {
  one.earlier_teams.push_back(one.team);
  if (one.earlier_teams.size() > kEarlierTeamsKept) one.earlier_teams.erase(one.earlier_teams.begin());
  one.team = *one.hand_over;
  one.hand_over.reset();
  one.status = CaseStatus::waiting;
  one.waiting_since = now;
  std::erase_if(one.meetings, [&](UtcTime time) { return time > now; });
  return one;
}

// SPEC CASE-8
Outcome hand_over(const Context& context, Effects effects, const PersonId& person, const CaseId& id,
                  const TeamId& team) {
  const Case* found = find_own<Case>(context.state, id, person);
  if (!found) return std::move(effects).refuse(Reason::unknown);
  if (const Reason giver = check_giver(context.state, person); giver != Reason::none) {
    return std::move(effects).refuse(giver);
  }
  if (found->status == CaseStatus::closed || !found->hand_over) {
    return std::move(effects).refuse(Reason::wrong_state);
  }
  if (*found->hand_over != team) return std::move(effects).refuse(Reason::state_changed);
  if (!find_working(context.state, team)) return std::move(effects).refuse(Reason::recipient_unknown);
  effects.put(handed_over(*found, context.now()));
  return std::move(effects).permit();
}

}  // namespace

Outcome apply(const Context& context, const SignHandOver& act) {
  Effects effects(context);
  effects.concern_actor().subject = subject_of(act.id);
  const ActingPerson who = widening_person(context);
  if (!who.person) return std::move(effects).refuse(who.why, Rule::actor);
  return hand_over(context, std::move(effects), who.person->id, act.id, act.team);
}

// SPEC PAPER-8: of the two organisations one may be the new team's, or its lead's, but not both.
Outcome apply(const Context& context, const PaperHandOver& act) {
  Effects effects(context);
  const Person* person = effects.concern(act.person);
  if (person) effects.concern(person->id).subject = subject_of(act.id);
  const ActingStaff who = acting_registrar(context);
  if (!who.staff) return std::move(effects).refuse(who.why, Rule::actor);
  if (!person) return std::move(effects).refuse(Reason::unknown);
  const Team* team = context.state.find<Team>(act.team);
  const Staff* lead = team ? context.state.find<Staff>(team->lead) : nullptr;
  const Reason organisations = check_two_organisations(context, *who.staff, [&](const OrganisationId& id) {
    const bool gets_the_case = (team && team->organisation == id) || (lead && lead->organisation == id);
    return gets_the_case || receives_from(context.state, person->id, id, context.now());
  });
  if (organisations != Reason::none) return std::move(effects).refuse(organisations);
  return hand_over(context, std::move(effects), person->id, act.id, act.team);
}

// SPEC CASE-9: of staff by whoever leads the team, current or not: doubt about the team does not keep a case open.
Outcome apply(const Context& context, const CloseCase& act) {
  Effects effects(context);
  effects.concern_actor().subject = subject_of(act.id);
  const Case* found = context.state.find<Case>(act.id);
  const bool by_person = std::holds_alternative<PersonActor>(context.actor);
  if (found && !by_person) effects.concern(found->person).subject = subject_of(act.id);
  const ActingPerson person = narrowing_person(context);
  const ActingStaff staff = acting_staff(context, Epochs::any);
  if (!person.person && !staff.staff) {
    return std::move(effects).refuse(by_person ? person.why : staff.why, Rule::actor);
  }
  if (!found) return std::move(effects).refuse(Reason::unknown);
  if (person.person && found->person != person.person->id) return std::move(effects).refuse(Reason::unknown);
  if (staff.staff && !leads(context.state, found->team, staff.staff->id)) {
    return std::move(effects).refuse(Reason::not_entitled);
  }
  if (found->status == CaseStatus::closed) return std::move(effects).permit();
  Case closed = *found;
  closed.status = CaseStatus::closed;
  closed.hand_over.reset();
  effects.put(std::move(closed));
  return std::move(effects).permit();
}

}  // namespace flikvakt::policy
