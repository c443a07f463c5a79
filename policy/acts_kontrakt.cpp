// Providers: their authorisation, and the kontrakt that gives them a part of a person's plan. What a kontrakt says
// changes only by the person's signature (P8); until then what runs goes on.
#include <algorithm>

#include "policy/effects.h"
#include "policy/kontrakt_life.h"
#include "policy/membership.h"
#include "policy/read_rules.h"
#include "policy/terms.h"
#include "policy/who.h"

namespace flikvakt::policy {
namespace {

bool are_areas_valid(const std::set<std::string>& areas) {
  return !areas.empty() && std::ranges::all_of(areas, [](const std::string& area) { return is_name(area); });
}

bool is_area_authorised(const State& state, const KontraktPart& part) {
  return std::ranges::any_of(state.authorisations_of(part.provider), [&](const AuthorisationId& id) {
    const Authorisation& one = *state.find<Authorisation>(id);
    return one.standing == Standing::active && is_current(state, one.epoch) && one.areas.contains(part.area);
  });
}

constexpr std::size_t kMostParts = 50;
constexpr std::size_t kMostMilestones = 100;
constexpr std::size_t kMostMilestoneBytes = 500;
constexpr std::size_t kMostGoalsBytes = 4000;
constexpr std::uint64_t kMostKronor = std::uint64_t{1} << 53;  // below it every JSON reader has the number right

Reason check_part(const State& state, const KontraktPart& part, UtcTime now) {
  const Organisation* provider = state.find<Organisation>(part.provider);
  if (!provider || provider->standing != Standing::active) return Reason::recipient_unknown;
  const bool are_words_valid = is_name(part.insats) && part.goals.size() <= kMostGoalsBytes;
  const bool is_ceiling_valid = !part.ceiling || *part.ceiling < kMostKronor;
  if (provider->kind != OrganisationKind::provider || !are_words_valid || !is_ceiling_valid)
    return Reason::terms_invalid;
  const bool is_period_valid = part.valid_from < part.valid_to && is_near(part.valid_from, now) &&
                               is_near(part.valid_to, now) && part.valid_to - part.valid_from <= kLongestFullmakt;
  if (!is_period_valid) return Reason::period_invalid;
  return is_area_authorised(state, part) ? Reason::none : Reason::provider_not_authorised;
}

Reason check_milestone(const Milestone& milestone, UtcTime now) {
  const bool is_valid =
      !milestone.text.empty() && milestone.text.size() <= kMostMilestoneBytes && !milestone.reached.has_value();
  if (!is_valid) return Reason::terms_invalid;
  return is_near(milestone.due, now) ? Reason::none : Reason::period_invalid;
}

bool has_ended(const std::vector<KontraktPart>& parts, UtcTime now) {
  return std::ranges::all_of(parts, [&](const KontraktPart& part) { return part.valid_to <= now; });
}

// SPEC PROV-1, PROV-3
Reason check_plan(const Context& context, const KontraktPlan& plan) {
  const bool are_counts_valid =
      !plan.parts.empty() && plan.parts.size() <= kMostParts && plan.milestones.size() <= kMostMilestones;
  if (!are_counts_valid || plan.goals.size() > kMostGoalsBytes) return Reason::terms_invalid;
  for (const KontraktPart& part : plan.parts) {
    const Reason why = check_part(context.state, part, context.now());
    if (why != Reason::none) return why;
  }
  for (const Milestone& milestone : plan.milestones) {
    const Reason why = check_milestone(milestone, context.now());
    if (why != Reason::none) return why;
  }
  return has_ended(plan.parts, context.now()) ? Reason::period_invalid : Reason::none;
}

// A kontrakt that may get another version: one that ended since a restore's backup must not come back by it.
Reason check_standing(const Context& context, const Kontrakt& kontrakt) {
  if (kontrakt.standing != Standing::active || has_ended(kontrakt.parts, context.now())) return Reason::wrong_state;
  return is_current(context.state, kontrakt.epoch) ? Reason::none : Reason::not_reattested;
}

std::string words_of(const KontraktPlan& plan) { return to_text(to_json(plan)); }

// SPEC PROV-5: what is signed is what is proposed, word for word, and could be proposed now.
Reason check_signed(const Context& context, const Kontrakt& kontrakt, std::uint32_t version, const KontraktPlan& plan) {
  if (const Reason giver = check_giver(context.state, kontrakt.person); giver != Reason::none) return giver;
  const Reason standing = check_standing(context, kontrakt);
  if (standing != Reason::none) return standing;
  if (!kontrakt.proposed) return Reason::wrong_state;
  const bool is_what_waits = version == kontrakt.version + 1 && words_of(plan) == words_of(*kontrakt.proposed);
  return is_what_waits ? check_plan(context, plan) : Reason::state_changed;
}

bool names_provider(const KontraktPlan& plan, const OrganisationId& organisation) {
  return std::ranges::find(plan.parts, organisation, &KontraktPart::provider) != plan.parts.end();
}

bool leads_open_case_of(const Context& context, const StaffId& staff, const PersonId& person) {
  return std::ranges::any_of(context.state.cases_of(person), [&](const CaseId& id) {
    const Case& one = *context.state.find<Case>(id);
    return one.status == CaseStatus::open && find_working(context.state, one.team) &&
           leads_now(context.state, one.team, staff);
  });
}

// The day is the person's, and in Sweden it begins up to two hours before that of UTC.
bool has_come(const Date& date, UtcTime now) {
  return std::chrono::sys_days{date} <= std::chrono::floor<std::chrono::days>(now + std::chrono::hours{2});
}

Reason check_reached(const Context& context, const Kontrakt& kontrakt, const ReachMilestone& act) {
  if (const Reason giver = check_giver(context.state, kontrakt.person); giver != Reason::none) return giver;
  const Reason standing = check_standing(context, kontrakt);
  if (standing != Reason::none) return standing;
  if (act.milestone >= kontrakt.milestones.size()) return Reason::terms_invalid;
  if (kontrakt.milestones[act.milestone].reached) return Reason::wrong_state;
  const bool is_valid = is_near(act.reached, context.now()) && has_come(act.reached, context.now());
  return is_valid ? Reason::none : Reason::period_invalid;
}

}  // namespace

Outcome apply(const Context& context, const RegisterAuthorisation& act) {
  const Reason who = must_be_administrator(context);
  if (who != Reason::none) return refused(who);
  const Organisation* organisation = context.state.find<Organisation>(act.organisation);
  if (!organisation || organisation->standing != Standing::active) return refused(Reason::unknown);
  if (context.state.find<Authorisation>(act.id)) return refused(Reason::already_exists);
  const bool is_valid =
      !act.id.is_none() && organisation->kind == OrganisationKind::provider && are_areas_valid(act.areas);
  if (!is_valid) return refused(Reason::terms_invalid);
  if (act.valid_from >= act.valid_to) return refused(Reason::period_invalid);
  Effects effects(context);
  effects.put(Authorisation{act.id, act.organisation, act.areas, act.valid_from, act.valid_to, Standing::active,
                            context.epoch()});
  return std::move(effects).permit();
}

Outcome apply(const Context& context, const EndAuthorisation& act) {
  const Reason who = must_be_administrator(context);
  if (who != Reason::none) return refused(who);
  const Authorisation* found = context.state.find<Authorisation>(act.id);
  if (!found) return refused(Reason::unknown);
  Effects effects(context);
  Authorisation ended = *found;
  ended.standing = Standing::removed;
  if (found->standing != Standing::removed) effects.put(std::move(ended));
  return std::move(effects).permit();
}

Outcome apply(const Context& context, const RegisterKontrakt& act) {
  Effects effects(context);
  const Person* person = effects.concern(act.person);
  const Reason who = must_be_administrator(context);
  if (who != Reason::none) return std::move(effects).refuse(who);
  if (!person) return std::move(effects).refuse(Reason::unknown);
  effects.concern(person->id).subject = subject_of(act.id);
  if (context.state.find<Kontrakt>(act.id)) return std::move(effects).refuse(Reason::already_exists);
  if (act.id.is_none()) return std::move(effects).refuse(Reason::terms_invalid);
  KontraktPlan plan{act.goals.value_or(""), act.milestones.value_or(std::vector<Milestone>()), act.parts};
  const Reason why = check_plan(context, plan);
  if (why != Reason::none) return std::move(effects).refuse(why);
  effects.put(Kontrakt{act.id,
                       person->id,
                       std::move(plan.parts),
                       Standing::active,
                       context.epoch(),
                       std::move(plan.goals),
                       std::move(plan.milestones),
                       1,
                       {}});
  return std::move(effects).permit();
}

Outcome apply(const Context& context, const EndKontrakt& act) {
  Effects effects(context);
  const Kontrakt* found = context.state.find<Kontrakt>(act.id);
  if (found) effects.concern(found->person).subject = subject_of(act.id);
  const Reason who = must_be_administrator(context);
  if (who != Reason::none) return std::move(effects).refuse(who);
  if (!found) return std::move(effects).refuse(Reason::unknown);
  end_kontrakt(context, effects, *found);
  return std::move(effects).permit();
}

// SPEC PROV-4: it changes nothing that runs.
Outcome apply(const Context& context, const ProposeKontrakt& act) {
  Effects effects(context);
  const Kontrakt* found = context.state.find<Kontrakt>(act.id);
  if (found) effects.concern(found->person).subject = subject_of(act.id);
  const Reason who = must_be_administrator(context);
  if (who != Reason::none) return std::move(effects).refuse(who);
  if (!found) return std::move(effects).refuse(Reason::unknown);
  for (const Reason why : {check_standing(context, *found), check_plan(context, act.plan)}) {
    if (why != Reason::none) return std::move(effects).refuse(why);
  }
  Kontrakt proposed = *found;
  proposed.proposed = act.plan;
  effects.put(std::move(proposed));
  return std::move(effects).permit();
}

Outcome apply(const Context& context, const SignKontrakt& act) {
  Effects effects(context);
  effects.concern_actor().subject = subject_of(act.id);
  const ActingPerson who = widening_person(context);
  if (!who.person) return std::move(effects).refuse(who.why, Rule::actor);
  const Kontrakt* found = context.state.find<Kontrakt>(act.id);
  if (!found || found->person != who.person->id) return std::move(effects).refuse(Reason::unknown);
  const Reason why = check_signed(context, *found, act.version, act.plan);
  if (why != Reason::none) return std::move(effects).refuse(why);
  begin_version(context, effects, *found);
  return std::move(effects).permit();
}

// SPEC PROV-6: a provider with a part in the plan counts as a recipient.
Outcome apply(const Context& context, const PaperKontrakt& act) {
  Effects effects(context);
  const Person* person = effects.concern(act.person);
  const ActingStaff who = acting_registrar(context);
  if (!who.staff) return std::move(effects).refuse(who.why, Rule::actor);
  const Kontrakt* found = context.state.find<Kontrakt>(act.id);
  if (!person || !found || found->person != person->id) return std::move(effects).refuse(Reason::unknown);
  effects.concern(person->id).subject = subject_of(act.id);
  const auto is_recipient = [&](const OrganisationId& id) {
    return receives_from(context.state, person->id, id, context.now()) || names_provider(act.plan, id);
  };
  const Reason organisations = check_two_organisations(context, *who.staff, is_recipient);
  if (organisations != Reason::none) return std::move(effects).refuse(organisations);
  const Reason why = check_signed(context, *found, act.version, act.plan);
  if (why != Reason::none) return std::move(effects).refuse(why);
  begin_version(context, effects, *found);
  return std::move(effects).permit();
}

// SPEC PROV-7
Outcome apply(const Context& context, const ReachMilestone& act) {
  Effects effects(context);
  const Kontrakt* found = context.state.find<Kontrakt>(act.kontrakt);
  if (found) effects.concern(found->person).subject = subject_of(act.kontrakt);
  const ActingStaff who = acting_staff(context);
  if (!who.staff) return std::move(effects).refuse(who.why, Rule::actor);
  if (!found) return std::move(effects).refuse(Reason::unknown);
  const bool may = kontrakt_runs_for(context.state, found, who.staff->organisation, context.now()) == Reason::none ||
                   leads_open_case_of(context, who.staff->id, found->person);
  if (!may) return std::move(effects).refuse(Reason::not_entitled);
  const Reason why = check_reached(context, *found, act);
  if (why != Reason::none) return std::move(effects).refuse(why);
  Kontrakt reached = *found;
  reached.milestones[act.milestone].reached = act.reached;
  effects.put(std::move(reached));
  return std::move(effects).permit();
}

}  // namespace flikvakt::policy
