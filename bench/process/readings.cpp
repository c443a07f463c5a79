#include "bench/process/readings.h"

#include <sys/resource.h>

#include <condition_variable>
#include <mutex>
#include <random>

#include "bench/process/syncs.h"
#include "service/document_reader.h"

namespace flikvakt::bench {
namespace {

using Steady = std::chrono::steady_clock;

double cpu_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto of = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return of(used.ru_utime) + of(used.ru_stime);
}

double seconds_since(Steady::time_point start) { return std::chrono::duration<double>(Steady::now() - start).count(); }

// Answers go from the sequencer's thread to ours, as they go to a network thread in the gateway.
class Answers {
public:
  void push(service::CommandResult result) {
    {
      const std::lock_guard lock(mutex_);
      arrived_.push_back(std::move(result));
    }
    some_.notify_one();
  }
  std::vector<service::CommandResult> take() {
    std::unique_lock lock(mutex_);
    some_.wait(lock, [&] { return !arrived_.empty(); });
    return std::exchange(arrived_, {});
  }

private:
  std::mutex mutex_;
  std::condition_variable some_;
  std::vector<service::CommandResult> arrived_;
};

class Reading {
public:
  Reading(Cast& cast, std::span<const DocumentId> documents, const ReadingsPlan& plan)
      : cast_(cast),
        documents_(documents),
        plan_(plan),
        end_(Steady::now() + std::chrono::duration<double>(plan.seconds)) {}

  ReadingsDone run() {
    while (on_their_way_ < plan_.waiting && open_next()) {
    }
    while (on_their_way_ > 0) {
      send();
      for (service::CommandResult& answer : answers_->take()) {
        --on_their_way_;
        finish(std::move(answer));
        open_next();
      }
    }
    send();
    return done_;
  }

private:
  bool open_next() {
    if (opened_ == plan_.at_most || Steady::now() >= end_) return false;
    ++opened_;
    ++on_their_way_;
    const DocumentId& document = documents_[random_() % documents_.size()];
    service::Command opening = service::opening_of(cast_.reader().actor(), document, cast_.file().purpose);
    opening.done = [answers = answers_](service::CommandResult result) { answers->push(std::move(result)); };
    leaving_.push_back(std::move(opening));
    return true;
  }

  // Together, as the gateway's workers send what arises in one turn (gateway/errands.h).
  void send() { cast_.core().sequencer().submit(std::exchange(leaving_, {})); }

  void close(std::optional<service::Command> closing) {
    if (!closing) throw std::runtime_error("a document that was read whole owes no closing");
    leaving_.push_back(std::move(*closing));
  }

  void finish(service::CommandResult answer) {
    must(answer, "opening a document");
    const std::uint64_t bytes = answer.permit->document().facts.size;
    if (!plan_.decrypts) {
      close(service::transfer_ended(cast_.core(), {std::move(answer.permit), nullptr}, 0, bytes));
    } else {
      service::OpenResult opened = service::unseal(cast_.core(), std::move(answer));
      if (!opened.opened) throw std::runtime_error("unsealing a document");
      service::DocumentReader reader(*opened.opened, 0, bytes);
      while (const std::size_t got = must(reader.read(plaintext_))) done_.bytes += got;
      close(service::transfer_ended(cast_.core(), reader.document(), 0, bytes));
    }
    ++done_.readings;
  }

  Cast& cast_;
  std::span<const DocumentId> documents_;
  const ReadingsPlan plan_;
  const std::chrono::time_point<Steady, std::chrono::duration<double>> end_;
  const std::shared_ptr<Answers> answers_ = std::make_shared<Answers>();  // outlives us when we throw
  std::minstd_rand random_{20261128};
  Bytes plaintext_ = Bytes(store::ObjectReader::kSealedChunkBytes);  // room for a chunk as it lies in the object
  std::size_t on_their_way_ = 0;
  std::uint64_t opened_ = 0;
  std::vector<service::Command> leaving_;
  ReadingsDone done_;
};

std::uint64_t log_size(Cast& cast) { return cast.core().sequencer().log_view().size; }

// The last closings are on their way when the last opening is answered.
void wait_for_entries(Cast& cast, std::uint64_t size) {
  const auto start = Steady::now();
  while (log_size(cast) < size && seconds_since(start) < 10) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  if (const std::uint64_t found = log_size(cast); found != size) {
    throw std::runtime_error("the log has " + std::to_string(found) +
                             " entries, not one and one closing of each reading: " + std::to_string(size));
  }
}

}  // namespace

ReadingsDone read_documents(Cast& cast, std::span<const DocumentId> documents, const ReadingsPlan& plan) {
  const std::uint64_t before = log_size(cast);
  const std::uint64_t syncs_before = syncs_so_far();
  const double cpu_before = cpu_seconds();
  const auto start = Steady::now();
  ReadingsDone done = Reading(cast, documents, plan).run();
  done.seconds = seconds_since(start);
  done.entries = 2 * done.readings;
  wait_for_entries(cast, before + done.entries);
  done.cpu_seconds = cpu_seconds() - cpu_before;
  done.syncs = syncs_so_far() - syncs_before;
  return done;
}

}  // namespace flikvakt::bench
