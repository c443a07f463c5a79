// The duty of a witness: cosigns the gateway's log, and stops for good when it sees a second history of it. What it has
// seen lies in the state folder. spec/witness.md; spec/connector.md, CONN-50 to CONN-52. Thread-safe.
#pragma once

#include <memory>

#include "connector/config.h"
#include "connector/identity.h"
#include "witness/witness.h"

namespace flikvakt::connector {

class WitnessDuty {
public:
  // `on_fork`: the log forked; from any thread. log_forked: it had before. usage: its name is none. Of another trouble
  // only the duty suffers. One at a time on a state folder.
  static Outcome<std::unique_ptr<WitnessDuty>> open(const Config& config, Identity& identity, const Clock& clock,
                                                    std::function<void(const std::string&)> on_fork);
  // Would it open? Changes nothing, and may be asked while the duty is open elsewhere.
  static Outcome<void> look(const Config& config, const Identity& identity);
  std::string key() const { return key_text_; }
  struct Reply {
    unsigned status;
    std::string body;
  };
  Reply add_checkpoint(std::string_view body);  // as a witness's server answers (WIT-2 to WIT-9)

private:
  explicit WitnessDuty(crypto::SigningKey key) : key_(std::move(key)) {}
  crypto::SigningKey key_;
  std::string key_text_;
  std::unique_ptr<witness::Witness> witness_;
};

}  // namespace flikvakt::connector
