// Every fuzz target by name: the file <name>.cpp, the seeds in seeds/<name>/ and the program fuzz_<name>.
#pragma once

#include "base/bytes.h"

#define FLIKVAKT_FUZZ_TARGETS(X) \
  X(http)                        \
  X(json)                        \
  X(jws)                         \
  X(note)                        \
  X(witness)                     \
  X(act)                         \
  X(state_row)                   \
  X(log_entry)                   \
  X(log_export)                  \
  X(envelope)                    \
  X(config)                      \
  X(x509)                        \
  X(api)                         \
  X(store)                       \
  X(answer)                      \
  X(passkey)                     \
  X(id_token)                    \
  X(end_to_end)                  \
  X(partition_frame)             \
  X(partition_text)              \
  X(partition_image)             \
  X(partition_pdf)               \
  X(partition_fhir)              \
  X(partition_cda)               \
  X(partition_office)

namespace flikvakt::fuzz {

#define FLIKVAKT_DECLARE(name) void name(BytesView in);
FLIKVAKT_FUZZ_TARGETS(FLIKVAKT_DECLARE)
#undef FLIKVAKT_DECLARE

}  // namespace flikvakt::fuzz
