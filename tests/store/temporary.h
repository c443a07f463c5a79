// A folder of its own for each test, and damage done to files in it.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "base/bytes.h"
#include "crypto/secret.h"

namespace flikvakt::store {

namespace fs = std::filesystem;

class TemporaryFolder {
public:
  TemporaryFolder() {
    std::string name = (fs::temp_directory_path() / "flikvakt-store-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  const fs::path& path() const { return path_; }
  fs::path operator/(std::string_view name) const { return path_ / name; }

private:
  fs::path path_;
};

inline crypto::DatabaseKey key_of(std::uint8_t filler) { return crypto::DatabaseKey::copy_from(Bytes(32, filler)); }

inline Bytes contents(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return Bytes(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
}
inline void overwrite(const fs::path& path, BytesView bytes) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}
inline void flip(const fs::path& path, std::size_t offset) {
  Bytes bytes = contents(path);
  ASSERT_LT(offset, bytes.size());
  bytes[offset] ^= 1;
  overwrite(path, bytes);
}
inline bool holds(BytesView bytes, std::string_view marker) {
  return as_text(bytes).find(marker) != std::string_view::npos;
}
inline Bytes text(std::string_view value) { return to_bytes(as_bytes(value)); }
template <class T>
std::string outcome_of(const Result<T>& result) {
  return result ? "ok" : std::string(to_string(result.error().code)) + ": " + result.error().message;
}

}  // namespace flikvakt::store

// A Result that must be a value, or an error of one kind; the failure says what it was instead.
#define ASSERT_OK(...)                                             \
  do {                                                             \
    const auto& asserted = (__VA_ARGS__);                          \
    ASSERT_TRUE(asserted.has_value()) << asserted.error().message; \
  } while (false)
#define EXPECT_OK(...) EXPECT_EQ(flikvakt::store::outcome_of(__VA_ARGS__), "ok")
#define EXPECT_ERROR(kind, ...) \
  EXPECT_THAT(flikvakt::store::outcome_of(__VA_ARGS__), testing::StartsWith(std::string(to_string(kind)) + ": "))
