#include "gateway/partition_plan.h"

#include <algorithm>
#include <charconv>

#include "base/json.h"
#include "crypto/random.h"
#include "policy/deposit_plan.h"

namespace flikvakt::gateway {
namespace {

bool divides(const policy::PartitionRule& rule, std::uint32_t epoch) {
  return rule.epoch == epoch && !rule.parts.empty();
}

std::string fresh_seed() { return to_base64url(crypto::random_bytes<32>()); }

// Of an enum, its name.
template <class Word>
std::string word_of(Word word) {
  return std::string(to_json(word).get_string());
}

Result<std::vector<partition::FindingRule>> policy_of(const std::vector<policy::PartitionFinding>& findings) {
  std::vector<partition::FindingRule> out;
  for (const policy::PartitionFinding& one : findings) {
    out.push_back({TRY(from_json<partition::FindingKind>(json::value(json::string(one.finding)))),
                   TRY(from_json<partition::Action>(json::value(json::string(one.action))))});
  }
  return out;
}

Result<partition::Order> order_of_words(const std::string& media_type, const std::vector<policy::PartitionPart>& parts,
                                        const std::vector<policy::PartitionFinding>& findings) {
  partition::Order order;
  order.media_type = media_type;
  order.token_seed = fresh_seed();
  order.policy = TRY(policy_of(findings));
  for (const policy::PartitionPart& part : parts) {
    partition::PartRule rule{part.flik, {}};
    for (const policy::PartitionTake& take : part.takes) {
      rule.takes.push_back(TRY(take_named(take.kind, take.name, take.category)));
    }
    order.parts.push_back(std::move(rule));
  }
  TRY_VOID(partition::check_order(order));
  return order;
}

// Words of the file in a record that stays: one line, and never longer than this, cut at a character's edge. SPEC
// PART-59
std::string in_a_record(std::string_view text) {
  std::size_t end = std::min(text.size(), policy::kLongestPlanWords);
  while (end < text.size() && end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  std::string out(text.substr(0, end));
  std::ranges::replace_if(
      out, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  return out;
}

// One line for each kind and action: the counts together, and where the first was.
std::vector<policy::PlanFinding> findings_of(const partition::Report& report) {
  std::vector<policy::PlanFinding> out;
  for (const partition::Finding& one : report.findings) {
    const std::string kind = word_of(one.kind), action = word_of(one.action);
    const auto same = std::ranges::find_if(
        out, [&](const policy::PlanFinding& known) { return known.kind == kind && known.action == action; });
    const auto count = static_cast<std::uint64_t>(std::max<std::int64_t>(one.count, 0));
    if (same != out.end())
      same->count += count;
    else
      out.push_back({kind, in_a_record(one.where), count, action});
  }
  return out;
}

std::optional<std::int64_t> page_in(const partition::LeftOut& one) {
  constexpr std::string_view kPage = "page ";
  if (!one.what.starts_with(kPage)) return std::nullopt;
  std::int64_t page = 0;
  const char* const end = one.what.data() + one.what.size();
  const auto [read, error] = std::from_chars(one.what.data() + kPage.size(), end, page);
  return error == std::errc() && read == end ? std::optional(page) : std::nullopt;
}

}  // namespace

std::vector<policy::PartitionRule> rules_of(service::Core& core, const OrganisationId& organisation) {
  const std::uint32_t epoch = core.directory().instance().epoch;
  auto out = core.directory().rows_where<policy::PartitionRule>(
      [&](const policy::PartitionRule& rule) { return rule.organisation == organisation && divides(rule, epoch); });
  std::ranges::sort(out, {}, &policy::PartitionRule::document_type);
  return out;
}

std::optional<policy::PartitionRule> rule_of(service::Core& core, const OrganisationId& organisation,
                                             const std::string& document_type) {
  auto rule = core.directory().row<policy::PartitionRule>({organisation, document_type});
  if (rule && !divides(*rule, core.directory().instance().epoch)) rule.reset();
  return rule;
}

Result<partition::Take> take_named(std::string_view kind, const std::string& name,
                                   const std::optional<std::string>& category) {
  using namespace partition;
  if (kind != TakeResources::kKind && category) return fail(ErrorCode::invalid, "a category is of resources only");
  if (kind == TakeBookmark::kKind) return Take(TakeBookmark{name});
  if (kind == TakeHeading::kKind) return Take(TakeHeading{name});
  if (kind == TakeSection::kKind) return Take(TakeSection{name});
  if (kind == TakeTemplate::kKind) return Take(TakeTemplate{name});
  if (kind == TakeResources::kKind) return Take(TakeResources{name, category});
  if (kind == TakeWhole::kKind) return Take(TakeWhole{});
  return fail(ErrorCode::invalid, "`" + std::string(kind) + "`: nothing that a rule takes of a file");
}

Result<partition::Order> order_by(const policy::PartitionRule& rule) {
  return order_of_words(rule.media_type, rule.parts, rule.findings);
}

partition::Order whole_order(std::string media_type, const std::string& flik) {
  partition::Order order;
  order.media_type = std::move(media_type);
  order.token_seed = fresh_seed();
  order.parts = {partition::PartRule{flik, {partition::TakeWhole{}}}};
  return order;
}

Result<void> check_rule_words(const policy::SetPartitionRule& act) {
  TRY_VOID(order_of_words(act.media_type, act.parts, act.findings));
  return {};
}

std::vector<std::string> whole_beside_others(const partition::Order& order) {
  std::vector<std::string> out;
  if (order.parts.size() < 2) return out;
  for (const partition::PartRule& part : order.parts) {
    const bool is_whole = std::ranges::any_of(
        part.takes, [](const partition::Take& take) { return std::holds_alternative<partition::TakeWhole>(take); });
    if (is_whole) out.push_back(part.name);
  }
  return out;
}

std::vector<partition::LeftOut> in_runs(const std::vector<partition::LeftOut>& left_out) {
  std::vector<partition::LeftOut> out;
  std::int64_t first = 0, last = 0;  // of the run that out.back() stands for; 0: it is none
  for (const partition::LeftOut& one : left_out) {
    const std::optional<std::int64_t> page = page_in(one);
    const bool goes_on = page && last > 0 && *page == last + 1 && out.back().reason == one.reason;
    if (goes_on) {
      last = *page;
      out.back().what = "pages " + std::to_string(first) + "-" + std::to_string(last);
      continue;
    }
    first = last = page.value_or(0);
    out.push_back(one);
  }
  return out;
}

policy::DepositPlan plan_of(const CameIn& file, const std::optional<policy::PlanRule>& rule,
                            const partition::Outcome& outcome) {
  policy::DepositPlan out;
  out.media_type = file.media_type;
  out.size = file.size;
  out.sha256 = file.sha256;
  out.rule = rule;
  out.findings = findings_of(outcome.report);
  for (std::size_t i = 0; i < outcome.report.parts.size(); ++i) {
    const partition::Part& part = outcome.report.parts[i];
    const Bytes& document = outcome.bytes[i].document;
    out.parts.push_back({part.name, part.media_type, document.size(), crypto::sha256(document)});
  }
  const std::vector<partition::LeftOut> left_out = in_runs(outcome.report.left_out);
  for (const partition::LeftOut& one : left_out) {
    if (out.left_out.size() < policy::kMostLeftOut)
      out.left_out.push_back({in_a_record(one.what), word_of(one.reason)});
    else
      ++out.more_left_out;
  }
  if (const auto& refusal = outcome.report.refusal) {
    out.refused = policy::PlanRefusal{word_of(refusal->reason), in_a_record(refusal->where), {}};
    if (refusal->finding) out.refused->finding = word_of(*refusal->finding);
  }
  return out;
}

void keep_open(partition::Outcome& outcome, const std::set<std::string>& open) {
  partition::Outcome kept;
  kept.report = std::move(outcome.report);
  std::vector<partition::Part> parts = std::move(kept.report.parts);
  kept.report.parts.clear();
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (open.contains(parts[i].name)) {
      kept.report.parts.push_back(std::move(parts[i]));
      kept.bytes.push_back(std::move(outcome.bytes[i]));
    } else {
      kept.report.left_out.push_back({parts[i].name, partition::LeftOutReason::not_open});
    }
  }
  outcome = std::move(kept);
}

}  // namespace flikvakt::gateway
