// A folder of a test's own, gone with it.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace flikvakt::admin {

class Scratch {
public:
  Scratch() {
    std::string name = (std::filesystem::temp_directory_path() / "flikvakt-admin-XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  ~Scratch() { std::filesystem::remove_all(folder_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  std::filesystem::path path(const std::string& name) const { return folder_ / name; }
  // Mode 0600.
  std::filesystem::path write(const std::string& name, std::string_view text) const {
    const auto file = path(name);
    std::ofstream(file, std::ios::binary) << text;
    std::filesystem::permissions(file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    return file;
  }

private:
  std::filesystem::path folder_;
};

}  // namespace flikvakt::admin
