// WordprocessingML (ISO/IEC 29500-1, transitional).
#include <algorithm>
#include <cstring>
#include <functional>
#include <map>
#include <set>

#include "dissect/images.h"
#include "dissect/office.h"
#include "dissect/xml.h"
#include "dissect/zip.h"

namespace flikvakt::dissect {
namespace {

using pugi::xml_node;

constexpr std::string_view kWord = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
constexpr std::string_view kRelations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const std::string kDocument = "word/document.xml";
constexpr std::string_view kWordType = "application/vnd.openxmlformats-officedocument.wordprocessingml.";

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

bool is_on(xml_node toggle) {
  const std::string_view value = toggle.attribute("w:val").value();
  return toggle && !is_one_of(value, {"0", "false", "off"});
}

bool is_yes(std::string_view value) { return is_one_of(value, {"1", "true", "on"}); }

// Element names are compared with their usual prefixes, so those must mean what they usually do (SPEC PART-36).
void check_prefixes(xml_node root) {
  static constexpr std::pair<std::string_view, std::string_view> kMeanings[] = {
      {"w", kWord},
      {"r", kRelations},
      {"wp", "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"},
      {"a", "http://schemas.openxmlformats.org/drawingml/2006/main"},
      {"pic", "http://schemas.openxmlformats.org/drawingml/2006/picture"},
      {"mc", "http://schemas.openxmlformats.org/markup-compatibility/2006"},
      {"wps", "http://schemas.microsoft.com/office/word/2010/wordprocessingShape"},
      {"wpg", "http://schemas.microsoft.com/office/word/2010/wordprocessingGroup"},
      {"w14", "http://schemas.microsoft.com/office/word/2010/wordml"},
      {"wp14", "http://schemas.microsoft.com/office/word/2010/wordprocessingDrawing"},
  };
  for (xml_node node = root; node;) {
    for (const pugi::xml_attribute attribute : node.attributes()) {
      const std::string_view name = attribute.name(), value = attribute.value();
      if (name == "xmlns") throw Refused(RefusalReason::unsupported);
      if (prefix_of(name) != "xmlns") continue;
      for (const auto& [prefix, meaning] : kMeanings) {
        if ((local_name(name) == prefix) != (value == meaning)) throw Refused(RefusalReason::unsupported);
      }
    }
    if (node.first_child()) {
      node = node.first_child();
      continue;
    }
    while (node && node != root && !node.next_sibling()) node = node.parent();
    if (!node || node == root) return;
    node = node.next_sibling();
  }
}

// Paragraphs, tables, drawings: what a document is made of. Everything of other prefixes goes.
bool is_known_prefix(std::string_view prefix) { return is_one_of(prefix, {"w", "wp", "a", "pic", "mc", "wps", "wpg"}); }

void for_each_word_element(xml_node top, const std::function<void(xml_node)>& use) {
  use(top);
  for (xml_node child : top.children()) {
    if (child.type() == pugi::node_element) for_each_word_element(child, use);  // as deep as parse_xml let it be
  }
}

// Text, or a picture.
bool says_something(xml_node story) {
  bool has_picture = false;
  for_each_word_element(story, [&](xml_node node) { has_picture |= std::string_view(node.name()) == "a:blip"; });
  return has_picture || !text_of(story).empty();
}

// Styles by what they hide: everything that has them, or what has them and nothing of its own against it.
struct HidingStyles {
  std::set<std::string> hidden, tiny, white;
  std::set<std::string> shaded;  // and those on which white is seen
};

bool is_tiny(xml_node size) { return size && size.attribute("w:val").as_int(100) <= 4; }  // half points

bool is_white(std::string_view colour) { return is_one_of(colour, {"FFFFFF", "ffffff"}); }
bool is_white_colour(xml_node colour) { return is_white(colour.attribute("w:val").value()); }

// A ground on which white is seen: of a paragraph, a cell, some words.
bool is_ground(xml_node shading) {
  const std::string_view fill = shading.attribute("w:fill").value(), pattern = shading.attribute("w:val").value();
  const bool has_fill = !fill.empty() && fill != "auto" && !is_white(fill);
  return has_fill || !is_one_of(pattern, {"", "clear", "nil"});
}
bool is_ground_of_words(xml_node highlight) {
  return highlight && !is_one_of(highlight.attribute("w:val").value(), {"none", "white"});
}
// And of a shape.
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

class WordCleaner {
public:
  // `has_image`: whether a relationship of this id is a picture that can stay.
  WordCleaner(Job& job, const HidingStyles& styles, std::function<bool(const std::string&)> has_image)
      : job_(job), styles_(styles), has_image_(std::move(has_image)) {}

