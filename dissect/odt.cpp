// OpenDocument Text (ISO/IEC 26300).
#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>
#include <utility>

#include "dissect/images.h"
#include "dissect/office.h"
#include "dissect/xml.h"
#include "dissect/zip.h"

namespace flikvakt::dissect {
namespace {

using pugi::xml_node;

constexpr std::string_view kMediaType = "application/vnd.oasis.opendocument.text";

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

// SPEC PART-36: prefixes must mean what they usually do.
void check_prefixes(xml_node root) {
  static constexpr PrefixMeaning kMeanings[] = {
      {"office", "urn:oasis:names:tc:opendocument:xmlns:office:1.0"},
      {"text", "urn:oasis:names:tc:opendocument:xmlns:text:1.0"},
      {"style", "urn:oasis:names:tc:opendocument:xmlns:style:1.0"},
      {"draw", "urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"},
      {"table", "urn:oasis:names:tc:opendocument:xmlns:table:1.0"},
      {"fo", "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"},
      {"xlink", "http://www.w3.org/1999/xlink"},
      {"script", "urn:oasis:names:tc:opendocument:xmlns:script:1.0"},
      {"form", "urn:oasis:names:tc:opendocument:xmlns:form:1.0"},
  };
  check_declared_prefixes(root, kMeanings);
}

// A length in points; of a share, or of nothing: one that hides nothing.
double points_of(const char* length) {
  constexpr double kEnough = 100;
  char* end = nullptr;
  const double number = std::strtod(length, &end);
  const std::string_view unit(end);
  if (end == length) return kEnough;
  if (unit == "pt") return number;
  if (unit == "mm") return number * 72 / 25.4;
  if (unit == "cm") return number * 72 / 2.54;
  if (unit == "in") return number * 72;
  return kEnough;
}

bool is_tiny(const char* size) {
  constexpr double kTiny = 2;
  return points_of(size) <= kTiny;
}
bool is_white(std::string_view colour) { return is_one_of(colour, {"#ffffff", "#FFFFFF"}); }
// One on which white is seen.
bool is_ground(std::string_view colour) { return !colour.empty() && colour != "transparent" && !is_white(colour); }

// Styles by family and name: what each says itself, or the one says that it is based on.
class OdfStyles {
public:
  // A document of the package, which must outlive this: of styles of one name the first that is read counts.
  void read(xml_node root) {
    for (xml_node usual : root.child("office:styles").children("style:default-style")) {
      const xml_node text = usual.child("style:text-properties");
      const bool hides =
          std::string_view(text.attribute("text:display").value()) == "none" ||
          is_tiny(text.attribute("fo:font-size").value()) ||
          (is_white(text.attribute("fo:color").value()) && !is_ground(text.attribute("fo:background-color").value()));
      // What is seen all the same cannot be told from what is not.
      if (hides) throw Refused(RefusalReason::found, "styles", FindingKind::hidden_text);
    }
    for (const char* group : {"office:styles", "office:automatic-styles"}) {
      for (xml_node style : root.child(group).children("style:style")) {
        styles_.emplace(key(style.attribute("style:family").value(), style.attribute("style:name").value()), style);
      }
    }
  }

  // Empty: nobody says it. `group` is without its prefix.
  const char* said(std::string_view family, std::string_view name, std::string_view group, const char* what) const {
    const std::string properties = "style:" + std::string(group) + "-properties";
    auto style = styles_.find(key(family, name));
    for (std::size_t steps = 0; style != styles_.end() && steps <= styles_.size(); ++steps) {
      if (const auto own = style->second.child(properties.c_str()).attribute(what)) return own.value();
      style = styles_.find(key(family, style->second.attribute("style:parent-style-name").value()));
    }
    return "";
  }

private:
  static std::string key(std::string_view family, std::string_view name) {
    return std::string(family) + '|' + std::string(name);
  }
  std::map<std::string, xml_node> styles_;
};

// The family of an element's style, and the attribute that names it.
struct Styled {
  std::string_view family;
  const char* name = nullptr;
};
Styled style_of(std::string_view element) {
  if (element == "text:span") return {"text", "text:style-name"};
  if (is_one_of(element, {"text:p", "text:h"})) return {"paragraph", "text:style-name"};
  if (element == "text:section") return {"section", "text:style-name"};
  if (element == "table:table") return {"table", "table:style-name"};
  if (element == "table:table-row") return {"table-row", "table:style-name"};
  if (element == "table:table-cell") return {"table-cell", "table:style-name"};
  if (prefix_of(element) == "draw") return {"graphic", "draw:style-name"};
  return {};
}

class OdfCleaner {
public:
  OdfCleaner(Job& job, const OdfStyles& styles, const std::map<std::string, std::string>& images)
      : job_(job), styles_(styles), images_(images) {}

