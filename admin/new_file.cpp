#include "admin/new_file.h"

#include <filesystem>

namespace flikvakt::admin {
namespace {

constexpr const char* kAnotherName = "nothing is overwritten: choose another name";

bool is_taken(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::exists(std::filesystem::symlink_status(path, ignored));
}

}  // namespace

Outcome<void> keep_new_file(std::string_view option, const std::filesystem::path& file, BytesView bytes) {
  const Result<void> written = write_new_file(file, bytes);
  if (written) return {};
  return Failure(ExitCode::refused, std::string(option) + ": " + written.error().message,
                 written.error().code == ErrorCode::conflict ? "choose another name" : "");
}

Outcome<void> keep_proof(const Arguments& arguments, const Output& output, const std::string& text) {
  const std::string out = arguments.text("--out");
  TRY_VOID(keep_new_file("--out", out, as_bytes(text)));
  output.data(json::object{{"out", out}, {"bytes", text.size()}});
  output.note("check it: flikvakt verify-receipt " + out + " --log-key LOG_KEY");
  return {};
}

Outcome<void> check_free(std::string_view option, const std::optional<std::string>& file) {
  if (!file || !is_taken(*file)) return {};
  return Failure(ExitCode::refused, std::string(option) + ": `" + *file + "` exists already", kAnotherName);
}

}  // namespace flikvakt::admin
