#include "gateway/deposit_gate.h"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace flikvakt::gateway {
namespace {

// Nothing is looked into: the bytes are those of a part of this plan.
service::ContentGate gate_of(policy::DepositPlan plan) {
  return {[plan = std::move(plan)](const policy::Deposit&) { return std::optional(plan); },
          [](const policy::Deposit&, const Bytes&) -> Result<service::ContentGate::Passed> {
            return fail(ErrorCode::internal, "a part that is known was to be looked into");
          }};
}

// What the whole had, and the parts did not: both stand in the plan. SPEC PART-59
void add_findings(partition::Report& report, const partition::Report& whole) {
  for (const partition::Finding& one : whole.findings) {
    const bool is_known = std::ranges::any_of(report.findings, [&](const partition::Finding& known) {
      return known.kind == one.kind && known.where == one.where && known.action == one.action;
    });
    if (!is_known) report.findings.push_back(one);
  }
}

partition::ChildProgram stopped_by(const std::atomic<bool>& stop, partition::ChildProgram program) {
  program.stop = &stop;
  return program;
}

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

DepositGate::DepositGate(const Clock& clock, partition::ChildProgram program, std::optional<partition::Scanner> scanner)
    : clock_(clock), program_(stopped_by(is_stopping_, std::move(program))), scanner_(std::move(scanner)) {}

void DepositGate::break_off() {
  is_stopping_ = true;
  jobs_.break_off();
}

void DepositGate::finish() {
  break_off();
  jobs_.finish();
  short_jobs_.join();
}

Result<partition::Run> DepositGate::divide(const partition::Order& order, BytesView file) {
  return divide(order, std::nullopt, file);
}

Result<partition::Run> DepositGate::divide(const partition::Order& order, const std::optional<std::string>& original,
                                           BytesView file) {
  if (!can_look()) return fail(ErrorCode::unavailable, "no program that divides files");
  if (scanner_) {
    const partition::Scanner::Verdict verdict = TRY(scanner_->scan(file, partition::Scanner::kMostWall, &is_stopping_));
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
  add_findings(run.outcome.report, kept.outcome.report);
  for (std::size_t i = 0; i < kept.outcome.bytes.size(); ++i) {
    run.outcome.report.parts.push_back(std::move(kept.outcome.report.parts[i]));
    run.outcome.bytes.push_back(std::move(kept.outcome.bytes[i]));
  }
  return run;
}

void DepositGate::remember(const OrganisationId& organisation, const PersonId& person,
                           const policy::DepositPlan& plan) {
  const auto kept = std::make_shared<const policy::DepositPlan>(plan);
  const auto now = clock_.steady();
  const std::lock_guard lock(mutex_);
  KnownOfOne& own = known_[organisation];
  for (const policy::PlannedPart& part : plan.parts) {
    const PartKey key{person, part.flik, part.media_type, part.sha256};
    if (const auto found = own.by_key.find(key); found != own.by_key.end()) {
      own.parts.erase(found->second);
      own.by_key.erase(found);
    }
    own.by_key[key] = own.parts.insert(own.parts.end(), Known{key, kept, now + kKnownFor});
  }
  while (own.parts.size() > kMostKnownOfOne) own.forget_oldest();
  forget_too_many(now);
}

// What has lapsed; and beyond the bound of all, of whoever has most.
void DepositGate::forget_too_many(std::chrono::steady_clock::time_point now) {
  std::size_t all = 0;
  for (auto one = known_.begin(); one != known_.end();) {
    const auto following = std::next(one);
    std::list<Known>& parts = one->second.parts;
    while (!parts.empty() && parts.front().until <= now) one->second.forget_oldest();
    all += parts.size();
    if (parts.empty()) known_.erase(one);
    one = following;
  }
  for (; all > kMostKnown; --all) {
    std::ranges::max_element(known_, {}, [](const auto& one) {
      return one.second.parts.size();
    })->second.forget_oldest();
  }
}

std::optional<policy::DepositPlan> DepositGate::find(const policy::Deposit& deposit) {
  const auto now = clock_.steady();
  const policy::DocumentFacts& facts = deposit.facts;
  const std::lock_guard lock(mutex_);
  const auto own = known_.find(deposit.source);
  if (own == known_.end()) return std::nullopt;
  const auto found = own->second.by_key.find({deposit.person, facts.flik, facts.media_type, facts.sha256});
  if (found == own->second.by_key.end() || found->second->until <= now) return std::nullopt;
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

bool DepositGate::post_sealing(const policy::Deposit& deposit, Seal seal, OrganisationJobs::Job dropped) {
  if (std::optional<policy::DepositPlan> plan = find(deposit)) {
    post_sealing_of(std::move(*plan), std::move(seal));
    return true;
  }
  auto run = [this, seal = std::move(seal)] {
    seal({[](const policy::Deposit&) { return std::optional<policy::DepositPlan>(); },
          [this](const policy::Deposit& looked_into, const Bytes& file) { return look(looked_into, file); }});
  };
  return post(deposit.source, std::move(run), std::move(dropped));
}

void DepositGate::post_sealing_of(policy::DepositPlan plan, Seal seal) {
  boost::asio::post(short_jobs_, [gate = gate_of(std::move(plan)), seal = std::move(seal)] { seal(gate); });
}

}  // namespace flikvakt::gateway