  void clean(xml_node parent) {
    for (xml_node node = parent.first_child(); node;) node = step(node);
  }

private:
  // What follows the node, cleaned, unwrapped or dropped.
  xml_node step(xml_node node) {
    if (node.type() != pugi::node_element) return node.next_sibling();
    const std::string_view name = node.name();
    if (is_one_of(name, {"w:del", "w:moveFrom"}) || is_deleted_row(node))
      return remove(node, FindingKind::tracked_change);
    if (is_one_of(name, {"w:ins", "w:moveTo"})) {
      job_.found(FindingKind::tracked_change);
      return unwrap(node);
    }
    if (name.ends_with("Change") || is_one_of(name, {"w:cellIns", "w:cellDel", "w:cellMerge", "w:moveFromRangeStart",
                                                     "w:moveFromRangeEnd", "w:moveToRangeStart", "w:moveToRangeEnd",
                                                     "w:numberingChange", "w:delText", "w:delInstrText"})) {
      return remove(node, FindingKind::tracked_change);
    }
    if (is_one_of(name, {"w:commentRangeStart", "w:commentRangeEnd", "w:commentReference", "w:annotationRef"})) {
      return remove(node, FindingKind::comment);
    }
    if (is_hidden(node) || name == "mc:Choice") return remove(node, FindingKind::hidden_text);
    if (name == "mc:AlternateContent") return choose(node);
    if (is_one_of(name, {"w:object", "w:control", "w:altChunk", "w:movie", "w:subDoc", "w:contentPart", "w:pict"})) {
      return remove(node, FindingKind::embedded_object);
    }
    if (is_one_of(name, {"w:bookmarkStart", "w:bookmarkEnd", "w:proofErr", "w:permStart", "w:permEnd", "w:smartTagPr",
                         "w:customXmlPr", "w:sdtPr", "w:sdtEndPr", "w:lastRenderedPageBreak", "w:docVars", "w:aliases",
                         "mc:Fallback", "a:extLst", "a:hlinkClick", "a:hlinkHover", "w:rsids", "w:attachedTemplate"})) {
      return drop(node);
    }
    if (name == "w:name" && std::string_view(node.parent().name()) == "w:ffData") return drop(node);
    if (is_unseen_of_field(node)) return remove(node, FindingKind::custom_data);
    if (name == "w:hyperlink") {
      job_.found(FindingKind::external_link);
      return unwrap(node);
    }
    if (is_one_of(name, {"w:sdt", "w:sdtContent", "w:smartTag", "w:customXml"})) return unwrap(node);
    if (name == "w:fldSimple" && is_reaching_field(node.attribute("w:instr").value())) {
      job_.found(FindingKind::external_link);
      return unwrap(node);
    }
    if (name == "w:instrText" && is_reaching_field(node.text().get())) return remove(node, FindingKind::external_link);
    if (!is_known_prefix(prefix_of(name))) return remove(node, FindingKind::custom_data);
    if (name == "a:blip") clean_picture(node);
    // Cutting an image to what is shown of it would need it decoded and coded anew: not done here.
    if (name == "a:srcRect" && crops(node)) throw Refused(RefusalReason::found, "image", FindingKind::covered_image);
    if (name == "a:graphicData" &&
        !is_one_of(local_name_of_uri(node), {"picture", "wordprocessingShape", "wordprocessingGroup"})) {
      return remove(node, FindingKind::embedded_object);
    }
    if (name == "w:r" && is_faint(node)) return leave_words(node);
    clean_attributes(node);
    clean(node);
    return node.next_sibling();
  }

