// `flikvakt keys rotate-log-key` and `keys retire-log-key`: a new key for the log of a gateway that is stopped, the end
// of the one before, and of an older one that it is in other hands.
#pragma once

#include "admin/administrator_act.h"
#include "admin/config.h"
#include "admin/open_core.h"

namespace flikvakt::admin {

// Is the key that is replaced in other hands? Then there is no overlap.
enum class WhyReplaced { in_good_time, compromised };

struct LogKeyPlace {
  std::filesystem::path data;
  MasterKeyPlace master;
};

// All give {"entry", "log_keys"}, the latter as in `flikvakt status`. Interrupted at any place, the next start finds
// what counts. `keys`: of two administrators. refused: the failure says what to do first.
Outcome<json::value> rotate_log_key(const LogKeyPlace& place, WhyReplaced why, const AdministratorKeys& keys,
                                    const Passphrases& passphrases);

// In good time. `witnesses`: of the configuration; each of them must cosign what the newer key alone signs (SPEC
// LKEY-13), and the overlap must be over. refused: the message says who does not know it, or from when on.
Outcome<json::value> retire_log_key(const LogKeyPlace& place, const crypto::SigningKey& administrator,
                                    const std::vector<WitnessOfLog>& witnesses, const Passphrases& passphrases);

// SPEC LKEY-14: at once, and nobody is waited for. `generation`: none is the one that is retiring.
Outcome<json::value> give_up_log_key(const LogKeyPlace& place, std::optional<std::uint32_t> generation,
                                     const AdministratorKeys& keys, const Passphrases& passphrases);

}  // namespace flikvakt::admin
