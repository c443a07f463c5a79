// A document is deposited: begun with its facts (decided, logged), filled with its bytes, looked into by the gate of
// hidden content, sealed (decided again, logged). Nothing of it is visible before it is sealed; while it comes, memory
// use does not depend on its size.
#pragma once

#include "service/core.h"

namespace flikvakt::service {

// What looks into every file before it is sealed (spec/partition.md, "The gate"). Parsers are not linked here: whoever
// builds the gateway says what the gate is, and there is no seal() without.
struct ContentGate {
  struct Passed {
    struct Made {
      Bytes bytes;
      std::string media_type;
    };
    std::optional<Made> made;  // to be sealed in place of what came; none: that came clean
    policy::DepositPlan plan;  // `refused`: nothing is sealed, and the attempt is logged
  };
  // The plan of a part that this gateway made itself, by its hash; nullopt: the file must be looked into.
  std::function<std::optional<policy::DepositPlan>(const policy::Deposit& deposit)> known;
  // Waits. unavailable: it could not be looked into, which is no yes.
  std::function<Result<Passed>(const policy::Deposit& deposit, Bytes file)> look;
};

// What became of a sealing.
struct SealOutcome {
  CommandResult result;
  DocumentId document;
  policy::DepositPlan plan;
  std::optional<policy::MadeBytes> made;  // what is sealed, when it is not what came
};

// SHA-256 of the bytes that came: by it a depositor knows the document again.
const policy::Fingerprint& received_sha256(const policy::Document& document);

// One running upload. One thread at a time. Destroyed without seal(), nothing is left of it.
class Upload {
public:
  Upload(Upload&&) noexcept = default;
  Upload& operator=(Upload&&) = delete;
  ~Upload();

  // invalid: more than announced, or the leading bytes, once they are there, are not of the media type; out_of_space.
  Result<void> push(BytesView bytes);

  // Waits for the disk and for the gate. invalid (the reason may be told to the depositor): fewer bytes than announced,
  // or another SHA-256. unavailable: the gate did not answer. Else `done` gets the outcome of the sealing act: a file
  // that the gate refused is refused there, with its log entry.
  Result<void> seal(Core& core, const ContentGate& gate, std::function<void(SealOutcome)> done) &&;

private:
  friend Result<Upload> receive(Core& core, const policy::StaffActor& depositor, const policy::Deposit& deposit,
                                std::uint64_t keep_free);
  Upload(Core& core, policy::StaffActor depositor, policy::Deposit deposit, policy::SealDeposit act,
         crypto::DocumentKey key, std::vector<policy::KeyRow> keys, std::unique_ptr<store::ObjectWriter> object,
         std::uint64_t keep_free);

  Result<void> check_leading(BytesView bytes);
  Result<void> pass(const ContentGate& gate);
  Result<Bytes> read_back() const;
  Result<void> put_in_place(const ContentGate::Passed::Made& made);

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