  // Beside words that nobody sees the run may hold a picture that everybody sees.
  xml_node leave_words(xml_node run) {
    clean_attributes(run);
    clean(run);
    if (!run.child("w:drawing")) return remove(run, FindingKind::hidden_text);
    bool has_words = false;
    for (xml_node child = run.first_child(); child;) {
      const bool stays = is_one_of(child.name(), {"w:drawing", "w:rPr"});
      has_words |= !stays && !text_of(child).empty();
      child = stays ? child.next_sibling() : drop(child);
    }
    if (has_words) job_.found(FindingKind::hidden_text);
    return run.next_sibling();
  }

  xml_node remove(xml_node node, FindingKind kind) {
    job_.found(kind);
    return drop(node);
  }

  static bool is_deleted_row(xml_node node) {
    return std::string_view(node.name()) == "w:tr" && node.child("w:trPr").child("w:del");
  }

  // One of several says what is seen, by what a program understands; what follows it is that one's content.
  xml_node choose(xml_node alternatives) {
    const auto is_understood = [](std::string_view needs) {
      bool any = false;
      for (std::size_t at = 0; at < needs.size();) {
        const std::size_t end = std::min(needs.find(' ', at), needs.size());
        if (end > at && !is_one_of(needs.substr(at, end - at), {"wps", "wpg", "w14", "wp14"})) return false;
        any |= end > at;
        at = end + 1;
      }
      return any;
    };
    xml_node chosen;
    for (xml_node choice : alternatives.children("mc:Choice")) {
      if (!chosen && is_understood(choice.attribute("Requires").value()))
        chosen = choice;
      else if (says_something(choice))
        job_.found(FindingKind::hidden_text);
    }
    if (!chosen)
      chosen = alternatives.child("mc:Fallback");  // where one is chosen, it says the same for older programs
    for (xml_node child = alternatives.first_child(); child;)
      child = child == chosen ? child.next_sibling() : drop(child);
    if (chosen) unwrap(chosen);
    return unwrap(alternatives);
  }

  bool is_hidden(xml_node node) const {
    const std::string_view name = node.name();
    if (name == "w:r") return is_hidden_run(node);
    if (name == "w:p") return styles_.hidden.contains(paragraph_style(node));
    if (name == "w:tr") return is_on(node.child("w:trPr").child("w:hidden"));
    if (prefix_of(node.parent().name()) == "wpg") {  // of a group each shape says so by itself
      const xml_node about = name == "pic:pic"     ? node.child("pic:nvPicPr").child("pic:cNvPr")
                             : name == "wpg:grpSp" ? node.child("wpg:cNvPr")
                                                   : node.child("wps:cNvPr");
      return is_yes(about.attribute("hidden").value());
    }
    if (name != "w:drawing") return false;
    return std::ranges::any_of(std::initializer_list<const char*>{"wp:inline", "wp:anchor"}, [&](const char* how) {
      return is_yes(node.child(how).attribute("hidden").value()) ||
             is_yes(node.child(how).child("wp:docPr").attribute("hidden").value());
    });
  }
  static std::string paragraph_style(xml_node paragraph) {
    return paragraph.child("w:pPr").child("w:pStyle").attribute("w:val").value();
  }
  // `w:webHidden` is of a view in a browser's manner: on paper it is seen, as the page numbers of a table of contents.
  bool is_hidden_run(xml_node run) const {
    const xml_node properties = run.child("w:rPr");
    return is_on(properties.child("w:vanish")) || is_on(properties.child("w:specVanish")) ||
           styles_.hidden.contains(properties.child("w:rStyle").attribute("w:val").value());
  }
  // Its words are tiny, or white on nothing.
  bool is_faint(xml_node run) const {
    const xml_node properties = run.child("w:rPr");
    xml_node paragraph = run;
    while (paragraph && std::string_view(paragraph.name()) != "w:p") paragraph = paragraph.parent();
    const std::string own = properties.child("w:rStyle").attribute("w:val").value(),
                      around = paragraph_style(paragraph);
    const xml_node size = properties.child("w:sz"), colour = properties.child("w:color");
    if (size ? is_tiny(size) : styles_.tiny.contains(own) || styles_.tiny.contains(around)) return true;
    const bool is_white =
        colour ? is_white_colour(colour) : styles_.white.contains(own) || styles_.white.contains(around);
    if (!is_white || styles_.shaded.contains(own) || styles_.shaded.contains(around)) return false;
    return !is_ground(properties.child("w:shd")) && !is_ground_of_words(properties.child("w:highlight")) &&
           !is_shaded(run);
  }
  // White on a coloured cell, paragraph or shape is a heading.
  static bool is_shaded(xml_node inside) {
    for (xml_node node = inside; node; node = node.parent()) {
      if (is_ground(node.child("w:pPr").child("w:shd")) || is_ground(node.child("w:tcPr").child("w:shd")) ||
          node.child("w:tblPr").child("w:tblStyle") ||
          (std::string_view(node.name()) == "wps:wsp" && is_filled(node))) {
        return true;
      }
    }
    return false;
  }

