// An organisation's name for a person: AES-SIV of the number under a key of the organisation's own (spec/handle.md). It
// exists for every valid number, known or not, so asking for one reveals nothing, and no table of handles exists.
#pragma once

#include "service/key_ring.h"

namespace flikvakt::service {

class Core;

// base64url of 28 bytes. malformed: not a personnummer.
Result<std::string> handle_for(const KeyRing& keys, const OrganisationId& organisation, std::string_view number,
                               const Clock& clock);

// Whom a handle means. A handle that is no handle of this organisation means nobody: a random index, so that what comes
// after cannot tell the two apart (P6). malformed only for what is not even base64url of 28 bytes.
Result<policy::BlindIndex> resolve_handle(const KeyRing& keys, const OrganisationId& organisation,
                                          std::string_view handle);

// The organisation's handle of a person whom it was told of, by the newest number. not_found: erased meanwhile.
Result<std::string> handle_of(Core& core, const OrganisationId& organisation, const PersonId& person);

// The number behind it, for the one act that needs it: propose_key. denied: no handle of this organisation.
Result<std::string> number_behind(const KeyRing& keys, const OrganisationId& organisation, std::string_view handle);

}  // namespace flikvakt::service
