#include "web/words.h"

#include <algorithm>
#include <set>
#include <stdexcept>

namespace flikvakt::web {
namespace {

constexpr std::string_view kFolder = "words/";
constexpr std::string_view kFirst = "sv";

std::logic_error fault(std::string_view file, std::string_view what) {
  return std::logic_error(std::string(file) + ": " + std::string(what));
}

std::string_view trimmed(std::string_view text) {
  const std::size_t from = text.find_first_not_of(" \t\r");
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(" \t\r") - from + 1);
}

std::map<std::string, std::string, std::less<>> parse(const File& file) {
  std::map<std::string, std::string, std::less<>> out;
  std::string* last = nullptr;
  std::string_view rest = file.text;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (trimmed(line).empty() || line.front() == '#') continue;
    if (line.starts_with("  ")) {
      if (!last) throw fault(file.name, "a line continues nothing");
      *last += " " + std::string(trimmed(line));
      continue;
    }
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) throw fault(file.name, "no `=` in `" + std::string(line) + "`");
    const auto [place, is_new] =
        out.emplace(trimmed(line.substr(0, equals)), std::string(trimmed(line.substr(equals + 1))));
    if (!is_new) throw fault(file.name, "`" + place->first + "` is there twice");
    last = &place->second;
  }
  return out;
}

std::string code_of(const File& file) {
  const std::string_view name = file.name.substr(kFolder.size());
  return std::string(name.substr(0, name.rfind('.')));
}

// Without what is private.
std::string tag_of(const std::string& code) { return code.substr(0, code.find("-x-")); }

// `said`: what the catalogue says itself.
bool shows_swedish(const std::string& code, const std::optional<std::string>& said) {
  const std::string shown = said.value_or(tag_of(code));
  if (shown != "sv" && shown != "en") throw fault(code, "`registry` is neither `sv` nor `en`");
  return shown == "sv";
}

std::set<std::string_view> place_set(std::string_view text) {
  const std::vector<std::string_view> places = places_in(text);
  return {places.begin(), places.end()};
}

}  // namespace

std::vector<std::string_view> places_in(std::string_view text) {
  std::vector<std::string_view> out;
  for (std::size_t at = text.find('{'); at != std::string_view::npos; at = text.find('{', at + 1)) {
    const std::size_t end = text.find('}', at);
    if (end == std::string_view::npos) break;
    out.push_back(text.substr(at + 1, end - at - 1));
  }
  return out;
}

Words::Words(std::span<const File> files) {
  for (const File& file : files) {
    if (!file.name.starts_with(kFolder)) continue;
    Named one{code_of(file), parse(file)};
    const auto place = one.code == kFirst ? catalogues_.begin() : catalogues_.end();
    catalogues_.insert(place, std::move(one));
  }
  if (catalogues_.empty() || catalogues_.front().code != kFirst) throw fault(kFolder, "there is no Swedish catalogue");
  for (Named& one : catalogues_) {
    const auto said = one.texts.extract("registry");
    one.is_swedish = shows_swedish(one.code, said.empty() ? std::nullopt : std::optional(said.mapped()));
  }
  for (Named& one : catalogues_) {
    const auto base = one.texts.extract("base");
    if (base.empty()) continue;
    const auto of = std::ranges::find(catalogues_, base.mapped(), &Named::code);
    if (of == catalogues_.end()) throw fault(one.code, "its base is not there");
    one.texts.insert(of->texts.begin(), of->texts.end());
  }
  const Catalogue& first = catalogues_.front().texts;
  for (const Named& one : catalogues_) {
    for (const auto& [key, text] : one.texts) {
      const auto found = first.find(key);
      if (found == first.end()) throw fault(one.code, "`" + key + "` is not in Swedish");
      if (place_set(text) != place_set(found->second)) throw fault(one.code, "`" + key + "` has other places");
    }
    for (const auto& [key, text] : first) {
      if (!one.texts.contains(key)) throw fault(one.code, "`" + key + "` is missing");
    }
  }
}

std::vector<Language> Words::languages() const {
  std::vector<Language> out;
  for (std::size_t i = 0; i < catalogues_.size(); ++i) out.push_back(Language(i));
  return out;
}

std::optional<Language> Words::find(std::string_view code) const {
  const auto found = std::ranges::find(catalogues_, code, &Named::code);
  if (found == catalogues_.end()) return std::nullopt;
  return Language(static_cast<std::size_t>(found - catalogues_.begin()));
}

// The order of the field stands for the weights: browsers write them falling.
Language Words::best_of(std::string_view accept_language) const {
  while (!accept_language.empty()) {
    const std::size_t end = std::min(accept_language.find(','), accept_language.size());
    const std::string_view range = trimmed(accept_language.substr(0, end));
    if (const auto found = find(range.substr(0, range.find_first_of("-; ")))) return *found;
    accept_language.remove_prefix(std::min(end + 1, accept_language.size()));
  }
  return {};
}

const std::string& Words::code(Language language) const { return catalogues_.at(language.index_).code; }

std::string Words::tag(Language language) const { return tag_of(code(language)); }

const std::string& Words::raw(Language language, std::string_view key) const {
  const Catalogue& texts = catalogues_.at(language.index_).texts;
  const auto found = texts.find(key);
  if (found == texts.end()) throw fault(code(language), "there is no `" + std::string(key) + "`");
  return found->second;
}

std::string Words::text(Language language, std::string_view key, const Values& values) const {
  std::string_view rest = raw(language, key);
  std::string out;
  for (std::size_t open = rest.find('{'); open != std::string_view::npos; open = rest.find('{')) {
    const std::size_t close = rest.find('}', open);
    if (close == std::string_view::npos) break;
    out += rest.substr(0, open);
    const auto value = std::ranges::find(values, rest.substr(open + 1, close - open - 1), &Values::value_type::first);
    if (value == values.end()) throw fault(key, "a value is missing");
    out += value->second;
    rest.remove_prefix(close + 1);
  }
  return out += rest;
}

std::string Words::count(Language language, std::string_view key, std::uint64_t n) const {
  const std::string whole = std::string(key) + (n == 1 ? ".one" : ".many");
  return text(language, whole, {{"n", std::to_string(n)}});
}

bool Words::has(std::string_view key) const { return catalogues_.front().texts.contains(key); }

}  // namespace flikvakt::web