  static std::string_view local_name_of_uri(xml_node node) {
    const std::string_view uri = node.attribute("uri").value();
    return uri.substr(std::min(uri.size(), uri.rfind('/') + 1));
  }

  // What a field carries besides what it shows: data of other programs, help, macros, what a form began with.
  static bool is_unseen_of_field(xml_node node) {
    const std::string_view name = node.name(), parent = node.parent().name();
    if (name == "w:fldData") return true;
    if (parent == "w:ffData") return is_one_of(name, {"w:helpText", "w:statusText", "w:entryMacro", "w:exitMacro"});
    return parent == "w:textInput" && name == "w:default";
  }

  // Fields whose result is brought from elsewhere, or that do something. The others show it by themselves: a box of a
  // form has no other words than the field's.
  static bool is_reaching_field(std::string_view instruction) {
    const std::size_t begin = std::min(instruction.find_first_not_of(" \t"), instruction.size());
    std::string word(instruction.substr(begin, instruction.find_first_of(" \t", begin) - begin));
    std::ranges::transform(word, word.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return !is_one_of(word, {"PAGE", "NUMPAGES", "SECTIONPAGES", "TOC", "SEQ", "STYLEREF", "FORMCHECKBOX", "FORMTEXT",
                             "FORMDROPDOWN", "SYMBOL", "EQ", "=", ""});
  }

  void clean_picture(xml_node blip) {
    if (blip.attribute("r:link")) {
      job_.found(FindingKind::external_link);
      blip.remove_attribute("r:link");
    }
    const auto embed = blip.attribute("r:embed");
    if (embed && !has_image_(embed.value())) {
      job_.found(FindingKind::embedded_object);
      blip.remove_attribute("r:embed");
    }
  }

  static bool crops(xml_node rectangle) {
    for (const char* side : {"l", "t", "r", "b"}) {
      if (rectangle.attribute(side).as_int() > 0) return true;
    }
    return false;
  }

  void clean_attributes(xml_node node) {
    for (pugi::xml_attribute attribute = node.first_attribute(); attribute;) {
      const pugi::xml_attribute next = attribute.next_attribute();
      const std::string_view name = attribute.name(), prefix = prefix_of(name);
      const bool is_session = name.starts_with("w:rsid") || is_one_of(name, {"w:author", "w:date", "w:initials"});
      const bool is_note = is_one_of(name, {"descr", "title", "o:title", "alt"}) && prefix_of(node.name()) != "w";
      const bool is_foreign = !prefix.empty() && !is_one_of(prefix, {"w", "r", "xml", "xmlns", "wp", "mc"});
      if (is_session || is_foreign)
        node.remove_attribute(attribute);
      else if (is_note && attribute.value()[0] != '\0') {
        job_.found(FindingKind::structure);
        node.remove_attribute(attribute);
      } else if (name == "name" && is_one_of(node.name(), {"wp:docPr", "pic:cNvPr"})) {
        attribute.set_value("-");
      }
      attribute = next;
    }
  }

  Job& job_;
  const HidingStyles& styles_;
  const std::function<bool(const std::string&)> has_image_;
};

// ---- The package
// ---------------------------------------------------------------------------------------------------------------

// A part of the package that stays: what it is by its relationship, and its media type.
struct Kept {
  std::string_view relation;    // the last step of the relationship's type
  std::string_view media_type;  // behind kWordType; an image has its own
};
constexpr Kept kKept[] = {{"styles", "styles+xml"}, {"numbering", "numbering+xml"}, {"header", "header+xml"},
                          {"footer", "footer+xml"}, {"footnotes", "footnotes+xml"}, {"endnotes", "endnotes+xml"}};

std::string_view last_step(std::string_view path) {
  const std::size_t at = path.rfind('/');
  return at == path.npos ? path : path.substr(at + 1);
}

// What an entry that stays behind is.
std::optional<FindingKind> kind_of_entry(std::string_view name) {
  if (name.find("vbaProject") != name.npos || name.find("vbaData") != name.npos) return FindingKind::macro;
  if (name.find("embeddings/") != name.npos || name.find("activeX/") != name.npos ||
      name.find("/charts/") != name.npos || name.find("/diagrams/") != name.npos) {
    return FindingKind::embedded_object;
  }
  if (name.starts_with("word/comments")) return FindingKind::comment;
  if (name == "word/people.xml") return FindingKind::author;
  if (name.starts_with("docProps/thumbnail")) return FindingKind::thumbnail;
  if (name.starts_with("docProps/")) return FindingKind::metadata;
  if (name.starts_with("customXml/")) return FindingKind::custom_data;
  return std::nullopt;
}

class DocxWriter {
public:
  DocxWriter(Job& job, ZipEntries source) : job_(job), source_(std::move(source)) {}

