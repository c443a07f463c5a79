// How a source's files are divided, and what came of looking into one. The dividing itself is done by partition/; here
// is who may say how, and into which flikar what came of it may go.
#include <algorithm>

#include "policy/decide.h"
#include "policy/deposit_plan.h"
#include "policy/effects.h"
#include "policy/terms.h"
#include "policy/who.h"

namespace flikvakt::policy {
namespace {

constexpr std::size_t kMostParts = 64;  // of partition/limits.h, as the next
constexpr std::size_t kMostTakes = 256;

bool is_well_said(const PartitionTake& take) {
  const bool is_whole = take.kind == "whole";
  const bool has_name = is_name(take.name) && is_text(take.name, 200);
  const bool has_category = !take.category || (is_name(*take.category) && is_text(*take.category, 200));
  return is_code(take.kind) && (is_whole ? take.name.empty() : has_name) && has_category;
}

bool is_well_said(const PartitionPart& part) {
  return !part.takes.empty() && std::ranges::all_of(part.takes, [](const auto& take) { return is_well_said(take); });
}

bool is_well_said(const PartitionFinding& one) { return is_name(one.finding) && is_name(one.action); }

bool takes_all(const PartitionPart& part) {
  return std::ranges::any_of(part.takes, [](const PartitionTake& take) { return take.kind == "whole"; });
}

// SPEC PART-52
bool is_rule(const SetPartitionRule& act) {
  std::set<std::string> flikar, findings;
  std::size_t takes = 0;
  for (const PartitionPart& part : act.parts) {
    flikar.insert(part.flik);
    takes += part.takes.size();
  }
  for (const PartitionFinding& one : act.findings) findings.insert(one.finding);
  if (act.original) flikar.insert(*act.original);
  const std::size_t parts = act.parts.size() + (act.original ? 1 : 0);
  const bool is_sized = parts <= kMostParts && takes <= kMostTakes && act.findings.size() <= kMostParts;
  const bool are_different = flikar.size() == parts && findings.size() == act.findings.size();
  const bool is_named = is_code(act.document_type) && is_name(act.name) && is_text(act.name, 200) &&
                        is_name(act.media_type) && is_text(act.media_type, 200);
  // The whole beside its parts would undo them: it goes where `original` says.
  const bool are_apart = parts < 2 || std::ranges::none_of(act.parts, takes_all);
  const bool is_down = act.parts.empty() && act.original;  // taken down, and yet kept whole
  return is_sized && are_different && is_named && are_apart && !is_down &&
         std::ranges::all_of(act.parts, [](const auto& part) { return is_well_said(part); }) &&
         std::ranges::all_of(act.findings, [](const auto& one) { return is_well_said(one); });
}

// SPEC PART-53
bool is_for_the_person_alone(const State& state, const std::string& flik) {
  const FlikType* type = state.find<FlikType>(flik);
  return type && type->only_person.value_or(false);
}

}  // namespace

// SPEC PART-50 to PART-53
Outcome apply(const Context& context, const SetPartitionRule& act) {
  const ActingStaff who = acting_registrar(context);
  if (!who.staff) return refused(who.why, Rule::actor);
  const OrganisationId organisation = who.staff->organisation;
  const PartitionRule* known = context.state.find<PartitionRule>({organisation, act.document_type});
  if (act.version != (known ? known->version + 1 : 1)) return refused(Reason::state_changed);
  if (!is_rule(act)) return refused(Reason::terms_invalid);
  std::set<std::string> flikar;
  for (const PartitionPart& part : act.parts) flikar.insert(part.flik);
  if (act.original) flikar.insert(*act.original);
  if (!are_flikar_known(context.state, flikar)) return refused(Reason::flik_unknown);
  if (act.original && !is_for_the_person_alone(context.state, *act.original)) return refused(Reason::terms_invalid);
  Effects effects(context);
  effects.put(PartitionRule{organisation, act.document_type, act.version, act.name, act.media_type, act.parts,
                            act.original, act.findings, context.now(), context.epoch()});
  return std::move(effects).permit();
}

namespace {

// SPEC DEP-1, DEP-2, as begin_deposit decides it.
Decision may_deposit(const Context& context, const StaffActor& depositor, const Person* person,
                     const std::string& flik) {
  if (!person) return Decision::refuse(Reason::unknown);
  if (!are_flikar_known(context.state, {flik})) return Decision::refuse(Reason::flik_unknown);
  return decide_deposit(context.state, depositor, person->id, flik, context.now());
}

}  // namespace

// SPEC PART-56, PART-57: of a number that is not known here the same as of a person with nothing open.
Outcome apply(const Context& context, const PlanDeposit& act) {
  Effects effects(context);
  const Person* person = effects.concern(act.person);
  const StaffActor* actor = std::get_if<StaffActor>(&context.actor);
  if (!actor) return std::move(effects).refuse(Reason::not_entitled);
  const Reason who = rule_1_actor(context.state, *actor, context.now());
  if (who != Reason::none) return std::move(effects).refuse(who, Rule::actor);
  if (!is_bounded(act.plan)) return std::move(effects).refuse(Reason::terms_invalid);  // SPEC PART-59
  if (act.plan.refused) return std::move(effects).refuse(Reason::file_refused);
  OpenFlikar open;
  std::optional<Decision> first;  // that says no
  for (const PlannedPart& part : act.plan.parts) {
    const Decision decision = may_deposit(context, *actor, person, part.flik);
    if (decision.is_permitted())
      open.codes.insert(part.flik);
    else if (!first)
      first = decision;
  }
  if (open.codes.empty() && first) return std::move(effects).refuse(*first);
  effects.answer(std::move(open));
  return std::move(effects).permit();
}

}  // namespace flikvakt::policy
