#include "gateway/portal_choices.h"

#include <algorithm>

#include "gateway/provider_search.h"

namespace flikvakt::gateway {

ShownChoices choose_among(std::vector<Choice> all, const std::set<std::string>& kept, std::string_view words) {
  std::ranges::sort(all);
  ShownChoices out;
  const std::vector<std::string> wanted = folded_words(words);
  const bool are_few = all.size() <= kMostChoices;
  std::size_t found = 0, likely = 0;
  for (Choice& one : all) {
    const bool is_likely = kept.contains(one.value) && ++likely <= kMostChoices;
    const bool is_kept = are_few || one.is_chosen || is_likely;
    const bool is_found = (!is_kept || !wanted.empty()) && found < kMostFound && has_words(one.name, wanted);
    if (is_found) ++found;
    if (is_kept || is_found) {
      out.shown.push_back(std::move(one));
    } else {
      ++out.left;
    }
  }
  out.finds_none = !wanted.empty() && found == 0;
  return out;
}

void put_choices(const PortalNames& names, std::vector<Choice> all, const std::set<std::string>& likely,
                 std::string_view words, std::string_view section, std::string_view what, web::Data& data) {
  const ShownChoices choices = choose_among(std::move(all), likely, words);
  for (const Choice& one : choices.shown) {
    data.add(section).set("name", one.name).set("value", one.value).show_if(one.is_chosen, "chosen");
  }
  if (choices.left == 0) return;
  put_search(names, what, words, choices, "", data);
}

void put_search(const PortalNames& names, std::string_view what, std::string_view words, const ShownChoices& choices,
                std::string_view id, web::Data& data) {
  const std::string field = field_of_search(what);
  web::Data& find = data.add(field).set("field", field).set("words", words);
  find.set("field_id", id.empty() ? field : field + "-" + std::string(id));
  find.set("find_label", names.text(field + ".label"));
  find.set("left_text", choices.finds_none ? names.text("find.none") : names.count("find.left", choices.left));
}

}  // namespace flikvakt::gateway