  Bytes write() {
    check_package();
    for (const auto& [name, bytes] : source_) {
      if (const auto kind = kind_of_entry(name)) job_.found(*kind);
    }
    find_authors();
    find_hiding_styles();
    keep(kDocument, "document.main+xml");
    write_settings();
    write_types();
    return write_zip(out_);
  }

private:
  const Bytes& entry(const std::string& name) const {
    const auto found = source_.find(name);
    if (found == source_.end()) throw Refused(RefusalReason::mislabelled);
    return found->second;
  }

  void check_package() const {
    const std::string_view types = as_text(entry("[Content_Types].xml"));
    if (!source_.contains("word/document.xml")) throw Refused(RefusalReason::mislabelled);
    if (types.find("macroEnabled") != types.npos) job_.found(FindingKind::macro);
    if (types.find("wordprocessingml.document.main+xml") == types.npos && types.find("macroEnabled") == types.npos) {
      throw Refused(RefusalReason::mislabelled);
    }
  }

  void find_authors() {
    const auto core = source_.find("docProps/core.xml");
    if (core == source_.end()) return;
    pugi::xml_document xml;
    parse_xml(core->second, xml);
    for (xml_node child : xml.document_element().children()) {
      const bool is_name = is_one_of(child.name(), {"dc:creator", "cp:lastModifiedBy"});
      if (is_name && !text_of(child).empty()) job_.found(FindingKind::author);
    }
  }

  using Styles = std::map<std::string, xml_node>;

  // What a style says of `name`, or the style that it is based on; as far up as there may be styles.
  static xml_node said_by(const Styles& styles, xml_node style, const char* group, const char* name) {
    for (std::size_t steps = 0; style && steps <= styles.size(); ++steps) {
      if (const xml_node said = style.child(group).child(name)) return said;
      const auto base = styles.find(style.child("w:basedOn").attribute("w:val").value());
      style = base == styles.end() ? xml_node() : base->second;
    }
    return {};
  }

