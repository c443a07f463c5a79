#include "connector/outbox.h"

#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/files.h"

namespace flikvakt::connector {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kMostRowBytes = 256 * 1024;

Result<Message> read_message(const fs::path& file) {
  const Bytes bytes = TRY(read_file(file, kMostRowBytes));
  const json::value value = TRY(parse_json(as_text(bytes)));
  return from_json<Message>(value);
}

Result<void> remove_file(const fs::path& file) {
  if (::unlink(file.c_str()) != 0 && errno != ENOENT) return os_error("removing", file);
  return {};
}

// SPEC CONN-34: a row is durable before its document comes, so what has none was left by a stop: a document of an
// answer that was not kept, or one that was being written. One whose row cannot be read keeps it.
Result<void> sweep(const fs::path& folder) {
  std::vector<fs::path> left;
  std::error_code error;
  for (fs::directory_iterator one(folder, error), end; !error && one != end; one.increment(error)) {
    const fs::path& file = one->path();
    const bool is_draft = file.extension() == ".tmp";
    if (is_draft || (file.extension() == ".data" && !fs::exists(fs::path(file).replace_extension(".json"))))
      left.push_back(file);
  }
  if (error) return fail(ErrorCode::io, "reading `" + folder.string() + "`: " + error.message());
  for (const fs::path& file : left) TRY_VOID(remove_file(file));
  return {};
}

}  // namespace

UtcTime changed_at(const struct stat& file) {
  return UtcTime(
      std::chrono::milliseconds(std::int64_t{file.st_mtim.tv_sec} * 1000 + file.st_mtim.tv_nsec / 1'000'000));
}

Outcome<Outbox> Outbox::open(const fs::path& state) {
  const fs::path folder = state / "outbox";
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
    return trouble(ExitCode::disk, os_error("making", folder).message);
  if (const Result<void> swept = sweep(folder); !swept) return disk_trouble(swept.error());
  Outbox out(folder);
  const Result<std::vector<Message>> found = out.all();
  if (!found) return disk_trouble(found.error());
  for (const Message& one : *found) {
    if (one.state != MessageState::taking) continue;
    // The document came here: it was whole when it did (CONN-33); else nothing was taken.
    if (fs::exists(out.data(one.id))) {
      Message queued = one;
      queued.state = MessageState::queued;
      if (const Result<void> kept = out.keep(queued); !kept) return disk_trouble(kept.error());
    } else if (!one.aside) {
      if (const Result<void> gone = out.forget(one.id); !gone) return disk_trouble(gone.error());
    }
  }
  const Result<std::vector<Message>> left = out.all();
  out.count_ = left ? left->size() : 0;
  return out;
}

bool Outbox::has(const DepositId& id) const { return fs::exists(row(id)); }

Result<void> Outbox::keep(const Message& message) {
  const bool is_new = !has(message.id);
  TRY_VOID(write_file_atomically(row(message.id), as_bytes(to_text(to_json(message)) + "\n")));
  if (is_new) ++count_;
  return {};
}

Result<void> Outbox::forget(const DepositId& id) {
  const bool was_there = has(id);
  TRY_VOID(remove_file(data(id)));
  TRY_VOID(remove_file(row(id)));
  if (was_there && count_ > 0) --count_;
  return sync_directory(folder_);
}

Result<std::vector<Message>> Outbox::all() const {
  std::vector<Message> out;
  std::error_code error;
  for (const fs::directory_entry& one : fs::directory_iterator(folder_, error)) {
    if (one.path().extension() != ".json") continue;
    Result<Message> message = read_message(one.path());
    if (message)
      out.push_back(std::move(*message));
    else if (const std::string name = one.path().filename().string(); told_.insert(name).second)
      spdlog::error(
          "a message of the outbox cannot be read, and stays: `{}`: {}; move it away by hand: the file `.data` of the "
          "same name is the document",
          name, message.error().message);
  }
  if (error) return fail(ErrorCode::io, "reading `" + folder_.string() + "`: " + error.message());
  std::ranges::sort(out, {}, [](const Message& one) { return std::pair(one.taken, one.id); });
  return out;
}

}  // namespace flikvakt::connector
