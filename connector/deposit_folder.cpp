#include "connector/deposit_folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <set>

#include "base/files.h"
#include "crypto/hash.h"
#include "crypto/random.h"

namespace flikvakt::connector {
namespace {

namespace fs = std::filesystem;
using Steady = std::chrono::steady_clock;

constexpr std::string_view kDone = "done";
constexpr std::string_view kRefused = "refused";
constexpr std::size_t kMostSidecarBytes = 64 * 1024;
constexpr std::uint64_t kLargest = std::uint64_t{1} << 30;
constexpr std::size_t kChunk = 64 * 1024;

struct Sidecar {
  std::string person;
  std::string title;
  std::optional<std::string> author;
  std::string date;
  std::optional<std::string> media_type;
};
BOOST_DESCRIBE_STRUCT(Sidecar, (), (person, title, author, date, media_type))

// What programs call a file while they write it.
bool is_unfinished(const std::string& name) {
  for (const std::string_view end : {".part", ".tmp", ".crdownload", ".filepart", "~"}) {
    if (name.ends_with(end)) return true;
  }
  return name.starts_with('.');
}

std::string sidecar_of(const std::string& name) { return name + ".json"; }

bool is_sidecar(const std::string& name) {
  const fs::path file(name);
  if (file.extension() != ".json") return false;
  const fs::path of = file.stem();
  return of.has_extension() && !media_type_of(of).empty();
}

// SPEC CONN-39: a folder that stays the one that was opened, whatever its name leads to later. Whoever drops files may
// lay links where folders belong: of these none is followed, so that no file of theirs comes anywhere else, and none of
// ours to them.
class OpenFolder {
public:
  enum class Missing { is_made, is_an_error };

