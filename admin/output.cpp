#include "admin/output.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace flikvakt::admin {
namespace {

void write_line(std::FILE* where, std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), where);
  if (text.empty() || text.back() != '\n') std::fputc('\n', where);
  std::fflush(where);
}

std::string scalar(const json::value& value) {
  return value.is_string() ? std::string(value.get_string()) : to_text(value);
}

bool is_nested(const json::value& value) {
  return (value.is_object() && !value.get_object().empty()) || (value.is_array() && !value.get_array().empty());
}

// Control characters of a title or name must not reach the terminal.
std::string printable(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 32 || c == 127) c = ' ';
  }
  return text;
}

void append(std::string& out, const json::value& value, std::size_t indent) {
  const std::string space(indent, ' ');
  if (value.is_object()) {
    std::size_t width = 0;
    for (const auto& [name, member] : value.get_object()) width = std::max(width, is_nested(member) ? 0 : name.size());
    for (const auto& [name, member] : value.get_object()) {
      out += space + std::string(name);
      if (is_nested(member)) {
        out += '\n';
        append(out, member, indent + 2);
      } else {
        out += std::string(width > name.size() ? width - name.size() + 2 : 2, ' ') + printable(scalar(member)) + '\n';
      }
    }
  } else if (value.is_array()) {
    for (const json::value& element : value.get_array()) {
      if (!is_nested(element)) {
        out += space + printable(scalar(element)) + '\n';
        continue;
      }
      append(out, element, indent);
      if (&element != &value.get_array().back()) out += '\n';
    }
  } else {
    out += space + printable(scalar(value)) + '\n';
  }
}

}  // namespace

std::string as_plain_text(const json::value& value) {
  std::string out;
  append(out, value, 0);
  return out;
}

void Output::data(const json::value& value) const { data(value, as_plain_text(value)); }

void Output::data(const json::value& value, std::string_view text) const {
  if (is_json())
    write_line(stdout, to_text(value));
  else if (!text.empty())
    write_line(stdout, text);
}

void Output::note(std::string_view text) const { write_line(stderr, text); }

void Output::failure(std::string_view command, const Failure& failure) const {
  const bool colour = may_colour_stderr();
  const std::string begin = colour ? "\033[31m" : "";
  const std::string end = colour ? "\033[0m" : "";
  write_line(stderr, begin + std::string(command) + ": " + end + failure.message);
  if (!failure.next.empty()) write_line(stderr, "  " + failure.next);
}

bool may_colour_stderr() {
  const char* no_colour = std::getenv("NO_COLOR");
  return isatty(STDERR_FILENO) == 1 && (no_colour == nullptr || *no_colour == '\0');
}

}  // namespace flikvakt::admin
