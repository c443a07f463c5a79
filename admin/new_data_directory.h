// A data directory that `init` or `restore` fills: gone again unless it became whole, so that a second try finds its
// name free.
#pragma once

#include <filesystem>

#include "admin/outcome.h"
#include "store/data_directory.h"

namespace flikvakt::admin {

class NewDataDirectory {
public:
  // conflict: something is in it.
  static Outcome<NewDataDirectory> create(const std::filesystem::path& root);
  NewDataDirectory(NewDataDirectory&& other) noexcept;
  NewDataDirectory& operator=(NewDataDirectory&&) = delete;
  ~NewDataDirectory();  // removes what was made, unless keep(): after everything that was opened in it has gone

  // For whoever fills it; it holds the lock. Once.
  store::DataDirectory take() { return std::move(directory_); }
  void keep() { root_.clear(); }

private:
  NewDataDirectory(std::filesystem::path root, bool was_there, store::DataDirectory directory)
      : root_(std::move(root)), was_there_(was_there), directory_(std::move(directory)) {}
  std::filesystem::path root_;
  bool was_there_;
  store::DataDirectory directory_;
};

}  // namespace flikvakt::admin
