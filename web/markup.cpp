#include "web/markup.h"

#include <stdexcept>

namespace flikvakt::web {
namespace {

constexpr int kDeepest = 8;

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '{':
        out += "{{";
        break;
      case '}':
        out += "}}";
        break;
      default:
        out += c;
    }
  }
  return out;
}

// "[text](href)" at the beginning: as a link, and how long it was. 0: it is none.
std::size_t put_link(std::string_view text, std::string& out) {
  const std::size_t middle = text.find("](");
  const std::size_t end = text.find(')', middle == std::string_view::npos ? 0 : middle);
  if (middle == std::string_view::npos || end == std::string_view::npos) return 0;
  out += "<a href=\"" + escaped(text.substr(middle + 2, end - middle - 2)) + "\">" +
         words_as_html(text.substr(1, middle - 1)) + "</a>";
  return end + 1;
}

class Filling {
public:
  Filling(const std::map<std::string, std::string_view, std::less<>>& sources, const Words& words, Language language)
      : sources_(sources), words_(words), language_(language) {}

  std::string fill(std::string_view name, int depth) const {
    const auto source = sources_.find(name);
    if (source == sources_.end()) throw std::logic_error("there is no template `" + std::string(name) + "`");
    if (depth > kDeepest) throw std::logic_error("the template `" + std::string(name) + "` is within itself");
    std::string out;
    std::string_view rest = source->second;
    for (std::size_t open = rest.find("[["); open != std::string_view::npos; open = rest.find("[[")) {
      const std::size_t close = rest.find("]]", open);
      if (close == std::string_view::npos) throw std::logic_error("`[[` has no end in " + std::string(name));
      out += rest.substr(0, open);
      const std::string_view inside = rest.substr(open + 2, close - open - 2);
      out += inside.starts_with('>') ? fill(inside.substr(1), depth + 1) : words_as_html(words_.raw(language_, inside));
      rest.remove_prefix(close + 2);
    }
    return out += rest;
  }

private:
  const std::map<std::string, std::string_view, std::less<>>& sources_;
  const Words& words_;
  const Language language_;
};

}  // namespace

std::string words_as_html(std::string_view text) {
  std::string out;
  bool is_strong = false;
  while (!text.empty()) {
    if (text.starts_with("**")) {
      is_strong = !is_strong;
      out += is_strong ? "<strong>" : "</strong>";
      text.remove_prefix(2);
      continue;
    }
    const std::size_t link = text.front() == '[' ? put_link(text, out) : 0;
    if (link == 0) out += escaped(text.substr(0, 1));
    text.remove_prefix(link == 0 ? 1 : link);
  }
  return out;
}

std::string with_words(std::string_view page, const std::map<std::string, std::string_view, std::less<>>& sources,
                       const Words& words, Language language) {
  return Filling(sources, words, language).fill(page, 0);
}

std::set<std::string, std::less<>> places_of_template(std::string_view text) {
  std::set<std::string, std::less<>> out;
  for (std::size_t at = text.find("{{"); at != std::string_view::npos; at = text.find("{{", at + 2)) {
    std::string_view name = text.substr(at + 2, text.find("}}", at) - at - 2);
    if (name.starts_with('#') || name.starts_with('/')) name.remove_prefix(1);
    out.emplace(name.substr(0, name.find(':')));
  }
  return out;
}

}  // namespace flikvakt::web
