#include "service/rotate_log_key.h"

#include "service/sent_act.h"

namespace flikvakt::service {
namespace {

// The stop of the gateway is an entry too, under a head of the new key.
Result<ChangedLogKeys> closed(const std::unique_ptr<Core>& core, const CommandResult& result) {
  core->sequencer().stop();
  if (result.status != CommandStatus::decided)
    return fail(ErrorCode::unavailable, "a key of the log: the act was not carried out");
  return ChangedLogKeys{result.decision, result.entry, core->log_keys()};
}

Result<ChangedLogKeys> carry_out_by_two(std::unique_ptr<Core> core, Command first, Command approval) {
  const CommandResult proposed = core->decide(std::move(first));
  if (proposed.status != CommandStatus::decided || !proposed.decision.is_permitted()) return closed(core, proposed);
  return closed(core, core->decide(std::move(approval)));
}

// Are these the two halves of such an act?
template <class T>
bool are_by_two(const Command& first, const Command& approval) {
  return holds_alternative<T>(first.act) && holds_alternative<policy::Approve>(approval.act);
}

}  // namespace

// SPEC LKEY-7
Result<ChangedLogKeys> rotate_log_key(std::unique_ptr<Core> core, const KeyRing::NewLogKey& fresh, Command first,
                                      Command approval) {
  if (!are_by_two<policy::RotateLogKey>(first, approval))
    return fail(ErrorCode::invalid, "a new key for the log: another act was ordered");
  approval.prepared.keys = TRY(make_durable(core->keys(), fresh.seeds));
  approval.prepared.log_key = fresh.row;
  return carry_out_by_two(std::move(core), std::move(first), std::move(approval));
}

Result<ChangedLogKeys> retire_log_key(std::unique_ptr<Core> core, Command ordered) {
  if (!holds_alternative<policy::RetireLogKey>(ordered.act))
    return fail(ErrorCode::invalid, "retiring a key of the log: another act was ordered");
  return closed(core, core->decide(std::move(ordered)));
}

Result<ChangedLogKeys> give_up_log_key(std::unique_ptr<Core> core, Command first, Command approval) {
  if (!are_by_two<policy::GiveUpLogKey>(first, approval))
    return fail(ErrorCode::invalid, "giving up a key of the log: another act was ordered");
  return carry_out_by_two(std::move(core), std::move(first), std::move(approval));
}

}  // namespace flikvakt::service
