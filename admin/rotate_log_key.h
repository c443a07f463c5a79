// `flikvakt keys rotate-log-key` and `keys retire-log-key`: a new key for the log of a gateway that is stopped, and the
// end of the one before.
#pragma once

#include "admin/administrator_act.h"
#include "admin/config.h"
#include "admin/open_core.h"

namespace flikvakt::admin {

// Is the key that goes in other hands? Then there is no overlap, and nobody is waited for.
enum class WhyReplaced { in_good_time, compromised };

struct LogKeyOrder {
  std::filesystem::path data;
  MasterKeyPlace place;
  WhyReplaced why = WhyReplaced::in_good_time;
};

// Both give {"entry", "log_keys"}: as in `flikvakt status`. Interrupted at any place, the next start finds what counts.
Outcome<json::value> rotate_log_key(const LogKeyOrder& order, const AdministratorKeys& keys,
                                    const Passphrases& passphrases);

// `witnesses`: of the configuration. In good time each of them must cosign what the newer key alone signs (SPEC
// LKEY-13), and the overlap must be over. refused: the message says who does not know it, or from when on.
Outcome<json::value> retire_log_key(const LogKeyOrder& order, const crypto::SigningKey& administrator,
                                    const std::vector<WitnessOfLog>& witnesses, const Passphrases& passphrases);

}  // namespace flikvakt::admin
