// Choosing among many in a form, without a script: few choices all stand there; of many, those that are chosen already
// or likely, and what a search for their names finds. The search is a button of the same form, so nothing that was
// filled in is lost. Pure.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "gateway/form.h"
#include "gateway/portal_names.h"

namespace flikvakt::gateway {

inline constexpr std::size_t kMostChoices = 40;  // that stand on a page unasked
inline constexpr std::size_t kMostFound = 20;    // by one search

struct Choice {
  std::string name;
  std::string value;
  bool is_chosen = false;
  friend auto operator<=>(const Choice&, const Choice&) = default;
};

struct ShownChoices {
  std::vector<Choice> shown;  // by name
  std::size_t left = 0;       // that are not shown
  bool finds_none = false;    // words were looked for in vain
};
// `kept`: values that are shown whatever was searched for. `words`: all of them are in a name that is found; none: the
// first by name.
ShownChoices choose_among(std::vector<Choice> all, const std::set<std::string>& kept, std::string_view words);

// Fills `section` with the choices, and, when they are not all there, `find_<what>` with a field to search by name. A
// search that was asked for comes with the form as "find_<what>". `likely`: worth showing unasked.
void put_choices(const PortalNames& names, std::vector<Choice> all, const std::set<std::string>& likely,
                 std::string_view words, std::string_view section, std::string_view what, web::Data& data);

// The section `find_<what>` alone. `id`: what tells its field from another one of that name on the same page.
void put_search(const PortalNames& names, std::string_view what, std::string_view words, const ShownChoices& choices,
                std::string_view id, web::Data& data);

// The field of the search, as the form has it.
inline std::string field_of_search(std::string_view what) { return "find_" + std::string(what); }
// Was a search asked for, instead of what the form is for?
inline bool is_search(const Form& form) { return form.has("find"); }

}  // namespace flikvakt::gateway
