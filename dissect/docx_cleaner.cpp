#include "dissect/docx_cleaner.h"

#include <algorithm>
#include <utility>

#include "base/characters.h"
#include "dissect/docx_package.h"

namespace flikvakt::dissect::docx {
namespace {

constexpr std::string_view kWord = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";

// Element names are compared with their usual prefixes, so those must mean what they usually do (SPEC PART-36).
void check_prefixes(xml_node root) {
  static constexpr PrefixMeaning kMeanings[] = {
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
    check_declared_prefixes(node, kMeanings);
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

class WordCleaner {
public:
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
    const std::string word = lowered(instruction.substr(begin, instruction.find_first_of(" \t", begin) - begin));
    return !is_one_of(word, {"page", "numpages", "sectionpages", "toc", "seq", "styleref", "formcheckbox", "formtext",
                             "formdropdown", "symbol", "eq", "=", ""});
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

}  // namespace

void clean_words(Job& job, const HidingStyles& styles, std::function<bool(const std::string&)> has_image,
                 pugi::xml_document& part) {
  check_prefixes(part.document_element());
  WordCleaner(job, styles, std::move(has_image)).clean(part);
}

}  // namespace flikvakt::dissect::docx
