// A document is opened: the product's main verb. In order: opening_of(), the sequencer, unseal(), DocumentReader,
// transfer_ended(); over the network, gateway/await_command.cpp and gateway/document_body.cpp put them one after
// another.
#pragma once

#include "service/core.h"

namespace flikvakt::service {

// What a permitted reader gets. `reader` decrypts; every byte of it is sent under `permit->lease()`.
struct OpenedDocument {
  std::shared_ptr<const LoggedPermit> permit;
  std::shared_ptr<store::ObjectReader> reader;
};

// Exactly one of the two. A refusal is logged by then; its reason is for the person's log and the operational log only.
struct OpenResult {
  std::optional<OpenedDocument> opened;
  CommandResult refused;
};

// Two steps. To be decided and logged by the sequencer, whose thread must not wait for a disk.
Command opening_of(const policy::StaffActor& reader, const DocumentId& document, const std::string& purpose);
Command opening_of_own(const policy::PersonActor& person, const DocumentId& document);
// Then, on a thread that may: key and object of what was permitted. What cannot be unsealed is closed, and refused.
OpenResult unseal(Core& core, CommandResult decided);

// A further range of a reading that is open: decided anew whenever access is narrowed, not counted again. Nothing when
// the reading is closed, cut, unknown or another one's. On any thread.
std::optional<OpenedDocument> reopen(Core& core, const ReadingId& reading, const policy::Actor& actor);

// After each transfer under a reading: plaintext bytes [from, to) reached the kernel. When every byte of the document
// was delivered once, the reading ends: the command is the closing that is owed to the log.
[[nodiscard]] std::optional<Command> transfer_ended(Core& core, const OpenedDocument& document, std::uint64_t from,
                                                    std::uint64_t to);

}  // namespace flikvakt::service
