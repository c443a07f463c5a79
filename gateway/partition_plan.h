// Between the registry's words and partition's: rules become orders, what a file became is put into the words of the
// log. Pure, but for rules_of() and rule_of().
#pragma once

#include "crypto/hash.h"
#include "partition/run_child.h"
#include "service/core.h"

namespace flikvakt::gateway {

// Those of the organisation that divide something now, by document type.
std::vector<policy::PartitionRule> rules_of(service::Core& core, const OrganisationId& organisation);
std::optional<policy::PartitionRule> rule_of(service::Core& core, const OrganisationId& organisation,
                                             const std::string& document_type);

// What is sent to the child: the parts of the rule, under their flikar's codes, without its `original`. invalid: words
// that partition does not know.
Result<partition::Order> order_by(const policy::PartitionRule& rule);
// The file as one part, in this flik.
partition::Order whole_order(std::string media_type, const std::string& flik);
// invalid: the words of the rule are none of partition's, or it says nothing that a child would take.
Result<void> check_rule_words(const policy::SetPartitionRule& act);
// By kind and name, as a rule and a form have it.
Result<partition::Take> take_named(std::string_view kind, const std::string& name,
                                   const std::optional<std::string>& category = {});
// Does a part take the whole file beside other parts? The codes of such parts.
std::vector<std::string> whole_beside_others(const partition::Order& order);

// For the log (spec/partition.md, PART-59).
struct CameIn {  // the file
  std::string media_type;
  std::uint64_t size = 0;
  crypto::Hash256 sha256{};
};
policy::DepositPlan plan_of(const CameIn& file, const std::optional<policy::PlanRule>& rule,
                            const partition::Outcome& outcome);
// "page 3" … "page 7", one behind the other, become "pages 3-7".
std::vector<partition::LeftOut> in_runs(const std::vector<partition::LeftOut>& left_out);

// The parts that may be deposited stay; of the others the report says so. SPEC PART-56
void keep_open(partition::Outcome& outcome, const std::set<std::string>& open);

}  // namespace flikvakt::gateway
