// WordprocessingML (ISO/IEC 29500-1, transitional): the document written anew, of what its text needs.
#include <algorithm>
#include <map>
#include <set>

#include "dissect/docx_cleaner.h"
#include "dissect/docx_package.h"
#include "dissect/docx_seen.h"
#include "dissect/images.h"
#include "dissect/office.h"
#include "dissect/xml.h"
#include "dissect/zip.h"

namespace flikvakt::dissect::docx {
namespace {

const std::string kDocument = "word/document.xml";
constexpr std::string_view kWordType = "application/vnd.openxmlformats-officedocument.wordprocessingml.";

// A part of the package that stays: what it is by its relationship, and its media type.
struct Kept {
  std::string_view relation;    // the last step of the relationship's type
  std::string_view media_type;  // behind kWordType; an image has its own
};
constexpr Kept kKept[] = {{"styles", "styles+xml"}, {"numbering", "numbering+xml"}, {"header", "header+xml"},
                          {"footer", "footer+xml"}, {"footnotes", "footnotes+xml"}, {"endnotes", "endnotes+xml"}};

class DocxWriter {
public:
  DocxWriter(Job& job, ZipEntries source) : job_(job), source_(job, std::move(source)) {}

  Bytes write() {
    source_.check();
    source_.list_findings();
    if (const Bytes* styles = source_.find("word/styles.xml")) styles_ = hiding_styles_of(*styles);
    keep(kDocument, "document.main+xml");
    write_settings();
    write_types();
    return write_zip(out_);
  }

private:
  // One XML part, cleaned, with what is left that it refers to; its relationships are written anew.
  void keep(const std::string& name, std::string_view media_type) {
    if (!kept_.insert(name).second) return;
    const std::vector<Relation> relations = source_.relations_of(name);
    pugi::xml_document xml;
    const XmlRemarks remarks = parse_xml(source_.entry(name), xml);
    if (remarks.comments > 0) job_.found(FindingKind::markup_comment, "", remarks.comments);
    const xml_node root = xml.document_element();
    const auto has_image = [&](const std::string& id) {
      const Relation* image = find_relation(relations, id, "image");
      return image && source_.is_picture(image->path);
    };
    clean_words(job_, styles_, has_image, xml);
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
        if (!used.contains(one.id) || !source_.is_picture(one.path)) continue;
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
    const Bytes* file = settings == relations.end() ? nullptr : source_.find(settings->path);
    if (!file) return;
    pugi::xml_document xml;
    parse_xml(*file, xml);
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
    const Bytes* file = source_.find(path);
    if (!file) return false;
    pugi::xml_document xml;
    parse_xml(*file, xml);
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

  void keep_image(const std::string& path) {
    if (images_.contains(path)) return;
    const Bytes& file = source_.entry(path);
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
  const WordPackage source_;
  ZipEntries out_;
  std::set<std::string> kept_;
  HidingStyles styles_;
  bool has_even_pages_ = false;                 // that are not like the odd ones
  std::set<std::string> footnotes_, endnotes_;  // that the text refers to
  std::map<std::string, std::string> images_;   // old name, new name
  std::map<std::string, std::string> types_;
};

}  // namespace
}  // namespace flikvakt::dissect::docx

namespace flikvakt::dissect {

void pass_docx(Job& job, BytesView file) {
  Bytes document = docx::DocxWriter(job, read_zip(file)).write();
  if (const PartRule* rule = job.whole()) {
    job.add_part({rule->name, job.order().media_type, 0, {}, {}, {}}, {std::move(document), {}});
  } else {
    job.left_out("file", LeftOutReason::not_named);
  }
}

}  // namespace flikvakt::dissect
