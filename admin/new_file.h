// Files that a user asked to keep: new ones only, whole or not at all.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "admin/outcome.h"
#include "base/files.h"

namespace flikvakt::admin {

// A new file that is removed again unless it becomes whole, so that a second try finds its name free.
class NewFile {
public:
  static Outcome<NewFile> make(const std::filesystem::path& path);
  NewFile(NewFile&& other) noexcept : path_(std::exchange(other.path_, {})), file_(std::move(other.file_)) {}
  NewFile& operator=(NewFile&&) = delete;
  ~NewFile();
  int get() const { return file_.get(); }
  void is_whole() { path_.clear(); }

private:
  NewFile(std::filesystem::path path, FileDescriptor file) : path_(std::move(path)), file_(std::move(file)) {}
  std::filesystem::path path_;
  FileDescriptor file_;
};

// Before long work: refused when something of that name is there.
Outcome<void> check_free(std::string_view option, const std::optional<std::string>& file);

}  // namespace flikvakt::admin
