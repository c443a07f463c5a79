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

  Result<void> push(BytesView bytes);  // invalid: more than announced; out_of_space

  // invalid (the reason may be told to the depositor): fewer bytes than announced, another SHA-256, or leading bytes
  // that are not of the media type. Else `done` gets the outcome of the sealing act.
  Result<void> seal(Core& core, std::function<void(CommandResult, DocumentId)> done) &&;

private:
  friend Result<Upload> receive(Core& core, const policy::StaffActor& depositor, const policy::Deposit& deposit);
  Upload(Core& core, policy::StaffActor depositor, policy::Deposit deposit, policy::SealDeposit act,
         crypto::DocumentKey key, std::vector<policy::KeyRow> keys, std::unique_ptr<store::ObjectWriter> object);

  Core& core_;
  policy::StaffActor depositor_;
  policy::Deposit deposit_;
  policy::SealDeposit act_;
  crypto::DocumentKey key_;
  std::vector<policy::KeyRow> keys_;  // until seal() took them over
  std::unique_ptr<store::ObjectWriter> object_;
  Bytes leading_;
  std::uint64_t received_ = 0;
};

// The document that a deposit becomes: computed, so that a depositor whose answer was lost can be given it again.
DocumentId document_of(const policy::StaffActor& depositor, const DepositId& deposit);

// The deposit that this depositor began and has not sealed; nothing otherwise (one answer for every cause).
std::optional<policy::Deposit> find_deposit(Core& core, const policy::StaffActor& depositor, const DepositId& id);

// Makes keys durable and opens the object. Errors: io, out_of_space, corrupt.
Result<Upload> receive(Core& core, const policy::StaffActor& depositor, const policy::Deposit& deposit);

}  // namespace flikvakt::service