  void find_hiding_styles() {
    const auto file = source_.find("word/styles.xml");
    if (file == source_.end()) return;
    pugi::xml_document xml;
    parse_xml(file->second, xml);
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
      if (hides) styles_.hidden.insert(id);
      if (is_small) styles_.tiny.insert(id);
      if (is_white) styles_.white.insert(id);
      if (is_shaded) styles_.shaded.insert(id);
    }
    const xml_node usual = root.child("w:docDefaults").child("w:rPrDefault").child("w:rPr");
    if (is_on(usual.child("w:vanish")) || is_tiny(usual.child("w:sz")) || is_white_colour(usual.child("w:color"))) {
      all_is_hidden();
    }
  }
  // What is seen all the same cannot be told from what is not.
  [[noreturn]] static void all_is_hidden() { throw Refused(RefusalReason::found, "styles", FindingKind::hidden_text); }

  // ---- Relationships
  struct Relation {
    std::string id;
    std::string type;  // the last step of its type
    std::string path;
  };

  static std::string relations_name(const std::string& name) {
    const std::size_t stroke = name.rfind('/');
    return name.substr(0, stroke + 1) + "_rels/" + name.substr(stroke + 1) + ".rels";
  }

  std::vector<Relation> relations_of(const std::string& name) {
    std::vector<Relation> out;
    const auto file = source_.find(relations_name(name));
    if (file == source_.end()) return out;
    pugi::xml_document xml;
    parse_xml(file->second, xml);
    for (xml_node one : xml.document_element().children("Relationship")) {
      if (std::string_view(one.attribute("TargetMode").value()) == "External") {
        job_.found(FindingKind::external_link);
        continue;
      }
      const std::string target = one.attribute("Target").value();
      out.push_back({one.attribute("Id").value(), std::string(last_step(one.attribute("Type").value())),
                     target.starts_with('/') ? target.substr(1) : "word/" + target});
    }
    return out;
  }

  static const Relation* find_relation(const std::vector<Relation>& all, std::string_view id, std::string_view type) {
    const auto found = std::ranges::find_if(all, [&](const Relation& one) { return one.id == id && one.type == type; });
    return found == all.end() ? nullptr : &*found;
  }

  // One XML part, cleaned, with what is left that it refers to; its relationships are written anew.
  void keep(const std::string& name, std::string_view media_type) {
    if (!kept_.insert(name).second) return;
    const std::vector<Relation> relations = relations_of(name);
    pugi::xml_document xml;
    const XmlRemarks remarks = parse_xml(entry(name), xml);
    if (remarks.comments > 0) job_.found(FindingKind::markup_comment, "", remarks.comments);
    const xml_node root = xml.document_element();
    check_prefixes(root);
    const auto has_image = [&](const std::string& id) {
      const Relation* image = find_relation(relations, id, "image");
      return image && is_picture(image->path);
    };
    WordCleaner(job_, styles_, has_image).clean(xml);
    if (name == kDocument) {
      find_settings(relations);
      drop_unseen_stories(root, relations);
      find_notes(root);
    }
    if (is_one_of(media_type, {"footnotes+xml", "endnotes+xml"})) drop_notes_of_nothing(root);
    write_relations(name, relations, referred_to(root));
    out_[name] = write_xml(xml);
    types_["/" + name] = std::string(kWordType) + std::string(media_type);
  }

  // Ids of relationships that what is left refers to: pictures, headers, footers.
  static std::set<std::string> referred_to(xml_node root) {
    std::set<std::string> out;
    for_each_word_element(root, [&out](xml_node node) {
      const std::string_view name = node.name();
      if (name == "a:blip") out.insert(node.attribute("r:embed").value());
      if (is_one_of(name, {"w:headerReference", "w:footerReference"})) out.insert(node.attribute("r:id").value());
    });
    return out;
  }

