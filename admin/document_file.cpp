#include "admin/document_file.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/files.h"

namespace flikvakt::admin {
namespace {

Result<void> write_to(int fd, BytesView bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return os_error("writing", "the output");
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

struct Target {
  FileDescriptor file;
  std::uint64_t at = 0;
};

Outcome<Target> open_target(const std::filesystem::path& out, const FetchOrder& order) {
  const bool resumes = !order.reading.empty() && std::filesystem::exists(out);
  if (!resumes) {
    Result<FileDescriptor> made = open_file(out, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC);
    if (!made)
      return Failure(ExitCode::refused, "--out: " + made.error().message,
                     "nothing is overwritten: choose another name");
    return Target{std::move(*made), 0};
  }
  return Target{TRY(open_file(out, O_WRONLY | O_APPEND | O_CLOEXEC)), std::filesystem::file_size(out)};
}

json::value summary(const Fetched& fetched, const std::filesystem::path& out) {
  return json::object{{"reading", fetched.reading},
                      {"entry", fetched.entry},
                      {"media_type", fetched.media_type},
                      {"bytes", fetched.bytes},
                      {"out", out.string()}};
}

}  // namespace

Outcome<void> fetch_to_file(FetchOrder order, const std::filesystem::path& out, const Output& output,
                            const std::function<Outcome<Fetched>(const FetchOrder&, const FetchSink&)>& fetch) {
  if (out.empty() && output.is_json())
    return usage_failure("--json goes with --out FILE: without it the document itself goes to stdout");
  if (out.empty()) {
    const Fetched fetched = TRY(fetch(order, [](BytesView bytes) { return write_to(STDOUT_FILENO, bytes); }));
    output.note("reading " + fetched.reading + ", entry " + fetched.entry + ": " + std::to_string(fetched.bytes) +
                " bytes");
    return {};
  }
  // The file is made with the first byte: a refusal leaves none behind.
  std::optional<Target> target;
  if (std::filesystem::exists(out)) target = TRY(open_target(out, order));
  if (target && order.range.empty()) order.range = std::to_string(target->at) + "-";
  std::optional<Failure> unwritable;
  const Outcome<Fetched> fetched = fetch(order, [&](BytesView bytes) -> Result<void> {
    if (!target) {
      Outcome<Target> made = open_target(out, order);
      if (!made) unwritable = made.error();
      if (!made) return fail(ErrorCode::io, made.error().message);
      target = std::move(*made);
    }
    return write_to(target->file.get(), bytes);
  });
  if (unwritable) return *unwritable;
  if (!fetched) return fetched.error();
  TRY_VOID(sync_file(target ? target->file.get() : TRY(open_target(out, order)).file.get()));
  output.data(summary(*fetched, out));
  return {};
}

}  // namespace flikvakt::admin
