// Start-up and recovery are the same code: read what is durable, check every part of it against the others, and hand it
// to the sequencer; or say why the gateway is locked. Checks and their order: spec/recovery.md.
#pragma once

#include "service/sequencer.h"
#include "store/objects.h"

namespace flikvakt::service {

struct Durable {
  const store::Rows& rows;
  store::HeadFile& head_file;
  const KeyRing& keys;
  const store::Objects& objects;
};

// The error is the reason why the gateway is locked; nothing was changed then. On success leftovers of a crash are
// gone: wraps and objects without a row, wraps of shredded keys; and the head file holds the newest head.
Result<Recovered> recover(const Durable& durable);

// The head note in the database, verified. Errors: corrupt.
struct VerifiedHead {
  audit::Head head;
  std::string note;
};
Result<VerifiedHead> read_head(std::string_view note, const crypto::PublicKey& key);

}  // namespace flikvakt::service
