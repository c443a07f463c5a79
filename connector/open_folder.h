// A folder that stays the one that was opened, whatever its name leads to later. Whoever drops files may lay links
// where folders belong: of these none is followed, so that no file of theirs comes anywhere else, and none of ours to
// them (spec/connector.md, CONN-39). Errors name the folder, never a file in it: its name may hold a number (CONN-29).
#pragma once

#include <sys/stat.h>

#include <optional>
#include <string>
#include <vector>

#include "base/files.h"

namespace flikvakt::connector {

class OpenFolder {
public:
  enum class Missing { is_made, is_an_error };

  static Result<OpenFolder> at(const std::filesystem::path& path);
  Result<OpenFolder> in(const std::string& name, Missing missing) const;  // not_found; invalid: a link, or no folder

  Result<std::vector<std::string>> names() const;
  // Of the name itself, not of what a link leads to.
  std::optional<struct stat> find(const std::string& name) const;
  bool has(const std::string& name) const { return find(name).has_value(); }

  Result<FileDescriptor> open(const std::string& name) const;
  // Whole or not there; durable when it returns. So are the others.
  Result<void> write(const std::string& name, BytesView data) const;
  Result<void> remove(const std::string& name) const;
  // Replaces what is there. False: `to` lies on another mount, and nothing happened.
  Result<bool> try_move(const std::string& name, const OpenFolder& to, const std::string& new_name) const;
  // conflict: something is there, and stays.
  Result<void> move_to_new(const std::string& name, const OpenFolder& to, const std::string& new_name) const;
  // Over mounts, too: then a whole copy lies there before this one goes, and a stop between the two leaves both.
  Result<void> carry(const std::string& name, const OpenFolder& to, const std::string& new_name) const;

private:
  OpenFolder(FileDescriptor fd, std::filesystem::path path) : fd_(std::move(fd)), path_(std::move(path)) {}
  Result<void> copy(const std::string& name, const OpenFolder& to, const std::string& new_name) const;
  Result<void> sync() const;
  int fd() const { return fd_.get(); }
  FileDescriptor fd_;
  std::filesystem::path path_;  // for messages
};

Result<Bytes> read_all(const FileDescriptor& file, std::size_t most);  // invalid: larger, or no ordinary file

// SHA-256 in base64url of the first `size` bytes, which are copied to `copy` when there is one. conflict: there are
// fewer.
Result<std::string> hash_of(const FileDescriptor& file, std::uint64_t size, std::optional<int> copy = {});

}  // namespace flikvakt::connector
