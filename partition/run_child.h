// Runs `flikvakt-partition` once, for one file. The child is a program of its own: no parser of foreign bytes is linked
// into the process that calls this. It gets two pipes, no environment and nothing else; it confines itself before it
// reads (spec/partition.md, "Confinement"). Whatever it does - ends, crashes, hangs, floods - it is reaped before this
// returns.
#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>

#include "partition/words.h"

namespace flikvakt::partition {

struct ChildProgram {
  std::filesystem::path path;
  std::vector<std::string> arguments;       // none in the product
  std::chrono::milliseconds most_wall{0};   // 0: kChildWallSeconds
  const std::atomic<bool>* stop = nullptr;  // once it is set, a child that runs is ended: unavailable
};

struct Run {
  Outcome outcome;    // refused when the child did not end well: too_costly, damaged
  std::string cause;  // for the operational log: how it ended; empty when it ended well
};

// Waits for the child: up to most_wall, so not on a thread that serves others. Thread-safe.
// unavailable: the program could not be started, shut itself in, or be understood, or it was stopped. invalid: the
// order itself is wrong.
Result<Run> run_child(const ChildProgram& program, const Order& order, BytesView file);

}  // namespace flikvakt::partition