  void clean(xml_node parent) {
    for (xml_node node = parent.first_child(); node;) node = step(node);
  }

private:
  xml_node step(xml_node node) {
    if (node.type() != pugi::node_element) return node.next_sibling();
    const std::string_view name = node.name(), prefix = prefix_of(name);
    if (is_one_of(name, {"text:tracked-changes", "text:change", "text:change-start", "text:change-end",
                         "table:tracked-changes"})) {
      return remove(node, FindingKind::tracked_change);
    }
    if (is_one_of(name, {"office:annotation", "office:annotation-end"})) return remove(node, FindingKind::comment);
    if (is_one_of(name, {"text:hidden-text", "text:hidden-paragraph", "text:conditional-text"}) || is_hidden(node)) {
      return remove(node, FindingKind::hidden_text);
    }
    if (prefix == "script" || is_one_of(name, {"office:scripts", "office:event-listeners"})) {
      const bool is_empty = !node.first_child() && prefix != "script";
      return is_empty ? drop(node) : remove(node, FindingKind::macro);
    }
    if (is_one_of(name, {"draw:object", "draw:object-ole", "draw:plugin", "draw:applet", "draw:floating-frame",
                         "office:binary-data", "math:math"})) {
      return remove(node, FindingKind::embedded_object);
    }
    if (prefix == "form" || name == "office:forms") return drop(node);
    if (is_one_of(name, {"text:a", "draw:a"})) {
      job_.found(FindingKind::external_link);
      return unwrap(node);
    }
    if (is_one_of(name, {"text:section-source", "office:dde-source", "text:dde-connection-decls", "text:dde-connection",
                         "text:execute-macro", "text:database-display"})) {
      return remove(node, FindingKind::external_link);
    }
    if (is_one_of(name, {"text:user-field-decls", "text:variable-decls", "text:bookmark", "text:bookmark-start",
                         "text:bookmark-end", "text:reference-mark", "text:reference-mark-start",
                         "text:reference-mark-end", "text:soft-page-break"})) {
      return drop(node);
    }
    if (is_one_of(name, {"svg:title", "svg:desc"})) return remove(node, FindingKind::structure);
    if (!is_one_of(prefix, {"office", "text", "style", "draw", "table", "fo", "svg", "number", "dr3d"})) {
      return remove(node, FindingKind::custom_data);
    }
    if (name == "draw:image" && !keep_image(node)) return remove(node, FindingKind::embedded_object);
    clean_attributes(node);
    clean(node);
    if (name == "draw:frame") show_one(node);
    if (is_one_of(name, {"text:p", "text:h", "text:span"}) && is_faint(node)) leave_words(node);
    return node.next_sibling();
  }

  // Words inside that have a style of their own, and what is drawn, are asked by themselves.
  void leave_words(xml_node node) {
    bool has_words = false;
    for (xml_node child = node.first_child(); child;) {
      const bool stays = is_one_of(child.name(), {"text:span", "text:note"}) || prefix_of(child.name()) == "draw";
      const bool is_text = child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata;
      has_words |= is_text ? std::string_view(child.value()).find_first_not_of(" \t\r\n") != std::string_view::npos
                           : !stays && !text_of(child).empty();
      child = stays ? child.next_sibling() : drop(child);
    }
    if (has_words) job_.found(FindingKind::hidden_text);
  }

  // What the style of the element says, or of an element around it that it stands in as words.
  const char* said(xml_node node, const char* what) const {
    for (; node; node = node.parent()) {
      const Styled by = style_of(node.name());
      if (!by.name) continue;
      const char* const here = styles_.said(by.family, node.attribute(by.name).value(), "text", what);
      if (*here != '\0' || by.family == "paragraph") return here;
    }
    return "";
  }
  // Tiny, or white on nothing.
  bool is_faint(xml_node words) const {
    return is_tiny(said(words, "fo:font-size")) || (is_white(said(words, "fo:color")) && !is_on_ground(words));
  }
  bool is_on_ground(xml_node words) const {
    if (is_ground(said(words, "fo:background-color"))) return true;
    for (xml_node node = words; node; node = node.parent()) {
      const Styled by = style_of(node.name());
      if (!by.name) continue;
      const auto says = [&](const char* what) {
        return std::string_view(styles_.said(by.family, node.attribute(by.name).value(), by.family, what));
      };
      if (is_ground(says("fo:background-color"))) return true;
      const std::string_view fill = by.family == "graphic" ? says("draw:fill") : "";
      if (fill == "solid" ? !is_white(says("draw:fill-color")) : !fill.empty() && fill != "none") return true;
    }
    return false;
  }

