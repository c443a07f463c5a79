// Why a file is refused, in words that a person can act on, in Swedish and English: what lies in the `.reason` file
// (spec/connector.md, CONN-36). Never a number, a title or document text, but for `where`, which is not for the log.
#pragma once

#include <string>

#include "base/json.h"

namespace flikvakt::connector {

struct RefusalWords {
  std::string swedish;
  std::string english;
  std::string where{};  // in the file; empty: not said
};

// As it is kept and written: a line of each, and `where: …`.
std::string text_of(const RefusalWords& words);
// The English line of what text_of() made, for the log.
std::string log_line_of(const std::string& text);

// Of the gateway's answer 413 or 422 to what was sent; `problem` is its body.
RefusalWords words_of_problem(const json::value& problem);
// Nobody but who deposits learns more (P6).
RefusalWords words_of_no();

}  // namespace flikvakt::connector
