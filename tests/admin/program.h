// Runs the real `flikvakt`.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/json.h"

namespace flikvakt::admin {

struct Ran {
  int exit_code = -1;
  std::string out;
  std::string err;

  json::value json() const { return parse_json(out).value(); }
};

// `words` without the program's name; `in` is its standard input.
Ran run_flikvakt(const std::vector<std::string>& words, const std::string& in = "");

// One that runs until it is told to stop. Killed when destroyed.
class RunningFlikvakt {
public:
  RunningFlikvakt(const std::vector<std::string>& words, const std::filesystem::path& log);
  ~RunningFlikvakt();
  RunningFlikvakt(const RunningFlikvakt&) = delete;
  RunningFlikvakt& operator=(const RunningFlikvakt&) = delete;

  void begin_to_stop() const;  // SIGTERM, and goes on
  int stop();                  // SIGTERM; the exit code
  bool has_ended() const;      // by itself

private:
  pid_t pid_;
};

}  // namespace flikvakt::admin
