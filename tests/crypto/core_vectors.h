// The vectors that tests/crypto/vectors/make_vectors.py made with another implementation, and Wycheproof's.
#pragma once

#include <filesystem>

#include "base/files.h"
#include "base/json.h"

namespace flikvakt::crypto::test {

inline json::object read_vectors(const std::filesystem::path& path) {
  const Bytes text = read_file(path, 8 << 20).value();
  return parse_json(as_text(text)).value().as_object();
}

inline json::object core_vectors(std::string_view part) {
  return read_vectors(FLIKVAKT_SOURCE_DIR "/tests/crypto/vectors/core.json").at(part).as_object();
}

inline std::filesystem::path wycheproof(std::string_view name) {
  return std::filesystem::path(FLIKVAKT_SHARED_DATA) / "wycheproof" / name;
}

inline Bytes bytes_at(const json::object& object, std::string_view name) {
  return from_hex(object.at(name).as_string()).value();
}

template <class IdType>
IdType id_at(const json::object& object, std::string_view name) {
  return IdType::parse(object.at(name).as_string()).value();
}

}  // namespace flikvakt::crypto::test
