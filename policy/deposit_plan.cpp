#include "policy/deposit_plan.h"

#include <algorithm>

namespace flikvakt::policy {
namespace {

constexpr std::size_t kMostPlanned = 65;       // 64 parts and the original
constexpr std::size_t kMostFindings = 256;     // one of a kind and action
constexpr std::size_t kLongestPlanWord = 200;  // of ours: a flik, a media type, a kind

bool is_ours(const std::string& word) { return word.size() <= kLongestPlanWord; }
bool is_of_the_file(const std::string& words) { return words.size() <= kLongestPlanWords; }

}  // namespace

bool is_bounded(const DepositPlan& plan) {
  const bool are_few = plan.parts.size() <= kMostPlanned && plan.findings.size() <= kMostFindings &&
                       plan.left_out.size() <= kMostLeftOut;
  const bool is_named = is_ours(plan.media_type) && (!plan.rule || is_ours(plan.rule->document_type));
  const bool is_refusal = !plan.refused || (is_ours(plan.refused->reason) && is_of_the_file(plan.refused->where) &&
                                            is_ours(plan.refused->finding.value_or("")));
  return are_few && is_named && is_refusal &&
         std::ranges::all_of(plan.parts,
                             [](const PlannedPart& one) { return is_ours(one.flik) && is_ours(one.media_type); }) &&
         std::ranges::all_of(plan.findings,
                             [](const PlanFinding& one) {
                               return is_ours(one.kind) && is_ours(one.action) && is_of_the_file(one.where);
                             }) &&
         std::ranges::all_of(plan.left_out,
                             [](const PlanLeftOut& one) { return is_of_the_file(one.what) && is_ours(one.reason); });
}

DepositPlan without_words(DepositPlan plan) {
  for (PlanFinding& one : plan.findings) one.where.clear();
  plan.more_left_out += plan.left_out.size();
  plan.left_out.clear();
  if (plan.refused) plan.refused->where.clear();
  return plan;
}

}  // namespace flikvakt::policy
