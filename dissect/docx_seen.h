// What of WordprocessingML is seen, and what hides it: switches, colours, sizes and styles. For the files docx*.cpp; a
// namespace of their own, since OpenDocument has words like these with another meaning.
#pragma once

#include <functional>
#include <set>

#include "dissect/xml.h"

namespace flikvakt::dissect::docx {

using pugi::xml_node;

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words);

bool is_on(xml_node toggle);          // an element that is a switch: `w:vanish`, `w:titlePg` …
bool is_yes(std::string_view value);  // an attribute that is one

// `top` and every element below it, in the order of the text.
void for_each_word_element(xml_node top, const std::function<void(xml_node)>& use);

// Text, or a picture.
bool says_something(xml_node story);

bool is_tiny(xml_node size);
bool is_white_colour(xml_node colour);

// A ground on which white is seen: of a paragraph, a cell, some words.
bool is_ground(xml_node shading);
bool is_ground_of_words(xml_node highlight);
// And of a shape.
bool is_filled(xml_node shape);

// Styles by what they hide: everything that has them, or what has them and nothing of its own against it.
struct HidingStyles {
  std::set<std::string> hidden, tiny, white;
  std::set<std::string> shaded;  // and those on which white is seen
};

// `file` is the package's styles.xml. Throws Refused(found, hidden_text) where a style of everything hides: what is
// seen all the same cannot be told from what is not.
HidingStyles hiding_styles_of(BytesView file);

}  // namespace flikvakt::dissect::docx
