#include "connector/deposit_folder.h"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>

#include "base/files.h"
#include "base/media_types.h"
#include "base/utf8.h"
#include "crypto/random.h"

namespace flikvakt::connector {
namespace {

namespace fs = std::filesystem;
using Steady = std::chrono::steady_clock;

constexpr std::string_view kDone = "done";
constexpr std::string_view kRefused = "refused";
constexpr std::size_t kMostOutcomeBytes = 256 * 1024;

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

bool is_sidecar(const std::string& name) {
  const fs::path file(name);
  if (file.extension() != ".json") return false;
  const fs::path of = file.stem();
  return of.has_extension() && !media_type_of_name(of.native()).empty();
}

// SPEC CONN-29: all that the log says of a file that has no message yet: its name may hold a number or a title.
std::string shown(const std::string& flik, const std::string& name) {
  return "`" + flik + "/…" + (media_type_of_name(name).empty() ? "" : fs::path(name).extension().string()) + "`";
}

bool is_utf8_text(std::string_view text) {
  while (!text.empty()) {
    const std::optional<Character> next = first_character(text);
    if (!next) return false;
    text.remove_prefix(next->bytes);
  }
  return true;
}

// What is read of the sidecar and may be a title or an author.
bool is_name_of_document(const std::string& text) { return !text.empty() && text.size() <= kLongestName; }

bool is_same(const struct stat& a, const struct stat& b) {
  return a.st_size == b.st_size && a.st_mtim.tv_sec == b.st_mtim.tv_sec && a.st_mtim.tv_nsec == b.st_mtim.tv_nsec &&
         a.st_ino == b.st_ino;
}

// Does anybody have it open for writing? A lease is only given when nobody has; of another user's file it is given to
// nobody without a privilege that a connector has not.
enum class Writer { nobody, somebody, unknown };

// Of a share: there the refusal of a lease says nothing of who has it open.
bool is_on_a_share(int descriptor) {
  struct statfs about {};
  if (::fstatfs(descriptor, &about) != 0) return true;
  const auto kind = static_cast<std::uint32_t>(about.f_type);
  for (const std::uint32_t share :
       {0x6969u /* NFS */, 0x517bu /* SMB */, 0xff534d42u /* CIFS */, 0xfe534d42u /* SMB 2 */, 0x65735546u /* FUSE */,
        0x01021997u /* 9P */, 0x00c36400u /* Ceph */}) {
    if (kind == share) return true;
  }
  return false;
}

Writer writer_of(int descriptor) {
  if (::fcntl(descriptor, F_SETLEASE, F_RDLCK) == 0) {
    ::fcntl(descriptor, F_SETLEASE, F_UNLCK);
    return Writer::nobody;
  }
  return errno == EAGAIN && !is_on_a_share(descriptor) ? Writer::somebody : Writer::unknown;
}

Result<OpenFolder> folder_of_outcome(const OpenFolder& root, std::string_view how, const std::string& flik) {
  const OpenFolder outcome = TRY(root.in(std::string(how), OpenFolder::Missing::is_made));
  return outcome.in(is_flik(flik) ? flik : "unknown", OpenFolder::Missing::is_made);
}

Result<Sidecar> sidecar_from_name(const FolderConfig& config, const std::string& name) {
  const fs::path file(name);
  const std::map<std::string, std::string> parts = TRY(read_name(config.file_name, file.stem().string()));
  const auto part = [&](const char* of) {
    const auto found = parts.find(of);
    return found == parts.end() ? std::string() : found->second;
  };
  Sidecar out{part("number"), part("title"), {}, part("date"), {}};
  if (out.title.empty()) out.title = file.stem().string();
  if (!part("author").empty()) out.author = part("author");
  return out;
}

// conflict: it is being written, or may be and has not rested for long.
Result<void> check_writer(const FileDescriptor& open, bool has_rested) {
  const Writer writer = writer_of(open.get());
  if (writer == Writer::somebody) return fail(ErrorCode::conflict, "somebody is still writing it");
  if (writer == Writer::unknown && !has_rested)
    return fail(ErrorCode::conflict,
                "it belongs to another user or lies on a share, so that nobody can see here whether it is still being "
                "written: it is left "
                "to rest for longer");
  return {};
}

// A name that is free there.
std::string free_name(const OpenFolder& folder, const std::string& name) {
  return folder.has(name) ? with_id(name, to_hex(crypto::random_bytes<4>())) : name;
}

Result<bool> are_same(const OpenFolder& a, const std::string& name_a, const OpenFolder& b, const std::string& name_b) {
  const std::optional<struct stat> about_a = a.find(name_a), about_b = b.find(name_b);
  if (!about_a || !about_b || about_a->st_size != about_b->st_size) return false;
  const FileDescriptor file_a = TRY(a.open(name_a)), file_b = TRY(b.open(name_b));
  const auto size = static_cast<std::uint64_t>(about_a->st_size);
  const std::string hash_a = TRY(hash_of(file_a, size)), hash_b = TRY(hash_of(file_b, size));
  return hash_a == hash_b;
}

// What lies beside an outcome says of which message it is.
bool is_of(const OpenFolder& folder, const std::string& beside, const Message& message) {
  const Result<FileDescriptor> file = folder.open(beside);
  const Result<Bytes> says = file ? read_all(*file, kMostOutcomeBytes) : Result<Bytes>(file.error());
  return says && as_text(*says).find(message.id.text()) != std::string_view::npos;
}

std::string receipt_of(const Message& message) {
  json::object receipt{{"message", message.id.text()},
                       {"document", message.document.value_or("")},
                       {"time", message.time.value_or("")},
                       {"sha256", message.sha256},
                       {"flik", message.flik}};
  if (message.entry) receipt["entry"] = static_cast<std::int64_t>(*message.entry);
  if (message.sealed_sha256) receipt["sealed_sha256"] = *message.sealed_sha256;
  if (message.findings) {
    if (Result<json::value> findings = parse_json(*message.findings)) receipt["findings"] = std::move(*findings);
  }
  return to_text(receipt) + "\n";
}

std::string reason_of(const Message& message) {
  return message.reason.value_or("refused") + "\nmessage: " + message.id.text() + "\n";
}

void tell_outcome(const Message& message) {
  if (message.state == MessageState::done)
    spdlog::info("deposited: message {} in flik `{}` is document {}", message.id.text(), message.flik,
                 message.document.value_or(""));
  else
    spdlog::warn("refused: message {} in flik `{}`: {}", message.id.text(), message.flik,
                 log_line_of(message.reason.value_or("")));
}

}  // namespace

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

struct DepositFolder::Facts {
  std::uint64_t size = 0;
  std::string sha256;
  struct stat before {};
};

// SPEC CONN-33
std::chrono::steady_clock::duration DepositFolder::rested(const std::string& key, const struct stat& file) {
  const auto now = Steady::now();
  const auto size = static_cast<std::uint64_t>(file.st_size);
  const UtcTime changed = changed_at(file);
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
  if (!is_begun_) TRY_VOID(recover(root));
  std::set<std::string> there = held_;
  std::optional<Error> first;
  for (const std::string& flik : TRY(root.names())) {
    if (!is_flik(flik)) continue;
    there.insert(flik);
    if (held_.contains(flik)) continue;
    const Result<OpenFolder> folder = root.in(flik, OpenFolder::Missing::is_an_error);
    if (!folder) {
      if (told_.emplace(flik, "folder").second) spdlog::warn("{}", folder.error().message);
      continue;
    }
    look_into({root, *folder, flik}, there, first);
  }
  std::erase_if(seen_, [&](const auto& one) { return !there.contains(one.first); });
  std::erase_if(told_, [&](const auto& one) { return !there.contains(one.first); });
  return first ? Result<void>(*first) : Result<void>();
}

// SPEC CONN-34, CONN-38: after a start, and after something failed on the way, before anything else is taken. Where it
// does not succeed nothing is taken of that flik, so that nothing comes under a sidecar that is another file's.
Result<void> DepositFolder::recover(const OpenFolder& root) {
  const std::vector<Message> messages = TRY(outbox_.all());
  held_.clear();
  for (const Message& message : messages) {
    if (!is_flik(message.flik)) continue;
    const Result<void> done = recovery_.recover(root, message);
    if (done) continue;
    held_.insert(message.flik);
    std::string& told = told_[message.flik];
    if (told != done.error().message)
      spdlog::error("nothing is taken of flik `{}`, since message {} is half taken: {}", message.flik,
                    message.id.text(), told = done.error().message);
  }
  is_begun_ = held_.empty();
  return {};
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
    auto rest = rested(key, *file);
    if (config_.file_name.empty()) {
      const std::string sidecar = sidecar_of(name);
      const std::optional<struct stat> about = place.folder.find(sidecar);
      if (!about) {
        // It may come yet; said once.
        if (rest >= config_.settled && told_.emplace(key, "sidecar").second)
          spdlog::info("{} waits for its sidecar", shown(place.flik, name));
        continue;
      }
      there.insert(place.key(sidecar));
      rest = std::min(rest, rested(place.key(sidecar), *about));
    }
    if (rest < config_.settled || held_.contains(place.flik)) continue;
    const Result<void> taken = take(place, name, rest >= config_.unknown_writer);
    if (!taken && told_[key] != taken.error().message) {
      told_[key] = taken.error().message;
      spdlog::warn("{} stays where it is: {}", shown(place.flik, name), taken.error().message);
    }
    // What fails for another reason than the file is read, and perhaps copied, as a whole each time: it rests before.
    if (!taken && taken.error().code != ErrorCode::conflict) seen_.erase(key);
    if (!taken && taken.error().code == ErrorCode::out_of_space && !first) first = taken.error();
  }
}

