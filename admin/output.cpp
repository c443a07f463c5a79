#include "admin/output.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "base/utf8.h"

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
        out += std::string(width > name.size() ? width - name.size() + 2 : 2, ' ') + on_one_line(scalar(member)) + '\n';
      }
    }
  } else if (value.is_array()) {
    for (const json::value& element : value.get_array()) {
      if (!is_nested(element)) {
        out += space + on_one_line(scalar(element)) + '\n';
        continue;
      }
      append(out, element, indent);
      if (&element != &value.get_array().back()) out += '\n';
    }
  } else {
    out += space + on_one_line(scalar(value)) + '\n';
  }
}

void append_pretty(std::string& out, const json::value& value, std::size_t indent) {
  if (!is_nested(value)) {
    out += to_text(value);
    return;
  }
  const std::string space(indent + 2, ' ');
  std::string between = "\n";
  out += value.is_object() ? '{' : '[';
  if (value.is_object()) {
    for (const auto& [name, member] : value.get_object()) {
      out += std::exchange(between, ",\n") + space + to_text(json::value(json::string(name))) + ": ";
      append_pretty(out, member, indent + 2);
    }
  } else {
    for (const json::value& element : value.get_array()) {
      out += std::exchange(between, ",\n") + space;
      append_pretty(out, element, indent + 2);
    }
  }
  out += "\n" + std::string(indent, ' ') + (value.is_object() ? "}" : "]");
}

}  // namespace

std::string on_one_line(std::string text) {
  std::string out;
  for (std::string_view rest = text; !rest.empty();) {
    const std::optional<Character> next = first_character(rest);
    const std::size_t bytes = next ? next->bytes : 1;
    if (next && moves_or_turns(next->code))
      out += ' ';
    else
      out += rest.substr(0, bytes);
    rest.remove_prefix(bytes);
  }
  return out;
}

std::string pretty_json(const json::value& value) {
  std::string out;
  append_pretty(out, value, 0);
  return out + "\n";
}

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