  // The contents of a frame are one thing in several forms: the first that a program can show is what it shows.
  void show_one(xml_node frame) {
    bool has_one = false;
    for (xml_node child = frame.first_child(); child;) {
      const bool is_form = is_one_of(child.name(), {"draw:image", "draw:text-box", "table:table"});
      child = is_form && std::exchange(has_one, true) ? remove(child, FindingKind::hidden_text) : child.next_sibling();
    }
  }

  xml_node remove(xml_node node, FindingKind kind) {
    job_.found(kind);
    return drop(node);
  }

  bool is_hidden(xml_node node) const {
    const std::string_view name = node.name(), prefix = prefix_of(name);
    const std::string_view display = node.attribute("text:display").value();
    if (prefix == "text" && display == "none") return true;
    if (prefix == "draw" && std::string_view(node.attribute("draw:display").value()) == "none") return true;
    // Whether the condition holds is for a program to find out; it says what it found.
    if (prefix == "text" && display == "condition") {
      return std::string_view(node.attribute("text:is-hidden").value()) != "false";
    }
    const bool is_story = prefix == "style" && name != "style:style";  // of a style nothing is taken away
    if (is_story && std::string_view(node.attribute("style:display").value()) == "false") return true;
    if (!is_one_of(name, {"text:span", "text:p", "text:h", "text:section"})) return false;
    const Styled by = style_of(name);
    const std::string_view group = by.family == "section" ? "section" : "text";
    return std::string_view(styles_.said(by.family, node.attribute(by.name).value(), group, "text:display")) == "none";
  }

  bool keep_image(xml_node image) {
    const auto link = image.attribute("xlink:href");
    const auto found = images_.find(link.value());
    if (found == images_.end()) return false;
    pugi::xml_attribute(link).set_value(found->second.c_str());
    return true;
  }

  void clean_attributes(xml_node node) {
    for (pugi::xml_attribute attribute = node.first_attribute(); attribute;) {
      const pugi::xml_attribute next = attribute.next_attribute();
      const std::string_view name = attribute.name(), prefix = prefix_of(name);
      if (name == "fo:clip" &&
          std::string_view(attribute.value()).find_first_of("123456789") != std::string_view::npos) {
        throw Refused(RefusalReason::found, "image", FindingKind::covered_image);
      }
      const bool is_link = prefix == "xlink" && std::string_view(node.name()) != "draw:image";
      const bool is_note =
          is_one_of(name, {"draw:name", "office:name", "table:name", "text:name", "style:display-name"}) &&
          std::string_view(node.name()) != "text:section" && std::string_view(node.name()) != "text:sequence-decl" &&
          std::string_view(node.name()) != "text:sequence";
      const bool is_foreign = is_one_of(prefix, {"xhtml", "officeooo", "loext", "grddl", "smil", "anim", "calcext"});
      // What is shown now is shown always.
      const bool is_condition = is_one_of(name, {"text:condition", "text:display", "text:is-hidden"}) &&
                                std::string_view(node.name()) == "text:section";
      if (is_link) job_.found(FindingKind::external_link);
      if (is_link || is_note || is_foreign || is_condition) node.remove_attribute(attribute);
      attribute = next;
    }
  }

  Job& job_;
  const OdfStyles& styles_;
  const std::map<std::string, std::string>& images_;
};

class OdtWriter {
public:
  OdtWriter(Job& job, ZipEntries source) : job_(job), source_(std::move(source)) {}

  Bytes write() {
    check_package();
    list_findings();
    name_images();
    pugi::xml_document content, styles;
    read("content.xml", content);
    const bool has_styles = source_.contains("styles.xml");
    if (has_styles) read("styles.xml", styles);
    OdfStyles of_text, of_pages;  // of two styles of one name that of the same document
    of_text.read(content.document_element());
    of_text.read(styles.document_element());
    of_pages.read(styles.document_element());
    OdfCleaner(job_, of_text, images_).clean(content);
    if (has_styles) OdfCleaner(job_, of_pages, images_).clean(styles);
    keep_images(content);
    keep_images(styles);
    out_["content.xml"] = write_xml(content);
    if (has_styles) out_["styles.xml"] = write_xml(styles);
    out_["mimetype"] = to_bytes(as_bytes(kMediaType));
    write_manifest();
    return write_zip(out_, "mimetype");
  }

private:
  void check_package() const {
    const auto type = source_.find("mimetype");
    if (type == source_.end() || as_text(type->second) != kMediaType || !source_.contains("content.xml")) {
      throw Refused(RefusalReason::mislabelled);
    }
    const auto manifest = source_.find("META-INF/manifest.xml");
    if (manifest != source_.end() && as_text(manifest->second).find("encryption-data") != std::string_view::npos) {
      throw Refused(RefusalReason::encrypted);
    }
  }

