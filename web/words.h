// What the pages say, by language. Each file of words/ is one catalogue: `key = text` a line, `#` before a comment, and
// two spaces before what continues the line above. `{name}` in a text is a place for a value. A catalogue may begin
// with `base = sv`: what it does not say, that one does (easy-read texts). Every other catalogue says all that the
// first does, with the same places. The registry and the log have names and lines in Swedish and English: a catalogue
// of neither begins with `registry = sv` or `registry = en`, which of them its pages show. Read-only after it is made;
// thread-safe.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "web/files.h"

namespace flikvakt::web {

// Only Words makes one that is not the first.
class Language {
public:
  Language() = default;
  friend bool operator==(Language, Language) = default;

private:
  friend class Words;
  explicit Language(std::size_t index) : index_(index) {}
  std::size_t index_ = 0;
};

using Values = std::vector<std::pair<std::string_view, std::string>>;

class Words {
public:
  // Throws std::logic_error for a catalogue that does not parse, lacks a key, has one more, or has other places: a
  // fault of the program, which a test finds.
  explicit Words(std::span<const File> files = embedded_files());

  std::vector<Language> languages() const;                    // Swedish first
  std::optional<Language> find(std::string_view code) const;  // "sv", "en", "sv-x-latt"
  Language best_of(std::string_view accept_language) const;   // of the header field; Swedish when nothing fits
  const std::string& code(Language language) const;           // as in a cookie
  std::string tag(Language language) const;                   // as in HTML: without what is private, "sv"
  // What the registry and the log say on its pages, and numbers: Swedish, or English.
  bool is_swedish(Language language) const { return catalogues_.at(language.index_).is_swedish; }

  // Throws std::logic_error for a key that is not there.
  const std::string& raw(Language language, std::string_view key) const;
  std::string text(Language language, std::string_view key, const Values& values = {}) const;
  // `key.one` or `key.many`, with `{n}`.
  std::string count(Language language, std::string_view key, std::uint64_t n) const;
  bool has(std::string_view key) const;

private:
  using Catalogue = std::map<std::string, std::string, std::less<>>;
  struct Named {
    std::string code;
    Catalogue texts;
    bool is_swedish = false;
  };
  std::vector<Named> catalogues_;
};

// The `{…}` of a text, in order.
std::vector<std::string_view> places_in(std::string_view text);

}  // namespace flikvakt::web
