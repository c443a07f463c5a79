// From a template, a language and Data to the text of a page, escaped for where each value stands (ctemplate's
// auto-escape). Templates are compiled once, for each language, with its words in them:
//
//   [[sign_in.title]]  the words of that key, escaped; their `{name}` becomes {{name}}; **strong** and [text](/path)
//   are
//                      marked up: words are ours
//   [[>top]]           the template top.html, as if its text stood here
//   {{name}}, {{#section}}…{{/section}}   filled from Data; ends of lines become spaces
//   {{name:pre_escape}}                  the same, ends of lines stay
//
// Thread-safe after it is made.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "web/data.h"
#include "web/words.h"

namespace flikvakt::web {

class Renderer {
public:
  // Throws std::logic_error for a template that does not compile, or names a key or template that is not there: faults
  // of the program, which a test finds.
  explicit Renderer(const Words& words, std::span<const File> files = embedded_files());
  ~Renderer();
  Renderer(const Renderer&) = delete;
  Renderer& operator=(const Renderer&) = delete;

  // `page`: "sign_in". Throws std::logic_error for a page that is not there.
  std::string render(std::string_view page, Language language, const Data& data) const;

  // Told of what Data holds and the page has no place for: a slip of whoever wrote one of them.
  void on_misfit(std::function<void(const std::string&)> told) { told_ = std::move(told); }

  std::vector<std::string> pages() const;

private:
  struct Compiled;
  std::unique_ptr<Compiled> compiled_;
  std::function<void(const std::string&)> told_;
};

}  // namespace flikvakt::web