  // SPEC PART-38: what nothing that is left refers to stays behind.
  void write_relations(const std::string& name, const std::vector<Relation>& all, const std::set<std::string>& used) {
    pugi::xml_document relations;
    xml_node list = relations.append_child("Relationships");
    list.append_attribute("xmlns").set_value("http://schemas.openxmlformats.org/package/2006/relationships");
    for (const Relation& one : all) {
      const auto* rule = std::ranges::find(kKept, std::string_view(one.type), &Kept::relation);
      const bool is_story = is_one_of(one.type, {"header", "footer"});
      if (one.type == "image") {
        if (!used.contains(one.id) || !is_picture(one.path)) continue;
        keep_image(one.path);
      } else if (rule != std::end(kKept) && name == kDocument) {
        if (is_story && !used.contains(one.id)) continue;
        keep(one.path, rule->media_type);
      } else if (one.type != "settings") {
        continue;
      }
      xml_node copy = list.append_child("Relationship");
      copy.append_attribute("Id").set_value(one.id.c_str());
      copy.append_attribute("Type").set_value((std::string(kRelations) + "/" + one.type).c_str());
      copy.append_attribute("Target").set_value(one.type == "settings" ? "/word/settings.xml"
                                                                       : ("/" + new_name(one.path)).c_str());
    }
    if (list.first_child()) out_[relations_name(name)] = write_xml(relations);
  }

  // ---- What no page shows (SPEC PART-38)
  void find_settings(const std::vector<Relation>& relations) {
    const auto settings = std::ranges::find(relations, "settings", &Relation::type);
    if (settings == relations.end() || !source_.contains(settings->path)) return;
    pugi::xml_document xml;
    parse_xml(source_.at(settings->path), xml);
    has_even_pages_ = is_on(xml.document_element().child("w:evenAndOddHeaders"));
  }

  // Headers and footers of even pages where all pages are alike, and of first pages that are like the others.
  void drop_unseen_stories(xml_node root, const std::vector<Relation>& relations) {
    std::vector<xml_node> sections;
    for_each_word_element(root, [&sections](xml_node node) {
      if (std::string_view(node.name()) == "w:sectPr") sections.push_back(node);
    });
    std::set<std::string> shown;
    for (std::size_t i = 0; i < sections.size(); ++i) {
      for (xml_node one = sections[i].first_child(); one;) {
        const bool is_story = is_one_of(one.name(), {"w:headerReference", "w:footerReference"});
        if (!is_story || is_shown(sections, i, one)) {
          if (is_story) shown.insert(one.attribute("r:id").value());
          one = one.next_sibling();
        } else {
          one = drop(one);
        }
      }
    }
    for (const Relation& one : relations) {
      if (is_one_of(one.type, {"header", "footer"}) && !shown.contains(one.id) && has_story(one.path)) {
        job_.found(FindingKind::hidden_text);
      }
    }
  }
  bool is_shown(const std::vector<xml_node>& sections, std::size_t at, xml_node reference) const {
    const std::string_view type = reference.attribute("w:type").value();
    if (type == "even") return has_even_pages_;
    if (type != "first") return true;
    for (std::size_t i = at; i < sections.size(); ++i) {  // a section takes over what it does not have itself
      const xml_node own = sections[i].find_child([&](xml_node child) {
        return std::string_view(child.name()) == reference.name() && child.attribute("w:type").value() == type;
      });
      if (i > at && own) return false;
      if (is_on(sections[i].child("w:titlePg"))) return true;
    }
    return false;
  }
  bool has_story(const std::string& path) const {
    const auto file = source_.find(path);
    if (file == source_.end()) return false;
    pugi::xml_document xml;
    parse_xml(file->second, xml);
    return says_something(xml.document_element());
  }

  void find_notes(xml_node root) {
    for_each_word_element(root, [this](xml_node node) {
      const std::string_view name = node.name();
      if (name == "w:footnoteReference") footnotes_.insert(node.attribute("w:id").value());
      if (name == "w:endnoteReference") endnotes_.insert(node.attribute("w:id").value());
    });
  }
  void drop_notes_of_nothing(xml_node root) {
    for (xml_node note = root.first_child(); note;) {
      const bool is_line =
          is_one_of(note.attribute("w:type").value(), {"separator", "continuationSeparator", "continuationNotice"});
      const std::set<std::string>& named = std::string_view(note.name()) == "w:footnote" ? footnotes_ : endnotes_;
      const bool says = says_something(note);
      if (note.type() != pugi::node_element || (is_line ? !says : named.contains(note.attribute("w:id").value()))) {
        note = note.next_sibling();
        continue;
      }
      if (says) job_.found(FindingKind::hidden_text);
      note = drop(note);
    }
  }

