// An act of an administrator on a gateway that is stopped, signed and checked as if it had come through the admin
// socket.
#pragma once

#include "admin/open_core.h"
#include "crypto/sign.h"
#include "service/command.h"

namespace flikvakt::admin {

struct OfflineAct {
  ActId id;
  service::Command command;
};

// refused: the key is no administrator's.
Outcome<OfflineAct> offline_act(service::Core& core, const crypto::SigningKey& key, json::value act);

}  // namespace flikvakt::admin
