#include "service/log_evidence.h"

#include "base/files.h"

namespace flikvakt::service {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFirstLine = "flikvakt-log-evidence/v1";

std::string length_line(std::string_view what, std::string_view note) {
  return std::string(what) + " " + std::to_string(note.size()) + " bytes\n";
}

}  // namespace

// SPEC WIT-33
Result<void> keep_log_evidence(const fs::path& file, std::string_view own, std::string_view shown) {
  std::string out(kFirstLine);
  out.append("\n").append(length_line("own", own)).append(length_line("shown", shown)).append("\n");
  out.append(own).append(shown);
  const Result<void> kept = write_new_file(file, as_bytes(out));
  if (!kept && kept.error().code == ErrorCode::conflict) return {};
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
