// What a command says: data on stdout, everything else on stderr. With --json the data is one line of JSON.
#pragma once

#include <string>
#include <string_view>

#include "admin/outcome.h"
#include "base/json.h"

namespace flikvakt::admin {

class Output {
public:
  enum class Form { text, json };
  explicit Output(Form form) : form_(form) {}

  bool is_json() const { return form_ == Form::json; }
  void data(const json::value& value) const;                             // as text: one "name  value" a line
  void data(const json::value& value, std::string_view text) const;      // `text` unless --json
  void note(std::string_view text) const;                                // stderr
  void failure(std::string_view command, const Failure& failure) const;  // stderr

private:
  Form form_;
};

// JSON to be read and edited: one member or element a line.
std::string pretty_json(const json::value& value);

// What moves a cursor or turns text (base/utf8.h) becomes spaces: it must not reach the terminal, nor look like more
// lines.
std::string on_one_line(std::string text);

// "name  value" lines, nested values indented; an array as a list.
std::string as_plain_text(const json::value& value);

// Colour on stderr: only at a terminal, and not when NO_COLOR is set (no-color.org).
bool may_colour_stderr();

}  // namespace flikvakt::admin
