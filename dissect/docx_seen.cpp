#include "dissect/docx_seen.h"

#include <algorithm>
#include <map>

namespace flikvakt::dissect::docx {
namespace {

bool is_white(std::string_view colour) { return is_one_of(colour, {"FFFFFF", "ffffff"}); }

using Styles = std::map<std::string, xml_node>;

// What a style says of `name`, or the style that it is based on; as far up as there may be styles.
xml_node said_by(const Styles& styles, xml_node style, const char* group, const char* name) {
  for (std::size_t steps = 0; style && steps <= styles.size(); ++steps) {
    if (const xml_node said = style.child(group).child(name)) return said;
    const auto base = styles.find(style.child("w:basedOn").attribute("w:val").value());
    style = base == styles.end() ? xml_node() : base->second;
  }
  return {};
}

[[noreturn]] void all_is_hidden() { throw Refused(RefusalReason::found, "styles", FindingKind::hidden_text); }

}  // namespace

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

bool is_on(xml_node toggle) {
  const std::string_view value = toggle.attribute("w:val").value();
  return toggle && !is_one_of(value, {"0", "false", "off"});
}

bool is_yes(std::string_view value) { return is_one_of(value, {"1", "true", "on"}); }

void for_each_word_element(xml_node top, const std::function<void(xml_node)>& use) {
  use(top);
  for (xml_node child : top.children()) {
    if (child.type() == pugi::node_element) for_each_word_element(child, use);  // as deep as parse_xml let it be
  }
}

bool says_something(xml_node story) {
  bool has_picture = false;
  for_each_word_element(story, [&](xml_node node) { has_picture |= std::string_view(node.name()) == "a:blip"; });
  return has_picture || !text_of(story).empty();
}

bool is_tiny(xml_node size) { return size && size.attribute("w:val").as_int(100) <= 4; }  // half points

bool is_white_colour(xml_node colour) { return is_white(colour.attribute("w:val").value()); }

bool is_ground(xml_node shading) {
  const std::string_view fill = shading.attribute("w:fill").value(), pattern = shading.attribute("w:val").value();
  const bool has_fill = !fill.empty() && fill != "auto" && !is_white(fill);
  return has_fill || !is_one_of(pattern, {"", "clear", "nil"});
}
bool is_ground_of_words(xml_node highlight) {
  return highlight && !is_one_of(highlight.attribute("w:val").value(), {"none", "white"});
}

bool is_filled(xml_node shape) {
  const xml_node own = shape.child("wps:spPr");
  if (own.child("a:noFill")) return false;
  if (const xml_node plain = own.child("a:solidFill")) {
    return !is_white(plain.child("a:srgbClr").attribute("val").value()) &&
           !is_one_of(plain.child("a:schemeClr").attribute("val").value(), {"bg1", "lt1"});
  }
  if (own.child("a:gradFill") || own.child("a:pattFill") || own.child("a:blipFill") || own.child("a:grpFill"))
    return true;
  return shape.child("wps:style").child("a:fillRef").attribute("idx").as_int() > 0;
}

HidingStyles hiding_styles_of(BytesView file) {
  HidingStyles out;
  pugi::xml_document xml;
  parse_xml(file, xml);
  const xml_node root = xml.document_element();
  Styles styles;
  for (xml_node style : root.children("w:style")) styles.emplace(style.attribute("w:styleId").value(), style);
  for (const auto& [id, style] : styles) {
    const auto says = [&styles, &style = style](const char* name) { return said_by(styles, style, "w:rPr", name); };
    const bool is_shaded = is_ground(says("w:shd")) || is_ground_of_words(says("w:highlight")) ||
                           is_ground(said_by(styles, style, "w:pPr", "w:shd"));
    const bool hides = is_on(says("w:vanish")), is_small = is_tiny(says("w:sz"));
    const bool is_white = is_white_colour(says("w:color")) && !is_shaded;
    const bool is_of_all = is_yes(style.attribute("w:default").value());
    if (is_of_all && (hides || is_small || is_white)) all_is_hidden();
    if (id.empty()) continue;
    if (hides) out.hidden.insert(id);
    if (is_small) out.tiny.insert(id);
    if (is_white) out.white.insert(id);
    if (is_shaded) out.shaded.insert(id);
  }
  const xml_node usual = root.child("w:docDefaults").child("w:rPrDefault").child("w:rPr");
  if (is_on(usual.child("w:vanish")) || is_tiny(usual.child("w:sz")) || is_white_colour(usual.child("w:color"))) {
    all_is_hidden();
  }
  return out;
}

}  // namespace flikvakt::dissect::docx
