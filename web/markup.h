// What the renderer does to the text of a template before it is compiled: other templates and words are put in. Pure.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "web/words.h"

namespace flikvakt::web {

// Throws std::logic_error for a template or key that is not there, and for templates within each other without end.
std::string with_words(std::string_view page, const std::map<std::string, std::string_view, std::less<>>& sources,
                       const Words& words, Language language);

// The words of a catalogue as HTML, with places for values.
std::string words_as_html(std::string_view text);

// Names of values and sections.
std::set<std::string, std::less<>> places_of_template(std::string_view text);

}  // namespace flikvakt::web
