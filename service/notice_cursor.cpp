#include "service/notice_cursor.h"

#include <spdlog/spdlog.h>

#include "base/json.h"

namespace flikvakt::service {
namespace {

constexpr std::size_t kLargestFile = 4096;

struct Cursor {
  std::string origin;
  std::uint64_t next = 0;
};
BOOST_DESCRIBE_STRUCT(Cursor, (), (origin, next))

Result<Cursor> parse(BytesView text) { return from_json<Cursor>(TRY(parse_json(as_text(text)))); }

}  // namespace

// SPEC HOOK-12
Result<std::optional<std::uint64_t>> read_notice_cursor(const std::filesystem::path& file, const std::string& origin,
                                                        std::uint64_t log_size) {
  const Result<Bytes> text = read_file(file, kLargestFile);
  if (!text && text.error().code == ErrorCode::not_found) return std::optional<std::uint64_t>();
  if (!text) return text.error();
  const Result<Cursor> cursor = parse(*text);
  if (!cursor || (cursor->origin == origin && cursor->next > log_size)) {
    return fail(ErrorCode::corrupt, "`" + file.string() +
                                        "` does not say up to where people were told; move it aside, "
                                        "and they are told of what happens from then on");
  }
  if (cursor->origin == origin) return std::optional(cursor->next);
  spdlog::warn("the notice hook begins with what happens now: its cursor is of another log");
  return std::optional<std::uint64_t>();
}

Result<void> write_notice_cursor(const std::filesystem::path& file, const std::string& origin, std::uint64_t next) {
  return write_file_atomically(file, as_bytes(to_text(to_json(Cursor{origin, next})) + "\n"));
}

}  // namespace flikvakt::service
