#include "service/figures_keeper.h"

#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <unistd.h>

#include "service/figures_count.h"

namespace flikvakt::service {
namespace {

constexpr int kLowestPriority = 19;

// Of this thread alone, as Linux has it. Where it is not granted the figures are counted all the same.
void give_way() { (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kLowestPriority); }

}  // namespace

FiguresKeeper::FiguresKeeper(Core& core, Options options)
    : core_(core), options_(options), thread_([this] { run(); }) {}

FiguresKeeper::~FiguresKeeper() { stop(); }

void FiguresKeeper::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stopped_.notify_all();
  if (thread_.joinable()) thread_.join();
}

bool FiguresKeeper::sleep() {
  std::unique_lock lock(mutex_);
  return !stopped_.wait_for(lock, options_.pause, [this] { return stopping_.load(); });
}

// SPEC FIG-15: said once, and again when something else is wrong.
void FiguresKeeper::run() {
  give_way();
  std::string said;
  do {
    std::string wrong;
    try {
      const Result<void> counted = count();
      if (!counted && !stopping_) wrong = counted.error().message;
    } catch (const std::exception& error) {
      wrong = error.what();
    }
    if (!wrong.empty() && wrong != said) spdlog::error("the figures of ended months are not counted: {}", wrong);
    said = std::move(wrong);
  } while (sleep());
}

Result<void> FiguresKeeper::count() {
  const std::filesystem::path& data = core_.data_directory().root();
  std::optional<Figures> figures = TRY(read_figures(data, core_.keys()));
  return count_ended_months(
      core_, std::move(figures).value_or(Figures()), [this] { return !stopping_; },
      [&](const Figures& counted) { return write_figures(data, core_.keys(), counted); });
}

}  // namespace flikvakt::service
