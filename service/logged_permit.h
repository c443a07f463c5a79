// Proof that the opening of one document was permitted AND that its log entry is durable (P1). Only the sequencer makes
// one, after the commit; unwrapping a document key takes one, so a forgotten log entry does not compile.
#pragma once

#include <memory>

#include "policy/person.h"
#include "service/lease.h"

namespace flikvakt::service {

class LoggedPermit {
public:
  const policy::Document& document() const { return document_; }
  const KeyId& flik_key() const { return flik_key_; }
  const ReadingId& reading() const { return reading_; }
  const std::optional<FullmaktId>& fullmakt() const { return fullmakt_; }
  std::uint64_t entry() const { return entry_; }
  const std::shared_ptr<Lease>& lease() const { return lease_; }

private:
  friend class Sequencer;
  LoggedPermit(policy::Document document, KeyId flik_key, ReadingId reading, std::optional<FullmaktId> fullmakt,
               std::uint64_t entry, std::shared_ptr<Lease> lease)
      : document_(std::move(document)),
        flik_key_(flik_key),
        reading_(reading),
        fullmakt_(fullmakt),
        entry_(entry),
        lease_(std::move(lease)) {}

  policy::Document document_;
  KeyId flik_key_;
  ReadingId reading_;
  std::optional<FullmaktId> fullmakt_;
  std::uint64_t entry_;
  std::shared_ptr<Lease> lease_;
};

}  // namespace flikvakt::service
