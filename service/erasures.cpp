#include "service/erasures.h"

#include "base/files.h"
#include "base/json.h"

namespace flikvakt::service {
namespace {

constexpr std::size_t kMostBytes = std::size_t{256} << 20;

struct Line {
  KeyId key;
  UtcTime time;
};
BOOST_DESCRIBE_STRUCT(Line, (), (key, time))

// SPEC BAK-8
Result<std::string> whole_lines(const std::filesystem::path& path) {
  Result<Bytes> bytes = read_file(path, kMostBytes);
  if (!bytes && bytes.error().code == ErrorCode::not_found) return std::string();
  if (!bytes) return bytes.error();
  const std::string_view text = as_text(*bytes);
  return std::string(text.substr(0, text.rfind('\n') + 1));  // npos + 1 is 0
}

Result<std::set<KeyId>> keys_in(std::string_view text) {
  std::set<KeyId> out;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const Result<json::value> value = parse_json(text.substr(0, end));
    const Result<Line> line = value ? from_json<Line>(*value) : Result<Line>(value.error());
    if (!line) return fail(ErrorCode::corrupt, "the list of erasures: line " + std::to_string(out.size() + 1));
    out.insert(line->key);
    text.remove_prefix(end + 1);
  }
  return out;
}

}  // namespace

Result<std::set<KeyId>> read_erasures(const std::filesystem::path& path) {
  // Named, so it must be there: a mistyped path must not mean that nothing was erased.
  if (!std::filesystem::exists(path)) return fail(ErrorCode::not_found, "the list of erasures is not there");
  return keys_in(TRY(whole_lines(path)));
}

Result<void> note_erasures(const std::filesystem::path& path, std::span<const KeyId> keys, UtcTime time) {
  std::string text = TRY(whole_lines(path));
  std::set<KeyId> known = TRY(keys_in(text));
  bool changed = !std::filesystem::exists(path);  // there is always one, if an empty one, to copy elsewhere
  for (const KeyId& key : keys) {
    if (!known.insert(key).second) continue;
    text += to_text(to_json(Line{key, time})) + "\n";
    changed = true;
  }
  if (!changed) return {};
  return write_file_atomically(path, as_bytes(text));
}

}  // namespace flikvakt::service
