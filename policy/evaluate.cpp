#include "policy/evaluate.h"

#include "policy/enrolment.h"
#include "policy/person_rules.h"
#include "policy/terms.h"

namespace flikvakt::policy {
namespace {

Outcome apply_any(const Context& context, const Act& act) {
  return visit([&](const auto& one) { return apply(context, one); }, act);
}

// SPEC ACT-4: the first of two changes nothing but that it waits; it must already be what could be carried out now.
Outcome propose(const Context& context, const Act& act) {
  Outcome trial = apply_any(context, act);
  if (!trial.decision.is_permitted()) return trial;
  Proposal waiting;
  waiting.id = ProposalId(context.moment.act.value());
  waiting.act = to_text(act_to_json(act));
  waiting.expires = context.now() + kProposalLasts;
  if (const auto* administrator = std::get_if<AdministratorActor>(&context.actor)) {
    waiting.administrator = administrator->administrator;
  }
  if (const auto* staff = std::get_if<StaffActor>(&context.actor)) {
    waiting.staff = staff->staff;
    waiting.organisation = staff->organisation;
  }
  if (const auto* person = std::get_if<PersonActor>(&context.actor)) {
    waiting.role = person->representative;
    waiting.key_used = person->key;
  }
  if (!trial.concerns.empty()) {
    waiting.person = trial.concerns.front().person;
    if (const Person* person = context.state.find<Person>(*waiting.person))
      waiting.consent_version = person->consent_version;
  }
  if (holds_alternative<RegisterRepresentative>(act) && trial.concerns.size() == 2) {
    waiting.representative = trial.concerns.back().person;
  }
  Outcome out;
  out.decision =
      context.state.find<Proposal>(waiting.id) ? Decision::refuse(Reason::already_exists) : Decision::permit();
  out.concerns = std::move(trial.concerns);
  if (out.decision.is_permitted()) out.puts.emplace_back(std::move(waiting));
  return out;
}

// SPEC ACT-6
bool works_in_clock_doubt(const Context& context, const Act& act) {
  return std::holds_alternative<SystemActor>(context.actor) || holds_alternative<AcceptClock>(act) ||
         direction_of(context.state, act) == Direction::narrowing;
}

// Whom it concerns is told of the refusal all the same.
Outcome refused_instead(Outcome out, Reason why) {
  Outcome refusal = refused(why);
  refusal.concerns = std::move(out.concerns);
  return refusal;
}

Outcome decide_act(const Context& context, const Act& act) {
  Outcome out = waits_for_second(context.state, context.actor, act) ? propose(context, act) : apply_any(context, act);
  if (context.moment.clock_doubt && !works_in_clock_doubt(context, act)) {
    out = refused_instead(std::move(out), Reason::clock_doubt);
  }
  // SPEC WIT-24: whatever else would be refused is refused for its own reason.
  if (context.moment.log_doubt && holds_alternative<OpenReading>(act) && out.decision.is_permitted()) {
    out = refused_instead(std::move(out), Reason::log_not_witnessed);
  }
  // SPEC WA-15: what takes away is not stopped by it.
  const Reason copied = check_sign_count(context.state, context.actor);
  if (copied != Reason::none && direction_of(context.state, act) != Direction::narrowing) {
    out = refused_instead(std::move(out), copied);
  }
  if (out.decision.is_permitted()) note_sign_count(context.state, context.actor, out);
  if (const auto* person = std::get_if<PersonActor>(&context.actor)) {
    const std::optional<PersonId> who = acting_person_of(context.state, *person);
    for (Concern& concern : out.concerns) concern.actor = who;
  }
  return out;
}

}  // namespace

bool waits_for_second(const State& state, const Actor& actor, const Act& act) {
  if (takes_two(act)) return true;
  const auto* person = std::get_if<PersonActor>(&actor);
  const bool tells_others = direction_of(act) == Direction::widening || holds_alternative<SignReferral>(act);
  return person && tells_others && acts_jointly(state, *person);
}

Outcome evaluate(const State& state, const Actor& actor, const Act& act, const Moment& moment,
                 const Prepared& prepared) {
  try {
    return decide_act(Context{state, actor, moment, prepared}, act);
  } catch (...) {
    return refused(Reason::error);  // SPEC ACT-1: an error in a rule is a refusal
  }
}

}  // namespace flikvakt::policy
