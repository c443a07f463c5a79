// Folders of their own for tests of the connector, and a deposit folder in one.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "base/files.h"
#include "connector/deposit_folder.h"
#include "crypto/random.h"

namespace flikvakt::connector {

// What every configuration must say.
inline constexpr std::string_view kLeast = "gateway = \"https://portal.example\"\nstate = \"state\"\n";

class Folder {
public:
  Folder() : path_(std::filesystem::temp_directory_path() / ("flikvakt-test-" + to_hex(crypto::random_bytes<8>()))) {
    std::filesystem::create_directory(path_);
    std::filesystem::permissions(path_, std::filesystem::perms::owner_all);
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }
  void write(const std::filesystem::path& name, std::string_view text) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << text;
  }

private:
  std::filesystem::path path_;
};

inline std::string read(const std::filesystem::path& file) {
  return std::string(flikvakt::as_text(read_file(file, 1 << 20).value()));
}

// A deposit folder that takes what lies still since the look before, and its queue.
struct Dropping {
  Folder folder;
  FolderConfig config;
  Outbox outbox = Outbox::open(folder.path()).value();
  Dropping() {
    config.path = folder / "drop";
    config.settled = std::chrono::milliseconds(0);
    config.author = "Region";
  }
  // Twice: what was not seen before has not settled.
  void look() {
    DepositFolder drop(config, outbox);
    EXPECT_TRUE(drop.look().has_value());
    EXPECT_TRUE(drop.look().has_value());
  }
  std::vector<Message> messages() const { return outbox.all().value(); }
};
inline constexpr std::string_view kSidecar = R"({"person": "199001012386", "title": "Intyg", "date": "2026-11-22"})";

}  // namespace flikvakt::connector
