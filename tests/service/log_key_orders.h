// The two acts that give the log `origin` a new key, not sent yet. `by(i, act)` makes administrator `i`'s command of an
// act.
#pragma once

#include "service/sent_act.h"

namespace flikvakt::service::test {

struct LogKeyOrders {
  KeyRing::NewLogKey fresh;
  Command first, approval;

  template <class MakeCommand>
  static LogKeyOrders make(const KeyRing& keys, const std::string& origin, bool is_compromised, const MakeCommand& by) {
    LogKeyOrders out;
    out.fresh = keys.make_log_key();
    const policy::RotateLogKey act{origin, out.fresh.row.checkpoint_key, out.fresh.row.head_key, is_compromised};
    out.first = by(0, act);
    const policy::Approve approve{ProposalId(out.first.evidence->id.value()), policy::act_to_json(act)};
    out.approval = by(1, approve);
    return out;
  }
  // What the command brings with the approval: the seeds, durable.
  void bring_seeds(const KeyRing& keys) {
    approval.prepared.keys = make_durable(keys, fresh.seeds).value();
    approval.prepared.log_key = fresh.row;
  }
};

}  // namespace flikvakt::service::test
