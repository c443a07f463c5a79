#include "admin/new_file.h"

#include <filesystem>

namespace flikvakt::admin {

Outcome<void> check_free(std::string_view option, const std::optional<std::string>& file) {
  std::error_code ignored;
  if (!file || !std::filesystem::exists(std::filesystem::symlink_status(*file, ignored))) return {};
  return Failure(ExitCode::refused, std::string(option) + ": `" + *file + "` exists already",
                 "nothing is overwritten: choose another name");
}

}  // namespace flikvakt::admin