Result<void> DepositFolder::take(const Place& place, const std::string& name, bool has_rested) {
  const bool by_name = !config_.file_name.empty();
  if (!is_utf8_text(name))  // a row of the queue could not bear it
    return refuse(place, name,
                  {"filens namn är inte i UTF-8: döp om den", "the name of the file is not UTF-8: give it another"});
  Result<Sidecar> says = fail(ErrorCode::malformed, "");
  Message message;
  if (by_name) {
    says = sidecar_from_name(config_, name);
  } else {
    const FileDescriptor sidecar = TRY(place.folder.open(sidecar_of(name)));
    TRY_VOID(check_writer(sidecar, has_rested));
    struct stat about {};
    if (::fstat(sidecar.get(), &about) != 0) return os_error("reading", "a sidecar");
    const Result<Bytes> bytes = read_all(sidecar, kMostSidecarBytes);
    if (!bytes && bytes.error().code != ErrorCode::invalid) return bytes.error();
    if (bytes) {
      message.sidecar = std::string(as_text(*bytes));
      message.sidecar_changed = to_rfc3339(changed_at(about));
    }
    const Result<json::value> value = bytes ? parse_json(*message.sidecar) : Result<json::value>(bytes.error());
    says = value ? from_json<Sidecar>(*value) : value.error();
  }
  if (!says)
    return refuse(place, name,
                  {"det som sägs om filen går inte att förstå: " + says.error().message,
                   "what is said of it is not understood: " + says.error().message});
  const std::string media_type = says->media_type.value_or(std::string(media_type_of_name(name)));
  if (media_type.empty())
    return refuse(place, name,
                  {"den sortens fil tas inte emot: spara den till exempel som pdf",
                   "a kind of file that is not taken: save it for example as a PDF"});
  if (!parse_date(says->date))
    return refuse(place, name, {"`date`: väntade en dag som 2026-11-22", "`date`: expected a day like 2026-11-22"});
  message.author = says->author.value_or(config_.author);
  if (!is_name_of_document(says->title) || !is_name_of_document(message.author))
    return refuse(
        place, name,
        {"`title` och `author` ska ha 1 till 200 byte var", "`title` and `author`: expected 1 to 200 bytes each"});

  const FileDescriptor open = TRY(place.folder.open(name));
  Facts facts;
  if (::fstat(open.get(), &facts.before) != 0) return os_error("reading the size of", "a file that was dropped");
  if (!S_ISREG(facts.before.st_mode))
    return refuse(place, name, {"det är ingen vanlig fil", "the file is no ordinary file"});
  TRY_VOID(check_writer(open, has_rested));
  facts.size = static_cast<std::uint64_t>(facts.before.st_size);
  if (facts.size > kLargestDocument)
    return refuse(place, name,
                  {"filen är större än 64 MiB, som är det mesta som tas emot: dela den",
                   "the file is larger than 64 MiB, which is the most that is taken: divide it"});
  if (facts.size == 0) return refuse(place, name, {"filen är tom", "the file is empty"});
  facts.sha256 = TRY(hash_of(open, facts.size));
  struct stat after {};
  if (::fstat(open.get(), &after) != 0 || !is_same(facts.before, after))
    return fail(ErrorCode::conflict, "it changed while it was read");

  message.id = crypto::random_id<DepositId>();
  message.number = says->person;
  message.flik = place.flik;
  message.title = says->title;
  message.date = says->date;
  message.media_type = media_type;
  message.size = facts.size;
  message.sha256 = facts.sha256;
  message.name = name;
  message.taken = SystemClock().wall();
  message.changed = to_rfc3339(changed_at(facts.before));
  Result<void> come = bring_in(place, message, facts);
  if (!come) {
    is_begun_ = false;  // whatever is half done is put in order before anything else is taken
    if (come.error().code == ErrorCode::out_of_space)  // the same words each time, so that they are said once
      return fail(ErrorCode::out_of_space, "there is no space for it: is the disk of the state folder full?");
    return come;
  }
  seen_.erase(place.key(name));
  spdlog::info("taken: message {} in flik `{}`", message.id.text(), place.flik);
  return {};
}

