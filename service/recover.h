// Start-up and recovery are the same code: read what is durable, check every part of it against the others, and hand it
// to the sequencer; or say why the gateway is locked. Checks and their order: spec/recovery.md.
#pragma once

#include "service/sequencer.h"
#include "store/objects.h"

namespace flikvakt::service {

struct Durable {
  const store::Rows& rows;
  const store::HeadFile& head_file;
  const KeyRing& keys;
};

// The error is the reason why the gateway is locked. Nothing is changed (SPEC REC-12).
Result<Recovered> recover(const Durable& durable);

// After it, when nothing else stands in the way of serving: leftovers of a crash go (objects and wraps without a row,
// wraps of shredded keys, torn slots), and the head file gets the newest head. invalid: what lies among the objects is
// none; nothing was changed.
Result<void> tidy_up(store::KeyStore& keys, store::HeadFile& head_file, const store::Objects& objects,
                     const Recovered& recovered);

// The head note in the database, verified with the key that the rows name. Errors: corrupt, invalid, malformed.
struct VerifiedHead {
  audit::Head head;
  std::string note;
};
Result<VerifiedHead> read_head(const store::Rows& rows, const KeyRing& keys);

// The public checkpoint of what the rows hold, signed from their head: it is not stored (SPEC CHK-14).
Result<std::string> checkpoint_of(const store::Rows& rows, const KeyRing& keys);

}  // namespace flikvakt::service
