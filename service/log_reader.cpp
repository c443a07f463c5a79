#include "service/log_reader.h"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace flikvakt::service {

LogReader::LogReader(std::filesystem::path database, const crypto::DatabaseKey& key)
    : database_(std::move(database)), key_(key), thread_([this] { run(); }) {}

LogReader::~LogReader() {
  {
    std::lock_guard lock(mutex_);
    closing_ = true;
  }
  posted_.notify_all();
  thread_.join();
}

Result<std::unique_ptr<store::Reader>> LogReader::take() {
  std::unique_ptr<store::Reader> reader;
  {
    std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      reader = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (!reader) return std::make_unique<store::Reader>(TRY(store::Reader::open(database_, key_)));
  TRY_VOID(reader->refresh());
  return reader;
}

void LogReader::give_back(std::unique_ptr<store::Reader> reader) {
  if (!reader->rest()) return;
  std::lock_guard lock(mutex_);
  if (idle_.size() < kKeptReaders) idle_.push_back(std::move(reader));
}

void LogReader::post(std::function<void()> job) {
  {
    std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  posted_.notify_one();
}

void LogReader::post_first(std::function<void()> job) {
  {
    std::lock_guard lock(mutex_);
    jobs_.push_front(std::move(job));
  }
  posted_.notify_one();
}

void LogReader::run() {
  for (;;) {
    std::function<void()> job;
    {
      std::unique_lock lock(mutex_);
      posted_.wait(lock, [this] { return closing_ || !jobs_.empty(); });
      if (jobs_.empty()) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    try {
      job();
    } catch (const std::exception& error) {  // memory: nobody else's reading ends with it
      spdlog::error("a job that reads the log failed: {}", error.what());
    }
  }
}

audit::TileSource tiles_of(const store::Rows& rows) {
  return [&rows](unsigned level, std::uint64_t number) -> Result<std::vector<audit::MerkleHash>> {
    const std::optional<Bytes> bytes = TRY(rows.tile(static_cast<std::uint8_t>(level), number));
    if (!bytes || bytes->size() % 32 != 0) return fail(ErrorCode::corrupt, "a tile of the log is missing");
    std::vector<audit::MerkleHash> out(bytes->size() / 32);
    for (std::size_t i = 0; i < out.size(); ++i) std::copy_n(bytes->begin() + 32 * i, 32, out[i].begin());
    return out;
  };
}

}  // namespace flikvakt::service
