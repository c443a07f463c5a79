#include "connector/deposit_folder.h"

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

bool is_flik(const std::string& name) {
  return !name.empty() && name.size() <= 16 && name != kDone && name != kRefused &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == name.npos;
}

// What programs call a file while they write it.
bool is_unfinished(const std::string& name) {
  for (const std::string_view end : {".part", ".tmp", ".crdownload", ".filepart", "~"}) {
    if (name.ends_with(end)) return true;
  }
  return name.starts_with('.');
}

fs::path sidecar_of(const fs::path& file) { return fs::path(file.string() + ".json"); }

bool is_sidecar(const fs::path& file) {
  if (file.extension() != ".json") return false;
  fs::path of = file;
  of.replace_extension();
  return of.has_extension() && !media_type_of(of).empty();
}

struct Facts {
  std::uint64_t size = 0;
  std::string sha256;
  struct stat before {};
};

bool is_same(const struct stat& a, const struct stat& b) {
  return a.st_size == b.st_size && a.st_mtim.tv_sec == b.st_mtim.tv_sec && a.st_mtim.tv_nsec == b.st_mtim.tv_nsec &&
         a.st_ino == b.st_ino;
}

// Does anybody have it open for writing? A lease is only given when nobody has. Where leases do not work: nobody.
bool is_written(int descriptor) {
  if (::fcntl(descriptor, F_SETLEASE, F_RDLCK) == 0) {
    ::fcntl(descriptor, F_SETLEASE, F_UNLCK);
    return false;
  }
  return errno == EAGAIN;
}