// SPEC CONN-34: the row first, then the file comes over; a stop between the two changes nothing.
Result<void> DepositFolder::bring_in(const Place& place, Message& message, const Facts& facts) {
  TRY_VOID(outbox_.keep(message));
  const fs::path data = outbox_.data(message.id);
  const std::string here = data.filename().string();
  const OpenFolder queue = TRY(OpenFolder::at(data.parent_path()));
  const Result<bool> moved = place.folder.try_move(message.name, queue, here);
  if (!moved) {
    // It may have come over all the same, and not be durable there: then it is queued when that is looked at again.
    if (!queue.has(here)) TRY_VOID(outbox_.forget(message.id));
    return moved.error();
  }
  if (*moved) {
    const std::optional<struct stat> now = queue.find(here);
    const bool is_other = !now || !is_same(facts.before, *now);
    // What changed goes back; where another one was laid meanwhile it is sent, and refused before its last piece.
    const bool is_back = is_other && (queue.move_to_new(here, place.folder, message.name) || !queue.has(here));
    if (is_back) {
      TRY_VOID(outbox_.forget(message.id));
      return fail(ErrorCode::conflict, "it changed while it was taken");
    }
    message.state = MessageState::queued;
    TRY_VOID(outbox_.keep(message));
  } else {
    if (told_.emplace(place.flik, "copied").second)
      spdlog::info("flik `{}` lies on another mount than the state folder: its files are copied", place.flik);
    message.aside = "." + message.id.text() + ".taking";
    message.changed.reset();  // nobody else has the copy open
    TRY_VOID(outbox_.keep(message));
    TRY_VOID(recovery_.bring_over(place.folder, message));
  }
  // Of what was laid there during a long copy it leaves the sidecar.
  return DepositRecovery::remove_left_sidecar(place.folder, message);
}

