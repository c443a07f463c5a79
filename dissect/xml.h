// XML by pugixml, with what it lets through refused: DTDs, depth, size. Comments and processing instructions are not in
// the tree. Names are compared as they are spelled; callers see to it that prefixes mean what they must.
#pragma once

#include <pugixml.hpp>
#include <span>
#include <string>
#include <string_view>

#include "dissect/job.h"

namespace flikvakt::dissect {

// Comments and instructions that the text had.
struct XmlRemarks {
  std::int64_t comments = 0;
};

// `out` refers to nothing outside itself. Throws Refused: has_dtd, damaged, too_deep, too_many.
XmlRemarks parse_xml(BytesView text, pugi::xml_document& out);

// UTF-8 with its declaration, not indented: blanks may be text.
Bytes write_xml(const pugi::xml_document& document);

std::string_view local_name(std::string_view name);
std::string_view prefix_of(std::string_view name);  // empty: none

// What a prefix means where names are compared as they are spelled.
struct PrefixMeaning {
  std::string_view prefix, meaning;
};
// Throws Refused (unsupported) where the element declares one of these prefixes to mean something else, another prefix
// to mean one of these, or a namespace without a prefix.
void check_declared_prefixes(pugi::xml_node element, std::span<const PrefixMeaning> meanings);

// Moves the children of `node` to its place, and drops it. The first child moved, or what followed.
pugi::xml_node unwrap(pugi::xml_node node);

// The tree without `node`. What followed.
pugi::xml_node drop(pugi::xml_node node);

std::string text_of(pugi::xml_node node);  // all text below it, blanks joined

// Narrative of FHIR: an XHTML div of plain elements without attributes; what a style hides is left away and counted.
struct Narrative {
  std::string div;
  std::int64_t hidden = 0;
};
Narrative regenerate_xhtml(std::string_view div);

}  // namespace flikvakt::dissect
