// What a witness keeps of one log, on disk: the checkpoint that it cosigned last, whole, in one small file; and when
// the log forked, the evidence in a second one, which is never replaced. Format: spec/witness.md. One thread at a time.
//
// What it cannot notice: an older file of its own put back. A witness belongs on a machine that nobody restores.
#pragma once

#include <filesystem>

#include "audit/witness.h"

namespace flikvakt::witness {

class LogRecord {
public:
  // For a log that this witness has never seen. conflict: there is a record, and nothing is changed.
  static Result<void> begin(const std::filesystem::path& folder, const std::string& origin);
  // not_found: never begun, or lost, which must not look alike; corrupt: damaged, of another log, or signed by none of
  // `keys`, which are all that the log has or had here.
  static Result<LogRecord> open(const std::filesystem::path& folder, const std::string& origin,
                                std::span<const audit::NoteVerifier> keys);

  const audit::WitnessedLog& log() const { return log_; }
  bool is_stopped() const { return is_stopped_; }
  const std::filesystem::path& evidence() const { return evidence_; }  // where it is, or would be
  // The two notes of the evidence, when stopped; empty when its file cannot be read.
  const std::vector<std::string>& contradicting() const { return contradicting_; }

  // Durable when it returns. out_of_space: certain not to have been kept. After another error what is on the disk is
  // not known: sign nothing, stop.
  Result<void> keep(audit::WitnessedLog next);
  // From now on the log is stopped, here and at every later start; without the latter when the answer is an error.
  // `presented`: the note that contradicts log().
  Result<void> stop(std::string_view presented);

private:
  LogRecord(std::filesystem::path file, std::filesystem::path evidence, audit::WitnessedLog log, bool is_stopped)
      : file_(std::move(file)), evidence_(std::move(evidence)), log_(std::move(log)), is_stopped_(is_stopped) {}

  std::filesystem::path file_;
  std::filesystem::path evidence_;
  audit::WitnessedLog log_;
  bool is_stopped_;
  std::vector<std::string> contradicting_;
};

}  // namespace flikvakt::witness