// What says of whom it is goes before the file: alone it would be taken for the next file of that name.
Result<void> DepositFolder::refuse(const Place& place, const std::string& name, const RefusalWords& why) {
  const OpenFolder folder = TRY(folder_of_outcome(place.root, kRefused, place.flik));
  const std::string to = free_name(folder, name);
  TRY_VOID(folder.write(to + ".reason", as_bytes(text_of(why) + "\n")));
  if (place.folder.has(sidecar_of(name))) TRY_VOID(place.folder.carry(sidecar_of(name), folder, sidecar_of(to)));
  TRY_VOID(place.folder.carry(name, folder, to));
  seen_.erase(place.key(name));
  spdlog::warn("refused: {}: {}", shown(place.flik, name), why.english);
  return {};
}

Result<void> DepositFolder::finish(const Message& message) {
  if (!config_.path.empty()) {
    const OpenFolder root = TRY(OpenFolder::at(config_.path));
    const Result<OpenFolder> folder = is_flik(message.flik) ? root.in(message.flik, OpenFolder::Missing::is_an_error)
                                                            : fail(ErrorCode::not_found, "no flik");
    if (!folder && !message.request) TRY_VOID(check_mounted(root));
    if (folder) {  // else it is gone, and with it what lay there
      TRY_VOID(DepositRecovery::remove_left_sidecar(*folder, message));
      if (message.aside) TRY_VOID(folder->remove(*message.aside));
    }
    TRY_VOID(lay_down(root, message));
  }
  tell_outcome(message);
  return outbox_.forget(message.id);
}

// SPEC CONN-36: what says what became of it first, then the file, then the row goes. Each step may be done twice: by
// the message's id beside it a file is known again that lies there already.
Result<void> DepositFolder::lay_down(const OpenFolder& root, const Message& message) {
  const bool is_done = message.state == MessageState::done;
  const std::string beside = is_done ? ".receipt.json" : ".reason";
  const OpenFolder folder = TRY(folder_of_outcome(root, is_done ? kDone : kRefused, message.flik));
  const fs::path data = outbox_.data(message.id);
  const std::string here = data.filename().string();
  const OpenFolder queue = TRY(OpenFolder::at(data.parent_path()));
  if (!queue.has(here)) return {};
  std::string to;
  bool is_there = false;
  for (const std::string& name : {message.name, with_id(message.name, message.id.text().substr(0, 8)),
                                  with_id(message.name, message.id.text())}) {
    to = name;
    if (!folder.has(name)) break;
    if (!is_of(folder, name + beside, message)) continue;
    is_there = TRY(are_same(folder, name, queue, here));
    if (is_there) break;
  }
  TRY_VOID(folder.write(to + beside, as_bytes(is_done ? receipt_of(message) : reason_of(message))));
  if (!is_done && message.sidecar) TRY_VOID(folder.write(sidecar_of(to), as_bytes(*message.sidecar)));
  return is_there ? queue.remove(here) : queue.carry(here, folder, to);
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