  void list_findings() {
    for (const auto& [name, bytes] : source_) {
      if (name.starts_with("Basic/") || name.starts_with("Scripts/"))
        job_.found(FindingKind::macro);
      else if (name.starts_with("Object"))
        job_.found(FindingKind::embedded_object);
      else if (name.starts_with("Thumbnails/"))
        job_.found(FindingKind::thumbnail);
      else if (name.starts_with("Versions/") || name == "VersionList.xml")
        job_.found(FindingKind::older_revision);
      else if (name == "meta.xml" || name == "META-INF/documentsignatures.xml" || name == "manifest.rdf") {
        job_.found(FindingKind::metadata);
      }
    }
    const auto meta = source_.find("meta.xml");
    if (meta == source_.end()) return;
    pugi::xml_document xml;
    parse_xml(meta->second, xml);
    const xml_node about = xml.document_element().child("office:meta");
    for (const char* name : {"dc:creator", "meta:initial-creator", "meta:printed-by"}) {
      if (!text_of(about.child(name)).empty()) job_.found(FindingKind::author);
    }
  }

  void read(const std::string& name, pugi::xml_document& into) {
    const XmlRemarks remarks = parse_xml(source_.at(name), into);
    if (remarks.comments > 0) job_.found(FindingKind::markup_comment, "", remarks.comments);
    check_prefixes(into.document_element());
  }

  static bool is_png(BytesView file) { return as_text(file).starts_with("\x89PNG"); }

  void name_images() {
    for (const auto& [name, bytes] : source_) {
      if (!name.starts_with("Pictures/")) continue;
      if (!is_png(bytes) && !as_text(bytes).starts_with("\xff\xd8\xff")) continue;
      images_[name] = "Pictures/" + std::to_string(images_.size() + 1) + (is_png(bytes) ? ".png" : ".jpg");
    }
  }

  // SPEC PART-38: those that what is left shows.
  void keep_images(xml_node below) {
    if (std::string_view(below.name()) == "draw:image") keep_image(below.attribute("xlink:href").value());
    for (xml_node child : below.children()) keep_images(child);  // as deep as parse_xml let it be
  }
  void keep_image(const std::string& as) {
    const auto image = std::ranges::find(images_, as, &std::pair<const std::string, std::string>::second);
    if (image == images_.end() || out_.contains(as)) return;
    const Bytes& file = source_.at(image->first);
    StrippedImage stripped = is_png(file) ? strip_png(file) : strip_jpeg(file);
    for (const auto& [kind, count] : stripped.findings) job_.found(kind, "image", count);
    out_[as] = std::move(stripped.image);
  }

  void write_manifest() {
    pugi::xml_document xml;
    xml_node list = xml.append_child("manifest:manifest");
    list.append_attribute("xmlns:manifest").set_value("urn:oasis:names:tc:opendocument:xmlns:manifest:1.0");
    list.append_attribute("manifest:version").set_value("1.2");
    const auto add = [&list](const std::string& path, std::string_view type) {
      xml_node one = list.append_child("manifest:file-entry");
      one.append_attribute("manifest:full-path").set_value(path.c_str());
      one.append_attribute("manifest:media-type").set_value(std::string(type).c_str());
    };
    add("/", kMediaType);
    for (const auto& [name, bytes] : out_) {
      if (name == "mimetype") continue;
      add(name, name.ends_with(".png") ? "image/png" : name.ends_with(".jpg") ? "image/jpeg" : "text/xml");
    }
    out_["META-INF/manifest.xml"] = write_xml(xml);
  }

  Job& job_;
  const ZipEntries source_;
  ZipEntries out_;
  std::map<std::string, std::string> images_;  // old name, new name
};

}  // namespace

void pass_odt(Job& job, BytesView file) {
  Bytes document = OdtWriter(job, read_zip(file)).write();
  if (const PartRule* rule = job.whole()) {
    job.add_part({rule->name, job.order().media_type, 0, {}, {}, {}}, {std::move(document), {}});
  } else {
    job.left_out("file", LeftOutReason::not_named);
  }
}

}  // namespace flikvakt::dissect
