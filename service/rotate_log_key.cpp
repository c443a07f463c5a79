#include "service/rotate_log_key.h"

#include "service/sent_act.h"

namespace flikvakt::service {
namespace {

bool is_carried_out(const CommandResult& result) {
  return result.status == CommandStatus::decided && result.decision.is_permitted();
}

Error not_carried_out(std::string_view what, const CommandResult& result) {
  const std::string doing(what);
  if (result.status != CommandStatus::decided)
    return fail(ErrorCode::unavailable, doing + ": the act was not carried out");
  const json::value reason = to_json(result.decision.reason);
  return fail(ErrorCode::denied, doing + ": the act was refused (" + std::string(reason.as_string()) + ")");
}

// The stop of the gateway is an entry too, under a head of the new key.
ChangedLogKeys closed(const std::unique_ptr<Core>& core, const CommandResult& result) {
  core->sequencer().stop();
  return {result.entry, core->log_keys()};
}

Result<ChangedLogKeys> carry_out_by_two(std::unique_ptr<Core> core, std::string_view doing, Command first,
                                        Command approval) {
  const CommandResult proposed = core->decide(std::move(first));
  if (!is_carried_out(proposed)) return not_carried_out(doing, proposed);
  const CommandResult approved = core->decide(std::move(approval));
  if (!is_carried_out(approved)) return not_carried_out(doing, approved);
  return closed(core, approved);
}

// Are these the two halves of such an act?
template <class T>
bool are_by_two(const Command& first, const Command& approval) {
  return std::holds_alternative<T>(first.act) && std::holds_alternative<policy::Approve>(approval.act);
}

}  // namespace

// SPEC LKEY-7
Result<ChangedLogKeys> rotate_log_key(std::unique_ptr<Core> core, const KeyRing::NewLogKey& fresh, Command first,
                                      Command approval) {
  if (!are_by_two<policy::RotateLogKey>(first, approval))
    return fail(ErrorCode::invalid, "a new key for the log: another act was ordered");
  approval.prepared.keys = TRY(make_durable(core->keys(), fresh.seeds));
  approval.prepared.log_key = fresh.row;
  return carry_out_by_two(std::move(core), "a new key for the log", std::move(first), std::move(approval));
}

Result<ChangedLogKeys> retire_log_key(std::unique_ptr<Core> core, Command ordered) {
  if (!std::holds_alternative<policy::RetireLogKey>(ordered.act))
    return fail(ErrorCode::invalid, "retiring a key of the log: another act was ordered");
  const CommandResult result = core->decide(std::move(ordered));
  if (!is_carried_out(result)) return not_carried_out("retiring a key of the log", result);
  return closed(core, result);
}

Result<ChangedLogKeys> give_up_log_key(std::unique_ptr<Core> core, Command first, Command approval) {
  if (!are_by_two<policy::GiveUpLogKey>(first, approval))
    return fail(ErrorCode::invalid, "giving up a key of the log: another act was ordered");
  return carry_out_by_two(std::move(core), "giving up a key of the log", std::move(first), std::move(approval));
}

}  // namespace flikvakt::service
