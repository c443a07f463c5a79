// The vectors that tests/crypto/vectors/make_jws_vectors.py made with another implementation.
#pragma once

#include "base/files.h"
#include "base/json.h"

namespace flikvakt::crypto {

inline json::value made_vectors() {
  const Bytes bytes = read_file(FLIKVAKT_SOURCE_DIR "/tests/crypto/vectors/jws.json", 1 << 20).value();
  return parse_json(as_text(bytes)).value();
}

inline std::string text_of(const json::value& value) { return std::string(value.as_string()); }
inline Bytes hex_of(const json::value& value) { return from_hex(value.as_string()).value(); }

}  // namespace flikvakt::crypto
