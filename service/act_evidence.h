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

// As a record has it. Staff sign nothing themselves: their organisation's assertion, which was good then, says who sent
// the act.
struct Evidence {
  Bytes bytes;
  std::string assertion;  // of staff
};

// `actor` as the record names it, `state` as it stood before the act, at `time`; without one (the act was refused) the
// assertion is not asked. Errors: invalid (signature, key, audience, life, another act id), denied (the assertion),
// malformed.
Result<OrderedAct> read_evidence(const KeyRing& keys, const policy::State& state, const policy::Actor& actor,
                                 const ActId& act, const Evidence& evidence, std::optional<UtcTime> time);

// What was ordered by its own words, whoever signed it: nothing is verified.
std::optional<SentAct> order_said_in(const Evidence& evidence);
// How long a refused act would have been carried out by these words: so long its receipt stands.
std::optional<UtcTime> carried_out_until_said_in(const Evidence& evidence);

// `init` and `restore`, signed by several: `administrators` as the act leaves them.
struct JointlyOrdered {
  OrderedAct ordered;
  std::set<AdministratorId> signers;
};
Result<JointlyOrdered> read_joint_evidence(std::span<const policy::Administrator> administrators, const ActId& act,
                                           BytesView evidence);

}  // namespace flikvakt::service
