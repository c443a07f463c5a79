#include "service/log_evidence.h"

#include <fcntl.h>
#include <unistd.h>

#include <mutex>

#include "base/files.h"

namespace flikvakt::service {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFirstLine = "flikvakt-log-evidence/v1";

std::string length_line(std::string_view what, std::string_view note) {
  return std::string(what) + " " + std::to_string(note.size()) + " bytes\n";
}

// Its blocks are allocated: no full disk keeps it from being written.
Result<void> write_into_room(const fs::path& room, BytesView data) {
  const FileDescriptor file = TRY(open_file(room, O_WRONLY | O_NOFOLLOW));
  const Result<void> written = data.size() <= kEvidenceRoomBytes ? write_exactly(file.get(), 0, data)
                                                                 : fail(ErrorCode::out_of_space, "too long");
  if (::ftruncate(file.get(), written ? static_cast<off_t>(data.size()) : 0) != 0) return os_error("cutting", room);
  TRY_VOID(sync_file(file.get()));
  return written;
}

// What needs no block of the disk, only a name.
Result<void> make_empty(const fs::path& file) {
  TRY(open_file(file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW));
  return sync_directory(folder_of(file));
}

bool is_there_or_done(const Result<void>& done) { return done || done.error().code == ErrorCode::conflict; }

}  // namespace

// SPEC WIT-33
Result<void> keep_log_evidence(const fs::path& file, const fs::path& room, std::string_view own,
                               std::string_view shown) {
  static std::mutex one_at_a_time;  // the room is one
  const std::lock_guard lock(one_at_a_time);
  std::string out(kFirstLine);
  out.append("\n").append(length_line("own", own)).append(length_line("shown", shown)).append("\n");
  out.append(own).append(shown);
  const Result<void> kept = write_new_file(file, as_bytes(out));
  if (is_there_or_done(kept)) return {};
  const Result<void> written = write_into_room(room, as_bytes(out));
  if (is_there_or_done(move_to_new_name(room, file))) return written;
  TRY_VOID(make_empty(file));
  return kept;
}

// SPEC WIT-34
Result<void> require_no_log_evidence(const fs::path& file) {
  std::error_code error;
  if (fs::symlink_status(file, error).type() == fs::file_type::not_found) return {};
  return fail(
      ErrorCode::corrupt,
      "the gateway is locked: its own key signed a checkpoint that this log does not extend: `" + file.string() + "`");
}

}  // namespace flikvakt::service
