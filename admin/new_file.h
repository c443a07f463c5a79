// Files that a user asked to keep: new ones only, for their owner alone, whole or not at all. Every failure is
// `refused`, names the file, and says to choose another name only when something of that name is there. A
// NewFile belongs to one thread.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "admin/command.h"
#include "base/files.h"

namespace flikvakt::admin {

// Written at once, durable when it returns. `option`: by which the file was named, for the message.
Outcome<void> keep_new_file(std::string_view option, const std::filesystem::path& file, BytesView bytes);

// A receipt, or an own log, as the file that --out names; says how to check it.
Outcome<void> keep_proof(const Arguments& arguments, const Output& output, const std::string& text);

// Written piece by piece, and removed again unless it becomes whole, so that a second try finds its name free.
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

// Before long work: refused when something of that name is there. No file is named: fine.
Outcome<void> check_free(std::string_view option, const std::optional<std::string>& file);

}  // namespace flikvakt::admin