  static Result<OpenFolder> at(const fs::path& path) {
    FileDescriptor open = TRY(open_file(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return OpenFolder(std::move(open), path);
  }
  Result<OpenFolder> in(const std::string& name, Missing missing) const {
    const fs::path path = path_ / name;
    if (missing == Missing::is_made) {
      if (::mkdirat(fd(), name.c_str(), 0777) == 0)
        TRY_VOID(sync());
      else if (errno != EEXIST)
        return os_error("making", path);
    }
    FileDescriptor open(::openat(fd(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!open.is_open() && (errno == ELOOP || errno == ENOTDIR))
      return fail(ErrorCode::invalid, "`" + path.string() + "` is no folder: a link is not followed");
    if (!open.is_open()) return os_error("opening", path);
    return OpenFolder(std::move(open), path);
  }

  Result<std::vector<std::string>> names() const {
    const int again = ::openat(fd(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR* const dir = again < 0 ? nullptr : ::fdopendir(again);
    if (dir == nullptr) {
      const Error error = os_error("reading", path_);
      if (again >= 0) ::close(again);
      return error;
    }
    std::vector<std::string> out;
    int failed = 0;
    for (;;) {
      errno = 0;
      const dirent* const one = ::readdir(dir);
      failed = errno;
      if (one == nullptr) break;
      const std::string_view name(one->d_name);
      if (name != "." && name != "..") out.emplace_back(name);
    }
    ::closedir(dir);
    errno = failed;
    if (failed != 0) return os_error("reading", path_);
    return out;
  }

  // Of the name itself, not of what a link leads to.
  std::optional<struct stat> find(const std::string& name) const {
    struct stat out {};
    if (::fstatat(fd(), name.c_str(), &out, AT_SYMLINK_NOFOLLOW) != 0) return std::nullopt;
    return out;
  }
  bool has(const std::string& name) const { return find(name).has_value(); }

  Result<FileDescriptor> open(const std::string& name) const {
    FileDescriptor out(::openat(fd(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!out.is_open()) return os_error("opening", path_ / name);
    return out;
  }
  Result<Bytes> read(const std::string& name, std::size_t most) const {
    const FileDescriptor file = TRY(open(name));
    struct stat about {};
    if (::fstat(file.get(), &about) != 0) return os_error("reading", path_ / name);
    if (!S_ISREG(about.st_mode) || about.st_size > static_cast<off_t>(most))
      return fail(ErrorCode::invalid, "`" + name + "` is too large, or no ordinary file");
    Bytes out(static_cast<std::size_t>(about.st_size));
    TRY_VOID(read_exactly(file.get(), 0, out));
    return out;
  }
  // Whole or not there; durable when it returns.
  Result<void> write(const std::string& name, BytesView data) const {
    const std::string beside = "." + name.substr(0, 32) + "." + to_hex(crypto::random_bytes<8>()) + ".tmp";
    const FileDescriptor file(
        ::openat(fd(), beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file.is_open()) return os_error("writing", path_ / name);
    Result<void> written = write_exactly(file.get(), 0, data);
    if (written) written = sync_file(file.get());
    if (written && ::renameat(fd(), beside.c_str(), fd(), name.c_str()) != 0)
      written = os_error("writing", path_ / name);
    if (!written) {
      ::unlinkat(fd(), beside.c_str(), 0);
      return written;
    }
    return sync();
  }
  Result<void> remove(const std::string& name) const {
    if (::unlinkat(fd(), name.c_str(), 0) != 0 && errno != ENOENT) return os_error("removing", path_ / name);
    return sync();
  }
  // Durable when it returns.
  Result<void> move(const std::string& name, const OpenFolder& to, const std::string& new_name) const {
    if (::renameat(fd(), name.c_str(), to.fd(), new_name.c_str()) != 0) return os_error("moving", path_ / name);
    TRY_VOID(to.sync());
    return sync();
  }
  Result<void> sync() const {
    if (::fsync(fd()) != 0) return os_error("keeping", path_);
    return {};
  }

private:
  OpenFolder(FileDescriptor fd, fs::path path) : fd_(std::move(fd)), path_(std::move(path)) {}
  int fd() const { return fd_.get(); }
  FileDescriptor fd_;
  fs::path path_;  // for messages
};

bool is_same(const struct stat& a, const struct stat& b) {
  return a.st_size == b.st_size && a.st_mtim.tv_sec == b.st_mtim.tv_sec && a.st_mtim.tv_nsec == b.st_mtim.tv_nsec &&
         a.st_ino == b.st_ino;
}

// Does anybody have it open for writing? A lease is only given when nobody has; of another user's file it is given to
// nobody without a privilege that a connector has not.
enum class Writer { nobody, somebody, unknown };
Writer writer_of(int descriptor) {
  if (::fcntl(descriptor, F_SETLEASE, F_RDLCK) == 0) {
    ::fcntl(descriptor, F_SETLEASE, F_UNLCK);
    return Writer::nobody;
  }
  return errno == EAGAIN ? Writer::somebody : Writer::unknown;
}

struct Facts {
  std::uint64_t size = 0;
  std::string sha256;
  struct stat before {};
};

// conflict: it changed while it was read, is being written, or may be and has not rested for long.
Result<Facts> read_facts(const FileDescriptor& open, bool has_rested) {
  Facts out;
  if (::fstat(open.get(), &out.before) != 0) return os_error("reading the size of", "a file that was dropped");
  if (!S_ISREG(out.before.st_mode)) return fail(ErrorCode::invalid, "no ordinary file");
  const Writer writer = writer_of(open.get());
  if (writer == Writer::somebody) return fail(ErrorCode::conflict, "somebody is still writing it");
  if (writer == Writer::unknown && !has_rested)
    return fail(ErrorCode::conflict,
                "it belongs to another user, so that nobody can see here whether it is still being written: it is left "
                "to rest for longer");
  out.size = static_cast<std::uint64_t>(out.before.st_size);
  if (out.size > kLargest) return fail(ErrorCode::invalid, "larger than 1 GiB");
  if (out.size == 0) return fail(ErrorCode::invalid, "empty");
  crypto::Sha256 hash;
  Bytes chunk(kChunk);
  for (std::uint64_t at = 0; at < out.size; at += kChunk) {
    const auto part = std::span(chunk).first(static_cast<std::size_t>(std::min<std::uint64_t>(kChunk, out.size - at)));
    if (!read_exactly(open.get(), at, part)) return fail(ErrorCode::conflict, "it changed while it was read");
    hash.update(part);
  }
  struct stat after {};
  if (::fstat(open.get(), &after) != 0 || !is_same(out.before, after))
    return fail(ErrorCode::conflict, "it changed while it was read");
  out.sha256 = to_base64url(hash.finish());
  return out;
}

// A name that is free there.
std::string free_name(const OpenFolder& folder, const std::string& name, const std::string& id) {
  if (!folder.has(name)) return name;
  const fs::path as_path(name);
  return as_path.stem().string() + "-" + id.substr(0, 8) + as_path.extension().string();
}

Result<OpenFolder> folder_of_outcome(const OpenFolder& root, std::string_view how, const std::string& flik) {
  const OpenFolder outcome = TRY(root.in(std::string(how), OpenFolder::Missing::is_made));
  return outcome.in(is_flik(flik) ? flik : "unknown", OpenFolder::Missing::is_made);
}

Result<Sidecar> sidecar_from_name(const FolderConfig& config, const std::string& name) {
  const fs::path file(name);
  const std::map<std::string, std::string> parts = TRY(read_name(config.file_name, file.stem().string()));
  const auto part = [&](const char* name) {
    const auto found = parts.find(name);
    return found == parts.end() ? std::string() : found->second;
  };
  Sidecar out{part("number"), part("title"), {}, part("date"), {}};
  if (out.title.empty()) out.title = file.stem().string();
  if (!part("author").empty()) out.author = part("author");
  return out;
}

}  // namespace

std::string media_type_of(const fs::path& file) {
  static const std::map<std::string, std::string> kTypes{
      {".pdf", "application/pdf"},
      {".json", "application/json"},
      {".xml", "application/xml"},
      {".txt", "text/plain"},
      {".png", "image/png"},
      {".jpg", "image/jpeg"},
      {".jpeg", "image/jpeg"},
      {".odt", "application/vnd.oasis.opendocument.text"},
      {".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"}};
  std::string extension = file.extension().string();
  for (char& c : extension) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  const auto found = kTypes.find(extension);
  return found == kTypes.end() ? std::string() : found->second;
}

Result<std::map<std::string, std::string>> read_name(std::string_view rule, std::string_view name) {
  std::map<std::string, std::string> out;
  while (!rule.empty()) {
    if (rule.front() != '{') {
      if (name.empty() || name.front() != rule.front())
        return fail(ErrorCode::malformed, "its name does not follow the rule of the configuration");
      rule.remove_prefix(1);
      name.remove_prefix(1);
      continue;
    }
    const std::size_t end = rule.find('}');
    if (end == rule.npos) return fail(ErrorCode::malformed, "the rule of the configuration has no `}`");
    const std::string key(rule.substr(1, end - 1));
    rule.remove_prefix(end + 1);
    // Up to what follows in the rule; the last one takes what is left.
    const std::string_view following = rule.substr(0, rule.find('{'));
    const std::size_t length = following.empty() ? name.size() : name.find(following);
    if (length == name.npos || length == 0)
      return fail(ErrorCode::malformed, "its name does not follow the rule of the configuration");
    out[key] = std::string(name.substr(0, length));
    name.remove_prefix(length);
  }
  if (!name.empty()) return fail(ErrorCode::malformed, "its name does not follow the rule of the configuration");
  return out;
}

bool is_flik(const std::string& name) {
  return !name.empty() && name.size() <= 16 && name != kDone && name != kRefused &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == name.npos;
}

// One flik's folder, while it is looked through.
struct DepositFolder::Place {
  const OpenFolder& root;
  const OpenFolder& folder;
  const std::string& flik;
  std::string key(const std::string& name) const { return flik + "/" + name; }
};

// SPEC CONN-33
std::chrono::steady_clock::duration DepositFolder::rested(const std::string& key, std::uint64_t size, UtcTime changed) {
  const auto now = Steady::now();
  const auto found = seen_.find(key);
  if (found == seen_.end() || found->second.size != size || found->second.changed != changed) {
    seen_.insert_or_assign(key, Seen{size, changed, now});
    return Steady::duration(-1);
  }
  return now - found->second.since;
}

Result<void> DepositFolder::look() {
  if (config_.path.empty()) return {};
  const OpenFolder root = TRY(OpenFolder::at(config_.path));
  if (!is_begun_) TRY_VOID(remove_left_sidecars());
  is_begun_ = true;
  std::set<std::string> there;
  std::optional<Error> first;
  for (const std::string& flik : TRY(root.names())) {
    if (!is_flik(flik)) continue;
    const Result<OpenFolder> folder = root.in(flik, OpenFolder::Missing::is_an_error);
    if (!folder) {
      there.insert(flik);
      if (told_.emplace(flik, "folder").second) spdlog::warn("{}", folder.error().message);
      continue;
    }
    look_into({root, *folder, flik}, there, first);
  }
  std::erase_if(seen_, [&](const auto& one) { return !there.contains(one.first); });
  std::erase_if(told_, [&](const auto& one) { return !there.contains(one.first); });
  return first ? Result<void>(*first) : Result<void>();
}

void DepositFolder::look_into(const Place& place, std::set<std::string>& there, std::optional<Error>& first) {
  const Result<std::vector<std::string>> names = place.folder.names();
  if (!names) {
    first = names.error();
    return;
  }
  for (const std::string& name : *names) {
    const std::optional<struct stat> file = place.folder.find(name);
    if (!file || S_ISDIR(file->st_mode) || is_unfinished(name) || is_sidecar(name)) continue;
    const std::string key = place.key(name);
    there.insert(key);
    const auto rest = rested(key, static_cast<std::uint64_t>(file->st_size), changed_at(*file));
    if (rest < config_.settled) continue;
    if (config_.file_name.empty() && !place.folder.has(sidecar_of(name))) {
      // It may come yet; said once.
      if (told_.emplace(key, "sidecar").second) spdlog::info("`{}` waits for its sidecar `{}`", key, sidecar_of(name));
      continue;
    }
    const Result<void> taken = take(place, name, rest >= config_.unknown_writer);
    if (!taken && told_[key] != taken.error().message) {
      told_[key] = taken.error().message;
      spdlog::warn("`{}` stays where it is: {}", key, taken.error().message);
    }
    if (!taken && taken.error().code == ErrorCode::out_of_space && !first) first = taken.error();
  }
}

// SPEC CONN-34: the row first, then the file comes over; a stop between the two changes nothing.
Result<void> DepositFolder::take(const Place& place, const std::string& name, bool has_rested) {
  const bool by_name = !config_.file_name.empty();
  Result<Sidecar> says = fail(ErrorCode::malformed, "");
  std::optional<std::string> text;
  if (by_name) {
    says = sidecar_from_name(config_, name);
  } else {
    const Bytes bytes = TRY(place.folder.read(sidecar_of(name), kMostSidecarBytes));
    text = std::string(as_text(bytes));
    const Result<json::value> value = parse_json(*text);
    says = value ? from_json<Sidecar>(*value) : value.error();
  }
  if (!says) return refuse(place, name, "what is said of it is not understood: " + says.error().message);
  const std::string media_type = says->media_type.value_or(media_type_of(name));
  if (media_type.empty()) return refuse(place, name, "a kind of file that is not taken");
  if (!parse_date(says->date)) return refuse(place, name, "`date`: expected a day like 2026-11-22");
  const FileDescriptor open = TRY(place.folder.open(name));
  const Result<Facts> facts = read_facts(open, has_rested);
  if (!facts && facts.error().code == ErrorCode::invalid)
    return refuse(place, name, "the file is " + facts.error().message);
  if (!facts) return facts.error();

  Message message;
  message.id = crypto::random_id<DepositId>();
  message.number = says->person;
  message.flik = place.flik;
  message.title = says->title;
  message.author = says->author.value_or(config_.author);
  message.date = says->date;
  message.media_type = media_type;
  message.size = facts->size;
  message.sha256 = facts->sha256;
  message.name = name;
  message.sidecar = text;
  message.taken = SystemClock().wall();
  message.changed = to_rfc3339(changed_at(facts->before));
  TRY_VOID(outbox_.keep(message));
  const fs::path data = outbox_.data(message.id);
  const OpenFolder queue = TRY(OpenFolder::at(data.parent_path()));
  const Result<void> moved = place.folder.move(name, queue, data.filename().string());
  if (!moved) {
    if (const Result<void> gone = outbox_.forget(message.id); !gone) spdlog::error("{}", gone.error().message);
    return moved;
  }
  const std::optional<struct stat> now = queue.find(data.filename().string());
  if (!now || !is_same(facts->before, *now)) {
    TRY_VOID(queue.move(data.filename().string(), place.folder, name));
    TRY_VOID(outbox_.forget(message.id));
    return fail(ErrorCode::conflict, "it changed while it was taken");
  }
  message.state = MessageState::queued;
  TRY_VOID(outbox_.keep(message));
  if (text) TRY_VOID(place.folder.remove(sidecar_of(name)));
  seen_.erase(place.key(name));
  spdlog::info("taken: `{}/{}` as {}", place.flik, message.name, message.id.text());
  return {};
}

// What says of whom it is goes before the file: alone it would be taken for the next file of that name.
Result<void> DepositFolder::refuse(const Place& place, const std::string& name, const std::string& reason) {
  const OpenFolder folder = TRY(folder_of_outcome(place.root, kRefused, place.flik));
  const std::string to = free_name(folder, name, to_hex(crypto::random_bytes<4>()));
  TRY_VOID(folder.write(to + ".reason", as_bytes(reason + "\n")));
  if (place.folder.has(sidecar_of(name))) TRY_VOID(place.folder.move(sidecar_of(name), folder, sidecar_of(to)));
  TRY_VOID(place.folder.move(name, folder, to));
  seen_.erase(place.key(name));
  spdlog::warn("refused: `{}/{}`: {}", place.flik, name, reason);
  return {};
}

// SPEC CONN-38: a stop after the file was taken leaves its sidecar. It is this message's when it says the very same and
// lay there before.
Result<void> DepositFolder::remove_left_sidecar(const Message& message) {
  if (!message.sidecar || !is_flik(message.flik)) return {};
  const OpenFolder root = TRY(OpenFolder::at(config_.path));
  const Result<OpenFolder> folder = root.in(message.flik, OpenFolder::Missing::is_an_error);
  if (!folder) return {};  // gone, and with it what lay there
  const std::string name = sidecar_of(message.name);
  const std::optional<struct stat> found = folder->find(name);
  if (!found || changed_at(*found) > message.taken) return {};
  const Result<Bytes> says = folder->read(name, kMostSidecarBytes);
  if (!says || as_text(*says) != *message.sidecar) return {};
  return folder->remove(name);
}

Result<void> DepositFolder::remove_left_sidecars() {
  for (const Message& message : TRY(outbox_.all())) {
    if (message.state != MessageState::taking) TRY_VOID(remove_left_sidecar(message));
  }
  return {};
}

// SPEC CONN-36: what says what became of it first, then the file, then the row goes. Each step may be done twice.
Result<void> DepositFolder::finish(const Message& message) {
  const bool is_done = message.state == MessageState::done;
  if (config_.path.empty()) return outbox_.forget(message.id);
  TRY_VOID(remove_left_sidecar(message));
  const OpenFolder root = TRY(OpenFolder::at(config_.path));
  const OpenFolder folder = TRY(folder_of_outcome(root, is_done ? kDone : kRefused, message.flik));
  const fs::path data = outbox_.data(message.id);
  const OpenFolder queue = TRY(OpenFolder::at(data.parent_path()));
  if (queue.has(data.filename().string())) {
    const std::string to = free_name(folder, message.name, message.id.text());
    if (is_done) {
      json::object receipt{{"message", message.id.text()},
                           {"document", message.document.value_or("")},
                           {"time", message.time.value_or("")},
                           {"sha256", message.sha256},
                           {"flik", message.flik}};
      if (message.entry) receipt["entry"] = static_cast<std::int64_t>(*message.entry);
      TRY_VOID(folder.write(to + ".receipt.json", as_bytes(to_text(receipt) + "\n")));
    } else {
      TRY_VOID(folder.write(to + ".reason", as_bytes(message.reason.value_or("refused") + "\n")));
      if (message.sidecar) TRY_VOID(folder.write(sidecar_of(to), as_bytes(*message.sidecar)));
    }
    TRY_VOID(queue.move(data.filename().string(), folder, to));
  }
  if (is_done)
    spdlog::info("deposited: `{}/{}` is document {}", message.flik, message.name, message.document.value_or(""));
  else
    spdlog::warn("refused: `{}/{}`: {}", message.flik, message.name, message.reason.value_or(""));
  return outbox_.forget(message.id);
}

std::uint64_t DepositFolder::refused() const {
  if (config_.path.empty()) return 0;
  std::uint64_t count = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator one(config_.path / kRefused, error), end; !error && one != end;
       one.increment(error)) {
    if (one->path().extension() == ".reason") ++count;
  }
  return count;
}

}  // namespace flikvakt::connector
