// What an act record keeps of how an act was ordered, read back: the signature is verified, the act understood again.
// Part of the independent verifier. Form: spec/act-record.md.
#pragma once

#include "policy/evaluate.h"
#include "service/joint_act.h"

namespace flikvakt::service {

// An act as it was sent, ready to be decided again.
struct OrderedAct {
  SentAct sent;
  policy::Act act;
};

// `actor` as the record names it, `state` as it stood before the act. Errors: invalid (signature, key, audience, life,
// another act id), malformed. Staff acts carry no signature of their own: the form is checked.
Result<OrderedAct> read_evidence(const KeyRing& keys, const policy::State& state, const policy::Actor& actor,
                                 const ActId& act, BytesView evidence);

// `init` and `restore`, signed by several: `administrators` as the act leaves them.
struct JointlyOrdered {
  OrderedAct ordered;
  std::set<AdministratorId> signers;
};
Result<JointlyOrdered> read_joint_evidence(std::span<const policy::Administrator> administrators, const ActId& act,
                                           BytesView evidence);

}  // namespace flikvakt::service