  std::string new_name(const std::string& path) const {
    const auto found = images_.find(path);
    return found == images_.end() ? path : found->second;
  }

  bool is_picture(const std::string& path) const {
    const auto file = source_.find(path);
    if (file == source_.end()) return false;
    const std::string_view text = as_text(file->second);
    return text.starts_with("\x89PNG") || text.starts_with("\xff\xd8\xff");
  }

  void keep_image(const std::string& path) {
    if (images_.contains(path)) return;
    const Bytes& file = source_.at(path);
    const bool is_png = as_text(file).starts_with("\x89PNG");
    StrippedImage stripped = is_png ? strip_png(file) : strip_jpeg(file);
    for (const auto& [kind, count] : stripped.findings) job_.found(kind, "image", count);
    const std::string name = "word/media/image" + std::to_string(images_.size() + 1) + (is_png ? ".png" : ".jpg");
    images_[path] = name;
    out_[name] = std::move(stripped.image);
    types_["/" + name] = is_png ? "image/png" : "image/jpeg";
  }

  void write_settings() {
    constexpr std::string_view kBegin =
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<w:settings "
        "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\">";
    constexpr std::string_view kEnd =
        "<w:compat><w:compatSetting w:name=\"compatibilityMode\" w:uri=\"http://schemas.microsoft.com/office/word\" "
        "w:val=\"15\"/></w:compat></w:settings>";
    const std::string text =
        std::string(kBegin) + (has_even_pages_ ? "<w:evenAndOddHeaders/>" : "") + std::string(kEnd);
    out_["word/settings.xml"] = to_bytes(as_bytes(text));
    types_["/word/settings.xml"] = std::string(kWordType) + "settings+xml";
  }

  void write_types() {
    pugi::xml_document types, roots;
    xml_node list = types.append_child("Types");
    list.append_attribute("xmlns").set_value("http://schemas.openxmlformats.org/package/2006/content-types");
    xml_node relations = list.append_child("Default");
    relations.append_attribute("Extension").set_value("rels");
    relations.append_attribute("ContentType").set_value("application/vnd.openxmlformats-package.relationships+xml");
    for (const auto& [name, type] : types_) {
      xml_node one = list.append_child("Override");
      one.append_attribute("PartName").set_value(name.c_str());
      one.append_attribute("ContentType").set_value(type.c_str());
    }
    out_["[Content_Types].xml"] = write_xml(types);
    xml_node root = roots.append_child("Relationships");
    root.append_attribute("xmlns").set_value("http://schemas.openxmlformats.org/package/2006/relationships");
    xml_node document = root.append_child("Relationship");
    document.append_attribute("Id").set_value("rId1");
    document.append_attribute("Type").set_value((std::string(kRelations) + "/officeDocument").c_str());
    document.append_attribute("Target").set_value("word/document.xml");
    out_["_rels/.rels"] = write_xml(roots);
  }

  Job& job_;
  const ZipEntries source_;
  ZipEntries out_;
  std::set<std::string> kept_;
  HidingStyles styles_;
  bool has_even_pages_ = false;                 // that are not like the odd ones
  std::set<std::string> footnotes_, endnotes_;  // that the text refers to
  std::map<std::string, std::string> images_;   // old name, new name
  std::map<std::string, std::string> types_;
};

}  // namespace

void pass_docx(Job& job, BytesView file) {
  Bytes document = DocxWriter(job, read_zip(file)).write();
  if (const PartRule* rule = job.whole()) {
    job.add_part({rule->name, job.order().media_type, 0, {}, {}, {}}, {std::move(document), {}});
  } else {
    job.left_out("file", LeftOutReason::not_named);
  }
}

}  // namespace flikvakt::dissect