// conflict: it changed while it was read, or is being written.
Result<Facts> read_facts(const fs::path& file) {
  const FileDescriptor open = TRY(open_file(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  Facts out;
  if (::fstat(open.get(), &out.before) != 0) return os_error("reading the size of", file);
  if (!S_ISREG(out.before.st_mode)) return fail(ErrorCode::invalid, "no ordinary file");
  if (is_written(open.get())) return fail(ErrorCode::conflict, "somebody is still writing it");
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

Result<void> make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return fail(ErrorCode::io, "making `" + folder.string() + "`: " + error.message());
  return {};
}

// A name that is free there.
fs::path free_name(const fs::path& folder, const std::string& name, const std::string& id) {
  fs::path out = folder / name;
  if (!fs::exists(out)) return out;
  const fs::path as_path(name);
  return folder / (as_path.stem().string() + "-" + id.substr(0, 8) + as_path.extension().string());
}

Result<void> rename_durably(const fs::path& from, const fs::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return os_error("moving", from);
  TRY_VOID(sync_directory(folder_of(to)));
  return sync_directory(folder_of(from));
}

Result<Sidecar> sidecar_from_name(const FolderConfig& config, const fs::path& file) {
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

// SPEC CONN-33
bool DepositFolder::is_settled(const fs::path& file) {
  std::error_code error;
  const std::uintmax_t size = fs::file_size(file, error);
  const fs::file_time_type changed = fs::last_write_time(file, error);
  if (error) return false;
  const auto now = Steady::now();
  const auto found = seen_.find(file);
  if (found == seen_.end() || found->second.size != size || found->second.changed != changed) {
    seen_.insert_or_assign(file, Seen{size, changed, now});
    return false;
  }
  return now - found->second.since >= config_.settled;
}

Result<void> DepositFolder::look() {
  if (config_.path.empty()) return {};
  std::error_code error;
  std::set<fs::path> there;
  std::optional<Error> first;
  for (const fs::directory_entry& flik : fs::directory_iterator(config_.path, error)) {
    const std::string code = flik.path().filename().string();
    if (!flik.is_directory() || !is_flik(code)) continue;
    std::error_code inner;
    for (const fs::directory_entry& one : fs::directory_iterator(flik.path(), inner)) {
      const std::string name = one.path().filename().string();
      if (is_unfinished(name) || is_sidecar(one.path()) || one.is_directory()) continue;
      there.insert(one.path());
      if (!is_settled(one.path())) continue;
      if (config_.file_name.empty() && !fs::exists(sidecar_of(one.path()))) {
        // It may come yet; said once.
        if (told_.emplace(one.path(), "sidecar").second)
          spdlog::info("`{}/{}` waits for its sidecar `{}.json`", code, name, name);
        continue;
      }
      const Result<void> taken = take(code, one.path());
      if (!taken && told_[one.path()] != taken.error().message) {
        told_[one.path()] = taken.error().message;
        spdlog::warn("`{}/{}` stays where it is: {}", code, name, taken.error().message);
      }
      if (!taken && taken.error().code == ErrorCode::out_of_space && !first) first = taken.error();
    }
  }
  std::erase_if(seen_, [&](const auto& one) { return !there.contains(one.first); });
  std::erase_if(told_, [&](const auto& one) { return !there.contains(one.first); });
  if (error) return fail(ErrorCode::io, "reading `" + config_.path.string() + "`: " + error.message());
  return first ? Result<void>(*first) : Result<void>();
}

// SPEC CONN-34: the row first, then the file comes over; a stop between the two changes nothing.
Result<void> DepositFolder::take(const std::string& flik, const fs::path& file) {
  const bool by_name = !config_.file_name.empty();
  Result<Sidecar> says = fail(ErrorCode::malformed, "");
  std::optional<std::string> text;
  if (by_name) {
    says = sidecar_from_name(config_, file);
  } else {
    const Bytes bytes = TRY(read_file(sidecar_of(file), kMostSidecarBytes));
    text = std::string(as_text(bytes));
    const Result<json::value> value = parse_json(*text);
    says = value ? from_json<Sidecar>(*value) : value.error();
  }
  if (!says) return refuse_where_it_lies(flik, file, "what is said of it is not understood: " + says.error().message);
  const std::string media_type = says->media_type.value_or(media_type_of(file));
  if (media_type.empty()) return refuse_where_it_lies(flik, file, "a kind of file that is not taken");
  if (!parse_date(says->date)) return refuse_where_it_lies(flik, file, "`date`: expected a day like 2026-11-22");
  const Result<Facts> facts = read_facts(file);
  if (!facts && facts.error().code == ErrorCode::invalid)
    return refuse_where_it_lies(flik, file, "the file is " + facts.error().message);
  if (!facts) return facts.error();

  Message message;
  message.id = crypto::random_id<DepositId>();
  message.number = says->person;
  message.flik = flik;
  message.title = says->title;
  message.author = says->author.value_or(config_.author);
  message.date = says->date;
  message.media_type = media_type;
  message.size = facts->size;
  message.sha256 = facts->sha256;
  message.name = file.filename().string();
  message.sidecar = text;
  message.taken = SystemClock().wall();
  TRY_VOID(outbox_.keep(message));
  const fs::path data = outbox_.data(message.id);
  const Result<void> moved = rename_durably(file, data);
  if (!moved) {
    if (const Result<void> gone = outbox_.forget(message.id); !gone) spdlog::error("{}", gone.error().message);
    return moved;
  }
  struct stat now {};
  if (::stat(data.c_str(), &now) != 0 || !is_same(facts->before, now)) {
    TRY_VOID(rename_durably(data, file));
    TRY_VOID(outbox_.forget(message.id));
    return fail(ErrorCode::conflict, "it changed while it was taken");
  }
  message.state = MessageState::queued;
  TRY_VOID(outbox_.keep(message));
  if (text && ::unlink(sidecar_of(file).c_str()) != 0 && errno != ENOENT) return os_error("removing", sidecar_of(file));
  seen_.erase(file);
  spdlog::info("taken: `{}/{}` as {}", flik, message.name, message.id.text());
  return {};
}

Result<void> DepositFolder::refuse_where_it_lies(const std::string& flik, const fs::path& file,
                                                 const std::string& reason) {
  const fs::path folder = config_.path / kRefused / flik;
  TRY_VOID(make_folder(folder));
  const std::string stamp = to_hex(crypto::random_bytes<4>());
  const fs::path to = free_name(folder, file.filename().string(), stamp);
  TRY_VOID(write_file_atomically(fs::path(to.string() + ".reason"), as_bytes(reason + "\n")));
  TRY_VOID(rename_durably(file, to));
  std::error_code ignored;
  if (fs::exists(sidecar_of(file), ignored)) TRY_VOID(rename_durably(sidecar_of(file), sidecar_of(to)));
  seen_.erase(file);
  spdlog::warn("refused: `{}/{}`: {}", flik, file.filename().string(), reason);
  return {};
}

// SPEC CONN-36: what says what became of it first, then the file, then the row goes. Each step may be done twice.
Result<void> DepositFolder::finish(const Message& message) {
  const bool is_done = message.state == MessageState::done;
  if (config_.path.empty()) return outbox_.forget(message.id);
  const fs::path folder = config_.path / (is_done ? kDone : kRefused) / message.flik;
  TRY_VOID(make_folder(folder));
  std::error_code ignored;
  if (fs::exists(outbox_.data(message.id), ignored)) {
    const fs::path to = free_name(folder, message.name, message.id.text());
    if (is_done) {
      json::object receipt{{"message", message.id.text()},
                           {"document", message.document.value_or("")},
                           {"time", message.time.value_or("")},
                           {"sha256", message.sha256},
                           {"flik", message.flik}};
      if (message.entry) receipt["entry"] = static_cast<std::int64_t>(*message.entry);
      TRY_VOID(write_file_atomically(fs::path(to.string() + ".receipt.json"), as_bytes(to_text(receipt) + "\n")));
    } else {
      TRY_VOID(write_file_atomically(fs::path(to.string() + ".reason"),
                                     as_bytes(message.reason.value_or("refused") + "\n")));
      if (message.sidecar) TRY_VOID(write_file_atomically(sidecar_of(to), as_bytes(*message.sidecar)));
    }
    TRY_VOID(rename_durably(outbox_.data(message.id), to));
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
