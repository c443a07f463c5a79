// One act that several administrators signed together: what begins a log (`init`, `restore`). Kept as the evidence of
// its first entry, as JSON {"act": …, "signatures": […]}; see spec/act-record.md. Values; thread-safe.
#pragma once

#include <set>
#include <span>

#include "policy/registry.h"
#include "service/sent_act.h"

namespace flikvakt::service {

// `typ` of the signatures of people who act: spec/jws.md.
inline constexpr std::string_view kPersonActJws = "flikvakt-act+jws";
inline constexpr std::string_view kAdministratorActJws = "flikvakt-admin+jws";

struct JointAct {
  SentAct act;
  std::vector<std::string> signatures;  // JWS, each with joint_payload(act) as its payload
};
BOOST_DESCRIBE_STRUCT(JointAct, (), (act, signatures))

// What each of them signs: canonical JSON.
std::string joint_payload(const SentAct& act);
// `kid` of an administrator's or person's signatures.
std::string kid_of(const policy::Fingerprint& thumbprint);

Result<std::string> sign_joint(const SentAct& act, const crypto::SigningKey& key);

// Who signed. denied: a signature that is none of an active administrator among these, of other bytes, or twice by the
// same. invalid: a key whose thumbprint is not the one said.
Result<std::set<AdministratorId>> signers_of(const JointAct& joint,
                                             std::span<const policy::Administrator> administrators);

}  // namespace flikvakt::service
