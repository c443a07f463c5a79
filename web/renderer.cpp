#include "web/renderer.h"

#include <ctemplate/per_expand_data.h>
#include <ctemplate/template.h>
#include <ctemplate/template_cache.h>
#include <ctemplate/template_dictionary.h>

#include <algorithm>
#include <map>
#include <stdexcept>

#include "web/markup.h"

namespace flikvakt::web {
namespace {

constexpr std::string_view kFolder = "templates/";
constexpr std::string_view kEnding = ".html";
constexpr std::string_view kEscaped = "{{%AUTOESCAPE context=\"HTML\"}}\n";
constexpr auto kStrip = ctemplate::STRIP_BLANK_LINES;

using Sources = std::map<std::string, std::string_view, std::less<>>;

Sources sources_in(std::span<const File> files) {
  Sources out;
  for (const File& file : files) {
    if (!file.name.starts_with(kFolder) || !file.name.ends_with(kEnding)) continue;
    const std::size_t length = file.name.size() - kFolder.size() - kEnding.size();
    out.emplace(file.name.substr(kFolder.size(), length), file.text);
  }
  return out;
}

std::string key_of(std::string_view page, const std::string& code) { return code + "/" + std::string(page); }

void fill(ctemplate::TemplateDictionary& to, const Data& from, const std::set<std::string, std::less<>>& names,
          const std::function<void(const std::string&)>& misfit) {
  for (const auto& [name, text] : from.values()) {
    if (!names.contains(name)) misfit(name);
    to.SetValue(name, text);
  }
  for (const auto& [name, section] : from.sections()) {
    if (!names.contains(name)) misfit("#" + name);
    fill(*to.AddSectionDictionary(name), section, names, misfit);
  }
}

}  // namespace

struct Renderer::Compiled {
  const Words& words;
  ctemplate::TemplateCache cache;
  std::map<std::string, std::set<std::string, std::less<>>, std::less<>> names;  // by page: what it has places for
};

Renderer::Renderer(const Words& words, std::span<const File> files) : compiled_(new Compiled{words, {}, {}}) {
  const Sources sources = sources_in(files);
  for (const auto& [page, source] : sources) {
    for (const Language language : words.languages()) {
      const std::string text = with_words(page, sources, words, language);
      compiled_->names[page].merge(places_of_template(text));
      const std::string whole = std::string(kEscaped) + text;
      const bool is_good = compiled_->cache.StringToTemplateCache(key_of(page, words.code(language)), whole.data(),
                                                                  whole.size(), kStrip);
      if (!is_good) throw std::logic_error("templates/" + page + ".html does not compile");
    }
  }
  compiled_->cache.Freeze();
}

Renderer::~Renderer() = default;

std::string Renderer::render(std::string_view page, Language language, const Data& data) const {
  const auto names = compiled_->names.find(page);
  if (names == compiled_->names.end()) throw std::logic_error("there is no page `" + std::string(page) + "`");
  ctemplate::TemplateDictionary dictionary("");
  fill(dictionary, data, names->second, [&](const std::string& name) {
    if (told_) told_(std::string(page) + ": " + name);
  });
  std::string out;
  ctemplate::PerExpandData nothing;
  const bool is_done =
      compiled_->cache.ExpandNoLoad(key_of(page, compiled_->words.code(language)), kStrip, &dictionary, &nothing, &out);
  if (!is_done) throw std::logic_error("the page `" + std::string(page) + "` could not be made");
  return out;
}

std::vector<std::string> Renderer::pages() const {
  std::vector<std::string> out;
  for (const auto& [page, names] : compiled_->names) out.push_back(page);
  return out;
}

}  // namespace flikvakt::web
