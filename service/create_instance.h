// A new gateway: `flikvakt init`. Two or more people become its administrators, a recovery key is laid away, and all of
// them sign the first entry of its log.
#pragma once

#include "service/joint_act.h"

namespace flikvakt::service {

// The act to sign. `name` is the audience of every later act; `origin` names the log. `administrators`: at least two
// personal ones and exactly one recovery key.
SentAct founding_act(const std::string& name, const std::string& origin,
                     std::vector<policy::Administrator> administrators, UtcTime now);

// `founding.signatures`: one of every administrator, the recovery key included. Checked before anything is made in
// `directory`. Errors: denied, invalid, malformed (signatures, terms); those of Core::create. What a crash leaves
// half-made has an empty log: it is removed and begun anew.
Result<std::unique_ptr<Core>> create_instance(store::DataDirectory directory, crypto::MasterKey master,
                                              const JointAct& founding, const Clock& clock, Core::Hooks hooks);

}  // namespace flikvakt::service
