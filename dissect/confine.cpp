#include "dissect/confine.h"

#include <fcntl.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <memory>

#include "partition/limits.h"

namespace flikvakt::dissect {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;  // maps terabytes, opens files and starts threads of its own
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif
#else
constexpr bool kSanitized = false;
#endif

bool limit(__rlimit_resource_t what, rlim_t most) {
  const rlimit both{most, most};
  return setrlimit(what, &both) == 0;
}

bool set_limits() {
  if (!kSanitized && !limit(RLIMIT_AS, partition::kChildMemoryBytes)) return false;
  return limit(RLIMIT_CPU, partition::kChildCpuSeconds) && limit(RLIMIT_CORE, 0) && limit(RLIMIT_FSIZE, 0) &&
         limit(RLIMIT_NPROC, 0);
}

struct Dropped {
  void operator()(void* filter) const { seccomp_release(filter); }
};
using Filter = std::unique_ptr<void, Dropped>;

bool allow(void* filter, std::initializer_list<int> calls) {
  for (const int call : calls) {
    if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0) != 0) return false;
  }
  return true;
}

// Libraries ask for files that they can do without: they are told that there is nothing, and go on. newfstatat is among
// them although glibc asks so for the status of open descriptors: a filter does not see whether a path came with it,
// and of its three pipes nothing needs to know.
bool answer(void* filter, int error, std::initializer_list<int> calls) {
  for (const int call : calls) {
    if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(error), call, 0) != 0) return false;
  }
  return true;
}

bool allow_memory_without_code(void* filter) {
  const scmp_arg_cmp no_code = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
  return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, no_code) == 0 &&
         seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, no_code) == 0;
}

bool load_filter() {
  const Filter filter(seccomp_init(SCMP_ACT_KILL_PROCESS));
  if (!filter) return false;
  const bool is_built =
      allow(filter.get(), {SCMP_SYS(read),          SCMP_SYS(write),
                           SCMP_SYS(readv),         SCMP_SYS(writev),
                           SCMP_SYS(close),         SCMP_SYS(fstat),
                           SCMP_SYS(lseek),         SCMP_SYS(brk),
                           SCMP_SYS(munmap),        SCMP_SYS(mremap),
                           SCMP_SYS(madvise),       SCMP_SYS(futex),
                           SCMP_SYS(exit),          SCMP_SYS(exit_group),
                           SCMP_SYS(rt_sigaction),  SCMP_SYS(rt_sigprocmask),
                           SCMP_SYS(rt_sigreturn),  SCMP_SYS(restart_syscall),
                           SCMP_SYS(getpid),        SCMP_SYS(gettid),
                           SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres),
                           SCMP_SYS(gettimeofday),  SCMP_SYS(getrandom),
                           SCMP_SYS(sched_yield),   SCMP_SYS(sched_getaffinity),
                           SCMP_SYS(rseq),          SCMP_SYS(set_robust_list)}) &&
      seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
                       SCMP_A0(SCMP_CMP_EQ, static_cast<scmp_datum_t>(getpid()))) == 0 &&
      allow_memory_without_code(filter.get()) &&
      answer(filter.get(), EACCES,
             {SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(stat), SCMP_SYS(lstat), SCMP_SYS(newfstatat), SCMP_SYS(statx),
              SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(readlink), SCMP_SYS(readlinkat),
              SCMP_SYS(getcwd)}) &&
      answer(filter.get(), ENOSYS, {SCMP_SYS(sysinfo), SCMP_SYS(uname), SCMP_SYS(prlimit64), SCMP_SYS(getrlimit)}) &&
      answer(filter.get(), ENOTTY, {SCMP_SYS(ioctl)});
  return is_built && seccomp_load(filter.get()) == 0;
}

}  // namespace

Result<void> confine() {
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // best effort: whoever asked is gone, and nobody reads the answer
  alarm(partition::kChildWallSeconds);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
    return fail(ErrorCode::unavailable, "this process could not give up privileges");
  }
  if (!set_limits()) return fail(ErrorCode::unavailable, "this process could not be limited");
  if (!kSanitized && !load_filter()) return fail(ErrorCode::unavailable, "the filter of system calls was not loaded");
  return {};
}

}  // namespace flikvakt::dissect
