// Heta linjen: a program of the organisation's that finds what is asked for. It gets the request as one line of JSON on
// standard input and answers with one line of JSON that says what the document is, a newline, and the document.
// spec/connector.md, CONN-47 and CONN-49. Blocks.
#pragma once

#include <atomic>

#include "connector/config.h"
#include "connector/outbox.h"

namespace flikvakt::connector {

enum class Answered {
  found,    // the document lies in `to`, and `message` says what it is
  nothing,  // the program says that there is none (exit code 3)
  failed,   // it hung, failed, or wrote something else: people are to answer
};

struct ProgramAnswer {
  Answered how = Answered::failed;
  std::string why;  // failed: for the log
};

// `message` has its id, flik and number; the rest is filled in. Nothing is left of a document that is not whole.
ProgramAnswer run_answer_program(const AnswerConfig& config, const json::object& request,
                                 const std::filesystem::path& to, Message& message, const std::atomic<bool>& stopping);

}  // namespace flikvakt::connector
