// A document is deposited: begun with its facts (decided, logged), filled with its bytes, sealed (decided again,
// logged). Nothing of it is visible before it is sealed; memory use does not depend on its size.
#pragma once

#include "service/core.h"

namespace flikvakt::service {

// One running upload. One thread at a time. Destroyed without seal(), nothing is left of it.
class Upload {
public:
  Upload(Upload&&) noexcept = default;
  Upload& operator=(Upload&&) = delete;
  ~Upload();

  // invalid: more than announced, or the leading bytes, once they are there, are not of the media type; out_of_space.
  Result<void> push(BytesView bytes);

  // Waits for the disk. invalid (the reason may be told to the depositor): fewer bytes than announced, or another
  // SHA-256. Else `done` gets the outcome of the sealing act.
  Result<void> seal(Core& core, std::function<void(CommandResult, DocumentId)> done) &&;

private:
  friend Result<Upload> receive(Core& core, const policy::StaffActor& depositor, const policy::Deposit& deposit,
                                std::uint64_t keep_free);
  Upload(Core& core, policy::StaffActor depositor, policy::Deposit deposit, policy::SealDeposit act,
         crypto::DocumentKey key, std::vector<policy::KeyRow> keys, std::unique_ptr<store::ObjectWriter> object,
         std::uint64_t keep_free);

  Result<void> check_leading(BytesView bytes);

  Core& core_;
  policy::StaffActor depositor_;
  policy::Deposit deposit_;
  policy::SealDeposit act_;
  crypto::DocumentKey key_;
  std::vector<policy::KeyRow> keys_;  // until seal() took them over
  std::unique_ptr<store::ObjectWriter> object_;
  const std::uint64_t keep_free_;
  Bytes leading_;
  std::uint64_t received_ = 0;
  bool is_recognised_ = false;  // its leading bytes are those of its media type
};

// The document that a deposit becomes: computed, so that a depositor whose answer was lost can be given it again.
DocumentId document_of(const policy::StaffActor& depositor, const DepositId& deposit);

// The deposit that this depositor began and has not sealed; nothing otherwise (one answer for every cause).
std::optional<policy::Deposit> find_deposit(Core& core, const policy::StaffActor& depositor, const DepositId& id);

// Makes keys durable and opens the object. `keep_free`: bytes of the disk that the upload must leave, from its
// beginning to its end. Errors: io, out_of_space, corrupt.
Result<Upload> receive(Core& core, const policy::StaffActor& depositor, const policy::Deposit& deposit,
                       std::uint64_t keep_free = 0);

}  // namespace flikvakt::service
