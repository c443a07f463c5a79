#include "admin/new_data_directory.h"

namespace flikvakt::admin {

namespace fs = std::filesystem;

Outcome<NewDataDirectory> NewDataDirectory::create(const fs::path& root) {
  std::error_code ignored;
  const bool was_there = fs::exists(root, ignored);
  Result<store::DataDirectory> made = store::DataDirectory::create(root);
  if (!made && made.error().code == ErrorCode::conflict)
    return Failure(ExitCode::refused, made.error().message, "name a directory that does not exist yet");
  if (!made) return made.error();
  return NewDataDirectory(root, was_there, std::move(*made));
}

NewDataDirectory::NewDataDirectory(NewDataDirectory&& other) noexcept
    : root_(std::exchange(other.root_, fs::path())),
      was_there_(other.was_there_),
      directory_(std::move(other.directory_)) {}

// INVARIANT: it was empty when it was taken over, so all that is in it was made since.
NewDataDirectory::~NewDataDirectory() {
  if (root_.empty()) return;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(root_, ignored)) fs::remove_all(entry.path(), ignored);
  if (!was_there_) fs::remove(root_, ignored);
}

}  // namespace flikvakt::admin
