// A TOML file read strictly: a key that is not known, is missing or has another type is a Failure that names file,
// line and what was expected. toml++ is included in toml_file.cpp only.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/outcome.h"
#include "base/json.h"

namespace flikvakt::admin {

// Ask for every key that may be there, then call finish(): it reports the first trouble, in the order of the lines.
class TomlFile {
public:
  static Outcome<TomlFile> read(const std::filesystem::path& file);  // at most 1 MiB
  static Outcome<TomlFile> parse(std::string_view text, std::string name);
  TomlFile(TomlFile&&) noexcept;
  TomlFile& operator=(TomlFile&&) = delete;
  ~TomlFile();

  std::optional<std::string> text(std::string_view key);
  std::string required_text(std::string_view key);
  std::string required_address(std::string_view key);    // "host:port"; the listener checks the host
  std::vector<std::string> texts(std::string_view key);  // an array of strings, or none
  // The tables of `[[key]]`, each to be finished by itself.
  std::vector<TomlFile> tables(std::string_view key);
  std::optional<std::int64_t> number(std::string_view key, std::int64_t least, std::int64_t most);
  // A path as written, or relative to the folder of the file.
  std::optional<std::filesystem::path> path(std::string_view key);
  std::filesystem::path required_path(std::string_view key);
  std::vector<std::filesystem::path> paths(std::string_view key);

  // For what the caller finds wrong with a value: the trouble is placed at the line of `key`.
  void complain(std::string_view key, std::string expected);
  Outcome<void> finish();

private:
  struct State;
  explicit TomlFile(std::unique_ptr<State> state);
  std::filesystem::path resolve(const std::string& written) const;
  std::unique_ptr<State> state_;
};

// For a file whose members are checked as JSON: times and days become text, other numbers than whole ones are refused.
Outcome<json::object> read_toml_as_json(const std::filesystem::path& file);

}  // namespace flikvakt::admin
