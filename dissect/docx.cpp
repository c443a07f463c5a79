// WordprocessingML (ISO/IEC 29500-1, transitional).
#include <algorithm>
#include <cstring>
#include <functional>
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
constexpr std::string_view kWordType = "application/vnd.openxmlformats-officedocument.wordprocessingml.";

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

bool is_on(xml_node toggle) {
  const std::string_view value = toggle.attribute("w:val").value();
  return toggle && !is_one_of(value, {"0", "false", "off"});
}

// Element names are compared with their usual prefixes, so those must mean what they usually do (SPEC PART-36).
void check_prefixes(xml_node root) {
  static constexpr std::pair<std::string_view, std::string_view> kMeanings[] = {
      {"w", kWord},
      {"r", kRelations},
      {"wp", "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"},
      {"a", "http://schemas.openxmlformats.org/drawingml/2006/main"},
      {"pic", "http://schemas.openxmlformats.org/drawingml/2006/picture"},
      {"mc", "http://schemas.openxmlformats.org/markup-compatibility/2006"},
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

class WordCleaner {
public:
  WordCleaner(Job& job, std::set<std::string> hidden_styles, std::function<bool(const std::string&)> has_image)
      : job_(job), hidden_styles_(std::move(hidden_styles)), has_image_(std::move(has_image)) {}

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
    if (is_hidden(node)) return remove(node, FindingKind::hidden_text);
    if (is_one_of(name, {"w:object", "w:control", "w:altChunk", "w:movie", "w:subDoc", "w:contentPart", "w:pict"})) {
      return remove(node, FindingKind::embedded_object);
    }
    if (is_one_of(name, {"w:bookmarkStart", "w:bookmarkEnd", "w:proofErr", "w:permStart", "w:permEnd", "w:smartTagPr",
                         "w:customXmlPr", "w:sdtPr", "w:sdtEndPr", "w:lastRenderedPageBreak", "w:docVars", "w:aliases",
                         "mc:Fallback", "a:extLst", "a:hlinkClick", "a:hlinkHover", "w:rsids", "w:attachedTemplate"})) {
      return drop(node);
    }
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
    clean_attributes(node);
    clean(node);
    return node.next_sibling();
  }

  xml_node remove(xml_node node, FindingKind kind) {
    job_.found(kind);
    return drop(node);
  }

  static bool is_deleted_row(xml_node node) {
    return std::string_view(node.name()) == "w:tr" && node.child("w:trPr").child("w:del");
  }

  bool is_hidden(xml_node node) const {
    const std::string_view name = node.name();
    if (name == "w:r") return is_hidden_run(node.child("w:rPr"));
    if (name == "w:p") return hidden_styles_.contains(node.child("w:pPr").child("w:pStyle").attribute("w:val").value());
    return false;
  }
  bool is_hidden_run(xml_node properties) const {
    if (is_on(properties.child("w:vanish")) || is_on(properties.child("w:specVanish")) ||
        is_on(properties.child("w:webHidden"))) {
      return true;
    }
    const xml_node size = properties.child("w:sz");
    if (size && size.attribute("w:val").as_int(100) <= 4) return true;  // half points
    const std::string_view color = properties.child("w:color").attribute("w:val").value();
    const bool is_white = color == "FFFFFF" || color == "ffffff";
    if (is_white && !properties.child("w:shd") && !properties.child("w:highlight") && !is_shaded(properties))
      return true;
    return hidden_styles_.contains(properties.child("w:rStyle").attribute("w:val").value());
  }
  // White on a coloured cell or paragraph is a heading.
  static bool is_shaded(xml_node inside) {
    for (xml_node node = inside; node; node = node.parent()) {
      if (node.child("w:pPr").child("w:shd") || node.child("w:tcPr").child("w:shd") ||
          node.child("w:tblPr").child("w:tblStyle")) {
        return true;
      }
    }
    return false;
  }

  static std::string_view local_name_of_uri(xml_node node) {
    const std::string_view uri = node.attribute("uri").value();
    return uri.substr(std::min(uri.size(), uri.rfind('/') + 1));
  }

  // Fields whose result is brought from elsewhere, or that do something.
  static bool is_reaching_field(std::string_view instruction) {
    const std::size_t begin = std::min(instruction.find_first_not_of(" \t"), instruction.size());
    std::string word(instruction.substr(begin, instruction.find_first_of(" \t", begin) - begin));
    std::ranges::transform(word, word.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return !is_one_of(word, {"PAGE", "NUMPAGES", "SECTIONPAGES", "TOC", "SEQ", "STYLEREF", "=", ""});
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
  const std::set<std::string> hidden_styles_;
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
    find_hidden_styles();
    keep("word/document.xml", "document.main+xml");
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

  void find_hidden_styles() {
    const auto styles = source_.find("word/styles.xml");
    if (styles == source_.end()) return;
    pugi::xml_document xml;
    parse_xml(styles->second, xml);
    for (xml_node style : xml.document_element().children("w:style")) {
      if (is_on(style.child("w:rPr").child("w:vanish"))) hidden_styles_.insert(style.attribute("w:styleId").value());
    }
    // A style that is based on a hidden one is hidden, too; as many rounds as there are styles in a chain.
    for (bool has_grown = true; has_grown;) {
      has_grown = false;
      for (xml_node style : xml.document_element().children("w:style")) {
        const xml_node own = style.child("w:rPr").child("w:vanish");
        if (!own && hidden_styles_.contains(style.child("w:basedOn").attribute("w:val").value())) {
          has_grown |= hidden_styles_.insert(style.attribute("w:styleId").value()).second;
        }
      }
    }
  }

  // One XML part, cleaned, with what it refers to; its relationships are written anew.
  void keep(const std::string& name, std::string_view media_type) {
    if (!kept_.insert(name).second) return;
    pugi::xml_document xml;
    const XmlRemarks remarks = parse_xml(entry(name), xml);
    if (remarks.comments > 0) job_.found(FindingKind::markup_comment, "", remarks.comments);
    const xml_node root = xml.document_element();
    check_prefixes(root);
    std::set<std::string> images;
    pugi::xml_document relations;
    xml_node list = relations.append_child("Relationships");
    list.append_attribute("xmlns").set_value("http://schemas.openxmlformats.org/package/2006/relationships");
    follow(name, list, images);
    WordCleaner(job_, hidden_styles_, [&](const std::string& id) { return images.contains(id); }).clean(xml);
    out_[name] = write_xml(xml);
    types_["/" + name] = std::string(kWordType) + std::string(media_type);
    if (list.first_child()) out_[relations_name(name)] = write_xml(relations);
  }

  static std::string relations_name(const std::string& name) {
    const std::size_t stroke = name.rfind('/');
    return name.substr(0, stroke + 1) + "_rels/" + name.substr(stroke + 1) + ".rels";
  }

  void follow(const std::string& name, xml_node list, std::set<std::string>& images) {
    const auto found = source_.find(relations_name(name));
    if (found == source_.end()) return;
    pugi::xml_document xml;
    parse_xml(found->second, xml);
    for (xml_node relation : xml.document_element().children("Relationship")) {
      const std::string_view type = last_step(relation.attribute("Type").value());
      std::string target = relation.attribute("Target").value();
      if (std::string_view(relation.attribute("TargetMode").value()) == "External") {
        job_.found(FindingKind::external_link);
        continue;
      }
      const std::string path = target.starts_with('/') ? target.substr(1) : "word/" + target;
      const auto* rule = std::ranges::find(kKept, type, &Kept::relation);
      if (type == "image") {
        if (!keep_image(path)) continue;
        images.insert(relation.attribute("Id").value());
      } else if (rule != std::end(kKept) && name == "word/document.xml") {
        keep(path, rule->media_type);
      } else if (type != "settings") {
        continue;
      }
      xml_node copy = list.append_child("Relationship");
      copy.append_attribute("Id").set_value(relation.attribute("Id").value());
      copy.append_attribute("Type").set_value((std::string(kRelations) + "/" + std::string(type)).c_str());
      copy.append_attribute("Target").set_value(type == "settings" ? "/word/settings.xml"
                                                                   : ("/" + new_name(path)).c_str());
    }
  }

  std::string new_name(const std::string& path) const {
    const auto found = images_.find(path);
    return found == images_.end() ? path : found->second;
  }

  bool keep_image(const std::string& path) {
    if (images_.contains(path)) return true;
    const auto found = source_.find(path);
    if (found == source_.end()) return false;
    const std::string_view text = as_text(found->second);
    const bool is_png = text.starts_with("\x89PNG"), is_jpeg = text.starts_with("\xff\xd8\xff");
    if (!is_png && !is_jpeg) return false;
    StrippedImage stripped = is_png ? strip_png(found->second) : strip_jpeg(found->second);
    for (const auto& [kind, count] : stripped.findings) job_.found(kind, "image", count);
    const std::string name = "word/media/image" + std::to_string(images_.size() + 1) + (is_png ? ".png" : ".jpg");
    images_[path] = name;
    out_[name] = std::move(stripped.image);
    types_["/" + name] = is_png ? "image/png" : "image/jpeg";
    return true;
  }

  void write_settings() {
    constexpr std::string_view kText =
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<w:settings "
        "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:compat><w:compatSetting "
        "w:name=\"compatibilityMode\" w:uri=\"http://schemas.microsoft.com/office/word\" "
        "w:val=\"15\"/></w:compat></w:settings>";
    out_["word/settings.xml"] = to_bytes(as_bytes(kText));
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
  std::set<std::string> hidden_styles_;
  std::map<std::string, std::string> images_;  // old name, new name
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
