#include "admin/new_file.h"

#include <fcntl.h>
#include <unistd.h>

namespace flikvakt::admin {

Outcome<NewFile> NewFile::make(const std::filesystem::path& path) {
  Result<FileDescriptor> file = open_file(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC);
  if (!file) return Failure(ExitCode::refused, file.error().message, "nothing is overwritten: choose another name");
  return NewFile(path, std::move(*file));
}

NewFile::~NewFile() {
  if (!path_.empty()) ::unlink(path_.c_str());
}

Outcome<void> check_free(std::string_view option, const std::optional<std::string>& file) {
  std::error_code ignored;
  if (!file || !std::filesystem::exists(std::filesystem::symlink_status(*file, ignored))) return {};
  return Failure(ExitCode::refused, std::string(option) + ": `" + *file + "` exists already",
                 "nothing is overwritten: choose another name");
}

}  // namespace flikvakt::admin
