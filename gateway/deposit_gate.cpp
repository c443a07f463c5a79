#include "gateway/deposit_gate.h"

#include <spdlog/spdlog.h>

namespace flikvakt::gateway {
namespace {

// Gives its place back, whatever happens.
class ChildPlace {
public:
  explicit ChildPlace(std::counting_semaphore<DepositGate::kMostAtOnce>& places) : places_(places) {
    places_.acquire();
  }
  ChildPlace(const ChildPlace&) = delete;
  ChildPlace& operator=(const ChildPlace&) = delete;
  ~ChildPlace() { places_.release(); }

private:
  std::counting_semaphore<DepositGate::kMostAtOnce>& places_;
};

partition::Run malware(const std::string& name) {
  partition::Run run;
  run.outcome.report.refusal = partition::Refusal{partition::RefusalReason::malware, "", std::nullopt};
  run.cause = "the scanner found `" + name + "`";
  return run;
}

// SPEC PART-72
partition::Run too_large_to_scan() {
  partition::Run run;
  run.outcome.report.refusal = partition::Refusal{partition::RefusalReason::too_large, "", std::nullopt};
  run.cause = "the file is larger than the scanner takes (clamd: `StreamMaxLength`)";
  return run;
}

}  // namespace

Result<partition::Run> DepositGate::divide(const partition::Order& order, BytesView file) {
  return divide(order, std::nullopt, file);
}

Result<partition::Run> DepositGate::divide(const partition::Order& order, const std::optional<std::string>& original,
                                           BytesView file) {
  if (!can_look()) return fail(ErrorCode::unavailable, "no program that divides files");
  const ChildPlace place(places_);
  if (scanner_) {
    const partition::Scanner::Verdict verdict = TRY(scanner_->scan(file));
    if (verdict.found) return malware(*verdict.found);
    if (verdict.is_too_large) return too_large_to_scan();
  }
  partition::Run run = TRY(partition::run_child(program_, order, file));
  if (run.outcome.report.refusal || !original) return run;
  // By itself, so that what the other parts leave out is still told.
  partition::Order whole = whole_order(order.media_type, *original);
  whole.policy = order.policy;
  whole.preview_dpi = order.preview_dpi;
  partition::Run kept = TRY(partition::run_child(program_, whole, file));
  if (kept.outcome.report.refusal) return kept;
  for (std::size_t i = 0; i < kept.outcome.bytes.size(); ++i) {
    run.outcome.report.parts.push_back(std::move(kept.outcome.report.parts[i]));
    run.outcome.bytes.push_back(std::move(kept.outcome.bytes[i]));
  }
  return run;
}

void DepositGate::remember(const OrganisationId& organisation, const policy::DepositPlan& plan) {
  const auto kept = std::make_shared<const policy::DepositPlan>(plan);
  const auto now = clock_.steady();
  const std::lock_guard lock(mutex_);
  for (const policy::PlannedPart& part : plan.parts) {
    const PartKey key{organisation, part.sha256};
    if (const auto found = by_key_.find(key); found != by_key_.end()) {
      known_.erase(found->second);
      by_key_.erase(found);
    }
    by_key_[key] = known_.insert(known_.end(), Known{key, kept, now + kKnownFor});
  }
  while (!known_.empty() && (known_.size() > kMostKnown || known_.front().until <= now)) {
    by_key_.erase(known_.front().key);
    known_.pop_front();
  }
}

std::optional<policy::DepositPlan> DepositGate::find(const OrganisationId& organisation,
                                                     const crypto::Hash256& sha256) {
  const auto now = clock_.steady();
  const std::lock_guard lock(mutex_);
  const auto found = by_key_.find({organisation, sha256});
  if (found == by_key_.end() || found->second->until <= now) return std::nullopt;
  return *found->second->plan;
}

// A file that came whole: all of it is one part.
Result<service::ContentGate::Passed> DepositGate::look(const policy::Deposit& deposit, const Bytes& file) {
  const policy::DocumentFacts& facts = deposit.facts;
  partition::Run run = TRY(divide(whole_order(facts.media_type, facts.flik), file));
  service::ContentGate::Passed out{{}, plan_of({facts.media_type, facts.size, facts.sha256}, {}, run.outcome)};
  if (out.plan.refused) {
    spdlog::info("a deposit was refused: {}{}{}", out.plan.refused->reason, run.cause.empty() ? "" : ", ", run.cause);
    return out;
  }
  if (run.outcome.bytes.size() != 1) return fail(ErrorCode::internal, "a file that came whole was not one part");
  const std::string& media_type = run.outcome.report.parts.front().media_type;
  Bytes& made = run.outcome.bytes.front().document;
  const bool is_as_it_came = made == file && media_type == facts.media_type;
  if (!is_as_it_came) out.made = service::ContentGate::Passed::Made{std::move(made), media_type};
  return out;
}

service::ContentGate DepositGate::for_deposits() {
  return {[this](const policy::Deposit& deposit) { return find(deposit.source, deposit.facts.sha256); },
          [this](const policy::Deposit& deposit, Bytes file) { return look(deposit, file); }};
}

}  // namespace flikvakt::gateway
