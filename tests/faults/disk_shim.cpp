// A disk that fails on command, for the fault harness: preloaded into the real program, it counts the calls that change
// files below one folder, makes a chosen one fail, stall or kill the process, and at the kill drops what was not synced
// (a killed process alone leaves the page cache whole). tests/faults/disk.py sets it through a shared page and reads
// the trace.
//
// Environment: FLIKVAKT_SHIM_PAGE, the shared file; FLIKVAKT_SHIM_ROOT, the folder. What a file held at its last
// successful fsync or fdatasync is durable, and so is a name in a folder once the folder was synced: nothing else is.
// Files ending in
// `-shm` are SQLite's index of the WAL, made anew at start-up: calls on them can fail, their content is not tracked.
// One mutex; it is not held while a call stalls or syncs. Everything here goes to the kernel directly, never through
// itself.
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/limits.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace {

enum Fault : std::uint32_t { none, kill_before, kill_after, error, short_write, stall };
enum Loss : std::uint32_t { keep_all, lose_unsynced, lose_some };

struct Event {                // tests/faults/disk.py knows this layout
  std::uint64_t nanoseconds;  // CLOCK_MONOTONIC, when the call returned
  std::int64_t result;
  std::uint64_t bytes;  // of a sync, and of a send: nanoseconds when it began
  std::uint32_t fd;
  std::uint32_t counted;  // which counted call this was; 0: none was armed
  char call[16];
  char path[48];  // end of the path below the folder; of a send the port of the peer
};

struct Page {
  std::uint32_t armed;  // calls are counted and faults happen
  std::uint32_t seen;   // calls counted since
  std::uint32_t at;     // the call that fails, from 1; 0: none
  std::uint32_t fault;
  std::uint32_t error_number;
  std::uint32_t sticky;  // 1: later calls fail too, until taken back: all with the error; every fifth sync stalls
  std::uint32_t loss;
  std::uint32_t fired;
  std::uint32_t release;  // ends a stall
  std::uint32_t die;      // 1: the next call is a kill
  std::uint64_t seed;
  std::uint64_t events;              // how many were traced; only the first kMaxEvents are kept
  std::uint32_t stall_milliseconds;  // at most; 0: half a minute
};
constexpr std::size_t kMaxEvents = 100'000;
constexpr std::size_t kPageBytes = 4096;

struct Undo {
  std::uint64_t offset;
  std::vector<char> bytes;  // what stood there, as far as the file went
  std::uint64_t size;       // of the file before
  std::uint64_t touched;    // bytes from offset that the call changed
};
struct File {
  int fd = -1;
  std::vector<Undo> pending, doomed;  // doomed: a sync failed over it, so no later one makes it durable
};
struct NameChange {
  enum class Kind { created, removed, moved } kind;
  std::string folder, name, from, saved;  // saved: a second name of what was removed or replaced
};

struct State {
  Page* page = nullptr;
  Event* events = nullptr;
  std::string root, keep;
  std::mutex mutex;
  std::map<std::pair<dev_t, ino_t>, File> files;
  std::vector<NameChange> names;
  std::uint64_t saved = 0;
};

State* state() {
  static State* const made = [] {
    auto* out = new State;  // never freed: calls come after static objects are gone
    const char* page = std::getenv("FLIKVAKT_SHIM_PAGE");
    const char* root = std::getenv("FLIKVAKT_SHIM_ROOT");
    if (page == nullptr || root == nullptr) return out;
    const int fd = static_cast<int>(syscall(SYS_openat, AT_FDCWD, page, O_RDWR | O_CLOEXEC));
    if (fd < 0) return out;
    void* at = mmap(nullptr, kPageBytes + kMaxEvents * sizeof(Event), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    syscall(SYS_close, fd);
    if (at == MAP_FAILED) return out;
    out->root = root;
    out->keep = out->root + ".kept-names";
    syscall(SYS_mkdirat, AT_FDCWD, out->keep.c_str(), 0700);
    out->events = reinterpret_cast<Event*>(static_cast<char*>(at) + kPageBytes);
    out->page = static_cast<Page*>(at);
    return out;
  }();
  return made;
}

// --- time ---

std::uint64_t now() {
  struct timespec out {};
  clock_gettime(CLOCK_MONOTONIC, &out);
  return static_cast<std::uint64_t>(out.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(out.tv_nsec);
}

// --- paths ---

std::string path_of(int fd) {
  std::array<char, PATH_MAX> out{};
  const std::string link = fd == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/" + std::to_string(fd);
  const long got = syscall(SYS_readlinkat, AT_FDCWD, link.c_str(), out.data(), out.size());
  return got > 0 ? std::string(out.data(), static_cast<std::size_t>(got)) : std::string();
}

std::string absolute(int folder, const char* path) {
  if (path[0] == '/') return path;
  return path_of(folder) + "/" + path;
}

bool inside(const std::string& path) {
  const State& s = *state();
  return s.page != nullptr && path.compare(0, s.root.size(), s.root) == 0 &&
         (path.size() == s.root.size() || path[s.root.size()] == '/');
}

bool tracked(const std::string& path) { return path.size() < 4 || path.compare(path.size() - 4, 4, "-shm") != 0; }

std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

// --- what would be lost ---

File& file_of(State& s, int fd, const struct stat& info) {
  File& out = s.files[{info.st_dev, info.st_ino}];
  if (out.fd < 0) {
    const std::string self = "/proc/self/fd/" + std::to_string(fd);
    out.fd = static_cast<int>(syscall(SYS_openat, AT_FDCWD, self.c_str(), O_RDWR | O_CLOEXEC));
  }
  return out;
}

void remember(int fd, std::uint64_t offset, std::uint64_t length) {
  State& s = *state();
  struct stat info {};
  if (syscall(SYS_fstat, fd, &info) != 0 || !S_ISREG(info.st_mode)) return;
  File& file = file_of(s, fd, info);
  const auto size = static_cast<std::uint64_t>(info.st_size);
  Undo undo{offset, {}, size, length};
  if (offset < size) {
    undo.bytes.resize(static_cast<std::size_t>(std::min(length, size - offset)));
    syscall(SYS_pread64, file.fd, undo.bytes.data(), undo.bytes.size(), offset);
  }
  file.pending.push_back(std::move(undo));
}

std::uint64_t next(std::uint64_t& seed) {  // splitmix64
  std::uint64_t x = (seed += 0x9e3779b97f4a7c15);
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

void take_back(int fd, const std::vector<Undo>& undos) {
  for (auto it = undos.rbegin(); it != undos.rend(); ++it) {
    syscall(SYS_pwrite64, fd, it->bytes.data(), it->bytes.size(), it->offset);
    syscall(SYS_ftruncate, fd, it->size);
  }
}

// A disk writes sectors in any order: of what was not synced, some are there and some are not.
void lose_file(File& file, Loss loss, std::uint64_t& seed) {
  std::vector<std::pair<std::uint64_t, std::vector<char>>> written;
  if (loss == lose_some) {
    for (const Undo& undo : file.pending) {
      std::vector<char> bytes(static_cast<std::size_t>(undo.touched));
      const long got = syscall(SYS_pread64, file.fd, bytes.data(), bytes.size(), undo.offset);
      bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
      written.emplace_back(undo.offset, std::move(bytes));
    }
  }
  take_back(file.fd, file.pending);
  take_back(file.fd, file.doomed);
  for (const auto& [offset, bytes] : written) {
    for (std::size_t at = 0; at < bytes.size();) {
      const std::size_t sector = std::min(bytes.size() - at, 512 - static_cast<std::size_t>((offset + at) % 512));
      if ((next(seed) & 1) != 0) syscall(SYS_pwrite64, file.fd, bytes.data() + at, sector, offset + at);
      at += sector;
    }
  }
}

void lose_name(const NameChange& change) {
  const std::string path = change.folder + "/" + change.name;
  if (change.kind == NameChange::Kind::created) syscall(SYS_unlinkat, AT_FDCWD, path.c_str(), 0);
  if (change.kind == NameChange::Kind::moved)
    syscall(SYS_renameat, AT_FDCWD, path.c_str(), AT_FDCWD, change.from.c_str());
  if (!change.saved.empty()) syscall(SYS_linkat, AT_FDCWD, change.saved.c_str(), AT_FDCWD, path.c_str(), 0);
}

void lose() {
  State& s = *state();
  const auto loss = static_cast<Loss>(s.page->loss);
  if (loss == keep_all) return;
  std::uint64_t seed = s.page->seed;
  for (auto& [key, file] : s.files) lose_file(file, loss, seed);
  // Names reach the disk in order: a first part of them is there.
  const std::size_t there = loss == lose_some && !s.names.empty() ? next(seed) % (s.names.size() + 1) : 0;
  for (std::size_t i = s.names.size(); i > there; --i) lose_name(s.names[i - 1]);
}

[[noreturn]] void die() {
  lose();
  syscall(SYS_kill, syscall(SYS_getpid), SIGKILL);
  for (;;) syscall(SYS_pause);
}

// --- trace ---

void trace(const char* call, const std::string& path, int fd, std::int64_t result, std::uint64_t bytes,
           std::uint32_t counted) {
  State& s = *state();
  const std::uint64_t i = __atomic_fetch_add(&s.page->events, 1, __ATOMIC_SEQ_CST);
  if (i >= kMaxEvents) return;
  Event& event = s.events[i];
  event.nanoseconds = now();
  event.result = result;
  event.bytes = bytes;
  event.fd = static_cast<std::uint32_t>(fd);
  event.counted = counted;
  std::strncpy(event.call, call, sizeof event.call - 1);
  const std::string shown = inside(path) && path.size() > s.root.size() ? path.substr(s.root.size() + 1) : path;
  const std::size_t from = shown.size() > 47 ? shown.size() - 47 : 0;
  std::strncpy(event.path, shown.c_str() + from, sizeof event.path - 1);
}

// --- one call ---

enum class What { bytes, sync, name };

bool fails_now(Page& page, std::uint32_t number) {
  return page.fault == error && page.at != 0 && (number == page.at || (page.sticky != 0 && number > page.at));
}

void wait_for_release(Page& page) {
  const std::uint32_t most = page.stall_milliseconds != 0 ? page.stall_milliseconds : 30'000;
  for (std::uint32_t i = 0; i < most && __atomic_load_n(&page.release, __ATOMIC_SEQ_CST) == 0; ++i) {
    struct timespec pause {
      0, 1'000'000
    };
    syscall(SYS_nanosleep, &pause, nullptr);
  }
}

bool stalls_now(const Page& page, std::uint32_t number, What what) {
  const bool later = page.sticky != 0 && number > page.at && what == What::sync && number % 5 == 0;
  return page.fault == stall && page.at != 0 && (number == page.at || later);
}

void fired(Page& page) { __atomic_store_n(&page.fired, 1, __ATOMIC_SEQ_CST); }

// The pending changes of the file or folder behind `fd`, as they were before a sync began.
struct Pending {
  std::size_t changes = 0, names = 0;
};
Pending pending_of(int fd) {
  State& s = *state();
  Pending out;
  struct stat info {};
  if (syscall(SYS_fstat, fd, &info) != 0) return out;
  if (auto it = s.files.find({info.st_dev, info.st_ino}); it != s.files.end()) out.changes = it->second.pending.size();
  if (S_ISDIR(info.st_mode)) out.names = s.names.size();  // those in this folder, see synced()
  return out;
}

// What was written anew over a part of it, and synced, is durable there: of `undo` the parts outside are left.
std::vector<Undo> without(const Undo& undo, const Undo& durable) {
  const std::uint64_t from = durable.offset, to = durable.offset + durable.touched;
  const std::uint64_t end = undo.offset + undo.bytes.size();
  const std::uint64_t size = std::max(undo.size, to);
  std::vector<Undo> out;
  const auto part = [&](std::uint64_t begin, std::uint64_t stop) {
    if (begin >= stop) return;
    const auto first = undo.bytes.begin() + static_cast<std::ptrdiff_t>(begin - undo.offset);
    out.push_back({begin, {first, first + static_cast<std::ptrdiff_t>(stop - begin)}, size, stop - begin});
  };
  part(undo.offset, std::min(end, std::max(from, undo.offset)));
  part(std::max(undo.offset, std::min(to, end)), end);
  if (out.empty()) out.push_back({undo.offset, {}, size, 0});  // the size alone
  return out;
}

void save_from_doom(File& file, const Undo& durable) {
  std::vector<Undo> left;
  for (const Undo& undo : file.doomed) {
    for (Undo& part : without(undo, durable)) left.push_back(std::move(part));
  }
  file.doomed = std::move(left);
}

void synced(int fd, const std::string& path, const Pending& before, bool well) {
  State& s = *state();
  struct stat info {};
  if (syscall(SYS_fstat, fd, &info) != 0) return;
  if (auto it = s.files.find({info.st_dev, info.st_ino}); it != s.files.end() && before.changes > 0) {
    auto& pending = it->second.pending;
    const auto end = pending.begin() + static_cast<std::ptrdiff_t>(std::min(before.changes, pending.size()));
    // A failed sync may have dropped the pages and called them clean: no later sync saves them.
    if (!well) it->second.doomed.insert(it->second.doomed.end(), pending.begin(), end);
    if (well && !it->second.doomed.empty()) {
      for (auto one = pending.begin(); one != end; ++one) save_from_doom(it->second, *one);
    }
    pending.erase(pending.begin(), end);
  }
  if (well && before.names > 0) {
    const auto end = s.names.begin() + static_cast<std::ptrdiff_t>(std::min(before.names, s.names.size()));
    s.names.erase(std::remove_if(s.names.begin(), end, [&](const NameChange& one) { return one.folder == path; }), end);
  }
}

// Runs one call that changes a file. `prepare` notes what would be undone, `run(bytes)` does it and returns the
// kernel's result; `bytes`: how many a write may write.
template <class Prepare, class Run>
long change(const char* call, const std::string& path, int fd, What what, std::uint64_t bytes, Prepare prepare,
            Run run) {
  State& s = *state();
  Page& page = *s.page;
  std::unique_lock lock(s.mutex);
  const bool armed = __atomic_load_n(&page.armed, __ATOMIC_SEQ_CST) != 0;
  const std::uint32_t number = armed ? __atomic_add_fetch(&page.seen, 1, __ATOMIC_SEQ_CST) : 0;
  const bool mine = armed && page.at != 0 && number == page.at;
  if (__atomic_load_n(&page.die, __ATOMIC_SEQ_CST) != 0 || (mine && page.fault == kill_before)) {
    fired(page);
    trace(call, path, fd, -1, bytes, number);
    die();
  }
  if (armed && stalls_now(page, number, what)) {
    fired(page);
    trace("stall", path, fd, 0, bytes, number);
    lock.unlock();
    wait_for_release(page);
    lock.lock();
  }
  const Pending before = what == What::sync ? pending_of(fd) : Pending{};
  if (armed && fails_now(page, number)) {
    fired(page);
    if (what == What::sync) synced(fd, path, before, false);
    trace(call, path, fd, -static_cast<long>(page.error_number), bytes, number);
    errno = static_cast<int>(page.error_number);
    return -1;
  }
  if (mine && page.fault == short_write && what == What::bytes && bytes > 1) {
    fired(page);
    bytes /= 2;
  }
  if (what != What::sync && tracked(path)) prepare(bytes);
  if (what == What::sync) {
    bytes = now();
    lock.unlock();
  }
  const long result = run(bytes);
  const int trouble = errno;
  if (what == What::sync) {
    lock.lock();
    synced(fd, path, before, result == 0);
  }
  if (result < 0 && what == What::name && !s.names.empty()) s.names.pop_back();
  trace(call, path, fd, result, bytes, number);
  if (mine && page.fault == kill_after) {
    fired(page);
    die();
  }
  errno = trouble;
  return result;
}

void keep_name(NameChange::Kind kind, const std::string& path, const std::string& from) {
  State& s = *state();
  NameChange out{kind, folder_of(path), path.substr(path.rfind('/') + 1), from, {}};
  if (kind != NameChange::Kind::created && syscall(SYS_faccessat, AT_FDCWD, path.c_str(), F_OK) == 0) {
    // Process ids come again: a name that was kept for an earlier process must never be taken for this one's.
    out.saved = s.keep + "/" + std::to_string(now()) + "-" + std::to_string(syscall(SYS_getpid)) + "-" +
                std::to_string(s.saved++);
    syscall(SYS_linkat, AT_FDCWD, path.c_str(), AT_FDCWD, out.saved.c_str(), 0);
  }
  s.names.push_back(std::move(out));
}

long put(const char* call, int fd, const void* data, std::size_t length, off_t offset, bool positioned) {
  const std::string path = path_of(fd);
  const auto to_kernel = [&](std::uint64_t most) {
    return positioned ? syscall(SYS_pwrite64, fd, data, most, offset) : syscall(SYS_write, fd, data, most);
  };
  if (!inside(path)) return to_kernel(length);
  return change(
      call, path, fd, What::bytes, length,
      [&](std::uint64_t most) {
        const long at = positioned ? offset : syscall(SYS_lseek, fd, 0, SEEK_CUR);
        remember(fd, static_cast<std::uint64_t>(at), most);
      },
      to_kernel);
}

int sync(const char* call, int fd, long number) {
  const std::string path = path_of(fd);
  const auto to_kernel = [&](std::uint64_t) { return syscall(number, fd); };
  if (!inside(path)) return static_cast<int>(to_kernel(0));
  return static_cast<int>(change(
      call, path, fd, What::sync, 0, [](std::uint64_t) {}, to_kernel));
}

int cut(const char* call, int fd, off_t size) {
  const std::string path = path_of(fd);
  const auto to_kernel = [&](std::uint64_t) { return syscall(SYS_ftruncate, fd, size); };
  if (!inside(path)) return static_cast<int>(to_kernel(0));
  const auto prepare = [&](std::uint64_t) {
    struct stat info {};
    syscall(SYS_fstat, fd, &info);
    const off_t from = std::min(size, info.st_size);
    remember(fd, static_cast<std::uint64_t>(from), static_cast<std::uint64_t>(std::max(size, info.st_size) - from));
  };
  return static_cast<int>(change(call, path, fd, What::bytes, 0, prepare, to_kernel));
}

int make_room(const char* call, int fd, int mode, off_t offset, off_t length) {
  const std::string path = path_of(fd);
  const auto to_kernel = [&](std::uint64_t) { return syscall(SYS_fallocate, fd, mode, offset, length); };
  if (!inside(path)) return static_cast<int>(to_kernel(0));
  const auto prepare = [&](std::uint64_t) { remember(fd, static_cast<std::uint64_t>(offset), 0); };
  return static_cast<int>(change(call, path, fd, What::bytes, 0, prepare, to_kernel));
}

int open_at(const char* call, int folder, const char* name, int flags, mode_t mode) {
  const auto to_kernel = [&](std::uint64_t) { return syscall(SYS_openat, folder, name, flags, mode); };
  if ((flags & (O_CREAT | O_TRUNC)) == 0) return static_cast<int>(to_kernel(0));
  const std::string path = absolute(folder, name);
  const bool there = syscall(SYS_faccessat, AT_FDCWD, path.c_str(), F_OK) == 0;
  if (!inside(path) || there) return static_cast<int>(to_kernel(0));
  return static_cast<int>(change(
      call, path, -1, What::name, 0, [&](std::uint64_t) { keep_name(NameChange::Kind::created, path, {}); },
      to_kernel));
}

int remove_at(const char* call, int folder, const char* name, int flags) {
  const std::string path = absolute(folder, name);
  const auto to_kernel = [&](std::uint64_t) { return syscall(SYS_unlinkat, folder, name, flags); };
  if (!inside(path) || (flags & AT_REMOVEDIR) != 0) return static_cast<int>(to_kernel(0));
  return static_cast<int>(change(
      call, path, -1, What::name, 0, [&](std::uint64_t) { keep_name(NameChange::Kind::removed, path, {}); },
      to_kernel));
}

int move_at(const char* call, int from_folder, const char* from, int to_folder, const char* to, unsigned flags) {
  const std::string old_path = absolute(from_folder, from), path = absolute(to_folder, to);
  const auto to_kernel = [&](std::uint64_t) { return syscall(SYS_renameat2, from_folder, from, to_folder, to, flags); };
  if (!inside(path)) return static_cast<int>(to_kernel(0));
  return static_cast<int>(change(
      call, path, -1, What::name, 0, [&](std::uint64_t) { keep_name(NameChange::Kind::moved, path, old_path); },
      to_kernel));
}

int link_at(const char* call, int from_folder, const char* from, int to_folder, const char* to, int flags) {
  const std::string path = absolute(to_folder, to);
  const auto to_kernel = [&](std::uint64_t) { return syscall(SYS_linkat, from_folder, from, to_folder, to, flags); };
  if (!inside(path)) return static_cast<int>(to_kernel(0));
  return static_cast<int>(change(
      call, path, -1, What::name, 0, [&](std::uint64_t) { keep_name(NameChange::Kind::created, path, {}); },
      to_kernel));
}

// Of a TCP connection; else empty.
std::string peer_port(int fd) {
  sockaddr_in peer{};
  socklen_t size = sizeof peer;
  if (syscall(SYS_getpeername, fd, &peer, &size) != 0 || peer.sin_family != AF_INET) return {};
  return std::to_string(ntohs(peer.sin_port));
}

// A process that ends by itself after a fault loses what was not synced, as the machine would when it went down then.
void lose_at_end() {
  State& s = *state();
  if (s.page != nullptr && s.page->fired != 0) lose();
}
__attribute__((destructor)) void at_exit() { lose_at_end(); }

mode_t mode_of(int flags, va_list more) { return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(more, mode_t) : 0; }

}  // namespace

extern "C" {

#define OPEN_WITH_MODE(name)                             \
  int name(const char* path, int flags, ...) {           \
    va_list more;                                        \
    va_start(more, flags);                               \
    const mode_t mode = mode_of(flags, more);            \
    va_end(more);                                        \
    return open_at("open", AT_FDCWD, path, flags, mode); \
  }
#define OPENAT_WITH_MODE(name)                             \
  int name(int folder, const char* path, int flags, ...) { \
    va_list more;                                          \
    va_start(more, flags);                                 \
    const mode_t mode = mode_of(flags, more);              \
    va_end(more);                                          \
    return open_at("open", folder, path, flags, mode);     \
  }
OPEN_WITH_MODE(open)
OPEN_WITH_MODE(open64)
OPENAT_WITH_MODE(openat)
OPENAT_WITH_MODE(openat64)

ssize_t write(int fd, const void* data, size_t length) { return put("write", fd, data, length, 0, false); }
ssize_t pwrite(int fd, const void* data, size_t length, off_t offset) {
  return put("pwrite", fd, data, length, offset, true);
}
ssize_t pwrite64(int fd, const void* data, size_t length, off_t offset) {
  return put("pwrite", fd, data, length, offset, true);
}
int fsync(int fd) { return sync("fsync", fd, SYS_fsync); }
int fdatasync(int fd) { return sync("fdatasync", fd, SYS_fdatasync); }
int ftruncate(int fd, off_t size) noexcept { return cut("ftruncate", fd, size); }
int ftruncate64(int fd, off_t size) noexcept { return cut("ftruncate", fd, size); }
int fallocate(int fd, int mode, off_t offset, off_t length) { return make_room("fallocate", fd, mode, offset, length); }
int fallocate64(int fd, int mode, off_t offset, off_t length) {
  return make_room("fallocate", fd, mode, offset, length);
}
int posix_fallocate(int fd, off_t offset, off_t length) {
  return make_room("fallocate", fd, 0, offset, length) == 0 ? 0 : errno;
}
int posix_fallocate64(int fd, off_t offset, off_t length) { return posix_fallocate(fd, offset, length); }
int unlink(const char* path) noexcept { return remove_at("unlink", AT_FDCWD, path, 0); }
int unlinkat(int folder, const char* path, int flags) noexcept { return remove_at("unlink", folder, path, flags); }
int rename(const char* from, const char* to) noexcept { return move_at("rename", AT_FDCWD, from, AT_FDCWD, to, 0); }
int renameat(int a, const char* from, int b, const char* to) noexcept { return move_at("rename", a, from, b, to, 0); }
int renameat2(int a, const char* from, int b, const char* to, unsigned flags) noexcept {
  return move_at("rename", a, from, b, to, flags);
}
int link(const char* from, const char* to) noexcept { return link_at("link", AT_FDCWD, from, AT_FDCWD, to, 0); }
int linkat(int a, const char* from, int b, const char* to, int flags) noexcept {
  return link_at("link", a, from, b, to, flags);
}

ssize_t send(int fd, const void* data, size_t length, int flags) {
  if (state()->page == nullptr) return syscall(SYS_sendto, fd, data, length, flags, nullptr, 0);
  const std::uint64_t began = now();
  const long result = syscall(SYS_sendto, fd, data, length, flags, nullptr, 0);
  const int trouble = errno;
  trace("send", peer_port(fd), fd, result, began, 0);
  errno = trouble;
  return result;
}

[[noreturn]] void _exit(int status) {
  lose_at_end();
  for (;;) syscall(SYS_exit_group, status);
}
[[noreturn]] void _Exit(int status) noexcept { _exit(status); }
}
